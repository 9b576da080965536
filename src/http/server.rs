//! The server: bound first, then run until it is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpServer, web};

use super::limits::{Limits, Rates};
use super::observe::{Requests, observed};
use super::proxies::Proxies;
use super::{arize, conductor, path, refused};
use crate::registry::Registry;

/// How long requests in flight may take once the server is told to stop, in seconds.
const STOP_SECONDS: u64 = 8;

/// How a server serves.
#[derive(Default)]
pub struct Options {
    /// What clients may ask.
    pub limits: Limits,
    /// Which proxies are believed.
    pub proxies: Proxies,
    /// Counts what is asked.
    pub requests: Requests,
    /// The certificate, where TLS is to be spoken.
    pub tls: Option<rustls::ServerConfig>,
}

/// A server that has its address.
pub struct Server {
    address: SocketAddr,
    is_tls: bool,
    running: actix_web::dev::Server,
}

impl Server {
    /// A server on `listener`, where connections wait until [`Server::run`] is awaited.
    ///
    /// # Errors
    ///
    /// What the system says when the listener cannot be used.
    pub fn on(
        listener: TcpListener,
        registry: web::Data<Registry>,
        options: Options,
    ) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let Options { limits, proxies, requests, tls } = options;
        limit_untaken(&listener, limits.body)?;
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let (connections, head) = (limits.connections.div_ceil(workers), limits.head);
        let rates = web::Data::new(Rates::new(&limits));
        let (limits, proxies) = (web::Data::new(limits), web::Data::new(proxies));
        let requests = web::Data::new(requests);
        let server = HttpServer::new(move || {
            App::new()
                .app_data(registry.clone())
                .app_data(limits.clone())
                .app_data(rates.clone())
                .app_data(proxies.clone())
                .app_data(requests.clone())
                .wrap(from_fn(with_canonical_path))
                .wrap(from_fn(observed))
                .configure(arize::routes)
                .configure(conductor::routes)
        })
        .workers(workers)
        .max_connections(connections)
        .max_connection_rate(connections) // or 256 handshakes that stall would hold up all others
        .tls_handshake_timeout(head)
        .client_request_timeout(head);
        let is_tls = tls.is_some();
        let server = match tls {
            Some(tls) => server.listen_rustls_0_23(listener, tls)?,
            None => server.listen(listener)?,
        };
        let server = server.disable_signals().shutdown_timeout(STOP_SECONDS).run();
        Ok(Self { address, is_tls, running: server })
    }

    /// The address it is bound to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL of an address of it.
    pub fn url(&self, address: SocketAddr) -> String {
        format!("{}://{address}", if self.is_tls { "https" } else { "http" })
    }

    /// A handle to stop it with.
    pub fn handle(&self) -> ServerHandle {
        self.running.handle()
    }

    /// Serves until it is stopped. Requests in flight are answered first.
    ///
    /// # Errors
    ///
    /// What the system says when serving fails.
    pub async fn run(self) -> io::Result<()> {
        self.running.await
    }
}

/// Ends connections of `listener` whose clients take nothing of what they are sent for so long: each
/// has the setting of the listener.
#[cfg_attr(not(target_os = "linux"), allow(unused_variables))]
fn limit_untaken(listener: &TcpListener, time: Duration) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        // None would be no limit.
        let milliseconds = u32::try_from(time.as_millis()).unwrap_or(u32::MAX).max(1);
        rustix::net::sockopt::set_tcp_user_timeout(listener, milliseconds)?;
    }
    Ok(())
}

/// Routes by the canonical path; see [`path`].
async fn with_canonical_path(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let canonical = path::canonical(req.uri());
    if let Some(uri) = canonical.map_err(|refusal| refused(req.path(), refusal))? {
        req.match_info_mut().get_mut().update(&uri);
        req.head_mut().uri = uri;
    }
    next.call(req).await
}
