//! A network between a server and its database that can fail.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// A proxy in front of a database. Its threads end with their connections.
pub struct Proxy {
    /// Where it listens.
    pub address: String,
    shared: Arc<Shared>,
}

/// What happens to what is sent.
#[derive(Clone, Copy, PartialEq)]
enum Weather {
    Fair,
    /// Each piece comes that much later.
    Slow(Duration),
    /// Nothing comes through, and connections stay open.
    Stalled,
    /// Every connection is cut, also a new one.
    Cut,
}

/// A half of a commit that is lost, and the connection with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lost {
    /// What was sent to the database: it is not committed.
    Request,
    /// What the database answers: it is committed.
    Answer,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    weather: Weather,
    /// What the next commit of a writer loses.
    lose: Option<Lost>,
    open: Vec<TcpStream>,
}

/// The way that bytes go.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    ToDatabase,
    ToServer,
}

impl Proxy {
    /// A proxy in front of `database`, as in `127.0.0.1:5432`.
    pub fn new(database: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let state = State { weather: Weather::Fair, lose: None, open: vec![] };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let (database, served) = (database.to_owned(), Arc::clone(&shared));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if served.state().weather == Weather::Cut {
                    continue;
                }
                let Ok(stream) = stream else { continue };
                let Ok(behind) = TcpStream::connect(&database) else { continue };
                connect(&served, &stream, &behind);
            }
        });
        Self { address, shared }
    }

    pub fn stall(&self) {
        self.shared.turn(Weather::Stalled);
    }

    pub fn slow(&self, delay: Duration) {
        self.shared.turn(Weather::Slow(delay));
    }

    pub fn cut(&self) {
        self.shared.turn(Weather::Cut);
        for stream in self.shared.state().open.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    pub fn clear(&self) {
        self.shared.turn(Weather::Fair);
    }

    /// Loses a half of the next commit that writes.
    pub fn lose(&self, what: Lost) {
        self.shared.state().lose = Some(what);
    }

    /// Whether that has been lost.
    pub fn has_lost(&self) -> bool {
        self.shared.state().lose.is_none()
    }
}

impl Drop for Proxy {
    /// Lets go of what is held.
    fn drop(&mut self) {
        self.cut();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn turn(&self, weather: Weather) {
        self.state().weather = weather;
        self.changed.notify_all();
    }

    /// The weather, once anything comes through.
    fn weather(&self) -> Weather {
        let stalled = |state: &mut State| state.weather == Weather::Stalled;
        self.changed.wait_while(self.state(), stalled).unwrap().weather
    }

    /// Whether this half of a commit is to be lost; the next one is not.
    fn loses(&self, half: Lost) -> bool {
        let mut state = self.state();
        state.lose.take_if(|lost| *lost == half).is_some()
    }
}

/// Moves bytes both ways, until either end or the weather closes the connection.
fn connect(shared: &Arc<Shared>, server: &TcpStream, database: &TcpStream) {
    let writes = Arc::new(Mutex::new(false));
    let copy = |stream: &TcpStream| stream.try_clone().unwrap();
    shared.state().open.extend([copy(server), copy(database)]);
    for (way, from, to) in [(Way::ToDatabase, server, database), (Way::ToServer, database, server)]
    {
        let (shared, writes) = (Arc::clone(shared), Arc::clone(&writes));
        let (from, to) = (copy(from), copy(to));
        thread::spawn(move || {
            let _ = pump(&shared, &writes, way, &from, &to);
            let _ = from.shutdown(Shutdown::Both);
            let _ = to.shutdown(Shutdown::Both);
        });
    }
}

fn pump(
    shared: &Shared,
    writes: &Mutex<bool>,
    way: Way,
    mut from: &TcpStream,
    mut to: &TcpStream,
) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        let bytes = &buffer[..length];
        match shared.weather() {
            Weather::Slow(delay) => thread::sleep(delay),
            Weather::Cut => return Ok(()),
            Weather::Fair | Weather::Stalled => {}
        }
        if is_lost(shared, writes, way, bytes) {
            return Ok(());
        }
        to.write_all(bytes)?;
    }
}

/// Whether `bytes` are the half of a commit that is to be lost. What writes has taken the lock of
/// the writers before.
fn is_lost(shared: &Shared, writes: &Mutex<bool>, way: Way, bytes: &[u8]) -> bool {
    let holds = |text: &str| bytes.windows(text.len()).any(|part| part == text.as_bytes());
    let mut writes = writes.lock().unwrap();
    match way {
        Way::ToDatabase if *writes && holds("COMMIT") && shared.loses(Lost::Request) => true,
        Way::ToDatabase => {
            *writes |= holds("pg_advisory_xact_lock");
            false
        }
        Way::ToServer if *writes && holds("COMMIT\0") => {
            *writes = false;
            shared.loses(Lost::Answer)
        }
        Way::ToServer => false,
    }
}
