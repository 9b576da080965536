//! One thing of each kind, and the requests about them.

use podium::domain::access::Kind;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::requests::{EMPTY_ROLE, MEMBER, Row, Thing};
use crate::secrets::Secrets;
use crate::support::{integration, resource};

/// The integration that routes are called about, and its resource.
pub const SHELF: &str = "shelf";
pub const MODEL: &str = "gpt-4o";

/// One thing of each kind.
pub struct World {
    application: String,
    key: String,
}

impl World {
    /// Makes them, where they are not there.
    pub fn made_by(admin: &Client, secrets: &Secrets) -> Self {
        let put = |path: &str, body: Value| admin.put(path, &body).is(200);
        let post = |path: &str, body: Value| admin.post(path, &body).is(200);
        if admin.get(&format!("/api/integrations/provider/{SHELF}")).status == 404 {
            post(&format!("/api/integrations/provider/{SHELF}"), integration());
        }
        if admin.get(&model()).status == 404 {
            post(&model(), resource());
        }
        let limit = json!({"maxTokens": 1000, "tokenLimitPeriod": "DAY"});
        post(&format!("/api/integrations/llm/{SHELF}/token"), limit);
        for role in [EMPTY_ROLE, "thing"] {
            if admin.get(&format!("/api/roles/{role}")).status == 404 {
                post("/api/roles", json!({"name": role, "permissions": []}));
            }
        }
        for user in [MEMBER, "thing"] {
            put(&format!("/api/users/{user}"), json!({"name": "somebody"}));
        }
        put("/api/groups/thing", json!({"description": "some", "roles": []}));
        post("/api/metadata/workflow?overwrite=true", json!({"name": "thing", "version": 1}));
        let [application, key, _] = admin.new_application("an application", secrets);
        Self { application, key }
    }

    /// What a route is called about.
    pub fn thing(&self, row: &Row) -> Thing {
        let begins = |start: &str| row.path.starts_with(start);
        let (kind, id) = if row.path.contains("{api}") {
            (Kind::Resource, MODEL)
        } else if begins("/api/integrations/def") {
            (Kind::Definition, "openai")
        } else if begins("/api/integrations") || begins("/api/auth/authorization") {
            (Kind::Integration, SHELF)
        } else if begins("/api/applications") {
            (Kind::Application, self.application.as_str())
        } else if begins("/api/users") || begins("/api/auth/subjects") {
            (Kind::User, "thing")
        } else if begins("/api/groups") {
            (Kind::Group, "thing")
        } else if begins("/api/metadata/task") {
            (Kind::TASK, "thing")
        } else if begins("/api/metadata/workflow") {
            (Kind::WORKFLOW, "thing")
        } else {
            (Kind::Role, if row.method == "POST" { "another" } else { "thing" })
        };
        let thing = Thing::new(kind, id);
        Thing { whole: SHELF.to_owned(), key: self.key.clone(), ..thing }
    }
}

/// The path of the resource that routes are called about.
fn model() -> String {
    format!("/api/integrations/provider/{SHELF}/integration/{MODEL}")
}

/// Calls a route about a thing.
pub fn call(client: &Client, row: &Row, thing: &Thing) -> Answer {
    client.call(row.method, &row.path_to(thing), row.body_about(thing).as_ref())
}
