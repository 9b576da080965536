//! At a terminal, which `script` makes: the question, and the line that says what is waited for.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::json;

use super::fake::serve;
use super::{Desk, WHOLE};
use crate::key;
use crate::support::{ADMIN, Site};

const QUESTION: &str = "Only \"yes\" is taken: ";

/// The program at a terminal.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    screen: ChildStdout,
    seen: String,
}

impl Terminal {
    fn run(site: &Site, line: &str, environment: &[(&str, &str)]) -> Self {
        let program = site.command(&[], environment);
        let mut command = Command::new("script");
        command.args(["--quiet", "--return", "--command"]);
        command.arg(format!("{} {line}", program.get_program().to_str().unwrap()));
        command.arg("/dev/null").env_clear().current_dir(site.file(""));
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("TERM", "xterm");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (keys, screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Self { child, keys, screen, seen: String::new() }
    }

    /// Waits until `text` is seen, and gives what was seen before.
    #[track_caller]
    fn until(&mut self, text: &str) -> String {
        loop {
            if let Some((before, after)) = self.seen.split_once(text) {
                let (before, after) = (before.to_owned(), after.to_owned());
                self.seen = after;
                return before;
            }
            let mut part = [0; 4096];
            let length = self.screen.read(&mut part).unwrap();
            assert_ne!(length, 0, "it ended without `{text}`: {}", self.seen);
            self.seen += std::str::from_utf8(&part[..length]).unwrap();
        }
    }

    fn types(&mut self, line: &str) {
        self.keys.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Its exit code, and what was seen since.
    fn end(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.screen.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), self.seen + &rest)
    }
}

#[test]
fn only_yes_is_taken() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team");
    let environment =
        [&key(&desk.server.url, ADMIN)[..], &[("OPENAI_API_KEY", "CANARY-openai")]].concat();
    let run = || Terminal::run(&desk.site, "apply -f conf", &environment);
    for answer in ["no", "y", "", "YES"] {
        let mut terminal = run();
        let shown = terminal.until(QUESTION);
        assert!(shown.contains("\u{1b}[32m+ integration openai"), "in colour: {shown:?}");
        terminal.types(answer);
        let (code, rest) = terminal.end();
        assert!(code == Some(1) && rest.contains("podium: nothing was changed"), "{code:?} {rest}");
    }
    assert_eq!(desk.site.records(), Vec::<[String; 5]>::new());

    // Somebody is faster than the answer: what is to do now is shown, and asked for anew.
    let mut terminal = run();
    terminal.until(QUESTION);
    desk.write(
        "users.yaml",
        "owner: team-core\nusers:\n- {id: ann@example.org, name: Ann, roles: [USER]}\n",
    );
    desk.run("apply -f users.yaml --yes").done();
    terminal.types("yes");
    let again = terminal.until(QUESTION);
    assert!(again.contains("the registry has changed since this plan"), "{again}");
    assert!(again.contains("Plan: 8 to create, 0 to change, 0 to delete, 1 unchanged."), "{again}");
    terminal.types("yes");
    let (code, rest) = terminal.end();
    assert_eq!(code, Some(0), "{rest}");
    assert!(rest.contains("Applied: 8 created, 0 changed, 0 deleted, at revision "), "{rest}");

    let plain = [&environment[..], &[("NO_COLOR", "1")]].concat();
    let (code, shown) = Terminal::run(&desk.site, "plan -f conf", &plain).end();
    assert_eq!(code, Some(0));
    assert_eq!(shown, "Nothing to do: 9 things are as the manifest says.\r\n");
}

#[test]
fn what_is_waited_for_is_told_until_it_is_done() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let (url, _asked) = serve(move |asked| {
        if asked.line == "POST /api/token" {
            return Some((200, json!({"token": "t"})));
        }
        wait.recv().unwrap();
        Some((200, json!({"revision": 1, "digest": "d", "changes": [], "unchanged": 3})))
    });
    let site = Site::new();
    std::fs::write(site.file("p.yaml"), "owner: o\n").unwrap();
    let mut terminal = Terminal::run(&site, "apply -f p.yaml", &key(&url, ["k", "s"]));
    terminal.until("\rplanning … ");
    terminal.until(" s");
    go.send(()).unwrap();
    terminal.until("\r\u{1b}[K");
    let (code, rest) = terminal.end();
    assert_eq!(code, Some(0));
    assert!(rest.ends_with("Nothing to do: 3 things are as the manifest says.\r\n"), "{rest:?}");
}
