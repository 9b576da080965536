//! Everything beside the answers where a secret could come to stand.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::sync::mpsc::channel;
use std::thread;

use crate::scanner::Scanner;
use crate::secrets::Ids;
use crate::server::Site;
use crate::support::{ADMIN, PATIENCE, PODIUM};

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

/// What everyone on the machine can see of a process and its threads.
pub fn process_list(process: u32) -> Vec<Place> {
    let place = |path: PathBuf| {
        let text = fs::read(&path).unwrap_or_default();
        Place::new(path.display().to_string(), text)
    };
    let itself = PathBuf::from(format!("/proc/{process}"));
    let tasks = fs::read_dir(itself.join("task")).unwrap().map(|task| task.unwrap().path());
    let of = |folder: PathBuf| ["cmdline", "comm", "status"].map(|file| place(folder.join(file)));
    let found: Vec<_> = tasks.chain([itself]).flat_map(of).collect();
    let line = &found[found.len() - 3].bytes;
    assert!(line.starts_with(PODIUM.as_bytes()), "{}", String::from_utf8_lossy(line));
    found
}

/// The environment of a process, in which the operator has put `set`.
pub fn environment(process: u32, set: Ids) -> Place {
    let path = format!("/proc/{process}/environ");
    let bytes = fs::read(&path).unwrap();
    Place { holds: set, ..Place::new(path, bytes) }
}

/// What the database keeps, and a copy of it, made while the server runs.
pub fn database(site: &Site) -> [Place; 2] {
    let kept = Place::new("the database", site.database.bytes());
    assert!(kept.bytes.len() > 10_000, "only {}", kept.bytes.len());
    [kept, Place::new("the backup", site.database.backup())]
}

/// Runs a command against the server, and looks at its process while it waits for an answer.
pub fn command(site: &Site, server: SocketAddr, args: &[&str], set: Ids) -> (Output, Vec<Place>) {
    let between = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = between.local_addr().unwrap();
    let mut command = site.command(&format!("{}.err", args.join("-").replace('/', "_")));
    command.env("CONDUCTOR_SERVER_URL", format!("http://{address}/api"));
    command.env("CONDUCTOR_AUTH_KEY", ADMIN.0).env("CONDUCTOR_AUTH_SECRET", ADMIN.1);
    let child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
    let (send, connections) = channel();
    thread::spawn(move || between.incoming().flatten().try_for_each(|one| send.send(one)));
    let first = connections.recv_timeout(PATIENCE).unwrap();
    // It has connected, and is not answered before this has been seen.
    let mut places = process_list(child.id());
    places.push(environment(child.id(), set));
    places.extend(open_files(child.id()));
    pass_on(first, server);
    thread::spawn(move || connections.into_iter().for_each(|one| pass_on(one, server)));
    (child.wait_with_output().unwrap(), places)
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
