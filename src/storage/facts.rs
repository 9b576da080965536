//! What a database says of itself, for an operator.

pub use super::sqlite::facts::SqliteFacts;
use super::{Source, Tx};
use crate::domain::{Error, Result};

/// What is known of a database.
pub enum Facts {
    /// Of an embedded one.
    Sqlite(SqliteFacts),
    /// Of a PostgreSQL.
    Postgres(PostgresFacts),
}

/// What is known of a PostgreSQL.
pub struct PostgresFacts {
    /// Its version, as in `15.14`.
    pub version: String,
    /// Whether it is a standby, which takes no changes.
    pub is_standby: bool,
    /// Settings that an acknowledged change depends on, and what they are.
    pub durability: Vec<(String, String)>,
    /// Its encoding of text.
    pub encoding: String,
    /// The version of TLS that this connection has, if it has it.
    pub tls: Option<String>,
    /// Its time, in epoch milliseconds.
    pub now: i64,
    /// How many connections of servers it has.
    pub servers: i64,
    /// How many connections it takes.
    pub max_connections: i64,
}

impl Source {
    /// What the database says of itself. Of an embedded one this reads every page.
    ///
    /// # Errors
    ///
    /// As [`Source::read`].
    pub async fn facts(&self) -> Result<Facts> {
        match self {
            Self::Sqlite(source) => source.facts().map(Facts::Sqlite),
            Self::Postgres(source) => {
                let servers = source.servers.clone();
                self.read(move |tx| look(tx, &servers)).await.map(Facts::Postgres)
            }
        }
    }
}

/// Servers are told by their `application_name`.
fn look(tx: &mut dyn Tx, servers: &str) -> Result<PostgresFacts> {
    // What a session begins with: a connection of ours sets one of them for itself.
    let sql = "SELECT name, reset_val FROM pg_settings
               WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name";
    let durability = tx.all(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "SELECT current_setting('server_version'), pg_is_in_recovery(),
                   current_setting('server_encoding'),
                   (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl),
                   CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT),
                   (SELECT COUNT(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = ?1),
                   CAST(current_setting('max_connections') AS BIGINT)";
    let found = tx.optional(sql, &[&servers], |row| {
        Ok(PostgresFacts {
            version: row.get(0)?,
            is_standby: row.get(1)?,
            durability: vec![],
            encoding: row.get(2)?,
            tls: row.get(3)?,
            now: row.get(4)?,
            servers: row.get(5)?,
            max_connections: row.get(6)?,
        })
    })?;
    let facts = found.ok_or_else(|| Error::internal("the database says nothing of itself"))?;
    Ok(PostgresFacts { durability, ..facts })
}
