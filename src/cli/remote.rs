//! A running server as the desk: the calls of Conductor's API, with an access key.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::Outcome;
use super::client::Client;
use super::desk::{Granted, Key, Provider, User};
use crate::config::Lookup;
use crate::domain::access::{Access, Subject, Target, UserId};
use crate::domain::secret::Secret;
use crate::domain::user::UserDraft;
use crate::registry::IssuedKey;

/// A server that the access key of the environment has signed in to.
pub struct Remote(pub(super) Client);

/// `ConductorUser`, as far as it is used.
#[derive(Deserialize)]
struct UserJson {
    id: String,
    name: String,
    roles: Vec<RoleJson>,
    groups: Vec<GroupJson>,
}

#[derive(Deserialize)]
struct RoleJson {
    name: String,
}

#[derive(Deserialize)]
struct GroupJson {
    id: String,
}

#[derive(Deserialize)]
struct IssuedJson {
    id: String,
    secret: String,
}

/// `GrantedAccess`.
#[derive(Deserialize)]
struct GrantedJson {
    target: TargetJson,
    access: Vec<String>,
    tag: Option<String>,
}

#[derive(Deserialize)]
struct TargetJson {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

/// `Integration`, as far as it is used.
#[derive(Deserialize)]
struct IntegrationJson {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    configuration: Map<String, Value>,
    apis: Vec<ResourceJson>,
}

#[derive(Deserialize)]
struct ResourceJson {
    api: String,
}

#[derive(Deserialize)]
struct ResolvedJson {
    configuration: Map<String, Value>,
}

impl Remote {
    /// Signs in with the access key that the environment holds.
    pub fn sign_in(lookup: Lookup<'_>) -> Outcome<Self> {
        Client::sign_in(lookup, "; where none runs, --database names the database").map(Self)
    }

    /// The URL of the server's API, which ends in `/api`.
    pub fn url(&self) -> &str {
        self.0.url()
    }

    pub fn users(&self, with_applications: bool) -> Outcome<Vec<User>> {
        let query = format!("?apps={with_applications}");
        let found: Vec<UserJson> = self.0.get(&["users"], &query)?;
        Ok(found.into_iter().map(User::from).collect())
    }

    pub fn user(&self, id: &UserId) -> Outcome<User> {
        self.0.get(&["users", id.as_str()], "").map(|user: UserJson| user.into())
    }

    pub fn save_user(&self, id: UserId, draft: UserDraft) -> Outcome<User> {
        let UserDraft { name, roles, groups } = draft;
        let body = json!({"name": name, "roles": roles, "groups": groups});
        self.0.put(&["users", id.as_str()], &body).map(|user: UserJson| user.into())
    }

    pub fn delete_user(&self, id: UserId) -> Outcome {
        self.0.delete(&["users", id.as_str()], &Value::Null)
    }

    pub fn keys(&self, application: &str) -> Outcome<Vec<Key>> {
        self.0.get(&["applications", application, "accessKeys"], "")
    }

    pub fn create_key(&self, application: &str, expires_at: Option<i64>) -> Outcome<IssuedKey> {
        let path = ["applications", application, "accessKeys"];
        self.0.post(&path, &json!({"expiresAt": expires_at})).map(|key: IssuedJson| key.into())
    }

    pub fn rotate_key(&self, application: &str, key: &str, overlap: i64) -> Outcome<IssuedKey> {
        let path = ["applications", application, "accessKeys", key, "rotate"];
        self.0.post(&path, &json!({"overlapSeconds": overlap})).map(|key: IssuedJson| key.into())
    }

    pub fn toggle_key(&self, application: &str, key: &str) -> Outcome<Key> {
        self.0.post(&["applications", application, "accessKeys", key, "status"], &Value::Null)
    }

    pub fn delete_key(&self, application: &str, key: &str) -> Outcome {
        self.0.delete(&["applications", application, "accessKeys", key], &Value::Null)
    }

    pub fn grants_on(&self, target: &Target) -> Outcome<Vec<Granted>> {
        let path = ["auth", "authorization", target.kind().as_str(), &target.id()];
        let found: BTreeMap<String, Vec<String>> = self.0.get(&path, "?groupBy=subject")?;
        let found = found.into_iter().map(|(subject, access)| {
            let (kind, id) = subject.split_once(':').unwrap_or(("", &subject));
            Granted { kind: kind.to_owned(), id: id.to_owned(), access, tag: None }
        });
        Ok(found.collect())
    }

    pub fn grants_to(&self, subject: &Subject) -> Outcome<Vec<Granted>> {
        let path = ["auth", "subjects", subject.kind.as_str(), &subject.id, "grants"];
        let found: Vec<GrantedJson> = self.0.get(&path, "")?;
        Ok(found.into_iter().map(Granted::from).collect())
    }

    pub fn grant(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        let body = authorization(&subject, &target, &access);
        self.0.post(&["auth", "authorization"], &body).map(|_: IgnoredAny| ())
    }

    pub fn revoke(&self, subject: Subject, target: Target, access: Vec<Access>) -> Outcome {
        self.0.delete(&["auth", "authorization"], &authorization(&subject, &target, &access))
    }

    pub fn integrations(&self) -> Outcome<Vec<Provider>> {
        let found: Vec<IntegrationJson> = self.0.get(&["integrations"], "?activeOnly=true")?;
        Ok(found.into_iter().map(Provider::from).collect())
    }

    pub fn resolve(&self, name: &str) -> Outcome<Map<String, Value>> {
        let path = ["integrations", "provider", name, "resolve"];
        self.0.post(&path, &Value::Null).map(|resolved: ResolvedJson| resolved.configuration)
    }
}

/// `AuthorizationRequest`.
fn authorization(subject: &Subject, target: &Target, access: &[Access]) -> Value {
    json!({
        "subject": {"type": subject.kind.as_str(), "id": subject.id},
        "target": {"type": target.kind().as_str(), "id": target.id()},
        "access": access.iter().map(|access| access.as_str()).collect::<Vec<_>>(),
    })
}

impl From<UserJson> for User {
    fn from(user: UserJson) -> Self {
        Self {
            id: user.id,
            name: user.name,
            roles: user.roles.into_iter().map(|role| role.name).collect(),
            groups: user.groups.into_iter().map(|group| group.id).collect(),
        }
    }
}

impl From<IssuedJson> for IssuedKey {
    fn from(key: IssuedJson) -> Self {
        Self { id: key.id, secret: Secret::new(key.secret) }
    }
}

impl From<GrantedJson> for Granted {
    fn from(granted: GrantedJson) -> Self {
        let TargetJson { kind, id } = granted.target;
        Self { kind, id, access: granted.access, tag: granted.tag }
    }
}

impl From<IntegrationJson> for Provider {
    fn from(integration: IntegrationJson) -> Self {
        let IntegrationJson { name, kind, configuration, apis } = integration;
        let resources = apis.into_iter().map(|resource| resource.api).collect();
        Self { name, kind, resources, configuration }
    }
}
