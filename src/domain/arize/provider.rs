//! The model providers of Arize's dialect, and what each takes; contract sections 4.2, 4.3 and 8.2.

use serde::{Deserialize, Serialize};

use super::Family;
use crate::domain::{Error, Result};

/// A model provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Provider {
    /// OpenAI.
    OpenAi,
    /// Azure OpenAI; of the older family only.
    AzureOpenAi,
    /// Anthropic.
    Anthropic,
    /// Google's Gemini by an API key.
    Gemini,
    /// Models of Amazon Bedrock.
    AwsBedrock,
    /// Any endpoint that speaks the protocol of OpenAI.
    Custom,
    /// Google's Vertex AI.
    VertexAi,
    /// NVIDIA NIM.
    NvidiaNim,
    /// A LiteLLM proxy.
    LiteLlm,
    /// Fireworks AI.
    Fireworks,
    /// Together AI.
    TogetherAi,
}

/// What the `config` of an agent holds, and without its last, that of an evaluator.
pub(super) const AGENT: &[Member] = &[
    required("endpoint"),
    required("input_schema"),
    clearable("headers"),
    kept("request_presets"),
];

/// A member of the newer family's `config`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Whether a create must send it.
    pub required: bool,
    /// Whether `null` clears it.
    pub nullable: bool,
}

const fn required(name: &'static str) -> Member {
    Member { name, required: true, nullable: false }
}

const fn kept(name: &'static str) -> Member {
    Member { name, required: false, nullable: false }
}

const fn clearable(name: &'static str) -> Member {
    Member { name, required: false, nullable: true }
}

/// An API key that a create must send, and a PATCH may clear.
const KEY: Member = Member { name: "api_key", required: true, nullable: true };
const FUNCTIONS: Member = kept("is_function_calling_enabled");
const DEFAULTS: Member = kept("is_default_models_enabled");
const MODELS: Member = kept("model_names");
const HEADERS: Member = clearable("headers");

impl Provider {
    /// Every provider.
    pub const ALL: [Self; 11] = [
        Self::OpenAi,
        Self::AzureOpenAi,
        Self::Anthropic,
        Self::Gemini,
        Self::AwsBedrock,
        Self::Custom,
        Self::VertexAi,
        Self::NvidiaNim,
        Self::LiteLlm,
        Self::Fireworks,
        Self::TogetherAi,
    ];

    /// The word of the wire, as in `OPEN_AI`.
    pub fn as_str(self) -> &'static str {
        self.spellings().0
    }

    /// The word of the older wire, as in `openAI`.
    pub fn lower(self) -> &'static str {
        self.spellings().1
    }

    /// The provider of this word, in either spelling.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| {
            let (upper, lower) = one.spellings();
            word == upper || word == lower
        })
    }

    /// The provider of this word, as a client of `family` wrote it in `field`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] listing the providers of the family.
    pub fn parse(field: &str, word: &str, family: Family) -> Result<Self> {
        let is_known = |one: &Self| family == Family::Older || one.is_newer();
        Self::named(word).filter(is_known).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.into_iter().filter(is_known).map(Self::as_str).collect();
            Error::invalid(field, format!("must be one of {}", known.join(", ")))
        })
    }

    fn spellings(self) -> (&'static str, &'static str) {
        match self {
            Self::OpenAi => ("OPEN_AI", "openAI"),
            Self::AzureOpenAi => ("AZURE_OPEN_AI", "azureOpenAI"),
            Self::Anthropic => ("ANTHROPIC", "anthropic"),
            Self::Gemini => ("GEMINI", "gemini"),
            Self::AwsBedrock => ("AWS_BEDROCK", "awsBedrock"),
            Self::Custom => ("CUSTOM", "custom"),
            Self::VertexAi => ("VERTEX_AI", "vertexAI"),
            Self::NvidiaNim => ("NVIDIA_NIM", "nvidiaNim"),
            Self::LiteLlm => ("LITELLM", "liteLLM"),
            Self::Fireworks => ("FIREWORKS", "fireworks"),
            Self::TogetherAi => ("TOGETHER_AI", "togetherAI"),
        }
    }

    /// The types of Conductor's catalogue that it stands for; the first is what a create makes.
    pub fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::OpenAi => &["openai"],
            Self::AzureOpenAi => &["azure_openai"],
            Self::Anthropic => &["anthropic"],
            Self::Gemini => &["google_gemini"],
            Self::AwsBedrock => &[
                "aws_bedrock_anthropic",
                "aws_bedrock_cohere",
                "aws_bedrock_llama2",
                "aws_bedrock_titan",
            ],
            Self::Custom => &["custom_openai"],
            Self::VertexAi => &["vertex_ai_gemini", "vertex_ai"],
            Self::NvidiaNim => &["nvidia_nim"],
            Self::LiteLlm => &["litellm"],
            Self::Fireworks => &["fireworks"],
            Self::TogetherAi => &["together_ai"],
        }
    }

    /// The type that a create makes which names these models.
    pub fn kind_for(self, models: &[String]) -> &'static str {
        let first = models.first().map_or("", String::as_str);
        match self {
            Self::AwsBedrock if first.starts_with("cohere.") => "aws_bedrock_cohere",
            Self::AwsBedrock if first.starts_with("meta.llama") => "aws_bedrock_llama2",
            Self::AwsBedrock if first.starts_with("amazon.titan") => "aws_bedrock_titan",
            _ => self.kinds()[0],
        }
    }

    /// What the `config` of the newer family holds beside `provider`; nothing for the provider
    /// that is none of that family.
    pub fn members(self) -> &'static [Member] {
        match self {
            Self::OpenAi | Self::Gemini => &[KEY, FUNCTIONS],
            Self::AzureOpenAi => &[],
            Self::Anthropic => const { &[KEY, FUNCTIONS, clearable("base_url")] },
            Self::AwsBedrock => const { &[DEFAULTS, MODELS, required("auth")] },
            Self::Custom => {
                const {
                    &[
                        clearable("api_key"),
                        FUNCTIONS,
                        required("base_url"),
                        HEADERS,
                        DEFAULTS,
                        MODELS,
                        kept("auth"),
                    ]
                }
            }
            Self::VertexAi => {
                const {
                    &[
                        required("project_id"),
                        required("location"),
                        required("project_access_label"),
                    ]
                }
            }
            Self::NvidiaNim => {
                const {
                    &[
                        clearable("api_key"),
                        FUNCTIONS,
                        clearable("base_url"),
                        HEADERS,
                        DEFAULTS,
                        MODELS,
                    ]
                }
            }
            Self::LiteLlm => const { &[KEY, FUNCTIONS, required("base_url"), HEADERS, MODELS] },
            Self::Fireworks | Self::TogetherAi => &[KEY, FUNCTIONS, DEFAULTS, MODELS],
        }
    }

    /// Whether it is one of the newer family.
    pub fn is_newer(self) -> bool {
        !self.members().is_empty()
    }

    /// Whether it must have a model: one that is named, or the default ones.
    pub fn needs_models(self) -> bool {
        matches!(self, Self::AwsBedrock | Self::Custom | Self::NvidiaNim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_known_by_both_spellings_and_every_type_leads_to_one() {
        for provider in Provider::ALL {
            assert_eq!(Provider::named(provider.as_str()), Some(provider));
            assert_eq!(Provider::named(provider.lower()), Some(provider));
        }
        let mut kinds: Vec<_> = Provider::ALL.iter().flat_map(|one| one.kinds()).collect();
        let count = kinds.len();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), count);
        assert_eq!(Provider::named("open_ai"), None);
    }

    #[test]
    fn the_first_model_says_which_bedrock_it_is() {
        for (model, kind) in [
            ("cohere.command-r-v1:0", "aws_bedrock_cohere"),
            ("meta.llama3-70b-instruct-v1:0", "aws_bedrock_llama2"),
            ("amazon.titan-text-express-v1", "aws_bedrock_titan"),
            ("anthropic.claude-v2:0", "aws_bedrock_anthropic"),
            ("mistral.large", "aws_bedrock_anthropic"),
        ] {
            assert_eq!(Provider::AwsBedrock.kind_for(&[model.to_owned()]), kind);
        }
    }
}
