//! Podium under load: asked by an application that owns what it asks for.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Outcome;
use super::client::Client;
use super::launch::{Launch, SlowSync};
use super::load::Work;
use super::records::{self, BODY, Size};
use super::server::Server;

/// The body of a PATCH in Arize's dialect.
const PATCH: &str = r#"{"type":"LLM","config":{"is_function_calling_enabled":false}}"#;

/// What part of the requests of a mix are saves.
const SAVES: f64 = 0.05;

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
pub struct Start {
    /// How long the first answer takes.
    pub time: Duration,
    /// How much memory the server has then, in bytes.
    pub memory: u64,
}

impl Podium {
    /// Starts servers over an empty database, and fills it. What is asked for stands in files in
    /// `folder`, which is made.
    pub fn fill(launch: Launch, folder: &Path, size: Size) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let servers = launch.start()?;
        let client = Client::of_application(servers.first().ok_or("no server was asked for")?)?;
        records::save_listed(&client)?;
        records::save(&client, 0..size.integrations, size.resources)?;
        let podium = Self { servers, launch, client, folder: folder.to_owned() };
        podium.write_paths(size)?;
        Ok(podium)
    }

    fn write_paths(&self, size: Size) -> Outcome {
        let write = |name: &str, paths: Vec<String>| fs::write(self.file(name), paths.join("\n"));
        write("resources", records::resource_paths(size))?;
        write("list", vec![records::list_path()])?;
        write("token", vec!["/api/token".to_owned()])?;
        write("arize", records::arize_paths(&self.client)?)?;
        Ok(())
    }

    /// Ends the servers and starts them anew.
    pub fn restart(&mut self) -> Outcome<Start> {
        self.stop()?;
        let began = Instant::now();
        self.servers = self.launch.start()?;
        self.client = self.client.at(self.servers.first().ok_or("there is no server")?);
        self.client.get("/health")?;
        let time = began.elapsed();
        let memory = self.servers.iter().map(Server::memory).sum::<Outcome<_>>()?;
        Ok(Start { time, memory })
    }

    /// Ends the servers; all they saved is in the database file then.
    pub fn stop(&mut self) -> Outcome {
        self.servers.drain(..).try_for_each(Server::stop)
    }

    /// A server over a copy of an embedded database that no server has open, on a slower disk.
    pub fn copied(&self, folder: &Path, slow_sync: SlowSync) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
        let mut launch = Launch::embedded(folder, self.launch.pinned);
        launch.slow_sync = Some(slow_sync);
        let servers = launch.start()?;
        let client = self.client.at(servers.first().ok_or("there is no server")?);
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
