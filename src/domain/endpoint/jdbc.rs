//! The hosts in JDBC URLs.
//!
//! Databases inside the client (`jdbc:h2:mem:x`, `jdbc:sqlite:/x`), aliases of another file and
//! default hosts (`jdbc:postgresql:name`) name no host, and are refused.

use super::host::{self, Host};
use super::{USER, parameter};

const NO_HOST: &str =
    "must be a JDBC URL that names its host, as in `jdbc:postgresql://db.example.com:5432/name`";

/// A JDBC URL taken apart.
struct Parts<'a> {
    /// The servers, with commas between.
    servers: &'a str,
    /// What stands behind them.
    tail: &'a str,
    /// How the keys of parameters end whose values are hosts too.
    host_keys: &'static [&'static str],
}

/// What stands behind `jdbc:`, if `value` begins so.
pub fn rest(value: &str) -> Option<&str> {
    without_prefix(value, "jdbc:")
}

/// The hosts of a URL, of which `rest` stands behind `jdbc:`: its servers, and those that its
/// parameters put beside or in front of them.
///
/// # Errors
///
/// What is wrong with it.
pub fn hosts(rest: &str) -> Result<Vec<Host>, &'static str> {
    let parts = match without_prefix(rest, "oracle:") {
        Some(rest) => oracle(rest)?,
        None => general(rest)?,
    };
    parameter::refuse_secrets(parts.tail, parameter::OF_JDBC)?;
    let servers = parts.servers.split(',').filter(|_| !parts.servers.is_empty());
    let named = parameter::all(parts.tail, parameter::OF_JDBC).filter(|(key, _)| {
        let key = key.to_ascii_lowercase();
        parts.host_keys.iter().any(|end| key.ends_with(end))
    });
    let named = named.map(|(_, value)| Host::parse(value));
    let hosts: Vec<_> = servers.map(host::with_port).chain(named).collect::<Result<_, _>>()?;
    if hosts.is_empty() { Err(NO_HOST) } else { Ok(hosts) }
}

/// `driver://host:port,host:port/name?a=b;c=d`, as most have it.
fn general(rest: &str) -> Result<Parts<'_>, &'static str> {
    if rest.contains('@') {
        return Err(USER);
    }
    let (driver, rest) = rest.split_once("//").ok_or(NO_HOST)?;
    let is_driver = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '+' | '-' | '_');
    let (servers, tail) = rest.split_at(rest.find(['/', '?', ';']).unwrap_or(rest.len()));
    if servers.is_empty() || !driver.ends_with(':') || !driver.chars().all(is_driver) {
        return Err(NO_HOST);
    }
    let host_keys: &[_] =
        &["host", "hosts", "hostname", "server", "servers", "servername", "partner", "proxy"];
    Ok(Parts { servers, tail, host_keys })
}

/// `thin:@//host:port/service`, `thin:@host:port:sid` or `thin:@(DESCRIPTION=…)`.
fn oracle(rest: &str) -> Result<Parts<'_>, &'static str> {
    let (driver, target) = rest.split_once('@').ok_or(NO_HOST)?;
    if !["thin:", "oci:"].contains(&driver) || target.contains('@') {
        return Err(USER);
    }
    let host_keys: &[_] = &["host", "proxy"];
    if target.starts_with('(') {
        return Ok(Parts { servers: "", tail: target, host_keys });
    }
    let schemes = ["//", "tcp://", "tcps://"];
    let target = schemes.iter().find_map(|scheme| target.strip_prefix(scheme)).unwrap_or(target);
    let end = target.find(['/', '?']).unwrap_or(target.len());
    let sid = target[..end].match_indices(':').nth(1).map(|(at, _)| at);
    let end = sid.filter(|_| !target[..end].contains(['[', ','])).unwrap_or(end);
    let (servers, tail) = target.split_at(end);
    if servers.is_empty() || (tail.is_empty() && !servers.contains(':')) {
        return Err(NO_HOST); // an alias, which a file beside the driver resolves
    }
    Ok(Parts { servers, tail, host_keys })
}

/// What stands behind `prefix` in any case.
fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
