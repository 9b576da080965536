//! Which addresses pass, and which do not.

mod list;
mod policy;
mod text;
mod url;

use super::{Hosts, check, check_any, is_address, is_host};
use crate::domain::endpoint::HostList;

/// What applies without settings.
fn standard() -> Hosts {
    Hosts::default()
}

fn policy(allow: Option<&str>, deny: &str) -> Hosts {
    let list = |text: &str| HostList::parse(text).unwrap();
    Hosts::new(allow.map(list), list(deny))
}

fn forms(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn pass(names: &[&str], values: &[&str]) {
    for value in values {
        assert_eq!(check("endpoint", value, &forms(names), &standard()), Ok(()), "{value}");
    }
}

/// Each value is refused for the reason beside it, which does not repeat it.
fn refused(names: &[&str], hosts: &Hosts, values: &[(&str, &str)]) {
    for (value, words) in values {
        let reason = check("endpoint", value, &forms(names), hosts).expect_err(value);
        assert!(reason.contains(words), "{value}: {reason}");
        for part in value.split(['/', ':', '@', '=', '&']).filter(|part| part.contains("hush")) {
            assert!(!reason.contains(part), "{value}: {reason}");
        }
    }
}

const FORM: &str = "must be of the form";
const USER: &str = "must not hold a user";
const SECRET: &str = "must not hold a secret";
const HOST: &str = "must name a host";
const PORT: &str = "must have a port";
const V4: &str = "four decimal numbers";
const V6: &str = "must write an IPv6";
const ASCII: &str = "must be ASCII";
const SPACE: &str = "white space or control";
const CHARACTER: &str = "another character that no address has";
const DENIED: &str = "which this server denies";
