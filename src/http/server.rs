//! The server: bound first, then run until it is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpServer, web};

use super::arize::{self, ArizeError};
use super::conductor::{self, ConductorError};
use super::path;
use crate::registry::Registry;

/// How long requests in flight may take once the server is told to stop, in seconds.
const STOP_SECONDS: u64 = 8;

/// A server that has its address.
pub struct Server {
    address: SocketAddr,
    server: actix_web::dev::Server,
}

impl Server {
    /// A server on `listener`, where connections wait until [`Server::run`] is awaited.
    ///
    /// # Errors
    ///
    /// What the system says when the listener cannot be used.
    pub fn on(listener: TcpListener, registry: web::Data<Registry>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let server = HttpServer::new(move || {
            App::new()
                .app_data(registry.clone())
                .wrap(from_fn(with_canonical_path))
                .configure(arize::routes)
                .configure(conductor::routes)
        })
        .listen(listener)?
        .disable_signals()
        .shutdown_timeout(STOP_SECONDS)
        .run();
        Ok(Self { address, server })
    }

    /// The address it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A handle to stop it with.
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Serves until it is stopped. Requests in flight are answered first.
    ///
    /// # Errors
    ///
    /// What the system says when serving fails.
    pub async fn run(self) -> io::Result<()> {
        self.server.await
    }
}

/// Routes by the canonical path; see [`path`].
async fn with_canonical_path(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let canonical = path::canonical(req.uri()).map_err(|refusal| {
        if arize::answers_for(req.path()) {
            actix_web::Error::from(ArizeError::at(req.path(), refusal))
        } else {
            ConductorError::from(refusal).into()
        }
    });
    if let Some(uri) = canonical? {
        req.match_info_mut().get_mut().update(&uri);
        req.head_mut().uri = uri;
    }
    next.call(req).await
}
