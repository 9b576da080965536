//! The real binary, which logs all that it can.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::client::{Client, Heard};
use crate::database::Database;
use crate::support::{ADMIN, PODIUM};

/// A folder for a server, its data, what it says, and the files that references name.
pub struct Site {
    folder: TempDir,
    pub database: Database,
    pub seal_key: String,
}

/// A server that runs.
pub struct Server<'s> {
    site: &'s Site,
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// What it said when it listened.
    line: String,
    pub address: SocketAddr,
    pub heard: Heard,
}

impl Site {
    pub fn new(seal_key: &str) -> Self {
        let folder = tempfile::Builder::new();
        // What a disk keeps is tested elsewhere; here thousands of changes must be quick.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { folder.tempdir_in(memory) } else { folder.tempdir() };
        let folder = folder.unwrap();
        for name in ["data", "said", "references", "temporary"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let database = Database::beside(&folder.path().join("data"));
        Self { folder, database, seal_key: seal_key.to_owned() }
    }

    /// The path of something in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command that knows nothing but what it is told here, and logs to a file of this name.
    pub fn command(&self, log: &str) -> Command {
        let mut command = Command::new(PODIUM);
        command.current_dir(self.path("data")).env_clear().stdin(Stdio::null());
        command.stderr(File::create(self.path("said").join(log)).unwrap());
        command.env("RUST_LOG", "trace").env("TMPDIR", self.path("temporary"));
        command.env("PODIUM_DATABASE_URL", self.database.url()).envs(self.database.environment());
        command.env("PODIUM_SEAL_KEY", &self.seal_key);
        command
    }

    /// Starts the server.
    pub fn serve(&self) -> Server<'_> {
        let mut command = self.command("server.err");
        command.env("PODIUM_LISTEN", "127.0.0.1:0").env("PODIUM_RESOLVE", "on");
        command.env("PODIUM_REFERENCE_FOLDERS", self.path("references"));
        command.env("PODIUM_ADMIN_KEY_ID", ADMIN.0).env("PODIUM_ADMIN_KEY_SECRET", ADMIN.1);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.unwrap_or_else(|| panic!("never listened: {line:?}"));
        let address = address.parse().unwrap();
        Server { site: self, child, stdout, line, address, heard: Heard::default() }
    }

    /// Every file below the folder `name`, and what it holds.
    pub fn files(&self, name: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.path(name)];
        let mut found = vec![];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    found.push((path.clone(), fs::read(path).unwrap()));
                }
            }
        }
        found
    }
}

impl Server<'_> {
    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Somebody without a token.
    pub fn stranger(&self) -> Client {
        Client::new(self.address, &self.heard)
    }

    /// Tells it to stop, and keeps what else it has said on standard output.
    pub fn stop(mut self) -> Heard {
        let script = format!("kill -TERM {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        let mut said = self.line.clone().into_bytes();
        self.stdout.read_to_end(&mut said).unwrap();
        fs::write(self.site.path("said/server.out"), said).unwrap();
        assert!(self.child.wait().unwrap().success());
        Heard::clone(&self.heard)
    }
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
