//! Requests whose end can be read in two ways: none hides another one.

use super::World;

/// What would be made if a hidden request were served.
const HIDDEN: &str = "/api/integrations/provider/hidden";

/// A request that makes it.
fn hidden(token: &str) -> String {
    format!(
        "POST {HIDDEN} HTTP/1.1\r\nHost: x\r\nX-Authorization: {token}\r\nContent-Type: \
         application/json\r\nContent-Length: 17\r\n\r\n{{\"type\":\"openai\"}}"
    )
}

/// What may stand among the headers of a request, and its body. `H` is the hidden request, `L` its
/// length, `M` that and five, and `\n` alone is `\n` alone.
const VARIANTS: &[(&str, &str)] = &[
    // Content-Length against Transfer-Encoding, in either order.
    ("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\nH"),
    ("Content-Length: M\r\nTransfer-Encoding: chunked", "0\r\n\r\nH"),
    ("Content-Length: 0\r\nTransfer-Encoding: chunked", "H"),
    ("Content-Length: 5\r\nTransfer-Encoding: identity", "12345H"),
    ("Transfer-Encoding: identity", "H"),
    ("content-length: 5\r\nTRANSFER-ENCODING: CHUNKED", "0\r\n\r\nH"),
    // Transfer-Encoding that one party may not see.
    ("Transfer-Encoding: xchunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked, identity", "0\r\n\r\nH"),
    ("Transfer-Encoding: identity, chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked, chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\nH"),
    ("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding : chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding\t: chunked", "0\r\n\r\nH"),
    (" Transfer-Encoding: chunked", "0\r\n\r\nH"),
    ("X: y\r\n Transfer-Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("X: y\r\n\tTransfer-Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding:\r\n chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding:\x0bchunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: \x0cchunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked\x0b\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: \"chunked\"\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked;q=1\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunk\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: gzip, chunked", "0\r\n\r\nH"),
    ("Transfer-Encoding: chunked, gzip", "0\r\n\r\nH"),
    ("Transfer-Encoding:\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer_Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("Transfer-Encoding: c\u{212a}unked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("X: y\nTransfer-Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("X: y\rTransfer-Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    ("\0Transfer-Encoding: chunked\r\nContent-Length: M", "0\r\n\r\nH"),
    // Content-Length that says two things.
    ("Content-Length: 0\r\nContent-Length: L", "H"),
    ("Content-Length: L\r\nContent-Length: 0", "H"),
    ("Content-Length: L\r\nContent-Length: L", "H"),
    ("Content-Length: 0, L", "H"),
    ("Content-Length: L, L", "H"),
    ("Content-Length: +L", "H"),
    ("Content-Length: -1", "H"),
    ("Content-Length: L.0", "H"),
    ("Content-Length: 0xL", "H"),
    ("Content-Length: 1 1", "H"),
    ("Content-Length: L;", "H"),
    ("Content-Length: \"L\"", "H"),
    ("Content-Length:", "H"),
    ("Content-Length: 18446744073709551616", "H"),
    ("Content-Length: 18446744073709551615", "H"),
    ("Content-Length: \u{661}", "H"),
    ("Content-Length : L", "H"),
    ("Content-Length: L\n ", "H"),
    ("Content-Length: 000L", "H"),
    ("X: y\r\n Content-Length: 0\r\nContent-Length: L", "H"),
    // Chunks.
    ("Transfer-Encoding: chunked", "0x5\r\nabcde\r\n0\r\n\r\n"),
    ("Transfer-Encoding: chunked", "+5\r\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "-1\r\nH"),
    ("Transfer-Encoding: chunked", "5;\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "5;a=b\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "5;a=\"\r\n0\r\n\r\nH\"\r\nabcde\r\n"),
    ("Transfer-Encoding: chunked", "5\nabcde\n0\n\nH"),
    ("Transfer-Encoding: chunked", "5\rabcde\r0\r\rH"),
    ("Transfer-Encoding: chunked", "5\r\nabcdeXX0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "5\r\nabcde\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "5 5\r\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "\r\n5\r\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "5\0\r\nabcde\r\n0\r\n\r\nH"),
    ("Transfer-Encoding: chunked", "fffffffffffffffff\r\nH"),
    ("Transfer-Encoding: chunked", "10000000000000000\r\nH"),
    ("Transfer-Encoding: chunked", "g\r\nH"),
    ("Transfer-Encoding: chunked", "\r\nH"),
    ("Transfer-Encoding: chunked", "00\r\n\n\nH"),
    ("Transfer-Encoding: chunked", "0\r\n\nH"),
    ("Transfer-Encoding: chunked", "0\n\nH"),
    // Other ways out of HTTP.
    ("Upgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 5", "12345H"),
    ("Upgrade: websocket\r\nConnection: upgrade", "H"),
    (
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: M",
        "12345H",
    ),
    ("Host: y\r\nContent-Length: M", "12345H"),
    ("Expect: 100-continue\r\nContent-Length: M", "12345H"),
    ("Content-Length: M\r\nConnection: Content-Length", "12345H"),
    ("X: y\r\n\rContent-Length: M", "12345H"),
];

#[test]
fn d11_no_request_hides_another() {
    let world = &World::new();
    let token = world.admin.token.clone().unwrap();
    let hidden = hidden(&token);
    let length = hidden.len();
    assert!(VARIANTS.len() >= 60);
    // The witness makes what it says, where it is no hidden one.
    let told = world.admin.wire(hidden.as_bytes());
    assert!(told.starts_with("HTTP/1.1 200 "), "{told}");
    world.admin.delete(HIDDEN).done();
    world.unharmed(|| {
        for target in
            ["POST /api/integrations/provider/main/tags", "GET /api/version", "POST /api/token"]
        {
            for (headers, body) in VARIANTS {
                let headers = headers
                    .replace('L', "\u{1}")
                    .replace("\u{1}ength", "Length")
                    .replace('\u{1}', &length.to_string());
                let headers = headers.replace(": M", &format!(": {}", length + 5));
                let head = format!(
                    "{target} HTTP/1.1\r\nHost: x\r\nX-Authorization: {token}\r\nContent-Type: \
                     application/json\r\n{headers}\r\n\r\n"
                );
                let sent = format!("{head}{}", body.replace('H', &hidden));
                let told = world.admin.wire(sent.as_bytes());
                let here = format!("{target} {headers:?} {body:?}: {told}");
                let statuses = told.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]);
                let statuses: Vec<_> = statuses.filter(|status| *status != "100").collect();
                // What comes behind a request that is whole is answered by itself, and is none.
                let is_refused = statuses.iter().skip(1).all(|status| *status == "400");
                assert!((1..3).contains(&statuses.len()) && is_refused, "{here}");
                assert!(!world.admin.get(HIDDEN).text.contains("openai"), "{here}");
            }
        }
    });
}

#[test]
fn d11_a_line_that_is_no_request_is_400_and_closed() {
    let world = &World::new();
    let hidden = hidden(world.admin.token.as_ref().unwrap());
    world.unharmed(|| {
        for line in [
            "GET  /api/version HTTP/1.1",
            "GET\t/api/version HTTP/1.1",
            "GET /api/version  HTTP/1.1",
            "GET /api/version HTTP/1.1 HTTP/1.1",
            "GET /api/version HTTP/1.2",
            "GET /api/version HTTP/2.0",
            "GET /api/version HTTP/0.9",
            "GET /api/version http/1.1",
            "GET /api/version HTTP/1.1x",
            "GET /api/version",
            "GET",
            " GET /api/version HTTP/1.1",
            "GET /api/ver sion HTTP/1.1",
            "G\0T /api/version HTTP/1.1",
            "GET /api/\0 HTTP/1.1",
            "GET api/version HTTP/1.1",
            ": x",
            "\u{e9} / HTTP/1.1",
        ] {
            let told = world.admin.wire(format!("{line}\r\nHost: x\r\n\r\n{hidden}").as_bytes());
            assert!(told.starts_with("HTTP/1.1 400 "), "{line:?}: {told}");
            assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{line:?}: {told}");
        }
    });
}
