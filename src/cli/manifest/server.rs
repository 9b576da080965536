//! The server that plans and applies a manifest.

use serde::{Serialize, Serializer};
use serde_json::Value;
use zeroize::Zeroizing;

use super::load::{Loaded, load};
use super::references::Values;
use super::{ManifestArgs, Rules};
use crate::cli::client::{Client, Lost, Refused};
use crate::cli::{Outcome, open, show};
use crate::domain::manifest::Plan;

/// How often a request is sent where the connection is lost.
const TRIES: usize = 3;

/// A server, and the manifest to be applied there.
pub struct Server {
    client: Client,
    loaded: Loaded,
    manifest: Value,
    rules: Rules,
}

/// The body of both requests.
#[derive(Serialize)]
struct Request<'a> {
    manifest: &'a Value,
    #[serde(serialize_with = "exposed")]
    values: &'a Values,
    #[serde(flatten)]
    rules: Rules,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
}

fn exposed<S: Serializer>(values: &Values, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(name, value)| (name, value.expose())))
}

impl Server {
    /// Reads the manifest, and only then signs in to the server that the environment names.
    pub fn sign_in(args: &ManifestArgs) -> Outcome<Self> {
        open::check_settings()?;
        let loaded = load(&args.files).map_err(|told| problems(&told))?;
        let client = Client::sign_in(&open::variable, "")?;
        Ok(Self { client, manifest: loaded.value(), loaded, rules: args.rules })
    }

    /// What applying would change.
    pub fn plan(&self) -> Outcome<Plan> {
        self.ask("plan", None, None)
    }

    /// Makes exactly the changes of a plan; `None` where they are not those any more.
    pub fn apply(&self, plan: &Plan) -> Outcome<Option<Plan>> {
        let key = uuid::Uuid::now_v7().to_string();
        match self.ask("apply", Some(&plan.digest), Some(&key)) {
            Ok(done) => Ok(Some(done)),
            Err(error) if error.is::<Lost>() => {
                let again = "it is not known whether the changes were made: run this again";
                Err(format!("{error}; {again}").into())
            }
            Err(error) => match error.downcast_ref::<Refused>() {
                Some(refused) if refused.status == 412 => Ok(None),
                _ => Err(error),
            },
        }
    }

    /// Sends a request; again where the connection is lost, which changes nothing twice.
    fn ask(&self, operation: &str, plan: Option<&str>, key: Option<&str>) -> Outcome<Plan> {
        let (manifest, values) = (&self.manifest, &self.loaded.values);
        let request = Request { manifest, values, rules: self.rules, plan };
        let body = Zeroizing::new(serde_json::to_vec(&request)?);
        let mut tries = 0;
        loop {
            tries += 1;
            match self.client.post_json(&["manifest", operation], &body, key) {
                Err(error) if error.is::<Lost>() && tries < TRIES => {}
                Err(error) => return Err(self.told(error)),
                Ok(plan) => return Ok(plan),
            }
        }
    }

    /// An error of the server, once what is wrong with the manifest is told with its places.
    fn told(&self, error: Box<dyn std::error::Error>) -> Box<dyn std::error::Error> {
        let Some(refused) = error.downcast_ref::<Refused>().filter(|it| !it.problems.is_empty())
        else {
            return error;
        };
        let told = refused.problems.iter().map(|problem| self.loaded.told(problem));
        problems(&self.loaded.in_order(told.collect()))
    }
}

/// Tells what is wrong, a line each, and says how much it is.
fn problems(told: &[String]) -> Box<dyn std::error::Error> {
    for line in told {
        eprintln!("{}", show::plain(line));
    }
    match told.len() {
        1 => "the manifest cannot be applied as it is; nothing was changed".into(),
        count => {
            format!("{count} faults: the manifest cannot be applied as it is; nothing was changed")
                .into()
        }
    }
}
