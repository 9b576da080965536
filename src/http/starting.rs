//! What is answered while the registry is opened, which may take long: a schema is brought up to date,
//! or the database is waited for.

use std::io;
use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::http::ConnectionType;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::json;

use super::refused;
use crate::domain::Error;

/// A server that serves nothing yet.
pub struct Starting(ServerHandle);

impl Starting {
    /// Answers on `listener`, which another server may take over, by `tls` where it is to be spoken.
    ///
    /// # Errors
    ///
    /// What the system says when the listener cannot be used.
    pub fn on(listener: &TcpListener, tls: Option<&rustls::ServerConfig>) -> io::Result<Self> {
        let server = HttpServer::new(|| {
            App::new().route("/health", web::get().to(live)).default_service(web::to(not_yet))
        });
        let (server, listener) = (server.workers(1).disable_signals(), listener.try_clone()?);
        let server = match tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls.clone())?,
            None => server.listen(listener)?,
        };
        let server = server.shutdown_timeout(1).run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Ok(Self(handle))
    }

    /// Answers what has come, and leaves the listener.
    pub async fn end(self) {
        self.0.stop(true).await;
    }
}

async fn live() -> HttpResponse {
    let start = json!({"name": "start", "healthy": false, "message": "it is starting"});
    let body = json!({"healthy": false, "healthResults": [start]});
    HttpResponse::Ok().force_close().json(body)
}

async fn not_yet(req: HttpRequest) -> HttpResponse {
    let refusal = Error::Unavailable("it is starting").into();
    let mut answer = refused(req.path(), refusal).error_response();
    answer.head_mut().set_connection_type(ConnectionType::Close);
    answer
}
