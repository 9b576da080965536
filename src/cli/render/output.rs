//! Where the output goes: standard output, or a file that only its owner can read.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::cli::Outcome;

/// Writes `text` to standard output, or to `file`, which may be there already with `force`.
///
/// # Errors
///
/// One line that names the file.
pub fn write(text: &str, file: Option<&Path>, force: bool) -> Outcome {
    match file {
        None => Ok(stdout().write_all(text.as_bytes())?),
        Some(file) => save(text, file, force).map_err(|cause| {
            let hint = match cause.kind() {
                io::ErrorKind::AlreadyExists => "it is there already; --force replaces it",
                _ => &cause.to_string(),
            };
            format!("{}: {hint}", file.display()).into()
        }),
    }
}

/// Whether somebody sees what is written to `file`.
pub fn is_seen(file: Option<&Path>) -> bool {
    file.is_none() && stdout().is_terminal()
}

/// Writes a whole file, which has its name only once it is complete.
fn save(text: &str, file: &Path, force: bool) -> io::Result<()> {
    let unnamed = Unnamed::beside(file)?;
    let mut options = OpenOptions::new();
    let mut open = options.write(true).create_new(true).mode(0o600).open(&unnamed.0)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()?;
    if force { fs::rename(&unnamed.0, file) } else { fs::hard_link(&unnamed.0, file) }
}

/// A name beside a file; what has it is deleted when this is dropped.
struct Unnamed(PathBuf);

impl Unnamed {
    fn beside(file: &Path) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}", data_encoding::HEXLOWER.encode(&random)));
        Ok(Self(name.into()))
    }
}

impl Drop for Unnamed {
    fn drop(&mut self) {
        // A file that was renamed is not here any more.
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_private_and_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("out");
        let mode = || fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        write("one", Some(&file), false).unwrap();
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode()), ("one", 0o600));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();

        let told = write("two", Some(&file), false).unwrap_err().to_string();
        assert!(told.ends_with("it is there already; --force replaces it"), "{told}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");

        write("two", Some(&file), true).unwrap();
        assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode()), ("two", 0o600));
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_link_is_replaced_and_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let [link, aim] = ["link", "aim"].map(|name| folder.path().join(name));
        std::os::unix::fs::symlink(&aim, &link).unwrap();
        assert!(write("x", Some(&link), false).is_err());
        write("x", Some(&link), true).unwrap();
        assert!(!aim.exists() && !link.is_symlink());
    }
}
