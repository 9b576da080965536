//! The counts that are recorded in the repository.

use std::fmt::Write;
use std::fs;

use super::Outcome;
use super::count::Counts;

/// Where they stand.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/recorded.txt");

/// How far a count may be from the recorded one, in percent.
const SLACK: u64 = 10;

/// The command that records them.
const RECORD: &str = "cargo bench --profile tested --bench instructions -- --record";

/// Records the counts.
pub fn write(counts: Counts) -> Outcome {
    let mut text = format!("# Instructions of one operation, as written by\n# {RECORD}\n");
    for (operation, count) in counts {
        eprintln!("{}: {count} instructions, recorded", operation.name());
        writeln!(text, "{} {count}", operation.name())?;
    }
    Ok(fs::write(FILE, text)?)
}

/// Fails if any count is too high.
pub fn compare(counts: Counts) -> Outcome {
    let text = fs::read_to_string(FILE).map_err(|cause| format!("{FILE}: {cause}"))?;
    let mut too_many = vec![];
    for (operation, count) in counts {
        let name = operation.name();
        let recorded = find(&text, name)?;
        let percent = (count * 100 + recorded / 2) / recorded;
        eprintln!("{name}: {count} instructions, {percent} % of the {recorded} recorded");
        if count * 100 > recorded * (100 + SLACK) {
            too_many.push(name);
        } else if count * 100 < recorded * (100 - SLACK) {
            eprintln!("{name} has become cheaper: keep it so with `{RECORD}`");
        }
    }
    if too_many.is_empty() {
        return Ok(());
    }
    let names = too_many.join(" and ");
    Err(format!(
        "{names} takes over {SLACK} % more instructions than recorded; if that is worth it, \
         run `{RECORD}`"
    )
    .into())
}

/// The recorded count of the operation that is called so.
fn find(text: &str, name: &str) -> Outcome<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.ok_or_else(|| format!("no count of {name} is recorded: run `{RECORD}`"))?.parse()?)
}
