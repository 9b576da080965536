//! `podium audit` and `podium seal`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::at_each_desk;
use crate::desk::{Desk, key};
use crate::support::{ADMIN, Site};

/// What moves a terminal's cursor, breaks a line, or turns it around.
const HOSTILE: &str = "a\n\r\u{1b}[2J\u{9b}31m\u{7f}\u{2028}\u{2029}\u{202e}\"}\\b";

/// Puts `rows` more records into the log, which no server has written.
fn lengthen(site: &Site, rows: u64) {
    let sql = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
         INSERT INTO audit SELECT seq + i, revision, at, subject, key_id, address, action, access,
             target_kind, target_id, outcome, detail, hash
         FROM n, (SELECT * FROM audit ORDER BY seq DESC LIMIT 1) AS latest"
    );
    assert_eq!(site.database.tamper(&sql), rows);
}

#[test]
fn the_log_is_listed_as_a_table_and_as_json() {
    at_each_desk(|desk| {
        let table = desk.run("audit list --target-id openai-main").table();
        let header = "SEQ TIME USER KEY ADDRESS ACTION ACCESS TARGET OUTCOME DETAIL";
        assert_eq!(table[0].join(" "), header);
        let admin = format!("app:{}", desk.site.admin);
        assert_eq!(table.len(), 2, "{table:?}");
        let who = [&admin, "admin-key", "127.0.0.1", "integration.save", "CREATE"];
        assert_eq!(table[1][2..7], who);
        assert_eq!(table[1][7..10], ["INTEGRATION_PROVIDER", "openai-main", "done"]);
        assert!(table[1][10].starts_with("{\"changed\":[\"api_key\"]"), "{table:?}");

        let all = desk.listed("");
        let seqs: Vec<_> = all.iter().map(|record| record["seq"].as_i64().unwrap()).collect();
        let last = i64::try_from(all.len()).unwrap();
        assert_eq!(seqs, (1..=last).rev().collect::<Vec<_>>(), "the latest first");
        let integration = desk.listed(" --target-id openai-main").remove(0);
        assert_eq!(integration["targetType"], "INTEGRATION_PROVIDER");
        let secret = integration["detail"]["secrets"]["/api_key"].as_str().unwrap();
        assert!(secret.starts_with("hmac-sha256:"), "{integration}");
        assert_eq!(integration["hash"].as_str().unwrap().len(), 64);
        vec![]
    });
}

#[test]
fn the_list_is_narrowed_and_limited() {
    at_each_desk(|desk| {
        let all = desk.listed("");
        let of = |field: &str, value: &str| {
            all.iter().filter(|record| record[field] == *value).cloned().collect::<Vec<_>>()
        };
        let admin = format!("app:{}", desk.site.admin);
        for (filter, field, value) in [
            ("subject", "subject", admin.as_str()),
            ("subject", "subject", "local"),
            ("key", "keyId", ADMIN[0]),
            ("action", "action", "role.add"),
            ("target-type", "targetType", "APPLICATION"),
            ("target-id", "targetId", desk.site.ci.as_str()),
            ("outcome", "outcome", "done"),
            ("outcome", "outcome", "denied"),
        ] {
            assert_eq!(desk.listed(&format!(" --{filter} {value}")), of(field, value), "{filter}");
        }
        assert!(of("action", "role.add").len() == 1 && of("outcome", "done") == all);
        let at = all[2]["at"].as_i64().unwrap();
        let since = desk.listed(&format!(" --from {at}"));
        let before = desk.listed(&format!(" --to {at}"));
        assert!(since.iter().all(|record| record["at"].as_i64().unwrap() >= at));
        assert_eq!([since, before].concat(), all);
        assert_eq!(desk.listed(" --limit 2"), all[..2]);
        let ascending: Vec<_> = all.iter().rev().take(3).cloned().collect();
        assert_eq!(desk.listed(" --ascending --limit 3"), ascending);
        for line in ["--limit 0", "--limit -1", "--limit x", "--outcome no", "--from soon", "--x"] {
            let said = desk.run(&format!("audit list {line}"));
            assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{line}: {}", said.err);
        }
        vec![]
    });
}

#[test]
fn a_log_is_verified_and_the_first_bad_record_named() {
    at_each_desk(|desk| {
        let records = desk.listed("").len();
        assert_eq!(desk.run("audit verify").done(), format!("{records} records are good\n"));
        let good = json!({"records": records, "firstBad": null});
        assert_eq!(desk.run("audit verify --json").json(), good);

        let edit = "UPDATE audit SET subject = subject || 'x' WHERE seq = 3";
        desk.site.database.tamper(edit);
        let reason = "was changed, or is not in its place";
        let told = format!("record 3 {reason}; 2 records are good");
        assert_eq!(desk.run("audit verify").failed(), told);
        let said = desk.run("audit verify --json");
        assert_eq!((said.code, said.err.contains(&told)), (Some(1), true), "{}", said.err);
        let bad = json!({"records": 2, "firstBad": {"seq": 3, "reason": reason}});
        assert_eq!(serde_json::from_str::<Value>(&said.out).unwrap(), bad);
        vec![]
    });
}

#[test]
fn the_whole_log_is_exported_as_lines_in_order() {
    for remote in [true, false] {
        let site = Site::new();
        lengthen(&site, 1_203);
        let desk = Desk { site: &site, server: remote.then(|| site.serve(&[])) };
        let out = desk.run("audit export").done();
        let records: Vec<Value> =
            out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let seqs: Vec<_> = records.iter().map(|record| record["seq"].as_i64().unwrap()).collect();
        let last = *seqs.last().unwrap();
        assert!(last > 1_203, "several pages");
        assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
        assert_eq!(records[1], desk.listed(" --ascending --limit 2")[1]);

        let rest = desk.run(&format!("audit export --after {}", last - 2)).done();
        assert!(rest.lines().count() == 2 && out.ends_with(&rest), "{rest}");
        assert_eq!(desk.run(&format!("audit export --after {last}")).done(), "");

        let file = site.file("log");
        let words = ["audit", "export", "--output", file.to_str().unwrap()];
        assert_eq!(desk.run_words(&words).done(), "");
        assert_eq!(fs::read_to_string(&file).unwrap(), out);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let told = desk.run_words(&words).failed();
        assert!(told.ends_with("it is there already; --force replaces it"), "{told}");
        desk.run_words(&[&words[..], &["--after", "1", "--force"]].concat()).done();
        assert_eq!(fs::read_to_string(&file).unwrap().lines().count() + 1, records.len());
    }
}

#[test]
fn j5_nothing_of_a_name_is_raw_on_a_terminal() {
    let site = Site::new();
    let server = site.serve(&[]);
    let body = json!({"keyId": HOSTILE, "keySecret": "x"});
    let mut request = ureq::post(format!("{}/api/token", server.url)).config();
    request = request.http_status_as_error(false);
    assert_eq!(request.build().send_json(&body).unwrap().status(), 401);
    let path = "integrations/provider/h\u{2028}\u{202e}x";
    let path = path.replace('\u{2028}', "%E2%80%A8").replace('\u{202e}', "%E2%80%AE");
    let body = json!({"type": "openai", "category": "AI_MODEL", "enabled": true,
        "configuration": {"headers": {"x-y": "1"}, "extra": {format!("{HOSTILE}_key"): "s3cret"}}});
    server.post(&path, &server.token(), &body);
    let desk = Desk { site: &site, server: Some(server) };
    let records = desk.listed("").len();
    for (line, lines) in
        [("audit list", records + 1), ("audit export", records), ("audit list --json --limit 2", 0)]
    {
        let out = desk.run(line).done();
        let raw = |c: char| {
            c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202e}')
        };
        assert!(!out.contains(raw), "{line}: {out:?}");
        assert!(lines == 0 || out.lines().count() == lines, "{line}: {out}");
    }
    let found = desk.listed(" --limit 2");
    assert_eq!(found[0]["targetId"], "h\u{2028}\u{202e}x");
    let secrets = found[0]["detail"]["secrets"].as_object().unwrap();
    assert!(secrets.contains_key(&format!("/extra/{HOSTILE}_key")), "{secrets:?}");
    assert!(found[1]["keyId"].as_str().unwrap().starts_with("hmac-sha256:"), "it may be a secret");
}

#[test]
fn a_fingerprint_confirms_a_secret_that_is_never_an_argument() {
    at_each_desk(|desk| {
        let integration = desk.listed(" --target-id openai-main").remove(0);
        let known = integration["detail"]["secrets"]["/api_key"].as_str().unwrap();
        let words = ["audit", "fingerprint"];
        let told = |input: &str| desk.run_with(&words, input).done();
        assert_eq!(told("sk-1\n"), format!("fingerprint  {known}\n"));
        assert_eq!(told("sk-1"), told("sk-1\r\n"));
        assert_ne!(told("sk-2"), told("sk-1"));
        let document = desk.run_with(&["audit", "fingerprint", "--document", "--json"], "sk-1\n");
        assert_ne!(document.json(), json!({"fingerprint": known}));
        let file = desk.site.file("secret");
        fs::write(&file, "sk-1\n").unwrap();
        let words = ["audit", "fingerprint", "--json", "--file", file.to_str().unwrap()];
        assert_eq!(desk.run_words(&words).json(), json!({"fingerprint": known}));
        fs::remove_file(&file).unwrap();
        assert!(desk.run_words(&words).failed().contains("secret cannot be read: "));
        assert_eq!(desk.run_with(&words[..2], "\n").failed(), "standard input holds no secret");
        assert_eq!(desk.run("audit fingerprint sk-1").code, Some(2));
        vec![]
    });
}

#[test]
fn who_may_not_read_the_log_is_refused() {
    let site = Site::new();
    let server = site.serve(&[]);
    let made = site.podium(&["key", "create", &site.ci], &key(&server.url, ADMIN));
    let [url, id, secret] = made.exports();
    let ci = key(&url, [&id, &secret]);
    for line in ["audit list", "audit verify", "audit export", "seal status", "seal rotate"] {
        let words: Vec<_> = line.split(' ').collect();
        let told = site.podium(&words, &ci).failed();
        assert!(told.starts_with("the server answered 403: You don't have "), "{line}: {told}");
    }
    let desk = Desk { site: &site, server: Some(server) };
    desk.run("grant add app:{ci} audit_log:* read").done();
    assert_eq!(site.podium(&["audit", "verify"], &ci).code, Some(0));
}
