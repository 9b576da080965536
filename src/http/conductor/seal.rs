//! The seal key, for administrators. Podium's own routes.

use actix_web::HttpResponse;
use serde_json::{Value, json};

use super::{Answer, Session};
use crate::registry::SealKey;

/// `GET /seal`: the keys, and how many values each has sealed.
pub async fn status(session: Session) -> Answer {
    let keys = session.registry.seal_keys(&session.caller).await?;
    Ok(HttpResponse::Ok().json(body(&keys)))
}

/// `POST /seal/rotate`: seals everything with a new key. The answer comes when that is done.
pub async fn rotate(session: Session) -> Answer {
    let keys = session.registry.rotate_seal_key(&session.caller).await?;
    Ok(HttpResponse::Ok().json(body(&keys)))
}

fn body(keys: &[SealKey]) -> Value {
    let keys = keys.iter().map(|SealKey { id, values, seals, known }| {
        json!({"id": id, "values": values, "seals": seals, "known": known})
    });
    json!({"keys": keys.collect::<Vec<_>>()})
}
