//! Where a database is.

use std::fmt;
use std::path::PathBuf;

use super::postgres::Settings;

/// The place of a database: the file of an embedded one, or a PostgreSQL server.
#[derive(Clone)]
pub enum Url {
    /// An embedded SQLite file, as in `sqlite://podium.db`.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as in `postgres://podium@db.example.org/podium`.
    Postgres(Box<Settings>),
}

impl Url {
    /// Reads a database URL.
    ///
    /// # Errors
    ///
    /// What is wrong with it, completing a sentence that begins with the name of the setting. The
    /// URL is not repeated: it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Settings::parse(text).map(|settings| Self::Postgres(Box::new(settings)));
        }
        match text.strip_prefix("sqlite://") {
            Some("" | ":memory:") => {
                Err("must name a file, as in sqlite://podium.db or sqlite:///var/lib/podium.db"
                    .into())
            }
            Some(path) if path.contains('?') => Err("takes no parameters after the file".into()),
            Some(path) => Ok(Self::Sqlite(PathBuf::from(path))),
            None => Err("must begin with sqlite:// or postgres://".into()),
        }
    }
}

/// As it may be shown: without the password.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(settings) => settings.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn an_embedded_database_is_a_file() {
        for (url, file) in [("sqlite://podium.db", "podium.db"), ("sqlite:///a/b.db", "/a/b.db")] {
            assert!(matches!(Url::parse(url), Ok(Url::Sqlite(path)) if path == Path::new(file)));
        }
        for url in
            ["", "podium.db", "sqlite://", "sqlite://:memory:", "sqlite://a?b=c", "mysql://h"]
        {
            assert!(Url::parse(url).is_err(), "{url}");
        }
    }
}
