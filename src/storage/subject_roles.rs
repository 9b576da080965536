//! The roles of subjects.

use super::Tx;
use crate::domain::Result;
use crate::domain::access::{Subject, UserId};

/// Gives `subject` a role; giving it twice changes nothing.
pub fn insert(tx: &mut dyn Tx, subject: &Subject, role: &str) -> Result<()> {
    let sql = "INSERT INTO subject_role (subject_kind, subject_id, role) VALUES (?1, ?2, ?3)
               ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&subject.kind.as_str(), &subject.id, &role])?;
    Ok(())
}

/// Takes a role away; one that is not there changes nothing.
pub fn delete(tx: &mut dyn Tx, subject: &Subject, role: &str) -> Result<()> {
    let sql = "DELETE FROM subject_role
               WHERE subject_kind = ?1 AND subject_id = ?2 AND role = ?3";
    tx.execute(sql, &[&subject.kind.as_str(), &subject.id, &role])?;
    Ok(())
}

/// Takes every role away from `subject`.
pub fn delete_of(tx: &mut dyn Tx, subject: &Subject) -> Result<()> {
    let sql = "DELETE FROM subject_role WHERE subject_kind = ?1 AND subject_id = ?2";
    tx.execute(sql, &[&subject.kind.as_str(), &subject.id])?;
    Ok(())
}

/// Takes `role` away from everyone.
pub fn delete_role(tx: &mut dyn Tx, role: &str) -> Result<()> {
    tx.execute("DELETE FROM subject_role WHERE role = ?1", &[&role])?;
    Ok(())
}

/// The names of the roles given to `subject` itself, in order.
pub fn of(tx: &mut dyn Tx, subject: &Subject) -> Result<Vec<String>> {
    let sql = "SELECT role FROM subject_role WHERE subject_kind = ?1 AND subject_id = ?2
               ORDER BY role";
    tx.all(sql, &[&subject.kind.as_str(), &subject.id], |row| row.get(0))
}

/// The names of the roles that `user` has, directly and through groups, in order.
pub fn held_by(tx: &mut dyn Tx, user: &UserId) -> Result<Vec<String>> {
    let sql = "SELECT role FROM subject_role WHERE subject_kind = 'USER' AND subject_id = ?1
               UNION SELECT subject_role.role FROM group_member JOIN subject_role
                   ON subject_role.subject_kind = 'GROUP'
                       AND subject_role.subject_id = group_member.group_id
                   WHERE group_member.user_id = ?1
               ORDER BY 1";
    tx.all(sql, &[&user.as_str()], |row| row.get(0))
}

/// Whether a person has `role`, directly or through a group.
pub fn has_person(tx: &mut dyn Tx, role: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM user_account JOIN subject_role
                   ON subject_role.subject_kind = 'USER'
                       AND subject_role.subject_id = user_account.id AND subject_role.role = ?1
               UNION ALL SELECT 1 FROM user_account JOIN group_member
                   ON group_member.user_id = user_account.id
               JOIN subject_role ON subject_role.subject_kind = 'GROUP'
                   AND subject_role.subject_id = group_member.group_id AND subject_role.role = ?1
               LIMIT 1";
    Ok(tx.optional(sql, &[&role], |_| Ok(()))?.is_some())
}

/// Whether somebody who can sign in at `now` with an access key has `role`, directly or through a
/// group.
pub fn has_key_holder(tx: &mut dyn Tx, role: &str, now: i64) -> Result<bool> {
    let sql = "WITH holder (user_id) AS (
                   SELECT subject_id FROM subject_role
                       WHERE subject_kind = 'USER' AND role = ?1
                   UNION SELECT group_member.user_id FROM subject_role JOIN group_member
                       ON group_member.group_id = subject_role.subject_id
                       WHERE subject_role.subject_kind = 'GROUP' AND subject_role.role = ?1)
               SELECT 1 FROM access_key JOIN holder
                   ON holder.user_id = 'app:' || access_key.application_id
               WHERE access_key.active
                   AND (access_key.expires_on IS NULL OR access_key.expires_on > ?2)
               LIMIT 1";
    Ok(tx.optional(sql, &[&role, &now], |_| Ok(()))?.is_some())
}
