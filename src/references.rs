//! Reads what references name: variables of the environment and files, where the operator allows.

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use crate::domain::reference::Reference;
use crate::domain::secret::Secret;

/// The largest value, in bytes.
const LARGEST: u64 = 64 * 1024;

/// Which references may be used; none by default.
#[derive(Clone, Debug, Default)]
pub struct References {
    /// Names of variables; one that ends in `*` allows all that begin so.
    pub variables: Vec<String>,
    /// Folders below which files may be read.
    pub folders: Vec<PathBuf>,
}

impl References {
    /// Checks that `reference` may be used, whether or not there is something.
    ///
    /// # Errors
    ///
    /// What is wrong, completing the sentence that its field begins.
    pub fn check(&self, reference: &Reference) -> Result<(), &'static str> {
        match reference {
            // Settings of the server are no secrets of integrations.
            Reference::Env(name) if name.starts_with("PODIUM_") => {
                Err("must not name a setting of podium")
            }
            Reference::Env(name) if self.variables.iter().any(|allowed| fits(allowed, name)) => {
                Ok(())
            }
            Reference::Env(_) => {
                Err("names a variable that PODIUM_REFERENCE_ENV of the server does not allow")
            }
            Reference::File(path) if self.is_below(&PathBuf::from(path)) => Ok(()),
            Reference::File(_) => {
                Err("names a file below no folder of the server's PODIUM_REFERENCE_FOLDERS")
            }
        }
    }

    /// The value that `reference` names now, without the new line at its end.
    ///
    /// # Errors
    ///
    /// What is wrong, in words that show no value.
    pub fn read(&self, reference: &Reference) -> Result<Secret, &'static str> {
        self.check(reference)?;
        let text = match reference {
            Reference::Env(name) => std::env::var(name).map_err(|_| "is not set")?,
            Reference::File(path) => self.read_file(path)?,
        };
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() { Err("is empty") } else { Ok(Secret::new(text.to_owned())) }
    }

    /// The text of a file that is below an allowed folder also when every link is followed.
    fn read_file(&self, path: &str) -> Result<String, &'static str> {
        let real = fs::canonicalize(path).map_err(|_| "cannot be read")?;
        let folders = self.folders.iter().filter_map(|folder| fs::canonicalize(folder).ok());
        if !folders.into_iter().any(|folder| real.starts_with(folder)) {
            return Err("leads out of the folders that are allowed");
        }
        // Asked before it is opened: to open a pipe is to wait.
        if !fs::metadata(&real).is_ok_and(|data| data.is_file() && data.len() <= LARGEST) {
            return Err("is no file of at most 64 KiB");
        }
        let file = fs::File::open(real).map_err(|_| "cannot be read")?;
        let mut text = String::new();
        file.take(LARGEST).read_to_string(&mut text).map_err(|_| "is no text that can be read")?;
        Ok(text)
    }

    /// Whether a path is below an allowed folder by its text, without a step back.
    fn is_below(&self, path: &std::path::Path) -> bool {
        use std::path::Component;
        path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
            && self.folders.iter().any(|folder| path.starts_with(folder) && path != folder)
    }
}

/// Whether `allowed`, which may end in `*`, allows `name`.
fn fits(allowed: &str, name: &str) -> bool {
    match allowed.strip_suffix('*') {
        Some(begin) => name.starts_with(begin),
        None => name == allowed,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn file(path: &std::path::Path) -> Reference {
        Reference::parse(&format!("file:{}", path.display())).unwrap()
    }

    #[test]
    fn only_allowed_variables_are_read_and_never_settings() {
        let variables = ["CARGO_PKG_NAME", "TEAM_*", "*"].map(str::to_owned).to_vec();
        let some = References { variables: variables[..2].to_vec(), folders: vec![] };
        let all = References { variables, folders: vec![] };
        let env = |name: &str| Reference::parse(&format!("env:{name}")).unwrap();
        assert!(some.check(&env("TEAM_A")).is_ok());
        assert_eq!(some.read(&env("CARGO_PKG_NAME")).ok().unwrap().expose(), "podium");
        assert_eq!(some.read(&env("TEAM_MISSING")).err(), Some("is not set"));
        for name in ["PATH", "TEAM", "CARGO_PKG_NAME_", "ATEAM_A"] {
            assert!(some.check(&env(name)).is_err(), "{name}");
        }
        assert!(References::default().check(&env("CARGO_PKG_NAME")).is_err());
        assert!(all.check(&env("PODIUM_SEAL_KEY")).is_err());
    }

    #[test]
    fn only_files_below_an_allowed_folder_are_read() {
        let root = tempfile::tempdir().unwrap();
        let [inside, outside] = ["inside", "outside"].map(|name| root.path().join(name));
        for folder in [&inside, &outside] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("key"), "sk-1\n").unwrap();
        }
        symlink(outside.join("key"), inside.join("link")).unwrap();
        fs::write(inside.join("empty"), "\n").unwrap();
        fs::write(inside.join("large"), "x".repeat(65 * 1024)).unwrap();
        let some = References { variables: vec![], folders: vec![inside.clone()] };
        assert_eq!(some.read(&file(&inside.join("key"))).ok().unwrap().expose(), "sk-1");
        for bad in [
            outside.join("key"),
            inside.join("../outside/key"),
            inside.join("link"),
            inside.join("missing"),
            inside.join("empty"),
            inside.join("large"),
            inside.clone(),
        ] {
            assert!(some.read(&file(&bad)).is_err(), "{}", bad.display());
        }
    }
}
