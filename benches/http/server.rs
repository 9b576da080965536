//! A server under load, in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::Outcome;
use super::machine::{self, Cpu};

/// A running server; it ends with this value.
pub struct Server {
    /// Where it listens, as in `127.0.0.1:8080`.
    pub address: String,
    process: Child,
    /// Kept open, so that the server can print.
    _stdout: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server that prints `listening on http://…` once it does.
    pub fn start(command: &mut Command) -> Outcome<Self> {
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut stdout = BufReader::new(process.stdout.take().ok_or("no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        let address = line.trim_end().strip_prefix("listening on http://").map(str::to_owned);
        let mut server = Self { address: String::new(), process, _stdout: stdout };
        server.address = address.ok_or("a server did not start")?;
        Ok(server)
    }

    /// Asks it to end, and waits until it has.
    pub fn stop(mut self) -> Outcome {
        let process = self.process.id().to_string();
        Command::new("kill").arg(process).status()?;
        self.process.wait()?;
        Ok(())
    }

    /// The CPU time of the threads of servers so far.
    pub fn cpu(servers: &[Self]) -> Outcome<Cpu> {
        Cpu::of(servers.iter().map(|server| server.process.id()))
    }

    /// Its memory, in bytes.
    pub fn memory(&self) -> Outcome<u64> {
        machine::memory(self.process.id())
    }

    /// The most memory that it has had, in bytes.
    pub fn peak_memory(&self) -> Outcome<u64> {
        machine::peak_memory(self.process.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A command to run `program`, on one core only if that is wanted. Settings of this environment do
/// not reach it.
pub fn command(program: &OsStr, core: Option<usize>) -> Command {
    let mut command = match core {
        Some(core) => {
            let mut pinned = Command::new("taskset");
            pinned.args(["-c", &core.to_string()]).arg(program);
            pinned
        }
        None => Command::new(program),
    };
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PODIUM_") {
            command.env_remove(name);
        }
    }
    command
}
