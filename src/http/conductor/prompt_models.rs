//! The models that prompts are for; contract sections 5.3 and 6.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::names::ResourcePath;
use super::prompt_names::attached;
use super::prompt_wire::PromptJson;
use super::prompts::texts;
use super::wire::null_is_default;
use super::{Answer, Json, Query, Session, done, told};
use crate::domain::Result;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::prompt::ModelRef;
use crate::registry::PromptView;

/// The body of `test`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TestRequest {
    prompt: String,
    #[serde(default, deserialize_with = "null_is_default")]
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    prompt_variables: BTreeMap<String, Value>,
    llm_provider: String,
    model: String,
}

/// `POST /prompts/test`: checks all that can be checked, and then answers 501.
pub async fn test(session: Session, body: Json<TestRequest>) -> Answer {
    let TestRequest { prompt, prompt_variables, llm_provider, model } = body.0;
    let model = ModelRef {
        integration: named(&session, "llmProvider", llm_provider).await?,
        model: ResourceName::parse("model", model)?,
    };
    let values = texts(prompt_variables);
    session.registry.test_prompt(&session.caller, prompt, values, model).await?;
    Ok(done())
}

/// `POST /integrations/provider/{name}/integration/{api}/prompt/{prompt}`.
pub async fn attach(session: Session, path: ResourcePath, req: HttpRequest) -> Answer {
    let name = attached(&session, &req).await?;
    let model = ModelRef { integration: path.0, model: path.1 };
    session.registry.attach_prompt(&session.caller, name, model).await?;
    Ok(done())
}

/// What Java's client sends in the query, with the names of the parameters in the path (Q4).
#[derive(Deserialize, JsonSchema)]
pub struct JavaQuery {
    /// The integration, where the path names it `{integrationName}`.
    #[serde(rename = "integrationName")]
    integration: Option<String>,
    /// The model, where the path names it `{model}`.
    model: Option<String>,
}

/// `GET /integrations/provider/{name}/integration/{api}/prompt`.
pub async fn of_model(
    session: Session,
    path: ResourcePath,
    query: Query<JavaQuery>,
) -> Answer<Vec<PromptJson<'static>>> {
    let unfilled = path.0.as_str() == "{integrationName}" && path.1.as_str() == "{model}";
    let model = match (query.0.integration, query.0.model) {
        (Some(integration), Some(model)) if unfilled => ModelRef {
            integration: named(&session, "integrationName", integration).await?,
            model: ResourceName::parse("model", model)?,
        },
        _ => ModelRef { integration: path.0, model: path.1 },
    };
    let found: Vec<PromptView> = session.registry.prompts_of_model(&session.caller, model).await?;
    Ok(told(found.iter().map(PromptJson::new).collect::<Vec<_>>()))
}

/// The integration that a client names in `field`, by the name it has now.
async fn named(session: &Session, field: &str, name: String) -> Result<IntegrationName> {
    session.registry.present_name(IntegrationName::parse(field, name)?).await
}
