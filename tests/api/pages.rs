//! Parts of lists: `limit` and `cursor` in the query, `Link` in the answer.

use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::support::{Client, PROVIDER, Response, Server, model, openai};

const RESOURCES: &str = "/api/integrations/provider/p3/integration";

/// The lists that can be asked for in parts, each with a filter, or none.
const LISTS: [(&str, &str); 9] = [
    (PROVIDER, "activeOnly=false"),
    (PROVIDER, "category=AI_MODEL"),
    ("/api/integrations", "type=openai&activeOnly=false"),
    (RESOURCES, "activeOnly=false"),
    (RESOURCES, ""),
    ("/api/prompts", ""),
    ("/api/users", "apps=true"),
    ("/api/groups", ""),
    ("/api/applications", ""),
];

/// Seven things of each list, some of which a filter or the eyes of somebody leave out.
fn filled(server: &Server) -> Client {
    let admin = server.admin();
    admin.post(&format!("{PROVIDER}/p3"), &openai("sk-1")).ok();
    for number in 0..7 {
        let mut integration = openai("sk-1");
        integration["enabled"] = json!(number % 3 != 1);
        admin.post(&format!("{PROVIDER}/p{number}"), &integration).ok();
        let tag = json!([{"key": "number", "value": number.to_string()}]);
        admin.put(&format!("{PROVIDER}/p{number}/tags"), &tag).done();
        let mut resource = model();
        resource["enabled"] = json!(number % 3 != 1);
        admin.post(&format!("{PROVIDER}/p3/integration/m{number}"), &resource).done();
        admin.put(&format!("{PROVIDER}/p3/integration/m{number}/tags"), &tag).done();
        for version in 1..3 {
            let path = format!("/api/prompts/q{number}?description=d&version={version}");
            admin.post(&path, &json!("say it")).done();
        }
        let user = json!({"name": "somebody", "roles": ["USER"]});
        admin.put(&format!("/api/users/u{number}@example.org"), &user).ok();
        let group = json!({"description": "some", "roles": ["USER"]});
        admin.put(&format!("/api/groups/g{number}"), &group).ok();
        admin.post("/api/applications", &json!({"name": format!("a{number}")})).ok();
    }
    admin
}

/// Somebody who sees two integrations, three resources, and nobody.
fn reader(server: &Server) -> Client {
    let client = server.granted("reader", ("INTEGRATION_PROVIDER", "p2"), &["READ"]);
    for (kind, id) in [
        ("INTEGRATION_PROVIDER", "p5"),
        ("INTEGRATION", "p3:m0"),
        ("INTEGRATION", "p3:m4"),
        ("INTEGRATION", "p3:m6"),
        ("PROMPT", "q6"),
    ] {
        server.grant(("USER", &client.subject), (kind, id), &["READ"]);
    }
    client
}

/// The query of the part after this one.
fn next(answer: &Response) -> Option<String> {
    let link = answer.header("link")?;
    let query = link.strip_prefix("<?").and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
    Some(query.unwrap_or_else(|| panic!("{link}")).to_owned())
}

/// The cursor of the part after the first `limit` things of a list.
fn cursor(client: &Client, list: &str, filter: &str, limit: usize) -> String {
    let answer = client.get(&format!("{list}?{filter}&limit={limit}"));
    let query = next(&answer).unwrap();
    query.split('&').find_map(|pair| pair.strip_prefix("cursor=")).unwrap().to_owned()
}

#[test]
fn the_parts_of_a_list_join_up_to_the_whole() {
    let server = &Server::start();
    let (admin, reader) = (filled(server), reader(server));
    let mut seen = 0;
    for client in [&admin, &reader] {
        for (list, filter) in LISTS {
            let whole = client.get(&format!("{list}?{filter}"));
            assert_eq!(whole.header("link"), None, "{list}");
            let whole = whole.ok();
            let count = whole.as_array().unwrap().len();
            seen += count;
            for limit in [1, 2, 3, 7, 1000] {
                let (mut found, mut query) = (vec![], format!("{filter}&limit={limit}"));
                loop {
                    let part = client.get(&format!("{list}?{query}"));
                    let following = next(&part);
                    let Value::Array(items) = part.ok() else { panic!("no list") };
                    assert!(items.len() == limit || following.is_none(), "{list} {limit}");
                    found.extend(items);
                    let Some(following) = following else { break };
                    query = following;
                }
                assert_eq!(Value::Array(found), whole, "{list}?{filter} by {limit}");
            }
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn the_last_part_of_a_list_says_that_nothing_follows() {
    let server = &Server::start();
    let admin = filled(server);
    for limit in [7, 8] {
        let path = format!("{RESOURCES}?activeOnly=false&limit={limit}");
        assert_eq!(next(&admin.get(&path)), None);
    }
}

#[test]
fn a_cursor_outlives_what_it_was_issued_at() {
    let server = &Server::start();
    let admin = filled(server);
    let after = cursor(&admin, RESOURCES, "activeOnly=false", 3);
    admin.delete(&format!("{RESOURCES}/m2")).done();
    admin.post(&format!("{RESOURCES}/a"), &model()).done();
    admin.post(&format!("{RESOURCES}/m2a"), &model()).done();
    let found = admin.get(&format!("{RESOURCES}?activeOnly=false&cursor={after}")).ok();
    let names: Vec<_> = found.as_array().unwrap().iter().map(|one| &one["api"]).collect();
    assert_eq!(names, ["m2a", "m3", "m4", "m5", "m6"]);
}

#[test]
fn d15_limits_and_cursors_that_fit_nothing_are_refused() {
    let server = &Server::start();
    let (admin, reader) = (filled(server), reader(server));
    let mut refused = 0;
    let mut refuse = |client: &Client, path: &str, field: &str| {
        client.get(path).refused(400, &format!("`{field}`"));
        refused += 1;
    };
    for (list, filter) in LISTS {
        for limit in
            ["-1", "0", "1001", "1000000000", "99999999999999999999", "", "x", "1.0", "%2B1x"]
        {
            refuse(&admin, &format!("{list}?{filter}&limit={limit}"), "limit");
        }
        let good = cursor(&admin, list, filter, 2);
        let bytes = BASE64URL_NOPAD.decode(good.as_bytes()).unwrap();
        let mut forged: Vec<_> = (0..bytes.len().min(8)).map(|end| bytes[..end].to_vec()).collect();
        for place in 0..8 {
            let mut other = bytes.clone();
            other[place] ^= 1;
            forged.push(other);
        }
        // With the mark of the list, but nothing that could be the end of a name.
        forged.push([&bytes[..8], b"a\0b"].concat());
        forged.push([&bytes[..8], &[0xff, 0xfe]].concat());
        for forged in forged {
            let forged = BASE64URL_NOPAD.encode(&forged);
            refuse(&admin, &format!("{list}?{filter}&cursor={forged}"), "cursor");
        }
        for text in ["", "x", "%00", "null", &good[1..], &format!("{good}=")] {
            refuse(&admin, &format!("{list}?{filter}&cursor={text}"), "cursor");
        }
        // Of the same list, but for somebody else, or with another filter.
        refuse(&reader, &format!("{list}?{filter}&cursor={good}"), "cursor");
        refuse(&admin, &format!("{list}?{filter}&other=1&cursor={good}"), "cursor");
        refuse(&admin, &format!("/api/prompts?of=1&cursor={good}"), "cursor");
        // Made by hand, it is a place in what the caller sees, and no more.
        let forged = BASE64URL_NOPAD.encode(&[&bytes[..8], b"\x01"].concat());
        let whole = admin.get(&format!("{list}?{filter}")).ok();
        assert_eq!(admin.get(&format!("{list}?{filter}&cursor={forged}")).ok(), whole);
        refuse(&admin, &format!("{list}?{filter}&limit=1&limit=2"), "limit");
    }
    for list in ["/v2/integrations", "/v2/spaces", "/v2/organizations"] {
        let page = admin.get(&format!("{list}?limit=1"));
        let Some(cursor) = page.json["pagination"]["next_cursor"].as_str() else { continue };
        let answer = reader.get(&format!("{list}?limit=1&cursor={cursor}"));
        assert_eq!(answer.status, 400, "{}", answer.text);
        refused += 1;
    }
    assert!(refused >= 100, "{refused}");
}
