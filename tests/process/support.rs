//! The real binary: in a folder of its own, on a port of its own.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::client::Client;

/// Whatever begins so must never reach an output or a file of the server in the clear.
pub const CANARY: &str = "CANARY-";
pub const ADMIN_ID: &str = "admin-key";
pub const ADMIN_SECRET: &str = "CANARY-5b0f3c1f8a6e4d7b9c2e-admin";

/// The integration that the tests write resources of.
pub const SHELF: &str = "/integrations/provider/shelf";

/// A process that has neither spoken nor ended by then hangs. Nothing waits this long otherwise.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long the contract lets a server take that is told to stop.
pub const STOP_LIMIT: Duration = Duration::from_secs(10);

/// A folder for one server. It stays for a look when its test fails.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.file("podium.db")
    }

    pub fn seal_key(&self) -> PathBuf {
        self.file("podium.db.seal-key")
    }

    /// The names of the files in it, in order.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A connection to the database that changes nothing, beside a running server.
    pub fn look(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        rusqlite::Connection::open_with_flags(self.database(), flags).unwrap()
    }

    /// Panics when a file of the server holds a secret in the clear.
    pub fn assert_sealed(&self) {
        for name in self.names() {
            let bytes = std::fs::read(self.file(&name)).unwrap();
            let leaks = bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes());
            assert!(!leaks, "{name} holds a secret in the clear");
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.disable_cleanup(true);
            eprintln!("the files of the server are kept in {}", self.path().display());
        }
    }
}

/// A command line that is about to run. Nothing of this machine's environment reaches it.
pub struct Launch(Command);

impl Launch {
    /// A server in `folder` on a port that the system picks.
    pub fn bare(folder: &Folder) -> Self {
        Self::command(folder, env!("CARGO_BIN_EXE_podium"))
    }

    /// As [`Launch::bare`], with the access key that the tests sign in with.
    pub fn new(folder: &Folder) -> Self {
        Self::through(folder, env!("CARGO_BIN_EXE_podium"), &[])
    }

    /// As [`Launch::new`], started by another program.
    pub fn through(folder: &Folder, program: &str, args: &[&str]) -> Self {
        Self::command(folder, program)
            .args(args)
            .env("PODIUM_ADMIN_KEY_ID", ADMIN_ID)
            .env("PODIUM_ADMIN_KEY_SECRET", ADMIN_SECRET)
    }

    /// As [`Launch::new`], watched by `strace`, which speaks on standard error. The process is the
    /// server itself, with `strace` beside it.
    pub fn traced(folder: &Folder, options: &[&str]) -> Self {
        let version = Command::new("strace").arg("--version").output();
        assert!(version.is_ok(), "strace is missing: apt-get install -y strace");
        let podium = env!("CARGO_BIN_EXE_podium");
        Self::through(folder, "strace", &[&["-D", "-f", "-qq"], options, &[podium]].concat())
    }

    fn command(folder: &Folder, program: &str) -> Self {
        let mut command = Command::new(program);
        command.current_dir(folder.path()).env_clear();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let path = std::env::var("PATH").unwrap_or_default();
        Self(command).env("PATH", path).env("PODIUM_LISTEN", "127.0.0.1:0")
    }

    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub fn args(mut self, args: &[&str]) -> Self {
        self.0.args(args);
        self
    }

    /// As another user of this machine, which takes root: a copy of the program in the folder,
    /// since that user may not even see where the tests were built.
    pub fn by(self, folder: &Folder, user: u32) -> Self {
        let program = folder.file("podium");
        std::fs::copy(self.0.get_program(), &program).unwrap();
        let mut command = Command::new(program);
        command.current_dir(folder.path()).env_clear().args(self.0.get_args());
        command.envs(self.0.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        std::os::unix::process::CommandExt::uid(&mut command, user);
        Self(command)
    }

    /// Runs it, without waiting for anything.
    pub fn spawn(mut self) -> Process {
        Process::of(self.0.spawn().unwrap())
    }

    /// Runs it until it listens.
    pub fn start(self) -> Server {
        let listening = self.spawn().listening();
        listening.unwrap_or_else(|ended| panic!("never listened: {}", ended.output()))
    }

    /// Runs it until it ends by itself.
    pub fn run(self) -> Ended {
        self.spawn().ended(PATIENCE)
    }
}

/// A running process.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    errors: Option<JoinHandle<String>>,
}

/// What a process left behind.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    /// The lines of its standard output.
    pub out: Vec<String>,
    /// Its standard error.
    pub err: String,
}

impl Process {
    fn of(mut child: Child) -> Self {
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let (line, lines) = channel();
        thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).try_for_each(|text| line.send(text))
        });
        let errors = thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = BufReader::new(err).read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        });
        Self { child, lines, seen: vec![], errors: Some(errors) }
    }

    /// The next line of standard output; `None` once the process has ended.
    pub fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("the process says nothing: {:?}", self.seen),
        }
    }

    /// The server that it becomes, or how it ended before it listened.
    pub fn listening(mut self) -> Result<Server, Ended> {
        match self.line() {
            Some(line) => {
                let url = line.strip_prefix("listening on ").unwrap();
                let address = url.split_once("://").unwrap().1.to_owned();
                Ok(Server { process: self, address })
            }
            None => Err(self.ended(PATIENCE)),
        }
    }

    /// What the system tells of it.
    pub fn about(&self, what: &str) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string()).join(what)
    }

    /// Sends it a signal, as in `TERM`.
    pub fn signal(&self, name: &str) {
        let script = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end, which must come within `limit`.
    pub fn ended(mut self, limit: Duration) -> Ended {
        let began = Instant::now();
        loop {
            match self.lines.recv_timeout(limit.saturating_sub(began.elapsed())) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("still running after {limit:?}"),
            }
        }
        let status = self.child.wait().unwrap();
        let (out, err) = (std::mem::take(&mut self.seen), self.errors.take().unwrap().join());
        let ended = Ended { status, out, err: err.unwrap() };
        assert!(!ended.output().contains(CANARY), "a secret was shown:\n{}", ended.output());
        assert!(!ended.err.contains("panicked"), "{}", ended.err);
        ended
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking()
            && let Some(errors) = self.errors.take()
        {
            eprintln!("the server said:\n{}", errors.join().unwrap_or_default());
        }
    }
}

impl Ended {
    /// All that it said.
    pub fn output(&self) -> String {
        format!("{}\n{}", self.out.join("\n"), self.err)
    }

    /// The one line that says why it refused to start.
    pub fn refusal(&self) -> &str {
        assert_eq!(self.status.code(), Some(1), "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        let lines: Vec<_> = self.err.lines().collect();
        let [line] = lines[..] else { panic!("not one line:\n{}", self.err) };
        line.strip_prefix("podium: ").unwrap()
    }
}

/// A server that listens.
pub struct Server {
    pub process: Process,
    /// As in `127.0.0.1:4711`.
    pub address: String,
}

impl Server {
    /// A client without a token.
    pub fn stranger(&self) -> Client {
        self.client(None)
    }

    /// A client with `token`.
    pub fn client(&self, token: Option<&str>) -> Client {
        Client::new(&self.address, token)
    }

    /// A client that has signed in with the access key of the tests.
    pub fn admin(&self) -> Client {
        self.client(Some(&self.stranger().sign_in(ADMIN_ID, ADMIN_SECRET).unwrap()))
    }

    /// As [`Server::admin`], after making the integration that resources are written to.
    pub fn shelf(&self) -> Client {
        let client = self.admin();
        let body = json!({"type": "openai", "enabled": true, "description": "a shelf",
                          "configuration": {"api_key": "CANARY-1c9d7e-provider"}});
        client.post(SHELF, &body).unwrap().is(200);
        client
    }

    /// Tells it to stop, waits for the end, and sees that it ended well and in time.
    pub fn stop(self) -> Ended {
        self.process.signal("TERM");
        let ended = self.process.ended(STOP_LIMIT);
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        ended
    }
}
