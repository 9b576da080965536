//! A read and a write of each thing that can be read alone.

use serde_json::{Value, json};

use super::{GPT, MAIN, send};
use crate::documented::DOCUMENT;
use crate::support::{Client, PROVIDER, Response, model, openai};

const GRANTS: &str = "/api/auth/authorization/INTEGRATION_PROVIDER/main";
const LIMIT: &str = "/api/integrations/llm/main/token";
const MEMBERS: &str = "/api/groups/team/users";
const PROMPT: &str = "/api/prompts/hi";
const WORKFLOW: &str = "/api/metadata/workflow/w";

/// What requests speak of.
pub struct World {
    /// The path of an application.
    application: String,
    /// The path of its access key.
    key: String,
    /// The ids that Arize's dialect has for `main` and for two more integrations.
    arize: [String; 3],
}

impl World {
    pub fn new(admin: &Client) -> Self {
        admin.post(MAIN, &openai("sk-1")).ok();
        admin.post(GPT, &model()).done();
        admin.post(LIMIT, &limit(1)).done();
        admin.put("/api/users/joe", &json!({"name": "Joe", "roles": ["USER"]})).ok();
        admin.put("/api/groups/team", &json!({"description": "Team"})).ok();
        admin.call("POST", &format!("{MEMBERS}/joe")).done();
        admin.post("/api/roles", &json!({"name": "own", "permissions": ["READ_PROMPT"]})).ok();
        for version in [1, 2] {
            let path = format!("{PROMPT}?description=d&version={version}");
            admin.post(&path, &json!("a")).done();
            admin.post("/api/metadata/workflow", &json!({"name": "w", "version": version})).done();
        }
        admin.put(&format!("{PROMPT}/labels/live"), &json!({"version": 1})).done();
        for tagged in [MAIN, GPT, PROMPT] {
            admin.put(&format!("{tagged}/tags"), &json!([{"key": "team", "value": "core"}])).done();
        }
        let made = admin.post("/api/applications", &json!({"name": "worker"})).ok();
        let id = made["id"].as_str().unwrap();
        let application = format!("/api/applications/{id}");
        let key = format!("{application}/accessKeys/{}", admin.new_key(id).0);
        for name in ["second", "third"] {
            admin.post(&format!("{PROVIDER}/{name}"), &openai("sk-2")).ok();
        }
        let listed = admin.get("/v2/integrations").ok();
        let id = |place: usize| listed["integrations"][place]["id"].as_str().unwrap().to_owned();
        Self { application, key, arize: [2, 1, 0].map(id) }
    }

    fn newer(&self, place: usize) -> String {
        format!("/v2/integrations/{}", self.arize[place])
    }

    fn older(&self, place: usize) -> String {
        format!("/v2/ai-integrations/{}", self.arize[place])
    }

    /// The paths of reads.
    pub fn reads(&self) -> Vec<String> {
        let (_, id) = self.application.rsplit_once('/').unwrap();
        let (_, key) = self.key.rsplit_once('/').unwrap();
        let fixed = [
            "/api/integrations/def/openai",
            MAIN,
            "/api/integrations/provider/main/tags",
            GPT,
            "/api/integrations/provider/main/integration/gpt/tags",
            LIMIT,
            PROMPT,
            "/api/prompts/hi?version=1",
            "/api/prompts/hi?label=live",
            "/api/prompts/hi/labels",
            "/api/prompts/hi/tags",
            WORKFLOW,
            "/api/metadata/workflow/w?version=1",
            "/api/metadata/workflow/w/tags",
            "/api/metadata/task/t/tags",
            "/api/users/joe",
            "/api/users/joe/permissions",
            "/api/groups/team",
            "/api/groups/team/permissions",
            MEMBERS,
            "/api/roles/own",
            "/api/roles/ADMIN",
            GRANTS,
            "/api/auth/authorization/INTEGRATION_PROVIDER/main?groupBy=subject",
            "/api/auth/subjects/USER/joe/grants",
        ];
        let of_these = [
            self.application.clone(),
            format!("{}/accessKeys", self.application),
            format!("{}/tags", self.application),
            format!("/api/applications/key/{key}"),
            format!("/api/users/app:{id}"),
            self.newer(0),
            self.older(0),
        ];
        fixed.map(str::to_owned).into_iter().chain(of_these).collect()
    }

    /// Every write of one thing, those that delete it last.
    pub fn writes(&self) -> Vec<Write> {
        let mut all = integrations(self);
        all.extend(prompts_and_workflows());
        all.extend(applications(self));
        all.extend(people());
        all.extend(deletions(self));
        all
    }
}

/// A write of one thing.
pub struct Write {
    pub method: &'static str,
    pub path: String,
    body: Value,
    /// Which read gives the tag that it takes.
    pub read: String,
    /// What it is answered while the tag holds.
    pub status: u16,
}

impl Write {
    pub fn send(&self, client: &Client, header: (&str, &str)) -> Response {
        send(client, self.method, &self.path, header, &self.body)
    }

    /// The same, where another read gives the tag than the path says.
    fn of(self, read: &str) -> Self {
        Self { read: read.to_owned(), ..self }
    }

    fn answers(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

fn write(method: &'static str, path: impl Into<String>, body: Value) -> Write {
    let path = path.into();
    let read = read_of(&path).unwrap_or_default();
    Write { method, path, body, read, status: 200 }
}

fn call(method: &'static str, path: impl Into<String>) -> Write {
    write(method, path, Value::Null)
}

/// The read whose tag a write takes: that of its own path, or of the next one above it that has a
/// tag.
fn read_of(path: &str) -> Option<String> {
    let path = path.split('?').next()?;
    let route = DOCUMENT.route(path)?;
    if has_tag(&DOCUMENT.whole["paths"][route]["get"]) {
        return Some(path.to_owned());
    }
    let mut above = path.rsplit_once('/')?.0;
    while DOCUMENT.route(above).is_none() {
        above = above.rsplit_once('/')?.0;
    }
    read_of(above)
}

/// Whether the document says that a read has a tag.
pub fn has_tag(operation: &Value) -> bool {
    operation["responses"]["200"]["headers"]["ETag"]["required"] == true
}

fn limit(most: i64) -> Value {
    json!({"maxTokens": most, "tokenLimitPeriod": "DAY"})
}

fn tag() -> Value {
    json!({"key": "k", "value": "v"})
}

/// Adds tags, and takes them away.
fn tags(path: &str) -> [Write; 2] {
    ["PUT", "DELETE"].map(|method| write(method, format!("{path}/tags"), json!([tag()])))
}

/// Adds a tag, takes it away, and puts others in the place of all.
fn metadata_tags(path: &str) -> [Write; 3] {
    let path = format!("{path}/tags");
    [
        write("POST", &*path, tag()),
        write("DELETE", &*path, tag()),
        write("PUT", &*path, json!([tag()])),
    ]
}

fn integrations(world: &World) -> Vec<Write> {
    let newer = json!({"type": "LLM", "config": {"is_function_calling_enabled": false}});
    let mut all = vec![
        write("POST", MAIN, openai("sk-2")),
        write("PATCH", MAIN, json!({"description": "new"})),
        write("POST", GPT, json!({"description": "two", "enabled": true})),
        write("PATCH", GPT, json!({"description": "three"})),
        write("POST", LIMIT, limit(2)),
        write("PATCH", world.newer(0), newer),
        write("PATCH", world.older(0), json!({"function_calling_enabled": true})),
    ];
    all.extend([MAIN, GPT].into_iter().flat_map(tags));
    all
}

fn prompts_and_workflows() -> Vec<Write> {
    let kept = json!({"name": "w", "version": 1, "tasks": []});
    let mut all = vec![
        // Without a version, the first is written.
        write("POST", format!("{PROMPT}?description=e"), json!("b"))
            .of("/api/prompts/hi?version=1"),
        write("PUT", format!("{PROMPT}?description=f"), json!("c")),
        call("POST", format!("{GPT}/prompt/hi")).of(PROMPT),
        write("PUT", format!("{PROMPT}/labels/live"), json!({"version": 2})),
        call("DELETE", format!("{PROMPT}/labels/live")),
        write("POST", "/api/metadata/workflow?overwrite=true", kept)
            .of("/api/metadata/workflow/w?version=1"),
    ];
    all.extend(tags(PROMPT));
    all.extend([WORKFLOW, "/api/metadata/task/t"].into_iter().flat_map(metadata_tags));
    all
}

fn applications(world: &World) -> Vec<Write> {
    let World { application, key, .. } = world;
    let mut all = vec![
        write("PUT", application, json!({"name": "other"})),
        call("POST", format!("{application}/roles/USER")),
        call("DELETE", format!("{application}/roles/USER")),
        call("POST", format!("{application}/accessKeys")),
        write("POST", format!("{key}/rotate"), json!({"overlapSeconds": 600})),
        call("POST", format!("{key}/status")),
    ];
    all.extend(tags(application));
    all
}

fn people() -> Vec<Write> {
    let grant = json!({
        "subject": {"type": "USER", "id": "joe"},
        "target": {"type": "INTEGRATION_PROVIDER", "id": "main"},
        "access": ["READ"],
    });
    vec![
        write("PUT", "/api/users/joe", json!({"name": "Joseph"})),
        write("PUT", "/api/groups/team", json!({"description": "The team"})),
        write("POST", MEMBERS, json!(["joe"])),
        write("DELETE", MEMBERS, json!(["joe"])),
        call("POST", format!("{MEMBERS}/joe")),
        call("DELETE", format!("{MEMBERS}/joe")),
        write("POST", "/api/roles", json!({"name": "own"})).of("/api/roles/own").answers(409),
        write("PUT", "/api/roles/own", json!({"permissions": []})),
        write("POST", "/api/auth/authorization", grant.clone()).of(GRANTS),
        write("DELETE", "/api/auth/authorization", grant).of(GRANTS),
        call("DELETE", "/api/auth/subjects/USER/joe/grants"),
    ]
}

fn deletions(world: &World) -> Vec<Write> {
    vec![
        call("DELETE", GPT),
        call("DELETE", MAIN),
        call("DELETE", world.newer(1)).answers(204),
        call("DELETE", world.older(2)).answers(204),
        call("DELETE", format!("{PROMPT}/versions/1")).of("/api/prompts/hi?version=1"),
        call("DELETE", PROMPT),
        call("DELETE", format!("{WORKFLOW}/1")).of("/api/metadata/workflow/w?version=1"),
        call("DELETE", &world.key),
        call("DELETE", &world.application),
        call("DELETE", "/api/users/joe"),
        call("DELETE", "/api/groups/team"),
        call("DELETE", "/api/roles/own"),
    ]
}

/// What makes a thing that is not there, where a [`World`] is.
pub fn makings() -> Vec<Write> {
    let workflow = json!({"name": "w", "version": 3});
    let (new, put) = ("/api/prompts/new", "/api/prompts/put");
    let prompt = |method, path: &str, query: &str| {
        write(method, format!("{path}?description=d{query}"), json!("a"))
    };
    vec![
        write("POST", format!("{PROVIDER}/new"), openai("sk-3")),
        write("POST", format!("{MAIN}/integration/new"), model()),
        write("POST", "/api/integrations/llm/second/token", limit(1)),
        prompt("POST", new, ""),
        prompt("POST", new, "&version=7").of("/api/prompts/new?version=7"),
        prompt("PUT", put, ""),
        prompt("PUT", put, "&version=3").of("/api/prompts/put?version=3"),
        write("POST", "/api/metadata/workflow?overwrite=true", workflow)
            .of("/api/metadata/workflow/w?version=3"),
        write("PUT", "/api/users/new", json!({"name": "New"})),
        write("PUT", "/api/groups/new", json!({"description": "New"})),
        write("POST", "/api/roles", json!({"name": "new"})).of("/api/roles/new").answers(409),
    ]
}
