//! Where the output goes: standard output, or a file that only its owner can read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::cli::Outcome;

/// Writes `text` to standard output, or to `file`, which may be there already with `force`.
///
/// # Errors
///
/// One line that names the file.
pub fn write(text: &str, file: Option<&Path>, force: bool) -> Outcome {
    stream(file, force, |out| Ok(out.write_all(text.as_bytes())?))
}

/// As [`write()`], of what `work` writes bit by bit.
///
/// # Errors
///
/// As [`write()`], and what `work` gives.
pub fn stream(
    file: Option<&Path>,
    force: bool,
    work: impl FnOnce(&mut dyn Write) -> Outcome,
) -> Outcome {
    let Some(file) = file else {
        let mut out = BufWriter::new(stdout().lock());
        work(&mut out)?;
        return Ok(out.flush()?);
    };
    let told = |cause: io::Error| {
        let hint = match cause.kind() {
            io::ErrorKind::AlreadyExists => "it is there already; --force replaces it",
            _ => &cause.to_string(),
        };
        format!("{}: {hint}", file.display())
    };
    let unnamed = Unnamed::beside(file).map_err(told)?;
    let mut out = BufWriter::new(unnamed.make().map_err(told)?);
    work(&mut out)?;
    let written = out.into_inner().map_err(io::IntoInnerError::into_error);
    written.and_then(|out| out.sync_all()).map_err(told)?;
    Ok(unnamed.name(file, force).map_err(told)?)
}

/// Whether somebody sees what is written to `file`.
pub fn is_seen(file: Option<&Path>) -> bool {
    file.is_none() && stdout().is_terminal()
}

/// A name beside a file, which gets its own only once it is complete; what has this one is deleted
/// when it is dropped.
struct Unnamed(PathBuf);

impl Unnamed {
    fn beside(file: &Path) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}", data_encoding::HEXLOWER.encode(&random)));
        Ok(Self(name.into()))
    }

    /// Makes a file of this name, which only its owner can read.
    fn make(&self) -> io::Result<File> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.0)
    }

    /// Gives it the name `file`.
    fn name(&self, file: &Path, force: bool) -> io::Result<()> {
        if force { fs::rename(&self.0, file) } else { fs::hard_link(&self.0, file) }
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
