//! Reading a manifest from its files: merged, checked, and with the values that it refers to.

use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;

use serde_json::Value;

use super::files;
use super::references::{self, Values};
use super::tree::{self, Budget, Fault, Key, Kind, Node, Place};
use crate::domain::manifest::Manifest;
use crate::domain::{Error, Problem};
use crate::http::exact::exact;

/// The lists of a manifest, which those of several files are joined to.
const LISTS: [&str; 7] =
    ["roles", "users", "applications", "groups", "integrations", "prompts", "grants"];

/// A manifest as its files tell it.
pub struct Loaded {
    root: Node,
    /// The files, in the order in which they were read.
    files: Vec<Rc<str>>,
    pub values: Values,
}

/// Reads a manifest.
///
/// # Errors
///
/// A line for each thing that is wrong, with its place.
pub fn load(arguments: &[PathBuf]) -> Result<Loaded, Vec<String>> {
    let (texts, mut told) = files::read(arguments);
    let (mut documents, mut budget) = (vec![], Budget::default());
    for files::Text { name, text } in texts {
        match tree::read(&name, &text, &mut budget) {
            Ok(found) => documents.extend(found),
            Err(fault) => told.push(fault.told().1),
        }
    }
    if !told.is_empty() {
        return Err(told);
    }
    let (mut loaded, mut told) = checked(documents);
    let mut faults = vec![];
    loaded.values = references::read(&mut loaded.root, &mut faults);
    told.extend(faults.into_iter().map(Fault::told));
    if told.is_empty() { Ok(loaded) } else { Err(loaded.in_order(told)) }
}

/// The manifest that documents tell together, without its values, and what is wrong with it.
pub fn checked(documents: Vec<Node>) -> (Loaded, Vec<(Place, String)>) {
    let mut faults = vec![];
    let mut files: Vec<_> =
        documents.iter().map(|document| Rc::clone(&document.place.file)).collect();
    files.dedup();
    let loaded = Loaded { root: merged(documents, &mut faults), files, values: vec![] };
    let mut told: Vec<_> = faults.into_iter().map(Fault::told).collect();
    if let Err(Error::Invalid(problems)) = exact::<Manifest>(loaded.value()) {
        told.extend(problems.iter().map(|problem| loaded.told(problem)));
    }
    told.extend(loaded.twice());
    (loaded, told)
}

impl Fault {
    /// Its place, and a line that tells it.
    fn told(self) -> (Place, String) {
        let told = line(&self.place, "", &self.reason);
        (self.place, told)
    }
}

/// One node of all documents: lists are joined, and nothing else may be told twice.
fn merged(documents: Vec<Node>, faults: &mut Vec<Fault>) -> Node {
    let nowhere = Place { file: "-".into(), line: 1 };
    let place = documents.first().map_or(nowhere, |first| first.place.clone());
    let mut all: Vec<(Key, Node)> = vec![];
    for document in documents {
        let Kind::Map(members) = document.kind else {
            let reason = "a manifest must be an object".to_owned();
            faults.push(Fault { place: document.place, reason });
            continue;
        };
        for (key, node) in members {
            // Editors look for the schema under this key.
            if key.name == "$schema" {
                continue;
            }
            let Some((known, there)) = all.iter_mut().find(|(known, _)| known.name == key.name)
            else {
                all.push((key, node));
                continue;
            };
            match (&mut there.kind, node.kind) {
                (Kind::List(there), Kind::List(more)) if LISTS.contains(&key.name.as_str()) => {
                    there.extend(more);
                }
                (Kind::Plain(there), Kind::Plain(again)) if *there == again => {}
                _ => {
                    let reason =
                        format!("`{}` is told in another way at {}", key.name, known.place);
                    faults.push(Fault { place: key.place, reason });
                }
            }
        }
    }
    Node { place, kind: Kind::Map(all) }
}

impl Loaded {
    /// The manifest itself.
    pub fn value(&self) -> Value {
        self.root.value()
    }

    /// Where something is wrong, and a line that tells it.
    pub fn told(&self, problem: &Problem) -> (Place, String) {
        let mut found = Found { place: self.root.place.clone(), names: vec![] };
        found.seek(&self.root, &problem.field);
        let what = match (&problem.field, found.names.join(":")) {
            (path, name) if name.is_empty() => path.clone(),
            (path, name) => format!("{path} ({name})"),
        };
        let told = line(&found.place, &what, &problem.reason);
        (found.place, told)
    }

    /// What is wrong, in the order of the files and their lines.
    pub fn in_order(&self, mut told: Vec<(Place, String)>) -> Vec<String> {
        let rank = |place: &Place| self.files.iter().position(|file| *file == place.file);
        told.sort_by_key(|(place, _)| (rank(place), place.line));
        told.into_iter().map(|(_, told)| told).collect()
    }

    /// What is named twice.
    fn twice(&self) -> Vec<(Place, String)> {
        let mut told = vec![];
        let mut within = |path: &str, of: &Node, list: &str| {
            let mut seen: HashMap<String, Place> = HashMap::new();
            for (index, item) in of.get(list).map_or(&[][..], Node::items).iter().enumerate() {
                let Some(id) = identity(list, item) else { continue };
                if let Some(first) = seen.get(&id) {
                    let reason = format!("is told at {first} already");
                    told.push((
                        item.place.clone(),
                        line(&item.place, &format!("{path}{list}[{index}] ({id})"), &reason),
                    ));
                } else {
                    seen.insert(id, item.place.clone());
                }
            }
        };
        for list in LISTS {
            within("", &self.root, list);
        }
        for (outer, inner) in [("integrations", "resources"), ("prompts", "versions")] {
            for (index, item) in
                self.root.get(outer).map_or(&[][..], Node::items).iter().enumerate()
            {
                within(&format!("{outer}[{index}]."), item, inner);
            }
        }
        told
    }
}

/// What tells an item of a list from the others.
fn identity(list: &str, item: &Node) -> Option<String> {
    let text = |node: &Node| match &node.kind {
        Kind::Plain(Value::String(text)) => Some(text.clone()),
        Kind::Plain(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let field = |name: &str| item.get(name).and_then(text);
    let reference = |name: &str| {
        let node = item.get(name)?;
        Some(format!("{}:{}", node.get("type").and_then(text)?, node.get("id").and_then(text)?))
    };
    match list {
        "users" | "groups" => field("id"),
        "versions" => field("version"),
        "grants" => Some(format!("{} on {}", reference("subject")?, reference("target")?)),
        _ => field("name"),
    }
}

/// What a path leads to, as far as it is there.
struct Found {
    place: Place,
    /// The names of the things that it goes through.
    names: Vec<String>,
}

impl Found {
    /// Follows a path as in `integrations[3].configuration.api_key`. Keys may hold dots themselves.
    fn seek(&mut self, node: &Node, path: &str) {
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        let Kind::Map(members) = &node.kind else { return };
        let fits = |key: &Key| path.strip_prefix(&key.name).is_some_and(ends);
        let longest =
            members.iter().filter(|(key, _)| fits(key)).max_by_key(|(key, _)| key.name.len());
        let Some((key, node)) = longest else { return };
        self.place = key.place.clone();
        self.follow(&key.name, node, &path[key.name.len()..]);
    }

    /// Follows what comes after a key: an index, or a dot and another key.
    fn follow(&mut self, list: &str, node: &Node, rest: &str) {
        if let Some(path) = rest.strip_prefix('.') {
            return self.seek(node, path);
        }
        let index = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let Some((index, rest)) = index else { return };
        let Some(item) = index.parse::<usize>().ok().and_then(|index| node.items().get(index))
        else {
            return;
        };
        self.place = item.place.clone();
        self.names.extend(identity(list, item).filter(|_| list != "tags"));
        self.follow("", item, rest);
    }
}

/// What is wrong, as people are told.
fn line(place: &Place, what: &str, reason: &str) -> String {
    if what.is_empty() {
        format!("{place}: {reason}")
    } else {
        format!("{place}: {what}: {reason}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest_schema;
    use super::*;

    fn documents(text: &str) -> Vec<Node> {
        let found = tree::read(&"a.yaml".into(), text, &mut Budget::default());
        found.unwrap_or_else(|fault| panic!("{}", fault.reason))
    }

    #[test]
    fn a_path_leads_to_the_line_that_it_is_about() {
        let text = "integrations:\n- name: a\n  type: x\n  configuration:\n    a: 1\n    a.b:\n      \
                    c[0]: [1,\n        2]\n  resources:\n  - name: r\n    tags:\n    - {key: k}\n\
                    users:\n- id: u\n";
        let (loaded, told) = checked(documents(text));
        assert!(told.iter().all(|(_, told)| told.contains("users[0].name")), "{told:?}");
        for (path, expected) in [
            ("integrations[0].configuration.a", "a.yaml:5: integrations[0].configuration.a (a): x"),
            (
                "integrations[0].configuration.a.b",
                "a.yaml:6: integrations[0].configuration.a.b (a): x",
            ),
            (
                "integrations[0].configuration.a.b.c[0]",
                "a.yaml:7: integrations[0].configuration.a.b.c[0] (a): x",
            ),
            (
                "integrations[0].configuration.a.b.c[0][1]",
                "a.yaml:8: integrations[0].configuration.a.b.c[0][1] (a): x",
            ),
            (
                "integrations[0].resources[0].tags[0].value",
                "a.yaml:12: integrations[0].resources[0].tags[0].value (a:r): x",
            ),
            ("integrations[9].name", "a.yaml:1: integrations[9].name: x"),
            ("users[0]", "a.yaml:14: users[0] (u): x"),
            ("nonsense", "a.yaml:1: nonsense: x"),
            ("", "a.yaml:1: x"),
        ] {
            let problem = Problem { field: path.to_owned(), reason: "x".to_owned() };
            assert_eq!(loaded.told(&problem).1, expected);
        }
    }

    #[test]
    fn the_schema_holds_of_every_manifest_that_is_shown() {
        let schema = jsonschema::validator_for(&manifest_schema()).unwrap();
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut texts = vec![];
        for entry in std::fs::read_dir(folder.join("tests/commands/golden")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "yaml") {
                texts.push(std::fs::read_to_string(path).unwrap());
            }
        }
        let document = std::fs::read_to_string(folder.join("docs/provisioning.md")).unwrap();
        let blocks =
            document.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next());
        texts.extend(blocks.filter(|text| !text.starts_with("# .")).map(str::to_owned));
        assert!(texts.len() >= 8, "{}", texts.len());
        for text in texts {
            let (loaded, told) = checked(documents(&text));
            assert!(told.is_empty(), "{told:?}");
            assert!(schema.is_valid(&loaded.value()), "{text}");
            let Value::Object(mut bad) = loaded.value() else { panic!("{text}") };
            bad.insert("integration".to_owned(), Value::Null);
            assert!(!schema.is_valid(&Value::Object(bad)));
        }
    }
}
