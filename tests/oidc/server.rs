//! Podium itself, run as its users run it: the binary, on a port of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::database::Database;

const KEY_ID: &str = "admin-key";
const KEY_SECRET: &str = "0123456789abcdef-admin";

/// A folder with a database, for one server at a time.
pub struct Home {
    folder: TempDir,
    pub database: Database,
}

/// A running server.
pub struct Server {
    url: String,
    log: PathBuf,
    process: Child,
    agent: ureq::Agent,
}

/// What the server answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub json: Value,
}

impl Reply {
    /// The status, and the code that clients act upon.
    pub fn code(&self) -> (u16, &str) {
        (self.status, self.json["error"].as_str().unwrap_or_default())
    }
}

impl Home {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::beside(folder.path());
        Self { folder, database }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes the file of the trusted issuers.
    pub fn trust(&self, issuers: &Value) {
        fs::write(self.path().join("oidc.json"), json!({"issuers": issuers}).to_string()).unwrap();
    }

    /// Writes the certificates that the system trusts.
    pub fn trust_certificates(&self, pem: &str) {
        fs::write(self.path().join("certificates.pem"), pem).unwrap();
    }

    /// Starts the server, with the issuers that were written.
    pub fn start(&self) -> Server {
        let log = self.path().join("log");
        let mut process = self.command(File::create(&log).unwrap().into()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut lines = lines.map_while(Result::ok);
        let url = lines.find_map(|line| Some(line.strip_prefix("listening on ")?.to_owned()));
        let url = url.unwrap_or_else(|| panic!("{}", fs::read_to_string(&log).unwrap()));
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        Server { url: url + "/api", log, process, agent: config.build().into() }
    }

    /// What the server says when it does not start.
    pub fn refusal(&self) -> String {
        let output = self.command(Stdio::piped()).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    fn command(&self, log: Stdio) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podium"));
        command.env_clear().current_dir(self.path()).stdout(Stdio::piped()).stderr(log);
        command.env("PODIUM_LISTEN", "127.0.0.1:0").env("RUST_LOG", "trace");
        command.env("PODIUM_ADMIN_KEY_ID", KEY_ID).env("PODIUM_ADMIN_KEY_SECRET", KEY_SECRET);
        command.env("SSL_CERT_FILE", "certificates.pem");
        command.env("PODIUM_DATABASE_URL", self.database.url()).envs(self.database.environment());
        if self.path().join("oidc.json").exists() {
            command.args(["--oidc-file", "oidc.json"]);
        }
        command
    }
}

impl Server {
    /// A token of the server's own, with which everything may be done.
    pub fn admin(&self) -> String {
        let body = json!({"keyId": KEY_ID, "keySecret": KEY_SECRET});
        let reply = self.send("POST", "/token", &[], Some(&body));
        reply.json["token"].as_str().unwrap().to_owned()
    }

    /// Asks as the bearer of `token`.
    pub fn get(&self, token: &str, path: &str) -> Reply {
        self.send("GET", path, &[("X-Authorization", token)], None)
    }

    pub fn post(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("X-Authorization", token)], Some(body))
    }

    pub fn put(&self, token: &str, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, &[("X-Authorization", token)], Some(body))
    }

    pub fn delete(&self, token: &str, path: &str) -> Reply {
        self.send("DELETE", path, &[("X-Authorization", token)], None)
    }

    /// Who bears the token: the status, with the code of a refusal or the user's id.
    pub fn who(&self, token: &str) -> (u16, String) {
        let reply = self.get(token, "/token/userInfo");
        let told = if reply.status == 200 { "id" } else { "error" };
        (reply.status, reply.json[told].as_str().unwrap_or_default().to_owned())
    }

    /// Sends any request; what begins with `/v2` is one of Arize's dialect.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Reply {
        let base = match path.strip_prefix("/v2") {
            Some(_) => self.url.trim_end_matches("/api"),
            None => &self.url,
        };
        let uri = format!("{base}{path}");
        let mut request = ureq::http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let sent = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut answer = sent.unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply { status: answer.status().as_u16(), json }
    }
}

impl Drop for Server {
    /// Ends the server and looks through its log: no token may be in it, whatever was sent.
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        if !std::thread::panicking() {
            let log = fs::read_to_string(&self.log).unwrap();
            assert!(!log.contains("eyJ"), "a token is in the log");
            assert!(!log.contains("panicked"), "{log}");
        }
    }
}
