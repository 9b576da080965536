//! `wrk`, the load generator.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::Outcome;
use super::server::{Server, command};

/// What a run asks of a server.
pub struct Work<'a> {
    /// The server.
    pub server: &'a Server,
    /// The method.
    pub method: &'static str,
    /// A file with one path a line.
    pub paths: &'a Path,
    /// The body; `{i}` stands for the number of the path.
    pub body: Option<&'a str>,
    /// The caller's token.
    pub token: Option<&'a str>,
}

/// What wrk counted.
#[derive(Deserialize)]
pub struct Counted {
    pub requests: u64,
    pub duration_us: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    /// Refused connections, broken ones, timeouts, and answers of 400 and above.
    pub errors: u64,
}

/// The installed wrk.
pub struct Wrk {
    /// Its version.
    pub version: String,
    script: PathBuf,
    pinned: bool,
}

impl Wrk {
    /// Finds wrk, or installs it with `apt-get` when that is possible.
    pub fn find(folder: &Path, pinned: bool) -> Outcome<Self> {
        let version = match version() {
            Ok(version) => version,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                install()?;
                version()?
            }
            Err(cause) => return Err(cause.into()),
        };
        let script = folder.join("wrk.lua");
        fs::write(&script, include_str!("wrk.lua"))?;
        Ok(Self { version, script, pinned })
    }

    /// Drives a server with `connections` busy connections. One thread is enough for more than
    /// 100,000 requests per second; another would only take cores from the server.
    pub fn run(&self, work: &Work<'_>, connections: u32, seconds: u32) -> Outcome<Counted> {
        let mut generator = command("wrk".as_ref(), self.pinned.then_some(1));
        generator
            .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s")])
            .args(["--timeout", "30s", "-s"])
            .arg(&self.script)
            .arg(format!("http://{}", work.server.address))
            .env("METHOD", work.method)
            .env("PATHS", work.paths)
            .env("TOKEN", work.token.unwrap_or_default())
            .env("BODY", work.body.unwrap_or_default());
        let output = generator.output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        match text.lines().find_map(|line| line.strip_prefix("@@")) {
            Some(counted) if output.status.success() => Ok(serde_json::from_str(counted)?),
            _ => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(format!("wrk failed: {text}{said}").into())
            }
        }
    }
}

/// The version that wrk tells, as in `wrk debian/4.1.0-3+b2 [epoll] …`.
fn version() -> io::Result<String> {
    let output = Command::new("wrk").arg("-v").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.split_whitespace().nth(1).unwrap_or("of an unknown version").to_owned())
}

fn install() -> Outcome {
    let id = Command::new("id").arg("-u").output()?;
    if id.stdout != b"0\n" {
        return Err("wrk is missing: install it (on Debian: apt-get install wrk)".into());
    }
    eprintln!("installing wrk");
    for arguments in [&["update"][..], &["install", "--no-install-recommends", "wrk"]] {
        let apt = Command::new("apt-get")
            .args(["-qq", "-y"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(io::stderr())
            .status();
        if !apt.is_ok_and(|status| status.success()) {
            return Err("wrk is missing and apt-get cannot install it: install it by hand".into());
        }
    }
    Ok(())
}
