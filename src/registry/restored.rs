//! What is written into a registry that was restored from a backup, before it is served.

use super::{Caller, Registry, Repeatable};
use crate::domain::Result;
use crate::domain::access::{Access, Kind, Need, Target};
use crate::storage::access_keys;

/// The target of the record of it.
const LOG: Target = Target::Every(Kind::AuditLog);

/// What was done after a restore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// How many access keys were paused.
    pub paused: usize,
}

impl Repeatable for Restored {}

impl Registry {
    /// Records that this registry was restored, from a backup that was made at `made_on` (epoch
    /// milliseconds) of the revision `revision`; and pauses every access key, if so wanted: those
    /// that were revoked since are in force again.
    ///
    /// # Errors
    ///
    /// What the database gives.
    pub async fn restored(
        &self,
        made_on: i64,
        revision: i64,
        pause_keys: bool,
    ) -> Result<Restored> {
        self.transact(&Caller::LOCAL, "registry.restore", move |change| {
            let need = Need::Access(Access::Update);
            change.one("registry.restore", need, &LOG, |change| {
                change.note("backupMadeOn", made_on);
                change.note("backupRevision", revision);
                Ok(())
            })?;
            let keys = if pause_keys { access_keys::list_active(change.tx)? } else { vec![] };
            for key in &keys {
                let target = Target::Application(key.application.clone());
                change.one("key.toggle", need, &target, |change| {
                    change.note("key", &*key.id);
                    change.note("active", false);
                    access_keys::set_active(change.tx, &key.id, false)
                })?;
            }
            Ok(Restored { paused: keys.len() })
        })
        .await
    }
}
