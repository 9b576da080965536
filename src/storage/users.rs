//! People. Applications are users too, but have no row here.

use super::{Row, Tx};
use crate::domain::Result;
use crate::domain::access::UserId;
use crate::domain::integration::Stamps;
use crate::domain::user::User;

macro_rules! columns {
    () => {
        "id, uuid, name, created_by, created_on, updated_by, updated_on"
    };
}

/// Adds a user, or replaces the one of this id.
pub fn upsert(tx: &mut dyn Tx, user: &User) -> Result<()> {
    let sql = concat!(
        "INSERT INTO user_account (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let User { id, uuid, name, stamps } = user;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    tx.execute(sql, &[&id.as_str(), uuid, name, created_by, created_on, updated_by, updated_on])?;
    Ok(())
}

/// The user `id`.
pub fn find(tx: &mut dyn Tx, id: &UserId) -> Result<Option<User>> {
    let sql = concat!("SELECT ", columns!(), " FROM user_account WHERE id = ?1");
    tx.optional(sql, &[&id.as_str()], read)
}

/// The users after the id `after`, by id, at most as many as `most`.
pub fn list(tx: &mut dyn Tx, after: &str, most: i64) -> Result<Vec<User>> {
    let sql =
        concat!("SELECT ", columns!(), " FROM user_account WHERE id > ?1 ORDER BY id LIMIT ?2");
    tx.all(sql, &[&after, &most], read)
}

/// Removes a user.
pub fn delete(tx: &mut dyn Tx, id: &UserId) -> Result<()> {
    tx.execute("DELETE FROM user_account WHERE id = ?1", &[&id.as_str()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<User> {
    Ok(User {
        id: UserId::parse("id", &row.get::<String>(0)?)?,
        uuid: row.get(1)?,
        name: row.get(2)?,
        stamps: row.stamps(3)?,
    })
}
