//! Grants: what a subject may do to one thing, or to whatever carries a tag.

use std::collections::HashSet;

use super::{Row, Tx};
use crate::domain::access::{Access, Grant, Kind, Object, Subject, SubjectKind, Target, UserId};
use crate::domain::name::IntegrationName;
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "subject_kind, subject_id, target_kind, target_id, access"
    };
}

/// Every subject that the user `?1` is: themself, their groups, and the roles of both, some of them
/// more than once.
macro_rules! subjects {
    () => {
        "WITH subject (kind, id) AS (
             SELECT 'USER', CAST(?1 AS TEXT)
             UNION ALL SELECT 'GROUP', group_id FROM group_member WHERE user_id = ?1
             UNION ALL SELECT 'ROLE', role FROM subject_role
                 WHERE subject_kind = 'USER' AND subject_id = ?1
             UNION ALL SELECT 'ROLE', subject_role.role FROM group_member JOIN subject_role
                 ON subject_role.subject_kind = 'GROUP'
                     AND subject_role.subject_id = group_member.group_id
                 WHERE group_member.user_id = ?1)"
    };
}

/// Adds a grant; granting twice changes nothing.
pub fn insert(tx: &mut dyn Tx, grant: &Grant) -> Result<()> {
    let sql = concat!(
        "INSERT INTO access_grant (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING"
    );
    write(tx, sql, grant)
}

/// Takes a grant away; one that is not there changes nothing.
pub fn delete(tx: &mut dyn Tx, grant: &Grant) -> Result<()> {
    let sql = "DELETE FROM access_grant WHERE subject_kind = ?1 AND subject_id = ?2
                   AND target_kind = ?3 AND target_id = ?4 AND access = ?5";
    write(tx, sql, grant)
}

/// Whether `user` was granted `access` on `target` or the whole it is a part of: directly, through
/// a group, a role or a tag.
pub fn reach(tx: &mut dyn Tx, user: &UserId, access: Access, target: &Target) -> Result<bool> {
    let sql = concat!(
        subjects!(),
        ", thing (kind, id) AS (
             SELECT CAST(?2 AS TEXT), CAST(?3 AS TEXT)
             UNION ALL SELECT CAST(?4 AS TEXT), CAST(?5 AS TEXT)),
         object (kind, id) AS (
             SELECT kind, id FROM thing
             UNION ALL SELECT 'TAG', tag.key || ':' || tag.value FROM thing JOIN tag
                 ON tag.target_kind = thing.kind AND tag.target_id = thing.id)
         SELECT 1 FROM object CROSS JOIN subject JOIN access_grant
             ON access_grant.subject_kind = subject.kind AND access_grant.subject_id = subject.id
                 AND access_grant.target_kind = object.kind
                 AND access_grant.target_id = object.id AND access_grant.access = ?6
         LIMIT 1"
    );
    let object = target.object();
    let whole = target.whole().unwrap_or_else(|| target.clone()).object();
    let found = tx.optional(
        sql,
        &[
            &user.as_str(),
            &object.kind.as_str(),
            &object.id,
            &whole.kind.as_str(),
            &whole.id,
            &access.as_str(),
        ],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Everything that `user` was granted `access` on: directly, through a group, a role or a tag.
pub fn reached(tx: &mut dyn Tx, user: &UserId, access: Access) -> Result<HashSet<Object>> {
    let sql = concat!(
        subjects!(),
        ", held (kind, id) AS (
             SELECT access_grant.target_kind, access_grant.target_id
             FROM subject JOIN access_grant ON access_grant.subject_kind = subject.kind
                 AND access_grant.subject_id = subject.id
             WHERE access_grant.access = ?2)
         SELECT kind, id FROM held
         UNION SELECT tag.target_kind, tag.target_id FROM held JOIN tag
             ON held.kind = 'TAG' AND held.id = tag.key || ':' || tag.value"
    );
    let params: [&dyn super::Param; 2] = [&user.as_str(), &access.as_str()];
    Ok(tx.all(sql, &params, |row| object(row, 0))?.into_iter().collect())
}

/// Every grant on one object.
pub fn on(tx: &mut dyn Tx, object: &Object) -> Result<Vec<Grant>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM access_grant WHERE target_kind = ?1 AND target_id = ?2
         ORDER BY subject_kind, subject_id, access"
    );
    tx.all(sql, &[&object.kind.as_str(), &object.id], read)
}

/// Every grant there is.
pub fn all(tx: &mut dyn Tx) -> Result<Vec<Grant>> {
    tx.all(concat!("SELECT ", columns!(), " FROM access_grant"), &[], read)
}

/// Every grant of one subject.
pub fn of(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<Grant>> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM access_grant WHERE subject_kind = ?1 AND subject_id = ?2
         ORDER BY target_kind, target_id, access"
    );
    tx.all(sql, &[&subject.kind.as_str(), &subject.id], read)
}

/// Takes away every grant on one object, so that none revives with its name.
pub fn delete_on(tx: &mut dyn Tx, object: &Object) -> Result<()> {
    let sql = "DELETE FROM access_grant WHERE target_kind = ?1 AND target_id = ?2";
    tx.execute(sql, &[&object.kind.as_str(), &object.id])?;
    Ok(())
}

/// Takes away every grant on a resource of `integration`, be there such a resource or not.
pub fn delete_below(tx: &mut dyn Tx, integration: &IntegrationName) -> Result<()> {
    let sql = "DELETE FROM access_grant
               WHERE target_kind = 'INTEGRATION' AND target_id >= ?1 AND target_id < ?2";
    let (first, end) = integration.resource_ids();
    tx.execute(sql, &[&first, &end])?;
    Ok(())
}

/// Takes away every grant of one subject.
pub fn delete_of(tx: &mut dyn Tx, subject: &Subject) -> Result<()> {
    let sql = "DELETE FROM access_grant WHERE subject_kind = ?1 AND subject_id = ?2";
    tx.execute(sql, &[&subject.kind.as_str(), &subject.id])?;
    Ok(())
}

/// Runs a statement whose parameters are the columns of a grant.
fn write(
    tx: &mut dyn Tx,
    sql: &'static str,
    Grant { subject, object, access }: &Grant,
) -> Result<()> {
    let (subject_kind, kind) = (subject.kind.as_str(), object.kind.as_str());
    tx.execute(sql, &[&subject_kind, &subject.id, &kind, &object.id, &access.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Grant> {
    let unknown = || Error::internal("a grant has an unknown word");
    Ok(Grant {
        subject: Subject {
            kind: SubjectKind::named(&row.get::<String>(0)?).ok_or_else(unknown)?,
            id: row.get(1)?,
        },
        object: object(row, 2)?,
        access: Access::named(&row.get::<String>(4)?).ok_or_else(unknown)?,
    })
}

fn object(row: &Row<'_>, first: usize) -> Result<Object> {
    let kind = Kind::named(&row.get::<String>(first)?)
        .ok_or_else(|| Error::internal("a grant has an unknown kind"))?;
    Ok(Object { kind, id: row.get(first + 1)? })
}
