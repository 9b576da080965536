//! The way out over HTTP: what an identity provider publishes, and what a running server answers.

use std::time::Duration;

use ureq::Agent;
use ureq::config::ConfigBuilder;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::typestate::AgentScope;

/// How long an answer may take, from looking up the name to its last byte.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer, in bytes.
const MAX_BODY: u64 = 1024 * 1024;

/// As [`get`], from whoever the system trusts to be there.
///
/// # Errors
///
/// As [`get`].
pub fn body(url: &str) -> Result<Vec<u8>, String> {
    get(&agent(url, PATIENCE), url)
}

/// Gets the body of `url` from a client; only 200 is an answer. Blocks.
///
/// # Errors
///
/// One line that says why not.
pub fn get(agent: &Agent, url: &str) -> Result<Vec<u8>, String> {
    let answer = agent.get(url).header("Accept", "application/json").call();
    let mut answer = answer.map_err(|error| error.to_string())?;
    if answer.status() != 200 {
        return Err(format!("answered {}", answer.status().as_u16()));
    }
    let body = answer.body_mut().with_config().limit(MAX_BODY).read_to_vec();
    body.map_err(|error| error.to_string())
}

/// A client for `url` and what is below it. No redirect is followed: it could lead to where no
/// setting points.
///
/// TLS trusts what the system trusts, read anew each time. The usual proxy variables are heeded,
/// but not for plain http, which is for this machine and its neighbours.
pub fn agent(url: &str, patience: Duration) -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
    let config = config(patience).tls_config(tls);
    if url.starts_with("http:") { config.proxy(None) } else { config }.build().into()
}

/// A client for a server of our own on this machine, which has a certificate for another name: not for
/// anything that matters.
pub fn neighbour(patience: Duration) -> Agent {
    let tls = TlsConfig::builder().disable_verification(true).build();
    config(patience).tls_config(tls).proxy(None).build().into()
}

fn config(patience: Duration) -> ConfigBuilder<AgentScope> {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("podium/", env!("CARGO_PKG_VERSION")))
}
