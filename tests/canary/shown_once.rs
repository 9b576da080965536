//! H13: the secret of an access key is in the answer that makes it, and nowhere ever after.

use serde_json::json;

use crate::places::{database, files};
use crate::requests::rows;
use crate::scanner::Scanner;
use crate::secrets::Secrets;
use crate::server::Site;
use crate::world::{World, call};

#[test]
fn h13_the_secret_of_an_access_key_is_shown_once() {
    let site = Site::new(&"5a".repeat(32));
    let (server, secrets) = (site.serve(), Secrets::default());
    let stranger = server.stranger();
    let admin = stranger.admin(&secrets);
    let [application, first, _] = admin.new_application("keys", &secrets);
    let keys = format!("/api/applications/{application}/accessKeys");
    // The same request again makes another key, and tells nothing of the one before.
    let [second, _] = admin.issued(&keys, &secrets);
    let rotated = json!({"overlapSeconds": 1000});
    let [third, third_secret] =
        admin.issued_with(&format!("{keys}/{second}/rotate"), &rotated, &secrets);
    let owner = stranger.signed_in(&third, &third_secret, &secrets);
    let bearer = stranger.bearing(&format!("podium_{third}_{third_secret}"));
    admin.post("/api/auth/authorization", &own(&application)).is(200);
    for key in [&first, &second, &third] {
        for client in [&admin, &owner, &bearer] {
            client.get(&format!("/api/applications/key/{key}")).is(200);
            client.get(&keys).is(200);
        }
        admin.call("POST", &format!("{keys}/{key}/status"), None).is(200);
        admin.call("POST", &format!("{keys}/{key}/status"), None).is(200);
    }
    admin.call("DELETE", &format!("{keys}/{first}"), None).is(200);
    admin.call("POST", &format!("{keys}/{first}/rotate"), None).is(404);
    let world = World::made_by(&admin, &secrets);
    for row in rows().iter().filter(|row| row.method == "GET") {
        call(&admin, row, &world.thing(row)).is(row.accepted);
        call(&owner, row, &world.thing(row));
        call(&bearer, row, &world.thing(row));
    }
    let heard = server.stop();
    let scanner = Scanner::new(&secrets.all());
    for answer in heard.borrow().iter() {
        assert_eq!(answer.fault(&scanner), None);
    }
    let files = ["data", "said"].map(|folder| files(&site, folder, "at the end"));
    for place in files.into_iter().flatten().chain(database(&site)) {
        assert_eq!(place.fault(&scanner), None);
    }
}

/// Everything on an application, for itself.
fn own(application: &str) -> serde_json::Value {
    let (subject, all) = (format!("app:{application}"), ["READ", "UPDATE", "DELETE"]);
    crate::support::authorization(("USER", &subject), ("APPLICATION", application), &all)
}
