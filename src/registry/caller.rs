//! Who asks, and what their request asks beside its operation.

use std::net::IpAddr;
use std::sync::Arc;

use crate::auth::oidc::Identity;
use crate::auth::tokens::Claims;
use crate::domain::access::UserId;

/// Who asks, before the registry has looked at what they may do, and on which terms.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who asks.
    pub who: Who,
    /// On which terms.
    pub terms: Terms,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// The bearer of a valid token.
    Token {
        /// What the token says.
        claims: Arc<Claims>,
        /// Where the request came from.
        address: Option<IpAddr>,
    },
    /// The bearer of an access key itself, whose secret fits.
    Key {
        /// The user id, `app:<application id>`.
        sub: String,
        /// The id of the access key.
        key: String,
        /// Where the request came from.
        address: Option<IpAddr>,
    },
    /// The bearer of a token that a trusted identity provider vouches for.
    Federated {
        /// Who, and which provider says so.
        identity: Arc<Identity>,
        /// Where the request came from.
        address: Option<IpAddr>,
    },
    /// The server itself, at its first start, or an operator who has the database in hand.
    Local,
}

/// What a request asks of a change beside the change itself.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// That it is made once, however often it is asked for.
    pub repeat: Option<Repeat>,
    /// That it is made only as long as the thing is as the client knows it.
    pub condition: Option<Condition>,
}

/// By what a request is known again.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// The client's key.
    pub key: String,
    /// The hash of the whole request.
    pub digest: [u8; 32],
}

/// How a thing must be before it is changed.
#[derive(Clone, Debug)]
pub enum Condition {
    /// As one of these entity tags says, quotes included.
    Is(Vec<String>),
    /// There, however it is.
    Present,
    /// Not there.
    Absent,
}

impl Caller {
    /// The server itself, or an operator at its database.
    pub const LOCAL: Self =
        Self { who: Who::Local, terms: Terms { repeat: None, condition: None } };

    /// The id of the user who asks, if it is one, and the access key that they have signed in with,
    /// or the provider that vouches for them.
    pub(super) fn credential(&self) -> Option<(&str, &str)> {
        match &self.who {
            Who::Token { claims, .. } => Some((&claims.sub, &claims.key)),
            Who::Key { sub, key, .. } => Some((sub, key)),
            Who::Federated { identity, .. } => Some((identity.user.as_str(), &identity.issuer)),
            Who::Local => None,
        }
    }

    /// The id of the user who asks, if it is one.
    pub fn user(&self) -> Option<&str> {
        self.credential().map(|(user, _)| user)
    }

    /// Where the request came from.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match &self.who {
            Who::Token { address, .. }
            | Who::Key { address, .. }
            | Who::Federated { address, .. } => *address,
            Who::Local => None,
        }
    }

    /// Whether it is the user `id` who asks.
    pub(super) fn is(&self, id: &UserId) -> bool {
        self.user() == Some(id.as_str())
    }

    /// The same without terms, for a part of an operation.
    pub(super) fn plain(&self) -> Self {
        self.who.clone().into()
    }
}

impl From<Who> for Caller {
    fn from(who: Who) -> Self {
        Self { who, terms: Terms::default() }
    }
}
