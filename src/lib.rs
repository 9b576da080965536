//! Podium, an integration resource server for the Conductor workflow orchestrator.
//!
//! A dialect translates, the registry decides, storage remembers:
//!
//! | module | what it does | may name |
//! | --- | --- | --- |
//! | [`domain`] | what things are, and their rules; pure | nothing of ours |
//! | [`auth`], [`seal`], [`catalogue`], [`references`] | tokens and keys; sealed secrets; the known types; values kept elsewhere | `domain` |
//! | [`storage`] | the database, and every query once | `domain` |
//! | [`registry`] | every operation: permission, change and record together | `storage`, `seal`, `auth`, `catalogue`, `references`, `domain` |
//! | [`http`] | the server and its dialects | `registry`, `auth`, `domain` |
//! | [`config`] | the settings | `http`, `registry`, `storage`, `seal`, `auth`, `references`, `domain` |
//! | [`cli`] | the commands; wires everything together | all |
//!
//! `docs/architecture.md` tells the story, and a test keeps the table true.

#![allow(rustdoc::private_intra_doc_links)] // read with --document-private-items

pub mod auth;
pub mod catalogue;
pub mod cli;
pub mod config;
pub mod domain;
pub mod http;
pub mod references;
pub mod registry;
pub mod seal;
pub mod storage;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{auth, cli, http, registry};

    /// A target in `tests/fuzz`: its name, and what it calls.
    type Law = (&'static str, fn(&[u8]));

    /// What is fuzzed.
    const LAWS: [Law; 6] = [
        ("body", http::fuzz::body),
        ("configuration", registry::fuzz::configuration),
        ("cursor", http::fuzz::cursor),
        ("manifest", cli::fuzz::manifest),
        ("path", http::fuzz::path),
        ("token", auth::fuzz::token),
    ];

    #[test]
    fn what_was_found_by_fuzzing_holds() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
        let files = |folder: &Path| {
            let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let mut files: Vec<_> = entries.collect();
            files.sort();
            files
        };
        let folders: Vec<_> = LAWS.iter().map(|(name, _)| corpus.join(name)).collect();
        assert_eq!(files(&corpus), folders);
        let mut broken = vec![];
        for ((name, law), folder) in LAWS.iter().zip(folders) {
            let inputs = files(&folder);
            assert!(inputs.len() >= 5, "{name} has {} inputs", inputs.len());
            for input in inputs {
                let data = fs::read(&input).unwrap();
                if std::panic::catch_unwind(|| law(&data)).is_err() {
                    broken.push(input);
                }
            }
        }
        assert!(broken.is_empty(), "the law is broken by {broken:#?}");
    }
}
