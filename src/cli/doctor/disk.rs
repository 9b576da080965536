//! The disk that an embedded database is on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::Findings;
use crate::storage::files::{LEAST_ROOM, folder_of, room};

const CHECK: &str = "disk";

/// How often a sync is timed.
const SYNCS: usize = 16;

/// A sync that takes longer than this holds every change up.
const SLOW: Duration = Duration::from_millis(50);

/// Less than this is soon full, in bytes.
const SCARCE: u64 = 1 << 30;

/// With less than this, changes may be refused at any moment, in bytes.
const NOTHING: u64 = 64 << 20;
const _: () = assert!(LEAST_ROOM < NOTHING);

/// Looks at the file system of the database at `path`.
pub fn check(path: &Path, found: &mut Findings) {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&path);
    check_room(folder, found);
    #[cfg(target_os = "linux")]
    file_system(folder, found);
    match sync_time(folder) {
        Ok(time) if time > SLOW => {
            let told = format!("to sync 4 KiB takes {time:.1?}, and every change waits for that");
            found.warn("sync", told);
        }
        Ok(time) => found.ok("sync", format!("4 KiB are on the disk after {time:.1?}")),
        Err(cause) => found.fail("sync", format!("nothing can be written beside it: {cause}")),
    }
}

fn check_room(folder: &Path, found: &mut Findings) {
    let free = match File::open(folder).and_then(room) {
        Ok(free) => free,
        Err(cause) => return found.fail(CHECK, format!("{}: {cause}", folder.display())),
    };
    let told = format!("{} MiB are free in {}", free >> 20, folder.display());
    match free {
        0..LEAST_ROOM => found.fail(CHECK, format!("{told}: changes are refused; make room")),
        LEAST_ROOM..NOTHING => {
            found.fail(CHECK, format!("{told}: changes will soon be refused; make room"));
        }
        NOTHING..SCARCE => found.warn(CHECK, format!("{told}: make room")),
        _ => found.ok(CHECK, told),
    }
}

#[cfg(target_os = "linux")]
fn file_system(folder: &Path, found: &mut Findings) {
    let kind = rustix::fs::statfs(folder).map(|about| about.f_type & 0xffff_ffff);
    match kind.unwrap_or_default() {
        0x6969 | 0x517b | 0xff53_4d42 | 0xfe53_4d42 | 0x0102_1997 | 0x00c3_6400 | 0x5346_414f => {
            found.fail(
                "file system",
                "it is a network's, whose locks and syncs SQLite cannot rely on: use a local disk, \
                 or PostgreSQL",
            );
        }
        0x0102_1994 | 0x8584_58f6 => {
            found.warn("file system", "it is in memory: a restart of the machine loses everything");
        }
        0x794c_7630 => {
            let told = "it is a container's own: what is there goes with it; mount a volume";
            found.warn("file system", told);
        }
        _ => {}
    }
}

/// How long it takes, at the median, until 4 KiB of a file that has no name are on the disk.
fn sync_time(folder: &Path) -> io::Result<Duration> {
    let name = folder.join(format!(".podium-doctor-{}", Uuid::now_v7().simple()));
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(&name)?;
    fs::remove_file(&name)?;
    let mut times = vec![];
    for _ in 0..SYNCS {
        let began = Instant::now();
        file.write_all(&[0x50; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    Ok(times[SYNCS / 2])
}
