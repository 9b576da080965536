//! Which routes give entity tags, and which take them: every one that the table of routes has.

use std::collections::BTreeSet;

use podium::domain::access::Rule;
use serde_json::{Value, json};

use super::requests::{World, has_tag, makings};
use super::{MAIN, assert_unmet, etag, if_match, send};
use crate::documented::DOCUMENT;
use crate::support::{Server, openai};

/// Reads that show no one thing that clients write: lists, what is computed, and what is counted.
const WITHOUT: &[&str] = &[
    "/api-docs",
    "/api/applications",
    "/api/audit",
    "/api/audit/verify",
    "/api/groups",
    "/api/health",
    "/api/integrations",
    "/api/integrations/all",
    "/api/integrations/def",
    "/api/integrations/llm/{name}/token/history",
    "/api/integrations/provider",
    "/api/integrations/provider/{name}/integration",
    "/api/integrations/provider/{name}/integration/all",
    "/api/integrations/provider/{name}/integration/{api}/metrics",
    "/api/integrations/provider/{name}/integration/{api}/prompt",
    "/api/integrations/provider/{name}/metrics",
    "/api/integrations/{name}/def/api/{method}",
    "/api/integrations/{name}/def/apis",
    "/api/limits",
    "/api/manifest",
    "/api/metadata/tags",
    "/api/metadata/tags/grouped",
    "/api/metadata/tags/resources",
    "/api/metadata/taskdefs",
    "/api/prompts",
    "/api/prompts/{name}/versions",
    "/api/roles",
    "/api/roles/custom",
    "/api/roles/permissions",
    "/api/roles/system",
    "/api/seal",
    "/api/token/userInfo",
    "/api/users",
    "/api/users/{id}/checkPermissions",
    "/api/version",
    "/context.js",
    "/health",
    "/health/ready",
    "/openapi.json",
    "/swagger-ui",
    "/swagger-ui/{file}",
    "/v2/ai-integrations",
    "/v2/integrations",
    "/v2/organizations",
    "/v2/spaces",
];

/// Writes that change no one thing which a GET shows: what saves many, makes something new of no
/// name, counts, or only reads.
const UNCONDITIONAL: &[(&str, &str)] = &[
    ("DELETE", "/v2/organizations/{organization_id}"),
    ("DELETE", "/v2/spaces/{space_id}"),
    ("POST", "/api/applications"),
    ("POST", "/api/audit/fingerprint"),
    ("POST", "/api/integrations"),
    ("POST", "/api/integrations/def/register"),
    ("POST", "/api/integrations/eventStats"),
    ("POST", "/api/integrations/eventStats/{type}"),
    ("POST", "/api/integrations/provider/{name}/integration/{api}/metrics"),
    ("POST", "/api/integrations/provider/{name}/integration/{api}/resolve"),
    ("POST", "/api/integrations/provider/{name}/resolve"),
    ("POST", "/api/manifest/apply"),
    ("POST", "/api/manifest/plan"),
    ("POST", "/api/prompts"),
    ("POST", "/api/prompts/test"),
    ("POST", "/api/prompts/{name}/render"),
    ("POST", "/api/seal/rotate"),
    ("POST", "/api/users/{id}/sendInviteEmail"),
    ("POST", "/v2/ai-integrations"),
    ("POST", "/v2/integrations"),
    ("POST", "/v2/organizations"),
    ("POST", "/v2/spaces"),
];

fn takes_tags(operation: &Value) -> bool {
    let takes =
        |name| operation["parameters"].as_array().unwrap().iter().any(|one| one["name"] == name);
    assert_eq!(takes("If-Match"), takes("If-None-Match"));
    assert!(!takes("If-Match") || !operation["responses"]["412"].is_null());
    takes("If-Match")
}

/// The routes of the document that have tags, or take them, and those that do not.
fn routes(reads: bool, is_one: fn(&Value) -> bool) -> [BTreeSet<(&'static str, String)>; 2] {
    let open = |(_, _, rule): &(_, _, Rule)| reads || *rule != Rule::Open;
    let all = podium::http::rules().into_iter().filter(open);
    let all = all.filter(|(method, ..)| (*method == "GET") == reads);
    let operation =
        |method: &str, path: &str| &DOCUMENT.whole["paths"][path][method.to_ascii_lowercase()];
    let all = all.map(|(method, path, _)| (method, path));
    let (with, without) = all.partition(|(method, path)| is_one(operation(method, path)));
    [with, without]
}

#[test]
fn every_read_of_one_thing_has_a_tag_that_is_the_same_for_everyone() {
    let server = &Server::start();
    let admin = server.admin();
    let reads = World::new(&admin).reads();
    let [with, without] = routes(true, has_tag);
    let known: BTreeSet<_> =
        reads.iter().map(|path| ("GET", DOCUMENT.route(path).unwrap())).collect();
    assert_eq!(with, known, "each read of one thing has an example here");
    let known: BTreeSet<_> = WITHOUT.iter().map(|route| ("GET", (*route).to_owned())).collect();
    assert_eq!(without, known, "no other read is without a tag");
    let others = [server.client("ada", &["ADMIN"]), server.client("rob", &["USER_READ_ONLY"])];
    let mut compared = 0;
    for path in &reads {
        let tag = etag(&admin, path);
        for other in &others {
            let answer = other.get(path);
            if answer.status == 200 {
                assert_eq!(answer.header("etag"), Some(&*tag), "{path}");
                compared += 1;
            }
        }
        assert_eq!(etag(&admin, path), tag, "{path}");
    }
    assert!(compared > reads.len() + 15, "{compared}");
    let by_subject = "/api/auth/authorization/INTEGRATION_PROVIDER/main?groupBy=subject";
    assert_eq!(etag(&admin, by_subject), etag(&admin, by_subject.split('?').next().unwrap()));
    assert_eq!(
        etag(&admin, "/api/prompts/hi?label=live"),
        etag(&admin, "/api/prompts/hi?version=1")
    );
    assert_ne!(etag(&admin, "/api/prompts/hi"), etag(&admin, "/api/prompts/hi?version=1"));
}

#[test]
fn every_write_of_one_thing_is_made_only_while_the_tag_holds() {
    let server = &Server::start();
    let admin = server.admin();
    let writes = World::new(&admin).writes();
    let [with, without] = routes(false, takes_tags);
    let known: BTreeSet<_> =
        writes.iter().map(|one| (one.method, DOCUMENT.route(&one.path).unwrap())).collect();
    assert_eq!(with, known, "each write of one thing has an example here");
    let known: BTreeSet<_> =
        UNCONDITIONAL.iter().map(|(method, route)| (*method, (*route).to_owned())).collect();
    assert_eq!(without, known, "no other write takes no tag");
    let nobody = server.client("nobody", &[]);
    for write in &writes {
        let here = format!("{} {} of {}", write.method, write.path, write.read);
        let mut status = 0;
        server.without_change(|| status = write.send(&nobody, ("If-Match", "\"nothing\"")).status);
        assert_eq!(status, if write.path.starts_with("/v2/") { 404 } else { 403 }, "{here}");
        let tag = etag(&admin, &write.read);
        for (header, words) in [
            (("If-Match", "\"nothing\""), "`If-Match`: it has changed"),
            (("If-None-Match", "*"), "`If-None-Match`: it is there already"),
        ] {
            let answer = server.unchanging(|| write.send(&admin, header));
            assert_eq!(answer.status, 412, "{here}: {}", answer.text);
            assert_eq!(answer.header("etag"), Some(&*tag), "{here}");
            let words = format!("{words}; its entity tag is now {tag}");
            assert_unmet(&write.path, &words, answer);
        }
        assert_eq!(etag(&admin, &write.read), tag, "{here}");
        let answer = write.send(&admin, ("If-Match", &tag));
        assert_eq!(answer.status, write.status, "{here}: {}", answer.text);
    }
}

#[test]
fn a_precondition_is_refused_where_no_read_gives_a_tag() {
    let server = &Server::start();
    let admin = server.admin();
    let before = server.database.state();
    for (method, route) in UNCONDITIONAL {
        let path = route.replace(['{', '}'], "");
        for header in ["If-Match", "If-None-Match"] {
            let answer = send(&admin, method, &path, (header, "*"), &json!({}));
            let words = format!("`{header}` has no place here");
            assert_eq!(answer.status, 400, "{method} {route}: {}", answer.text);
            assert!(answer.text.contains(&words), "{method} {route}: {}", answer.text);
        }
    }
    assert_eq!(server.database.state(), before);
}

#[test]
fn what_can_be_made_is_made_once_or_replaced_as_the_request_says() {
    let server = &Server::start();
    let admin = server.admin();
    World::new(&admin);
    for write in makings() {
        let here = format!("{} {}", write.method, write.path);
        for tag in ["*", "\"nothing\""] {
            let answer = server.unchanging(|| write.send(&admin, ("If-Match", tag)));
            assert_eq!(answer.header("etag"), None, "{here}");
            assert_unmet(&write.path, "`If-Match`: it is not there", answer);
        }
        assert_eq!(write.send(&admin, ("If-None-Match", "*")).status, 200, "{here}");
        let answer = server.unchanging(|| write.send(&admin, ("If-None-Match", "*")));
        assert_eq!(answer.header("etag"), Some(&*etag(&admin, &write.read)), "{here}");
        assert_unmet(&write.path, "`If-None-Match`: it is there already", answer);
        assert_eq!(write.send(&admin, ("If-Match", "*")).status, write.status, "{here}");
    }
    // A version of its own comes after the latest, which must not have changed.
    let next = "/api/prompts/hi?description=d&autoIncrement=true";
    let tag = etag(&admin, "/api/prompts/hi");
    if_match(&admin, "POST", next, &tag, &json!("b")).done();
    assert_unmet(
        next,
        "`If-Match`: it has changed",
        if_match(&admin, "POST", next, &tag, &json!("c")),
    );
    assert_eq!(admin.get("/api/prompts/hi").ok()["version"], 3);
}

#[test]
fn who_may_write_and_not_read_is_not_told_the_tag() {
    let server = &Server::start();
    let admin = server.admin();
    World::new(&admin);
    let body = openai("sk-9");
    for (accesses, is_told) in [(&["UPDATE"][..], false), (&["UPDATE", "READ"], true)] {
        let target = ("INTEGRATION_PROVIDER", "main");
        let writer = server.granted("writer", target, accesses);
        let answer = server.unchanging(|| if_match(&writer, "POST", MAIN, "\"nothing\"", &body));
        assert_eq!(answer.header("etag").is_some(), is_told, "{accesses:?}");
        assert_eq!(answer.text.contains("entity tag is now"), is_told, "{accesses:?}");
        assert_unmet(MAIN, "`If-Match`: it has changed", answer);
    }
}
