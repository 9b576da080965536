//! The command line: subcommands, each wiring together what it needs.

mod audit;
mod backup;
mod client;
mod copy;
mod desk;
mod doctor;
mod fetch;
mod grant;
mod health;
mod key;
mod local;
mod logging;
mod manifest;
mod open;
mod openapi;
mod output;
mod remote;
mod render;
mod restore;
mod seal;
mod serve;
mod show;
mod user;

#[cfg(any(test, fuzzing))]
pub use manifest::fuzz;

use std::error::Error as StdError;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// How a command ends. An error is told in one line.
type Outcome<T = ()> = Result<T, Box<dyn StdError>>;

/// Where the server listens, and where its data is, unless settings say otherwise.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_DATABASE: &str = "sqlite://podium.db";

/// What `--help` says of settings that must not be flags: others could see them in the process
/// list.
const SECRET_SETTINGS: &str = "\
Settings that are read from the environment only:
  PODIUM_SEAL_KEY          the key that seals secrets: 64 hexadecimal digits, or 32
                           bytes in base64
                           [default: a file beside the database, made with a new one]
  PODIUM_DATABASE_PASSWORD
                           the password of a PostgreSQL whose URL has none; also with _FILE
  PODIUM_ADMIN_KEY_ID, PODIUM_ADMIN_KEY_SECRET
                           the access key of the first administrator, used once, when there is
                           none; each also with _FILE [default: one is made and printed]
  RUST_LOG                 the log's filter [default: info,actix_server=warn]; add
                           podium::requests=warn for no line a request

Flags override the environment.";

/// Podium, an integration resource server for the Conductor workflow orchestrator.
#[derive(Parser)]
#[command(name = "podium", version, about, after_help = SECRET_SETTINGS)]
#[command(args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; this is what happens without a command.
    #[command(after_help = SECRET_SETTINGS)]
    Serve(Box<ServeArgs>),
    /// Ask a running server whether it is healthy: exit code 0 if it is, 1 if not.
    Health(HealthArgs),
    /// List, show, save and delete users.
    #[command(after_help = desk::SETTINGS)]
    User(user::UserArgs),
    /// List, create, rotate, pause and delete access keys; recover the administrator's.
    #[command(after_help = desk::SETTINGS)]
    Key(key::KeyArgs),
    /// List, add and remove grants: who may do what to one thing.
    #[command(after_help = desk::SETTINGS)]
    Grant(grant::GrantArgs),
    /// List, verify and export the audit log.
    #[command(after_help = desk::SETTINGS)]
    Audit(audit::AuditArgs),
    /// Show the keys that seal secrets, and seal everything with a new one.
    #[command(after_help = desk::SETTINGS)]
    Seal(seal::SealArgs),
    /// Copy a whole registry to another database, as from SQLite to PostgreSQL.
    #[command(after_help = copy::NOTES)]
    Copy(copy::CopyArgs),
    /// Write a whole registry into one file, while servers run.
    #[command(after_help = backup::NOTES)]
    Backup(backup::BackupArgs),
    /// Put the registry of such a file into a database, while no server runs.
    #[command(after_help = restore::NOTES)]
    Restore(restore::RestoreArgs),
    /// Check the settings, the seal key, the database, the disk and the clock, and say what to do:
    /// exit code 1 if something fails.
    Doctor(Box<doctor::DoctorArgs>),
    /// Write what a Conductor server needs to use the providers registered here.
    #[command(after_help = render::help())]
    Render(render::RenderArgs),
    /// Show what a manifest would change: exit code 0 if nothing, 2 if something, 1 if it fails.
    #[command(after_help = manifest::SETTINGS)]
    Plan(manifest::PlanArgs),
    /// Apply a manifest: all of it or nothing, once it was shown and agreed to.
    #[command(after_help = manifest::SETTINGS)]
    Apply(manifest::ApplyArgs),
    /// Write the registry, or a part of it, as a manifest.
    #[command(after_help = manifest::SETTINGS)]
    Export(manifest::ExportArgs),
    /// Print the JSON Schema of manifests.
    Schema,
    /// Print the OpenAPI document of all routes.
    Openapi,
}

#[derive(Args)]
struct ServeArgs {
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "PODIUM_LISTEN", default_value = DEFAULT_LISTEN, value_name = "ADDRESS")]
    listen: String,
    /// Where the data is, as in `sqlite://podium.db` or `postgres://podium@db/podium`.
    #[arg(long, env = "PODIUM_DATABASE_URL", default_value = DEFAULT_DATABASE)]
    #[arg(hide_env_values = true, value_name = "URL")]
    database: String,
    /// How many connections to a PostgreSQL read; one more writes.
    #[arg(long, env = "PODIUM_DATABASE_CONNECTIONS", default_value = "8", value_name = "NUMBER")]
    database_connections: String,
    /// How long a PostgreSQL is waited for: to connect, to get a lock or a free connection, to run
    /// a statement.
    #[arg(long, env = "PODIUM_DATABASE_TIMEOUT", default_value = "5s", value_name = "DURATION")]
    database_timeout: String,
    /// A file with the key that seals secrets, readable by its owner only.
    #[arg(long, env = "PODIUM_SEAL_KEY_FILE", value_name = "FILE")]
    seal_key_file: Option<String>,
    /// A JSON file with the identity providers whose tokens are taken.
    #[arg(long, env = "PODIUM_OIDC_FILE", value_name = "FILE")]
    oidc_file: Option<String>,
    /// Whether those with EXECUTE may resolve an integration, that is, read its secrets: `on` or
    /// `off`.
    #[arg(long, env = "PODIUM_RESOLVE", default_value = "off", value_name = "on|off")]
    resolve: String,
    /// Variables of the environment that configurations may refer to as `env:NAME`, between
    /// commas; `TEAM_*` allows all that begin so.
    #[arg(long, env = "PODIUM_REFERENCE_ENV", default_value = "", value_name = "NAMES")]
    reference_env: String,
    /// Folders below which configurations may refer to files as `file:/path`, between commas.
    #[arg(long, env = "PODIUM_REFERENCE_FOLDERS", default_value = "", value_name = "FOLDERS")]
    reference_folders: String,
    /// Labels of prompts that take UPDATE on the label itself to move, between commas.
    #[arg(long, env = "PODIUM_PROTECTED_LABELS", default_value = "production")]
    #[arg(value_name = "LABELS")]
    protected_labels: String,
    /// How long a token lives when the client does not say.
    #[arg(long, env = "PODIUM_TOKEN_TTL", default_value = "1h", value_name = "DURATION")]
    token_ttl: String,
    /// How long a token lives at the most.
    #[arg(long, env = "PODIUM_TOKEN_MAX_TTL", default_value = "24h", value_name = "DURATION")]
    token_max_ttl: String,
    /// The only hosts that integrations may point to, if set: names, `*.example.com`, IP addresses
    /// and networks, with commas between.
    #[arg(long, env = "PODIUM_ENDPOINT_ALLOW", value_name = "HOSTS")]
    endpoint_allow: Option<String>,
    /// The hosts that they may not point to, even if allowed; unless set, where clouds serve their
    /// metadata, and link-local addresses. `none` denies nothing.
    #[arg(long, env = "PODIUM_ENDPOINT_DENY", value_name = "HOSTS")]
    endpoint_deny: Option<String>,
    /// How lines of the log are written.
    #[arg(long, env = "PODIUM_LOG_FORMAT", default_value = "text", value_enum)]
    log_format: logging::Format,
    /// The address on which Prometheus finds `/metrics`; nowhere unless set.
    #[arg(long, env = "PODIUM_METRICS_LISTEN", value_name = "ADDRESS")]
    metrics_listen: Option<String>,
    #[command(flatten)]
    serving: ServingArgs,
}

/// What clients are served by, and what they may ask.
#[derive(Args)]
struct ServingArgs {
    /// A certificate in PEM, with those between it and its authority, to serve HTTPS by. It is taken
    /// anew when the file changes.
    #[arg(long, env = "PODIUM_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<String>,
    /// The private key of the certificate, in PEM.
    #[arg(long, env = "PODIUM_TLS_KEY", value_name = "FILE")]
    tls_key: Option<String>,
    /// The addresses and networks of proxies whose `X-Forwarded-For` is believed, between commas.
    #[arg(long, env = "PODIUM_TRUSTED_PROXIES", default_value = "", value_name = "NETWORKS")]
    trusted_proxies: String,
    /// How many connections are open at once; more wait.
    #[arg(long, env = "PODIUM_MAX_CONNECTIONS", default_value = "10000", value_name = "NUMBER")]
    max_connections: String,
    /// The largest body of a request, in bytes.
    #[arg(long, env = "PODIUM_MAX_BODY", default_value = "1048576", value_name = "BYTES")]
    max_body: String,
    /// The largest body of a request that saves many things, in bytes.
    #[arg(long, env = "PODIUM_MAX_BULK_BODY", default_value = "8388608", value_name = "BYTES")]
    max_bulk_body: String,
    /// How long a TLS handshake and the head of a request may take, and a connection may be silent.
    #[arg(long, env = "PODIUM_HEAD_TIMEOUT", default_value = "10s", value_name = "DURATION")]
    head_timeout: String,
    /// How long the body of a request may take, and a client to take any of its answer.
    #[arg(long, env = "PODIUM_BODY_TIMEOUT", default_value = "30s", value_name = "DURATION")]
    body_timeout: String,
    /// How many requests a caller may send in a second, or `off`.
    #[arg(long, env = "PODIUM_RATE_LIMIT", default_value = "10000", value_name = "NUMBER|off")]
    rate_limit: String,
}

#[derive(Args)]
struct HealthArgs {
    /// The address that the server listens on.
    #[arg(long, env = "PODIUM_LISTEN", default_value = DEFAULT_LISTEN, value_name = "ADDRESS")]
    listen: String,
    /// The certificate that it serves HTTPS by, if it does.
    #[arg(long, env = "PODIUM_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<String>,
}

/// Lets as many connections and files be open as the system allows at the most.
fn raise_open_files() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
        if let Err(cause) = raised {
            log::debug!("no more files can be open than before: {cause}");
        }
    }
}

/// Keeps the memory, with the seal key in it, from core dumps and from other processes of the user.
fn hide_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(cause) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            log::warn!("the memory of this process can be read by others: {cause}");
        }
    }
}

/// Reads the command line, or ends the process with what is wrong with it.
fn read() -> Result<CommandLine, ExitCode> {
    CommandLine::try_parse().map_err(|error| {
        // 2, which says so elsewhere, says of a plan that there is something to do.
        let is_plan = std::env::args_os().nth(1).is_some_and(|command| command == "plan");
        let code = if is_plan && error.use_stderr() { 1 } else { error.exit_code() };
        // Where it cannot be printed there is nobody to tell.
        let _ = error.print();
        ExitCode::from(u8::try_from(code).unwrap_or(1))
    })
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let line = match read() {
        Ok(line) => line,
        Err(code) => return code,
    };
    logging::start(match &line.command {
        None => line.serve.log_format,
        Some(Command::Serve(args)) => args.log_format,
        Some(_) => logging::Format::Text,
    });
    hide_memory();
    raise_open_files();
    let outcome = match line.command {
        Some(Command::Plan(args)) => manifest::plan(args),
        Some(Command::Apply(args)) => manifest::apply(args),
        None => done(serve::run(line.serve)),
        Some(Command::Serve(args)) => done(serve::run(*args)),
        Some(Command::Health(args)) => done(health::run(&args.listen, args.tls_cert.as_deref())),
        Some(Command::User(args)) => done(user::run(args)),
        Some(Command::Key(args)) => done(key::run(args)),
        Some(Command::Grant(args)) => done(grant::run(args)),
        Some(Command::Audit(args)) => done(audit::run(args)),
        Some(Command::Seal(args)) => done(seal::run(args)),
        Some(Command::Copy(args)) => done(copy::run(args)),
        Some(Command::Backup(args)) => done(backup::run(args)),
        Some(Command::Restore(args)) => done(restore::run(args)),
        Some(Command::Doctor(args)) => done(doctor::run(&args)),
        Some(Command::Render(args)) => done(render::run(args)),
        Some(Command::Export(args)) => done(manifest::export(args)),
        Some(Command::Schema) => done(manifest::schema()),
        Some(Command::Openapi) => done(openapi::run()),
    };
    match outcome {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("podium: {}", show::plain(&failure.to_string()));
            ExitCode::FAILURE
        }
    }
}

/// How a command ends that has no code of its own.
fn done(outcome: Outcome) -> Outcome<ExitCode> {
    outcome.map(|()| ExitCode::SUCCESS)
}
