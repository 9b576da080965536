//! Rules: which claims stand for whom.

use serde_json::{Map, Value};

use crate::domain::access::UserId;

/// Claims bound to values, and who a token is that has them all.
#[derive(Debug)]
pub struct Rule {
    bound: Map<String, Value>,
    to: To,
}

/// Whom a token stands for.
#[derive(Debug)]
pub enum To {
    /// The user whose id is the value of this claim.
    User(String),
    /// The application of this id.
    Application(String),
}

/// Claims that say nothing about who is calling: they are checked for every token, and whoever
/// asks for a token may choose its audience.
const OF_EVERY_TOKEN: [&str; 6] = ["aud", "exp", "iat", "iss", "jti", "nbf"];

impl Rule {
    /// A rule that binds each claim of `bound` to its value.
    ///
    /// # Errors
    ///
    /// The place in the rule and a reason, when anyone could fit it, or when it cannot be meant.
    pub fn new(bound: Map<String, Value>, to: To) -> Result<Self, (String, &'static str)> {
        if bound.is_empty() {
            return Err(("claims".to_owned(), "must bind at least one claim"));
        }
        for (name, value) in &bound {
            let reason = if OF_EVERY_TOKEN.contains(&name.as_str()) {
                Some("says nothing about who is calling; bind another claim")
            } else {
                binding(value)
            };
            if let Some(reason) = reason {
                return Err((format!("claims.{name}"), reason));
            }
        }
        match &to {
            To::User(claim)
                if claim == "email" && bound.get("email_verified") != Some(&true.into()) =>
            {
                let reason = "may be anyone's; bind `email_verified` to true beside it";
                return Err(("to.user".to_owned(), reason));
            }
            To::User(claim) if claim.trim().is_empty() || claim.contains('*') => {
                return Err(("to.user".to_owned(), "must be the name of a claim"));
            }
            To::Application(id) if UserId::parse("id", id).is_err() || id.contains('*') => {
                return Err(("to.application".to_owned(), "must be the id of an application"));
            }
            _ => {}
        }
        Ok(Self { bound, to })
    }

    /// Whether a token with these claims has all that is bound, each exactly so.
    pub fn fits(&self, claims: &Map<String, Value>) -> bool {
        self.bound.iter().all(|(name, value)| claims.get(name) == Some(value))
    }

    /// Who a token is that fits. A claim can name a user, never the user that an application is.
    pub fn user(&self, claims: &Map<String, Value>) -> Option<UserId> {
        match &self.to {
            To::User(claim) => {
                let user = UserId::parse("id", claims.get(claim)?.as_str()?).ok()?;
                user.application().is_none().then_some(user)
            }
            To::Application(id) => Some(UserId::of_application(id)),
        }
    }
}

/// What is wrong with a value to bind a claim to.
fn binding(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) if text.trim().is_empty() => Some("must not be empty"),
        Value::String(text) if text.contains('*') => {
            Some("must be the exact value: there are no wildcards")
        }
        Value::String(_) | Value::Bool(_) => None,
        Value::Number(number) if number.is_i64() => None,
        _ => Some("must be a text, a whole number, true or false"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn application() -> To {
        To::Application("0198a0c0-0000-7000-8000-000000000000".to_owned())
    }

    #[test]
    fn f16_only_a_token_with_every_bound_claim_fits() {
        let bound =
            json!({"repository": "acme/site", "ref": "refs/heads/main", "n": 7, "ok": true});
        let rule = Rule::new(map(bound.clone()), application()).unwrap();
        let with = |name: &str, value: Value| {
            let mut claims = map(bound.clone());
            claims.insert(name.to_owned(), value);
            rule.fits(&claims)
        };
        assert!(with("actor", json!("ann")));
        for (name, value) in [
            ("repository", json!("acme/site2")),
            ("repository", json!("acme/sit")),
            ("repository", json!("Acme/Site")),
            ("repository", json!("acme/site ")),
            ("repository", json!(["acme/site"])),
            ("repository", json!("*")),
            ("repository", json!(null)),
            ("ref", json!("refs/heads/maintenance")),
            ("ref", json!("refs/pull/1/merge")),
            ("n", json!("7")),
            ("n", json!(8)),
            ("ok", json!("true")),
            ("ok", json!(1)),
        ] {
            assert!(!with(name, value.clone()), "{name} {value}");
        }
        for missing in ["repository", "ref", "n", "ok"] {
            let mut claims = map(bound.clone());
            claims.shift_remove(missing);
            assert!(!rule.fits(&claims), "{missing}");
        }
    }

    #[test]
    fn f16_a_rule_that_anyone_could_fit_is_refused() {
        for (bound, place) in [
            (json!({}), "claims"),
            (json!({"repository": ""}), "claims.repository"),
            (json!({"repository": "  "}), "claims.repository"),
            (json!({"repository": "*"}), "claims.repository"),
            (json!({"repository": "acme/*"}), "claims.repository"),
            (json!({"repository": null}), "claims.repository"),
            (json!({"repository": ["acme/site"]}), "claims.repository"),
            (json!({"repository": {}}), "claims.repository"),
            (json!({"n": 1.5}), "claims.n"),
            (json!({"aud": "podium"}), "claims.aud"),
            (json!({"repository": "acme/site", "iss": "https://x"}), "claims.iss"),
        ] {
            let refused = Rule::new(map(bound.clone()), application());
            assert_eq!(refused.unwrap_err().0, place, "{bound}");
        }
        let bound = || map(json!({"team": "core"}));
        for user in ["", " ", "*", "email"] {
            let refused = Rule::new(bound(), To::User(user.to_owned()));
            assert_eq!(refused.unwrap_err().0, "to.user", "{user}");
        }
        for id in ["", "*", "a b"] {
            let refused = Rule::new(bound(), To::Application(id.to_owned()));
            assert_eq!(refused.unwrap_err().0, "to.application", "{id}");
        }
    }

    #[test]
    fn a_claim_names_a_user_and_never_an_application() {
        let rule = Rule::new(map(json!({"team": "core"})), To::User("name".to_owned())).unwrap();
        let user = |name: Value| rule.user(&map(json!({"team": "core", "name": name})));
        assert_eq!(user(json!("Ann@Example.org")).unwrap().as_str(), "ann@example.org");
        for name in [
            json!("app:0198a0c0-0000-7000-8000-000000000000"),
            json!("APP:x"),
            json!(""),
            json!("a nn"),
            json!("аnn"),
            json!(["ann"]),
            json!(7),
            json!(null),
        ] {
            assert!(user(name.clone()).is_none(), "{name}");
        }
        assert!(rule.user(&map(json!({"team": "core"}))).is_none());
    }
}
