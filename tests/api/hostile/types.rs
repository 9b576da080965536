//! Bodies of other types, and compressed ones.

use super::{Operation, World};

const BODY: &[u8] = b"{\"type\":\"openai\",\"name\":\"x\",\"enabled\":true}";

/// `{"enabled":true}`, compressed by gzip, zlib, Brotli and Zstandard.
const COMPRESSED: [(&str, &[u8]); 4] = [
    (
        "gzip",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabVJ\xcdKL\xcaIMQ\xb2*)*M\xad\x05\x00 \xf0L\xd3\x10\x00\x00\x00",
    ),
    ("deflate", b"x\x9c\xabVJ\xcdKL\xcaIMQ\xb2*)*M\xad\x05\x001}\x06\x02"),
    ("br", b"\x8b\x07\x80{\"enabled\":true}\x03"),
    ("zstd", b"(\xb5/\xfd \x10\x81\x00\x00{\"enabled\":true}"),
];

#[test]
fn d10_a_body_of_another_type_is_415_on_every_endpoint() {
    let world = &World::new();
    world.unharmed(|| {
        for operation in world.of_json() {
            let Operation { method, path, .. } = operation;
            for headers in [
                &["Content-Type: text/plain"][..],
                &["Content-Type: application/x-www-form-urlencoded"],
                &["Content-Type: multipart/form-data; boundary=x"],
                &["Content-Type: application/json;charset=utf-16"],
                &["Content-Type: application/json; charset=\"UTF-16LE\""],
                &["Content-Type: application/json, text/plain"],
                &["Content-Type: application/merge-patch+json"],
                &["Content-Type: "],
                &["Content-Type: application/json", "Content-Type: text/plain"],
                &["Content-Type: text/plain", "Content-Type: application/json"],
            ] {
                let (status, text) = operation.send(&world.admin, headers, BODY);
                assert_eq!(status, 415, "{method} {path} {headers:?}: {text}");
            }
            let (status, text) = operation.send(&world.admin, &[], b"{]");
            assert_eq!(status, 400, "{method} {path} without a type: {text}");
            assert!(text.contains("not valid JSON"), "{method} {path}: {text}");
        }
    });
}

#[test]
fn d6_compressed_bodies_are_415_unread_on_every_endpoint() {
    let world = &World::new();
    world.unharmed(|| {
        for operation in &world.operations {
            let Operation { method, path, .. } = operation;
            if !operation.takes_json() && !operation.takes_text() {
                continue;
            }
            for (coding, body) in COMPRESSED {
                let coding = format!("Content-Encoding: {coding}");
                let kind = "Content-Type: application/json";
                let (status, text) = operation.send(&world.admin, &[kind, &coding], body);
                assert_eq!(status, 415, "{method} {path} {coding}: {text}");
                // What is announced and never sent is not waited for.
                let unread = [kind, &coding, "Content-Length: 1000000"];
                let answer = world.admin.raw(&format!("{method} {path}"), &unread, b"");
                assert_eq!(answer.status, 415, "{method} {path} {coding}: {}", answer.text);
                let chunked = [kind, &coding, "Transfer-Encoding: chunked"];
                let answer = world.admin.raw(&format!("{method} {path}"), &chunked, b"");
                assert_eq!(answer.status, 415, "{method} {path} {coding}: {}", answer.text);
            }
            let twice = ["Content-Encoding: identity", "Content-Encoding: gzip"];
            let (status, text) = operation.send(&world.admin, &twice, COMPRESSED[0].1);
            assert_eq!(status, 415, "{method} {path} twice: {text}");
        }
    });
}

#[test]
fn d6_a_compressed_transfer_is_400_on_every_endpoint() {
    let world = &World::new();
    world.unharmed(|| {
        for Operation { method, path, .. } in &world.operations {
            for coding in ["gzip, chunked", "gzip", "chunked, gzip", "br,chunked", "zstd, chunked"]
            {
                let coding = format!("Transfer-Encoding: {coding}");
                let answer = world.admin.raw(&format!("{method} {path}"), &[&coding], b"");
                assert_eq!(answer.status, 400, "{method} {path} {coding}: {}", answer.text);
            }
        }
    });
}
