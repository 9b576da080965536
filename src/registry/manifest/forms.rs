//! Things as manifests tell them, read from the database: masks in the place of secrets, and no tags.

use serde::Serialize;
use serde_json::Value;

use super::super::permit::find_role;
use crate::domain::access::{Permission, Subject, UserId};
use crate::domain::integration::{Integration, Resource};
use crate::domain::manifest::{
    ApplicationEntry, GroupEntry, IntegrationEntry, PromptEntry, ResourceEntry, RoleEntry,
    TokenLimitEntry, UserEntry, VersionEntry,
};
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::prompt::{Prompt, PromptName};
use crate::domain::usage::TokenLimit;
use crate::domain::{Error, Result};
use crate::storage::{
    Tx, applications, groups, integrations, prompt_labels, prompts, resources, subject_roles,
    token_limits, users,
};

/// An entry as the form that differences are looked for in: without the field that identifies it.
pub(super) fn form<T: Serialize>(entry: Option<T>, identity: &str) -> Result<Option<Value>> {
    let Some(entry) = entry else { return Ok(None) };
    let mut form = serde_json::to_value(entry).map_err(Error::internal)?;
    form.as_object_mut().and_then(|form| form.shift_remove(identity));
    Ok(Some(form))
}

/// The role `name`.
pub(super) fn role(tx: &mut dyn Tx, name: &str) -> Result<Option<RoleEntry>> {
    let found = find_role(tx, name)?;
    Ok(found.map(|role| RoleEntry {
        name: role.name,
        permissions: role.permissions.iter().map(Permission::as_str).map(str::to_owned).collect(),
    }))
}

/// The user `id`.
pub(super) fn user(tx: &mut dyn Tx, id: &UserId) -> Result<Option<UserEntry>> {
    let Some(found) = users::find(tx, id)? else { return Ok(None) };
    let roles = subject_roles::of(tx, &Subject::user(id))?;
    Ok(Some(UserEntry { id: id.to_string(), name: found.name, roles }))
}

/// The application `id`.
pub(super) fn application(tx: &mut dyn Tx, id: &str) -> Result<Option<ApplicationEntry>> {
    let Some(found) = applications::find(tx, id)? else { return Ok(None) };
    let roles = subject_roles::of(tx, &Subject::user(&UserId::of_application(id)))?;
    Ok(Some(ApplicationEntry { name: found.name, roles, tags: vec![] }))
}

/// The group `id`.
pub(super) fn group(tx: &mut dyn Tx, id: &str) -> Result<Option<GroupEntry>> {
    let Some(found) = groups::find(tx, id)? else { return Ok(None) };
    let mut entry = GroupEntry {
        id: found.id,
        description: found.description,
        roles: subject_roles::of(tx, &Subject::group(id))?,
        default_access: found.default_access,
        users: vec![],
        applications: vec![],
    };
    for member in groups::members(tx, id)? {
        match member.application() {
            Some(id) => {
                entry.applications.extend(applications::find(tx, id)?.map(|found| found.name));
            }
            None => entry.users.push(member.to_string()),
        }
    }
    entry.applications.sort();
    Ok(Some(entry))
}

/// The integration `name`, without its resources.
pub(super) fn integration(
    tx: &mut dyn Tx,
    name: &IntegrationName,
) -> Result<Option<IntegrationEntry>> {
    integrations::find(tx, name)?.map(|found| integration_of(tx, found)).transpose()
}

/// An integration, without its resources.
pub(super) fn integration_of(tx: &mut dyn Tx, found: Integration) -> Result<IntegrationEntry> {
    let limit = token_limits::find(tx, &found.name)?;
    Ok(IntegrationEntry {
        name: found.name.to_string(),
        kind: found.kind,
        category: Some(found.category.as_str().to_owned()),
        description: found.description,
        enabled: found.enabled,
        configuration: serde_json::from_str(found.configuration.get()).map_err(Error::internal)?,
        token_limit: limit.map(token_limit),
        tags: vec![],
        resources: vec![],
    })
}

fn token_limit(limit: TokenLimit) -> TokenLimitEntry {
    let TokenLimit { resource, max_tokens, period, .. } = limit;
    TokenLimitEntry { api: resource, max_tokens, period: period.as_str().to_owned() }
}

/// The resource `name` of `integration`.
pub(super) fn resource(
    tx: &mut dyn Tx,
    integration: &IntegrationName,
    name: &ResourceName,
) -> Result<Option<ResourceEntry>> {
    resources::find(tx, integration, name)?.map(resource_of).transpose()
}

/// A resource.
pub(super) fn resource_of(found: Resource) -> Result<ResourceEntry> {
    Ok(ResourceEntry {
        name: found.name.to_string(),
        description: found.description,
        enabled: found.enabled,
        configuration: serde_json::from_str(found.configuration.get()).map_err(Error::internal)?,
        max_tokens: found.max_tokens,
        frequency: found.frequency,
        tags: vec![],
    })
}

/// The prompt `name` with all its versions, the oldest first.
pub(super) fn prompt(tx: &mut dyn Tx, name: &PromptName) -> Result<Option<PromptEntry>> {
    let found = prompts::versions(tx, name)?;
    if found.is_empty() {
        return Ok(None);
    }
    let labels = prompt_labels::list(tx, name)?;
    Ok(Some(PromptEntry {
        name: name.to_string(),
        versions: found.into_iter().rev().map(version).collect(),
        labels: labels.into_iter().map(|row| (row.label, row.version)).collect(),
        tags: vec![],
    }))
}

/// A version of a prompt.
pub(super) fn version(prompt: Prompt) -> VersionEntry {
    let mut settings = prompt.settings.0;
    VersionEntry {
        version: prompt.version,
        description: prompt.description,
        template: prompt.template,
        models: prompt.models.iter().map(ToString::to_string).collect(),
        temperature: settings.shift_remove("temperature"),
        top_p: settings.shift_remove("topP"),
        stop_words: settings.shift_remove("stopWords"),
        response_format: settings.shift_remove("responseFormat"),
    }
}
