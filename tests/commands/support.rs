//! A place of its own for each test: a database, a server over it, and the program as a person
//! runs it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use crate::database::Database;

/// The access key that the first administrator is given.
pub const ADMIN: [&str; 2] = ["admin-key", "CANARY-0123456789abcdef-admin"];

/// A folder with a database that holds an administrator, an application `ci` with the role
/// `USER`, a group `devs` and an integration `openai-main`. No server runs on it.
pub struct Site {
    folder: tempfile::TempDir,
    pub database: Database,
    /// The id of the administrator's application.
    pub admin: String,
    /// The id of the application `ci`.
    pub ci: String,
    /// How many audit records there are so far.
    recorded: i64,
}

/// What a run of the program came to.
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A server that runs, until this is dropped.
pub struct Running {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// Its address, without `/api`.
    pub url: String,
}

/// An audit record: subject, access, type and id of the target, outcome.
pub type Record = [String; 5];

impl Site {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::beside(folder.path());
        let [admin, ci] = [const { String::new() }; 2];
        let mut site = Self { folder, database, admin, ci, recorded: 0 };
        let [id, secret] = ADMIN;
        let server =
            site.serve(&[("PODIUM_ADMIN_KEY_ID", id), ("PODIUM_ADMIN_KEY_SECRET", secret)]);
        let token = server.token();
        let application = server.post("applications", &token, &json!({"name": "ci"}));
        site.ci = application["id"].as_str().unwrap().into();
        server.post(&format!("applications/{}/roles/USER", site.ci), &token, &json!({}));
        let integration = json!({"type": "openai", "category": "AI_MODEL", "description": "",
            "enabled": true, "configuration": {"api_key": "sk-1"}});
        server.post("integrations/provider/openai-main", &token, &integration);
        let group = ureq::put(format!("{}/api/groups/devs", server.url));
        group.header("X-Authorization", &token).send_json(json!({"description": ""})).unwrap();
        drop(server);
        let admin = "SELECT id FROM application WHERE name = 'administrator'";
        site.admin = site.database.column(admin).remove(0);
        site.recorded = site.database.count("SELECT COUNT(*) FROM audit");
        site
    }

    /// The path of a file in its folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `--database` names its database by.
    pub fn database(&self) -> String {
        self.database.url()
    }

    /// The program, in this folder, with no environment but `environment`, and what the database
    /// takes.
    pub fn command(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_podium"));
        command.args(arguments).env_clear().envs(self.database.environment());
        command.envs(environment.iter().copied());
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn podium(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Said {
        Said::of(self.command(arguments, environment).output().unwrap())
    }

    /// Starts a server and waits until it listens.
    pub fn serve(&self, environment: &[(&str, &str)]) -> Running {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", &self.database()];
        let mut command = self.command(&arguments, environment);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        Running { child, stdout, url }
    }

    /// The audit records made since the site was.
    pub fn records(&self) -> Vec<Record> {
        let sql = format!(
            "SELECT subject, access, target_kind, target_id, outcome FROM audit \
             WHERE seq > {} ORDER BY seq",
            self.recorded
        );
        let rows = self.database.rows(&sql).into_iter();
        rows.map(|row| row.try_into().unwrap()).collect()
    }
}

impl Running {
    /// A token of the first administrator.
    pub fn token(&self) -> String {
        let [id, secret] = ADMIN;
        let answer = self.post("token", "", &json!({"keyId": id, "keySecret": secret}));
        answer["token"].as_str().unwrap().to_owned()
    }

    /// `POST` of a body to a path below `/api`, which must be a success.
    pub fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let request = ureq::post(format!("{}/api/{path}", self.url));
        let mut answer = request.header("X-Authorization", token).send_json(body).unwrap();
        answer.body_mut().read_json().unwrap_or_default()
    }

    /// Ends it, and gives the rest of what it printed.
    pub fn stop(mut self) -> String {
        self.child.kill().unwrap();
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).unwrap();
        rest
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// What it printed, having succeeded without a word to standard error.
    #[track_caller]
    pub fn done(self) -> String {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// As [`Said::done`], as JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.done()).unwrap()
    }

    /// As [`Said::done`], the lines split into words.
    #[track_caller]
    pub fn table(self) -> Vec<Vec<String>> {
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        self.done().lines().map(words).collect()
    }

    /// The one line in which it told why it failed.
    #[track_caller]
    pub fn failed(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "{}", self.err);
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        self.err.trim_end().strip_prefix("podium: ").unwrap().to_owned()
    }

    /// The three values that it printed for a shell: URL, id and secret.
    #[track_caller]
    pub fn exports(self) -> [String; 3] {
        let out = self.done();
        let names = ["CONDUCTOR_SERVER_URL", "CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"];
        assert_eq!(out.lines().count(), 4, "{out}");
        let mut lines = out.lines();
        let exports = names.map(|name| {
            let line = lines.next().unwrap();
            line.strip_prefix(&format!("export {name}=")).unwrap().to_owned()
        });
        let api_key = format!("export ARIZE_API_KEY=podium_{}_{}", exports[1], exports[2]);
        assert_eq!(lines.next(), Some(api_key.as_str()));
        exports
    }
}

/// A server that gives one `answer`, after `before`, and ends with what it was sent. The first part
/// is its address.
pub fn canned(
    answer: &'static str,
    before: impl FnOnce() + Send + 'static,
) -> (String, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut sent = vec![];
        while !is_whole(&sent) {
            let mut part = [0; 4096];
            let length = stream.read(&mut part).unwrap();
            assert_ne!(length, 0, "the call was cut off");
            sent.extend(&part[..length]);
        }
        before();
        stream.write_all(answer.as_bytes()).unwrap();
        sent
    };
    (url, std::thread::spawn(serve))
}

/// Whether this is all that a client sends before it waits: the JSON of a sign-in, or the first
/// record of TLS.
fn is_whole(sent: &[u8]) -> bool {
    sent.ends_with(b"}") || sent.first() == Some(&0x16)
}
