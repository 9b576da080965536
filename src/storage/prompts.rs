//! Prompts: their versions, and the models these are for.

use std::collections::{BTreeSet, HashMap};

use super::{Row, Tx};
use crate::domain::integration::Stamps;
use crate::domain::name::{IntegrationName, ResourceName};
use crate::domain::prompt::{ModelRef, Prompt, PromptName, Settings};
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "name, version, description, template, settings,
         created_by, created_on, updated_by, updated_on"
    };
}

/// Adds a version of a prompt, or replaces it.
pub fn upsert(tx: &mut dyn Tx, prompt: &Prompt) -> Result<()> {
    let sql = concat!(
        "INSERT INTO prompt (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (name, version) DO UPDATE SET description = excluded.description,
             template = excluded.template, settings = excluded.settings,
             created_by = excluded.created_by, created_on = excluded.created_on,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Prompt { name, version, description, template, models, settings, stamps } = prompt;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    let settings = serde_json::to_string(&settings.0).map_err(Error::internal)?;
    tx.execute(
        sql,
        &[
            &name.as_str(),
            version,
            description,
            template,
            &settings,
            created_by,
            created_on,
            updated_by,
            updated_on,
        ],
    )?;
    let sql = "DELETE FROM prompt_model WHERE prompt = ?1 AND version = ?2";
    tx.execute(sql, &[&name.as_str(), version])?;
    models.iter().try_for_each(|model| add_model(tx, name, *version, model))
}

fn add_model(tx: &mut dyn Tx, name: &PromptName, version: i64, model: &ModelRef) -> Result<()> {
    let sql = "INSERT INTO prompt_model (prompt, version, integration, model)
               VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let ModelRef { integration, model } = model;
    tx.execute(sql, &[&name.as_str(), &version, &integration.as_str(), &model.as_str()])?;
    Ok(())
}

/// Takes all models of an integration from every prompt.
pub fn forget_integration(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<()> {
    tx.execute("DELETE FROM prompt_model WHERE integration = ?1", &[&integration.as_str()])?;
    Ok(())
}

/// The number of the latest version of a prompt.
pub fn latest(tx: &mut dyn Tx, name: &str) -> Result<Option<i64>> {
    let sql = "SELECT version FROM prompt WHERE name = ?1 ORDER BY version DESC LIMIT 1";
    tx.optional(sql, &[&name], |row| row.get(0))
}

/// A version of a prompt.
pub fn find(tx: &mut dyn Tx, name: &PromptName, version: i64) -> Result<Option<Prompt>> {
    let sql = concat!("SELECT ", columns!(), " FROM prompt WHERE name = ?1 AND version = ?2");
    let found = tx.all(sql, &[&name.as_str(), &version], read)?;
    Ok(with_models_of(tx, name, found)?.pop())
}

/// Every version of a prompt, the newest first.
pub fn versions(tx: &mut dyn Tx, name: &PromptName) -> Result<Vec<Prompt>> {
    let sql = concat!("SELECT ", columns!(), " FROM prompt WHERE name = ?1 ORDER BY version DESC");
    let found = tx.all(sql, &[&name.as_str()], read)?;
    with_models_of(tx, name, found)
}

/// The latest version of each prompt after the name `after`, by name, at most as many as `most`.
pub fn list(tx: &mut dyn Tx, after: &str, most: i64) -> Result<Vec<Prompt>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM prompt WHERE name > ?1 AND version = (SELECT MAX(version) FROM prompt AS other
              WHERE other.name = prompt.name) ORDER BY name LIMIT ?2"
    );
    let found = tx.all(sql, &[&after, &most], read)?;
    let last = found.last().map_or("", |prompt| prompt.name.as_str());
    let models = "SELECT prompt, version, integration, model FROM prompt_model
                  WHERE prompt > ?1 AND prompt <= ?2";
    let mut models = by_version(tx, models, &[&after, &last])?;
    Ok(found.into_iter().map(|prompt| with_models(prompt, &mut models)).collect())
}

/// The names of the prompts whose latest version is for this model.
pub fn names_with_model(tx: &mut dyn Tx, model: &ModelRef) -> Result<Vec<String>> {
    let sql = "SELECT prompt FROM prompt_model WHERE integration = ?1 AND model = ?2
                   AND version = (SELECT MAX(version) FROM prompt WHERE name = prompt_model.prompt)
               ORDER BY prompt";
    tx.all(sql, &[&model.integration.as_str(), &model.model.as_str()], |row| row.get(0))
}

/// Removes a version of a prompt, and says whether it was there.
pub fn delete(tx: &mut dyn Tx, name: &PromptName, version: i64) -> Result<bool> {
    let sql = "DELETE FROM prompt WHERE name = ?1 AND version = ?2";
    Ok(tx.execute(sql, &[&name.as_str(), &version])? > 0)
}

/// Removes every version of a prompt.
pub fn delete_all(tx: &mut dyn Tx, name: &PromptName) -> Result<()> {
    tx.execute("DELETE FROM prompt WHERE name = ?1", &[&name.as_str()])?;
    Ok(())
}

/// The models of versions, by the prompt and its version.
type Models = HashMap<(String, i64), BTreeSet<ModelRef>>;

fn with_models_of(tx: &mut dyn Tx, name: &PromptName, found: Vec<Prompt>) -> Result<Vec<Prompt>> {
    let models = "SELECT prompt, version, integration, model FROM prompt_model WHERE prompt = ?1";
    let mut models = by_version(tx, models, &[&name.as_str()])?;
    Ok(found.into_iter().map(|prompt| with_models(prompt, &mut models)).collect())
}

fn with_models(prompt: Prompt, models: &mut Models) -> Prompt {
    let key = (prompt.name.to_string(), prompt.version);
    Prompt { models: models.remove(&key).unwrap_or_default(), ..prompt }
}

fn by_version(tx: &mut dyn Tx, sql: &'static str, params: &[&dyn super::Param]) -> Result<Models> {
    let mut found = Models::new();
    tx.for_each(sql, params, &mut |row| {
        let model = ModelRef {
            integration: IntegrationName::parse("models", row.get::<String>(2)?)?,
            model: ResourceName::parse("models", row.get::<String>(3)?)?,
        };
        found.entry((row.get(0)?, row.get(1)?)).or_default().insert(model);
        Ok(())
    })?;
    Ok(found)
}

/// A version without its models.
fn read(row: &Row<'_>) -> Result<Prompt> {
    let settings: String = row.get(4)?;
    Ok(Prompt {
        name: PromptName::parse("name", row.get::<String>(0)?)?,
        version: row.get(1)?,
        description: row.get(2)?,
        template: row.get(3)?,
        models: BTreeSet::new(),
        settings: Settings(serde_json::from_str(&settings).map_err(Error::internal)?),
        stamps: row.stamps(5)?,
    })
}
