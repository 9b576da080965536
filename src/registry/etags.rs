//! Entity tags: a hash over what a read shows of a thing, and over nothing else, so that a tag
//! changes when that does. A test compares the two.

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    ArizeIntegration, GroupView, IntegrationView, PromptLabel, PromptView, ResourceView, UserView,
};
use crate::domain::access::{Grant, GrantedAccess, Role};
use crate::domain::application::{AccessKey, Application};
use crate::domain::definition::Definition;
use crate::domain::prompt::Prompt;
use crate::domain::tag::Tag;
use crate::domain::usage::TokenLimit;
use crate::domain::user::Group;
use crate::domain::{Error, Result};

/// What can be read alone.
pub trait Shows {
    /// All that a read shows of it, in whichever form.
    fn shown(&self) -> impl Serialize;

    /// Its entity tag, quotes included: the same for whoever reads it, until it changes.
    ///
    /// # Errors
    ///
    /// [`Error::Internal`].
    fn etag(&self) -> Result<String> {
        let bytes = serde_json::to_vec(&self.shown()).map_err(Error::internal)?;
        Ok(format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(bytes)[..16])))
    }
}

/// What is shown as a whole.
macro_rules! whole {
    ($($shown:ty),+) => {$(
        impl Shows for $shown {
            fn shown(&self) -> impl Serialize {
                self
            }
        }
    )+};
}

// An integration of Arize's dialect with all that either of its families shows; and a workflow
// definition, which is a document.
whole!(IntegrationView, ResourceView, ArizeIntegration, Definition, Tag, Application, AccessKey);
whole!(Role, Box<RawValue>);

/// A list that belongs to one thing, as that of its tags.
impl<T: Shows> Shows for Vec<T> {
    fn shown(&self) -> impl Serialize {
        self.iter().map(Shows::shown).collect::<Vec<_>>()
    }
}

impl Shows for PromptView {
    fn shown(&self) -> impl Serialize {
        let Prompt { name, version, description, template, models, settings, stamps } =
            &self.prompt;
        let models: Vec<_> = models.iter().map(ToString::to_string).collect();
        let whole = (name.as_str(), version, description, template, models);
        (whole, settings.shown(), stamps, &self.tags)
    }
}

impl Shows for PromptLabel {
    fn shown(&self) -> impl Serialize {
        let Self { label, version, updated_by, updated_on } = self;
        (label, version, updated_by, updated_on)
    }
}

impl Shows for TokenLimit {
    fn shown(&self) -> impl Serialize {
        let Self { integration, resource, max_tokens, period, stamps } = self;
        (integration.as_str(), resource, max_tokens, period.as_str(), stamps)
    }
}

impl Shows for UserView {
    fn shown(&self) -> impl Serialize {
        let Self { id, name, uuid, roles, groups } = self;
        let groups: Vec<_> = groups.iter().map(Shows::shown).collect();
        (id.as_str(), name, uuid, roles, groups)
    }
}

/// Without its stamps, which no read shows.
impl Shows for GroupView {
    fn shown(&self) -> impl Serialize {
        let Group { id, description, default_access, stamps: _ } = &self.group;
        (id, description, default_access, &self.roles)
    }
}

impl Shows for Grant {
    fn shown(&self) -> impl Serialize {
        let Self { subject, object, access } = self;
        let subject = (subject.kind.as_str(), &subject.id);
        (subject, object.kind.as_str(), &object.id, access.as_str())
    }
}

impl Shows for GrantedAccess {
    fn shown(&self) -> impl Serialize {
        let Self { object, access, tag } = self;
        let access: Vec<_> = access.iter().map(|access| access.as_str()).collect();
        (object.kind.as_str(), &object.id, access, tag)
    }
}
