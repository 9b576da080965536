//! What an access is on.

use std::fmt;

use super::UserId;
use crate::domain::name::{self, IntegrationName, ResourceName};
use crate::domain::tag::Tag;
use crate::domain::{Error, Result};

/// A kind of thing that an access can be on; contract section 9.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Integrations.
    Integration,
    /// Resources of integrations.
    Resource,
    /// Prompts.
    Prompt,
    /// Applications, with their access keys.
    Application,
    /// Users.
    User,
    /// Groups of users.
    Group,
    /// Custom roles.
    Role,
    /// Whatever carries a tag.
    Tag,
    /// The catalogue of integration definitions.
    Definition,
    /// The counts of events that workers report.
    Events,
    /// The audit log.
    AuditLog,
    /// The key that seals secrets.
    SealKey,
    /// Labels of prompts that are protected.
    PromptLabel,
    /// Organizations.
    Organization,
    /// Spaces, where integrations are seen.
    Space,
    /// A kind of the orchestrator's, which can be granted on and has no things here.
    Foreign(&'static str),
}

/// The kinds that things here have.
const OWN: [Kind; 15] = [
    Kind::Integration,
    Kind::Resource,
    Kind::Prompt,
    Kind::Application,
    Kind::User,
    Kind::Group,
    Kind::Role,
    Kind::Tag,
    Kind::Definition,
    Kind::Events,
    Kind::AuditLog,
    Kind::SealKey,
    Kind::PromptLabel,
    Kind::Organization,
    Kind::Space,
];

/// The orchestrator's target types.
const FOREIGN: [&str; 19] = [
    "WORKFLOW",
    "WORKFLOW_DEF",
    "WORKFLOW_SCHEDULE",
    "EVENT_HANDLER",
    "TASK_DEF",
    "TASK_REF_NAME",
    "TASK_ID",
    "SECRET",
    "SECRET_NAME",
    "ENV_VARIABLE",
    "DOMAIN",
    "USER_FORM_TEMPLATE",
    "SCHEMA",
    "CLUSTER_CONFIG",
    "WEBHOOK",
    "API_GATEWAY_SERVICE",
    "API_GATEWAY_SERVICE_ROUTE",
    "AUTH_CONFIG",
    "SERVICE_REGISTRY",
];

impl Kind {
    /// Workflow definitions.
    pub const WORKFLOW: Self = Self::Foreign("WORKFLOW_DEF");

    /// Variables of the environment.
    pub const ENV_VARIABLE: Self = Self::Foreign("ENV_VARIABLE");

    /// Secrets that a configuration names and does not hold.
    pub const SECRET_NAME: Self = Self::Foreign("SECRET_NAME");

    /// Task definitions.
    pub const TASK: Self = Self::Foreign("TASK_DEF");

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        OWN.into_iter().chain(FOREIGN.map(Self::Foreign))
    }

    /// Whether only administrators, and whom they grant it to, may even see it.
    pub fn is_private(self) -> bool {
        matches!(self, Self::AuditLog | Self::SealKey)
    }

    /// The target type of the wire, or our own word where it has none.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Integration => "INTEGRATION_PROVIDER",
            Self::Resource => "INTEGRATION",
            Self::Prompt => "PROMPT",
            Self::Application => "APPLICATION",
            Self::User => "USER",
            Self::Group => "GROUP",
            Self::Role => "ROLE",
            Self::Tag => "TAG",
            Self::Definition => "INTEGRATION_DEF",
            Self::Events => "EVENT_STATS",
            Self::AuditLog => "AUDIT_LOG",
            Self::SealKey => "SEAL_KEY",
            Self::PromptLabel => "PROMPT_LABEL",
            Self::Organization => "ORGANIZATION",
            Self::Space => "SPACE",
            Self::Foreign(word) => word,
        }
    }

    /// The kind of this target type, in any case.
    pub fn named(word: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }

    /// The kind of this target type, as a client wrote it in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`].
    pub fn parse(field: &str, word: &str) -> Result<Self> {
        Self::named(word).ok_or_else(|| Error::invalid(field, "must be a known target type"))
    }
}

/// One thing by its kind and the id of the wire, whether it exists or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its kind.
    pub kind: Kind,
    /// Its id, as [`Target::id`] writes it.
    pub id: String,
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind.as_str(), self.id)
    }
}

/// What an access is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// One integration, and with it its resources.
    Integration(IntegrationName),
    /// One resource of an integration.
    Resource(IntegrationName, ResourceName),
    /// One application, with its access keys.
    Application(String),
    /// One user.
    User(UserId),
    /// One group of users.
    Group(String),
    /// One role.
    Role(String),
    /// Something that has no row here: a tag, a thing of the orchestrator's.
    Other(Object),
    /// All things of a kind.
    Every(Kind),
}

impl Target {
    /// The target of a kind and an id of the wire.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming `target.id`.
    pub fn of(kind: Kind, id: &str) -> Result<Self> {
        let field = "target.id";
        name::check(field, id)?;
        Ok(match kind {
            Kind::Integration => Self::Integration(IntegrationName::parse(field, id)?),
            Kind::Resource => match id.split_once(':') {
                Some((integration, resource)) => Self::Resource(
                    IntegrationName::parse(field, integration)?,
                    ResourceName::parse(field, resource)?,
                ),
                // An integration without resources may be named by this type too.
                None => Self::Integration(IntegrationName::parse(field, id)?),
            },
            Kind::Application => {
                Self::Application(id.strip_prefix("app:").unwrap_or(id).to_owned())
            }
            Kind::User => Self::User(UserId::parse(field, id)?),
            Kind::Group => Self::Group(id.to_owned()),
            Kind::Role => Self::Role(id.to_owned()),
            Kind::Tag if !id.contains(':') => {
                return Err(Error::invalid(field, "must be a tag, as in `key:value`"));
            }
            kind => Self::Other(Object { kind, id: id.to_owned() }),
        })
    }

    /// The target that a tag is.
    pub fn tag(tag: &Tag) -> Self {
        Self::Other(Object { kind: Kind::Tag, id: tag.id() })
    }

    /// The kind of thing it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Integration(_) => Kind::Integration,
            Self::Resource(..) => Kind::Resource,
            Self::Application(_) => Kind::Application,
            Self::User(_) => Kind::User,
            Self::Group(_) => Kind::Group,
            Self::Role(_) => Kind::Role,
            Self::Other(object) => object.kind,
            Self::Every(kind) => *kind,
        }
    }

    /// The id of the wire (contract section 9.1); `*` for a whole kind.
    pub fn id(&self) -> String {
        match self {
            Self::Integration(name) => name.to_string(),
            Self::Resource(integration, name) => format!("{integration}:{name}"),
            Self::Application(id) | Self::Group(id) | Self::Role(id) => id.clone(),
            Self::User(id) => id.to_string(),
            Self::Other(object) => object.id.clone(),
            Self::Every(_) => "*".to_owned(),
        }
    }

    /// What such a thing is called, as in `integration`. A part is called as its whole.
    pub fn noun(&self) -> &'static str {
        match self.kind() {
            Kind::Application => "application",
            Kind::User => "user",
            Kind::Group => "group",
            Kind::Role => "role",
            Kind::Prompt => "prompt",
            Kind::Organization => "organization",
            Kind::Space => "space",
            Kind::WORKFLOW => "workflow",
            _ => "integration",
        }
    }

    /// Its kind and id.
    pub fn object(&self) -> Object {
        Object { kind: self.kind(), id: self.id() }
    }

    /// The thing that this one is a part of: an access to the whole covers the part.
    pub fn whole(&self) -> Option<Self> {
        match self {
            Self::Resource(integration, _) => Some(Self::Integration(integration.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, id) = match self {
            Self::Integration(_) | Self::Resource(..) => ("integration", self.id()),
            Self::Application(id) => ("application", id.clone()),
            Self::User(id) => ("user", id.to_string()),
            Self::Group(id) => ("group", id.clone()),
            Self::Role(id) => ("role", id.clone()),
            Self::Other(Object { kind: Kind::Organization | Kind::Space, id }) => {
                (self.noun(), id.clone())
            }
            Self::Other(object) => return object.fmt(f),
            Self::Every(Kind::Definition) => return f.write_str("integration definitions"),
            Self::Every(Kind::Events) => return f.write_str("event statistics"),
            Self::Every(Kind::AuditLog) => return f.write_str("the audit log"),
            Self::Every(Kind::SealKey) => return f.write_str("the seal key"),
            Self::Every(kind) => return f.write_str(kind.as_str()),
        };
        write!(f, "{kind} `{id}`")
    }
}
