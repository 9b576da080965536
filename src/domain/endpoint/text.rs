//! URLs in text that need not be an address.

use super::host::{self, Host};
use super::{Hosts, USER, jdbc, parameter, plain};

/// Checks the URLs in `value`, a text under a key that says nothing of addresses: they hold no
/// user and no secret parameter, and lead only where `hosts` lets them. A JDBC URL is checked as
/// such. Where the host is yet to be filled in, as in `https://{region}.example.com`, any will do.
///
/// # Errors
///
/// As [`super::check`].
pub fn check_any(value: &str, hosts: &Hosts) -> Result<(), String> {
    if let Some(rest) = jdbc::rest(value) {
        plain(value)?;
        return jdbc::hosts(rest)?.iter().try_for_each(|host| hosts.check(host));
    }
    value
        .match_indices("://")
        .map(|(at, mark)| &value[at + mark.len()..])
        .try_for_each(|rest| check_rest(rest, hosts))
}

/// Checks the URL of which `rest` stands behind `scheme://`, and whatever text behind it.
fn check_rest(rest: &str, hosts: &Hosts) -> Result<(), String> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '|');
    let url = rest.split(ends).next().unwrap_or_default();
    let (authority, tail) = url.split_at(url.find(['/', '?', '#']).unwrap_or(url.len()));
    if authority.contains('@') {
        return Err(USER.to_owned());
    }
    parameter::refuse_secrets(tail, parameter::OF_URL)?;
    // Where the URL stands in a sentence or a list of links, what closes it is no part of it.
    let closed = if authority.starts_with('[') { &[')'][..] } else { &[')', ']'] };
    let authority = authority.split(closed).next().unwrap_or_default();
    let authority = authority.trim_end_matches(['.', ',', ';', ':', '!', '}', '*', '\\']);
    if authority.contains(['{', '$', '*']) {
        return Ok(());
    }
    authority
        .split(',')
        .filter(|item| !item.is_empty())
        .try_for_each(|item| hosts.check(&Host::parse(host::split(item).0)?))
}
