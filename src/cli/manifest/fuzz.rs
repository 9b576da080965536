//! What must hold of any file of a manifest. `tests/fuzz` looks for one of which it does not.

#![allow(clippy::missing_panics_doc, reason = "to panic is what they are for")]

use super::tree::{self, Budget, Node};
use super::{load, yaml};

/// A file is read or refused, with a line that it has; what is read comes back from YAML as it was, and
/// each fault of a manifest is told with a place.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let file = "a.yaml".into();
    // A carriage return alone breaks a line, too.
    let lines = 1 + text.matches(['\n', '\r']).count();
    let documents = match tree::read(&file, text, &mut Budget::default()) {
        Ok(documents) => documents,
        Err(fault) => {
            return assert!((1..=lines).contains(&fault.place.line), "{}", fault.place);
        }
    };
    for document in &documents {
        let value = Node::value(document);
        let written = yaml::write(&value);
        let again = tree::read(&file, &written, &mut Budget::default());
        let again = again
            .map_err(|fault| fault.reason)
            .map(|found| found.iter().map(Node::value).collect::<Vec<_>>());
        assert_eq!(again, Ok(vec![value]), "{written}");
    }
    let (_, told) = load::checked(documents);
    assert!(told.iter().all(|(_, line)| line.starts_with("a.yaml:")), "{told:?}");
}
