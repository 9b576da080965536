//! `podium serve`: from settings to a running server, and to its end.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;

use actix_web::web::Data;
use tokio::signal::unix::{SignalKind, signal};

use super::{ServeArgs, fetch};
use crate::auth::oidc::{Fetch, Issuers};
use crate::config::{self, Database};
use crate::domain::Error;
use crate::http::Server;
use crate::registry::{IssuedKey, Registry};
use crate::storage::Db;

type Outcome<T = ()> = Result<T, Box<dyn StdError>>;

/// Runs the server until SIGTERM, SIGINT, or a disk that fails.
pub fn run(args: ServeArgs) -> Outcome {
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    config::refuse_unknown(names)?;
    let environment = |name: &str| std::env::var(name).ok();
    let database = Database::parse(&args.database)?;
    let lifetime = config::token_lifetime(&args.token_ttl, &args.token_max_ttl)?;
    let admin = config::admin_key(&environment)?;
    let oidc_file = args.oidc_file.as_deref().filter(|file| !file.is_empty()).map(Path::new);
    let fetch: Arc<Fetch> = Arc::new(fetch::body);
    let issuers = Issuers::new(config::trusted_issuers(oidc_file)?, &fetch);
    let seal_file = args.seal_key_file.as_deref().filter(|file| !file.is_empty()).map(Path::new);
    let (keyring, made) = config::seal_key(&environment, seal_file, &database)?;
    if let Some(file) = made {
        let file = file.display();
        log::info!("made the seal key {file}: back it up elsewhere, it opens every secret");
    }
    actix_web::rt::System::new().block_on(async {
        let db = Db::open_sqlite(&database.path)?;
        let registry = Registry::open(db, keyring, lifetime).await.map_err(told)?;
        let registry = registry.trusting(issuers);
        let chosen = admin.is_some();
        let made = registry.first_administrator(admin).await.map_err(told)?;
        let registry = Data::new(registry);
        let server = Server::bind(&args.listen, registry.clone())
            .map_err(|cause| format!("PODIUM_LISTEN {}: {cause}", args.listen))?;
        announce(&server, made.filter(|_| !chosen));
        serve(server, registry).await
    })
}

/// Prints what the operator needs, once: the address, and the key that was made.
#[allow(clippy::print_stdout)] // standard output is where other tools read the address
fn announce(server: &Server, made: Option<IssuedKey>) {
    let address = server.address();
    println!("listening on http://{address}");
    if let Some(IssuedKey { id, secret }) = made {
        println!("The first administrator's access key, shown only now:");
        println!("export CONDUCTOR_SERVER_URL=http://{address}/api");
        println!("export CONDUCTOR_AUTH_KEY={id}");
        println!("export CONDUCTOR_AUTH_SECRET={}", secret.expose());
    }
}

/// Serves until a signal, or until the disk fails.
async fn serve(server: Server, registry: Data<Registry>) -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
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
    drop(registry);
    log::info!("stopped");
    outcome
}

/// An error with its cause: at the start there is no client to hide it from.
fn told(error: Error) -> Box<dyn StdError> {
    match error {
        Error::Internal(cause) => cause,
        other => Box::new(other),
    }
}
