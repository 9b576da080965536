//! Which client asks: each release spells words in its own way, and knows those of its time;
//! contract section 1.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use serde_json::json;

use crate::domain::arize::{Audience, Family, Provider, Release, Shape};
use crate::http::openapi::{Operation, Takes};

/// The headers in which a client says which one it is.
const HEADERS: [&str; 3] = ["sdk-package-name", "sdk-language", "sdk-version"];

/// A client, by what it says of itself.
#[derive(Clone, Debug, Default)]
pub struct Client {
    sdk: Sdk,
    lower: bool,
}

impl FromRequest for Client {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(Ok(Self::of(req)))
    }
}

impl Takes for Client {
    fn take(operation: &mut Operation<'_>) {
        for (name, example) in HEADERS.into_iter().zip(["arize", "python", "8.61.0"]) {
            let about = "What the client says of itself: older ones are answered in their words.";
            let schema = json!({"type": "string", "examples": [example]});
            operation.takes("header", name, about, false, schema);
        }
    }
}

/// A client library with its version: the major and the minor number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sdk {
    Python(u32, u32),
    JavaScript(u32, u32),
    Go(u32, u32),
    /// It says which one it is, and that is none of those.
    Other,
    /// It says nothing, as `curl`.
    #[default]
    Unnamed,
}

impl Client {
    /// The client that sent a request.
    pub fn of(req: &HttpRequest) -> Self {
        let header = |name: &str| req.headers().get(name).and_then(|value| value.to_str().ok());
        let sdk = Sdk::named(HEADERS.map(|name| header(name).unwrap_or_default()));
        let lower = match sdk {
            Sdk::Python(major, minor) => (major, minor) < (8, 40),
            Sdk::JavaScript(major, minor) => (major, minor) < (1, 24),
            Sdk::Go(major, minor) => (major, minor) < (0, 17),
            Sdk::Other | Sdk::Unnamed => false,
        };
        Self { sdk, lower }
    }

    /// The same, having written these words. One that does not say which it is gets its own
    /// spelling back.
    #[must_use]
    pub fn writing<'w>(self, words: impl IntoIterator<Item = Option<&'w str>>) -> Self {
        let mut first = words.into_iter().flatten().filter_map(|word| word.chars().next());
        let lower = match self.sdk {
            Sdk::Unnamed => first.next().is_some_and(char::is_lowercase),
            _ => self.lower,
        };
        Self { lower, ..self }
    }

    /// Whether it takes words in lower case.
    pub fn is_lower(&self) -> bool {
        self.lower
    }

    /// What it was released with.
    pub fn release(&self) -> Release {
        match self.sdk {
            Sdk::Python(8, 38) => Release::First,
            Sdk::Unnamed if self.lower => Release::First,
            _ => Release::Current,
        }
    }

    /// Whether it refuses members that came after it.
    pub fn is_strict(&self) -> bool {
        matches!(self.sdk, Sdk::Python(major, minor) if (major, minor) < (8, 45))
    }

    /// As whom it is told of records.
    pub fn audience(&self, family: Family) -> Audience {
        let llms = Provider::ALL.map(Shape::Llm);
        let all = llms.into_iter().chain([Shape::Agent, Shape::Evaluator]);
        let unknown = all.filter(|shape| !self.sdk.knows(*shape, family)).collect();
        let knows_oauth =
            !matches!(self.sdk, Sdk::Python(major, minor) if (major, minor) < (8, 53));
        Audience { family, unknown, knows_oauth }
    }
}

impl Sdk {
    fn named([package, language, version]: [&str; 3]) -> Self {
        if version.is_empty() {
            return Self::Unnamed;
        }
        let mut numbers = version.split('.').map(|number| number.parse().ok());
        let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else {
            return Self::Other;
        };
        match (package, language) {
            ("arize", "python") => Self::Python(major, minor),
            ("@arizeai/ax-client", _) => Self::JavaScript(major, minor),
            ("arize", "go") => Self::Go(major, minor),
            _ => Self::Other,
        }
    }

    /// Whether the release has a word for what a record of `family` is.
    fn knows(self, shape: Shape, family: Family) -> bool {
        use Provider::{Anthropic, Fireworks, LiteLlm, OpenAi, TogetherAi};
        match self {
            Self::Python(major, minor) => {
                let since = match shape {
                    Shape::Evaluator | Shape::Llm(LiteLlm) => 53,
                    Shape::Llm(Fireworks | TogetherAi) => 55,
                    Shape::Llm(_) if family == Family::Older => 0,
                    Shape::Llm(OpenAi) => 38,
                    Shape::Llm(Anthropic) => 39,
                    Shape::Llm(_) | Shape::Agent => 41,
                };
                (major, minor) >= (8, since)
            }
            Self::JavaScript(major, minor) => {
                let later = matches!(
                    shape,
                    Shape::Evaluator | Shape::Llm(LiteLlm | Fireworks | TogetherAi)
                );
                !later || (major, minor) > (1, 28)
            }
            Self::Go(..) | Self::Other | Self::Unnamed => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn client(package: &str, language: &str, version: &str) -> Client {
        let request = TestRequest::default()
            .insert_header(("sdk-package-name", package))
            .insert_header(("sdk-language", language))
            .insert_header(("sdk-version", version));
        Client::of(&request.to_http_request())
    }

    #[test]
    fn each_release_gets_its_own_spelling() {
        for (package, language, version, lower) in [
            ("arize", "python", "8.38.0", true),
            ("arize", "python", "8.39.2", true),
            ("arize", "python", "8.40.0", false),
            ("arize", "python", "8.61.0", false),
            ("arize", "python", "9.0.0", false),
            ("@arizeai/ax-client", "javascript", "1.23.0", true),
            ("@arizeai/ax-client", "javascript", "1.24.0", false),
            ("arize", "go", "0.16.9", true),
            ("arize", "go", "0.17.0", false),
            ("other", "python", "1.0", false),
            ("arize", "python", "dev", false),
        ] {
            let found = client(package, language, version);
            assert_eq!(found.is_lower(), lower, "{package} {language} {version}");
            assert_eq!(found.writing([Some("openAI")]).is_lower(), lower, "{package} {version}");
        }
    }

    #[test]
    fn who_says_nothing_gets_back_what_they_wrote() {
        let unnamed = || Client::of(&TestRequest::default().to_http_request());
        assert!(!unnamed().is_lower() && !unnamed().writing([None]).is_lower());
        assert!(unnamed().writing([None, Some("llm")]).is_lower());
        assert!(!unnamed().writing([Some("LLM"), Some("openAI")]).is_lower());
        assert_eq!(unnamed().writing([Some("llm")]).release(), Release::First);
        assert_eq!(client("arize", "python", "8.39.0").release(), Release::Current);
        assert_eq!(client("arize", "python", "8.38.0").release(), Release::First);
    }

    #[test]
    fn what_a_release_does_not_know_is_hidden_from_it() {
        let python = |minor: u32| client("arize", "python", &format!("8.{minor}.0"));
        let hidden = |client: Client, family| client.audience(family).unknown.len();
        let counts = [(38, 12), (39, 11), (40, 11), (41, 4), (52, 4), (53, 2), (55, 0), (61, 0)];
        for (minor, count) in counts {
            assert_eq!(hidden(python(minor), Family::Newer), count, "8.{minor}");
        }
        assert_eq!(hidden(python(25), Family::Older), 5);
        let javascript = |version| client("@arizeai/ax-client", "javascript", version);
        assert_eq!(hidden(javascript("1.28.3"), Family::Newer), 4);
        assert_eq!(hidden(javascript("1.29.0"), Family::Newer), 0);
        let unnamed = Client::of(&TestRequest::default().to_http_request());
        assert_eq!(hidden(unnamed, Family::Newer), 0);
    }
}
