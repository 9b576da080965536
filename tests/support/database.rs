//! The database of a test, of the kind that `PODIUM_TEST_DATABASE` chooses, and a look into it
//! behind the server's back.

#![allow(dead_code, reason = "every suite uses a part of it")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use podium::storage::{Db, OpenError, Url};
use postgres::types::{FromSql, Type};
use postgres::{Client, NoTls};
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tempfile::TempDir;

/// Chooses the kind of database: `sqlite`, which is the default, or `postgres`.
const CHOICE: &str = "PODIUM_TEST_DATABASE";

/// The PostgreSQL of the tests, as `tests/with-postgres` exports it.
const SERVER: &str = "PODIUM_TEST_POSTGRES";

/// Where that PostgreSQL keeps its files.
const SERVER_FOLDER: &str = "PODIUM_TEST_POSTGRES_FOLDER";

/// What seals secrets where no key is made.
const SEAL_KEY: &str = "5ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea15ea1";

/// Nothing here takes that long; a test that waits for it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A value as text, or NULL.
pub type Text = Option<String>;

/// A database of a test. Every clone is the same one; it is gone with the last.
#[derive(Clone)]
pub struct Database(Arc<Kind>);

enum Kind {
    Sqlite { file: PathBuf, _folder: Option<TempDir> },
    Postgres(Box<Postgres>),
}

/// A database on the PostgreSQL of the tests.
struct Postgres {
    name: String,
    url: String,
    client: Mutex<Client>,
}

impl Database {
    /// A new one of the chosen kind. What a disk keeps is tested elsewhere, so it may be in memory.
    pub fn new() -> Self {
        if is_postgres() {
            return Self::on_postgres();
        }
        let (folder, memory) = (tempfile::Builder::new(), Path::new("/dev/shm"));
        let folder = if memory.is_dir() { folder.tempdir_in(memory) } else { folder.tempdir() };
        let folder = folder.unwrap();
        let file = folder.path().join("podium.db");
        Self(Arc::new(Kind::Sqlite { file, _folder: Some(folder) }))
    }

    /// A new one with an earlier schema, as that version would have made it.
    pub fn of_schema(schema: &str, version: i64) -> Self {
        let new = Self::new();
        new.make(schema, version);
        new
    }

    /// Makes an earlier schema in an empty one, as that version would have.
    pub fn make(&self, schema: &str, version: i64) {
        // SQLite knows no collation of this name; see `src/storage/sqlite.rs`.
        let schema = match &*self.0 {
            Kind::Sqlite { .. } => schema.replace(" COLLATE \"C\"", ""),
            Kind::Postgres(_) => schema.to_owned(),
        };
        self.execute(&format!(
            "BEGIN; {schema};
             CREATE TABLE schema_version (version BIGINT NOT NULL);
             INSERT INTO schema_version (version) VALUES ({version}); COMMIT"
        ));
    }

    /// Makes it empty again, without a table.
    pub fn clear(&self) {
        match &*self.0 {
            Kind::Sqlite { file, .. } => {
                for end in ["", "-wal", "-shm"] {
                    let _ = fs::remove_file(format!("{}{end}", file.display()));
                }
            }
            Kind::Postgres(_) => self.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"),
        }
    }

    /// Waits until no server uses it any more, of those that were killed: PostgreSQL goes on with
    /// what they have asked for. What they have left half done in SQLite's file is rolled back, as
    /// whoever only reads cannot.
    pub fn left_alone(&self) {
        if !self.is_typed() {
            self.execute("SELECT COUNT(*) FROM sqlite_schema");
        }
        let sql = "SELECT pid FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'podium'";
        while self.is_typed() && !self.rows(sql).is_empty() {
            std::thread::yield_now();
        }
    }

    /// A new one of the chosen kind; on SQLite it is the file `podium.db` in `folder`, which may
    /// be there already.
    pub fn beside(folder: &Path) -> Self {
        if is_postgres() { Self::on_postgres() } else { Self::at(folder.join("podium.db")) }
    }

    /// The SQLite database in `file`.
    pub fn at(file: PathBuf) -> Self {
        Self(Arc::new(Kind::Sqlite { file, _folder: None }))
    }

    /// A new one on the PostgreSQL of the tests, whatever is chosen.
    pub fn on_postgres() -> Self {
        Self(Arc::new(Kind::Postgres(Box::new(Postgres::new()))))
    }

    /// What `--database` names it by: without a password, which is in its environment.
    pub fn url(&self) -> String {
        let url = self.url_with_password();
        let Some((scheme, rest)) = url.split_once("://") else { panic!("{url}") };
        match rest.split_once('@') {
            Some((user, rest)) => format!("{scheme}://{}@{rest}", user.split(':').next().unwrap()),
            None => url,
        }
    }

    /// What `PODIUM_DATABASE_URL` may be for it.
    pub fn url_with_password(&self) -> String {
        match &*self.0 {
            Kind::Sqlite { file, .. } => format!("sqlite://{}", file.display()),
            Kind::Postgres(postgres) => postgres.url.clone(),
        }
    }

    /// The password that it takes.
    pub fn password(&self) -> Option<String> {
        let url = self.url_with_password();
        let user = url.split(['/', '@']).nth(2)?;
        user.split_once(':').map(|(_, password)| password.to_owned())
    }

    /// What a program must be told to open it, beside its URL: on PostgreSQL its password, and a
    /// seal key, which is made for an embedded one.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let password = self.password().into_iter();
        let told = |password| {
            [("PODIUM_DATABASE_PASSWORD", password), ("PODIUM_SEAL_KEY", SEAL_KEY.to_owned())]
        };
        password.flat_map(told).collect()
    }

    /// Opens it as the server does.
    pub fn open(&self) -> Result<Db, OpenError> {
        Db::open(&Url::parse(&self.url_with_password()).unwrap())
    }

    /// The rows of a query, every value as text; booleans are 1 and 0.
    pub fn rows(&self, sql: &str) -> Vec<Vec<String>> {
        self.values(sql).into_iter().map(worded).collect()
    }

    /// The first column of the rows of a query.
    pub fn column(&self, sql: &str) -> Vec<String> {
        self.rows(sql).into_iter().map(|row| row.into_iter().next().unwrap()).collect()
    }

    /// The number that a query selects.
    pub fn count(&self, sql: &str) -> i64 {
        self.column(sql)[0].parse().unwrap()
    }

    /// As [`Database::rows`], with NULL told apart from the word.
    pub fn values(&self, sql: &str) -> Vec<Vec<Text>> {
        self.all_values(&[sql]).remove(0)
    }

    /// The rows of each of these queries, read over one connection: what takes long is to open one.
    fn all_values<S: AsRef<str>>(&self, queries: &[S]) -> Vec<Vec<Vec<Text>>> {
        let queries = queries.iter().map(AsRef::as_ref);
        match &*self.0 {
            Kind::Sqlite { file, .. } => {
                let connection = open_to_read(file);
                queries.map(|sql| sqlite_rows(&connection, sql)).collect()
            }
            Kind::Postgres(postgres) => queries.map(|sql| postgres.rows(sql)).collect(),
        }
    }

    /// Runs statements behind the server's back.
    pub fn execute(&self, sql: &str) {
        let refused = match &*self.0 {
            Kind::Sqlite { file, .. } => {
                open_to_write(file).execute_batch(sql).map_err(|error| error.to_string())
            }
            Kind::Postgres(postgres) => postgres.batch(sql),
        };
        refused.unwrap_or_else(|error| panic!("{error} in {sql}"));
    }

    /// Changes rows as somebody would who has the database but not the seal key, and tells how
    /// many; there must be some.
    pub fn tamper(&self, sql: &str) -> u64 {
        let changed = match &*self.0 {
            Kind::Sqlite { file, .. } => open_to_write(file).execute(sql, []).unwrap() as u64,
            Kind::Postgres(postgres) => postgres.client.lock().unwrap().execute(sql, &[]).unwrap(),
        };
        assert!(changed > 0, "{sql}");
        changed
    }

    /// Makes these the rows of a table, behind the server's back.
    pub fn replace(&self, table: &str, rows: &[Vec<Text>]) {
        let literal = |value: &Text| match value {
            None => "NULL".to_owned(),
            Some(text) => format!("'{}'", text.replace('\'', "''")),
        };
        let insert = |row: &Vec<Text>| {
            let values: Vec<_> = row.iter().map(literal).collect();
            format!("INSERT INTO {table} VALUES ({});", values.join(", "))
        };
        let inserts: String = rows.iter().map(insert).collect();
        self.execute(&format!("BEGIN; DELETE FROM {table}; {inserts} COMMIT"));
    }

    /// Keeps everyone else from writing, until what this gives is dropped.
    pub fn held(&self) -> Box<dyn std::any::Any> {
        match &*self.0 {
            Kind::Sqlite { file, .. } => {
                let held = open_to_write(file);
                held.execute_batch("BEGIN IMMEDIATE").unwrap();
                Box::new(held)
            }
            Kind::Postgres(postgres) => {
                let mut held = Client::connect(&postgres.url, NoTls).unwrap();
                let lock = |table| format!("LOCK TABLE {table} IN EXCLUSIVE MODE;");
                let locks: String = self.tables().iter().map(lock).collect();
                held.batch_execute(&format!("BEGIN; {locks}")).unwrap();
                Box::new(held)
            }
        }
    }

    /// The names of its tables, in order.
    pub fn tables(&self) -> Vec<String> {
        let mut found = self.column(match &*self.0 {
            Kind::Sqlite { .. } => "SELECT name FROM sqlite_master WHERE type = 'table'",
            Kind::Postgres(_) => "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
        });
        found.sort();
        found
    }

    /// Whether no server has made anything of it yet.
    pub fn is_untouched(&self) -> bool {
        match &*self.0 {
            Kind::Sqlite { file, .. } => !file.exists(),
            Kind::Postgres(_) => self.tables().is_empty(),
        }
    }

    /// The columns of a table, in the order of its values.
    pub fn columns(&self, table: &str) -> Vec<String> {
        self.column(&match &*self.0 {
            Kind::Sqlite { .. } => format!("SELECT name FROM pragma_table_info('{table}')"),
            Kind::Postgres(_) => format!(
                "SELECT attname FROM pg_attribute WHERE attrelid = '{table}'::regclass
                 AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
            ),
        })
    }

    /// Panics unless every row that a foreign key refers to is there, and on SQLite the file is
    /// sound.
    pub fn assert_sound(&self) {
        match &*self.0 {
            Kind::Sqlite { .. } => {
                assert!(self.rows("PRAGMA foreign_key_check").is_empty());
                assert_eq!(self.column("PRAGMA integrity_check"), ["ok"]);
            }
            // PostgreSQL looks after them itself, unless a constraint was never validated.
            Kind::Postgres(_) => {
                let sql = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND convalidated";
                assert!(self.rows(sql).len() > 5);
                let sql = "SELECT conname FROM pg_constraint WHERE NOT convalidated";
                assert!(self.rows(sql).is_empty());
            }
        }
    }

    /// Every byte it keeps on disk. On PostgreSQL that is what it said in its log, the files of the
    /// database, and the text of every value, since long ones are compressed in the files; not what
    /// it writes ahead, which all databases share.
    pub fn bytes(&self) -> Vec<u8> {
        match &*self.0 {
            Kind::Sqlite { file, .. } => files(file.parent().unwrap()),
            Kind::Postgres(postgres) => {
                let mut found = self.dump().into_bytes();
                if let Some(folder) = std::env::var_os(SERVER_FOLDER) {
                    let sql = "SELECT CAST(oid AS BIGINT) FROM pg_database
                               WHERE datname = current_database()";
                    let number = self.column(sql).remove(0);
                    postgres.batch("CHECKPOINT").unwrap();
                    let folder = Path::new(&folder);
                    found.extend(files(&folder.join("data/base").join(number)));
                    found.extend(fs::read(folder.join("log")).unwrap());
                }
                found
            }
        }
    }

    /// The ends of the names of its files, while a server runs on it; of PostgreSQL's no test knows.
    pub fn files(&self) -> &[&str] {
        match &*self.0 {
            Kind::Sqlite { .. } => &[".db", ".db-wal", ".db-shm"],
            Kind::Postgres(_) => &[],
        }
    }

    /// A copy of it as an operator makes one while the server runs: an SQLite file, or what
    /// `pg_dump` reads.
    pub fn backup(&self) -> Vec<u8> {
        match &*self.0 {
            Kind::Sqlite { file, .. } => {
                let folder = tempfile::tempdir().unwrap();
                let copy = folder.path().join("backup.db");
                let sql = "VACUUM INTO ?1";
                open_to_read(file).execute(sql, [copy.to_str().unwrap()]).unwrap();
                let bytes = fs::read(&copy).unwrap();
                assert_eq!(&bytes[..15], b"SQLite format 3");
                bytes
            }
            Kind::Postgres(_) => self.dump().into_bytes(),
        }
    }

    /// A text for each row of a table: its name, and the values of these columns.
    pub fn lines(&self, table: &str, columns: &str) -> BTreeSet<String> {
        let rows = self.values(&format!("SELECT {columns} FROM {table}"));
        rows.into_iter().map(|row| line(table, row)).collect()
    }

    /// As [`Database::lines`], of all columns of all these tables.
    pub fn all_lines(&self, tables: &[String]) -> BTreeSet<String> {
        let queries: Vec<_> = tables.iter().map(|table| format!("SELECT * FROM {table}")).collect();
        let found = tables.iter().zip(self.all_values(&queries));
        found.flat_map(|(table, rows)| rows.into_iter().map(move |row| line(table, row))).collect()
    }

    /// Every value of every table.
    pub fn dump(&self) -> String {
        self.all_lines(&self.tables()).into_iter().map(|line| line + "\n").collect()
    }

    /// What makes every `moment` of a table fail, as in `BEFORE INSERT`, and what mends it. How
    /// SQLite then goes on is `ABORT`, `FAIL` or `ROLLBACK`.
    pub fn fault(&self, moment: &str, table: &str, how: &str) -> [String; 2] {
        match &*self.0 {
            Kind::Sqlite { .. } => [
                format!(
                    "CREATE TRIGGER fault {moment} ON {table}
                     BEGIN SELECT RAISE({how}, 'no room'); END"
                ),
                "DROP TRIGGER fault".to_owned(),
            ],
            Kind::Postgres(_) => [
                format!(
                    "CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql
                     AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
                     CREATE TRIGGER fault {moment} ON {table}
                     FOR EACH ROW EXECUTE FUNCTION fault()"
                ),
                format!("DROP TRIGGER fault ON {table}; DROP FUNCTION fault"),
            ],
        }
    }

    /// Whether a column takes no value but one of its type.
    pub fn is_typed(&self) -> bool {
        matches!(*self.0, Kind::Postgres(_))
    }
}

impl Postgres {
    fn new() -> Self {
        let server = std::env::var(SERVER)
            .unwrap_or_else(|_| panic!("{SERVER} is not set; run this in tests/with-postgres"));
        let name = format!("test_{}", uuid::Uuid::now_v7().simple());
        let mut admin = Client::connect(&server, NoTls).unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE template0")).unwrap();
        let url = server.replace("/postgres?", &format!("/{name}?"));
        assert_ne!(url, server, "{SERVER} does not end in /postgres?…");
        let mut client = Client::connect(&url, NoTls).unwrap();
        client.batch_execute(&format!("SET lock_timeout = {}", PATIENCE.as_millis())).unwrap();
        Self { name, url, client: Mutex::new(client) }
    }

    fn batch(&self, sql: &str) -> Result<(), String> {
        self.client.lock().unwrap().batch_execute(sql).map_err(|error| told(&error))
    }

    fn rows(&self, sql: &str) -> Vec<Vec<Text>> {
        let found = self.client.lock().unwrap().query(sql, &[]);
        let found = found.unwrap_or_else(|error| panic!("{} in {sql}", told(&error)));
        let values =
            |row: &postgres::Row| (0..row.len()).map(|at| row.get::<_, Cell>(at).0).collect();
        found.iter().map(values).collect()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let server = std::env::var(SERVER).unwrap();
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let dropped =
            Client::connect(&server, NoTls).and_then(|mut admin| admin.batch_execute(&drop));
        if !std::thread::panicking() {
            dropped.unwrap();
        }
    }
}

/// A value of any type that the schema has, as text.
struct Cell(Text);

impl<'r> FromSql<'r> for Cell {
    fn from_sql(
        kind: &Type,
        raw: &'r [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        let text = match *kind {
            Type::BOOL => u8::from(bool::from_sql(kind, raw)?).to_string(),
            Type::INT8 => i64::from_sql(kind, raw)?.to_string(),
            Type::INT4 => i32::from_sql(kind, raw)?.to_string(),
            _ => String::from_sql(kind, raw)?,
        };
        Ok(Self(Some(text)))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(None))
    }

    fn accepts(kind: &Type) -> bool {
        [Type::BOOL, Type::INT8, Type::INT4].contains(kind) || String::accepts(kind)
    }
}

/// A row with NULL as a word.
fn worded(row: Vec<Text>) -> Vec<String> {
    row.into_iter().map(|value| value.unwrap_or_else(|| "NULL".to_owned())).collect()
}

/// A row of a table as one text.
fn line(table: &str, row: Vec<Text>) -> String {
    format!("{table} {}", worded(row).join(" | "))
}

/// Whether the tests run on PostgreSQL.
fn is_postgres() -> bool {
    match std::env::var(CHOICE).as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("{CHOICE} is {other}, and neither sqlite nor postgres"),
    }
}

/// What PostgreSQL said; the error itself says only that it said something.
fn told(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
}

fn open_to_read(file: &Path) -> Connection {
    Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

fn open_to_write(file: &Path) -> Connection {
    let connection = Connection::open(file).unwrap();
    connection.busy_timeout(PATIENCE).unwrap();
    connection
}

fn sqlite_rows(connection: &Connection, sql: &str) -> Vec<Vec<Text>> {
    let text = |value| match value {
        Value::Null => None,
        Value::Integer(number) => Some(number.to_string()),
        Value::Real(number) => Some(number.to_string()),
        Value::Text(text) => Some(text),
        Value::Blob(bytes) => Some(format!("{bytes:?}")),
    };
    let mut query = connection.prepare(sql).unwrap();
    let columns = query.column_count();
    let rows =
        query.query_map([], |row| (0..columns).map(|index| row.get(index).map(text)).collect());
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The content of all files in a folder.
fn files(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    // What is gone meanwhile holds nothing.
    files
        .filter(|file| file.is_file())
        .flat_map(|file| fs::read(file).unwrap_or_default())
        .collect()
}
