//! `docs/robustness.md` names tests that there are.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn every_test_that_the_document_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = fs::read_to_string(root.join("docs/robustness.md")).unwrap();
    let mut ids = BTreeSet::new();
    let is_row =
        |line: &&str| ["| A", "| B", "| C", "| D", "| L"].iter().any(|id| line.starts_with(id));
    for row in document.lines().filter(is_row) {
        let cells: Vec<_> = row.split(" | ").collect();
        let mut file = String::new();
        let mut named = 0;
        for name in quoted(cells[4]) {
            if Path::new(name).extension().is_some_and(|extension| extension == "rs") {
                file = fs::read_to_string(root.join(name)).unwrap_or_else(|_| panic!("no {name}"));
                continue;
            }
            let is_there = file.contains(&format!("fn {name}()"));
            assert!(is_there, "{name} is not where the document says");
            named += 1;
        }
        assert!(named > 0, "{row}");
        for id in cells[0].trim_start_matches("| ").split(", ") {
            assert!(
                cells[4].contains(&format!("{}_", id.to_lowercase())),
                "{id} has no test of its own"
            );
            assert!(ids.insert(id.to_owned()), "{id} stands there twice");
        }
    }
    for (letter, numbers) in
        [("A", 7..10), ("B", 3..7), ("C", 2..3), ("C", 4..9), ("D", 1..17), ("L", 5..7)]
    {
        for number in numbers {
            let id = format!("{letter}{number}");
            assert!(ids.contains(&id), "{id} is missing");
        }
    }
}
