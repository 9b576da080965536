//! Applying: when nobody can be asked, when others are faster, when the connection is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use super::fake::{Asked, serve};
use super::{Desk, WHOLE, golden};
use crate::key;
use crate::support::{Said, Site};

/// A plan with one change.
fn plan(digest: usize) -> Value {
    let change = json!({"action": "create", "kind": "prompt", "name": "p\u{1b}[2J"});
    json!({"revision": 7, "digest": digest.to_string(), "changes": [change], "unchanged": 0})
}

/// Applies one prompt at a server that signs in, and answers the rest as `answer` does.
fn apply(
    answer: impl FnMut(&Asked) -> Option<(u16, Value)> + Send + 'static,
    line: &str,
) -> (Said, Vec<Asked>) {
    let mut answer = answer;
    let (url, asked) = serve(move |asked| match asked.line.as_str() {
        "POST /api/token" => Some((200, json!({"token": "t"}))),
        _ => answer(asked),
    });
    let site = Site::new();
    let text =
        "integrations:\n- name: a\n  type: openai\n  configuration: {api_key: '${env:KEY}'}\n";
    std::fs::write(site.file("p.yaml"), text).unwrap();
    let words: Vec<_> = line.split(' ').collect();
    let environment = [&key(&url, ["k", "s"])[..], &[("KEY", "CANARY")]].concat();
    let said = site.podium(&words, &environment);
    assert!(!format!("{}{}", said.out, said.err).contains("CANARY"));
    (said, asked.try_iter().skip(1).collect())
}

#[test]
fn nothing_is_applied_where_nobody_can_be_asked() {
    let desk = Desk::new();
    desk.write("conf/whole.yaml", WHOLE);
    desk.write("conf/secrets/team", "CANARY-team");
    for line in ["apply -f conf", "apply -f conf --output json"] {
        golden("unasked.txt", &format!("{}\n", desk.run(line).failed()));
    }
    let dry = desk.run("apply -f conf --dry-run");
    let plan = desk.run("plan -f conf");
    assert_eq!((dry.code, dry.out), (Some(0), plan.out));
    assert_eq!(desk.run("apply -f conf --dry-run --output json").json()["unchanged"], 0);
    assert_eq!(desk.site.records(), Vec::<[String; 5]>::new());
}

#[test]
fn what_is_sent_is_what_was_asked_for() {
    let line = "apply -f p.yaml --yes --prune --force --adopt --allow-plain-secrets";
    let (said, asked) = apply(|_| Some((200, plan(1))), line);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("+ prompt p [2J\n"), "{}", said.out);
    let lines: Vec<_> = asked.iter().map(|asked| asked.line.as_str()).collect();
    assert_eq!(lines, ["POST /api/manifest/plan", "POST /api/manifest/apply"]);
    let body = |at: usize| serde_json::from_str::<Value>(&asked[at].body).unwrap();
    let mut expected = json!({
        "manifest": {"integrations": [
            {"name": "a", "type": "openai", "configuration": {"api_key": "${env:KEY}"}}]},
        "values": {"env:KEY": "CANARY"},
        "prune": true, "force": true, "adopt": true, "allowPlainSecrets": true,
    });
    assert_eq!(body(0), expected);
    expected["plan"] = json!("1");
    assert_eq!(body(1), expected);
    assert_eq!(asked[0].header("x-authorization"), Some("t"));
}

#[test]
fn an_overtaken_plan_is_made_anew_five_times() {
    let plans = Arc::new(AtomicUsize::new(0));
    let overtaken = |after: usize| {
        let plans = Arc::clone(&plans);
        plans.store(0, Ordering::SeqCst);
        move |asked: &Asked| {
            if asked.line.ends_with("plan") {
                return Some((200, plan(plans.fetch_add(1, Ordering::SeqCst) + 1)));
            }
            let is_late = plans.load(Ordering::SeqCst) <= after;
            Some(if is_late { (412, json!({"message": "It moved"})) } else { (200, plan(0)) })
        }
    };
    let (said, asked) = apply(overtaken(4), "apply -f p.yaml --yes");
    assert_eq!(said.code, Some(0));
    assert_eq!(said.err.matches("the registry has changed since this plan").count(), 4);
    let last: Value = serde_json::from_str(&asked.last().unwrap().body).unwrap();
    assert_eq!((asked.len(), &last["plan"]), (10, &json!("5")));

    let (said, asked) = apply(overtaken(5), "apply -f p.yaml --yes");
    assert_eq!((said.code, asked.len()), (Some(1), 10));
    let last = said.err.lines().last().unwrap();
    assert_eq!(
        last,
        "podium: the registry changes faster than it can be planned: 5 plans were overtaken, and \
         nothing was changed"
    );
}

#[test]
fn a_lost_connection_is_tried_again_as_the_same_request() {
    let mut left = 2;
    let (said, asked) = apply(
        move |asked| {
            if asked.line.ends_with("apply") && left > 0 {
                left -= 1;
                return None;
            }
            Some((200, plan(1)))
        },
        "apply -f p.yaml --yes",
    );
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let applied: Vec<_> = asked.iter().filter(|asked| asked.line.ends_with("apply")).collect();
    assert_eq!(applied.len(), 3);
    let key = applied[0].header("idempotency-key").unwrap();
    assert!(key.len() > 20);
    for again in &applied[1..] {
        assert_eq!((again.header("idempotency-key"), &again.body), (Some(key), &applied[0].body));
    }
    let (said, asked) = apply(
        |asked| asked.line.ends_with("plan").then(|| (200, plan(1))),
        "apply -f p.yaml --yes",
    );
    assert!(said.err.contains(" cannot be asked: "), "{}", said.err);
    let unknown = "; it is not known whether the changes were made: run this again\n";
    assert!(said.err.ends_with(unknown), "{}", said.err);
    assert_eq!((said.code, asked.len()), (Some(1), 4));
}
