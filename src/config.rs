//! The settings of the server: a struct per concern, built once, handed on by value.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub mod files;
mod seal_key;
mod serving;

use crate::auth::oidc::{self, Trusted};
use crate::auth::tokens::Lifetime;
use crate::domain::endpoint::{DEFAULT_DENY, HostList, Hosts};
use crate::domain::name;
use crate::domain::prompt::Label;
use crate::domain::secret::Secret;
use crate::references::References;
use crate::registry::AdminKey;
use crate::storage::Url;
pub use seal_key::{key_file, known_seal_key, seal_key};
pub use serving::{LimitTexts, limits, proxies, tls, tls_files};

/// Every variable that is read. Any other that begins with `PODIUM_` stops the start, so that a
/// misspelt setting is not ignored.
pub const VARIABLES: [&str; 33] = [
    "PODIUM_ADMIN_KEY_ID",
    "PODIUM_ADMIN_KEY_ID_FILE",
    "PODIUM_ADMIN_KEY_SECRET",
    "PODIUM_ADMIN_KEY_SECRET_FILE",
    "PODIUM_BODY_TIMEOUT",
    "PODIUM_DATABASE_CONNECTIONS",
    "PODIUM_DATABASE_PASSWORD",
    "PODIUM_DATABASE_PASSWORD_FILE",
    "PODIUM_DATABASE_TIMEOUT",
    "PODIUM_DATABASE_URL",
    "PODIUM_ENDPOINT_ALLOW",
    "PODIUM_ENDPOINT_DENY",
    "PODIUM_HEAD_TIMEOUT",
    "PODIUM_LISTEN",
    "PODIUM_LOG_FORMAT",
    "PODIUM_MAX_BODY",
    "PODIUM_MAX_BULK_BODY",
    "PODIUM_MAX_CONNECTIONS",
    "PODIUM_METRICS_LISTEN",
    "PODIUM_OIDC_FILE",
    "PODIUM_PROTECTED_LABELS",
    "PODIUM_RATE_LIMIT",
    "PODIUM_REFERENCE_ENV",
    "PODIUM_REFERENCE_FOLDERS",
    "PODIUM_RESOLVE",
    "PODIUM_SEAL_KEY",
    "PODIUM_SEAL_KEY_FILE",
    "PODIUM_TLS_CERT",
    "PODIUM_TLS_KEY",
    "PODIUM_TOKEN_MAX_TTL",
    "PODIUM_TOKEN_TTL",
    "PODIUM_TRUSTED_PROXIES",
    "RUST_LOG",
];

/// What Kubernetes adds by itself when a service is called `podium`.
const KUBERNETES: [&str; 2] = ["PODIUM_SERVICE_", "PODIUM_PORT"];

/// Where settings come from: the environment, or a table in a test.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Why the settings cannot be used. Its one line names the variable and shows no secret.
#[derive(Debug, thiserror::Error)]
#[error("{variable} {reason}")]
pub struct BadSetting {
    variable: String,
    reason: String,
}

impl BadSetting {
    fn new(variable: &str, reason: impl fmt::Display) -> Self {
        Self { variable: variable.to_owned(), reason: reason.to_string() }
    }
}

/// Refuses names that look like settings and are none.
///
/// # Errors
///
/// [`BadSetting`] naming the first.
pub fn refuse_unknown(names: impl Iterator<Item = String>) -> Result<(), BadSetting> {
    for name in names {
        let is_ours = name.starts_with("PODIUM_")
            && !KUBERNETES.iter().any(|prefix| name.starts_with(prefix));
        if is_ours && !VARIABLES.contains(&name.as_str()) {
            return Err(BadSetting::new(&name, "is not a setting of podium; see podium --help"));
        }
    }
    Ok(())
}

/// Where the data is: `PODIUM_DATABASE_URL`, with the password of `PODIUM_DATABASE_PASSWORD` (also
/// with `_FILE`) for a PostgreSQL that the URL names none for.
///
/// # Errors
///
/// [`BadSetting`]; it does not repeat the URL, which may hold a password. One that stands on the
/// command line is refused: others can see it there.
pub fn database(url: &str, lookup: Lookup<'_>) -> Result<Url, BadSetting> {
    let bad = |reason: &str| BadSetting::new("PODIUM_DATABASE_URL", reason);
    let mut found = Url::parse(url).map_err(|reason| bad(&reason))?;
    let password = database_password(lookup)?;
    if let Url::Postgres(settings) = &mut found {
        match password {
            Some(_) if settings.has_password() => {
                return Err(bad("holds a password, as PODIUM_DATABASE_PASSWORD does"));
            }
            Some(password) => settings.set_password(&password),
            None if settings.has_password()
                && set(lookup, "PODIUM_DATABASE_URL").as_deref() != Some(url) =>
            {
                return Err(bad(
                    "must hold no password as `--database`, where others can see it; \
                                set the variable, or PODIUM_DATABASE_PASSWORD",
                ));
            }
            None => {}
        }
    } else if password.is_some() {
        return Err(bad("names an embedded database, and PODIUM_DATABASE_PASSWORD is set"));
    }
    Ok(found)
}

/// The password of a PostgreSQL: `PODIUM_DATABASE_PASSWORD`, also with `_FILE`.
///
/// # Errors
///
/// [`BadSetting`] when both are set, or the file cannot be read.
pub fn database_password(lookup: Lookup<'_>) -> Result<Option<Secret>, BadSetting> {
    value_or_file(lookup, "PODIUM_DATABASE_PASSWORD")
}

/// How many connections read from a PostgreSQL, and how long it is waited for:
/// `PODIUM_DATABASE_CONNECTIONS` and `PODIUM_DATABASE_TIMEOUT`.
///
/// # Errors
///
/// [`BadSetting`] for a number that is not from 1 to 1000, or no duration.
pub fn database_limits(
    database: &mut Url,
    readers: &str,
    patience: &str,
) -> Result<(), BadSetting> {
    let bad = || BadSetting::new("PODIUM_DATABASE_CONNECTIONS", "must be a number from 1 to 1000");
    let readers: u16 = readers.parse().map_err(|_| bad())?;
    let patience = duration("PODIUM_DATABASE_TIMEOUT", patience)?;
    if !(1..=1000).contains(&readers) {
        return Err(bad());
    }
    if let Url::Postgres(settings) = database {
        (settings.readers, settings.patience) = (usize::from(readers), patience);
    }
    Ok(())
}

/// How long tokens live: `PODIUM_TOKEN_TTL` and, at the most, `PODIUM_TOKEN_MAX_TTL`.
///
/// # Errors
///
/// [`BadSetting`] when either is no duration, less than a second, or they contradict each other.
pub fn token_lifetime(default: &str, max: &str) -> Result<Lifetime, BadSetting> {
    let lifetime = Lifetime {
        default: duration("PODIUM_TOKEN_TTL", default)?,
        max: duration("PODIUM_TOKEN_MAX_TTL", max)?,
    };
    if lifetime.default > lifetime.max {
        return Err(BadSetting::new(
            "PODIUM_TOKEN_TTL",
            "must not be longer than PODIUM_TOKEN_MAX_TTL",
        ));
    }
    Ok(lifetime)
}

fn duration(variable: &str, text: &str) -> Result<Duration, BadSetting> {
    let seconds = text.parse().ok().map(Duration::from_secs);
    seconds
        .or_else(|| humantime::parse_duration(text).ok())
        .filter(|duration| *duration >= Duration::from_secs(1))
        .ok_or_else(|| BadSetting::new(variable, "must be a duration, as in `1h`, `45m` or `90s`"))
}

/// The labels of `PODIUM_PROTECTED_LABELS`, a list between commas.
///
/// # Errors
///
/// [`BadSetting`] when one is no label.
pub fn protected_labels(text: &str) -> Result<Vec<Label>, BadSetting> {
    let bad = |_| {
        let reason = "must be labels of lower-case letters, digits, `-`, `_` and `.`";
        BadSetting::new("PODIUM_PROTECTED_LABELS", reason)
    };
    listed(text).map(|label| Label::parse(label).map_err(bad)).collect()
}

/// The entries of a list between commas.
fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty())
}

/// Whether secrets may be resolved: `PODIUM_RESOLVE`.
///
/// # Errors
///
/// [`BadSetting`] when it is neither `on` nor `off`.
pub fn resolve(text: &str) -> Result<bool, BadSetting> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(BadSetting::new("PODIUM_RESOLVE", "must be `on` or `off`")),
    }
}

/// Which references may be used: `PODIUM_REFERENCE_ENV` and `PODIUM_REFERENCE_FOLDERS`, each a
/// list between commas.
///
/// # Errors
///
/// [`BadSetting`] for a folder without an absolute path, or the root of all.
pub fn references(variables: &str, folders: &str) -> Result<References, BadSetting> {
    let folders: Vec<_> = listed(folders).map(PathBuf::from).collect();
    if folders.iter().any(|folder| !folder.is_absolute() || folder.parent().is_none()) {
        let reason = "must name folders by their absolute paths, and not `/`";
        return Err(BadSetting::new("PODIUM_REFERENCE_FOLDERS", reason));
    }
    Ok(References { variables: listed(variables).map(str::to_owned).collect(), folders })
}

/// The issuers that the file named by `PODIUM_OIDC_FILE` trusts; none without one.
///
/// # Errors
///
/// [`BadSetting`] naming the file, and the place in it that cannot be used.
pub fn trusted_issuers(file: Option<&Path>) -> Result<Vec<Trusted>, BadSetting> {
    let Some(file) = file else { return Ok(vec![]) };
    let bad = |reason: String| {
        BadSetting::new("PODIUM_OIDC_FILE", format!("names {}: {reason}", file.display()))
    };
    let text = fs::read_to_string(file).map_err(|cause| bad(cause.to_string()))?;
    oidc::parse(&text).map_err(bad)
}

/// Where integrations may point to: what `PODIUM_ENDPOINT_ALLOW` names, or everything where it is
/// unset, but for what `PODIUM_ENDPOINT_DENY` names, or [`DEFAULT_DENY`]. `none` names nothing.
///
/// # Errors
///
/// [`BadSetting`] naming the entry that cannot be used.
pub fn endpoint_hosts(allow: Option<&str>, deny: Option<&str>) -> Result<Hosts, BadSetting> {
    let list = |variable, text: &str| {
        HostList::parse(text).map_err(|reason| BadSetting::new(variable, reason))
    };
    let allow = given(allow).map(|text| list("PODIUM_ENDPOINT_ALLOW", text)).transpose()?;
    let deny = list("PODIUM_ENDPOINT_DENY", given(deny).unwrap_or(DEFAULT_DENY))?;
    Ok(Hosts::new(allow, deny))
}

/// The access key that `PODIUM_ADMIN_KEY_ID` and `PODIUM_ADMIN_KEY_SECRET` (each also with
/// `_FILE`) choose for the first administrator.
///
/// # Errors
///
/// [`BadSetting`] when only one of the two is set, or either cannot be used.
pub fn admin_key(lookup: Lookup<'_>) -> Result<Option<AdminKey>, BadSetting> {
    let id = value_or_file(lookup, "PODIUM_ADMIN_KEY_ID")?;
    let secret = value_or_file(lookup, "PODIUM_ADMIN_KEY_SECRET")?;
    let (id, secret) = match (id, secret) {
        (None, None) => return Ok(None),
        (Some(id), Some(secret)) => (id, secret),
        (None, Some(_)) => {
            let reason = "must be set together with PODIUM_ADMIN_KEY_SECRET";
            return Err(BadSetting::new("PODIUM_ADMIN_KEY_ID", reason));
        }
        (Some(_), None) => {
            let reason = "must be set together with PODIUM_ADMIN_KEY_ID";
            return Err(BadSetting::new("PODIUM_ADMIN_KEY_SECRET", reason));
        }
    };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    if name::check("id", id.expose()).is_err() || !plain(id.expose()) {
        let reason = "must be 1 to 255 printable ASCII characters without spaces";
        return Err(BadSetting::new("PODIUM_ADMIN_KEY_ID", reason));
    }
    if secret.expose().len() < 16 {
        log::warn!("PODIUM_ADMIN_KEY_SECRET is shorter than 16 characters and may be guessed");
    }
    Ok(Some(AdminKey { id: id.expose().to_owned(), secret }))
}

/// The value of `variable`, or the content of the file that `variable` with `_FILE` names.
fn value_or_file(lookup: Lookup<'_>, variable: &str) -> Result<Option<Secret>, BadSetting> {
    let file_variable = format!("{variable}_FILE");
    match (set(lookup, variable), set(lookup, &file_variable)) {
        (Some(_), Some(_)) => {
            let reason = format!("must not be set together with {file_variable}");
            Err(BadSetting::new(variable, reason))
        }
        (Some(value), None) => Ok(Some(Secret::new(value))),
        (None, Some(path)) => match fs::read_to_string(&path) {
            Ok(text) if text.trim_end().is_empty() => {
                Err(BadSetting::new(&file_variable, format!("names an empty file, {path}")))
            }
            Ok(text) => Ok(Some(Secret::new(text.trim_end().to_owned()))),
            Err(cause) => Err(BadSetting::new(&file_variable, format!("names {path}: {cause}"))),
        },
        (None, None) => Ok(None),
    }
}

/// A variable that is set to something.
fn set(lookup: Lookup<'_>, variable: &str) -> Option<String> {
    lookup(variable).filter(|value| !value.is_empty())
}

/// A setting that is set to something; an empty one counts as unset, as compose files leave it.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    pub(super) fn table<'a>(
        pairs: &'a [(&'a str, &'a str)],
    ) -> impl Fn(&str) -> Option<String> + 'a {
        let table: HashMap<_, _> = pairs.iter().copied().collect();
        move |name| table.get(name).map(|value| (*value).to_owned())
    }

    pub(super) fn reason<T>(outcome: Result<T, BadSetting>) -> String {
        outcome.map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn a_misspelt_setting_is_refused_by_name() {
        let refuse = |name: &str| refuse_unknown([name.to_owned()].into_iter());
        assert!(reason(refuse("PODIUM_LISTN")).starts_with("PODIUM_LISTN is not a setting"));
        for name in VARIABLES.iter().chain(&["HOME", "PODIUM_SERVICE_HOST", "PODIUM_PORT_80_TCP"]) {
            assert!(refuse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_database_is_named_without_its_password_on_the_command_line() {
        let (url, password) = ("PODIUM_DATABASE_URL", "PODIUM_DATABASE_PASSWORD");
        let (bare, full) = ("postgres://u@h/db", "postgres://u:hush@h/db");
        let has_password = |text, pairs: &[(&str, &str)]| {
            database(text, &table(pairs)).map(|database| match database {
                Url::Postgres(settings) => settings.has_password(),
                Url::Sqlite(_) => false,
            })
        };
        assert_eq!(has_password(bare, &[]).ok(), Some(false));
        assert_eq!(has_password(bare, &[(password, "hush")]).ok(), Some(true));
        assert_eq!(has_password(full, &[(url, full)]).ok(), Some(true));
        assert_eq!(has_password("sqlite://podium.db", &[]).ok(), Some(false));
        for (text, pairs) in [
            (full, &[][..]),
            (full, &[(url, bare)]),
            (full, &[(url, full), (password, "hush")]),
            ("sqlite://podium.db", &[(password, "hush")]),
            ("postgres://u:hush@h:port/db", &[]),
            ("podium.db", &[]),
        ] {
            let message = reason(has_password(text, pairs));
            assert!(message.starts_with("PODIUM_DATABASE_URL "), "{message}");
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn a_database_is_waited_for_within_limits() {
        let limits = |readers, patience| {
            let mut url = Url::parse("postgres://u@h/db").unwrap();
            database_limits(&mut url, readers, patience).map(|()| url)
        };
        let Url::Postgres(set) = limits("3", "2s").unwrap() else { panic!("no PostgreSQL") };
        assert_eq!((set.readers, set.patience), (3, Duration::from_secs(2)));
        for (readers, patience) in [("0", "5s"), ("1001", "5s"), ("-1", "5s"), ("x", "5s")] {
            assert!(reason(limits(readers, patience)).starts_with("PODIUM_DATABASE_CONNECTIONS"));
        }
        assert!(reason(limits("8", "0")).starts_with("PODIUM_DATABASE_TIMEOUT"));
    }

    #[test]
    fn durations_are_checked_and_must_agree() {
        let lifetime = token_lifetime("45m", "7200").unwrap();
        assert_eq!(lifetime.default, Duration::from_secs(2700));
        assert_eq!(lifetime.max, Duration::from_secs(7200));
        for (default, max, named) in [
            ("soon", "1h", "PODIUM_TOKEN_TTL"),
            ("0", "1h", "PODIUM_TOKEN_TTL"),
            ("1h", "-1", "PODIUM_TOKEN_MAX_TTL"),
            ("2h", "1h", "PODIUM_TOKEN_TTL"),
        ] {
            assert!(reason(token_lifetime(default, max)).starts_with(named), "{default} {max}");
        }
    }

    #[test]
    fn the_administrators_key_is_set_whole_or_not_at_all() {
        let key = |pairs: &[(&str, &str)]| admin_key(&table(pairs));
        let (id, secret) = ("PODIUM_ADMIN_KEY_ID", "PODIUM_ADMIN_KEY_SECRET");
        assert!(key(&[]).unwrap().is_none());
        assert!(key(&[(id, ""), (secret, "")]).unwrap().is_none());
        let both = key(&[(id, "ops"), (secret, "0123456789abcdef")]).unwrap().unwrap();
        assert_eq!((both.id.as_str(), both.secret.expose()), ("ops", "0123456789abcdef"));
        for pairs in [
            &[(id, "ops")][..],
            &[(secret, "hush")],
            &[(id, "o s"), (secret, "hush")],
            &[(id, "ops"), (secret, "hush"), ("PODIUM_ADMIN_KEY_SECRET_FILE", "/nowhere")],
            &[(id, "ops"), ("PODIUM_ADMIN_KEY_SECRET_FILE", "/nowhere")],
        ] {
            let message = reason(key(pairs));
            assert!(message.starts_with("PODIUM_ADMIN_KEY_"), "{message}");
            assert!(!message.contains("hush"), "{message}");
        }
    }

    #[test]
    fn hosts_of_endpoints_are_lists_that_name_their_bad_entry() {
        for (allow, deny) in [
            (None, None),
            (Some(""), Some("")),
            (Some("none"), Some("none")),
            (Some("api.openai.com, *.openai.azure.com"), Some("10.0.0.0/8,fd00::/8,::1")),
        ] {
            assert!(endpoint_hosts(allow, deny).is_ok(), "{allow:?} {deny:?}");
        }
        let message = reason(endpoint_hosts(Some("a.example.com,b c"), None));
        assert!(message.starts_with("PODIUM_ENDPOINT_ALLOW has the entry `b c`"), "{message}");
        let message = reason(endpoint_hosts(None, Some("10.0.0.1/8")));
        assert!(
            message.starts_with("PODIUM_ENDPOINT_DENY has the entry `10.0.0.1/8`"),
            "{message}"
        );
    }

    #[test]
    fn protected_labels_are_a_list() {
        for (text, labels) in
            [("", &[][..]), ("production", &["production"]), (" a, b-1,", &["a", "b-1"])]
        {
            let found = protected_labels(text).unwrap();
            let found: Vec<_> = found.iter().map(Label::as_str).collect();
            assert_eq!(found, labels, "{text}");
        }
        let message = reason(protected_labels("a,Production"));
        assert!(message.starts_with("PODIUM_PROTECTED_LABELS must be labels"), "{message}");
    }
}
