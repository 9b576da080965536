//! Signing in, and who one is; contract section 1.

use actix_web::HttpRequest;
use actix_web::web::Data;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::people::UserJson;
use super::{Answer, Json, Query, Session, told};
use crate::domain::secret::Secret;
use crate::http::proxies::address;
use crate::http::query::boolean;
use crate::registry::{Registry, Who};

/// `GenerateTokenRequest`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequest {
    /// The id of the access key.
    pub key_id: String,
    /// Its secret.
    pub key_secret: String,
    /// How long the token shall live, in milliseconds.
    pub expiration: Option<i64>,
}

/// A token.
#[derive(Serialize, JsonSchema)]
pub struct Token {
    token: String,
}

/// Who calls.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
pub enum UserInfo<'a> {
    /// The user alone.
    User(UserJson<'a>),
    /// With what the token says, or of an API key whose it is and its id.
    WithClaims {
        /// The user.
        user: UserJson<'a>,
        /// The claims.
        #[schemars(with = "Map<String, Value>")]
        claims: Value,
    },
}

/// `POST /token`: a token for the id and secret of an access key. A token that is sent along is
/// ignored: it is the old one of a client that refreshes.
pub async fn generate(
    req: HttpRequest,
    registry: Data<Registry>,
    body: Json<TokenRequest>,
) -> Answer<Token> {
    let TokenRequest { key_id, key_secret, expiration } = body.0;
    let secret = Secret::new(key_secret);
    let token = registry.sign_in(&key_id, &secret, expiration, address(&req)).await?;
    Ok(told(Token { token }))
}

/// The query of `userInfo`.
#[derive(Deserialize, JsonSchema)]
pub struct UserInfoQuery {
    /// Whether to tell what the token says, too.
    #[serde(default, deserialize_with = "boolean")]
    claims: bool,
}

/// `GET /token/userInfo`: the caller, and with `claims=true` what the token says too; of
/// an API key, whose it is and its id.
pub async fn user_info(session: Session, query: Query<UserInfoQuery>) -> Answer<UserInfo<'static>> {
    let user = session.registry.user_info(&session.caller).await?;
    let user = UserJson::from(&user);
    let claims = match &session.caller.who {
        _ if !query.0.claims => return Ok(told(UserInfo::User(user))),
        Who::Token { claims, .. } => json!(**claims),
        Who::Key { sub, key, .. } => json!({"sub": sub, "key": key}),
        Who::Federated { identity, .. } => json!(identity.claims),
        Who::Local => json!({}),
    };
    Ok(told(UserInfo::WithClaims { user, claims }))
}
