//! Everything beside the answers where a secret could come to stand.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::thread;

use rusqlite::{Connection, OpenFlags};

use crate::scanner::Scanner;
use crate::secrets::Ids;
use crate::server::Site;
use crate::support::ADMIN;

/// Something that was found somewhere, and the secrets that may stand in it.
pub struct Place {
    pub name: String,
    pub bytes: Vec<u8>,
    pub holds: Ids,
}

impl Place {
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes, holds: Ids::new() }
    }

    /// What is wrong with the secrets in it.
    pub fn fault(&self, scanner: &Scanner) -> Option<String> {
        Some(format!("{} {}", self.name, scanner.fault(&self.bytes, &self.holds)?))
    }
}

/// The files below a folder of the site.
pub fn files(site: &Site, folder: &str, when: &str) -> Vec<Place> {
    let place =
        |(path, bytes): (PathBuf, _)| Place::new(format!("{} {when}", path.display()), bytes);
    site.files(folder).into_iter().map(place).collect()
}

/// The files that a process has open and that have no name any more.
pub fn open_files(process: u32) -> Vec<Place> {
    let folder = format!("/proc/{process}/fd");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let unnamed = entries.filter_map(|path| {
        let name = fs::read_link(&path).ok()?;
        let is_file = fs::metadata(&path).is_ok_and(|data| data.is_file());
        (is_file && !name.exists()).then(|| (name, fs::read(path).unwrap()))
    });
    unnamed.map(|(name, bytes)| Place::new(name.display().to_string(), bytes)).collect()
}

/// What everyone on the machine can see of all processes, and what a process calls its threads.
pub fn process_list(process: u32) -> Vec<Place> {
    let mut places = vec![];
    for entry in fs::read_dir("/proc").unwrap().map_while(Result::ok) {
        let path = entry.path().join("cmdline");
        if let Ok(line) = fs::read(&path) {
            places.push(Place::new(path.display().to_string(), line));
        }
    }
    for task in fs::read_dir(format!("/proc/{process}/task")).unwrap().map_while(Result::ok) {
        for file in ["comm", "cmdline", "status"] {
            let path = task.path().join(file);
            let text = fs::read(&path).unwrap_or_default();
            places.push(Place::new(path.display().to_string(), text));
        }
    }
    places
}

/// The environment of a process, in which the operator has put `set`.
pub fn environment(process: u32, set: Ids) -> Place {
    let path = format!("/proc/{process}/environ");
    let bytes = fs::read(&path).unwrap();
    Place { holds: set, ..Place::new(path, bytes) }
}

/// A copy of the database, made while the server writes.
pub fn backup(site: &Site) -> Place {
    let copy = site.path("temporary/backup.db");
    let database = site.path("data/podium.db");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let database = Connection::open_with_flags(database, flags).unwrap();
    database.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    let bytes = fs::read(&copy).unwrap();
    assert_eq!(&bytes[..15], b"SQLite format 3");
    Place::new("the backup", bytes)
}

/// Runs a command against the server, and looks at its process while it waits for an answer.
pub fn command(site: &Site, server: SocketAddr, args: &[&str], set: Ids) -> (Output, Vec<Place>) {
    let between = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = between.local_addr().unwrap();
    let mut command = site.command(&format!("{}.err", args.join("-").replace('/', "_")));
    command.env("CONDUCTOR_SERVER_URL", format!("http://{address}/api"));
    command.env("CONDUCTOR_AUTH_KEY", ADMIN.0).env("CONDUCTOR_AUTH_SECRET", ADMIN.1);
    let child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
    let (first, _) = between.accept().unwrap();
    // It has connected, and is not answered before this has been seen.
    let mut places = process_list(child.id());
    places.push(environment(child.id(), set));
    places.extend(open_files(child.id()));
    pass_on(first, server);
    thread::spawn(move || between.incoming().flatten().for_each(|one| pass_on(one, server)));
    let output = child.wait_with_output().unwrap();
    (output, places)
}

/// Passes on what both sides say.
fn pass_on(client: TcpStream, server: SocketAddr) {
    let server = TcpStream::connect(server).unwrap();
    let ways = [(client.try_clone(), server.try_clone()), (Ok(server), Ok(client))];
    for (from, to) in ways {
        let (mut from, mut to) = (from.unwrap(), to.unwrap());
        thread::spawn(move || {
            let mut part = [0; 16 * 1024];
            while let Ok(length @ 1..) = from.read(&mut part) {
                if to.write_all(&part[..length]).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}
