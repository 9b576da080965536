//! Podium under load: asked by an application that owns what it asks for.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Outcome;
use super::client::Client;
use super::launch::{DATABASE, Launch, SlowSync};
use super::load::Work;
use super::records::{self, BODY, Size};
use super::server::Server;

/// The body of a PATCH in Arize's dialect.
const PATCH: &str = r#"{"type":"LLM","config":{"is_function_calling_enabled":false}}"#;

/// What part of the requests of a mix are saves.
const SAVES: f64 = 0.05;

/// How often the server is started to see how long that takes.
const STARTS: usize = 5;

/// The running servers of one database, and what they are asked.
pub struct Podium {
    /// The servers.
    pub servers: Vec<Server>,
    launch: Launch,
    client: Client,
    /// Holds the files with the paths to ask for, and an embedded database.
    folder: PathBuf,
}

/// What a start over a filled database comes to.
#[derive(Clone, Copy)]
pub struct Start {
    /// How long the first answer takes.
    pub time: Duration,
    /// How much memory the server has then, in bytes.
    pub memory: u64,
}

impl Podium {
    /// Starts servers over an empty database. What they are asked for will stand in files in
    /// `folder`, which is made.
    pub fn start(launch: Launch, folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let servers = launch.start()?;
        let client = Client::of_application(first(&servers)?)?;
        Ok(Self { servers, launch, client, folder: folder.to_owned() })
    }

    /// Starts servers over an empty database, and saves all that they are asked for.
    pub fn fill(launch: Launch, folder: &Path, size: Size) -> Outcome<Self> {
        let podium = Self::start(launch, folder)?;
        records::save_listed(&podium.client)?;
        podium.save(0..size.integrations, size.resources)?;
        podium.write_paths("list", &[records::list_path()])?;
        podium.write_paths("token", &["/api/token".to_owned()])?;
        podium.write_paths("arize", &records::arize_paths(&podium.client)?)?;
        Ok(podium)
    }

    /// Saves integrations by their numbers, which come after those that are there.
    pub fn save(&self, integrations: Range<usize>, resources: usize) -> Outcome {
        let size = Size { integrations: integrations.end, resources };
        records::save(&self.client, integrations, resources)?;
        self.write_paths("resources", &records::resource_paths(size))
    }

    /// Signs in as the administrator.
    pub fn administrator(&self) -> Outcome<Client> {
        Client::administrator(first(&self.servers)?)
    }

    fn write_paths(&self, name: &str, paths: &[String]) -> Outcome {
        Ok(fs::write(self.file(name), paths.join("\n"))?)
    }

    /// Ends the servers and starts them anew.
    pub fn restart(&mut self) -> Outcome<Start> {
        self.stop()?;
        let began = Instant::now();
        self.servers = self.launch.start()?;
        self.client = self.client.at(first(&self.servers)?);
        self.client.get("/health")?;
        Ok(Start { time: began.elapsed(), memory: self.memory()? })
    }

    /// The median of several starts.
    pub fn usual_start(&mut self) -> Outcome<Start> {
        let mut starts = (0..STARTS).map(|_| self.restart()).collect::<Outcome<Vec<_>>>()?;
        starts.sort_unstable_by_key(|start| start.memory);
        let memory = starts[STARTS / 2].memory;
        starts.sort_unstable_by_key(|start| start.time);
        Ok(Start { memory, ..starts[STARTS / 2] })
    }

    /// How much memory the servers have, in bytes.
    pub fn memory(&self) -> Outcome<u64> {
        self.servers.iter().map(Server::memory).sum()
    }

    /// Ends the servers; all they saved is in the database file then.
    pub fn stop(&mut self) -> Outcome {
        self.servers.drain(..).try_for_each(Server::stop)
    }

    /// How large an embedded database is that no server has open, in bytes.
    pub fn database_size(&self) -> Outcome<u64> {
        Ok(fs::metadata(self.file(DATABASE))?.len())
    }

    /// A server over a copy of an embedded database that no server has open, on this disk or a
    /// slower one.
    pub fn copied(&self, folder: &Path, slow_sync: Option<SlowSync>) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
        let launch = Launch { slow_sync, ..Launch::embedded(folder, self.launch.pinned) };
        let servers = launch.start()?;
        let client = self.client.at(first(&servers)?);
        Ok(Self { servers, launch, client, folder: folder.to_owned() })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A read of one resource.
    pub fn get_one(&self) -> Work<'_> {
        let (paths, token) = (self.file("resources"), Some(self.client.token.as_str()));
        Work { servers: &self.servers, method: "GET", paths, body: None, token, share: 1.0 }
    }

    /// A save of a resource that exists.
    pub fn upsert(&self) -> Work<'_> {
        Work { method: "POST", body: Some(BODY), ..self.get_one() }
    }

    /// Reads of one resource, and some saves.
    pub fn mix(&self) -> Work<'_> {
        Work { share: SAVES, ..self.upsert() }
    }

    /// A token for an access key.
    pub fn token(&self) -> Work<'_> {
        let (paths, body) = (self.file("token"), Some(self.client.credentials.as_str()));
        Work { method: "POST", paths, body, token: None, ..self.get_one() }
    }

    /// A read of one integration in Arize's dialect.
    pub fn arize_get(&self) -> Work<'_> {
        Work { paths: self.file("arize"), ..self.get_one() }
    }

    /// A change of one integration in Arize's dialect.
    pub fn arize_patch(&self) -> Work<'_> {
        Work { method: "PATCH", body: Some(PATCH), ..self.arize_get() }
    }

    /// A list of a thousand resources.
    pub fn list(&self) -> Work<'_> {
        Work { paths: self.file("list"), ..self.get_one() }
    }

    /// What a read of one resource answers.
    pub fn one(&self) -> Outcome<String> {
        self.ask_first("resources")
    }

    /// What a list answers.
    pub fn all(&self) -> Outcome<String> {
        self.ask_first("list")
    }

    /// Fails unless saves under load changed what is read. Which they changed is for wrk to know:
    /// slow ones do not get to all.
    pub fn check_saved(&self) -> Outcome {
        for path in fs::read_to_string(self.file("resources"))?.lines() {
            let found: Value = serde_json::from_str(&self.client.get(path)?)?;
            if found["description"].as_str().is_some_and(|text| text.starts_with("Updated")) {
                return Ok(());
            }
        }
        Err("the saves under load did not arrive".into())
    }

    fn ask_first(&self, paths: &str) -> Outcome<String> {
        let paths = fs::read_to_string(self.file(paths))?;
        self.client.get(paths.lines().next().ok_or("there is nothing to read")?)
    }
}

fn first(servers: &[Server]) -> Outcome<&Server> {
    servers.first().ok_or_else(|| "there is no server".into())
}
