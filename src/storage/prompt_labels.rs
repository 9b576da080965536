//! Labels of prompts: names that point at a version.

use super::Tx;
use crate::domain::Result;
use crate::domain::prompt::{Label, PromptName};

/// A label with the version that it points at.
pub struct LabelRow {
    /// The label.
    pub label: String,
    /// The version.
    pub version: i64,
    /// The user id of who moved it last.
    pub updated_by: String,
    /// When, in epoch milliseconds.
    pub updated_on: i64,
}

/// Points a label at a version.
pub fn upsert(tx: &mut dyn Tx, prompt: &PromptName, row: &LabelRow) -> Result<()> {
    let sql = "INSERT INTO prompt_label (prompt, label, version, updated_by, updated_on)
               VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (prompt, label) DO UPDATE SET version = excluded.version,
                   updated_by = excluded.updated_by, updated_on = excluded.updated_on";
    let LabelRow { label, version, updated_by, updated_on } = row;
    tx.execute(sql, &[&prompt.as_str(), label, version, updated_by, updated_on])?;
    Ok(())
}

/// The version that a label points at.
pub fn find(tx: &mut dyn Tx, prompt: &PromptName, label: &Label) -> Result<Option<i64>> {
    let sql = "SELECT version FROM prompt_label WHERE prompt = ?1 AND label = ?2";
    tx.optional(sql, &[&prompt.as_str(), &label.as_str()], |row| row.get(0))
}

/// The labels of a prompt, by name.
pub fn list(tx: &mut dyn Tx, prompt: &PromptName) -> Result<Vec<LabelRow>> {
    let sql = "SELECT label, version, updated_by, updated_on FROM prompt_label
               WHERE prompt = ?1 ORDER BY label";
    tx.all(sql, &[&prompt.as_str()], |row| {
        Ok(LabelRow {
            label: row.get(0)?,
            version: row.get(1)?,
            updated_by: row.get(2)?,
            updated_on: row.get(3)?,
        })
    })
}

/// Removes a label, and says whether it was there.
pub fn delete(tx: &mut dyn Tx, prompt: &PromptName, label: &Label) -> Result<bool> {
    let sql = "DELETE FROM prompt_label WHERE prompt = ?1 AND label = ?2";
    Ok(tx.execute(sql, &[&prompt.as_str(), &label.as_str()])? > 0)
}
