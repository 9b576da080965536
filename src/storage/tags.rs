//! The tags of anything.

use std::collections::HashMap;

use super::{Row, Tx};
use crate::domain::access::{Kind, Object, Target};
use crate::domain::name::IntegrationName;
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};

/// Adds a tag, or replaces the deprecated type of the one with this key and value.
pub fn upsert(tx: &mut dyn Tx, target: &Target, tag: &Tag) -> Result<()> {
    let sql = "INSERT INTO tag (target_kind, target_id, key, value, kind)
               VALUES (?1, ?2, ?3, ?4, ?5)
               ON CONFLICT (target_kind, target_id, key, value) DO UPDATE
               SET kind = excluded.kind";
    tx.execute(sql, &[&target.kind().as_str(), &target.id(), &tag.key, &tag.value, &tag.kind])?;
    Ok(())
}

/// The tags of one thing, by key and value.
pub fn list(tx: &mut dyn Tx, target: &Target) -> Result<Vec<Tag>> {
    let sql = "SELECT key, value, kind FROM tag WHERE target_kind = ?1 AND target_id = ?2
               ORDER BY key, value";
    tx.all(sql, &[&target.kind().as_str(), &target.id()], |row| read(row, 0))
}

/// The tags of the things of a kind from the id `first` to `last`, by the id of the thing.
pub fn by_target(
    tx: &mut dyn Tx,
    kind: Kind,
    first: &str,
    last: &str,
) -> Result<HashMap<String, Vec<Tag>>> {
    let sql = "SELECT target_id, key, value, kind FROM tag
               WHERE target_kind = ?1 AND target_id BETWEEN ?2 AND ?3
               ORDER BY target_id, key, value";
    let mut found: HashMap<String, Vec<Tag>> = HashMap::new();
    tx.for_each(sql, &[&kind.as_str(), &first, &last], &mut |row| {
        found.entry(row.get(0)?).or_default().push(read(row, 1)?);
        Ok(())
    })?;
    Ok(found)
}

/// Every tag, with what it is on.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<(Object, Tag)>> {
    let sql = "SELECT target_kind, target_id, key, value, kind FROM tag
               ORDER BY key, value, target_kind, target_id";
    tx.all(sql, &[], |row| Ok((object(row)?, read(row, 2)?)))
}

/// Everything that carries the tag with this key and value.
pub fn objects_with(tx: &mut dyn Tx, key: &str, value: &str) -> Result<Vec<Object>> {
    let sql = "SELECT target_kind, target_id FROM tag WHERE key = ?1 AND value = ?2
               ORDER BY target_kind, target_id";
    tx.all(sql, &[&key, &value], object)
}

/// Removes the tag with this key and value; a tag that is not there changes nothing.
pub fn delete(tx: &mut dyn Tx, target: &Target, key: &str, value: &str) -> Result<()> {
    let sql = "DELETE FROM tag
               WHERE target_kind = ?1 AND target_id = ?2 AND key = ?3 AND value = ?4";
    tx.execute(sql, &[&target.kind().as_str(), &target.id(), &key, &value])?;
    Ok(())
}

/// Removes every tag of the resources of `integration`.
pub fn delete_below(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<()> {
    let sql = "DELETE FROM tag
               WHERE target_kind = 'INTEGRATION' AND target_id >= ?1 AND target_id < ?2";
    let (first, end) = integration.resource_ids();
    tx.execute(sql, &[&first, &end])?;
    Ok(())
}

/// Removes every tag of one thing.
pub fn delete_all(tx: &mut dyn Tx, target: &Target) -> Result<()> {
    let sql = "DELETE FROM tag WHERE target_kind = ?1 AND target_id = ?2";
    tx.execute(sql, &[&target.kind().as_str(), &target.id()])?;
    Ok(())
}

fn object(row: &Row<'_>) -> Result<Object> {
    let kind = Kind::named(&row.get::<String>(0)?);
    let kind = kind.ok_or_else(|| Error::internal("a tag is on an unknown kind"))?;
    Ok(Object { kind, id: row.get(1)? })
}

fn read(row: &Row<'_>, first: usize) -> Result<Tag> {
    Ok(Tag { key: row.get(first)?, value: row.get(first + 1)?, kind: row.get(first + 2)? })
}
