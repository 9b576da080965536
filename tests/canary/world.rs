//! One thing of each kind, and the requests about them.

use podium::domain::access::Kind;
use serde_json::{Value, json};

use crate::client::{Answer, Client};
use crate::requests::{EMPTY_ROLE, MEMBER, OPEN_MODEL, Row, Thing};
use crate::secrets::Secrets;
use crate::support::{integration, resource};

/// The integration that routes are called about, and its resource.
pub const SHELF: &str = "shelf";
pub const MODEL: &str = "gpt-4o";

/// One thing of each kind.
pub struct World {
    application: String,
    key: String,
    arize_id: String,
    organization: String,
    home: String,
    space: String,
}

impl World {
    /// Makes them, where they are not there.
    pub fn made_by(admin: &Client, secrets: &Secrets) -> Self {
        let put = |path: &str, body: Value| admin.put(path, &body).is(200);
        let post = |path: &str, body: Value| admin.post(path, &body).is(200);
        for (name, model) in [(SHELF, MODEL), OPEN_MODEL] {
            let path = format!("/api/integrations/provider/{name}");
            let model = format!("{path}/integration/{model}");
            for (path, body) in [(path, integration()), (model, resource())] {
                if admin.get(&path).status == 404 {
                    post(&path, body);
                }
            }
        }
        let version = |number| json!({"name": "thing", "template": "a", "version": number});
        post("/api/prompts", json!([version(1), version(2)]));
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
        let made = |path: &str, body: Value| {
            let answer = admin.post(path, &body);
            answer.is(201);
            answer.json()["id"].as_str().unwrap().to_owned()
        };
        let organization = made("/v2/organizations", json!({"name": application}));
        let home = made("/v2/organizations", json!({"name": format!("home of {application}")}));
        let space = made("/v2/spaces", json!({"name": "thing", "organization_id": home}));
        let found = admin.get(&format!("/v2/integrations?limit=100&name={SHELF}")).ok();
        let found = found["integrations"].as_array().unwrap();
        let shelf = found.iter().find(|one| one["name"] == SHELF).unwrap();
        let arize_id = shelf["id"].as_str().unwrap().to_owned();
        Self { application, key, arize_id, organization, home, space }
    }

    /// What a route is called about.
    pub fn thing(&self, row: &Row) -> Thing {
        let application = self.application.as_str();
        let role = if row.method == "POST" { "another" } else { "thing" };
        let kinds = [
            ("{prompt}", Kind::Prompt, "thing"),
            ("{api}", Kind::Resource, MODEL),
            ("/prompts/test", Kind::Resource, MODEL),
            ("/prompts", Kind::Prompt, "thing"),
            ("/integrations/def", Kind::Definition, "openai"),
            ("/integrations", Kind::Integration, SHELF),
            ("/ai-integrations", Kind::Integration, SHELF),
            ("/auth/authorization", Kind::Integration, SHELF),
            ("/auth/subjects", Kind::User, "thing"),
            ("/applications", Kind::Application, application),
            ("/users", Kind::User, "thing"),
            ("/groups", Kind::Group, "thing"),
            ("/metadata/task", Kind::TASK, "thing"),
            ("/metadata/workflow", Kind::WORKFLOW, "thing"),
            ("/organizations", Kind::Organization, &self.organization),
            ("/spaces", Kind::Space, &self.space),
            // A manifest that names nothing.
            ("/manifest", Kind::Application, application),
            ("", Kind::Role, role),
        ];
        let (_, kind, id) = kinds.into_iter().find(|(part, ..)| row.path.contains(part)).unwrap();
        let thing = Thing::new(kind, id);
        let whole = if kind == Kind::Space { &self.home } else { SHELF };
        let (whole, key, arize_id) = (whole.to_owned(), self.key.clone(), self.arize_id.clone());
        Thing { whole, arize_id, key, ..thing }
    }
}

/// Calls a route about a thing.
pub fn call(client: &Client, row: &Row, thing: &Thing) -> Answer {
    client.call(row.method, &row.path_to(thing), row.body_about(thing).as_ref())
}
