//! Groups of users, and who is in them.

use super::{Row, Tx};
use crate::domain::access::UserId;
use crate::domain::integration::Stamps;
use crate::domain::user::Group;
use crate::domain::{Error, Result};

macro_rules! columns {
    () => {
        "id, description, default_access, created_by, created_on, updated_by, updated_on"
    };
}

/// Adds a group, or replaces the one of this id.
pub fn upsert(tx: &mut dyn Tx, group: &Group) -> Result<()> {
    let sql = concat!(
        "INSERT INTO user_group (",
        columns!(),
        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET description = excluded.description,
             default_access = excluded.default_access,
             updated_by = excluded.updated_by, updated_on = excluded.updated_on"
    );
    let Group { id, description, default_access, stamps } = group;
    let default_access = serde_json::to_string(default_access).map_err(Error::internal)?;
    let Stamps { created_by, created_on, updated_by, updated_on } = stamps;
    let params: [&dyn super::Param; 7] =
        [id, description, &default_access, created_by, created_on, updated_by, updated_on];
    tx.execute(sql, &params)?;
    Ok(())
}

/// The group `id`.
pub fn find(tx: &mut dyn Tx, id: &str) -> Result<Option<Group>> {
    let sql = concat!("SELECT ", columns!(), " FROM user_group WHERE id = ?1");
    tx.optional(sql, &[&id], read)
}

/// The groups after the id `after`, by id, at most as many as `most`.
pub fn list(tx: &mut dyn Tx, after: &str, most: i64) -> Result<Vec<Group>> {
    let sql = concat!("SELECT ", columns!(), " FROM user_group WHERE id > ?1 ORDER BY id LIMIT ?2");
    tx.all(sql, &[&after, &most], read)
}

/// The ids of the groups that `user` is in, in order.
pub fn ids_of(tx: &mut dyn Tx, user: &UserId) -> Result<Vec<String>> {
    let sql = "SELECT group_id FROM group_member WHERE user_id = ?1 ORDER BY group_id";
    tx.all(sql, &[&user.as_str()], |row| row.get(0))
}

/// The users in a group, by id.
pub fn members(tx: &mut dyn Tx, id: &str) -> Result<Vec<UserId>> {
    let sql = "SELECT user_id FROM group_member WHERE group_id = ?1 ORDER BY user_id";
    tx.all(sql, &[&id], |row| UserId::parse("id", &row.get::<String>(0)?))
}

/// Puts a user into a group; twice changes nothing.
pub fn add_member(tx: &mut dyn Tx, id: &str, user: &UserId) -> Result<()> {
    let sql = "INSERT INTO group_member (user_id, group_id) VALUES (?1, ?2)
               ON CONFLICT DO NOTHING";
    tx.execute(sql, &[&user.as_str(), &id])?;
    Ok(())
}

/// Takes a user out of a group; one who is not in it changes nothing.
pub fn remove_member(tx: &mut dyn Tx, id: &str, user: &UserId) -> Result<()> {
    let sql = "DELETE FROM group_member WHERE user_id = ?1 AND group_id = ?2";
    tx.execute(sql, &[&user.as_str(), &id])?;
    Ok(())
}

/// Takes a user out of every group.
pub fn remove_from_all(tx: &mut dyn Tx, user: &UserId) -> Result<()> {
    tx.execute("DELETE FROM group_member WHERE user_id = ?1", &[&user.as_str()])?;
    Ok(())
}

/// Removes a group with its memberships.
pub fn delete(tx: &mut dyn Tx, id: &str) -> Result<()> {
    tx.execute("DELETE FROM user_group WHERE id = ?1", &[&id])?;
    Ok(())
}

fn read(row: &Row<'_>) -> Result<Group> {
    Ok(Group {
        id: row.get(0)?,
        description: row.get(1)?,
        default_access: serde_json::from_str(&row.get::<String>(2)?).map_err(Error::internal)?,
        stamps: row.stamps(3)?,
    })
}
