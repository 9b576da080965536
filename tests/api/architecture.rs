//! The modules name only what the table in `src/lib.rs` lets them; so do the SQL rules.

use std::fs;
use std::path::{Path, PathBuf};

/// What each module may name, beside itself.
const MAY_NAME: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("auth", &["domain"]),
    ("seal", &["domain"]),
    ("catalogue", &["domain"]),
    ("references", &["domain"]),
    ("storage", &["domain"]),
    ("registry", &["storage", "seal", "auth", "catalogue", "references", "domain"]),
    ("http", &["registry", "auth", "domain"]),
    ("config", &["http", "registry", "storage", "seal", "auth", "references", "domain"]),
    (
        "cli",
        &[
            "auth",
            "catalogue",
            "config",
            "domain",
            "http",
            "references",
            "registry",
            "seal",
            "storage",
        ],
    ),
    ("main", &["cli"]),
];

/// The dialects, which may not name each other.
const DIALECTS: [&str; 2] = ["conductor", "arize"];

/// Every Rust file below `src`, by its module path, as in `["http", "json"]`.
pub fn sources() -> Vec<(Vec<String>, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = vec![];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).unwrap().with_extension("");
                let parts = inside.iter().map(|part| part.to_str().unwrap().to_owned());
                let module = parts.filter(|part| part != "mod").collect();
                found.push((module, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// The code without comments and texts.
pub fn code(source: &str) -> String {
    let mut code = String::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") {
            3
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map_or(rest.len(), |end| end + 2)
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skipped..];
    }
    code
}

/// The paths that begin at `root` (as in `crate::`), each as the names that follow: several where
/// braces open.
fn paths_from(code: &str, root: &str) -> Vec<Vec<String>> {
    let mut found = vec![];
    for (start, _) in code.match_indices(root) {
        let before = code[..start].chars().next_back();
        if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
            expand(&code[start + root.len()..], &[], &mut found);
        }
    }
    found
}

/// Reads one path; gives what is behind it.
fn expand<'c>(code: &'c str, before: &[String], found: &mut Vec<Vec<String>>) -> &'c str {
    let mut path = before.to_vec();
    let mut rest = code.trim_start();
    loop {
        if let Some(mut inside) = rest.strip_prefix('{') {
            while !inside.trim_start().starts_with('}') && !inside.is_empty() {
                inside = expand(inside, &path, found).trim_start();
                inside = inside.strip_prefix(',').unwrap_or(inside);
            }
            return inside.trim_start().strip_prefix('}').unwrap_or(inside);
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if end == 0 {
            found.push(path);
            return rest.strip_prefix('*').unwrap_or(rest);
        }
        path.push(rest[..end].to_owned());
        rest = &rest[end..];
        if let Some(more) = rest.strip_prefix("::") {
            rest = more.trim_start();
            continue;
        }
        found.push(path);
        rest = rest.trim_start();
        let Some(renamed) = rest.strip_prefix("as ") else { return rest };
        return renamed.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
    }
}

/// Everything of ours that a file names, as absolute module paths.
fn named(module: &[String], code: &str) -> Vec<Vec<String>> {
    let mut named = paths_from(code, "crate::");
    named.extend(paths_from(code, "podium::"));
    for mut path in paths_from(code, "super::") {
        // In an inline module this climbs one step too far, which hides nothing: what it then
        // seems to name at the top is looked up there.
        let climbed = 1 + path.iter().take_while(|name| *name == "super").count();
        path.drain(..climbed - 1);
        let mut absolute = module[..module.len().saturating_sub(climbed)].to_vec();
        absolute.extend(path);
        named.push(absolute);
    }
    named
}

/// What a file names and may not.
fn offences(module: &[String], source: &str) -> Vec<String> {
    let Some(top) = module.first().filter(|top| *top != "lib") else { return vec![] };
    let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| name == top) else {
        return vec![format!("the module `{top}` is not in the table")];
    };
    let is_module = |name: &str| MAY_NAME.iter().any(|(module, _)| *module == name);
    let dialect = module.get(1).filter(|_| top == "http").map(String::as_str);
    let mut offences = vec![];
    for path in named(module, &code(source)) {
        let Some(other) = path.first() else { continue };
        let foreign = is_module(other) && other != top && !allowed.contains(&other.as_str());
        let other_dialect = dialect.is_some_and(|own| DIALECTS.contains(&own))
            && other == "http"
            && path.get(1).is_some_and(|name| {
                DIALECTS.contains(&name.as_str()) && Some(name.as_str()) != dialect
            });
        if foreign || other_dialect {
            offences.push(format!("{} names {}", module.join("::"), path.join("::")));
        }
    }
    offences
}

#[test]
fn modules_name_only_what_the_table_lets_them() {
    let sources = sources();
    assert!(sources.len() > 40, "only {} files were found", sources.len());
    let offences: Vec<_> =
        sources.iter().flat_map(|(module, source)| offences(module, source)).collect();
    assert_eq!(offences, Vec::<String>::new());
}

#[test]
fn the_table_is_the_one_in_the_crates_documentation() {
    let source = include_str!("../../src/lib.rs");
    for (module, allowed) in MAY_NAME.into_iter().filter(|(module, _)| *module != "main") {
        let names = |line: &&str| {
            line.split('|').nth(1).is_some_and(|cell| cell.contains(&format!("[`{module}`]")))
        };
        let row = source.lines().find(names);
        let row = row.unwrap_or_else(|| panic!("`{module}` has no row in src/lib.rs"));
        let told = row.split('|').nth(3).unwrap().trim();
        let expected = match module {
            "domain" => "nothing of ours".to_owned(),
            "cli" => "all".to_owned(),
            _ => allowed.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        };
        assert_eq!(told, expected, "{module}");
        assert!(source.contains(&format!("pub mod {module};")), "{module}");
    }
}

#[test]
fn the_check_finds_what_it_looks_for() {
    let found = |module: &str, line: &str| {
        let module: Vec<_> = module.split("::").map(str::to_owned).collect();
        !offences(&module, line).is_empty()
    };
    for (module, line) in [
        ("domain::name", "use crate::storage::Db;"),
        ("domain", "pub fn f(_: crate::auth::keys::KeyHasher) {}"),
        ("http::json", "use crate::{domain::Error, storage::{Db, Tx}};"),
        ("http::conductor::wire", "use crate::{\n    domain,\n    storage as s,\n};"),
        ("http::conductor::wire", "use crate::http::arize::wire;"),
        ("http::conductor::wire", "use super::super::arize;"),
        ("http::arize", "use super::conductor::wire;"),
        ("http", "use super::storage;"),
        ("seal", "use super::storage::Db;"),
        ("storage::tags", "use super::super::registry::Registry;"),
        ("storage::tags", "let s = \"\\\"\"; crate::registry::run();"),
        ("registry::permit", "use crate::http::Server;"),
        ("config", "use crate::cli::run;"),
        ("main", "fn main() { podium::storage::open(); }"),
        ("main", "use podium::{cli, registry};"),
        ("brand_new", ""),
    ] {
        assert!(found(module, line), "{module}: {line}");
    }
    for (module, line) in [
        ("domain::name", "use super::{Error, Result};"),
        ("domain::name", "// crate::storage is not named here\nuse crate::domain::Error;"),
        ("domain::name", "let text = \"crate::storage\";"),
        ("domain::name", "let quote = '\"'; // crate::storage"),
        ("http::json", "use crate::{domain::Error, registry::Registry, auth};"),
        ("http::conductor::wire", "use super::{storage, arize}; use crate::http::json;"),
        ("registry", "use crate::storage::{Db, Tx, audit};"),
        ("cli::serve", "use crate::{config, http::Server, storage::Db};"),
        ("main", "fn main() { podium::cli::run() }"),
    ] {
        assert!(!found(module, line), "{module}: {line}");
    }
}

/// What only one of the databases understands, or what makes text of input.
const NOT_PORTABLE: [&str; 12] = [
    "REPLACE INTO",
    "INSERT OR",
    "AUTOINCREMENT",
    "SERIAL",
    "FOR UPDATE",
    "JSON_",
    " LIKE ",
    " GLOB ",
    "ROWID",
    "BLOB",
    "DATETIME",
    "STRFTIME",
];

#[test]
fn sql_is_what_both_databases_understand() {
    let schema = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/schema.sql")).unwrap();
    let schema: String = schema.lines().filter(|line| !line.starts_with("--")).collect();
    let queries = sources().into_iter().filter(|(module, _)| {
        module[0] == "storage" && module.get(1).is_none_or(|name| name != "sqlite")
    });
    let mut read = 0;
    for (module, text) in queries.chain([(vec!["schema".to_owned()], schema)]) {
        let text: String = text.lines().filter(|line| !line.trim().starts_with("//")).collect();
        for words in NOT_PORTABLE {
            assert!(!text.to_uppercase().contains(words), "{}: {words}", module.join("::"));
        }
        read += usize::from(text.contains("SELECT") || text.contains("CREATE TABLE"));
    }
    assert!(read > 5, "only {read} files held SQL");
}
