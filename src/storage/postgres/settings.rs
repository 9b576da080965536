//! How a PostgreSQL database is reached, from its URL.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::Verify;
use crate::domain::secret::Secret;

/// How many connections read, unless a setting says otherwise.
const READERS: usize = 8;

/// How long one thing may take, unless a setting says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// After how long a connection that nobody answers on is given up by the system.
const DEAD: Duration = Duration::from_secs(15);

/// How a PostgreSQL database is reached, and for how long it is waited for.
#[derive(Clone)]
pub struct Settings {
    pub(super) config: Config,
    pub(super) verify: Verify,
    pub(super) authorities: Option<PathBuf>,
    /// How many connections read; one more writes.
    pub readers: usize,
    /// How long one thing may take at the most: to connect, to wait for a lock or for a free
    /// connection, to run a statement.
    pub patience: Duration,
}

impl Settings {
    /// Reads a URL: libpq's form, with its `sslmode` and `sslrootcert`.
    pub(in crate::storage) fn parse(url: &str) -> Result<Self, String> {
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut words, mut authorities) = ("prefer".to_owned(), None);
        let mut others = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = percent_decode_str(value).decode_utf8();
            let value = value.map_err(|_| format!("has a parameter `{name}` that is no text"))?;
            match name {
                "sslmode" => words = value.into_owned(),
                "sslrootcert" => authorities = Some(PathBuf::from(value.into_owned())),
                _ => others.push(parameter),
            }
        }
        let (mode, verify) = match (&*words, &authorities) {
            ("disable", None) => (SslMode::Disable, Verify::Nothing),
            ("prefer", None) => (SslMode::Prefer, Verify::Nothing),
            ("require", None) => (SslMode::Require, Verify::Nothing),
            ("require", Some(_)) | ("verify-ca", _) => (SslMode::Require, Verify::Authority),
            ("verify-full", _) => (SslMode::Require, Verify::AuthorityAndName),
            ("disable" | "prefer", Some(_)) => {
                return Err(format!("has `sslrootcert`, which `sslmode={words}` does not look at"));
            }
            _ => {
                return Err(
                    "has an `sslmode` that is none of disable, prefer, require, verify-ca \
                            and verify-full"
                        .into(),
                );
            }
        };
        let rest = format!("{place}?{}", others.join("&"));
        let mut config = Config::from_str(rest.trim_end_matches('?'))
            .map_err(|error| format!("is no PostgreSQL URL: {}", cause(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err("must name a host, as in postgres://podium@db.example.org/podium".into());
        }
        if config.get_user().is_none_or(str::is_empty) {
            return Err("must name a user, as in postgres://podium@db.example.org/podium".into());
        }
        if config.get_application_name().is_none() {
            config.application_name("podium");
        }
        config.ssl_mode(mode);
        // A standby may still show what was taken away.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.tcp_user_timeout(DEAD);
        config.keepalives_idle(DEAD);
        Ok(Self { config, verify, authorities, readers: READERS, patience: PATIENCE })
    }

    /// Whether the URL holds a password.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// Sets the password, which is sent to nobody but the server.
    pub fn set_password(&mut self, password: &Secret) {
        self.config.password(password.expose());
    }

    /// Whether what is sent could be read, or answered by somebody else, on its way.
    pub fn is_exposed(&self) -> bool {
        let is_near = |host: &Host| match host {
            Host::Tcp(name) => {
                name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
            }
            Host::Unix(_) => true,
        };
        self.verify == Verify::Nothing && !self.config.get_hosts().iter().all(is_near)
    }
}

/// What lies behind an error of the driver.
fn cause(error: &tokio_postgres::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Without the password.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        write!(f, "postgres://{}@", config.get_user().unwrap_or_default())?;
        for (index, host) in config.get_hosts().iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(folder) => write!(f, "{comma}{}", folder.display())?,
            }
            if let Some(port) = config.get_ports().get(index).or(config.get_ports().first()) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", config.get_dbname().or(config.get_user()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_libpq_s_and_is_shown_without_its_password() {
        let parsed = Settings::parse("postgres://ann:hu%2Fsh@db:5433/podium?sslmode=require");
        let settings = parsed.unwrap();
        assert_eq!(settings.config.get_password(), Some(&b"hu/sh"[..]));
        assert_eq!(settings.config.get_ssl_mode(), SslMode::Require);
        assert_eq!(settings.to_string(), "postgres://ann@db:5433/podium");
        let two = Settings::parse("postgresql://ann@a:1,b:2/p?target_session_attrs=read-write");
        assert_eq!(two.unwrap().to_string(), "postgres://ann@a:1,b:2/p");
    }

    #[test]
    fn what_is_verified_follows_libpq() {
        let verify = |query: &str| {
            let parsed = Settings::parse(&format!("postgres://ann@db/p?{query}"));
            parsed.map(|settings| (settings.config.get_ssl_mode(), settings.verify))
        };
        for (query, expected) in [
            ("", (SslMode::Prefer, Verify::Nothing)),
            ("sslmode=disable", (SslMode::Disable, Verify::Nothing)),
            ("sslmode=require", (SslMode::Require, Verify::Nothing)),
            ("sslmode=require&sslrootcert=ca.pem", (SslMode::Require, Verify::Authority)),
            ("sslmode=verify-ca", (SslMode::Require, Verify::Authority)),
            ("sslmode=verify-full", (SslMode::Require, Verify::AuthorityAndName)),
        ] {
            assert_eq!(verify(query), Ok(expected), "{query}");
        }
        for query in ["sslmode=allow", "sslmode=", "sslmode=disable&sslrootcert=x", "sslcert=x"] {
            assert!(verify(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_bad_url_is_told_without_its_password() {
        for url in [
            "postgres://ann:hush@db:port/p",
            "postgres://ann:hush@db/p?colour=red",
            "postgres://ann:hush@/p",
            "postgres://:hush@db/p",
        ] {
            let reason = Settings::parse(url).err().unwrap();
            assert!(!reason.contains("hush"), "{reason}");
        }
        assert!(
            Settings::parse("postgres://a@db/p?colour=red")
                .is_err_and(|reason| reason.contains("colour"))
        );
    }

    #[test]
    fn a_way_that_nobody_verifies_is_exposed() {
        let exposed = |url: &str| Settings::parse(url).unwrap().is_exposed();
        assert!(exposed("postgres://a@db/p") && exposed("postgres://a@db/p?sslmode=require"));
        assert!(!exposed("postgres://a@localhost/p") && !exposed("postgres://a@127.0.0.1/p"));
        assert!(!exposed("postgres://a@db/p?sslmode=verify-full"));
    }
}
