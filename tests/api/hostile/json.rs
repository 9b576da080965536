//! JSON that is large, deep or says two things at once.

use super::{Operation, World};
use crate::documented::DOCUMENT;

const JSON: &str = "Content-Type: application/json";

/// Refused by every operation with JSON, with one of these statuses and words in the message.
#[track_caller]
fn refused_everywhere(world: &World, body: &str, statuses: &[u16], words: &str) {
    world.unharmed(|| {
        for operation in world.of_json() {
            let (status, text) = operation.send(&world.admin, &[JSON], body.as_bytes());
            let Operation { method, path, .. } = operation;
            let start = &body[..body.len().min(60)];
            assert!(statuses.contains(&status), "{method} {path} {start}: {status} {text}");
            assert!(text.contains(words), "{method} {path} {start}: {text}");
            assert!(text.len() < 300_000, "{method} {path} {start}: {} bytes", text.len());
        }
    });
}

#[test]
fn d7_json_nested_too_deep_is_refused_on_every_endpoint() {
    let world = &World::new();
    for depth in [65, 127, 128, 129, 10_000, 1_000_000] {
        let open = "[".repeat(depth);
        refused_everywhere(world, &open, &[400], "nested more than 64 deep");
        if depth < 1_000 {
            let whole = open + &"]".repeat(depth);
            refused_everywhere(world, &whole, &[400], "nested more than 64 deep");
            let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
            refused_everywhere(world, &objects, &[400], "nested more than 64 deep");
        }
    }
}

#[test]
fn d7_json_of_a_million_parts_is_refused_on_every_endpoint() {
    let world = &World::new();
    let items = format!("[{}0]", "0,".repeat(999_999));
    let keys: Vec<_> = (0..1_000_000).map(|number| format!("\"{number}\":0")).collect();
    let keys = format!("{{{}}}", keys.join(","));
    let text = format!("{{\"description\":\"{}\"}}", "x".repeat(10 << 20));
    for body in [items, keys, text] {
        refused_everywhere(world, &body, &[400, 413, 422], "");
    }
}

#[test]
fn d7_json_of_just_under_the_limit_is_refused_on_every_endpoint() {
    let world = &World::new();
    let items = format!("[{}0]", "0,".repeat(500_000));
    let text = format!("\"{}\"", "x".repeat(1_000_000));
    for body in [items, text] {
        refused_everywhere(world, &body, &[400, 422], "");
    }
}

/// Lists of the fields of an object in their order, which serde would take.
#[test]
fn d7_a_list_is_no_object_on_any_endpoint() {
    let world = &World::new();
    let text = "\"main\",".repeat(20);
    for list in [
        format!("[{}]", text.trim_end_matches(',')),
        r#"["admin-key","admin-secret-0123456789",null]"#.to_owned(),
        r#"[["a","b",null]]"#.to_owned(),
        r#"["openai","AI_MODEL","d",true,{}]"#.to_owned(),
        r#"["d",true,{},1,"DAY"]"#.to_owned(),
        "[1000,\"DAY\",null]".to_owned(),
        "[null,null,null,null,null,null,null,null]".to_owned(),
    ] {
        world.unharmed(|| {
            for operation in world.of_json() {
                let Operation { method, path, told, .. } = operation;
                let schema = &told["requestBody"]["content"]["application/json"]["schema"];
                let schema = DOCUMENT.resolved(schema);
                let is_texts = schema["items"]["type"] == "string";
                if is_texts && !list.contains('{') && !list.contains("[[") {
                    continue;
                }
                let (status, text) = operation.send(&world.admin, &[JSON], list.as_bytes());
                assert!([400, 422].contains(&status), "{method} {path} {list}: {status} {text}");
            }
        });
    }
}

#[test]
fn d8_a_key_that_stands_twice_is_refused_on_every_endpoint() {
    let world = &World::new();
    for body in [
        r#"{"enabled":true,"enabled":false}"#,
        r#"{"enabled":true,"en\u0061bled":false}"#,
        r#"{"\u0065nabled":true,"en\u0061bled":true}"#,
        r#"{"configuration":{"api_key":"a","api\u005fkey":"b"}}"#,
        r#"{"config":{"headers":{"A":"b","A":"c"}}}"#,
        r#"[{"key":"a","value":"b","k\u0065y":"c"}]"#,
        r#"[{"tags":[{"key":"a","key":"a"}]}]"#,
        r#"{"keyId":"a","keySecret":"b","key\u0049d":"c"}"#,
        r#"{"unknown":[[{"":1,"":2}]]}"#,
        "{\"\\ud83d\\ude00\":1,\"\u{1f600}\":2}",
    ] {
        refused_everywhere(world, body, &[400], "twice");
    }
}
