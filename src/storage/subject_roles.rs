//! The roles of subjects.

use super::Tx;
use crate::domain::access::Role;
use crate::domain::{Error, Result};

/// Gives `subject` a role; giving it twice changes nothing.
pub fn insert(tx: &mut dyn Tx, subject: &str, role: Role) -> Result<()> {
    let sql = "INSERT INTO subject_role (subject, role) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&subject, &role.as_str()])?;
    Ok(())
}

/// Takes a role away; taking away one that is not there changes nothing.
pub fn delete(tx: &mut dyn Tx, subject: &str, role: Role) -> Result<()> {
    let sql = "DELETE FROM subject_role WHERE subject = ?1 AND role = ?2";
    tx.execute(sql, &[&subject, &role.as_str()])?;
    Ok(())
}

/// Takes every role away.
pub fn delete_all(tx: &mut dyn Tx, subject: &str) -> Result<()> {
    tx.execute("DELETE FROM subject_role WHERE subject = ?1", &[&subject])?;
    Ok(())
}

/// The roles of `subject`, by name.
pub fn list(tx: &mut dyn Tx, subject: &str) -> Result<Vec<Role>> {
    let sql = "SELECT role FROM subject_role WHERE subject = ?1 ORDER BY role";
    tx.all(sql, &[&subject], |row| {
        Role::named(&row.get::<String>(0)?).ok_or_else(|| Error::internal("an unknown role"))
    })
}

/// Whether any subject with an access key has the role.
pub fn is_held(tx: &mut dyn Tx, role: Role) -> Result<bool> {
    let sql = "SELECT 1 FROM subject_role JOIN access_key
                   ON subject_role.subject = 'app:' || access_key.application_id
               WHERE subject_role.role = ?1 LIMIT 1";
    Ok(tx.optional(sql, &[&role.as_str()], |_| Ok(()))?.is_some())
}
