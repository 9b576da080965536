//! How servers of Podium are started.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Outcome;
use super::client::ADMIN;
use super::server::{Server, command};

/// What seals secrets: there are none, but PostgreSQL does not go without.
const SEAL_KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

/// The file of an embedded database.
pub const DATABASE: &str = "podium.db";

/// How the servers of one database are started.
#[derive(Clone)]
pub struct Launch {
    /// The URL of the database.
    pub database: String,
    /// How many servers there are.
    pub servers: u32,
    /// Whether each stays on the first core.
    pub pinned: bool,
    /// What makes the disk slower than it is.
    pub slow_sync: Option<SlowSync>,
}

impl Launch {
    /// One server over the embedded database in `folder`.
    pub fn embedded(folder: &Path, pinned: bool) -> Self {
        let database = format!("sqlite://{}", folder.join(DATABASE).display());
        Self { database, servers: 1, pinned, slow_sync: None }
    }

    /// Starts the servers.
    pub fn start(&self) -> Outcome<Vec<Server>> {
        (0..self.servers).map(|_| self.start_one()).collect()
    }

    fn start_one(&self) -> Outcome<Server> {
        let program = OsStr::new(env!("CARGO_BIN_EXE_podium"));
        let mut serve = command(program, self.pinned.then_some(0));
        serve
            .env("PODIUM_LISTEN", "127.0.0.1:0")
            .env("PODIUM_DATABASE_URL", &self.database)
            .env("PODIUM_SEAL_KEY", SEAL_KEY)
            .env("PODIUM_ADMIN_KEY_ID", ADMIN.0)
            .env("PODIUM_ADMIN_KEY_SECRET", ADMIN.1)
            .env("PODIUM_TOKEN_TTL", "24h")
            // Each request is counted, and none is one too many.
            .env("PODIUM_RATE_LIMIT", "1000000000")
            .env("RUST_LOG", "warn");
        if let Some(SlowSync { library, delay }) = &self.slow_sync {
            serve.env("LD_PRELOAD", library);
            serve.env("SYNC_DELAY_US", delay.as_micros().to_string());
        }
        Server::start(&mut serve)
    }
}

/// A library that is loaded into a server, whose syncs then take so much longer.
#[derive(Clone)]
pub struct SlowSync {
    library: PathBuf,
    delay: Duration,
}

impl SlowSync {
    /// Builds the library with the C compiler.
    pub fn build(folder: &Path, delay: Duration) -> Outcome<Self> {
        let (source, library) = (folder.join("slow_sync.c"), folder.join("slow_sync.so"));
        fs::write(&source, include_str!("slow_sync.c"))?;
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).arg("-ldl");
        match cc.status() {
            Ok(status) if status.success() => Ok(Self { library, delay }),
            Ok(_) => Err("cc cannot build slow_sync.c".into()),
            Err(cause) => Err(format!("no C compiler to build slow_sync.c: {cause}").into()),
        }
    }
}
