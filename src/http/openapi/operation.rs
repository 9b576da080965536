//! One route of the document.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde_json::{Map, Value, json};

use super::{Schemas, errors, parameters};
use crate::domain::access::Rule;
use crate::http::answer::{Content, Header};
use crate::http::dialect::{Dialect, Route};

/// A route, while what its types say of it is gathered.
pub struct Operation<'s> {
    schemas: &'s mut Schemas,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Map<String, Value>,
    fails: BTreeSet<u16>,
}

impl Operation<'_> {
    /// It takes the members of `T` in its query.
    pub fn takes_query<T: JsonSchema>(&mut self) {
        let mut schema = self.schemas.query::<T>();
        let required = schema["required"].take();
        let Value::Object(properties) = schema["properties"].take() else { return };
        for (name, mut schema) in properties {
            let is_required = required.as_array().is_some_and(|all| all.contains(&json!(name)));
            let description = without_null(&mut schema);
            self.takes("query", &name, &description, is_required, schema);
        }
        self.fails(&[400]);
    }

    /// It takes a parameter that is a text, a number or a list of them.
    pub fn takes(&mut self, place: &str, name: &str, about: &str, required: bool, schema: Value) {
        self.parameters.push(json!({
            "name": name, "in": place, "description": about, "required": required,
            "schema": schema,
        }));
    }

    /// It takes a body of JSON.
    pub fn takes_json<T: JsonSchema>(&mut self, required: bool) {
        let schema = self.schemas.sent::<T>();
        self.takes_body("application/json", &schema, required);
        self.fails(&[415]);
    }

    /// It takes a body of this media type.
    pub fn takes_body(&mut self, kind: &str, schema: &Value, required: bool) {
        self.body = Some(json!({
            "description": "How large it may be, `GET /api/limits` says.",
            "required": required,
            "content": {kind: {"schema": schema}},
        }));
        self.fails(&[400, 408, 413]);
    }

    /// It answers with a `T`.
    pub fn answers<T: Content>(&mut self, status: u16) {
        let mut answer = json!({"description": about(status), "headers": headers()});
        for (kind, schema) in T::content(self.schemas) {
            answer["content"][kind] = json!({"schema": schema});
        }
        for Header { name, about, example, required } in T::headers() {
            let schema = json!({"type": "string", "examples": [example]});
            answer["headers"][name] =
                json!({"description": about, "required": required, "schema": schema});
        }
        self.answers.insert(status.to_string(), answer);
    }

    /// It can fail with these statuses.
    pub fn fails(&mut self, statuses: &[u16]) {
        self.fails.extend(statuses);
    }
}

/// The headers of every answer.
pub fn headers() -> Value {
    json!({"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}})
}

/// What a good answer means.
fn about(status: u16) -> &'static str {
    match status {
        201 => "It was made.",
        204 => "It was done; there is no body.",
        503 => "Not all is well.",
        _ => "All went well.",
    }
}

/// A parameter that is left out is not sent: it is never `null`. Gives the description.
fn without_null(schema: &mut Value) -> String {
    let Value::Object(members) = schema else { return String::new() };
    if let Some(Value::Array(kinds)) = members.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [kind] = kinds.as_slice() {
            let kind = kind.clone();
            members.insert("type".to_owned(), kind);
        }
    }
    if members.get("default").is_some_and(Value::is_null) {
        members.remove("default");
    }
    match members.shift_remove("description") {
        Some(Value::String(description)) => description,
        _ => String::new(),
    }
}

/// What the document says of a route.
pub fn told(dialect: &Dialect, route: &Route, schemas: &mut Schemas) -> Value {
    let mut operation = Operation {
        schemas,
        parameters: vec![],
        body: None,
        answers: Map::new(),
        fails: route.fails.iter().copied().collect(),
    };
    parameters::add(&mut operation, route);
    (route.takes)(&mut operation);
    if route.rule != Rule::Open {
        operation.fails(&errors::of_rule(dialect, route));
    }
    (route.tells)(&mut operation);
    let Operation { parameters, body, mut answers, fails, .. } = operation;
    for status in fails {
        let response = format!("#/components/responses/{}{status}", dialect.name);
        answers.entry(status.to_string()).or_insert_with(|| json!({"$ref": response}));
    }
    let security = match route.rule {
        Rule::Open => json!([]),
        _ => json!([{"token": []}, {"bearer": []}]),
    };
    let mut found = json!({
        "operationId": id(route),
        "tags": [tag(dialect, &route.path)],
        "summary": route.summary,
        "description": format!("Needs {}.", route.rule),
        "security": security,
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(body) = body {
        found["requestBody"] = body;
    }
    found
}

/// A name for clients that are made from the document, as in `getApiUsersId`.
fn id(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric());
    words.fold(route.method.to_ascii_lowercase(), |mut id, word| {
        let (first, rest) = word.split_at(word.len().min(1));
        id.extend([&first.to_ascii_uppercase(), rest]);
        id
    })
}

/// The group that a route is shown in: its dialect, and its first segment there.
fn tag(dialect: &Dialect, path: &str) -> String {
    let inside = path.strip_prefix(dialect.base).and_then(|rest| rest.strip_prefix('/'));
    let group = match inside.and_then(|inside| inside.split('/').next()) {
        None | Some("health" | "limits" | "version") => "server",
        Some(first) => first,
    };
    format!("{}: {group}", dialect.name)
}
