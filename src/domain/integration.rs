//! Integrations and their resources; contract sections 4.1 to 4.4.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::configuration::Configuration;
use super::name::{IntegrationName, ResourceName};
use super::tag::Tag;
use super::{Error, Result};

/// Who made and last changed a thing, and when (epoch milliseconds).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamps {
    /// The user id of the creator.
    pub created_by: String,
    /// When it was made.
    pub created_on: i64,
    /// The user id of the last to change it.
    pub updated_by: String,
    /// When it was last changed.
    pub updated_on: i64,
}

/// An account at a model provider, vector database, broker, …; Conductor says provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Integration {
    /// Its name, unique in the registry.
    pub name: IntegrationName,
    /// The type of its definition, as in `openai`; never changes.
    pub kind: String,
    /// What kind of service it is.
    pub category: Category,
    /// Free text.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its configuration as a JSON object, secrets masked.
    pub configuration: Box<RawValue>,
    /// Who and when.
    pub stamps: Stamps,
}

/// A model, index or table of an integration; Conductor says integration api.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Resource {
    /// The integration it belongs to.
    pub integration: IntegrationName,
    /// Its name, unique in the integration.
    pub name: ResourceName,
    /// Free text.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its configuration as a JSON object, secrets masked.
    pub configuration: Box<RawValue>,
    /// The most tokens it may use in a period, if limited.
    pub max_tokens: Option<i64>,
    /// The period of `max_tokens`: `daily`, `weekly` or `monthly`.
    pub frequency: Option<String>,
    /// Who and when.
    pub stamps: Stamps,
}

impl Integration {
    /// Whether it says the same as `other` beside its configuration and its stamps.
    pub fn says(&self, other: &Self) -> bool {
        (self.category, &self.description, self.enabled)
            == (other.category, &other.description, other.enabled)
    }
}

impl Resource {
    /// As [`Integration::says`].
    pub fn says(&self, other: &Self) -> bool {
        (&self.description, self.enabled, self.max_tokens, &self.frequency)
            == (&other.description, other.enabled, other.max_tokens, &other.frequency)
    }
}

/// What a client asks an integration to become: all of it, since a save replaces.
pub struct IntegrationDraft {
    /// The type; may be left out where the integration exists.
    pub kind: Option<String>,
    /// The category; the definition's where left out.
    pub category: Option<Category>,
    /// Free text.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// The whole configuration, secrets in clear or masked; `None` keeps what is there, untouched.
    pub configuration: Option<Configuration>,
    /// As `configuration`, of what only Arize's dialect knows.
    pub settings: Option<Configuration>,
}

/// What a client asks a resource to become: all of it, since a save replaces.
pub struct ResourceDraft {
    /// Free text.
    pub description: Option<String>,
    /// Whether it may be used.
    pub enabled: bool,
    /// The whole configuration, secrets in clear or masked; `None` keeps what is there, untouched.
    pub configuration: Option<Configuration>,
    /// The most tokens it may use in a period; `None` for no limit.
    pub max_tokens: Option<i64>,
    /// The period of `max_tokens`.
    pub frequency: Option<String>,
}

impl ResourceDraft {
    /// Checks what needs no database.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] naming the field.
    pub fn check(&self) -> Result<()> {
        if self.max_tokens.is_some_and(|tokens| tokens < 0) {
            return Err(Error::invalid("maxTokens", "must not be negative"));
        }
        match self.frequency.as_deref() {
            None | Some("daily" | "weekly" | "monthly") => Ok(()),
            Some(_) => Err(Error::invalid("frequency", "must be `daily`, `weekly` or `monthly`")),
        }
    }
}

/// An integration with everything of a bulk save: its tags and resources too.
pub struct IntegrationItem {
    /// Its name.
    pub name: IntegrationName,
    /// What it should become.
    pub draft: IntegrationDraft,
    /// Tags to add.
    pub tags: Vec<Tag>,
    /// Resources to save.
    pub resources: Vec<(ResourceName, ResourceDraft)>,
}

/// What a list of integrations is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only what each of these fits: a category, or where the text is none, a type.
    pub wanted: Vec<String>,
    /// Only what is enabled.
    pub active_only: bool,
}

impl Filter {
    /// Whether `integration` passes.
    pub fn admits(&self, integration: &Integration) -> bool {
        (integration.enabled || !self.active_only)
            && self.wanted.iter().all(|wanted| match Category::named(wanted) {
                Some(category) => category == integration.category,
                None => wanted.eq_ignore_ascii_case(&integration.kind),
            })
    }
}

/// What kind of service an integration is; contract section 4.1 and quirk Q12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// An API.
    Api,
    /// Models.
    AiModel,
    /// A vector database.
    VectorDb,
    /// A relational database.
    RelationalDb,
    /// A message broker.
    MessageBroker,
    /// A source of events.
    EventSource,
    /// Version control.
    Git,
    /// E-mail.
    Email,
    /// Tools by the Model Context Protocol.
    Mcp,
    /// A cloud account.
    Cloud,
}

impl Category {
    /// Every category.
    pub const ALL: [Self; 10] = [
        Self::Api,
        Self::AiModel,
        Self::VectorDb,
        Self::RelationalDb,
        Self::MessageBroker,
        Self::EventSource,
        Self::Git,
        Self::Email,
        Self::Mcp,
        Self::Cloud,
    ];

    /// The category of this name, as in `AI_MODEL`, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str().eq_ignore_ascii_case(name))
    }

    /// The category of this name, as a client wrote it in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] listing the names there are.
    pub fn parse(field: &str, name: &str) -> Result<Self> {
        Self::named(name).ok_or_else(|| {
            let names = Self::ALL.map(Self::as_str).join(", ");
            Error::invalid(field, format!("must be one of {names}"))
        })
    }

    /// The name of the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::AiModel => "AI_MODEL",
            Self::VectorDb => "VECTOR_DB",
            Self::RelationalDb => "RELATIONAL_DB",
            Self::MessageBroker => "MESSAGE_BROKER",
            Self::EventSource => "EVENT_SOURCE",
            Self::Git => "GIT",
            Self::Email => "EMAIL",
            Self::Mcp => "MCP",
            Self::Cloud => "CLOUD",
        }
    }
}
