//! What both families do alike: list, find and delete.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::client::Client;
use super::ids::{IdPath, id};
use super::page::{Pagination, filter, slice};
use super::{Answer, Nothing, Query, Session, Tagged, answer, done, integrations, told, wire};
use crate::domain::arize::Family;
use crate::http::json as body;
use crate::registry::{ArizeFilter, ArizeIntegration};

/// The query of the lists; the older family has no `type`.
#[derive(Deserialize, JsonSchema)]
pub struct ListQuery {
    /// Only `LLM`, `AGENT` or `EVALUATOR`; the older family passes it over.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Only those that are seen in this space.
    space_id: Option<String>,
    /// Only those that are seen in a space whose name contains this.
    space_name: Option<String>,
    /// Only those whose name contains this.
    name: Option<String>,
    /// How many, from 1 to 100; 50 unless said.
    #[schemars(with = "Option<u8>", range(min = 1, max = 100))]
    limit: Option<String>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// An integration as `family` shows it.
pub fn shown(family: Family, one: &ArizeIntegration, client: &Client) -> Value {
    match family {
        Family::Newer => wire::newer(one, client),
        Family::Older => wire::older(one, client),
    }
}

/// A page of a family's list.
pub async fn list<T>(
    family: Family,
    session: Session,
    client: Client,
    query: Query<ListQuery>,
) -> Answer<T> {
    let ListQuery { kind, space_id, space_name, name, limit, cursor } = query.0;
    let word = kind.filter(|_| family == Family::Newer);
    let client = client.writing([word.as_deref()]);
    let filter = ArizeFilter {
        kind: word.map(|word| integrations::filtered_kind(&word)).transpose()?,
        name: filter("name", name)?,
        space: space_id.map(|text| id("space_id", &text)).transpose()?,
        space_name: space_name.map(|text| filter("space_name", Some(text))).transpose()?,
    };
    let envelope = match family {
        Family::Newer => "integrations",
        Family::Older => "ai_integrations",
    };
    let marks = marks(&session, envelope, &filter);
    let marks = marks.each_ref().map(String::as_str);
    let slice = slice(limit.as_deref(), cursor.as_deref(), &marks)?;
    let audience = client.audience(family);
    let (caller, registry) = (&session.caller, &session.registry);
    let found = registry.arize_integrations(caller, audience, filter, slice).await?;
    let items: Vec<_> = found.items.iter().map(|one| shown(family, one, &client)).collect();
    let pagination = json!(Pagination::new(&marks, found.next));
    let body = [(envelope, json!(items)), ("pagination", pagination)];
    let body: Map<_, _> = body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(told(body))
}

/// What the cursors of a list are bound to.
fn marks(session: &Session, list: &str, filter: &ArizeFilter) -> [String; 6] {
    let ArizeFilter { kind, name, space, space_name } = filter;
    let space = space.as_ref().map(ToString::to_string).unwrap_or_default();
    let (kind, space_name) = (kind.unwrap_or_default(), space_name.clone().unwrap_or_default());
    let who = session.caller.user().unwrap_or_default();
    [who.to_owned(), list.to_owned(), kind.to_owned(), space, space_name, name.clone()]
}

/// One integration of a family.
pub async fn find<T>(
    family: Family,
    session: Session,
    client: Client,
    path: IdPath,
) -> Answer<Tagged<T>> {
    let audience = client.audience(family);
    let form = format!("{family:?} {client:?}");
    let show = move |one: &ArizeIntegration| body::shown(&shown(family, one, &client));
    let (registry, caller) = (&session.registry, &session.caller);
    let found = registry.arize_integration(caller, audience, path.0, &form, show).await?;
    Ok(answer::shown(found))
}

/// Deletes an integration of a family.
pub async fn delete(
    family: Family,
    session: Session,
    client: Client,
    path: IdPath,
) -> Answer<Nothing, 204> {
    let audience = client.audience(family);
    session.registry.delete_arize_integration(&session.caller, audience, path.0).await?;
    Ok(done())
}
