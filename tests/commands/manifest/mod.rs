//! `podium plan`, `apply`, `export` and `schema`, driven as a person drives them. What they print is
//! in `tests/commands/golden`; `UPDATE_GOLDEN=1` writes that anew.

mod applying;
mod documented;
mod exporting;
mod fake;
mod foreign;
mod planning;
mod refusing;
mod terminal;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::key;
use crate::support::{ADMIN, Running, Said, Site};

/// A site with a server, and folders of manifests.
pub struct Desk {
    pub site: Site,
    pub server: Running,
}

impl Desk {
    pub fn new() -> Self {
        let site = Site::new();
        let server = site.serve(&[]);
        Self { site, server }
    }

    /// Writes a file below the site's folder.
    pub fn write(&self, name: &str, text: &str) {
        let file = self.site.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    /// Runs the words of `line` with an administrator's key.
    pub fn run(&self, line: &str) -> Said {
        self.run_with(line, &[("OPENAI_API_KEY", "CANARY-openai")])
    }

    /// As [`Desk::run`], in this environment besides.
    pub fn run_with(&self, line: &str, environment: &[(&str, &str)]) -> Said {
        let words: Vec<_> = line.split(' ').collect();
        let said = self.site.podium(&words, &[&key(&self.server.url, ADMIN), environment].concat());
        assert!(
            !format!("{}{}", said.out, said.err).contains("CANARY"),
            "{}{}",
            said.out,
            said.err
        );
        said
    }

    /// A plan's JSON, without what is another one each time.
    pub fn plan(&self, line: &str) -> (Option<i32>, Value) {
        let said = self.run(&format!("{line} --output json"));
        assert_eq!(said.err, "");
        let mut plan: Value = serde_json::from_str(&said.out).unwrap();
        plan["digest"] = "…".into();
        plan["revision"] = 0.into();
        (said.code, plan)
    }
}

/// Compares a text with what it was before.
#[track_caller]
pub fn golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/commands/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, text).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(text, expected, "{name}: UPDATE_GOLDEN=1 writes it anew");
}

/// A manifest with a thing of each kind.
pub const WHOLE: &str = include_str!("../golden/whole.yaml");
