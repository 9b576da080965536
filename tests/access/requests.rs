//! A concrete request for every route: what the matrix sends.

use podium::domain::access::Kind;
use serde_json::{Value, json};

use crate::support::ADMIN;

/// A custom role that gives nothing, so that everyone may give it.
pub const EMPTY_ROLE: &str = "empty";

/// A person that groups can take in.
pub const MEMBER: &str = "member";

/// An integration with a model that everyone can see, for prompts to be for.
pub const OPEN_MODEL: (&str, &str) = ("open", "model");

/// What a request is about, whether it exists or not.
#[derive(Clone, Debug)]
pub struct Thing {
    pub kind: Kind,
    /// Its own id, which nothing else has; of a resource, its name.
    pub id: String,
    /// The integration that a resource is a part of, or the organization that a space is.
    pub whole: String,
    /// The id of an integration in Arize's dialect.
    pub arize_id: String,
    /// An access key of an application.
    pub key: String,
    /// All its tags.
    pub tags: Value,
}

impl Thing {
    pub fn new(kind: Kind, id: &str) -> Self {
        let [whole, arize_id, key] = [const { String::new() }; 3];
        Self { kind, id: id.to_owned(), whole, arize_id, key, tags: json!([]) }
    }

    /// The id by which grants name it.
    pub fn wire_id(&self) -> String {
        match self.kind {
            Kind::Resource => format!("{}:{}", self.whole, self.id),
            _ => self.id.clone(),
        }
    }

    /// Its type and id, as grants name it.
    pub fn target(&self) -> (&'static str, String) {
        (self.kind.as_str(), self.wire_id())
    }
}

/// How a route is called.
pub struct Row {
    pub method: &'static str,
    pub path: &'static str,
    query: &'static str,
    body: fn(&Thing) -> Value,
    /// What a caller who may call it is answered.
    pub accepted: u16,
}

impl Row {
    /// The path and query about `thing`.
    pub fn path_to(&self, thing: &Thing) -> String {
        let by_wire_id = self.path.starts_with("/api/auth/");
        let is_event = self.path.contains("/eventStats/");
        let filled = format!("{}{}", self.path, self.query);
        let (name, api) = match thing.kind {
            Kind::Resource => (thing.whole.as_str(), thing.id.as_str()),
            Kind::Prompt if self.path.ends_with("{prompt}") => OPEN_MODEL,
            _ => (thing.id.as_str(), thing.id.as_str()),
        };
        filled
            .replace("{name}", name)
            .replace("{api}", api)
            .replace("{prompt}", &thing.id)
            .replace("{label}", "draft")
            .replace("{id}", &if by_wire_id { thing.wire_id() } else { thing.id.clone() })
            .replace("{integration_id}", &thing.arize_id)
            .replace("{organization_id}", &thing.id)
            .replace("{space_id}", &thing.id)
            .replace("{key}", &thing.key)
            .replace("{type}", if is_event { "openai" } else { thing.kind.as_str() })
            .replace("{role}", EMPTY_ROLE)
            .replace("{user}", MEMBER)
            .replace("{method}", "gpt-4o")
            .replace("{version}", "1")
            .replace("{file}", "start.js")
    }

    /// The body about `thing`, if the route takes one.
    pub fn body_about(&self, thing: &Thing) -> Option<Value> {
        Some((self.body)(thing)).filter(|body| !body.is_null())
    }

    fn query(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    fn body(self, body: fn(&Thing) -> Value) -> Self {
        Self { body, ..self }
    }

    fn accepted(self, accepted: u16) -> Self {
        Self { accepted, ..self }
    }
}

fn row(method: &'static str, path: &'static str) -> Row {
    Row { method, path, query: "", body: |_| Value::Null, accepted: 200 }
}

fn get(path: &'static str) -> Row {
    row("GET", path)
}

fn post(path: &'static str) -> Row {
    row("POST", path)
}

fn put(path: &'static str) -> Row {
    row("PUT", path)
}

fn patch(path: &'static str) -> Row {
    row("PATCH", path)
}

fn delete(path: &'static str) -> Row {
    row("DELETE", path)
}

/// Every route with its request.
pub fn rows() -> Vec<Row> {
    let mut rows = server_rows();
    rows.extend(metadata_rows());
    rows.extend(integration_rows());
    rows.extend(prompt_rows());
    rows.extend(application_rows());
    rows.extend(people_rows());
    rows.extend(arize_rows());
    rows.extend(organization_rows());
    rows
}

/// A tag without grants, which a thing can bear beside its own.
fn plain_tag(_: &Thing) -> Value {
    json!({"key": "plain", "value": "x"})
}

fn plain_tags(thing: &Thing) -> Value {
    json!([plain_tag(thing)])
}

fn own_tags(thing: &Thing) -> Value {
    thing.tags.clone()
}

/// A manifest that names the thing alone.
fn manifest(thing: &Thing) -> Value {
    let Thing { id, tags, .. } = thing;
    let named = match thing.kind {
        Kind::Integration => {
            json!({"integrations": [{"name": id, "type": "openai", "tags": tags}]})
        }
        Kind::Prompt => json!({"prompts": [{
            "name": id, "versions": [{"version": 1, "template": "a"}], "labels": {"draft": 1},
            "tags": tags,
        }]}),
        Kind::User => json!({"users": [{"id": id, "name": "saved"}]}),
        Kind::Group => json!({"groups": [{"id": id, "description": "saved"}]}),
        Kind::Role => json!({"roles": [{"name": id}]}),
        _ => json!({}),
    };
    json!({"manifest": named})
}

fn server_rows() -> Vec<Row> {
    vec![
        get("/health"),
        get("/health/ready"),
        get("/context.js"),
        get("/openapi.json"),
        get("/api-docs"),
        get("/swagger-ui"),
        get("/swagger-ui/{file}"),
        get("/api/health"),
        get("/api/version"),
        get("/api/limits"),
        post("/api/token").body(|_| json!({"keyId": ADMIN.0, "keySecret": ADMIN.1})),
        get("/api/token/userInfo"),
        get("/api/audit").query("?limit=1"),
        get("/api/audit/verify"),
        post("/api/audit/fingerprint").body(|_| json!({"value": "any"})),
        // Grants name also what is not there; they come only with everything.
        get("/api/manifest").query("?name=*"),
        post("/api/manifest/plan").body(manifest),
        post("/api/manifest/apply").body(manifest),
        get("/api/seal"),
        // These servers are given their one key, and cannot make another.
        post("/api/seal/rotate").accepted(409),
    ]
}

fn metadata_rows() -> Vec<Row> {
    vec![
        get("/api/metadata/tags"),
        get("/api/metadata/tags/grouped"),
        get("/api/metadata/tags/resources").query("?tagKey=mark&tagValue={id}&resourceType={type}"),
        get("/api/metadata/taskdefs"),
        get("/api/metadata/task/{name}/tags"),
        post("/api/metadata/task/{name}/tags").body(plain_tag),
        put("/api/metadata/task/{name}/tags").body(own_tags),
        delete("/api/metadata/task/{name}/tags").body(plain_tag),
        post("/api/metadata/workflow")
            .query("?overwrite=true")
            .body(|thing| json!({"name": thing.id, "version": 1})),
        get("/api/metadata/workflow/{name}"),
        get("/api/metadata/workflow/{name}/tags"),
        post("/api/metadata/workflow/{name}/tags").body(plain_tag),
        put("/api/metadata/workflow/{name}/tags").body(own_tags),
        delete("/api/metadata/workflow/{name}/tags").body(plain_tag),
        delete("/api/metadata/workflow/{name}/{version}"),
    ]
}

fn integration_rows() -> Vec<Row> {
    vec![
        get("/api/integrations"),
        post("/api/integrations").body(|thing| {
            let mut item = integration();
            item["name"] = json!(thing.id);
            json!([item])
        }),
        get("/api/integrations/all"),
        get("/api/integrations/def"),
        post("/api/integrations/def/register")
            .body(|_| json!([{"type": "matrix", "category": "AI_MODEL"}])),
        get("/api/integrations/def/{name}"),
        post("/api/integrations/eventStats").query("?type=openai").body(|_| json!([])),
        post("/api/integrations/eventStats/{type}").body(|_| json!([])),
        get("/api/integrations/llm/{name}/token"),
        post("/api/integrations/llm/{name}/token")
            .body(|_| json!({"maxTokens": 1, "tokenLimitPeriod": "DAY"})),
        get("/api/integrations/llm/{name}/token/history"),
        get("/api/integrations/provider"),
        get("/api/integrations/provider/{name}"),
        post("/api/integrations/provider/{name}").body(|_| integration()),
        patch("/api/integrations/provider/{name}").body(|_| json!({"description": "new"})),
        delete("/api/integrations/provider/{name}"),
        post("/api/integrations/provider/{name}/resolve"),
        get("/api/integrations/provider/{name}/tags"),
        put("/api/integrations/provider/{name}/tags").body(plain_tags),
        delete("/api/integrations/provider/{name}/tags").body(plain_tags),
        get("/api/integrations/provider/{name}/metrics"),
        get("/api/integrations/provider/{name}/integration"),
        get("/api/integrations/provider/{name}/integration/all"),
        get("/api/integrations/provider/{name}/integration/{api}"),
        post("/api/integrations/provider/{name}/integration/{api}").body(|_| resource()),
        patch("/api/integrations/provider/{name}/integration/{api}").body(|_| json!({})),
        delete("/api/integrations/provider/{name}/integration/{api}"),
        post("/api/integrations/provider/{name}/integration/{api}/resolve"),
        get("/api/integrations/provider/{name}/integration/{api}/tags"),
        put("/api/integrations/provider/{name}/integration/{api}/tags").body(plain_tags),
        delete("/api/integrations/provider/{name}/integration/{api}/tags").body(plain_tags),
        get("/api/integrations/provider/{name}/integration/{api}/metrics"),
        post("/api/integrations/provider/{name}/integration/{api}/metrics").body(|_| json!(1)),
        get("/api/integrations/{name}/def/apis"),
        get("/api/integrations/{name}/def/api/{method}"),
    ]
}

fn prompt_rows() -> Vec<Row> {
    vec![
        get("/api/integrations/provider/{name}/integration/{api}/prompt"),
        post("/api/integrations/provider/{name}/integration/{api}/prompt/{prompt}"),
        get("/api/prompts"),
        post("/api/prompts").body(|thing| json!([{"name": thing.id, "template": "a"}])),
        post("/api/prompts/test")
            .accepted(501)
            .body(|thing| json!({"prompt": "a", "llmProvider": thing.whole, "model": thing.id})),
        get("/api/prompts/{name}"),
        post("/api/prompts/{name}").query("?description=d").body(|_| json!("a")),
        put("/api/prompts/{name}").query("?description=d").body(|_| json!("a")),
        delete("/api/prompts/{name}"),
        get("/api/prompts/{name}/labels"),
        put("/api/prompts/{name}/labels/{label}").body(|_| json!({"version": 1})),
        delete("/api/prompts/{name}/labels/{label}"),
        post("/api/prompts/{name}/render").body(|_| json!({})),
        get("/api/prompts/{name}/tags"),
        put("/api/prompts/{name}/tags").body(plain_tags),
        delete("/api/prompts/{name}/tags").body(plain_tags),
        get("/api/prompts/{name}/versions"),
        delete("/api/prompts/{name}/versions/{version}"),
    ]
}

fn application_rows() -> Vec<Row> {
    vec![
        get("/api/applications"),
        post("/api/applications").body(|_| json!({"name": "made by the matrix"})),
        get("/api/applications/key/{key}"),
        get("/api/applications/{id}"),
        put("/api/applications/{id}").body(|_| json!({"name": "renamed"})),
        delete("/api/applications/{id}"),
        get("/api/applications/{id}/accessKeys"),
        post("/api/applications/{id}/accessKeys"),
        delete("/api/applications/{id}/accessKeys/{key}"),
        post("/api/applications/{id}/accessKeys/{key}/status"),
        post("/api/applications/{id}/accessKeys/{key}/rotate")
            .body(|_| json!({"overlapSeconds": 1000})),
        post("/api/applications/{id}/roles/{role}"),
        delete("/api/applications/{id}/roles/{role}"),
        get("/api/applications/{id}/tags"),
        put("/api/applications/{id}/tags").body(plain_tags),
        delete("/api/applications/{id}/tags").body(plain_tags),
    ]
}

fn people_rows() -> Vec<Row> {
    vec![
        get("/api/users"),
        get("/api/users/{id}"),
        put("/api/users/{id}").body(|_| json!({"name": "saved"})),
        delete("/api/users/{id}"),
        get("/api/users/{id}/permissions"),
        get("/api/users/{id}/checkPermissions").query("?type=INTEGRATION_PROVIDER&id=any"),
        post("/api/users/{id}/sendInviteEmail").accepted(501),
        get("/api/groups"),
        get("/api/groups/{id}"),
        put("/api/groups/{id}").body(|_| json!({"description": "saved"})),
        delete("/api/groups/{id}"),
        get("/api/groups/{id}/permissions"),
        get("/api/groups/{id}/users"),
        post("/api/groups/{id}/users").body(|_| json!([MEMBER])),
        delete("/api/groups/{id}/users").body(|_| json!([MEMBER])),
        post("/api/groups/{id}/users/{user}"),
        delete("/api/groups/{id}/users/{user}"),
        get("/api/roles"),
        post("/api/roles").body(|thing| json!({"name": thing.id, "permissions": []})),
        get("/api/roles/system"),
        get("/api/roles/custom"),
        get("/api/roles/permissions"),
        get("/api/roles/{name}"),
        put("/api/roles/{name}").body(|_| json!({"permissions": []})),
        delete("/api/roles/{name}"),
        post("/api/auth/authorization").body(reading),
        delete("/api/auth/authorization").body(reading),
        get("/api/auth/authorization/{type}/{id}"),
        get("/api/auth/subjects/{type}/{id}/grants"),
        delete("/api/auth/subjects/{type}/{id}/grants"),
    ]
}

fn arize_rows() -> Vec<Row> {
    vec![
        get("/v2/integrations").query("?limit=100"),
        post("/v2/integrations").accepted(201).body(|thing| {
            json!({"type": "LLM", "name": beside(thing),
                "config": {"provider": "OPEN_AI", "api_key": "sk-2"}})
        }),
        get("/v2/integrations/{integration_id}"),
        patch("/v2/integrations/{integration_id}")
            .body(|_| json!({"type": "LLM", "config": {"is_function_calling_enabled": false}})),
        delete("/v2/integrations/{integration_id}").accepted(204),
        get("/v2/ai-integrations").query("?limit=100"),
        post("/v2/ai-integrations").accepted(201).body(|thing| {
            let name = format!("{} too", beside(thing));
            json!({"name": name, "provider": "OPEN_AI", "api_key": "sk-3"})
        }),
        get("/v2/ai-integrations/{integration_id}"),
        patch("/v2/ai-integrations/{integration_id}")
            .body(|_| json!({"function_calling_enabled": true})),
        delete("/v2/ai-integrations/{integration_id}").accepted(204),
    ]
}

fn organization_rows() -> Vec<Row> {
    vec![
        get("/v2/organizations"),
        post("/v2/organizations").accepted(201).body(|thing| json!({"name": beside(thing)})),
        delete("/v2/organizations/{organization_id}").accepted(204),
        get("/v2/spaces"),
        post("/v2/spaces")
            .accepted(201)
            .body(|thing| json!({"name": beside(thing), "organization_id": thing.whole})),
        delete("/v2/spaces/{space_id}").accepted(204),
    ]
}

/// The name of a new thing.
fn beside(thing: &Thing) -> String {
    format!("made beside {}", thing.id)
}

/// READ on the thing, for somebody who is nobody.
fn reading(thing: &Thing) -> Value {
    let (kind, id) = thing.target();
    authorization(("USER", "nobody"), (kind, &id), &["READ"])
}

/// The body that grants or takes away.
pub fn authorization(to: (&str, &str), on: (&str, &str), accesses: &[&str]) -> Value {
    json!({
        "subject": {"type": to.0, "id": to.1},
        "target": {"type": on.0, "id": on.1},
        "access": accesses,
    })
}

/// What saves an integration.
pub fn integration() -> Value {
    json!({
        "type": "openai",
        "category": "AI_MODEL",
        "description": "team account",
        "enabled": true,
        "configuration": {"api_key": "sk-1"},
    })
}

/// What saves a resource.
pub fn resource() -> Value {
    json!({"description": "chat", "enabled": true, "configuration": {}})
}
