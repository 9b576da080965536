//! Signing in, and who one is; contract section 1.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::json;

use super::people::UserJson;
use super::{Answer, Json, Query, Session};
use crate::domain::secret::Secret;
use crate::http::proxies::address;
use crate::http::query::boolean;
use crate::registry::{Registry, Who};

/// `GenerateTokenRequest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenRequest {
    /// The id of the access key.
    pub key_id: String,
    /// Its secret.
    pub key_secret: String,
    /// How long the token shall live, in milliseconds.
    pub expiration: Option<i64>,
}

/// `POST /token`: a token for the id and secret of an access key. A token that is sent along is
/// ignored: it is the old one of a client that refreshes.
pub async fn generate(
    req: HttpRequest,
    registry: Data<Registry>,
    body: Json<TokenRequest>,
) -> Answer {
    let TokenRequest { key_id, key_secret, expiration } = body.0;
    let secret = Secret::new(key_secret);
    let token = registry.sign_in(&key_id, &secret, expiration, address(&req)).await?;
    Ok(HttpResponse::Ok().json(json!({"token": token})))
}

/// The query of `userInfo`.
#[derive(Deserialize)]
pub struct UserInfoQuery {
    #[serde(default, deserialize_with = "boolean")]
    claims: bool,
}

/// `GET /token/userInfo`: the caller, and with `claims=true` what the token says too; of
/// an API key, whose it is and its id.
pub async fn user_info(session: Session, query: Query<UserInfoQuery>) -> Answer {
    let user = session.registry.user_info(&session.caller).await?;
    let user = UserJson::from(&user);
    let claims = match &session.caller.who {
        _ if !query.0.claims => return Ok(HttpResponse::Ok().json(user)),
        Who::Token { claims, .. } => json!(**claims),
        Who::Key { sub, key, .. } => json!({"sub": sub, "key": key}),
        Who::Federated { identity, .. } => json!(identity.claims),
        Who::Local => json!({}),
    };
    Ok(HttpResponse::Ok().json(json!({"user": user, "claims": claims})))
}
