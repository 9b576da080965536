//! A tag changes when what a read shows does, and only then: writes by chance, with a look at
//! everything after each of them. `TAG_SEEDS=100-199` takes other seeds than the fixed ones.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{GPT, JSON, MAIN};
use crate::dice::{Dice, seeds};
use crate::support::{Client, Server};

/// How many writes are made with each seed. With each, some 4,400 looks find something.
const WRITES: usize = 130;

/// What is looked at after each write, beside an application and what Arize's dialect shows.
const READS: [&str; 29] = [
    MAIN,
    "/api/integrations/provider/main/tags",
    GPT,
    "/api/integrations/provider/main/integration/gpt/tags",
    "/api/integrations/llm/main/token",
    "/api/integrations/def/own",
    "/api/prompts/hi",
    "/api/prompts/hi?version=1",
    "/api/prompts/hi?version=2",
    "/api/prompts/hi?label=live",
    "/api/prompts/hi/labels",
    "/api/prompts/hi/tags",
    "/api/metadata/workflow/w",
    "/api/metadata/workflow/w?version=1",
    "/api/metadata/workflow/w/tags",
    "/api/metadata/task/t/tags",
    "/api/users/joe",
    "/api/users/joe/permissions",
    "/api/users/ann",
    "/api/groups/team",
    "/api/groups/team/permissions",
    "/api/groups/team/users",
    "/api/roles/own",
    "/api/auth/authorization/INTEGRATION_PROVIDER/main",
    "/api/auth/authorization/INTEGRATION_PROVIDER/main?groupBy=subject",
    "/api/auth/authorization/PROMPT/hi",
    "/api/auth/subjects/GROUP/team/grants",
    "/api/auth/subjects/USER/joe/grants",
    "/api/auth/subjects/USER/joe/grants?resourceType=PROMPT",
];

/// What carries tags.
const TAGGED: [&str; 4] = [MAIN, GPT, "/api/prompts/hi", "/api/metadata/workflow/w"];

/// A method, a path, and a body.
type Write = (&'static str, String, Value);

fn write(dice: &mut Dice, application: &str, arize: &str) -> Write {
    let own = format!("/api/applications/{application}");
    let word = *dice.pick(&["a", "b"]);
    let version = *dice.pick(&[1, 2]);
    let user = *dice.pick(&["joe", "ann"]);
    let roles = dice.some(&["USER", "own"], 2);
    let groups = dice.some(&["team"], 1);
    let none = Value::Null;
    match dice.below(28) {
        0..3 => ("POST", MAIN.to_owned(), integration(dice, word)),
        3 => ("PATCH", MAIN.to_owned(), json!({"enabled": dice.chance(50)})),
        4..6 => ("POST", GPT.to_owned(), json!({"description": word, "enabled": dice.chance(50)})),
        6 => {
            let (period, most) = (*dice.pick(&["DAY", "MONTH"]), dice.below(2));
            let limit = json!({"maxTokens": most, "tokenLimitPeriod": period});
            ("POST", "/api/integrations/llm/main/token".to_owned(), limit)
        }
        7 => {
            let own = json!([{"type": "own", "category": "API", "description": word}]);
            ("POST", "/api/integrations/def/register".to_owned(), own)
        }
        8..11 => {
            let path = format!("/api/prompts/hi?description={word}&version={version}");
            (*dice.pick(&["POST", "PUT"]), path, json!(dice.pick(&["x ${y}", "z"])))
        }
        11 => {
            let mut item = json!({"name": "hi", "template": "z", "version": version});
            if dice.chance(50) {
                item["temperature"] = json!(dice.pick(&[0.1, 0.2]));
            }
            ("POST", "/api/prompts".to_owned(), json!([item]))
        }
        12 => match dice.below(3) {
            0 => ("DELETE", format!("/api/prompts/hi/versions/{version}"), none),
            1 => ("DELETE", "/api/prompts/hi/labels/live".to_owned(), none),
            _ => ("POST", format!("{GPT}/prompt/hi"), none),
        },
        13 => ("PUT", "/api/prompts/hi/labels/live".to_owned(), json!({"version": version})),
        14 => {
            let body = json!({"name": "w", "version": version, "description": word});
            ("POST", "/api/metadata/workflow?overwrite=true".to_owned(), body)
        }
        15..18 => tags(dice, word),
        18 => ("PUT", format!("/api/users/{user}"), json!({"name": word, "roles": roles})),
        19 => {
            let body = json!({"name": word, "roles": roles, "groups": groups});
            ("PUT", format!("/api/users/{user}"), body)
        }
        20 => {
            let body = json!({"description": word, "roles": roles});
            ("PUT", "/api/groups/team".to_owned(), body)
        }
        21 => {
            let method = *dice.pick(&["POST", "DELETE"]);
            (method, format!("/api/groups/team/users/{user}"), none)
        }
        22 => {
            let permissions = dice.some(&["READ_PROMPT", "CREATE_PROMPT"], 2);
            ("PUT", "/api/roles/own".to_owned(), json!({"permissions": permissions}))
        }
        23..26 => grant(dice),
        26 => match dice.below(4) {
            0 => ("PUT", own, json!({"name": word})),
            1 => ("POST", format!("{own}/accessKeys"), none),
            2 => (*dice.pick(&["POST", "DELETE"]), format!("{own}/roles/USER"), none),
            _ => ("PUT", format!("{own}/tags"), json!([{"key": word}])),
        },
        _ => {
            let config = json!({"is_function_calling_enabled": dice.chance(50)});
            ("PATCH", arize.to_owned(), json!({"type": "LLM", "config": config}))
        }
    }
}

fn integration(dice: &mut Dice, word: &str) -> Value {
    json!({
        "type": "openai",
        "category": "AI_MODEL",
        "description": word,
        "enabled": true,
        "configuration": {"api_key": dice.pick(&["sk-1", "sk-2"]), "count": dice.below(2)},
    })
}

fn tags(dice: &mut Dice, word: &str) -> Write {
    let tags = json!([{"key": "team", "value": word}]);
    if dice.chance(20) {
        return ("PUT", "/api/metadata/task/t/tags".to_owned(), tags);
    }
    let path = format!("{}/tags", dice.pick(&TAGGED));
    (if dice.chance(50) { "PUT" } else { "DELETE" }, path, tags)
}

fn grant(dice: &mut Dice) -> Write {
    let (kind, id) = *dice.pick(&[("USER", "joe"), ("GROUP", "team")]);
    if dice.chance(15) {
        return ("DELETE", format!("/api/auth/subjects/{kind}/{id}/grants"), Value::Null);
    }
    let target =
        *dice.pick(&[("INTEGRATION_PROVIDER", "main"), ("PROMPT", "hi"), ("TAG", "team:a")]);
    let body = json!({
        "subject": {"type": kind, "id": id},
        "target": {"type": target.0, "id": target.1},
        "access": dice.some(&["READ", "UPDATE", "EXECUTE"], 3),
    });
    (*dice.pick(&["POST", "POST", "DELETE"]), "/api/auth/authorization".to_owned(), body)
}

/// Everything that a read has shown, and its tags.
#[derive(Default)]
struct Seen {
    shown: HashMap<(String, String), String>,
    tags: HashMap<(String, String), String>,
    last: HashMap<String, String>,
    looks: usize,
    changes: usize,
    returns: usize,
}

impl Seen {
    /// Looks at what is at `path`: what has this tag was always shown so, and, where the tag is of
    /// nothing else, what was shown so always had this tag.
    fn look(&mut self, client: &Client, path: &str, is_all: bool, after: &Write) {
        let answer = client.get(path);
        let tag = answer.header("etag").map(str::to_owned);
        assert_eq!(tag.is_some(), answer.status == 200, "{path}: {}", answer.text);
        let Some(tag) = tag else { return };
        let (key, text) = (path.to_owned(), answer.text);
        self.looks += 1;
        let with_tag = self.shown.entry((key.clone(), tag.clone())).or_insert_with(|| text.clone());
        assert_eq!(*with_tag, text, "{path} has the same tag and shows something else: {after:?}");
        let known = self.tags.get(&(key.clone(), text.clone()));
        let last = self.last.insert(key.clone(), text.clone());
        let has_changed = last.is_some_and(|last| last != text);
        self.changes += usize::from(has_changed);
        self.returns += usize::from(has_changed && known.is_some());
        if is_all && let Some(known) = known {
            assert_eq!(*known, tag, "{path} shows the same and has another tag: {after:?}");
        }
        self.tags.insert((key, text), tag);
    }
}

#[test]
fn l5_a_tag_changes_if_and_only_if_what_is_shown_does() {
    let seeds = seeds("TAG_SEEDS", 1..=2);
    let each: Vec<_> = seeds.map(holds).collect();
    // What is shown changes, and comes to be again what it was.
    let [looks, changes, returns] =
        [0, 1, 2].map(|place| -> usize { each.iter().map(|counts| counts[place]).sum() });
    let writes = WRITES * each.len();
    let told = format!("{writes} writes, {looks} looks, {changes} changes, {returns} returns");
    assert!(looks > 30 * writes && changes > writes && 10 * returns > writes, "{told}");
}

/// Looks at everything after each write. Gives how often something was there, how often it showed
/// something else than before, and how often that was what it had shown once.
fn holds(seed: u64) -> [usize; 3] {
    let server = Server::start();
    let admin = server.admin();
    let mut dice = Dice::new(seed);
    let made = admin.call_with("POST", MAIN, &integration(&mut dice, "a"));
    assert_eq!(made.status, 200, "{}", made.text);
    admin.post("/api/roles", &json!({"name": "own", "permissions": []})).ok();
    admin.put("/api/groups/team", &json!({"description": "a"})).ok();
    let made = admin.post("/api/applications", &json!({"name": "a"})).ok();
    let application = made["id"].as_str().unwrap();
    let listed = admin.get("/v2/integrations").ok();
    let id = listed["integrations"][0]["id"].as_str().unwrap();
    let arize = ["integrations", "ai-integrations"].map(|family| format!("/v2/{family}/{id}"));
    let own = ["", "/accessKeys", "/tags"];
    let own = own.map(|part| format!("/api/applications/{application}{part}"));
    let user = format!("/api/users/app:{application}");
    let mut found = Seen::default();
    for _ in 0..WRITES {
        let after = write(&mut dice, application, &arize[0]);
        let (method, path, body) = &after;
        let body = (!body.is_null()).then(|| body.to_string());
        let answer = admin.send(method, path, &[JSON], body.as_deref());
        assert!(answer.status < 500, "{after:?}: {}", answer.text);
        for path in READS.into_iter().chain(own.iter().chain([&user]).map(String::as_str)) {
            found.look(&admin, path, true, &after);
        }
        // The tag is of all that either family shows, and of what they do not.
        for path in &arize {
            found.look(&admin, path, false, &after);
        }
    }
    [found.looks, found.changes, found.returns]
}
