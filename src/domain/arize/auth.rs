//! How callers of a provider show who they are: the `auth` block; contract section 4.2.

use serde_json::Value;

use super::Provider;
use super::changes::check;
use crate::domain::configuration::Configuration;
use crate::domain::{Error, Result};

/// How a caller shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthType {
    /// As the provider is usually called.
    Default,
    /// By what a proxy wants in headers.
    ProxyWithHeaders,
    /// By a bearer token.
    BearerToken,
    /// By a token that OAuth gives for a client's credentials.
    OAuth2,
}

impl AuthType {
    /// Every one.
    pub const ALL: [Self; 4] =
        [Self::Default, Self::ProxyWithHeaders, Self::BearerToken, Self::OAuth2];

    /// The word of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "DEFAULT",
            Self::ProxyWithHeaders => "PROXY_WITH_HEADERS",
            Self::BearerToken => "BEARER_TOKEN",
            Self::OAuth2 => "OAUTH2_CLIENT_CREDENTIALS",
        }
    }

    /// The one of this word, in upper or, as older clients write it, in lower case.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| {
            let upper = one.as_str();
            word == upper || word == upper.to_ascii_lowercase()
        })
    }
}

/// What a block holds: the members it must have, and those it may have.
type Block = (&'static [&'static str], &'static [&'static str]);

fn block(provider: Provider, auth_type: AuthType) -> Option<Block> {
    use AuthType::{BearerToken, Default, OAuth2, ProxyWithHeaders};
    Some(match (provider, auth_type) {
        (Provider::AwsBedrock, Default) => (&["role_arn"], &["external_id", "base_url"]),
        (Provider::AwsBedrock, BearerToken) => (&["api_key"], &["base_url"]),
        (Provider::AwsBedrock, ProxyWithHeaders) => (&["base_url"], &["headers"]),
        (Provider::Custom, Default) => (&[], &["api_key"]),
        (Provider::Custom, OAuth2) => {
            (&["token_url", "client_id", "client_secret"], &["scopes", "audience"])
        }
        _ => return None,
    })
}

/// Everything that a block of `provider` may hold, whatever its type.
pub(super) fn all_members(provider: Provider) -> impl Iterator<Item = &'static str> {
    let blocks = AuthType::ALL.into_iter().filter_map(move |one| block(provider, one));
    blocks.flat_map(|(must, may)| must.iter().chain(may).copied())
}

/// The fields that a block sets. It replaces the former as a whole: what it leaves out is removed.
///
/// # Errors
///
/// [`Error::Invalid`] naming the field.
pub(super) fn fields(
    provider: Provider,
    mut auth: Configuration,
) -> Result<Vec<(&'static str, Value)>> {
    let said = auth.shift_remove("auth_type").unwrap_or_default();
    let Some(word) = said.as_str() else {
        return Err(Error::invalid("config.auth.auth_type", "is required"));
    };
    let auth_type = AuthType::named(word);
    let found = auth_type.and_then(|one| Some((one, block(provider, one)?)));
    let Some((auth_type, (must, may))) = found else {
        let known = AuthType::ALL.into_iter().filter(|one| block(provider, *one).is_some());
        let known: Vec<_> = known.map(AuthType::as_str).collect();
        let reason = format!("must be one of {} for {}", known.join(", "), provider.as_str());
        return Err(Error::invalid("config.auth.auth_type", reason));
    };
    auth.retain(|_, value| !value.is_null());
    if let Some(other) = auth.keys().find(|key| !must.iter().chain(may).any(|name| name == key)) {
        let reason = format!("is not taken with `auth_type` {}", auth_type.as_str());
        return Err(Error::invalid(format!("config.auth.{other}"), reason));
    }
    let removed = all_members(provider).filter(|name| !auth.contains_key(*name));
    let mut fields: Vec<_> = removed.map(|name| (name, Value::Null)).collect();
    fields.push(("auth_type", auth_type.as_str().into()));
    for name in must.iter().chain(may) {
        let place = format!("config.auth.{name}");
        match auth.shift_remove(*name) {
            Some(value) => {
                check(&place, name, &value)?;
                let colon = value.as_str().is_some_and(|text| text.contains(':'));
                if *name == "client_id" && colon {
                    return Err(Error::invalid(place, "must not hold `:`"));
                }
                fields.push((*name, value));
            }
            None if must.contains(name) => return Err(Error::invalid(place, "is required")),
            None => {}
        }
    }
    Ok(fields)
}
