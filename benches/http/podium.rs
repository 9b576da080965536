//! Podium under load: started over an empty database, filled, and asked by an application that owns
//! what it asks for.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use ureq::Agent;

use super::Outcome;
use super::load::Work;
use super::server::{Server, command};

/// The body of a save.
pub const BODY: &str = concat!(
    r#"{"description":"Updated model {i}, for questions and answers","enabled":true,"#,
    r#""configuration":{"temperature":0.7,"endpoint":"https://models.example.com/v1/chat","#,
    r#""region":"eu-west-1"},"maxTokens":4096,"frequency":"daily"}"#,
);

/// The name of the integration that is listed, and how many resources it has.
const LISTED: (&str, usize) = ("listed", 1_000);

/// How many integrations and resources one bulk save holds: far less than it may.
const BATCH: usize = 5_000;

/// The access key of the first administrator, who makes the application.
const ADMIN: (&str, &str) = ("bench-admin", "the-benchmarks-own-secret");

/// What seals secrets: there are none, but PostgreSQL does not go without.
const SEAL_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// How much there is in the registry.
#[derive(Clone, Copy)]
pub struct Size {
    /// Integrations.
    pub integrations: usize,
    /// Resources of each.
    pub resources: usize,
}

/// The running servers of one database, and what they are asked.
pub struct Podium {
    /// The servers.
    pub servers: Vec<Server>,
    client: Client,
    resources: PathBuf,
    list: PathBuf,
}

impl Podium {
    /// Starts so many servers over an empty database, and fills it. The paths to ask for stand in
    /// files in `folder`.
    pub fn start(
        folder: &Path,
        database: &str,
        servers: u32,
        size: Size,
        pinned: bool,
    ) -> Outcome<Self> {
        let program = OsStr::new(env!("CARGO_BIN_EXE_podium"));
        let start = || {
            let mut serve = command(program, pinned.then_some(0));
            serve
                .env("PODIUM_LISTEN", "127.0.0.1:0")
                .env("PODIUM_DATABASE_URL", database)
                .env("PODIUM_SEAL_KEY", SEAL_KEY)
                .env("PODIUM_ADMIN_KEY_ID", ADMIN.0)
                .env("PODIUM_ADMIN_KEY_SECRET", ADMIN.1)
                .env("PODIUM_TOKEN_TTL", "24h")
                .env("RUST_LOG", "warn");
            Server::start(&mut serve)
        };
        let servers = (0..servers).map(|_| start()).collect::<Outcome<Vec<_>>>()?;
        let client = Client::of_application(servers.first().ok_or("no server was asked for")?)?;
        fill(&client, size)?;
        let (resources, list) = (folder.join("resources"), folder.join("list"));
        fs::write(&resources, paths(size).join("\n"))?;
        fs::write(&list, format!("/api/integrations/provider/{}/integration\n", LISTED.0))?;
        Ok(Self { servers, client, resources, list })
    }

    /// A read of one resource.
    pub fn get_one(&self) -> Work<'_> {
        let (paths, token) = (self.resources.as_path(), Some(self.client.token.as_str()));
        Work { servers: &self.servers, method: "GET", paths, body: None, token }
    }

    /// A save of a resource that exists.
    pub fn upsert(&self) -> Work<'_> {
        Work { method: "POST", body: Some(BODY), ..self.get_one() }
    }

    /// A list of a thousand resources.
    pub fn list(&self) -> Work<'_> {
        Work { paths: self.list.as_path(), ..self.get_one() }
    }

    /// What a read of one resource answers.
    pub fn one(&self) -> Outcome<String> {
        self.ask_first(&self.resources)
    }

    /// What a list answers.
    pub fn all(&self) -> Outcome<String> {
        self.ask_first(&self.list)
    }

    /// Fails unless saves under load changed what is read. Which they changed is for wrk to know:
    /// slow ones do not get to all.
    pub fn check_saved(&self) -> Outcome {
        for path in fs::read_to_string(&self.resources)?.lines() {
            let found: Value = serde_json::from_str(&self.client.get(path)?)?;
            if found["description"].as_str().is_some_and(|text| text.starts_with("Updated")) {
                return Ok(());
            }
        }
        Err("the saves under load did not arrive".into())
    }

    fn ask_first(&self, paths: &Path) -> Outcome<String> {
        let paths = fs::read_to_string(paths)?;
        self.client.get(paths.lines().next().ok_or("there is nothing to read")?)
    }
}

fn integration(number: usize) -> String {
    format!("integration-{number:06}")
}

fn resource(number: usize) -> String {
    format!("model-{number:03}")
}

/// The path of each resource.
fn paths(size: Size) -> Vec<String> {
    let mut paths = Vec::with_capacity(size.integrations * size.resources);
    for number in 0..size.integrations {
        let resources = format!("/api/integrations/provider/{}/integration", integration(number));
        paths.extend((0..size.resources).map(|number| format!("{resources}/{}", resource(number))));
    }
    paths
}

/// Saves all integrations and resources, many with each request.
fn fill(client: &Client, size: Size) -> Outcome {
    let listed = item(LISTED.0, LISTED.1)?;
    client.post("/api/integrations", &Value::Array(vec![listed]))?;
    let numbers: Vec<_> = (0..size.integrations).collect();
    for numbers in numbers.chunks((BATCH / (size.resources + 1)).max(1)) {
        let items: Outcome<Vec<_>> =
            numbers.iter().map(|number| item(&integration(*number), size.resources)).collect();
        client.post("/api/integrations", &Value::Array(items?))?;
    }
    Ok(())
}

/// An integration with its resources, as a bulk save takes it.
fn item(name: &str, resources: usize) -> Outcome<Value> {
    let seed = BODY.replace("Updated", "Created").replace("{i}", "000000");
    let mut apis = Vec::with_capacity(resources);
    for number in 0..resources {
        let mut api: Value = serde_json::from_str(&seed)?;
        api["api"] = resource(number).into();
        apis.push(api);
    }
    Ok(json!({
        "name": name,
        "type": "openai",
        "category": "AI_MODEL",
        "description": "Made for the benchmark",
        "enabled": true,
        "configuration": {"endpoint": "https://models.example.com/v1"},
        "apis": apis,
    }))
}

/// A caller with a token.
struct Client {
    agent: Agent,
    server: String,
    token: String,
}

impl Client {
    /// Signs in as a new application of the role USER, which gives no access to anything but by
    /// the grants on what it makes. So the permission check is not cut short as an
    /// administrator's is.
    fn of_application(server: &Server) -> Outcome<Self> {
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        let server = format!("http://{}", server.address);
        let mut client = Self { agent, server, token: String::new() };
        client.sign_in(ADMIN.0, ADMIN.1)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let made = client.post("/api/applications", &json!({"name": "benchmark"}))?;
        let application = format!("/api/applications/{}", text(&made["id"]));
        client.post(&format!("{application}/roles/USER"), &json!({}))?;
        let key = client.post(&format!("{application}/accessKeys"), &json!({}))?;
        client.sign_in(&text(&key["id"]), &text(&key["secret"]))?;
        Ok(client)
    }

    fn sign_in(&mut self, id: &str, secret: &str) -> Outcome {
        let answer = self.post("/api/token", &json!({"keyId": id, "keySecret": secret}))?;
        answer["token"].as_str().ok_or("no token was given")?.clone_into(&mut self.token);
        Ok(())
    }

    fn get(&self, path: &str) -> Outcome<String> {
        let request = self.agent.get(format!("{}{path}", self.server));
        answer(path, request.header("X-Authorization", &self.token).call()?)
    }

    fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let request = self.agent.post(format!("{}{path}", self.server));
        let text = answer(path, request.header("X-Authorization", &self.token).send_json(body)?)?;
        Ok(if text.is_empty() { Value::Null } else { serde_json::from_str(&text)? })
    }
}

/// The text of an answer that is not an error.
fn answer(path: &str, mut answer: ureq::http::Response<ureq::Body>) -> Outcome<String> {
    let text = answer.body_mut().read_to_string()?;
    if answer.status() == 200 {
        return Ok(text);
    }
    Err(format!("{path} answered {}: {text}", answer.status()).into())
}
