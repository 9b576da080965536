//! What a request of the older family changes; contract section 5.

use serde_json::Value;

use super::changes::{check, models};
use super::{AuthType, Changes, Provider};
use crate::domain::configuration::Configuration;
use crate::domain::{Error, Result};

/// What a body of the older family says of a record of `provider`, beside `name`, `provider` and
/// `scopings`: all of it if it `creates` the record, or else what changes. The types of its members
/// have been checked.
///
/// # Errors
///
/// [`Error::Invalid`] naming the member.
pub fn older(provider: Provider, creates: bool, mut body: Configuration) -> Result<Changes> {
    let mut changes = Changes::default();
    if let Some(sent) = said(&mut body, "auth_type", creates)? {
        changes.fields.push(("auth_type", auth_type(&sent)?.as_str().into()));
    } else if creates {
        changes.fields.push(("auth_type", AuthType::Default.as_str().into()));
    }
    for name in ["api_key", "base_url", "headers"] {
        if let Some(value) = body.shift_remove(name) {
            check(name, name, &value)?;
            changes.fields.push((name, value));
        }
    }
    let flags = [
        ("enable_default_models", "is_default_models_enabled"),
        ("function_calling_enabled", "is_function_calling_enabled"),
    ];
    for (name, field) in flags {
        if let Some(flag) = said(&mut body, name, creates)? {
            changes.fields.push((field, flag));
        }
    }
    if let Some(names) = said(&mut body, "model_names", creates)? {
        changes.models = Some(models("model_names", &names)?);
    }
    match body.shift_remove("provider_metadata") {
        None | Some(Value::Null) if creates && needs_metadata(provider, &changes) => {
            return Err(Error::invalid("provider_metadata", "is required"));
        }
        None => {}
        Some(sent) => changes.fields.extend(metadata(provider, sent)?),
    }
    Ok(changes)
}

/// What is said of a member that cannot be cleared. A create may say `null` for leaving it out.
fn said(body: &mut Configuration, name: &str, creates: bool) -> Result<Option<Value>> {
    match body.shift_remove(name) {
        Some(Value::Null) if !creates => Err(Error::invalid(name, "must not be null")),
        Some(Value::Null) | None => Ok(None),
        said => Ok(said),
    }
}

fn auth_type(sent: &Value) -> Result<AuthType> {
    let found = sent.as_str().and_then(AuthType::named);
    found.filter(|one| *one != AuthType::OAuth2).ok_or_else(|| {
        Error::invalid("auth_type", "must be one of DEFAULT, PROXY_WITH_HEADERS, BEARER_TOKEN")
    })
}

/// Whether a new record must say what the provider is called with.
fn needs_metadata(provider: Provider, changes: &Changes) -> bool {
    let is_default = changes.fields.contains(&("auth_type", AuthType::Default.as_str().into()));
    match provider {
        Provider::AwsBedrock => is_default,
        Provider::VertexAi => true,
        _ => false,
    }
}

/// The fields that `provider_metadata` sets; `null` removes them all.
fn metadata(provider: Provider, sent: Value) -> Result<Vec<(&'static str, Value)>> {
    let (kind, must, may): (_, &[&'static str], &[&'static str]) = match provider {
        Provider::AwsBedrock => ("AWS", &["role_arn"], &["external_id"]),
        Provider::VertexAi => ("GCP", &["project_id", "location", "project_access_label"], &[]),
        _ if sent.is_null() => return Ok(vec![]),
        _ => {
            let reason = format!("is not taken by {}", provider.as_str());
            return Err(Error::invalid("provider_metadata", reason));
        }
    };
    let all = || must.iter().chain(may).copied();
    let Value::Object(mut sent) = sent else {
        return Ok(all().map(|name| (name, Value::Null)).collect());
    };
    let said = sent.shift_remove("kind").unwrap_or_default();
    if !said.as_str().is_some_and(|said| said == kind || said == kind.to_ascii_lowercase()) {
        let reason = format!("must be `{kind}` for {}", provider.as_str());
        return Err(Error::invalid("provider_metadata.kind", reason));
    }
    let mut fields = Vec::new();
    for name in all() {
        let place = format!("provider_metadata.{name}");
        let value = sent.shift_remove(name).unwrap_or_default();
        if value.is_null() && must.contains(&name) {
            return Err(Error::invalid(place, "is required"));
        }
        check(&place, name, &value)?;
        fields.push((name, value));
    }
    match sent.iter().find(|(_, value)| !value.is_null()) {
        Some((name, _)) => {
            let reason = format!("is not taken with `kind` {kind}");
            Err(Error::invalid(format!("provider_metadata.{name}"), reason))
        }
        None => Ok(fields),
    }
}
