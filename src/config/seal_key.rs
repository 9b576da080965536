//! The seal keys: where they come from, and the file that a rotation writes anew.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{BadSetting, Lookup, files, set};
use crate::domain::Error;
use crate::domain::secret::Secret;
use crate::seal::{Keyring, Seal};
use crate::storage::Url;

/// The seal keys: of `PODIUM_SEAL_KEY`, of the file that `PODIUM_SEAL_KEY_FILE` names, or else of
/// a file beside an embedded database, which is made together with a new one. The first key seals;
/// others after it, between white space, open what they sealed before. The second part is the path
/// of a file that was made.
///
/// # Errors
///
/// [`BadSetting`] when there is no key for a database with data, or a key cannot be used.
pub fn seal_key(
    lookup: Lookup<'_>,
    file: Option<&Path>,
    database: &Url,
) -> Result<(Seal, Option<PathBuf>), BadSetting> {
    match (set(lookup, "PODIUM_SEAL_KEY").map(Secret::new), file) {
        (Some(_), Some(_)) => {
            let reason = "must not be set together with PODIUM_SEAL_KEY_FILE";
            Err(BadSetting::new("PODIUM_SEAL_KEY", reason))
        }
        (Some(key), None) => {
            let ring = Keyring::parse(&key);
            let ring = ring.map_err(|reason| BadSetting::new("PODIUM_SEAL_KEY", reason))?;
            Ok((ring.into(), None))
        }
        (None, Some(file)) => {
            // A rotation by one of several servers would leave the others without the new key.
            let seal = match database {
                Url::Sqlite(_) => kept_in(file),
                Url::Postgres(_) => read(file).map(Seal::from),
            };
            let seal = seal.map_err(|reason| BadSetting::new("PODIUM_SEAL_KEY_FILE", reason))?;
            Ok((seal, None))
        }
        (None, None) => match database {
            Url::Sqlite(path) => beside_database(path),
            Url::Postgres(_) => {
                let reason = "must be set, or PODIUM_SEAL_KEY_FILE: all servers of a PostgreSQL \
                              need the same key, which `openssl rand -hex 32` makes";
                Err(BadSetting::new("PODIUM_SEAL_KEY", reason))
            }
        },
    }
}

/// As [`seal_key`], for a database that is not new: `None` where there is no key, and none is made.
///
/// # Errors
///
/// [`BadSetting`] when a key cannot be used.
pub fn known_seal_key(
    lookup: Lookup<'_>,
    file: Option<&Path>,
    database: &Url,
) -> Result<Option<Seal>, BadSetting> {
    let is_set = file.is_some() || set(lookup, "PODIUM_SEAL_KEY").is_some();
    let is_beside = matches!(database, Url::Sqlite(path) if key_file(path).exists());
    if !is_set && !is_beside {
        return Ok(None);
    }
    seal_key(lookup, file, database).map(|(seal, _)| Some(seal))
}

/// The file beside an embedded database that its keys are in unless settings say otherwise.
pub fn key_file(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".seal-key");
    path.into()
}

/// The keys in the file beside an embedded database, which is made for a new database only: a
/// database with data was sealed with a key that exists somewhere.
fn beside_database(database: &Path) -> Result<(Seal, Option<PathBuf>), BadSetting> {
    let path = key_file(database);
    let bad = |reason: String| {
        BadSetting::new("PODIUM_SEAL_KEY_FILE", format!("is not set, and {reason}"))
    };
    let made = if path.exists() {
        None
    } else if fs::metadata(database).is_ok_and(|data| data.len() > 0) {
        return Err(bad(format!(
            "{} is missing: put back the key that {} was sealed with",
            path.display(),
            database.display()
        )));
    } else {
        let key = Keyring::generate().map_err(|error| match error {
            Error::Internal(cause) => bad(format!("no key can be made: {cause}")),
            error => bad(error.to_string()),
        })?;
        let made = files::make_private(&path, key.expose().as_bytes())
            .map_err(|cause| bad(format!("{} cannot be made: {cause}", path.display())))?;
        made.then(|| path.clone())
    };
    Ok((kept_in(&path).map_err(bad)?, made))
}

/// The keys in `file`, which a rotation writes anew.
fn kept_in(file: &Path) -> Result<Seal, String> {
    let ring = read(file)?;
    let file = file.to_owned();
    Ok(Seal::kept(ring, Box::new(move |former, text| replace(&file, former, text))))
}

/// Puts the keys in `text` in the place of the `former` ones. Any others in the file were put there
/// by somebody else, and may have sealed something: they are not lost.
fn replace(file: &Path, former: &Keyring, text: &Secret) -> Result<(), String> {
    if !read(file)?.ids().eq(former.ids()) {
        return Err(format!(
            "{} holds other keys than those that this server has read at its start; restart it",
            file.display()
        ));
    }
    files::replace_private(file, text.expose().as_bytes())
        .map_err(|cause| format!("{} cannot be written: {cause}", file.display()))
}

/// The keys in `file`.
fn read(file: &Path) -> Result<Keyring, String> {
    let text = read_private(file)?;
    Keyring::parse(&text).map_err(|reason| format!("{} {reason}", file.display()))
}

/// The text of a file that nobody but its owner and group can read.
fn read_private(path: &Path) -> Result<Secret, String> {
    use std::os::unix::fs::PermissionsExt;
    let unreadable = |cause: io::Error| format!("{} cannot be read: {cause}", path.display());
    let about = fs::metadata(path).map_err(unreadable)?;
    // To open a named pipe would be to wait for somebody who writes into it.
    if !about.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    if about.permissions().mode() & 0o007 != 0 {
        return Err(format!(
            "{} can be read by everyone; make it readable by its owner only (chmod 600)",
            path.display()
        ));
    }
    fs::read_to_string(path).map(Secret::new).map_err(unreadable)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::process::Command;

    use super::super::tests::{reason, table};
    use super::*;

    #[test]
    fn a_seal_key_is_made_for_a_new_database_only() {
        let folder = tempfile::tempdir().unwrap();
        let database = Url::Sqlite(folder.path().join("p.db"));
        let unset = table(&[]);
        let (first, made) = seal_key(&unset, None, &database).unwrap();
        let file = made.unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let (second, made) = seal_key(&unset, None, &database).unwrap();
        assert_eq!((first.ring().id(), made), (second.ring().id(), None));

        fs::write(folder.path().join("p.db"), "data").unwrap();
        fs::remove_file(&file).unwrap();
        assert!(reason(seal_key(&unset, None, &database)).contains("is missing"));
    }

    #[test]
    fn a_seal_key_file_that_cannot_be_used_stops_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let database = Url::Sqlite(folder.path().join("p.db"));
        let file = folder.path().join("key");
        let unset = table(&[]);
        let refused = || reason(seal_key(&unset, Some(&file), &database));
        assert!(refused().contains("cannot be read"));
        fs::write(&file, "ab".repeat(32)).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(refused().contains("everyone"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert!(seal_key(&unset, Some(&file), &database).is_ok());
        fs::write(&file, "abcd").unwrap();
        assert!(refused().contains("must be 64"), "{}", refused());
        let both = [("PODIUM_SEAL_KEY", "x")];
        assert!(reason(seal_key(&table(&both), Some(&file), &database)).contains("together"));
        let bad = [("PODIUM_SEAL_KEY", "not-a-key")];
        let message = reason(seal_key(&table(&bad), None, &database));
        assert!(message.starts_with("PODIUM_SEAL_KEY must") && !message.contains("not-a-key"));
    }

    #[test]
    fn h8_a_seal_key_that_is_no_file_is_refused_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let database = Url::Sqlite(folder.path().join("p.db"));
        let pipe = folder.path().join("pipe");
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        symlink("pipe", folder.path().join("link")).unwrap();
        for name in ["", "pipe", "link"] {
            let message = reason(seal_key(&table(&[]), Some(&folder.path().join(name)), &database));
            assert!(message.ends_with("is not a file"), "{message}");
        }
    }

    #[test]
    fn keys_that_somebody_else_has_put_into_the_file_are_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let [first, second] = ["ab", "cd"].map(|digits| Secret::new(digits.repeat(32)));
        assert!(files::make_private(&file, first.expose().as_bytes()).unwrap());
        let seal = kept_in(&file).unwrap();
        fs::write(&file, format!("{}\n{}", second.expose(), first.expose())).unwrap();
        let before = fs::read(&file).unwrap();
        assert!(seal.replace(&Keyring::generate().unwrap()).is_err());
        assert_eq!((fs::read(&file).unwrap(), seal.ring().ids().count()), (before, 1));
        fs::write(&file, first.expose()).unwrap();
        assert!(seal.replace(&second).is_ok());
        assert!(read(&file).unwrap().ids().eq(seal.ring().ids()));
    }

    #[test]
    fn the_keys_are_replaced_where_a_link_leads_and_nothing_is_left_over() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file) = (folder.path().join("link"), folder.path().join("key"));
        symlink("key", &link).unwrap();
        fs::write(&file, "former").unwrap();
        fs::write(folder.path().join("key.new"), "left by a crash, and longer").unwrap();
        files::replace_private(&link, b"new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        fs::create_dir(folder.path().join("in the way")).unwrap();
        assert!(files::replace_private(&folder.path().join("in the way"), b"new").is_err());
        assert!(files::replace_private(&folder.path().join("missing"), b"new").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
