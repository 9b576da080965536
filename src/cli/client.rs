//! A running server, called over HTTP with an access key.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::http::{Response, StatusCode, Uri};
use ureq::{Agent, Body, RequestBuilder};

use super::{Outcome, fetch};
use crate::config::Lookup;
use crate::domain::Problem;
use crate::domain::secret::Secret;

/// How long the server may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long it may take where it goes through all that it holds.
const MOST_PATIENCE: Duration = Duration::from_secs(24 * 3600);

/// The longest answer that is read, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// The type of every body.
const JSON: &str = "application/json";

/// What the server said when it refused.
#[derive(Debug)]
pub struct Refused {
    /// The status.
    pub status: StatusCode,
    /// What it said, in one line.
    message: String,
    /// What is wrong with what was sent.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Refused {}

/// The connection was lost, or there was none.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be asked: {1}")]
pub struct Lost(String, ureq::Error);

/// What a call comes to.
type Answer = Result<Response<Body>, ureq::Error>;

/// A server that the access key of the environment has signed in to. A call fails unless
/// the server answers with success.
pub struct Client {
    agent: Agent,
    url: String,
    token: Secret,
}

#[derive(Deserialize)]
struct TokenJson {
    token: String,
}

impl Client {
    /// Signs in with the access key that the environment holds. `otherwise` is what can be done
    /// without one.
    pub fn sign_in(lookup: Lookup<'_>, otherwise: &str) -> Outcome<Self> {
        let set = |name| {
            lookup(name).ok_or_else(|| {
                format!(
                    "{name} is not set: a running server is asked with CONDUCTOR_SERVER_URL, \
                     CONDUCTOR_AUTH_KEY and CONDUCTOR_AUTH_SECRET{otherwise}"
                )
            })
        };
        let url = api_url("CONDUCTOR_SERVER_URL", &set("CONDUCTOR_SERVER_URL")?)?;
        let id = set("CONDUCTOR_AUTH_KEY")?;
        let secret = Secret::new(set("CONDUCTOR_AUTH_SECRET")?);
        let agent = fetch::agent(&url, PATIENCE);
        let signed_out = Self { agent, url, token: Secret::new(String::new()) };
        let body = json!({"keyId": id, "keySecret": secret.expose()});
        let TokenJson { token } = signed_out.post(&["token"], &body)?;
        Ok(Self { token: Secret::new(token), ..signed_out })
    }

    /// Another server of Conductor's API, at a `url` that an argument gives: signed in with the access
    /// key of the environment, if it holds one and the server knows of such.
    pub fn at(argument: &str, url: &str, lookup: Lookup<'_>) -> Outcome<Self> {
        let url = api_url(argument, url)?;
        let agent = fetch::agent(&url, PATIENCE);
        let signed_out = Self { agent, url, token: Secret::new(String::new()) };
        let keys = ["CONDUCTOR_AUTH_KEY", "CONDUCTOR_AUTH_SECRET"].map(lookup);
        let [Some(id), Some(secret)] = keys else { return Ok(signed_out) };
        let secret = Secret::new(secret);
        let body = json!({"keyId": id, "keySecret": secret.expose()});
        let token = match signed_out.post(&["token"], &body) {
            Ok(TokenJson { token }) => token,
            // So do servers that take everybody.
            Err(error) if is_missing(&*error) => return Ok(signed_out),
            Err(error) => return Err(error),
        };
        Ok(Self { token: Secret::new(token), ..signed_out })
    }

    /// The URL of the server's API, which ends in `/api`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// `GET` of a path, which is given as its segments, with a query that is empty or begins with
    /// `?`.
    pub fn get<T: DeserializeOwned>(&self, path: &[&str], query: &str) -> Outcome<T> {
        let request = self.signed(self.agent.get(self.path(path) + query));
        self.parsed(request.call())
    }

    /// `GET` of what takes the longer, the more the server holds.
    pub fn get_patiently<T: DeserializeOwned>(&self, path: &[&str]) -> Outcome<T> {
        let request = self.signed(self.agent.get(self.path(path)));
        self.parsed(patient(request).call())
    }

    /// `POST` without a body that takes the longer, the more the server holds.
    pub fn post_patiently<T: DeserializeOwned>(&self, path: &[&str]) -> Outcome<T> {
        let request = self.signed(self.agent.post(self.path(path)));
        self.parsed(patient(request).send_empty())
    }

    /// `POST`; a body of `null` is none.
    pub fn post<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Outcome<T> {
        let request = self.signed(self.agent.post(self.path(path)));
        self.parsed(match body {
            Value::Null => request.send_empty(),
            body => request.content_type(JSON).send(body.to_string()),
        })
    }

    /// `POST` of JSON that the server may take long for. With a key it is the same request as each
    /// one before with that key.
    pub fn post_json<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &[u8],
        key: Option<&str>,
    ) -> Outcome<T> {
        let request = patient(self.signed(self.agent.post(self.path(path)))).content_type(JSON);
        let request = match key {
            Some(key) => request.header("Idempotency-Key", key),
            None => request,
        };
        self.parsed(request.send(body))
    }

    /// `PUT`.
    pub fn put<T: DeserializeOwned>(&self, path: &[&str], body: &Value) -> Outcome<T> {
        let request = self.signed(self.agent.put(self.path(path)));
        self.parsed(request.content_type(JSON).send(body.to_string()))
    }

    /// `DELETE`; a body of `null` is none.
    pub fn delete(&self, path: &[&str], body: &Value) -> Outcome {
        let request = self.signed(self.agent.delete(self.path(path)));
        let answer = match body {
            Value::Null => request.call(),
            body => request.force_send_body().content_type(JSON).send(body.to_string()),
        };
        self.body(answer).map(drop)
    }

    /// The URL of a path.
    fn path(&self, segments: &[&str]) -> String {
        let mut url = self.url.clone();
        for segment in segments {
            url.push('/');
            url.extend(utf8_percent_encode(segment, NON_ALPHANUMERIC));
        }
        url
    }

    /// Adds the token, once there is one.
    fn signed<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        match self.token.expose() {
            "" => request,
            token => request.header("X-Authorization", token),
        }
    }

    fn parsed<T: DeserializeOwned>(&self, answer: Answer) -> Outcome<T> {
        let foreign = |_| "the server did not answer as podium does: is the URL right?";
        Ok(serde_json::from_slice(&self.body(answer)?).map_err(foreign)?)
    }

    /// The body of an answer, if it is a success.
    fn body(&self, answer: Answer) -> Outcome<Vec<u8>> {
        let lost = |error| Lost(self.url.clone(), error);
        let mut answer = answer.map_err(lost)?;
        let status = answer.status();
        let body = answer.body_mut().with_config().limit(LONGEST).read_to_vec().map_err(lost)?;
        if status.is_success() { Ok(body) } else { Err(refusal(status, &body).into()) }
    }
}

/// A request that is connected in the usual time, and then waited for.
fn patient<B>(request: RequestBuilder<B>) -> RequestBuilder<B> {
    let config = request.config().timeout_connect(Some(PATIENCE));
    config.timeout_global(Some(MOST_PATIENCE)).build()
}

/// What the server said when it refused.
fn refusal(status: StatusCode, body: &[u8]) -> Refused {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
        #[serde(default, rename = "validationErrors")]
        problems: Vec<ProblemJson>,
    }
    #[derive(Deserialize)]
    struct ProblemJson {
        path: String,
        message: String,
    }
    let mut problems = vec![];
    let said = match serde_json::from_slice(body) {
        _ if status.is_redirection() => ", a redirect: the URL must not need one".to_owned(),
        Ok(Refusal { message, problems: told }) => {
            let told = told.into_iter();
            problems.extend(told.map(|it| Problem { field: it.path, reason: it.message }));
            format!(": {message}")
        }
        Err(_) => " and not as podium does: is the URL right?".to_owned(),
    };
    let message = format!("the server answered {}{said}", status.as_u16());
    Refused { status, message, problems }
}

/// Whether a call failed because what was asked for is not there.
pub fn is_missing(error: &(dyn StdError + 'static)) -> bool {
    let refused = error.downcast_ref::<Refused>();
    refused.is_some_and(|refused| refused.status == StatusCode::NOT_FOUND)
}

/// A server's URL with `/api` at its end; it may be there or not, as for the SDKs. `name` is what it was
/// given by.
pub fn api_url(name: &str, raw: &str) -> Result<String, String> {
    let uri: Uri = raw.trim().parse().map_err(|_| format!("{name} is not a URL"))?;
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority())
    else {
        return Err(format!("{name} must begin with http:// or https://"));
    };
    if authority.as_str().contains('@') || uri.query().is_some() {
        return Err(format!("{name} must hold no user, password or parameters"));
    }
    let path = uri.path().trim_end_matches('/');
    let path = path.strip_suffix("/api").unwrap_or(path).trim_end_matches('/');
    Ok(format!("{scheme}://{authority}{path}/api"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_server_may_end_in_api_or_not() {
        for raw in ["http://h:1", "http://h:1/", "http://h:1/api", "http://h:1/api/", " http://h:1"]
        {
            assert_eq!(
                api_url("CONDUCTOR_SERVER_URL", raw),
                Ok("http://h:1/api".to_owned()),
                "{raw}"
            );
        }
        assert_eq!(api_url("URL", "https://h/podium/api"), Ok("https://h/podium/api".to_owned()));
        for raw in
            ["", "h", "h:8080", "ftp://h/api", "http://u:hush@h/api", "http://h/?a=hush", "http://"]
        {
            let message = api_url("CONDUCTOR_SERVER_URL", raw).unwrap_err();
            assert!(message.starts_with("CONDUCTOR_SERVER_URL ") && !message.contains("hush"));
        }
    }

    #[test]
    fn a_refusal_tells_what_the_server_said() {
        let told = |status, body: &str| {
            refusal(StatusCode::from_u16(status).unwrap(), body.as_bytes()).to_string()
        };
        assert_eq!(told(403, r#"{"message": "No."}"#), "the server answered 403: No.");
        assert!(told(502, "<html>").contains("502 and not as podium does"));
        assert!(told(307, r#"{"message": "No."}"#).contains("a redirect"));
    }
}
