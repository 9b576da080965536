//! Organizations and spaces; contract section 6.

use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::support::{Client, Server, openai};

const ORGANIZATIONS: &str = "/v2/organizations";
const SPACES: &str = "/v2/spaces";

fn new_organization(client: &Client, name: &str) -> String {
    id(&client.post(ORGANIZATIONS, &json!({"name": name})).made())
}

fn new_space(client: &Client, organization: &str, name: &str) -> String {
    let body = json!({"name": name, "organization_id": organization});
    id(&client.post(SPACES, &body).made())
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

/// What an id encodes.
fn decoded(id: &str) -> String {
    String::from_utf8(BASE64.decode(id.as_bytes()).unwrap()).unwrap()
}

/// The number in an id.
fn number(id: &str) -> String {
    decoded(id).split(':').nth(1).unwrap().to_owned()
}

/// An id as Python and JavaScript write it in a path.
fn at(list: &str, id: &str) -> String {
    format!("{list}/{}", id.replace('=', "%3D"))
}

fn names(list: &Value, member: &str) -> Vec<String> {
    let items = list[member].as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_made_is_listed_newest_first_and_can_be_deleted() {
    let server = &Server::start();
    let admin = server.admin();
    let made = admin.post(ORGANIZATIONS, &json!({"name": "Acme"})).made();
    let acme = id(&made);
    let plain = decoded(&acme);
    let parts: Vec<_> = plain.split(':').collect();
    assert_eq!((parts[0], parts[2].len()), ("AccountOrg", 4), "{plain}");
    assert!(parts[1].parse::<i64>().unwrap() > 0);
    let created = made["created_at"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.len() == "2026-02-13T21:27:19.055Z".len());
    let expected = json!({"id": acme, "name": "Acme", "description": "", "created_at": created});
    assert_eq!(made, expected);
    let other = new_organization(&admin, "Other");
    let listed = admin.get(ORGANIZATIONS).ok();
    assert_eq!(names(&listed, "organizations"), ["Other", "Acme"]);
    assert_eq!(listed["organizations"][1], made);
    assert_eq!(listed["pagination"], json!({"has_more": false}));

    let body = json!({"name": "prod", "organization_id": acme});
    let made = admin.post(SPACES, &body).made();
    let space = id(&made);
    assert!(decoded(&space).starts_with("Space:"), "{space}");
    let created = &made["created_at"];
    let expected = json!({"id": space, "organization_id": acme, "name": "prod",
        "description": "", "created_at": created, "is_private": false});
    assert_eq!(made, expected);
    new_space(&admin, &other, "prod");
    let listed = admin.get(SPACES).ok();
    assert_eq!(names(&listed, "spaces"), ["prod", "prod"]);
    assert_eq!(listed["spaces"][1], made);
    let of = |id: &str| admin.get(&format!("{SPACES}?org_id={}", id.replace('=', "%3D"))).ok();
    assert_eq!(of(&acme)["spaces"], json!([made]));

    admin.delete(&at(SPACES, &space)).gone();
    admin.delete(&at(SPACES, &space)).problem(404, "No such space");
    admin.delete(&at(ORGANIZATIONS, &acme)).gone();
    admin.delete(&at(ORGANIZATIONS, &acme)).problem(404, "No such organization");
    assert_eq!(names(&admin.get(ORGANIZATIONS).ok(), "organizations"), ["Other"]);
    assert_eq!(names(&admin.get(SPACES).ok(), "spaces"), ["prod"]);
}

#[test]
fn a_number_is_never_used_again() {
    let server = &Server::start();
    let admin = server.admin();
    let mut seen = BTreeSet::new();
    for _ in 0..3 {
        let organization = new_organization(&admin, "Acme");
        let space = new_space(&admin, &organization, "prod");
        assert!(seen.insert(number(&organization)) && seen.insert(number(&space)));
        admin.delete(&at(SPACES, &space)).gone();
        admin.delete(&at(ORGANIZATIONS, &organization)).gone();
    }
}

#[test]
fn a_name_is_taken_once() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let other = new_organization(&admin, "acme");
    new_space(&admin, &acme, "prod");
    new_space(&admin, &other, "prod");
    new_space(&admin, &acme, "Prod");
    server.unchanged(|| {
        let again = admin.post(ORGANIZATIONS, &json!({"name": "Acme"}));
        again.problem(409, "there is an organization of this name already");
        let again = admin.post(SPACES, &json!({"name": "prod", "organization_id": acme}));
        again.problem(409, "there is a space of this name in the organization already");
    });
}

#[test]
fn what_is_in_use_stays() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let other = new_organization(&admin, "Other");
    let space = new_space(&admin, &acme, "prod");
    admin.post("/api/integrations/provider/main", &openai("sk-1")).ok();
    let (of_acme, of_other, of_space) = (number(&acme), number(&other), number(&space));
    server.unchanged(|| {
        admin.delete(&at(ORGANIZATIONS, &acme)).problem(409, "the organization has spaces");
    });
    server.database.execute(&format!(
        "INSERT INTO scoping VALUES ('main', 0, {of_acme}, {of_space}), ('main', 1, {of_other}, NULL)"
    ));
    server.unchanged(|| {
        admin.delete(&at(SPACES, &space)).problem(409, "an integration is scoped to the space");
        let scoped = admin.delete(&at(ORGANIZATIONS, &other));
        scoped.problem(409, "an integration is scoped to the organization");
    });
    admin.delete("/api/integrations/provider/main").done();
    admin.delete(&at(SPACES, &space)).gone();
    admin.delete(&at(ORGANIZATIONS, &acme)).gone();
    admin.delete(&at(ORGANIZATIONS, &other)).gone();
}

#[test]
fn an_id_that_nobody_was_given_names_nothing() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let space = new_space(&admin, &acme, "prod");
    let plain = decoded(&acme);
    let (stem, check) = plain.rsplit_once(':').unwrap();
    let wrong = if check == "aaaa" { "bbbb" } else { "aaaa" };
    let number = number(&acme);
    let ids = [
        format!("{stem}:{wrong}"),
        format!("{stem}:{}", check.to_uppercase() + "x"),
        format!("{stem}:{check}:{check}"),
        format!("AccountOrg:0{number}:{check}"),
        format!("AccountOrg:+{number}:{check}"),
        format!("AccountOrg:999999:{check}"),
        format!("AccountOrg:{number}"),
        format!("Space:{number}:{check}"),
        format!("User:{number}:{check}"),
        decoded(&space),
        ":".to_owned(),
    ];
    let nobody = server.client("nobody", &[]);
    server.unchanged(|| {
        for plain in ids {
            let id = BASE64.encode(plain.as_bytes());
            for client in [&admin, &nobody] {
                let path = at(ORGANIZATIONS, &id);
                client.delete(&path).problem(404, "No such organization");
                let list = format!("{SPACES}?org_id={}", id.replace('=', "%3D"));
                client.get(&list).problem(404, "No such organization");
            }
            let body = json!({"name": "new", "organization_id": id});
            admin.post(SPACES, &body).problem(404, "No such organization");
        }
        admin.delete(&at(SPACES, &acme)).problem(404, "No such space");
    });
    admin.delete(&format!("{SPACES}/{space}")).gone();
}

#[test]
fn everyone_sees_and_administrators_write() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let space = new_space(&admin, &acme, "prod");
    for role in ["USER", "METADATA_MANAGER", "USER_READ_ONLY"] {
        let client = server.client(role, &[role]);
        assert_eq!(names(&client.get(ORGANIZATIONS).ok(), "organizations"), ["Acme"]);
        assert_eq!(names(&client.get(SPACES).ok(), "spaces"), ["prod"]);
        let body = json!({"name": "new", "organization_id": acme});
        let denied = |record: String, start: &str| {
            assert!(record.starts_with(start), "{record} is not {start}");
        };
        let record = server.denied(|| {
            client.post(ORGANIZATIONS, &json!({"name": "new"})).problem(403, "CREATE access")
        });
        denied(record, "denied CREATE ORGANIZATION ");
        let record = server.denied(|| client.post(SPACES, &body).problem(403, "CREATE"));
        denied(record, "denied CREATE SPACE ");
        let record = server
            .denied(|| client.delete(&at(ORGANIZATIONS, &acme)).problem(403, "to organization `"));
        denied(record, &format!("denied DELETE ORGANIZATION {acme}"));
        let record =
            server.denied(|| client.delete(&at(SPACES, &space)).problem(403, "to space `"));
        denied(record, &format!("denied DELETE SPACE {space}"));
    }
    let owner = server.granted("owner", ("SPACE", &space), &["DELETE"]);
    owner.delete(&at(SPACES, &space)).gone();
}

#[test]
fn nothing_that_was_granted_outlives_its_thing() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let grants = "SELECT 1 FROM access_grant WHERE target_kind = 'ORGANIZATION'";
    assert_eq!(server.database.rows(grants).len(), 4);
    admin.delete(&at(ORGANIZATIONS, &acme)).gone();
    assert_eq!(server.database.rows(grants).len(), 0);
}

#[test]
fn a_long_list_comes_in_pages() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    let other = new_organization(&admin, "Other");
    for place in 0..230 {
        let of = if place % 10 == 3 { &other } else { &acme };
        new_space(&admin, of, &format!("{}-{place}", if place % 2 == 0 { "Even" } else { "ODD" }));
    }
    let of_other = format!("org_id={}", other.replace('=', "%3D"));
    for (query, kept) in [
        ("", (|_| true) as fn(&i32) -> bool),
        ("name=eVeN", |place| place % 2 == 0),
        ("name=odd-22", |place| place / 10 == 22 && place % 2 == 1),
        (&of_other, |place| place % 10 == 3),
        ("name=nothing", |_| false),
    ] {
        let expected: Vec<_> = (0..230).rev().filter(kept).collect();
        for limit in [1, 7, 50, 100] {
            if limit == 1 && expected.len() > 30 {
                continue;
            }
            let mut found: Vec<i32> = vec![];
            let mut cursor = String::new();
            loop {
                let page = admin.get(&format!("{SPACES}?limit={limit}&{query}{cursor}")).ok();
                let places = names(&page, "spaces").into_iter();
                let places =
                    places.map(|name| name.split('-').nth(1).unwrap().parse::<i32>().unwrap());
                let before = found.len();
                found.extend(places);
                let Some(next) = page["pagination"]["next_cursor"].as_str() else {
                    assert_eq!(page["pagination"], json!({"has_more": false}));
                    break;
                };
                assert_eq!(page["pagination"]["has_more"], true);
                assert_eq!(found.len() - before, limit);
                cursor = format!("&cursor={next}");
            }
            assert_eq!(found, expected, "{query} by {limit}");
        }
    }
    assert_eq!(admin.get(SPACES).ok()["spaces"].as_array().unwrap().len(), 50);
}

#[test]
fn a_cursor_belongs_to_its_filters() {
    let server = &Server::start();
    let admin = server.admin();
    let acme = new_organization(&admin, "Acme");
    new_organization(&admin, "Acme two");
    for name in ["prod", "prod two", "test"] {
        new_space(&admin, &acme, name);
    }
    let page = admin.get(&format!("{SPACES}?name=prod&limit=1")).ok();
    let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
    let with = |list: &str, query: &str| admin.get(&format!("{list}?{query}&cursor={cursor}"));
    // Another limit, or a parameter that nobody knows, is no other filter.
    assert_eq!(names(&with(SPACES, "name=prod&limit=9&x=1").ok(), "spaces"), ["prod"]);
    let of_acme = format!("name=prod&org_id={}", acme.replace('=', "%3D"));
    for query in ["", "name=prod+two", "name=Prod", "name=", &of_acme] {
        with(SPACES, query).problem(400, "`cursor` was not issued for this list");
    }
    with(ORGANIZATIONS, "name=prod").problem(400, "`cursor` was not issued for this list");
}
