//! A database that is being made, in a folder of its own beside the place that it is for: what is
//! in that place is whole at any moment, and what a crash left is found.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::files::{folder_of, sync_folder};

/// What comes between the name of the place and a random one.
const MARK: &str = ".partial-";

/// A folder with a database that is being made. It is removed when it is dropped, and what was
/// killed before that when the next one is made for the same place.
pub struct Partial {
    folder: PathBuf,
    _lock: File,
}

impl Partial {
    /// One for the place `file`.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn beside(file: &Path) -> io::Result<Self> {
        sweep(file)?;
        let mut folder = file.as_os_str().to_owned();
        folder.push(format!("{MARK}{}", Uuid::now_v7().simple()));
        let folder = PathBuf::from(folder);
        DirBuilder::new().mode(0o700).create(&folder)?;
        let lock = File::open(&folder)?;
        // Held for as long as it lives, so that a later one knows that it does.
        lock.try_lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// Where the database is made.
    pub fn database(&self) -> PathBuf {
        self.folder.join("podium.db")
    }

    /// Puts the database, which is one file by now, into the place `file`, on the disk; or in the
    /// place of what is there, if it is to `replace` that.
    ///
    /// # Errors
    ///
    /// What the system says; [`io::ErrorKind::AlreadyExists`].
    pub fn publish(self, file: &Path, replace: bool) -> io::Result<()> {
        let made = self.database();
        if made.with_extension("db-wal").metadata().is_ok_and(|log| log.len() > 0) {
            return Err(io::Error::other("a part of it is still beside it"));
        }
        File::open(&made)?.sync_all()?;
        if replace {
            fs::rename(&made, file)?;
        } else {
            match fs::hard_link(&made, file) {
                // Some file systems know no links.
                Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists && !file.exists() => {
                    fs::rename(&made, file)?;
                }
                linked => linked?,
            }
        }
        sync_folder(file)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.folder) {
            log::warn!("{} cannot be removed: {cause}", self.folder.display());
        }
    }
}

/// Removes what was left for the place `file` by those that were killed.
fn sweep(file: &Path) -> io::Result<()> {
    let mut begin = file.file_name().unwrap_or_default().to_owned();
    begin.push(MARK);
    for entry in fs::read_dir(folder_of(file))? {
        let entry = entry?;
        let is_ours = entry.file_name().as_encoded_bytes().starts_with(begin.as_encoded_bytes());
        if is_ours && entry.file_type()?.is_dir() && File::open(entry.path())?.try_lock().is_ok() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
