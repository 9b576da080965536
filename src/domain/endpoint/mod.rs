//! Addresses in a configuration: whether its secrets may be sent there.
//!
//! An address is taken only where all who read it read the same host in it. What one client takes
//! for another host than the next is refused rather than interpreted: a user before the host,
//! `0177.0.0.1`, `2130706433`, full-width digits, `\`. No name is looked up: names are compared as
//! names, so a name that leads to a denied address is not denied by that.

mod form;
mod host;
mod hosts;
mod jdbc;
mod key;
mod parameter;
mod text;

#[cfg(test)]
mod tests;

use form::Forms;
use host::Host;

pub use form::is_form;
pub use hosts::{DEFAULT_DENY, HostList, Hosts};
pub use key::{is_address, is_host};
pub use text::check_any;

/// What is told of a user in an address.
const USER: &str = "must not hold a user or a password; they have fields of their own";

/// Checks `value`, the address under `key`; `forms` are the ones that it may have, or else those
/// that fit the name of the key. The empty text is no address and passes.
///
/// # Errors
///
/// What is wrong, completing the sentence that the field begins. Of the value it shows no more
/// than a host that is not allowed.
pub fn check(key: &str, value: &str, forms: &[String], hosts: &Hosts) -> Result<(), String> {
    if value.is_empty() {
        return Ok(());
    }
    plain(value)?;
    let forms = Forms::of(key, forms);
    let found = if let Some(rest) = jdbc::rest(value) {
        forms.require(&["jdbc"])?;
        jdbc::hosts(rest)?
    } else if value.contains("://") {
        in_urls(value, &forms)?
    } else {
        in_list(value, &forms)?
    };
    found.iter().try_for_each(|host| hosts.check(host))
}

/// Refuses characters that are none of an address, or that end the host for some readers only.
fn plain(value: &str) -> Result<(), &'static str> {
    if !value.is_ascii() {
        return Err("must be ASCII; write an international name as `xn--…`");
    }
    if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must not hold white space or control characters");
    }
    if value.contains(['\\', '#', '"', '<', '>', '^', '`', '{', '|', '}']) {
        return Err("must not hold `\\`, `#` or another character that no address has");
    }
    Ok(())
}

/// The hosts of one URL, or of several between commas. Those of http are never several: there a
/// comma may be a part of the path.
fn in_urls(value: &str, forms: &Forms<'_>) -> Result<Vec<Host>, String> {
    let scheme = value.split("://").next().unwrap_or_default();
    forms.require_scheme(scheme)?;
    let is_http = ["http", "https"].iter().any(|http| scheme.eq_ignore_ascii_case(http));
    let in_url = |url: &str| match url.split_once("://") {
        Some((scheme, rest)) => forms.require_scheme(scheme).and_then(|()| in_rest(rest)),
        None => in_rest(url),
    };
    if is_http {
        in_url(value).map(|host| vec![host])
    } else {
        value.split(',').map(in_url).collect()
    }
}

/// The host of what stands behind `scheme://`.
fn in_rest(rest: &str) -> Result<Host, String> {
    let (authority, tail) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = host::with_port(authority)?;
    if tail.starts_with('?') {
        return Err("must have a `/` before its `?`".to_owned());
    }
    parameter::refuse_secrets(tail, parameter::OF_URL)?;
    Ok(host)
}

/// The hosts of a list without schemes, as in `a.example.com:9092,b.example.com:9092`; for MQ as
/// in `a.example.com(1414),b.example.com(1414)`.
fn in_list(value: &str, forms: &Forms<'_>) -> Result<Vec<Host>, String> {
    if value.contains('(') {
        forms.require(&["mq"])?;
    } else if value.contains(',') {
        forms.require(&["hosts", "mq"])?;
    } else {
        forms.require(&["host", "hosts", "mq"])?;
    }
    let one = |item: &str| match item.strip_suffix(')').and_then(|item| item.split_once('(')) {
        Some((name, port)) => host::at_port(name, port),
        None => host::with_port(item),
    };
    Ok(value.split(',').map(one).collect::<Result<_, _>>()?)
}
