//! The outside witness of a crash: what was sent, what was acknowledged, and what must be found.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write as _;
use std::sync::{Mutex, MutexGuard};

use serde_json::json;

use crate::client::{Client, number_of, secret};
use crate::database::{changes, secrets};
use crate::support::Folder;

/// What was sent, what was acknowledged, and in which order.
pub struct Journal(Mutex<Pages>);

struct Pages {
    /// Ticks at every event, so that "before" has a meaning across threads.
    clock: u64,
    /// Each write, by its number.
    writes: Vec<Write>,
    file: File,
}

struct Write {
    key: String,
    begun: u64,
    /// When it was answered, or when the server that it was sent to was dead.
    ended: Option<u64>,
    acknowledged: bool,
    /// It was found after a crash, so that it was committed, acknowledged or not.
    found: bool,
}

impl Journal {
    pub fn new(file: File) -> Self {
        Self(Mutex::new(Pages { clock: 0, writes: vec![], file }))
    }

    fn lock(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    pub fn acknowledged(&self) -> usize {
        self.lock().writes.iter().filter(|write| write.acknowledged).count()
    }

    /// A write is about to be sent; gives its number.
    pub fn begin(&self, key: &str) -> u64 {
        let mut pages = self.lock();
        let begun = pages.tick();
        let key = key.to_owned();
        pages.writes.push(Write { key, begun, ended: None, acknowledged: false, found: false });
        pages.writes.len() as u64 - 1
    }

    /// A write was answered.
    pub fn acknowledge(&self, number: u64) {
        let mut pages = self.lock();
        let ended = pages.tick();
        let write = &mut pages.writes[usize::try_from(number).unwrap()];
        (write.ended, write.acknowledged) = (Some(ended), true);
        let line = format!("{} {number}", write.key);
        writeln!(pages.file, "{line}").unwrap();
    }

    /// The server is dead: what was not answered never will be.
    pub fn close(&self) {
        let mut pages = self.lock();
        let ended = pages.tick();
        for write in pages.writes.iter_mut().filter(|write| write.ended.is_none()) {
            write.ended = Some(ended);
        }
    }

    /// Compares all of it with what a restarted server holds. `before` is the revision of before
    /// the first write.
    pub fn check(&self, folder: &Folder, client: &Client, before: i64) {
        let mut pages = self.lock();
        let database = folder.look();
        let health: String =
            database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(health, "ok");
        let stored: HashMap<String, u64> = client
            .shelved()
            .iter()
            .map(|resource| (resource["api"].as_str().unwrap().to_owned(), number_of(resource)))
            .collect();
        let sealed = secrets(folder, &database);
        let rows = changes(&database, before);
        for (key, number) in &stored {
            let write = &mut pages.writes[usize::try_from(*number).unwrap()];
            assert_eq!(write.key, *key, "write {number} is stored elsewhere");
            write.found = true;
        }
        for (key, writes) in pages.by_key() {
            let known = writes.iter().filter(|write| write.acknowledged || write.found).count();
            let audited = rows.get(&format!("shelf:{key}")).copied().unwrap_or_default();
            assert!(
                (known..=writes.len()).contains(&audited),
                "{key}: {known} writes are known, {} were sent, {audited} are audited",
                writes.len()
            );
            let Some(number) = stored.get(key) else {
                assert_eq!(audited, 0, "{key} is lost");
                continue;
            };
            assert_eq!(sealed.get(key), Some(&json!(secret(*number)).to_string()), "{key}");
            let found = &pages.writes[usize::try_from(*number).unwrap()];
            let later = writes.iter().find(|write| write.acknowledged && write.begun > found.end());
            assert!(later.is_none(), "{key} holds write {number}: a later one is lost");
        }
    }
}

impl Pages {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn by_key(&self) -> HashMap<&str, Vec<&Write>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        for write in &self.writes {
            found.entry(write.key.as_str()).or_default().push(write);
        }
        found
    }
}

impl Write {
    fn end(&self) -> u64 {
        self.ended.unwrap()
    }
}
