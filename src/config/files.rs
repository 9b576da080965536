//! Files that only their owner can read, written whole and on the disk before they have their name.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::storage::files::{remove_if_any, sync_folder};

/// Makes a file at `path`. Gives `false` where somebody else has made it meanwhile.
///
/// # Errors
///
/// What the system says.
pub fn make_private(path: &Path, content: &[u8]) -> io::Result<bool> {
    // Others may be making it too, each with a name of their own.
    let unnamed = beside(path, &Uuid::now_v7().simple().to_string());
    let named = write(&unnamed, content).and_then(|()| fs::hard_link(&unnamed, path));
    let removed = fs::remove_file(&unnamed);
    match named {
        Ok(()) => removed.and_then(|()| sync_folder(path)).map(|()| true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Puts a file in the place of the one at `path`, or where a link there leads: one or the other is
/// there at any moment. Only one process may do so at a time.
///
/// # Errors
///
/// What the system says.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    // Always the same name, so that what a crash left does not stay.
    let unnamed = beside(&path, "new");
    remove_if_any(&unnamed)?;
    let named = write(&unnamed, content).and_then(|()| fs::rename(&unnamed, &path));
    if named.is_err() {
        remove_if_any(&unnamed)?;
    }
    named.and_then(|()| sync_folder(&path))
}

/// The path with another ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{ending}"));
    beside.into()
}

/// Writes a new file, and a new line after `content`.
fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()
}
