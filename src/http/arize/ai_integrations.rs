//! `/v2/ai-integrations`: the older family, model providers only, each a flat object; contract
//! section 5.

use serde_json::{Value, json};

use super::client::Client;
use super::ids::IdPath;
use super::members::{self, Members, Type};
use super::records::{self, ListQuery};
use super::schema::{AiIntegration, AiIntegrationChange, AiIntegrationPage, NewAiIntegration};
use super::wire::{self, SCOPING};
use super::{Answer, Json, Nothing, Query, Session, Tagged, told};
use crate::domain::arize::{Family, Provider, Shape, older};
use crate::domain::configuration::Configuration;
use crate::domain::patch::Field;
use crate::domain::{Error, Result};
use crate::http::refusal::Refusal;
use crate::registry::{ArizeDraft, ArizePatch};

/// A body.
pub const BODY: Members = &[
    ("name", Type::Text),
    ("provider", Type::Text),
    ("api_key", Type::Text),
    ("base_url", Type::Text),
    ("model_names", Type::Texts),
    ("headers", Type::TextMap),
    ("enable_default_models", Type::Flag),
    ("function_calling_enabled", Type::Flag),
    ("auth_type", Type::Text),
    ("provider_metadata", Type::Object(METADATA)),
    ("scopings", Type::Objects(SCOPING)),
];

const METADATA: Members = &[
    ("kind", Type::Text),
    ("role_arn", Type::Text),
    ("external_id", Type::Text),
    ("project_id", Type::Text),
    ("location", Type::Text),
    ("project_access_label", Type::Text),
];

/// `GET /v2/ai-integrations`.
pub async fn list(
    session: Session,
    client: Client,
    query: Query<ListQuery>,
) -> Answer<AiIntegrationPage> {
    records::list(Family::Older, session, client, query).await
}

/// `POST /v2/ai-integrations`.
pub async fn create(
    session: Session,
    client: Client,
    body: Json<NewAiIntegration>,
) -> Answer<AiIntegration, 201> {
    let (draft, client) = draft(body.0.0, client)?;
    let audience = client.audience(Family::Older);
    let made = session.registry.create_arize_integration(&session.caller, audience, draft).await?;
    Ok(told(wire::older(&made, &client)))
}

/// What a body asks to make, and the client by the words that it wrote.
///
/// # Errors
///
/// [`Refusal::Malformed`] and [`Error::Invalid`].
pub fn draft(body: Value, client: Client) -> Result<(ArizeDraft, Client), Refusal> {
    let mut body = members::object(body, "", BODY)?;
    let client = client.writing(words(&body));
    let name = members::required(&mut body, "name")?;
    let provider = provider(&members::required(&mut body, "provider")?)?;
    let scopings = members::not_null(&mut body, "scopings")?;
    let draft = ArizeDraft {
        shape: Shape::Llm(provider),
        name,
        description: None,
        scopings: wire::scopings(scopings.unwrap_or_else(|| json!([])))?,
        changes: older(provider, true, body)?,
    };
    Ok((draft, client))
}

/// `GET /v2/ai-integrations/{integration_id}`.
pub async fn find(session: Session, client: Client, path: IdPath) -> Answer<Tagged<AiIntegration>> {
    records::find(Family::Older, session, client, path).await
}

/// `PATCH /v2/ai-integrations/{integration_id}`.
pub async fn update(
    session: Session,
    client: Client,
    path: IdPath,
    body: Json<AiIntegrationChange>,
) -> Answer<AiIntegration> {
    let (asked, client) = patch(body.0.0, client)?;
    let audience = client.audience(Family::Older);
    let (caller, registry) = (&session.caller, &session.registry);
    let changed = registry.patch_arize_integration(caller, audience, path.0, asked).await?;
    Ok(told(wire::older(&changed, &client)))
}

/// What a body asks to change, and the client by the words that it wrote.
///
/// # Errors
///
/// As [`draft`].
pub fn patch(body: Value, client: Client) -> Result<(ArizePatch, Client), Refusal> {
    let mut body = members::object(body, "", BODY)?;
    let client = client.writing(words(&body));
    if body.is_empty() {
        return Err(Error::invalid("body", "must change something").into());
    }
    let said = wire::text(members::not_null(&mut body, "provider")?);
    let asked = ArizePatch {
        kind: None,
        provider: said.map(|word| provider(&word)).transpose()?,
        name: wire::text(members::not_null(&mut body, "name")?),
        description: Field::Keep,
        scopings: members::not_null(&mut body, "scopings")?.map(wire::scopings).transpose()?,
        configuration: Some(body),
        release: client.release(),
    };
    Ok((asked, client))
}

/// `DELETE /v2/ai-integrations/{integration_id}`.
pub async fn delete(session: Session, client: Client, path: IdPath) -> Answer<Nothing, 204> {
    records::delete(Family::Older, session, client, path).await
}

/// The words of a body that have two spellings.
fn words(body: &Configuration) -> [Option<&str>; 3] {
    let kind = body.get("provider_metadata").and_then(|metadata| metadata.get("kind"));
    [body.get("provider"), body.get("auth_type"), kind].map(|said| said.and_then(Value::as_str))
}

fn provider(word: &str) -> Result<Provider> {
    Provider::parse("provider", word, Family::Older)
}
