//! `wrk`, the load generator.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::Outcome;
use super::server::{Server, command};

/// What a run asks of servers, each of which gets a share of the connections.
pub struct Work<'a> {
    /// The servers.
    pub servers: &'a [Server],
    /// The method.
    pub method: &'static str,
    /// A file with one path a line.
    pub paths: PathBuf,
    /// The body; `{i}` stands for the number of the path.
    pub body: Option<&'a str>,
    /// The caller's token.
    pub token: Option<&'a str>,
    /// What part of all requests is that; the others are GETs of the same paths.
    pub share: f64,
}

/// What a load generator counted.
#[derive(Default)]
pub struct Counted {
    pub requests: u64,
    /// Requests per second.
    pub rate: f64,
    /// The median latency, where it is told; of several servers that of the slowest.
    pub p50: Option<Duration>,
    /// The latency that one request in a hundred exceeds, likewise.
    pub p99: Option<Duration>,
    /// Refused connections, broken ones, timeouts, and answers of 400 and above.
    pub errors: u64,
}

/// What `wrk.lua` prints.
#[derive(Deserialize)]
struct Told {
    requests: u64,
    duration_us: u64,
    p50_us: u64,
    p99_us: u64,
    errors: u64,
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

    /// Drives the servers with `connections` busy connections, at least one for each.
    pub fn run(&self, work: &Work<'_>, connections: u32, seconds: u32) -> Outcome<Counted> {
        let servers = u32::try_from(work.servers.len())?;
        let mut generators = Vec::new();
        for (number, server) in (0..servers).zip(work.servers) {
            let share = connections / servers + u32::from(number < connections % servers);
            let begin = f64::from(number) / f64::from(servers);
            generators.push(self.start(work, server, share, begin, seconds)?);
        }
        let mut all = Counted::default();
        for generator in generators {
            let told = told(generator)?;
            all.requests += told.requests;
            all.rate += told.requests as f64 * 1e6 / told.duration_us as f64;
            all.p50 = all.p50.max(Some(Duration::from_micros(told.p50_us)));
            all.p99 = all.p99.max(Some(Duration::from_micros(told.p99_us)));
            all.errors += told.errors;
        }
        Ok(all)
    }

    /// Starts a generator for one server. One thread is enough for more than 100,000 requests per
    /// second; another would only take cores from the server.
    fn start(
        &self,
        work: &Work<'_>,
        server: &Server,
        connections: u32,
        begin: f64,
        seconds: u32,
    ) -> io::Result<Child> {
        command("wrk".as_ref(), self.pinned.then_some(1))
            .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s")])
            .args(["--timeout", "30s", "-s"])
            .arg(&self.script)
            .arg(format!("http://{}", server.address))
            .env("METHOD", work.method)
            .env("PATHS", &work.paths)
            .env("TOKEN", work.token.unwrap_or_default())
            .env("BODY", work.body.unwrap_or_default())
            .env("SHARE", work.share.to_string())
            .env("BEGIN", begin.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
    }
}

/// Waits for the end of a generator.
fn told(generator: Child) -> Outcome<Told> {
    let output = generator.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().find_map(|line| line.strip_prefix("@@")) {
        Some(told) if output.status.success() => Ok(serde_json::from_str(told)?),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("wrk failed: {text}{said}").into())
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
