//! An integration as Arize's dialect sees it; contract `arize.md`, sections 4, 5 and 8.
//!
//! One record serves both dialects. Where they know the same thing, it stands in the configuration
//! under Conductor's key; what only Arize knows stands in the settings beside it. Arize's names of
//! both are [`Fields`]; a request of either family becomes [`Changes`] of them.

mod audience;
mod auth;
mod changes;
mod fields;
pub mod id;
mod older;
mod provider;
mod schema;

pub use audience::Audience;
pub use auth::AuthType;
pub use changes::{Changes, Preset, Release, newer};
pub use fields::Fields;
pub use older::older;
pub use provider::{Member, Provider};
pub use schema::InputSchema;

use serde::{Deserialize, Serialize};

use super::integration::Category;
use super::organization::Space;

/// What an integration is to Arize.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Shape {
    /// A model provider.
    Llm(Provider),
    /// An agent behind an endpoint.
    Agent,
    /// A remote evaluator behind an endpoint.
    Evaluator,
}

/// The two sets of routes over the same records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `/v2/integrations`.
    Newer,
    /// `/v2/ai-integrations`: model providers only.
    Older,
}

impl Shape {
    /// What an integration of Conductor's type `kind` is, if Arize knows it.
    pub fn of(kind: &str) -> Option<Self> {
        let is = |other: &str| other.eq_ignore_ascii_case(kind);
        let provider =
            Provider::ALL.into_iter().find(|one| one.kinds().iter().any(|kind| is(kind)));
        match provider {
            Some(provider) => Some(Self::Llm(provider)),
            None if is(Self::Agent.kind()) => Some(Self::Agent),
            None if is(Self::Evaluator.kind()) => Some(Self::Evaluator),
            None => None,
        }
    }

    /// Conductor's type of a new one.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Llm(provider) => provider.kinds()[0],
            Self::Agent => "arize_agent",
            Self::Evaluator => "arize_evaluator",
        }
    }

    /// Conductor's category of it.
    pub fn category(self) -> Category {
        match self {
            Self::Llm(_) => Category::AiModel,
            Self::Agent | Self::Evaluator => Category::Api,
        }
    }

    /// The word of the wire, as in `LLM`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Llm(_) => "LLM",
            Self::Agent => "AGENT",
            Self::Evaluator => "EVALUATOR",
        }
    }

    /// What it is called to a client: its provider, or else its type.
    pub fn told(self) -> &'static str {
        match self {
            Self::Llm(provider) => provider.as_str(),
            other => other.as_str(),
        }
    }

    /// What the `config` of the newer family holds beside `provider`.
    pub fn members(self) -> &'static [Member] {
        match self {
            Self::Llm(provider) => provider.members(),
            Self::Agent => provider::AGENT,
            Self::Evaluator => &provider::AGENT[..provider::AGENT.len() - 1],
        }
    }

    /// The kind of its id.
    pub fn id_kind(self) -> id::IdKind {
        match self {
            Self::Llm(_) => id::IdKind::LlmIntegration,
            Self::Agent | Self::Evaluator => id::IdKind::RemoteEndpointIntegration,
        }
    }
}

/// Among which names one of Conductor's type `kind` has its own: those of model providers, those
/// of agents and evaluators together, or those that Arize never sees.
pub fn namespace(kind: &str) -> &'static str {
    match Shape::of(kind) {
        Some(Shape::Llm(_)) => "LLM",
        Some(Shape::Agent | Shape::Evaluator) => "AGENT",
        None => "",
    }
}

/// Where an integration is seen: in an organization, or in one space of it. Without any, it is
/// seen everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scoping {
    /// The number of the organization.
    pub organization: i64,
    /// The number of the space.
    pub space: Option<i64>,
}

impl Scoping {
    /// Whether what it names is `space`, or the organization of that.
    pub fn covers(&self, space: &Space) -> bool {
        self.organization == space.organization
            && self.space.is_none_or(|number| number == space.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_is_told_by_its_type() {
        let llm = Provider::ALL.map(Shape::Llm);
        for shape in llm.into_iter().chain([Shape::Agent, Shape::Evaluator]) {
            assert_eq!(Shape::of(shape.kind()), Some(shape));
        }
        assert_eq!(Shape::of("OpenAI"), Some(Shape::Llm(Provider::OpenAi)));
        assert_eq!((Shape::of("cohere"), namespace("cohere")), (None, ""));
    }
}
