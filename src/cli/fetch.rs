//! The way out over HTTP: what an identity provider publishes, and what a running server answers.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// How long an answer may take, from looking up the name to its last byte.
const PATIENCE: Duration = Duration::from_secs(5);

/// The largest answer, in bytes.
const MAX_BODY: u64 = 1024 * 1024;

/// Gets the body of `url`; only 200 is an answer. Blocks.
///
/// # Errors
///
/// One line that says why not.
pub fn body(url: &str) -> Result<Vec<u8>, String> {
    get(&agent(url, PATIENCE), url)
}

/// As [`body`], from whoever answers: not for anything that matters.
///
/// # Errors
///
/// As [`body`].
pub fn unverified(url: &str) -> Result<Vec<u8>, String> {
    let tls = TlsConfig::builder().disable_verification(true).build();
    let config = Agent::config_builder().timeout_global(Some(PATIENCE)).max_redirects(0);
    let config = config.http_status_as_error(false).proxy(None).tls_config(tls);
    get(&config.build().into(), url)
}

fn get(agent: &Agent, url: &str) -> Result<Vec<u8>, String> {
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
    let mut config = Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .http_status_as_error(false)
        .user_agent(concat!("podium/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls);
    if url.starts_with("http:") {
        config = config.proxy(None);
    }
    config.build().into()
}
