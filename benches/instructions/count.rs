//! Counting, by valgrind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use clap::ValueEnum;

use super::Outcome;
use super::registry::Opened;

/// How often an operation is run at the least. What comes once, such as opening the database, is in
/// the difference to many runs only as far as it varies, which is by a connection or two.
const FEW: usize = 20;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Operation {
    Get,
    GetAgain,
    Upsert,
}

/// The instructions of one operation each.
pub type Counts = BTreeMap<Operation, u64>;

impl Operation {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::GetAgain => "get-again",
            Self::Upsert => "upsert",
        }
    }

    /// How often it is run besides, so that what varies hardly counts.
    fn more(self) -> usize {
        match self {
            Self::Get | Self::Upsert => 2_000,
            Self::GetAgain => 40_000,
        }
    }

    /// Runs it so often, with another resource each time if it is not said otherwise.
    pub fn run(self, opened: &Opened, times: usize) -> Outcome {
        let once = match self {
            Self::Get => Opened::get,
            Self::GetAgain => Opened::get_again,
            Self::Upsert => Opened::save,
        };
        (0..times).try_for_each(|number| once(opened, number))
    }
}

/// Counts all operations.
pub fn counts() -> Outcome<Counts> {
    let folder = tempfile::tempdir()?;
    let filled = folder.path().join("filled");
    fs::create_dir(&filled)?;
    let token = Opened::fill(&filled)?;
    let mut counts = Counts::new();
    for operation in Operation::value_variants() {
        let start = |times: usize| -> Outcome<Child> {
            let copy = folder.path().join(format!("{}-{times}", operation.name()));
            copy_files(&filled, &copy)?;
            start(*operation, times, &copy, &token)
        };
        let (few, many) = (start(FEW)?, start(FEW + operation.more())?);
        let (few, many) = (instructions(few)?, instructions(many)?);
        let more = many.checked_sub(few).ok_or("many runs took less than few")?;
        counts.insert(*operation, more / operation.more() as u64);
    }
    Ok(counts)
}

/// Starts this program anew, under valgrind.
fn start(operation: Operation, times: usize, folder: &Path, token: &str) -> Outcome<Child> {
    let mut valgrind = Command::new("valgrind");
    valgrind
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["--run", operation.name(), "--times", &times.to_string()])
        .args(["--token", token, "--folder"])
        .arg(folder)
        .stderr(Stdio::piped());
    valgrind.spawn().map_err(|cause| format!("valgrind cannot be run: {cause}").into())
}

/// All instructions of a program that ends well, as in `==123== Collected : 4567`.
fn instructions(program: Child) -> Outcome<u64> {
    let output = program.wait_with_output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected = text.lines().find_map(|line| line.split_once("== Collected : "));
    match collected {
        Some((_, count)) if output.status.success() => Ok(count.parse()?),
        _ => Err(format!("valgrind failed: {text}").into()),
    }
}

fn copy_files(from: &Path, to: &Path) -> Outcome {
    fs::create_dir(to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
