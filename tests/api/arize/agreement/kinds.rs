//! What types of integration there are, by the tables of the contract: sections 4.2, 4.3 and 8.2.

/// A type of Conductor's, and what it is to Arize.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    pub shape: Shape,
    /// What Conductor's clients say of one in these tests.
    pub keys: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Llm(&'static Provider),
    Agent,
    Evaluator,
    /// Nothing that Arize has a word for.
    Foreign,
}

/// A model provider of Arize's, and the `config` of the newer family.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    pub word: &'static str,
    /// What a create must say.
    pub must: &'static [&'static str],
    /// What may be said beside it.
    pub may: &'static [&'static str],
}

const FUNCTIONS: &str = "is_function_calling_enabled";
const DEFAULTS: &str = "is_default_models_enabled";

macro_rules! provider {
    ($name:ident, $word:literal, $must:expr, $may:expr) => {
        static $name: Provider = Provider { word: $word, must: &$must, may: &$may };
    };
}

provider!(OPEN_AI, "OPEN_AI", ["api_key"], [FUNCTIONS]);
provider!(GEMINI, "GEMINI", ["api_key"], [FUNCTIONS]);
provider!(ANTHROPIC, "ANTHROPIC", ["api_key"], [FUNCTIONS, "base_url"]);
provider!(BEDROCK, "AWS_BEDROCK", ["auth"], [DEFAULTS, "model_names"]);
provider!(
    CUSTOM,
    "CUSTOM",
    ["base_url"],
    ["api_key", FUNCTIONS, "headers", DEFAULTS, "model_names", "auth"]
);
provider!(VERTEX, "VERTEX_AI", ["project_id", "location", "project_access_label"], []);
provider!(
    NIM,
    "NVIDIA_NIM",
    [],
    ["api_key", FUNCTIONS, "base_url", "headers", DEFAULTS, "model_names"]
);
provider!(LITELLM, "LITELLM", ["api_key", "base_url"], [FUNCTIONS, "headers", "model_names"]);
provider!(FIREWORKS, "FIREWORKS", ["api_key"], [FUNCTIONS, DEFAULTS, "model_names"]);
provider!(TOGETHER, "TOGETHER_AI", ["api_key"], [FUNCTIONS, DEFAULTS, "model_names"]);
// It has no place in the newer family.
provider!(AZURE, "AZURE_OPEN_AI", [], []);

pub static PROVIDERS: [&Provider; 11] = [
    &OPEN_AI, &ANTHROPIC, &CUSTOM, &BEDROCK, &NIM, &VERTEX, &GEMINI, &LITELLM, &FIREWORKS,
    &TOGETHER, &AZURE,
];

impl Provider {
    pub fn is_newer(&self) -> bool {
        self.word != "AZURE_OPEN_AI"
    }

    /// Whether the newer family wants a model by name, or the default ones.
    pub fn needs_models(&self) -> bool {
        ["AWS_BEDROCK", "CUSTOM", "NVIDIA_NIM"].contains(&self.word)
    }

    pub fn takes(&self, member: &str) -> bool {
        self.must.contains(&member) || self.may.contains(&member)
    }

    /// Whether a PATCH of the newer family may clear a member that it takes.
    pub fn clears(&self, member: &str) -> bool {
        match member {
            "api_key" | "headers" => true,
            "base_url" => ["NVIDIA_NIM", "ANTHROPIC"].contains(&self.word),
            _ => false,
        }
    }

    /// What an `auth` block of this type must say, and what it may.
    pub fn block(&self, auth_type: &str) -> Option<[&'static [&'static str]; 2]> {
        Some(match (self.word, auth_type) {
            ("AWS_BEDROCK", "DEFAULT") => [&["role_arn"], &["external_id", "base_url"]],
            ("AWS_BEDROCK", "BEARER_TOKEN") => [&["api_key"], &["base_url"]],
            ("AWS_BEDROCK", "PROXY_WITH_HEADERS") => [&["base_url"], &["headers"]],
            ("CUSTOM", "DEFAULT") => [&[], &["api_key"]],
            ("CUSTOM", "OAUTH2_CLIENT_CREDENTIALS") => {
                [&["token_url", "client_id", "client_secret"], &["scopes", "audience"]]
            }
            _ => return None,
        })
    }

    /// Conductor's type of a new one whose first model is this.
    pub fn new_kind(&self, model: &str) -> &'static str {
        match self.word {
            "OPEN_AI" => "openai",
            "GEMINI" => "google_gemini",
            "ANTHROPIC" => "anthropic",
            "AWS_BEDROCK" if model.starts_with("cohere.") => "aws_bedrock_cohere",
            "AWS_BEDROCK" if model.starts_with("meta.llama") => "aws_bedrock_llama2",
            "AWS_BEDROCK" if model.starts_with("amazon.titan") => "aws_bedrock_titan",
            "AWS_BEDROCK" => "aws_bedrock_anthropic",
            "CUSTOM" => "custom_openai",
            "VERTEX_AI" => "vertex_ai_gemini",
            "NVIDIA_NIM" => "nvidia_nim",
            "LITELLM" => "litellm",
            "FIREWORKS" => "fireworks",
            "TOGETHER_AI" => "together_ai",
            _ => "azure_openai",
        }
    }
}

impl Shape {
    /// The word of the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Llm(_) => "LLM",
            Self::Agent => "AGENT",
            Self::Evaluator => "EVALUATOR",
            Self::Foreign => "",
        }
    }

    /// Among which names one has its own.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::Evaluator => "AGENT",
            other => other.word(),
        }
    }

    pub fn category(self) -> &'static str {
        match self {
            Self::Llm(_) | Self::Foreign => "AI_MODEL",
            Self::Agent | Self::Evaluator => "API",
        }
    }

    /// The key of Conductor's that holds a field of Arize's, where both know it.
    pub fn key(self, field: &str) -> Option<&'static str> {
        match (self, field) {
            (Self::Agent | Self::Evaluator, "endpoint") => Some("endpoint"),
            (Self::Agent | Self::Evaluator, "input_schema") => Some("inputSchema"),
            (Self::Llm(provider), field) => match (provider.word, field) {
                ("AWS_BEDROCK", "role_arn") => Some("roleArn"),
                ("AWS_BEDROCK", "external_id") => Some("externalId"),
                ("VERTEX_AI", "project_id") => Some("projectName"),
                ("VERTEX_AI", "location") => Some("environment"),
                ("AWS_BEDROCK" | "VERTEX_AI", _) => None,
                (_, "api_key") => Some("api_key"),
                (_, "base_url") => Some("endpoint"),
                _ => None,
            },
            _ => None,
        }
    }
}

const KEY: [&str; 2] = ["api_key", "endpoint"];
const ROLE: [&str; 7] =
    ["connectionType", "region", "awsAccountId", "roleArn", "externalId", "user", "api_key"];
const CALLED: [&str; 2] = ["endpoint", "inputSchema"];

macro_rules! kind {
    ($name:literal, $shape:expr, $keys:expr) => {
        Kind { name: $name, shape: $shape, keys: &$keys }
    };
}

pub static KINDS: [Kind; 18] = [
    kind!("openai", Shape::Llm(&OPEN_AI), ["api_key", "endpoint", "organizationId", "note"]),
    kind!(
        "anthropic",
        Shape::Llm(&ANTHROPIC),
        ["api_key", "endpoint", "completionsPath", "version"]
    ),
    kind!("custom_openai", Shape::Llm(&CUSTOM), KEY),
    kind!("aws_bedrock_anthropic", Shape::Llm(&BEDROCK), ROLE),
    kind!("aws_bedrock_cohere", Shape::Llm(&BEDROCK), ROLE),
    kind!("aws_bedrock_llama2", Shape::Llm(&BEDROCK), ROLE),
    kind!("aws_bedrock_titan", Shape::Llm(&BEDROCK), ROLE),
    kind!("nvidia_nim", Shape::Llm(&NIM), KEY),
    kind!("vertex_ai", Shape::Llm(&VERTEX), ["projectName", "environment", "publisher", "file"]),
    kind!("vertex_ai_gemini", Shape::Llm(&VERTEX), ["projectName", "environment", "file"]),
    kind!("google_gemini", Shape::Llm(&GEMINI), KEY),
    kind!("litellm", Shape::Llm(&LITELLM), KEY),
    kind!("fireworks", Shape::Llm(&FIREWORKS), KEY),
    kind!("together_ai", Shape::Llm(&TOGETHER), KEY),
    kind!("azure_openai", Shape::Llm(&AZURE), KEY),
    kind!("arize_agent", Shape::Agent, CALLED),
    kind!("arize_evaluator", Shape::Evaluator, CALLED),
    kind!("cohere", Shape::Foreign, KEY),
];

/// The type of this name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

impl Kind {
    /// Whether what stands under a key is secret: by the definition of the type, or by its look.
    pub fn is_secret(&self, key: &str) -> bool {
        let defined = ["awsAccountId", "externalId", "file"].contains(&key);
        key == "api_key" || defined && self.keys.contains(&key)
    }
}

/// Whether what stands under a key decides where secrets are sent. So do the names of headers.
pub fn points(key: &str) -> bool {
    [
        "auth_type",
        "awsAccountId",
        "base_url",
        "completionsPath",
        "connectionType",
        "endpoint",
        "environment",
        "organizationId",
        "projectName",
        "region",
        "roleArn",
        "token_url",
    ]
    .contains(&key)
}
