//! The file that says which issuers are trusted, and whom their tokens stand for.

use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::members::Members;
use super::rule::{Rule, To};
use super::{token, url};

/// An issuer that is trusted.
#[derive(Debug)]
pub struct Trusted {
    /// Its name, exactly as its tokens give it in `iss`.
    pub issuer: String,
    /// What `aud` must name.
    pub audience: String,
    /// Where its keys are, if it is not asked.
    pub jwks_uri: Option<String>,
    /// The algorithms that it signs with.
    pub algorithms: Vec<Algorithm>,
    /// Whether its tokens may leave out `nbf`.
    pub nbf_optional: bool,
    /// Whom its tokens stand for; the first that fits decides.
    pub rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuers: Vec<IssuerJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct IssuerJson {
    issuer: String,
    audience: String,
    jwks_uri: Option<String>,
    algorithms: Vec<String>,
    #[serde(default)]
    nbf_optional: bool,
    rules: Vec<RuleJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleJson {
    claims: Members,
    to: ToJson,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum ToJson {
    User(String),
    Application(String),
}

/// Why a file is refused: the place in it, and what is wrong there.
type Wrong = (String, String);

/// Reads the text of the file.
///
/// # Errors
///
/// One line that names the place, as in `issuers[0].rules[1].claims: must bind at least one claim`.
pub fn parse(text: &str) -> Result<Vec<Trusted>, String> {
    let mut input = serde_json::Deserializer::from_str(text);
    let file: File = serde_path_to_error::deserialize(&mut input).map_err(|error| {
        let path = error.path().to_string();
        if path == "." { error.inner().to_string() } else { format!("{path}: {}", error.inner()) }
    })?;
    input.end().map_err(|error| error.to_string())?;
    let trusted = all("issuers", file.issuers, issuer);
    let trusted = trusted.map_err(|(place, reason)| format!("{place}: {reason}"))?;
    for (index, one) in trusted.iter().enumerate() {
        if trusted.iter().take(index).any(|other| other.issuer == one.issuer) {
            return Err(format!("issuers[{index}].issuer: is there twice"));
        }
    }
    Ok(trusted)
}

/// Makes each item what it stands for; there must be one.
fn all<T, U>(name: &str, items: Vec<T>, make: fn(T) -> Result<U, Wrong>) -> Result<Vec<U>, Wrong> {
    if items.is_empty() {
        return Err((name.to_owned(), "must not be empty".to_owned()));
    }
    let within = |(index, item)| {
        make(item).map_err(|(place, reason)| {
            let dot = if place.is_empty() { "" } else { "." };
            (format!("{name}[{index}]{dot}{place}"), reason)
        })
    };
    items.into_iter().enumerate().map(within).collect()
}

fn issuer(json: IssuerJson) -> Result<Trusted, Wrong> {
    let wrong = |place: &str, reason: &str| (place.to_owned(), reason.to_owned());
    let IssuerJson { issuer, audience, jwks_uri, algorithms, nbf_optional, rules } = json;
    url::check(&issuer).map_err(|reason| wrong("issuer", reason))?;
    if issuer.contains('?') {
        return Err(wrong("issuer", "must not have a query"));
    }
    if audience.trim().is_empty() || audience.contains('*') {
        return Err(wrong("audience", "must be the exact value that `aud` has"));
    }
    if let Some(uri) = &jwks_uri {
        url::check(uri).map_err(|reason| wrong("jwksUri", reason))?;
    }
    let algorithms = all("algorithms", algorithms, algorithm)?;
    let rules = all("rules", rules, rule)?;
    Ok(Trusted { issuer, audience, jwks_uri, algorithms, nbf_optional, rules })
}

fn algorithm(name: String) -> Result<Algorithm, Wrong> {
    token::algorithm(&name).ok_or_else(|| {
        let known: Vec<_> = token::ALGORITHMS.iter().map(|(known, _)| *known).collect();
        (String::new(), format!("must be one of {}", known.join(", ")))
    })
}

fn rule(json: RuleJson) -> Result<Rule, Wrong> {
    let to = match json.to {
        ToJson::User(claim) => To::User(claim),
        ToJson::Application(id) => To::Application(id),
    };
    Rule::new(json.claims.0, to).map_err(|(place, reason)| (place, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        json!({"issuers": [{
            "issuer": "https://id.example.com",
            "audience": "podium",
            "algorithms": ["RS256", "ES256"],
            "rules": [
                {"claims": {"repository": "acme/site"}, "to": {"application": "a-1"}},
                {"claims": {"azp": "web", "email_verified": true}, "to": {"user": "email"}},
            ],
        }]})
    }

    /// The good file with `value` at `pointer`.
    fn with(pointer: &str, value: Value) -> String {
        let mut file = good();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match file.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
            parent => parent[name] = value,
        }
        file.to_string()
    }

    #[track_caller]
    fn refused(text: &str, place: &str) {
        let message = parse(text).unwrap_err();
        assert!(message.starts_with(place), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }

    #[test]
    fn a_file_names_issuers_and_rules() {
        let trusted = parse(&good().to_string()).unwrap();
        assert_eq!(trusted[0].issuer, "https://id.example.com");
        assert_eq!(trusted[0].algorithms, [Algorithm::RS256, Algorithm::ES256]);
        assert_eq!((trusted[0].rules.len(), trusted[0].nbf_optional), (2, false));
        assert!(parse(&with("/issuers/0/jwksUri", json!("http://127.0.0.1:1/keys"))).is_ok());
    }

    #[test]
    fn the_examples_of_the_documentation_are_good() {
        let text = include_str!("../../../docs/operations.md");
        let examples = text.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
        assert_eq!(examples.map(|text| parse(text).unwrap().len()).sum::<usize>(), 2);
    }

    #[test]
    fn f1_f2_algorithms_are_asymmetric_and_chosen() {
        for name in ["none", "None", "HS256", "HS384", "HS512", "rs256", "ES512", "", "*"] {
            refused(&with("/issuers/0/algorithms/1", json!(name)), "issuers[0].algorithms[1]: ");
        }
        refused(&with("/issuers/0/algorithms", json!([])), "issuers[0].algorithms: ");
    }

    #[test]
    fn f16_rules_bind_a_claim() {
        let claims = "/issuers/0/rules/1/claims";
        refused(&with(claims, json!({})), "issuers[0].rules[1].claims: must bind");
        refused(&with(claims, json!({"x": ""})), "issuers[0].rules[1].claims.x: must not be empty");
        refused(&with(claims, json!({"x": "a*"})), "issuers[0].rules[1].claims.x: ");
        refused(&with(claims, json!({"x": "a"})), "issuers[0].rules[1].to.user: ");
        refused(&with("/issuers/0/rules", json!([])), "issuers[0].rules: must not be empty");
        let twice = good().to_string().replace("\"azp\":\"web\"", "\"azp\":\"web\",\"azp\":\"x\"");
        refused(&twice, "issuers[0].rules[1].claims: names `azp` twice");
    }

    #[test]
    fn what_is_not_known_or_not_there_is_refused_by_its_place() {
        refused("", "EOF");
        refused("{}", "missing field `issuers`");
        refused("{\"issuers\":[]}", "issuers: must not be empty");
        refused(&format!("{} x", good()), "trailing characters");
        refused(&with("/issuer", json!([])), "issuer: unknown field `issuer`");
        refused(&with("/issuers/0/jwks_uri", json!("x")), "issuers[0].jwks_uri: unknown field");
        refused(&with("/issuers/0/rules/0/claim", json!({})), "issuers[0].rules[0].claim: ");
        refused(&with("/issuers/0/rules/0/to", json!({"role": "ADMIN"})), "issuers[0].rules[0].to");
        let both = json!({"user": "sub", "application": "a"});
        refused(&with("/issuers/0/rules/0/to", both), "issuers[0].rules[0].to");
        for (name, value) in [
            ("issuer", json!("http://id.example.com")),
            ("issuer", json!("https://id.example.com/?x")),
            ("issuer", json!(1)),
            ("jwksUri", json!("http://id.example.com/keys")),
            ("audience", json!("")),
            ("audience", json!("*")),
            ("audience", json!(["podium"])),
            ("algorithms", json!("RS256")),
            ("nbfOptional", json!("yes")),
        ] {
            let place = format!("issuers[0].{name}: ");
            refused(&with(&format!("/issuers/0/{name}"), value), &place);
        }
        let mut twice = good();
        let again = twice["issuers"][0].clone();
        twice["issuers"].as_array_mut().unwrap().push(again);
        refused(&twice.to_string(), "issuers[1].issuer: is there twice");
    }
}
