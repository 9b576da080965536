//! B3: backups while the server is written to.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;

use serde_json::json;

use crate::client::secret;
use crate::database::Database;
use crate::inside::{changes, revision, secrets};
use crate::support::{CANARY, Folder, Launch};
use crate::{content, done, elsewhere, podium};

const WRITERS: usize = 8;

/// What tells the numbers of one writer from those of another.
const EACH: u64 = 1_000_000;

/// How many writes begin with each backup: more than are made while it is.
const WRITES: usize = 50;

/// How many backups are made, unless `BACKUPS` says otherwise.
const BACKUPS: u64 = 100;

#[test]
fn b3_a_backup_under_load_is_some_committed_revision() {
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    let client = server.shelf();
    let base = revision(&folder.look());
    let other = elsewhere(&folder);
    let [sent, acknowledged] = [(); 2].map(|()| [const { AtomicU64::new(0) }; WRITERS]);
    let counts =
        |of: &[AtomicU64]| of.iter().map(|it| it.load(Ordering::SeqCst)).collect::<Vec<_>>();
    let (permits, permitted) = channel();
    let permitted = Mutex::new(permitted);
    let mut meanwhile = 0;
    thread::scope(|scope| {
        for (writer, sent, acknowledged) in zipped(&sent, &acknowledged) {
            let (client, permitted) = (&client, &permitted);
            scope.spawn(move || {
                for number in writer * EACH.. {
                    if permitted.lock().unwrap().recv().is_err() {
                        return;
                    }
                    sent.fetch_add(1, Ordering::SeqCst);
                    client.save(&format!("own-{writer}"), number).unwrap().is(200);
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        // Gone at the end, also by a panic; then the writers end.
        let permits = permits;
        for number in 0..crate::random::setting("BACKUPS").unwrap_or(BACKUPS) {
            (0..WRITES).for_each(|_| permits.send(()).unwrap());
            let file = folder.file("backup");
            let least = counts(&acknowledged);
            let told = done(&podium(&folder, &["backup", "--force", "backup"]));
            let most = counts(&sent);
            assert!(told.contains("audit records in order"), "{told}");
            meanwhile += counts(&acknowledged).iter().sum::<u64>() - least.iter().sum::<u64>();
            check(&folder, &file, base, &least, &most);
            restored(&other, &file, number % 10 == 0);
        }
    });
    let all: u64 = counts(&acknowledged).iter().sum();
    eprintln!("{meanwhile} of {all} writes were acknowledged while a backup was made");
    assert!(meanwhile > all / 10, "they were not made under load");
    server.stop();
    folder.assert_sealed();
}

/// The number of each writer, with what is counted of it.
fn zipped<'c, T>(one: &'c [T], other: &'c [T]) -> impl Iterator<Item = (u64, &'c T, &'c T)> {
    (0..).zip(one.iter().zip(other)).map(|(writer, (one, other))| (writer, one, other))
}

/// The backup is one file for its owner, sound, and holds what each writer had written at one
/// moment: not less than was acknowledged before, and not more than was sent after.
fn check(folder: &Folder, file: &Path, base: i64, least: &[u64], most: &[u64]) {
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let bytes = fs::read(file).unwrap();
    assert_eq!(bytes[18..20], [1, 1], "it needs no write-ahead log");
    assert!(!bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()));
    Database::at(file.to_owned()).assert_sound();
    let backup = rusqlite::Connection::open(file).unwrap();
    let (recorded, sealed) = (changes(&backup, base), secrets(folder, &backup));
    for (writer, least, most) in zipped(least, most) {
        let key = format!("own-{writer}");
        let saved = recorded.get(&format!("shelf:{key}")).copied().unwrap_or_default() as u64;
        assert!((*least..=*most).contains(&saved), "{key}: {saved} of {least} to {most}");
        let sql = "SELECT max_tokens FROM resource WHERE name = ?1";
        let stored = backup.query_row(sql, [&key], |row| row.get::<_, i64>(0)).ok();
        let latest = saved.checked_sub(1).map(|last| writer * EACH + last);
        assert_eq!(stored.map(|stored| stored.try_into().unwrap()), latest, "{key}");
        let sealed = sealed.get(&key).cloned();
        assert_eq!(sealed, latest.map(|latest| json!(secret(latest)).to_string()), "{key}");
    }
    for end in ["-wal", "-shm", "-journal"] {
        assert!(!folder.file(&format!("backup{end}")).exists());
    }
}

/// It restores to what it holds, and a server takes that.
fn restored(other: &Folder, file: &Path, is_served: bool) {
    let backup = file.to_str().unwrap();
    done(&podium(other, &["restore", "--force", backup]));
    Database::at(other.database()).assert_sound();
    assert_eq!(content(&other.database()), content(file));
    if is_served {
        let server = Launch::new(other).start();
        let verified = server.admin().get("/audit/verify").unwrap().json();
        assert_eq!(verified["firstBad"], json!(null), "{verified}");
        server.stop();
    }
}
