//! Methods that no route has.

use super::{MAIN, Operation, World};

#[test]
fn d12_methods_that_a_route_does_not_serve_are_405_on_every_route() {
    let world = &World::new();
    let mut tried = 0;
    world.unharmed(|| {
        for Operation { path, .. } in &world.operations {
            let served = world.operations.iter().filter(|other| other.path == *path);
            let served: Vec<_> = served.map(|other| other.method.as_str()).collect();
            for method in ["TRACE", "CONNECT", "PROPFIND", "BREW", "get", "GETX", "PUT", "PATCH"] {
                if served.contains(&method) {
                    continue;
                }
                let told = world.admin.wire(
                    format!("{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                        .as_bytes(),
                );
                let here = format!("{method} {path}: {told}");
                assert!(told.starts_with("HTTP/1.1 405 "), "{here}");
                assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{here}");
                let allow = told.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    name.eq_ignore_ascii_case("allow").then_some(value)
                });
                let mut allowed: Vec<_> =
                    allow.unwrap_or_else(|| panic!("{here}")).split(", ").collect();
                let mut expected = served.clone();
                allowed.sort_unstable();
                expected.sort_unstable();
                assert!(allowed == expected, "{here}");
                tried += 1;
            }
        }
    });
    assert!(tried > 700, "{tried} were tried");
}

#[test]
fn d12_connect_to_another_host_is_refused() {
    let world = &World::new();
    world.unharmed(|| {
        for target in ["127.0.0.1:1", "example.org:443", "*"] {
            let head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n");
            let told = world.admin.wire(&[head.as_bytes(), b"GET / HTTP/1.1\r\n\r\n"].concat());
            let status = told.split(' ').nth(1).unwrap_or_default();
            assert!(["400", "404", "405"].contains(&status), "{target}: {told}");
            assert_eq!(told.matches("HTTP/1.1 ").count(), 1, "{target}: {told}");
        }
    });
}

#[test]
fn d12_no_header_overrides_the_method() {
    let world = &World::new();
    world.unharmed(|| {
        for name in ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "_method"] {
            for method in ["DELETE", "PUT", "PATCH"] {
                world.admin.send("GET", MAIN, &[(name, method)], None).ok();
                let answer = world.admin.send("POST", MAIN, &[(name, method)], Some("{]"));
                answer.refused(400, "not valid JSON");
                world.admin.get(&format!("{MAIN}?_method={method}")).ok();
            }
        }
    });
}
