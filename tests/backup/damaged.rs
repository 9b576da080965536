//! B1: files of a database with bits that were turned over, or cut short.
//!
//! SQLite has no sums over its pages: a bit of a plain text is served as it is then. What must not
//! be is a wrong secret, an audit log that is taken for whole and is not, or a panic.

use std::collections::BTreeMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use podium::auth::tokens::Lifetime;
use podium::domain::integration::Filter;
use podium::domain::name::{IntegrationName, ResourceName};
use podium::domain::page::Part;
use podium::domain::secret::Secret;
use podium::registry::{Caller, Registry, Settings};
use podium::seal::Keyring;
use podium::storage::{Db, Url};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::client::secret;
use crate::random::{Random, seed, setting};
use crate::support::{Folder, Launch};

/// How many files are damaged, unless `DAMAGED` says otherwise.
const FILES: u64 = 2_000;

/// How many of them a real server is started on.
const SERVED: u64 = 100;

/// How many resources the databases have, each saved twice.
const RESOURCES: u64 = 20;

const FILE: &str = "podium.db";
const SIDES: [&str; 3] = ["", "-wal", "-shm"];

/// What came of a damaged database.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// It was not opened, with a reason.
    Refused,
    /// It was opened, and something of it could not be read.
    Unreadable,
    /// It holds what it held.
    Same,
    /// It holds what it held before the last changes: these were in the damaged log.
    Earlier,
    /// A plain value is another one, and the audit log in order.
    Altered,
    /// A plain value or a record is another one, and the audit log tells.
    Told,
}

/// Databases of servers that were killed, one with all in its log, and of one that was stopped.
fn originals() -> Vec<Folder> {
    let made = |is_stopped: bool, is_restarted: bool| {
        let folder = Folder::new();
        let mut server = Launch::new(&folder).start();
        server.shelf();
        for round in 0..2 {
            let client = server.admin();
            for number in 0..RESOURCES {
                client.save(&format!("r-{number}"), number + round * 100).unwrap().is(200);
            }
            if is_restarted && round == 0 {
                server.stop();
                server = Launch::new(&folder).start();
            }
        }
        if is_stopped {
            server.stop();
        } else {
            server.process.kill();
        }
        folder
    };
    vec![made(true, false), made(false, false), made(false, true)]
}

/// Copies a database, and damages one of its files.
fn damage(original: &Folder, random: &mut Random) -> TempDir {
    let memory = Path::new("/dev/shm");
    let builder = tempfile::Builder::new();
    let folder = if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() };
    let folder = folder.unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in original.names().iter().filter(|name| name.starts_with(FILE)) {
        fs::copy(original.file(name), path(name)).unwrap();
    }
    let there: Vec<_> = SIDES
        .map(|side| path(&format!("{FILE}{side}")))
        .into_iter()
        .filter(|file| file.metadata().is_ok_and(|about| about.len() > 0))
        .collect();
    let limit = there.len() as u64;
    let file = &there[usize::try_from(random.below(limit)).unwrap()];
    let mut bytes = fs::read(file).unwrap();
    let length = bytes.len() as u64;
    let mut place = |within: u64| usize::try_from(random.below(within)).unwrap();
    match place(4) {
        0 => bytes.truncate(place(length)),
        1 => {
            let begin = place(length) / 512 * 512;
            let end = bytes.len().min(begin + 512);
            bytes[begin..end].fill(0);
        }
        _ => {
            for _ in 0..=place(8) {
                bytes[place(length)] ^= 1 << place(8);
            }
        }
    }
    fs::write(file, bytes).unwrap();
    folder
}

/// All that a registry shows of its resources, as JSON, and what their secrets are.
type Shown = BTreeMap<String, (String, Option<String>)>;

/// Opens a database as a server does, and reads everything in it.
fn look(runtime: &Runtime, database: &Path) -> Result<(Shown, bool), Outcome> {
    let key = fs::read_to_string(format!("{}.seal-key", database.display())).unwrap();
    let Ok(ring) = Keyring::parse(&Secret::new(key)) else { panic!("the key is damaged") };
    let lifetime = Lifetime { default: std::time::Duration::ZERO, max: std::time::Duration::ZERO };
    let settings = Settings { resolve: true, ..Settings::from(lifetime) };
    let unreadable = |_| Outcome::Unreadable;
    runtime.block_on(async {
        let db = Db::open(&Url::Sqlite(database.to_owned())).map_err(|error| {
            assert!(error.to_string().contains(FILE), "it does not name the file: {error}");
            Outcome::Refused
        })?;
        let registry = Registry::open(db, ring, settings).await.map_err(|_| Outcome::Refused)?;
        let caller = Caller::LOCAL;
        let found =
            registry.integrations_with_resources(&caller, Filter::default(), Part::default()).await;
        let mut shown = Shown::new();
        for (view, resources) in found.map_err(unreadable)?.items {
            let integration = view.integration.name.as_str().to_owned();
            for resource in resources {
                let name = IntegrationName::parse("name", &*integration).map_err(unreadable)?;
                let own =
                    ResourceName::parse("name", resource.name.as_str()).map_err(unreadable)?;
                let resolved = registry.resolve_resource(&caller, name, own).await;
                let opened = resolved.ok().and_then(|resolved| {
                    resolved.configuration["api_key"].as_str().map(str::to_owned)
                });
                let plain = format!(
                    "{:?} {} {:?}",
                    resource.description, resource.enabled, resource.max_tokens
                );
                shown.insert(resource.name.to_string(), (plain, opened));
            }
            let plain = format!("{:?} {}", view.integration.description, view.integration.kind);
            shown.insert(integration, (plain, None));
        }
        let verified = registry.verify_audit(&caller).await.map_err(unreadable)?;
        Ok((shown, verified.bad.is_none()))
    })
}

/// What came of it, where no secret is another one.
fn judge(whole: &Shown, found: Result<(Shown, bool), Outcome>) -> Outcome {
    let (shown, in_order) = match found {
        Ok(found) => found,
        Err(outcome) => return outcome,
    };
    for (name, (_, opened)) in &shown {
        let Some(opened) = opened else { continue };
        let number: u64 = name.strip_prefix("r-").unwrap().parse().unwrap();
        let right = [secret(number), secret(number + 100)];
        assert!(right.contains(opened), "{name} has the secret {opened}");
    }
    let plain = |shown: &Shown| -> Vec<_> {
        shown.iter().map(|(name, (plain, _))| (name.clone(), plain.clone())).collect()
    };
    let is_earlier = || {
        plain(&shown).iter().all(|(name, text)| {
            let earlier = name.strip_prefix("r-").and_then(|number| number.parse::<u64>().ok());
            let text_of = |n: u64| format!("{:?} true {:?}", Some(format!("write {n}")), Some(n));
            match earlier {
                Some(number) => [number, number + 100].iter().any(|n| *text == text_of(*n)),
                None => whole.get(name).is_some_and(|(plain, _)| plain == text),
            }
        })
    };
    let opened = |shown: &Shown| shown.values().filter(|(_, opened)| opened.is_some()).count();
    match (plain(&shown) == plain(whole), in_order) {
        (true, true) if opened(&shown) == opened(whole) => Outcome::Same,
        (true, true) => Outcome::Unreadable,
        (_, false) => Outcome::Told,
        (false, true) if is_earlier() => Outcome::Earlier,
        (false, true) => Outcome::Altered,
    }
}

#[test]
fn b1_a_damaged_database_is_refused_or_shows_no_wrong_secret() {
    let mut random = Random::new(seed("DAMAGE_SEED"));
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let originals = originals();
    let whole: Vec<_> = originals
        .iter()
        .map(|folder| {
            let copy = tempfile::tempdir().unwrap();
            for name in folder.names() {
                fs::copy(folder.file(&name), copy.path().join(&name)).unwrap();
            }
            let (shown, in_order) = look(&runtime, &copy.path().join(FILE)).unwrap();
            let secrets = shown.values().filter(|(_, opened)| opened.is_some()).count() as u64;
            assert!(in_order && secrets == RESOURCES, "{shown:?}");
            shown
        })
        .collect();
    let mut outcomes = BTreeMap::<_, u64>::new();
    for number in 0..setting("DAMAGED").unwrap_or(FILES) {
        let at = usize::try_from(number % 3).unwrap();
        let folder = damage(&originals[at], &mut random);
        let database = folder.path().join(FILE);
        let found = catch_unwind(AssertUnwindSafe(|| look(&runtime, &database)));
        let found = found.unwrap_or_else(|_| panic!("number {number} has made it panic"));
        *outcomes.entry(judge(&whole[at], found)).or_default() += 1;
    }
    eprintln!("{outcomes:?}");
    for outcome in [Outcome::Refused, Outcome::Same, Outcome::Earlier, Outcome::Told] {
        assert!(outcomes.contains_key(&outcome), "{outcome:?} never came: {outcomes:?}");
    }
}

#[test]
fn b1_a_server_on_a_damaged_database_serves_or_says_in_one_line_why_not() {
    let mut random = Random::new(seed("DAMAGE_SEED"));
    let originals = originals();
    let mut refused = 0;
    for number in 0..SERVED {
        let damaged = damage(&originals[usize::try_from(number % 3).unwrap()], &mut random);
        let folder = Folder::new();
        for entry in fs::read_dir(damaged.path()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), folder.file(entry.file_name().to_str().unwrap())).unwrap();
        }
        match Launch::new(&folder).spawn().listening() {
            Err(ended) => {
                refused += 1;
                let line = ended.err.lines().last().unwrap_or_default();
                assert_eq!(ended.status.code(), Some(1), "{ended:?}");
                assert!(line.starts_with("podium: ") && line.len() > 20, "{ended:?}");
            }
            Ok(server) => {
                // Whatever it answers, it answers.
                let token = server
                    .stranger()
                    .sign_in(crate::support::ADMIN_ID, crate::support::ADMIN_SECRET);
                let client = server.client(token.ok().as_deref());
                for path in ["/integrations/all", "/integrations/provider/shelf", "/audit/verify"] {
                    client.get(path).unwrap();
                }
                server.process.signal("TERM");
                server.process.ended(crate::support::STOP_LIMIT);
            }
        }
    }
    eprintln!("{refused} of {SERVED} were refused");
}
