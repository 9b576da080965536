//! B4: a backup and a restore that are killed at any moment.
//!
//! First at each of their calls to the disk, then at random moments between.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use podium::storage::manifest;

use crate::random::{Random, seed};
use crate::support::{Folder, Launch, PATIENCE, Process};
use crate::{content, done, podium};

/// The calls that leave something on the disk.
const CALLS: &str =
    "write,pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,link,linkat,mkdir,rmdir";

/// How often each of the two is killed between these.
const BETWEEN: usize = 50;

/// Runs `arguments` in what `prepare` makes, kills that, and shows each time what is there to
/// `check`.
fn killed(arguments: &[&str], prepare: impl Fn() -> Folder, check: impl Fn(&Folder)) {
    let mut random = Random::new(seed("KILL_SEED"));
    let mut calls = 0;
    for call in 1.. {
        let folder = prepare();
        let inject = format!("inject={CALLS}:signal=SIGKILL:when={call}");
        let trace = format!("trace={CALLS}");
        let launch = Launch::traced(&folder, &["-e", &trace, "-e", &inject]).args(arguments);
        let ended = launch.spawn().ended(PATIENCE);
        check(&folder);
        if ended.status.success() {
            break;
        }
        calls += 1;
    }
    // Each thread counts its own, so that some calls of the quicker ones are left out.
    assert!(calls > 50, "only {calls} calls were seen");
    let folder = prepare();
    let began = Instant::now();
    done(&podium(&folder, arguments));
    let whole = began.elapsed();
    for _ in 0..BETWEEN {
        let folder = prepare();
        let mut process: Process = Launch::bare(&folder).args(arguments).spawn();
        // Not a wait for something: the moment of the kill.
        let moment = random.below(u64::try_from(whole.as_micros()).unwrap());
        thread::sleep(Duration::from_micros(moment));
        process.kill();
        check(&folder);
    }
    eprintln!("killed at {calls} calls, and {BETWEEN} times between");
}

/// Nothing that was not done is left, once the same was done again.
fn assert_swept(folder: &Folder) {
    let left: Vec<_> = folder.names().into_iter().filter(|name| name.contains("partial")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn b4_a_backup_that_is_killed_leaves_the_one_before() {
    let source = Folder::new();
    let server = Launch::new(&source).start();
    let client = server.shelf();
    client.save("one", 1).unwrap().is(200);
    done(&podium(&source, &["backup", "backup"]));
    let former = fs::read(source.file("backup")).unwrap();
    client.save("one", 2).unwrap().is(200);
    let present = content(&{
        done(&podium(&source, &["backup", "present"]));
        source.file("present")
    });
    let database = format!("sqlite://{}", source.database().display());
    let prepare = || {
        let folder = Folder::new();
        fs::write(folder.file("backup"), &former).unwrap();
        folder
    };
    let arguments = ["backup", "--force", "backup", "--database", &database];
    killed(&arguments, prepare, |folder| {
        let file = folder.file("backup");
        if fs::read(&file).unwrap() != former {
            manifest::check(&file).unwrap();
            assert!(content(&file) == present, "neither the former nor the present");
        }
        let twice = folder.names().iter().filter(|name| name.contains("partial")).count();
        assert!(twice <= 1, "{:?}", folder.names());
        done(&podium(folder, &arguments));
        assert_swept(folder);
    });
    // The server has gone on beside all this.
    assert_eq!(client.shelved().len(), 1);
    client.save("one", 3).unwrap().is(200);
    server.stop();
}

#[test]
fn b4_a_restore_that_is_killed_leaves_the_former_registry_or_the_new_one() {
    let source = Folder::new();
    let mut server = Launch::new(&source).start();
    let client = server.shelf();
    client.save("one", 1).unwrap().is(200);
    done(&podium(&source, &["backup", "backup"]));
    for number in 2..40 {
        client.save(&format!("after-{number}"), number).unwrap().is(200);
    }
    // All of this is in the write-ahead log that the server leaves behind.
    server.process.kill();
    assert!(fs::metadata(source.file("podium.db-wal")).unwrap().len() > 100_000);
    let copied = || {
        let folder = Folder::new();
        for name in source.names() {
            fs::copy(source.file(&name), folder.file(&name)).unwrap();
        }
        folder
    };
    // As a server would find it: what is in the log is played back.
    let found = |folder: &Folder| -> BTreeSet<String> {
        let database = rusqlite::Connection::open(folder.database()).unwrap();
        let sound: String =
            database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        content(&folder.database())
    };
    let former = found(&copied());
    let restored = content(&source.file("backup"));
    assert!(former.len() > restored.len() + 30, "this test cannot fail");
    killed(&["restore", "--force", "backup"], copied, |folder| {
        let rows = found(folder);
        assert!(rows == former || rows == restored, "neither the former registry nor the new one");
        done(&podium(folder, &["restore", "--force", "backup"]));
        assert!(found(folder) == restored);
        assert_swept(folder);
    });
}
