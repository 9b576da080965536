//! What was refused for want of permission leaves a record of its own.

use std::sync::Arc;

use super::permit::admit;
use super::{Caller, Registry, audit, now_millis};
use crate::domain::access::{Access, Target};
use crate::domain::audit::{Entry, Outcome};
use crate::domain::{Error, Result};

impl Registry {
    /// Records what was refused, after the change it was a part of was undone.
    pub(super) async fn record_refusals(
        &self,
        caller: &Caller,
        action: &'static str,
        error: &Error,
    ) -> Result<()> {
        let refused = refusals(error);
        if refused.is_empty() {
            return Ok(());
        }
        let (caller, tools) = (caller.clone(), Arc::clone(&self.tools));
        self.db
            .write(move |tx| {
                let at = now_millis();
                let who = admit(tx, &caller, at)?;
                for Refused { access, target, given } in &refused {
                    let mut entry = Entry::new(&who, action, *access, target, Outcome::Denied, at);
                    if let Some(given) = given {
                        entry.detail.insert("given".to_owned(), given.as_str().into());
                    }
                    audit::append(tx, &tools.mac, entry)?;
                }
                Ok(())
            })
            .await
    }
}

/// Something that was refused for want of permission.
struct Refused {
    access: Access,
    target: Target,
    /// What the caller would have given without holding it.
    given: Option<String>,
}

/// What `error` refuses for want of permission.
fn refusals(error: &Error) -> Vec<Refused> {
    match error {
        Error::Forbidden { access, target } => {
            vec![Refused { access: *access, target: target.clone(), given: None }]
        }
        Error::NotHeld { what, target } => {
            let (access, given) = (Access::Update, Some(what.clone()));
            vec![Refused { access, target: target.clone(), given }]
        }
        Error::Items(items) => items.iter().flat_map(|item| refusals(&item.error)).collect(),
        _ => vec![],
    }
}
