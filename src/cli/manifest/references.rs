//! References to what is read where the command runs: `${env:NAME}` and `${file:PATH}`.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::tree::{Fault, Kind, Node, Place};
use crate::domain::manifest::next_reference;
use crate::domain::secret::Secret;

/// The largest file that a reference may name, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// The values that references stand for, each under what stands between `${` and `}`.
pub type Values = Vec<(String, Secret)>;

/// Reads what the configurations of a manifest refer to. The path of a file, which is relative to the
/// file that it stands in, is made relative to where the command runs.
pub fn read(manifest: &mut Node, faults: &mut Vec<Fault>) -> Values {
    let mut values = vec![];
    for integration in items(manifest, "integrations") {
        of_configuration(integration, &mut values, faults);
        for resource in items(integration, "resources") {
            of_configuration(resource, &mut values, faults);
        }
    }
    values
}

/// Reads what the configuration of a thing refers to.
fn of_configuration(thing: &mut Node, values: &mut Values, faults: &mut Vec<Fault>) {
    if let Some(node) = member(thing, "configuration") {
        within(node, values, faults);
    }
}

fn member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Kind::Map(members) = &mut node.kind else { return None };
    members.iter_mut().find(|(key, _)| key.name == name).map(|(_, node)| node)
}

fn items<'n>(node: &'n mut Node, name: &str) -> &'n mut [Node] {
    match member(node, name).map(|node| &mut node.kind) {
        Some(Kind::List(items)) => items,
        _ => &mut [],
    }
}

/// Reads what the texts of a node refer to.
fn within(node: &mut Node, values: &mut Values, faults: &mut Vec<Fault>) {
    match &mut node.kind {
        Kind::List(items) => {
            for item in items {
                within(item, values, faults);
            }
        }
        Kind::Map(members) => {
            for (_, node) in members {
                within(node, values, faults);
            }
        }
        Kind::Plain(Value::String(text)) => {
            *text = rewritten(text, |reference| {
                let reference = rebased(reference, &node.place);
                if !values.iter().any(|(known, _)| *known == reference) {
                    match value(&reference) {
                        Ok(value) => values.push((reference.clone(), value)),
                        Err(reason) => faults.push(Fault { place: node.place.clone(), reason }),
                    }
                }
                reference
            });
        }
        Kind::Plain(_) => {}
    }
}

/// A text with each of its references told anew. With two dollars or more before it, it is none.
fn rewritten(text: &str, mut tell: impl FnMut(&str) -> String) -> String {
    let (mut written, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, dollars, reference, after)) = next_reference(rest) {
        let told = if dollars == 1 { tell(reference) } else { reference.to_owned() };
        written.extend([before, &"$".repeat(dollars), "{", &told, "}"]);
        rest = after;
    }
    written + rest
}

/// A reference that stands in a file as it is told where the command runs.
fn rebased(reference: &str, place: &Place) -> String {
    match (reference.strip_prefix("file:"), Path::new(&*place.file).parent()) {
        (Some(path), Some(folder)) => {
            let path = folder.join(path);
            let path: PathBuf =
                path.components().filter(|part| *part != Component::CurDir).collect();
            format!("file:{}", path.display())
        }
        _ => reference.to_owned(),
    }
}

/// The value that a reference stands for.
fn value(reference: &str) -> Result<Secret, String> {
    let value = match reference.split_once(':') {
        Some(("env", name)) => variable(name)?,
        Some((_, path)) => contents(path).map_err(|cause| format!("`{path}`: {cause}"))?,
        None => return Err(format!("`{reference}` is no reference")),
    };
    match value.expose() {
        "" => Err(format!("`{reference}` is empty")),
        _ => Ok(value),
    }
}

fn variable(name: &str) -> Result<Secret, String> {
    // `var` of a name that no variable can have is an error, not a panic.
    match std::env::var(name) {
        Ok(value) => Ok(Secret::new(value)),
        Err(std::env::VarError::NotPresent) => Err(format!("the variable `{name}` is not set")),
        Err(_) => Err(format!("the variable `{name}` is not UTF-8")),
    }
}

/// The text of a file without one line break at its end.
fn contents(path: &str) -> Result<Secret, String> {
    if path.contains('}') {
        return Err("a path with `}` in it cannot be referred to".to_owned());
    }
    let mut bytes = zeroize::Zeroizing::new(vec![]);
    let file = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    file.map_err(|cause| cause.to_string())?;
    if bytes.len() as u64 > LARGEST {
        return Err("is larger than 1 MiB".to_owned());
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| "is not UTF-8")?;
    let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(Secret::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_any_text_and_dollars_hide_them() {
        let found = |text: &str| {
            let mut found = vec![];
            let written = rewritten(text, |reference| {
                found.push(reference.to_owned());
                format!("<{reference}>")
            });
            (written, found.join(" "))
        };
        for (text, written, references) in [
            ("${env:A}", "${<env:A>}", "env:A"),
            (
                "a ${env:A}${file:b/c.txt} z",
                "a ${<env:A>}${<file:b/c.txt>} z",
                "env:A file:b/c.txt",
            ),
            ("$${env:A} $$$${env:B}", "$${env:A} $$$${env:B}", ""),
            ("${env:A", "${env:A", ""),
            (
                "${workflow.input.x} env:A file:/b keep",
                "${workflow.input.x} env:A file:/b keep",
                "",
            ),
            ("$ $a ${ } é$é", "$ $a ${ } é$é", ""),
            ("${x${env:A}}", "${x${<env:A>}}", "env:A"),
            ("$", "$", ""),
            ("${env:}", "${env:}", ""),
        ] {
            assert_eq!(found(text), (written.to_owned(), references.to_owned()), "{text}");
        }
    }

    #[test]
    fn paths_are_relative_to_the_file_that_they_stand_in() {
        let rebased_at = rebased;
        let rebased = |reference: &str, file: &str| {
            rebased_at(reference, &Place { file: file.into(), line: 1 })
        };
        assert_eq!(rebased("file:key", "a.yaml"), "file:key");
        assert_eq!(rebased("file:./key", "-"), "file:key");
        assert_eq!(rebased("file:../key", "conf/b/a.yaml"), "file:conf/b/../key");
        assert_eq!(rebased("file:/run/key", "conf/a.yaml"), "file:/run/key");
        assert_eq!(rebased("env:A", "conf/a.yaml"), "env:A");
    }

    #[test]
    fn a_file_is_read_without_one_line_break_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let path = file.to_str().unwrap();
        for (written, read) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), (" a ", " a ")]
        {
            std::fs::write(&file, written).unwrap();
            assert_eq!(contents(path).ok().unwrap().expose(), read);
        }
        std::fs::write(&file, "\n").unwrap();
        let told = |reference: &str| value(reference).err().unwrap();
        assert_eq!(told(&format!("file:{path}")), format!("`file:{path}` is empty"));
        std::fs::write(&file, b"CANARY\xff").unwrap();
        assert_eq!(told(&format!("file:{path}")), format!("`{path}`: is not UTF-8"));
        assert!(told("file:/nowhere/x").starts_with("`/nowhere/x`: No such file"));
        assert_eq!(told("env:PODIUM_NO_SUCH"), "the variable `PODIUM_NO_SUCH` is not set");
    }
}
