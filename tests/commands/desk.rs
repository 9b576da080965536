//! The program at work on a site, at a running server or at the database itself.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{ADMIN, Running, Said, Site};

/// The program at work on one site: with an administrator's key at a server, or at the database.
pub struct Desk<'s> {
    pub site: &'s Site,
    pub server: Option<Running>,
}

impl Desk<'_> {
    /// Runs the words of `line` as a command; `{ci}` and `{admin}` stand for applications.
    pub fn run(&self, line: &str) -> Said {
        let line = line.replace("{ci}", &self.site.ci).replace("{admin}", &self.site.admin);
        self.run_words(&line.split(' ').collect::<Vec<_>>())
    }

    pub fn run_words(&self, words: &[&str]) -> Said {
        if let Some(server) = &self.server {
            return self.site.podium(words, &key(&server.url, ADMIN));
        }
        let at = ["--database", &self.site.database()];
        self.site.podium(&[words, &at].concat(), &[])
    }

    /// Runs the words with this on standard input.
    pub fn run_with(&self, words: &[&str], input: &str) -> Said {
        let database = self.site.database();
        let mut command = match &self.server {
            Some(server) => self.site.command(words, &key(&server.url, ADMIN)),
            None => self.site.command(&[words, &["--database", &database]].concat(), &[]),
        };
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Said::of(child.wait_with_output().unwrap())
    }

    /// The records that `list` finds, as JSON.
    pub fn listed(&self, filters: &str) -> Vec<Value> {
        let found = self.run(&format!("audit list --json{filters}")).json();
        found.as_array().unwrap().clone()
    }

    /// A refusal as it is told here: a server's comes with its status.
    pub fn refusal(&self, status: u16, message: &str) -> String {
        match self.server {
            Some(_) => format!("the server answered {status}: {message}"),
            None => message.to_owned(),
        }
    }

    /// Who did it, as the audit log tells.
    pub fn subject(&self) -> String {
        if self.server.is_some() { format!("app:{}", self.site.admin) } else { "local".to_owned() }
    }
}

/// The environment that names a server and an access key.
pub fn key<'a>(url: &'a str, [id, secret]: [&'a str; 2]) -> [(&'a str, &'a str); 3] {
    [("CONDUCTOR_SERVER_URL", url), ("CONDUCTOR_AUTH_KEY", id), ("CONDUCTOR_AUTH_SECRET", secret)]
}
