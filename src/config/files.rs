//! Files that only their owner can read, written whole and on the disk before they have their name.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes a file at `path`. Gives `false` where somebody else has made it meanwhile.
///
/// # Errors
///
/// What the system says.
pub fn make_private(path: &Path, content: &[u8]) -> io::Result<bool> {
    let unnamed = write_beside(path, content)?;
    let named = fs::hard_link(&unnamed, path);
    fs::remove_file(&unnamed)?;
    sync_folder(path)?;
    match named {
        Ok(()) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(cause) => Err(cause),
    }
}

/// Puts a file in the place of what is at `path`, if anything is: one or the other is there at any
/// moment.
///
/// # Errors
///
/// What the system says.
pub fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let unnamed = write_beside(path, content)?;
    fs::rename(&unnamed, path)?;
    sync_folder(path)
}

/// Writes a file of this process beside `path`, and a new line after `content`.
fn write_beside(path: &Path, content: &[u8]) -> io::Result<PathBuf> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut unnamed = path.as_os_str().to_owned();
    unnamed.push(format!(".{}", std::process::id()));
    let mut file = fs::OpenOptions::new();
    let mut file = file.write(true).create(true).truncate(true).mode(0o600).open(&unnamed)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    Ok(unnamed.into())
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
