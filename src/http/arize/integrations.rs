//! `/v2/integrations`: the newer family; contract sections 3 and 4.

use serde_json::{Value, json};

use super::client::Client;
use super::ids::IdPath;
use super::members::{self, Members, Type};
use super::records::{self, ListQuery};
use super::schema::{Integration, IntegrationChange, IntegrationPage, NewIntegration};
use super::wire::{self, SCOPING};
use super::{Answer, Json, Nothing, Query, Session, Tagged, told};
use crate::domain::arize::{Family, Provider, Shape, newer};
use crate::domain::configuration::Configuration;
use crate::domain::patch::Field;
use crate::domain::{Error, Result};
use crate::http::refusal::Refusal;
use crate::registry::{ArizeDraft, ArizePatch};

/// A body.
pub const BODY: Members = &[
    ("type", Type::Text),
    ("name", Type::Text),
    ("description", Type::Text),
    ("scopings", Type::Objects(SCOPING)),
    ("config", Type::Open),
];

/// The `config` of a model provider. Which of these one of them takes, its rules say.
pub const LLM: Members = &[
    ("provider", Type::Text),
    ("api_key", Type::Text),
    ("is_function_calling_enabled", Type::Flag),
    ("base_url", Type::Text),
    ("headers", Type::TextMap),
    ("is_default_models_enabled", Type::Flag),
    ("model_names", Type::Texts),
    ("auth", Type::Object(AUTH)),
    ("project_id", Type::Text),
    ("location", Type::Text),
    ("project_access_label", Type::Text),
];

const AUTH: Members = &[
    ("auth_type", Type::Text),
    ("role_arn", Type::Text),
    ("external_id", Type::Text),
    ("base_url", Type::Text),
    ("api_key", Type::Text),
    ("headers", Type::TextMap),
    ("token_url", Type::Text),
    ("client_id", Type::Text),
    ("client_secret", Type::Text),
    ("scopes", Type::Text),
    ("audience", Type::Text),
];

/// The `config` of an agent, and without its requests, of an evaluator.
pub const AGENT: Members = &[
    ("endpoint", Type::Text),
    ("input_schema", Type::Open),
    ("headers", Type::TextMap),
    ("request_presets", Type::Objects(PRESET)),
];

const PRESET: Members =
    &[("name", Type::Text), ("config", Type::Open), ("description", Type::Text)];

/// The type of an integration, as a body names it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Llm,
    Agent,
    Evaluator,
}

impl Kind {
    /// The type of this word, in upper or lower case.
    fn parse(word: &str) -> Result<Self> {
        Ok(match word {
            "LLM" | "llm" => Self::Llm,
            "AGENT" | "agent" => Self::Agent,
            "EVALUATOR" | "evaluator" => Self::Evaluator,
            _ => return Err(Error::invalid("type", "must be one of LLM, AGENT, EVALUATOR")),
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Llm => "LLM",
            Self::Agent => Shape::Agent.as_str(),
            Self::Evaluator => Shape::Evaluator.as_str(),
        }
    }

    fn members(self) -> Members {
        match self {
            Self::Llm => LLM,
            Self::Agent | Self::Evaluator => AGENT,
        }
    }
}

/// The type that a list is narrowed to, as the registry calls it.
///
/// # Errors
///
/// [`Refusal::Malformed`] when there is none of this name.
pub fn filtered_kind(word: &str) -> Result<&'static str, Refusal> {
    Kind::parse(word).map(Kind::as_str).map_err(Refusal::Malformed)
}

/// `GET /v2/integrations`.
pub async fn list(
    session: Session,
    client: Client,
    query: Query<ListQuery>,
) -> Answer<IntegrationPage> {
    records::list(Family::Newer, session, client, query).await
}

/// `POST /v2/integrations`.
pub async fn create(
    session: Session,
    client: Client,
    body: Json<NewIntegration>,
) -> Answer<Integration, 201> {
    let (draft, client) = draft(body.0.0, client)?;
    let audience = client.audience(Family::Newer);
    let made = session.registry.create_arize_integration(&session.caller, audience, draft).await?;
    Ok(told(wire::newer(&made, &client)))
}

/// What a body asks to make, and the client by the words that it wrote.
///
/// # Errors
///
/// [`Refusal::Malformed`] and [`Error::Invalid`].
pub fn draft(body: Value, client: Client) -> Result<(ArizeDraft, Client), Refusal> {
    let mut body = members::object(body, "", BODY)?;
    let client = client.writing(words(&body));
    let kind = Kind::parse(&members::required(&mut body, "type")?)?;
    let name = members::required(&mut body, "name")?;
    let description = body.shift_remove("description");
    let scopings = members::not_null(&mut body, "scopings")?;
    let config = match members::not_null(&mut body, "config")? {
        Some(config) => members::object(config, "config", kind.members())?,
        None => return Err(Error::invalid("config", "is required").into()),
    };
    let shape = match kind {
        Kind::Llm if description.is_some() => {
            return Err(Error::invalid("description", "is not taken by LLM").into());
        }
        Kind::Llm => Shape::Llm(
            provider(&config)?.ok_or_else(|| Error::invalid("config.provider", "is required"))?,
        ),
        Kind::Agent => Shape::Agent,
        Kind::Evaluator => Shape::Evaluator,
    };
    let draft = ArizeDraft {
        shape,
        name,
        description: description.as_ref().and_then(Value::as_str).map(str::to_owned),
        scopings: wire::scopings(scopings.unwrap_or_else(|| json!([])))?,
        changes: newer(shape, true, config, client.release())?,
    };
    Ok((draft, client))
}

/// `GET /v2/integrations/{integration_id}`.
pub async fn find(session: Session, client: Client, path: IdPath) -> Answer<Tagged<Integration>> {
    records::find(Family::Newer, session, client, path).await
}

/// `PATCH /v2/integrations/{integration_id}`.
pub async fn update(
    session: Session,
    client: Client,
    path: IdPath,
    body: Json<IntegrationChange>,
) -> Answer<Integration> {
    let (asked, client) = patch(body.0.0, client)?;
    let audience = client.audience(Family::Newer);
    let (caller, registry) = (&session.caller, &session.registry);
    let changed = registry.patch_arize_integration(caller, audience, path.0, asked).await?;
    Ok(told(wire::newer(&changed, &client)))
}

/// What a body asks to change, and the client by the words that it wrote.
///
/// # Errors
///
/// As [`draft`].
pub fn patch(body: Value, client: Client) -> Result<(ArizePatch, Client), Refusal> {
    let mut body = members::object(body, "", BODY)?;
    let client = client.writing(words(&body));
    let kind = Kind::parse(&members::required(&mut body, "type")?)?;
    let configuration = members::not_null(&mut body, "config")?
        .map(|config| members::object(config, "config", kind.members()))
        .transpose()?
        .filter(|config| !config.is_empty());
    if body.is_empty() && configuration.is_none() {
        return Err(Error::invalid("body", "must change something beside `type`").into());
    }
    let scopings = members::not_null(&mut body, "scopings")?.map(wire::scopings).transpose()?;
    let asked = ArizePatch {
        kind: Some(kind.as_str()),
        provider: configuration.as_ref().map(provider).transpose()?.flatten(),
        name: wire::text(members::not_null(&mut body, "name")?),
        description: match body.shift_remove("description") {
            None => Field::Keep,
            said => Field::Set(wire::text(said)),
        },
        scopings,
        configuration,
        release: client.release(),
    };
    Ok((asked, client))
}

/// `DELETE /v2/integrations/{integration_id}`.
pub async fn delete(session: Session, client: Client, path: IdPath) -> Answer<Nothing, 204> {
    records::delete(Family::Newer, session, client, path).await
}

/// The words of a body that have two spellings.
fn words(body: &Configuration) -> [Option<&str>; 2] {
    let provider = body.get("config").and_then(|config| config.get("provider"));
    [body.get("type").and_then(Value::as_str), provider.and_then(Value::as_str)]
}

/// The provider that a `config` names.
fn provider(config: &Configuration) -> Result<Option<Provider>> {
    let Some(said) = config.get("provider") else { return Ok(None) };
    let word = said.as_str().unwrap_or_default();
    Provider::parse("config.provider", word, Family::Newer).map(Some)
}
