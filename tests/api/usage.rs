//! Tokens used, limits and counts of events; contract section 5.6.

use serde_json::{Value, json};

use crate::support::{Client, Server, model, openai};

const MAIN: &str = "/api/integrations/provider/main";
const LIMIT: &str = "/api/integrations/llm/main/token";
const DAY: i64 = 86_400_000;

/// An integration with two resources.
fn with_models(server: &Server) -> Client {
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    for name in ["a", "meta-llama%2FLlama:3"] {
        admin.post(&format!("{MAIN}/integration/{name}"), &model()).done();
    }
    admin
}

fn metrics(resource: &str) -> String {
    format!("{MAIN}/integration/{resource}/metrics")
}

#[test]
fn registered_tokens_add_up_by_resource() {
    let server = &Server::start();
    let admin = with_models(server);
    assert_eq!(admin.get(&metrics("a")).ok(), 0);
    for tokens in [100, 20, 3, 0] {
        admin.post(&metrics("a"), &json!(tokens)).done();
    }
    admin.post(&metrics("meta-llama/Llama:3"), &json!(7)).done();
    assert_eq!(admin.get(&metrics("a")).ok(), json!(123));
    assert_eq!(admin.get(&metrics("meta-llama%2FLlama:3")).ok(), json!(7));
}

#[test]
fn the_tokens_of_an_integration_are_text() {
    let server = &Server::start();
    let admin = with_models(server);
    let all = format!("{MAIN}/metrics");
    let values =
        |found: Value| -> Vec<Value> { found.as_object().unwrap().values().cloned().collect() };
    assert!(values(admin.get(&all).ok()).iter().all(|value| value == "0"));
    admin.post(&metrics("a"), &json!(123)).done();
    admin.post(&metrics("meta-llama/Llama:3"), &json!(7)).done();
    let expected = json!({"a": "123", "meta-llama/Llama:3": "7"});
    assert_eq!(admin.get(&all).ok(), expected);
    assert_eq!(admin.get(&format!("{all}/")).ok(), expected);
}

#[test]
fn what_is_no_count_of_tokens_is_refused() {
    let server = &Server::start();
    let admin = with_models(server);
    server.unchanged(|| {
        let most = i64::MAX;
        for body in
            [json!(-1), json!(1.5), json!("5"), json!(null), json!({}), json!([1]), json!(most)]
        {
            admin.post(&metrics("a"), &body).refused(400, "`body`");
        }
    });
}

#[test]
fn the_history_tells_the_tokens_of_each_day() {
    let server = &Server::start();
    let admin = with_models(server);
    let history = |query: &str| admin.get(&format!("{LIMIT}/history{query}")).ok();
    assert_eq!(history(""), json!([]));
    admin.post(&metrics("a"), &json!(123)).done();
    admin.post(&metrics("meta-llama/Llama:3"), &json!(7)).done();
    let found = history("");
    let start = found[0]["periodStart"].as_i64().unwrap();
    assert_eq!(start % DAY, 0);
    let used = |name: &str, tokens: i64| {
        json!({
            "api": name, "integrationName": "main", "periodStart": start,
            "promptTokens": 0, "completionTokens": 0, "totalTokens": tokens,
        })
    };
    // A midnight between the two calls would put them on two days.
    if found[1]["periodStart"] == start {
        assert_eq!(found, json!([used("a", 123), used("meta-llama/Llama:3", 7)]));
    }
    assert_eq!(found.as_array().unwrap().len(), 2);
    for (query, count) in [
        ("?model=*", 2),
        ("?model=a", 1),
        ("?model=meta-llama/Llama:3", 1),
        ("?model=meta-llama%2FLlama%3A3&lookUpWindow=31", 1),
        ("?model=none", 0),
        ("?lookUpWindow=2", 2),
        ("?lookUpWindow=2147483647", 2),
    ] {
        assert_eq!(history(query).as_array().unwrap().len(), count, "{query}");
    }
    for query in ["?lookUpWindow=x", "?lookUpWindow=2147483648", "?lookUpWindow=1.5"] {
        let path = format!("{LIMIT}/history{query}");
        admin.get(&path).refused(400, "`lookUpWindow`");
    }
}

#[test]
fn a_token_limit_is_set_and_read() {
    let server = &Server::start();
    let (admin, ada) = (server.admin(), server.client("ada", &["USER"]));
    ada.post(MAIN, &openai("sk-1")).ok();
    server.unchanged(|| ada.get(LIMIT).refused(404, "No such token limit"));
    let sent = json!({"maxTokens": 1000, "tokenLimitPeriod": "DAY", "api": "gpt",
                      "integrationName": "main"});
    ada.post(LIMIT, &sent).done();
    let read = ada.get(LIMIT).ok();
    for (field, expected) in [
        ("integrationName", json!("main")),
        ("api", json!("gpt")),
        ("maxTokens", json!(1000)),
        ("tokenLimitPeriod", json!("DAY")),
        ("createdBy", json!(ada.subject)),
        ("updatedBy", json!(ada.subject)),
        ("createTime", read["updateTime"].clone()),
    ] {
        assert_eq!(read[field], expected, "{field}");
    }
    assert!(read["createTime"].is_i64());

    admin.post(LIMIT, &json!({"maxTokens": 0, "tokenLimitPeriod": "MONTH"})).done();
    let replaced = admin.get(LIMIT).ok();
    assert_eq!(
        (&replaced["maxTokens"], &replaced["tokenLimitPeriod"]),
        (&json!(0), &json!("MONTH"))
    );
    assert!(replaced["api"].is_null(), "{replaced}");
    assert_eq!(
        (&replaced["createdBy"], &replaced["updatedBy"]),
        (&json!(ada.subject), &json!(admin.subject))
    );
    assert_eq!(replaced["createTime"], read["createTime"]);
}

#[test]
fn a_bad_token_limit_is_refused_with_its_field() {
    let server = &Server::start();
    let admin = with_models(server);
    server.unchanged(|| {
        for (body, field) in [
            (json!({"maxTokens": -1, "tokenLimitPeriod": "DAY"}), "maxTokens"),
            (json!({"maxTokens": "5", "tokenLimitPeriod": "DAY"}), "maxTokens"),
            (json!({"maxTokens": 5, "tokenLimitPeriod": "WEEK"}), "tokenLimitPeriod"),
            (json!({"maxTokens": 5, "tokenLimitPeriod": "DAY", "api": 1}), "api"),
        ] {
            let error = admin.post(LIMIT, &body).refused(400, field);
            assert_eq!(error["validationErrors"][0]["path"], field, "{body}");
        }
    });
}

fn event(name: &str) -> Value {
    json!({"createdAt": 1_780_923_107_007_i64, "event": name, "eventType": "SEND",
           "handlerName": "h", "id": "1", "taskId": "t", "workerId": "w"})
}

#[test]
fn events_are_counted_wherever_the_type_stands() {
    let server = &Server::start();
    let admin = server.admin();
    let stats = "/api/integrations/eventStats";
    admin.post(&format!("{stats}/kafka"), &json!([event("e"), event("e"), event("f")])).done();
    admin.post(&format!("{stats}?type=kafka"), &json!([event("e")])).done();
    admin.post(&format!("{stats}/?type=kafka"), &json!([event("e")])).done();
    admin.post(&format!("{stats}/kafka?type=kafka"), &json!([event("e")])).done();
    let mut receive = event("e");
    receive["eventType"] = json!("RECEIVE");
    admin.post(&format!("{stats}/kafka"), &json!([receive])).done();
    let sql = "SELECT kind, event, direction, handler, day, total FROM event_count
               ORDER BY event, direction";
    let day = (1_780_923_107_007_i64 / DAY * DAY).to_string();
    let row = |event: &str, direction: &str, total: &str| {
        ["kafka", event, direction, "h", &day, total].map(str::to_owned).to_vec()
    };
    let expected = [row("e", "RECEIVE", "1"), row("e", "SEND", "5"), row("f", "SEND", "1")];
    assert_eq!(server.database.rows(sql), expected);
}

#[test]
fn bad_events_are_refused_and_none_is_counted() {
    let server = &Server::start();
    let admin = server.admin();
    let stats = "/api/integrations/eventStats";
    let with = |field: &str, value: Value| {
        let mut event = event("e");
        event[field] = value;
        json!([self::event("e"), event])
    };
    server.unchanged(|| {
        for (body, words) in [
            (with("eventType", json!("LOST")), "[1].eventType"),
            (with("createdAt", json!("now")), "[1].createdAt"),
            (with("createdAt", json!(1.5)), "[1].createdAt"),
            (with("event", json!(5)), "[1].event"),
            (json!({}), "body"),
            (json!(["x"]), "[0]"),
        ] {
            admin.post(&format!("{stats}/kafka"), &body).refused(400, words);
        }
        admin.post(stats, &json!([event("e")])).refused(400, "`type`");
    });
}

#[test]
fn an_event_at_the_end_of_time_is_no_fault_of_the_server() {
    let server = &Server::start();
    let admin = server.admin();
    for at in [i64::MIN, i64::MAX] {
        let mut event = event("e");
        event["createdAt"] = json!(at);
        let answer = admin.post("/api/integrations/eventStats/kafka", &json!([event]));
        assert!(matches!(answer.status, 200 | 400), "{at}: {}", answer.text);
    }
}

/// The specification declares the path's variable as a query parameter, so that a client made
/// from it leaves the braces in the path (quirk Q15, as Java's in Q4).
#[test]
fn the_type_of_events_stands_in_the_query_where_the_path_has_braces() {
    let server = &Server::start();
    let admin = server.admin();
    let path = "/api/integrations/eventStats/%7Btype%7D?type=kafka";
    admin.post(path, &json!([event("e")])).done();
    assert_eq!(server.database.column("SELECT kind FROM event_count"), ["kafka"]);
}
