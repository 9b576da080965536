//! Files and the disk they are on.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsFd;
use std::path::Path;

/// How much room a disk has left, in bytes, that is not full: some hundred commits.
pub const LEAST_ROOM: u64 = 4 << 20;

/// The folder that a file is in.
pub fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Makes what was named in the folder of `file` last, also when the power fails.
///
/// # Errors
///
/// What the system says.
pub fn sync_folder(file: &Path) -> io::Result<()> {
    File::open(folder_of(file))?.sync_all()
}

/// Removes a file, if it is there.
///
/// # Errors
///
/// What the system says.
pub fn remove_if_any(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// How many bytes are free on the disk of an open file or folder.
///
/// # Errors
///
/// What the system says.
pub fn room(file: impl AsFd) -> io::Result<u64> {
    let disk = rustix::fs::fstatvfs(file)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}
