//! Where integrations may point: every spelling of a host, and what decides.

use super::*;

#[test]
fn a_metadata_service_is_denied_in_every_spelling() {
    let denied = [
        "http://169.254.169.254/latest/meta-data/",
        "http://169.254.169.254./",
        "http://169.254.169.254:80",
        "http://169.254.170.2/v2/credentials",
        "http://[::ffff:169.254.169.254]/",
        "http://[::FFFF:A9FE:A9FE]/",
        "http://[0:0:0:0:0:ffff:a9fe:a9fe]/",
        "http://[::169.254.169.254]/",
        "http://[64:ff9b::169.254.169.254]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::1]/",
        "http://[fd00:ec2::254]/",
        "http://[FD00:0EC2:0000::0254]/",
        "http://[fe80::1]/",
        "http://[febf:ffff::1]/",
        "http://100.100.100.200/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "http://METADATA.Google.Internal/",
        "http://metadata.google.internal.:80/",
    ];
    refused(&[], &standard(), &denied.map(|value| (value, DENIED)));
    for value in [
        "http://2852039166/",
        "http://0xa9fea9fe/",
        "http://0XA9FEA9FE/",
        "http://025177524776/",
        "http://0251.0376.0251.0376/",
        "http://0251.254.169.254/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://169.254.43518/",
        "http://169.16689662/",
        "http://169.254.169.0376/",
        "http://169.254.169.0xfe/",
        "http://169.254.0169.254/",
        "http://00169.254.169.254/",
        "http://169.254.169.254.0/",
        "http://169.254.169/",
        "http://425.510.425.510/",
        "http://7147006462/",
        "http://0x41414141A9FEA9FE/",
    ] {
        refused(&[], &standard(), &[(value, V4)]);
        refused(&[], &policy(None, "none"), &[(value, V4)]);
    }
    for value in [
        "http://\u{ff11}\u{ff16}\u{ff19}.254.169.254/",
        "http://169\u{3002}254\u{3002}169\u{3002}254/",
        "http://\u{2460}\u{2465}\u{2468}.254.169.254/",
        "http://169.254.169.254\u{ad}/",
    ] {
        refused(&[], &standard(), &[(value, ASCII)]);
    }
}

#[test]
fn this_machine_can_be_denied_in_every_spelling() {
    let hosts = policy(None, "localhost,*.localhost,127.0.0.0/8,0.0.0.0,::1,::");
    let denied = [
        "http://127.0.0.1/",
        "http://127.0.0.1.:8080/",
        "http://127.255.255.254/",
        "http://0.0.0.0/",
        "http://[::1]/",
        "http://[0:0:0:0:0:0:0:1]/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://localhost/",
        "http://LOCALHOST./",
        "http://api.localhost:8080/",
    ];
    refused(&[], &hosts, &denied.map(|value| (value, DENIED)));
    let spelled = [
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://127.0.1/",
        "http://127.0.0.01/",
        "http://127.000.000.001/",
        "http://0/",
        "http://0x/",
        "http://00/",
    ];
    refused(&[], &hosts, &spelled.map(|value| (value, V4)));
    assert_eq!(check("endpoint", "http://128.0.0.1/", &[], &hosts), Ok(()));
    let zeros = policy(None, "0.0.0.0/8");
    assert_eq!(check("endpoint", "http://[::1]/", &[], &zeros), Ok(()));
}

#[test]
fn deny_wins_over_allow_and_allow_over_all_else() {
    let hosts = policy(
        Some("api.openai.com, *.example.com, 10.0.0.0/8, 2001:db8::/32"),
        "secret.example.com,*.internal.example.com,10.9.0.0/16",
    );
    for (host, words) in [
        ("api.openai.com", None),
        ("API.OpenAI.com.", None),
        ("x.api.openai.com", Some("does not allow")),
        ("openai.com", Some("does not allow")),
        ("a.example.com", None),
        ("a.b.example.com", None),
        ("example.com", Some("does not allow")),
        ("evilexample.com", Some("does not allow")),
        ("a.example.com.evil", Some("does not allow")),
        ("secret.example.com", Some("denies")),
        ("a.secret.example.com", None),
        ("x.internal.example.com", Some("denies")),
        ("internal.example.com", None),
        ("10.0.0.1", None),
        ("10.255.255.255", None),
        ("11.0.0.0", Some("does not allow")),
        ("10.9.8.7", Some("denies")),
        ("[::ffff:10.0.0.1]", None),
        ("[::ffff:10.9.0.1]", Some("denies")),
        ("[64:ff9b::10.0.0.1]", Some("does not allow")),
        ("[2001:db8:ffff::1]", None),
        ("[2001:db9::1]", Some("does not allow")),
        ("localhost", Some("does not allow")),
    ] {
        let found = check("endpoint", &format!("https://{host}/"), &[], &hosts);
        match (found, words) {
            (Ok(()), None) => {}
            (Err(reason), Some(words)) => assert!(reason.contains(words), "{host}: {reason}"),
            (found, _) => panic!("{host}: {found:?}"),
        }
    }
    let nothing = policy(Some("none"), "none");
    assert!(check("endpoint", "https://none", &[], &nothing).is_err());
    let all = policy(None, "none");
    assert_eq!(check("endpoint", "http://169.254.169.254", &[], &all), Ok(()));
    let networks = policy(Some("0.0.0.0/0,::/0"), "192.0.2.7/32,2001:db8::7/128");
    for (value, allowed) in [
        ("http://192.0.2.6", true),
        ("http://192.0.2.7", false),
        ("http://[2001:db8::6]", true),
        ("http://[2001:db8::7]", false),
        ("http://name", false),
    ] {
        assert_eq!(check("endpoint", value, &[], &networks).is_ok(), allowed, "{value}");
    }
}

#[test]
fn a_list_of_hosts_names_its_bad_entry() {
    for entry in [
        "",
        "*",
        "*.",
        "*.*.com",
        "a.*.com",
        "*a.com",
        "a b",
        "a:443",
        "https://a",
        "a/8",
        "a/b",
        "u@a",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "::/129",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "*.10.0.0.1",
        "fe80::1%eth0",
        "::ffff:10.0.0.0/104",
        "m\u{fc}ller.example",
        "10.0.0.0/8/8",
    ] {
        let reason = HostList::parse(&format!("a.example.com,{entry}")).expect_err(entry);
        assert!(reason.contains(&format!("entry `{entry}`")), "{reason}");
    }
}
