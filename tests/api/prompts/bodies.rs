//! How a body may be sent, and how large it may be.

use serde_json::json;

use super::{HI, PROMPTS, bad_field, save, update};
use crate::support::Server;

#[test]
fn whatever_a_body_says_of_its_type_it_is_text() {
    let server = &Server::start();
    let admin = server.admin();
    for kind in ["application/json", "text/plain", "text/plain; charset=utf-8", "image/png"] {
        for method in ["POST", "PUT"] {
            let text = format!("{method} {kind}");
            let path = format!("{HI}?description=d");
            admin.send(method, &path, &[("Content-Type", kind)], Some(&text)).done();
            assert_eq!(admin.get(HI).ok()["template"], text);
        }
    }
    let line = format!("POST {HI}?description=d");
    admin.raw(&line, &["Content-Length: 9"], b"typeless\n").done();
    assert_eq!(admin.get(HI).ok()["template"], "typeless\n");
    admin.raw(&line, &[], b"").done();
    assert_eq!(admin.get(HI).ok()["template"], "");
}

#[test]
fn a_body_in_pieces_is_one_text() {
    let server = &Server::start();
    let admin = server.admin();
    // As JavaScript sends it; the cut goes through the `é`.
    let body = b"4\r\n\"a\xc3\xa9\r\n3\r\n\\n\"\r\n0\r\n\r\n";
    let headers = ["Content-Type: application/json", "Transfer-Encoding: chunked"];
    admin.raw(&format!("POST {HI}?description=d"), &headers, body).done();
    assert_eq!(admin.get(HI).ok()["template"], "aé\n");
    let cut = b"2\r\na\xc3\r\n1\r\n\xa9\r\n0\r\n\r\n";
    admin.raw(&format!("POST {HI}?description=d"), &headers, cut).done();
    assert_eq!(admin.get(HI).ok()["template"], "aé");
}

#[test]
fn what_is_no_text_is_refused() {
    let server = &Server::start();
    let admin = server.admin();
    server.unchanged(|| {
        for method in ["POST", "PUT"] {
            let line = format!("{method} {HI}?description=d");
            for body in [&b"a\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xc0\x80"] {
                let length = format!("Content-Length: {}", body.len());
                let answer = admin.raw(&line, &[&length], body);
                assert_eq!(bad_field(answer), "body", "{body:?}");
            }
            assert_eq!(
                bad_field(admin.send(method, &line[method.len() + 1..], &[], Some("a\0"))),
                "template"
            );
        }
        assert_eq!(bad_field(save(&admin, HI, "", "\"\\u0000\"")), "template");
        let description = format!("{HI}?description=a%00b");
        assert_eq!(bad_field(admin.send("POST", &description, &[], Some("a"))), "description");
    });
}

#[test]
fn a_template_may_have_half_a_megabyte_and_a_body_one() {
    let server = &Server::start();
    let admin = server.admin();
    let longest = "é".repeat(256 * 1024);
    save(&admin, HI, "", &longest).done();
    update(&admin, HI, "", &json!(longest).to_string()).done();
    assert_eq!(admin.get(HI).ok()["template"], longest);
    server.unchanged(|| {
        let longer = format!("{longest}.");
        assert_eq!(bad_field(save(&admin, HI, "", &longer)), "template");
        assert_eq!(bad_field(update(&admin, HI, "", &longer)), "template");
        save(&admin, HI, "", &"x".repeat((1 << 20) + 1)).refused(413, "1048576");
        let answer = save(&admin, HI, "", &"x".repeat(1 << 20));
        assert_eq!(bad_field(answer), "template");
    });
    // What counts is the text, not how it is written.
    let escaped = "\\n".repeat(500 * 1024);
    save(&admin, HI, "", &format!("\"{escaped}\"")).done();
    assert_eq!(admin.get(HI).ok()["template"].as_str().unwrap().len(), 500 * 1024);
}

#[test]
fn a_description_is_any_text_that_a_query_holds() {
    let server = &Server::start();
    let admin = server.admin();
    for (sent, description) in [
        ("", ""),
        ("two+words", "two words"),
        ("two%20words", "two words"),
        ("a%2Bb%26c%3Dd%25%0A", "a+b&c=d%\n"),
        ("%C3%A9%F0%9F%92%A1", "é💡"),
    ] {
        admin.send("POST", &format!("{HI}?description={sent}"), &[], Some("a")).done();
        assert_eq!(admin.get(HI).ok()["description"], description, "{sent}");
    }
    assert_eq!(admin.get(PROMPTS).ok()[0]["description"], "é💡");
}
