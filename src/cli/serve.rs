//! `podium serve`: from settings to a running server, and to its end.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use actix_web::web::Data;
use prometheus_client::registry::Registry as Metrics;
use tokio::signal::unix::{SignalKind, signal};

use super::open::{self, told};
use super::{Outcome, ServeArgs, ServingArgs, fetch, health, show};
use crate::auth::oidc::{Fetch, Issuers, Trusted};
use crate::config;
use crate::http::{Options, Requests, Server, Starting, metrics};
use crate::registry::{AdminKey, IssuedKey, Registry, Settings};
use crate::storage::Url;

/// What a server runs with.
pub struct Prepared {
    database: Url,
    settings: Settings,
    admin: Option<AdminKey>,
    issuers: Vec<Trusted>,
    options: Options,
}

/// Runs the server until SIGTERM, SIGINT, or a disk that fails.
pub fn run(args: ServeArgs) -> Outcome {
    open::check_settings()?;
    let Prepared { database, settings, admin, issuers, options } = settings(&args)?;
    let fetch: Arc<Fetch> = Arc::new(fetch::body);
    let issuers = Issuers::new(issuers, &fetch);
    // Bound before anything is made: a start that cannot listen leaves nothing behind.
    let listener = bound("PODIUM_LISTEN", &args.listen)?;
    let metrics_listen = config::given(args.metrics_listen.as_deref());
    let metrics_listener =
        metrics_listen.map(|address| bound("PODIUM_METRICS_LISTEN", address)).transpose()?;
    actix_web::rt::System::new().block_on(async {
        let starting = Starting::on(&listener, options.tls.as_ref())?;
        let registry = open::registry(&database, args.seal_key_file.as_deref(), settings).await?;
        let registry = registry.trusting(issuers);
        let chosen = admin.is_some();
        let made = registry.first_administrator(admin).await.map_err(told)?;
        let registry = Data::new(registry);
        let mut metrics_address = None;
        if let Some(listener) = metrics_listener {
            metrics_address = Some(listener.local_addr()?);
            let mut metrics = Metrics::with_prefix("podium");
            options.requests.register(&mut metrics);
            registry.register(&mut metrics);
            actix_web::rt::spawn(metrics::server(listener, Arc::new(metrics))?);
        }
        starting.end().await;
        let server = Server::on(listener, registry.clone(), options)?;
        serve(server, registry, metrics_address, made.filter(|_| !chosen)).await
    })
}

/// A listener on the address of a setting.
fn bound(variable: &str, address: &str) -> Outcome<TcpListener> {
    Ok(TcpListener::bind(address).map_err(|cause| format!("{variable} {address}: {cause}"))?)
}

/// What a server runs with, by its settings. Nothing is made or changed.
pub fn settings(args: &ServeArgs) -> Outcome<Prepared> {
    let mut database = config::database(&args.database, &open::variable)?;
    let (readers, patience) = (&args.database_connections, &args.database_timeout);
    config::database_limits(&mut database, readers, patience)?;
    let lifetime = config::token_lifetime(&args.token_ttl, &args.token_max_ttl)?;
    let settings = Settings {
        lifetime,
        resolve: config::resolve(&args.resolve)?,
        hosts: config::endpoint_hosts(
            args.endpoint_allow.as_deref(),
            args.endpoint_deny.as_deref(),
        )?,
        references: config::references(&args.reference_env, &args.reference_folders)?,
        protected_labels: config::protected_labels(&args.protected_labels)?,
    };
    let oidc_file = config::given(args.oidc_file.as_deref()).map(Path::new);
    Ok(Prepared {
        database,
        settings,
        options: options(&args.serving)?,
        admin: config::admin_key(&open::variable)?,
        issuers: config::trusted_issuers(oidc_file)?,
    })
}

/// How clients are served, by the settings.
fn options(args: &ServingArgs) -> Outcome<Options> {
    Ok(Options {
        limits: config::limits(&config::LimitTexts {
            connections: &args.max_connections,
            body: &args.max_body,
            bulk_body: &args.max_bulk_body,
            head_timeout: &args.head_timeout,
            body_timeout: &args.body_timeout,
            rate: &args.rate_limit,
        })?,
        proxies: config::proxies(&args.trusted_proxies)?,
        requests: Requests::default(),
        tls: config::tls(args.tls_cert.as_deref(), args.tls_key.as_deref())?,
    })
}

/// Prints what the operator needs, once: the addresses, and the key that was made.
#[allow(clippy::print_stdout)] // standard output is where other tools read the addresses
fn announce(server: &Server, metrics: Option<SocketAddr>, made: Option<IssuedKey>) {
    let address = server.address();
    println!("listening on {}", server.url(address));
    if let Some(metrics) = metrics {
        println!("metrics on http://{metrics}/metrics");
    }
    if let Some(key) = made {
        let url = format!("{}/api", server.url(health::on_loopback(address)));
        println!("The first administrator's access key, shown only now:");
        println!("{}", show::exports(&key, &url));
    }
}

/// Serves until a signal, or until the disk fails. It is announced once a signal can stop it.
async fn serve(
    server: Server,
    registry: Data<Registry>,
    metrics: Option<SocketAddr>,
    made: Option<IssuedKey>,
) -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    announce(&server, metrics, made);
    let handle = server.handle();
    let running = actix_web::rt::spawn(server.run());
    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        () = registry.failed() => Err("the disk failed; nothing can be saved any more".into()),
    };
    log::info!("stopping: answering what has been asked");
    handle.stop(true).await;
    running.await??;
    registry.close();
    log::info!("stopped");
    outcome
}
