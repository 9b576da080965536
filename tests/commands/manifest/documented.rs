//! What `docs/provisioning.md` shows: every file that it names, and every block of commands, in their
//! order and as they are pasted.

use std::path::Path;
use std::process::Command;

use super::Desk;
use crate::key;
use crate::support::ADMIN;

/// The fenced blocks of the document, each with its language.
fn blocks() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/provisioning.md");
    let text = std::fs::read_to_string(file).unwrap();
    let mut blocks: Vec<(String, String)> = vec![];
    let mut is_open = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) => {
                if !is_open {
                    blocks.push((language.to_owned(), String::new()));
                }
                is_open = !is_open;
            }
            None if is_open => blocks.last_mut().unwrap().1.extend([line, "\n"]),
            None => {}
        }
    }
    blocks
}

#[test]
fn what_the_document_shows_works_as_it_is_pasted() {
    let desk = Desk::new();
    // The document begins with an empty registry.
    let there = format!("{}/api/integrations/provider/openai-main", desk.server.url);
    ureq::delete(there).header("X-Authorization", desk.server.token()).call().unwrap();
    let folder = Path::new(env!("CARGO_BIN_EXE_podium")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut printed = vec![];
    for (language, text) in blocks() {
        if language == "yaml" {
            let name = text.lines().next().unwrap().strip_prefix("# ").unwrap();
            desk.write(name, &text);
        }
        if language != "sh" {
            continue;
        }
        // A key of nobody's, and this server in the place of the example's.
        let text =
            text.replace('…', "demo").replace("https://conductor.example.com", &desk.server.url);
        let mut command = Command::new("bash");
        command.args(["-eu", "-o", "pipefail", "-c", &text]).current_dir(desk.site.file(""));
        command.env_clear().env("PATH", &path).env("OPENAI_API_KEY", "sk-demo");
        let done = command.envs(key(&desk.server.url, ADMIN)).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let told = String::from_utf8_lossy(&done.stderr).into_owned();
        // The plan that prunes tells by 2 that the people of the second file are new.
        let is_plan = text.starts_with("podium plan");
        assert!(
            done.status.success() || is_plan && done.status.code() == Some(2),
            "{text}{said}{told}"
        );
        assert!(!said.contains("sk-demo") && !told.contains("sk-demo"));
        printed.push(said);
    }
    assert_eq!(printed.len(), 6);
    assert!(printed[0].contains("Plan: 3 to create, 0 to change, 0 to delete, 0 unchanged.\n"));
    assert!(printed[0].ends_with("Nothing to do: 3 things are as the manifest says.\n"));
    assert!(printed[2].contains("Plan: 4 to create, 0 to change, 0 to delete, 3 unchanged.\n"));
    assert!(printed[5].contains("Applied: 5 created, 0 changed, 0 deleted, at revision "));
}
