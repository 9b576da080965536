//! `podium serve`: from settings to a running server, and to its end.

use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use actix_web::web::Data;
use tokio::signal::unix::{SignalKind, signal};

use super::open::{self, told};
use super::{Outcome, ServeArgs, fetch, health, show};
use crate::auth::oidc::{Fetch, Issuers, Trusted};
use crate::config;
use crate::http::Server;
use crate::registry::{AdminKey, IssuedKey, Registry, Settings};
use crate::storage::Url;

/// Runs the server until SIGTERM, SIGINT, or a disk that fails.
pub fn run(args: ServeArgs) -> Outcome {
    open::check_settings()?;
    let (database, settings, admin, trusted) = settings(&args)?;
    let fetch: Arc<Fetch> = Arc::new(fetch::body);
    let issuers = Issuers::new(trusted, &fetch);
    // Bound before anything is made: a start that cannot listen leaves nothing behind.
    let listener = TcpListener::bind(&args.listen)
        .map_err(|cause| format!("PODIUM_LISTEN {}: {cause}", args.listen))?;
    actix_web::rt::System::new().block_on(async {
        let registry = open::registry(&database, args.seal_key_file.as_deref(), settings).await?;
        let registry = registry.trusting(issuers);
        let chosen = admin.is_some();
        let made = registry.first_administrator(admin).await.map_err(told)?;
        let registry = Data::new(registry);
        let server = Server::on(listener, registry.clone())?;
        serve(server, registry, made.filter(|_| !chosen)).await
    })
}

/// What a server runs with, by its settings. Nothing is made or changed.
pub fn settings(args: &ServeArgs) -> Outcome<(Url, Settings, Option<AdminKey>, Vec<Trusted>)> {
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
    let oidc_file = args.oidc_file.as_deref().filter(|file| !file.is_empty()).map(Path::new);
    let admin = config::admin_key(&open::variable)?;
    Ok((database, settings, admin, config::trusted_issuers(oidc_file)?))
}

/// Prints what the operator needs, once: the address, and the key that was made.
#[allow(clippy::print_stdout)] // standard output is where other tools read the address
fn announce(server: &Server, made: Option<IssuedKey>) {
    let address = server.address();
    println!("listening on http://{address}");
    if let Some(key) = made {
        let url = format!("http://{}/api", health::on_loopback(address));
        println!("The first administrator's access key, shown only now:");
        println!("{}", show::exports(&key, &url));
    }
}

/// Serves until a signal, or until the disk fails. It is announced once a signal can stop it.
async fn serve(server: Server, registry: Data<Registry>, made: Option<IssuedKey>) -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    announce(&server, made);
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
