//! The server that does nothing: what HTTP alone costs, with the framework and the number of
//! workers that Podium has.

use std::fs;
use std::path::{Path, PathBuf};

use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use podium::domain::configuration::Configuration;
use serde::Deserialize;

use super::Outcome;
use super::load::Work;
use super::records::BODY;
use super::server::{Server, command};

/// The answers of the routes: one record, and a list.
struct Answers {
    one: Bytes,
    list: Bytes,
}

/// What a save of a resource takes. It stands here once more, since the library keeps the types of
/// the wire to itself.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(dead_code)] // parsed, and that is all
struct ResourceUpdate {
    description: Option<String>,
    #[serde(default)]
    enabled: bool,
    #[serde(default)]
    configuration: Configuration,
    max_tokens: Option<i64>,
    frequency: Option<String>,
}

/// Serves the answers in `folder` until it is killed.
pub fn serve(folder: &Path) -> Outcome {
    let one = Bytes::from(fs::read(folder.join("one.json"))?);
    let list = Bytes::from(fs::read(folder.join("list.json"))?);
    let answers = Data::new(Answers { one, list });
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(answers.clone())
                .route("/one", web::get().to(one_record))
                .route("/one", web::post().to(save))
                .route("/list", web::get().to(all_records))
        })
        .bind("127.0.0.1:0")?;
        announce(&server.addrs());
        Ok(server.run().await?)
    })
}

#[allow(clippy::print_stdout)] // the benchmark reads the address there
fn announce(addresses: &[std::net::SocketAddr]) {
    for address in addresses {
        println!("listening on http://{address}");
    }
}

async fn one_record(answers: Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(answers.one.clone())
}

async fn all_records(answers: Data<Answers>) -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::json()).body(answers.list.clone())
}

async fn save(_: web::Json<ResourceUpdate>) -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// The running server, and what it is asked.
pub struct Noop {
    /// The server.
    pub server: Server,
    one: PathBuf,
    list: PathBuf,
}

impl Noop {
    /// Starts it with the answers to a read of one record and of a list.
    pub fn start(folder: &Path, one: &str, list: &str, pinned: bool) -> Outcome<Self> {
        fs::write(folder.join("one.json"), one)?;
        fs::write(folder.join("list.json"), list)?;
        let program = std::env::current_exe()?;
        let mut noop = command(program.as_os_str(), pinned.then_some(0));
        let server = Server::start(noop.arg("--noop").arg(folder))?;
        let (one, list) = (folder.join("noop-one"), folder.join("noop-list"));
        fs::write(&one, "/one\n")?;
        fs::write(&list, "/list\n")?;
        Ok(Self { server, one, list })
    }

    /// A read of one record.
    pub fn get(&self) -> Work<'_> {
        let (servers, paths) = (std::slice::from_ref(&self.server), self.one.clone());
        Work { servers, method: "GET", paths, body: None, token: None, share: 1.0 }
    }

    /// A save of one record.
    pub fn post(&self) -> Work<'_> {
        Work { method: "POST", body: Some(BODY), ..self.get() }
    }

    /// A list.
    pub fn list(&self) -> Work<'_> {
        Work { paths: self.list.clone(), ..self.get() }
    }
}
