//! Ids of Arize's dialect: a number in clear, and a check that no other installation gives it.

use data_encoding::BASE64;

use super::Tools;
use crate::domain::arize::id::{Id, IdKind};
use crate::domain::integration::Resource;

impl Tools {
    /// The id of the thing with this number.
    pub(super) fn id_of(&self, kind: IdKind, number: i64) -> Id {
        Id::new(kind, number, &self.mac.check(&Id::stem(kind, number)))
    }

    /// The number of the thing that `id` names, if it is one that [`Tools::id_of`] gave.
    pub(super) fn number_of(&self, kind: IdKind, id: &Id) -> Option<i64> {
        id.number(kind).filter(|number| self.id_of(kind, *number) == *id)
    }

    /// The id of a ready-made request to the agent with this number. One of the same name that is
    /// made anew has another.
    pub(super) fn preset_id(number: i64, resource: &Resource) -> String {
        let made = resource.stamps.created_on;
        BASE64.encode(format!("RequestPreset:{number}:{made}:{}", resource.name).as_bytes())
    }
}
