//! The registry under count: every call of the library stands here.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use podium::auth::tokens::Lifetime;
use podium::domain::integration::{Category, IntegrationDraft, ResourceDraft};
use podium::domain::name::{IntegrationName, ResourceName};
use podium::domain::secret::Secret;
use podium::registry::{Caller, Registry, ResourceView, Settings};
use podium::seal::Keyring;
use podium::storage::{Db, Url};
use tokio::runtime::{Builder, Runtime};

use super::Outcome;

/// How many integrations there are, and how many resources all of them have.
const INTEGRATIONS: usize = 200;
const RESOURCES: usize = 2_000;

/// What seals secrets: there are none but the server's own.
const SEAL_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

const CONFIGURATION: &str = r#"{"temperature":0.7,"endpoint":"https://models.example.com/v1/chat",
    "region":"eu-west-1"}"#;

/// Where the caller is.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A registry, and a caller's token.
pub struct Opened {
    registry: Registry,
    runtime: Runtime,
    token: String,
}

impl Opened {
    /// Opens the registry whose files are in `folder`.
    pub fn open(folder: &Path, token: String) -> Outcome<Self> {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        let day = Duration::from_secs(24 * 60 * 60);
        let settings = Settings::from(Lifetime { default: day, max: day });
        let seal =
            Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).map_err(|bad| bad.to_string())?;
        let db = Db::open(&Url::Sqlite(folder.join("podium.db")))?;
        let registry = runtime.block_on(Registry::open(db, seal, settings))?;
        Ok(Self { registry, runtime, token })
    }

    /// Fills a new registry in `folder`. Gives the token of an application of the role USER, which
    /// owns all that is in it, so that the permission check takes its whole length.
    pub fn fill(folder: &Path) -> Outcome<String> {
        let mut opened = Self::open(folder, String::new())?;
        opened.token = opened.runtime.block_on(sign_in(&opened.registry))?;
        for number in 0..INTEGRATIONS {
            opened.runtime.block_on(opened.save_integration(number))?;
        }
        for number in 0..RESOURCES {
            opened.save(number)?;
        }
        opened.registry.close();
        Ok(opened.token)
    }

    async fn save_integration(&self, number: usize) -> Outcome {
        let draft = IntegrationDraft {
            kind: Some("openai".to_owned()),
            category: Some(Category::AiModel),
            description: Some("Made to be counted".to_owned()),
            enabled: true,
            configuration: Some(serde_json::from_str(CONFIGURATION)?),
            settings: None,
        };
        let (integration, _) = names(number)?;
        self.registry.save_integration(&self.caller().await?, integration, draft).await?;
        Ok(())
    }

    /// Reads a resource.
    pub fn get(&self, number: usize) -> Outcome {
        let (integration, resource) = names(number)?;
        let show =
            |view: &ResourceView| Ok(Bytes::from(serde_json::to_vec(view).unwrap_or_default()));
        let read = async {
            let caller = self.caller().await?;
            self.registry.resource(&caller, integration, resource, show).await?;
            Ok(())
        };
        self.runtime.block_on(read)
    }

    /// Reads the resource that was read before.
    pub fn get_again(&self, _: usize) -> Outcome {
        self.get(0)
    }

    /// Saves a resource.
    pub fn save(&self, number: usize) -> Outcome {
        let (integration, resource) = names(number)?;
        let draft = ResourceDraft {
            description: Some(format!("Model {number:06}, for questions and answers")),
            enabled: true,
            configuration: Some(serde_json::from_str(CONFIGURATION)?),
            max_tokens: Some(4096),
            frequency: Some("daily".to_owned()),
        };
        let save = async {
            let caller = self.caller().await?;
            self.registry.save_resource(&caller, integration, resource, draft).await?;
            Ok(())
        };
        self.runtime.block_on(save)
    }

    async fn caller(&self) -> Outcome<Caller> {
        Ok(self.registry.caller(&self.token, Some(ADDRESS)).await?)
    }
}

/// A token for a new application of the role USER.
async fn sign_in(registry: &Registry) -> Outcome<String> {
    let application = registry.create_application(&Caller::LOCAL, "counted".to_owned()).await?;
    registry.add_role(&Caller::LOCAL, application.id.clone(), "USER".to_owned()).await?;
    let key = registry.create_access_key(&Caller::LOCAL, application.id, None).await?;
    Ok(registry.sign_in(&key.id, &key.secret, None, Some(ADDRESS)).await?)
}

/// The names of one of the resources.
fn names(number: usize) -> Outcome<(IntegrationName, ResourceName)> {
    let integration = format!("integration-{:06}", number % INTEGRATIONS);
    let integration = IntegrationName::parse("name", integration)?;
    let resource = format!("model-{:03}", number % RESOURCES / INTEGRATIONS);
    Ok((integration, ResourceName::parse("name", resource)?))
}
