//! J4: whatever is done to the log behind the server's back is found, and named.

use serde_json::{Value, json};

use crate::database::{Database, Text};
use crate::support::{SEAL_KEY, Server, openai, settings};

/// The columns of a record, each with what changes it into something else.
const EDITS: [(&str, &str); 12] = [
    ("revision", "revision + 1"),
    ("at", "at - 1"),
    ("subject", "subject || 'x'"),
    ("key_id", "key_id || ' '"),
    ("address", "CASE WHEN address IS NULL THEN '' ELSE NULL END"),
    ("action", "upper(action)"),
    ("access", "access || 'S'"),
    ("target_kind", "'X'"),
    ("target_id", "target_id || target_id"),
    ("outcome", "CASE outcome WHEN 'done' THEN 'denied' ELSE 'done' END"),
    ("detail", "CASE WHEN detail IS NULL THEN '{}' ELSE NULL END"),
    ("hash", "upper(hash) || '0'"),
];

/// A server whose log has `records` records, some of them refusals.
fn prepare(server: &Server) -> i64 {
    let (admin, nobody) = (server.admin(), server.client("nobody", &[]));
    for name in ["a", "b"] {
        let path = format!("/api/integrations/provider/{name}");
        admin.post(&path, &openai("sk-1")).ok();
        nobody.delete(&path).refused(403, "DELETE");
    }
    let wrong = json!({"keyId": "nobody", "keySecret": "x"});
    server.stranger().post("/api/token", &wrong).not_signed_in("INVALID_CREDENTIALS");
    i64::try_from(server.database.records()).unwrap()
}

/// How many records are good, and the first bad one.
fn verified(server: &Server) -> (i64, Option<i64>) {
    let found = server.admin().get("/api/audit/verify").ok();
    (found["records"].as_i64().unwrap(), found["firstBad"]["seq"].as_i64())
}

/// Every row of a table.
fn all(server: &Server, table: &str) -> Vec<Vec<Text>> {
    server.database.values(&format!("SELECT * FROM {table}"))
}

/// The log as it is, to be put back.
struct Kept(Vec<(&'static str, Vec<Vec<Text>>)>);

impl Kept {
    fn of(server: &Server) -> Self {
        let tables = ["audit", "audit_head", "revision"];
        Self(tables.map(|table| (table, all(server, table))).into())
    }

    fn put_back(&self, server: &Server) {
        for (table, rows) in &self.0 {
            server.database.replace(table, rows);
        }
    }
}

/// Edits of each column of each record.
fn edits(records: i64) -> Vec<(String, i64)> {
    let each = (1..=records).flat_map(|seq| {
        EDITS.map(|(column, value)| {
            (format!("UPDATE audit SET {column} = {value} WHERE seq = {seq}"), seq)
        })
    });
    let mut found: Vec<_> = each.collect();
    // The same letters, divided differently between two columns.
    let moved = "UPDATE audit SET access = access || substr(target_kind, 1, 1),
                     target_kind = substr(target_kind, 2) WHERE seq = 2";
    found.push((moved.to_owned(), 2));
    found.push(("UPDATE audit SET hash = '' WHERE seq = 3".to_owned(), 3));
    found.push(("UPDATE audit SET hash = ''".to_owned(), 1));
    found
}

/// Edits that leave what no server could have written, as far as the database lets them.
fn misfits(database: &Database, records: i64) -> Vec<(String, i64)> {
    let edit = |set: &str, seq| (format!("UPDATE audit SET {set} WHERE seq = {seq}"), seq);
    let of_type = (1..=records).map(|seq| edit("subject = CAST(subject AS BLOB) || x'ff'", seq));
    let mut found: Vec<_> = of_type.collect();
    found.extend([edit("seq = 'x'", 2), edit("at = 'now'", 2)]);
    found.retain(|_| !database.is_typed());
    found
}

/// Records that are taken away, moved, or put in.
fn moves(records: i64) -> Vec<(String, i64)> {
    let mut found = vec![];
    for seq in 1..=records {
        found.push((format!("DELETE FROM audit WHERE seq = {seq}"), seq));
        found.push((format!("DELETE FROM audit WHERE seq >= {seq}"), seq));
        // Shifted up by one, with a copy in the gap.
        let shift = format!(
            "UPDATE audit SET seq = -seq - 1 WHERE seq > {seq}; UPDATE audit SET seq = -seq
             WHERE seq < 0;
             INSERT INTO audit SELECT seq + 1, {COLUMNS} FROM audit WHERE seq = {seq}"
        );
        found.push((shift, seq + 1));
    }
    for seq in 1..records {
        let next = seq + 1;
        let swap = format!(
            "UPDATE audit SET seq = -1 WHERE seq = {seq}; UPDATE audit SET seq = {seq}
             WHERE seq = {next}; UPDATE audit SET seq = {next} WHERE seq = -1"
        );
        found.push((swap, seq));
        found.push((format!("DELETE FROM audit WHERE seq <= {seq}"), 1));
        let renumbered = format!(
            "DELETE FROM audit WHERE seq <= {seq};
             UPDATE audit SET seq = -seq; UPDATE audit SET seq = -seq - {seq}"
        );
        found.push((renumbered, 1));
        // The end is cut off, and the head moved to where it then is.
        let cut = format!(
            "DELETE FROM audit WHERE seq > {seq}; UPDATE audit_head SET seq = {seq},
                 hash = (SELECT hash FROM audit WHERE seq = {seq})"
        );
        found.push((cut, next));
    }
    for (place, bad) in [(0, 0), (-7, -7), (records + 1, records + 1), (records + 9, records + 1)] {
        let copy = format!("INSERT INTO audit SELECT {place}, {COLUMNS} FROM audit WHERE seq = 2");
        found.push((copy, bad));
    }
    found
}

/// All columns of a record but its place.
const COLUMNS: &str = "revision, at, subject, key_id, address, action, access, target_kind,
                       target_id, outcome, detail, hash";

/// What is done to the end of the log, and to the number of the latest change.
fn ends(records: i64) -> Vec<(String, i64)> {
    let text = str::to_owned;
    vec![
        (text("UPDATE audit_head SET seq = seq + 1"), records + 1),
        (text("UPDATE audit_head SET seq = seq - 1"), records),
        (text("UPDATE audit_head SET hash = upper(hash) || '0'"), records + 1),
        (text("UPDATE audit_head SET seal = upper(seal) || '0'"), records + 1),
        (text("UPDATE audit_head SET seal = hash"), records + 1),
        (text("UPDATE audit_head SET seq = 0, hash = '', seal = ''"), 1),
        (text("DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = '', seal = ''"), 1),
        (text("DELETE FROM audit"), 1),
        (text("DELETE FROM audit_head"), 1),
        (text("UPDATE revision SET number = number + 1"), records + 1),
        (text("UPDATE revision SET number = number - 1"), records + 1),
    ]
}

#[test]
fn j4_every_tampering_is_found_and_named_and_good_again_when_put_back() {
    let server = &Server::start();
    let records = prepare(server);
    let kept = Kept::of(server);
    assert_eq!(verified(server), (records, None));
    let all = [edits(records), misfits(&server.database, records), moves(records), ends(records)];
    let all = all.concat();
    assert!(all.len() >= 100, "only {}", all.len());
    for (sql, bad) in &all {
        server.database.execute(sql);
        let found = verified(server);
        assert_eq!(found.1, Some(*bad), "{sql}: {found:?}");
        kept.put_back(server);
    }
    assert_eq!(verified(server), (records, None));
}

#[test]
fn j4_an_end_that_is_rewound_to_what_it_was_is_found() {
    let server = &Server::start();
    let records = prepare(server);
    let kept = Kept::of(server);
    let admin = server.admin();
    admin.post("/api/integrations/provider/c", &openai("sk-1")).ok();
    let revision = all(server, "revision");
    kept.put_back(server);
    server.database.replace("revision", &revision);
    assert_eq!(verified(server), (records, Some(records + 1)));
    admin.post("/api/integrations/provider/d", &openai("sk-1")).ok();
    assert_eq!(verified(server), (records, Some(records + 1)), "a gap stays a gap");
}

#[test]
fn j4_what_follows_on_an_end_that_was_tampered_with_never_fits() {
    for (sql, first) in [
        ("UPDATE audit_head SET hash = (SELECT hash FROM audit WHERE seq = 2)", false),
        ("UPDATE audit_head SET seal = ''", false),
        (
            "DELETE FROM audit; UPDATE audit_head SET seq = 0, hash = '', seal = '';
             UPDATE revision SET number = 0",
            true,
        ),
    ] {
        let server = &Server::start();
        let records = prepare(server);
        server.database.execute(sql);
        let admin = server.admin();
        for name in ["c", "d"] {
            admin.post(&format!("/api/integrations/provider/{name}"), &openai("sk-1")).ok();
        }
        let good = if first { 0 } else { records };
        assert_eq!(verified(server), (good, Some(good + 1)), "{sql}");
    }
}

#[test]
fn j4_a_start_heals_nothing() {
    let database = Database::new();
    let started = || Server::on(&database, SEAL_KEY, settings());
    let server = started();
    let records = prepare(&server);
    let kept = Kept::of(&server);
    let blanked = "UPDATE audit SET subject = 'x' WHERE seq = 2; UPDATE audit SET hash = '';
                   UPDATE audit_head SET seq = 0, hash = '', seal = ''";
    server.database.execute(blanked);
    drop(server);
    let server = started();
    assert_eq!(verified(&server), (0, Some(1)));
    kept.put_back(&server);
    drop(server);
    assert_eq!(verified(&started()), (records, None));

    // Without its key the log is not the same any more; and who blanks the hashes too, so that it
    // is taken for one of the first version, leaves a record of that.
    let no_key = "DELETE FROM server_key WHERE purpose = 'chain the audit log'";
    let server = started();
    server.database.execute(no_key);
    drop(server);
    let server = started();
    assert_eq!(verified(&server), (0, Some(1)));
    server.database.execute(&format!("{no_key}; {blanked}"));
    drop(server);
    let server = started();
    assert_eq!(verified(&server), (records + 1, None));
    let last = &server.admin().get("/api/audit?limit=1").ok()["records"][0];
    assert_eq!((&last["action"], &last["subject"]), (&json!("audit-log.chain"), &json!("local")));
    assert_eq!(last["detail"], json!({"records": records}));
}

#[test]
fn j4_a_long_log_is_verified_while_it_grows() {
    let server = &Server::start();
    let admin = server.admin();
    let items: Vec<Value> = (0..2_500)
        .map(|n| json!({"name": format!("i{n}"), "type": "openai", "category": "AI_MODEL"}))
        .collect();
    admin.post("/api/integrations", &json!(items)).done();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..40 {
                admin.delete(&format!("/api/integrations/provider/i{n}")).done();
            }
        });
        let mut last = 2_500;
        while !writer.is_finished() {
            let (records, bad) = verified(server);
            assert!(records >= last && bad.is_none(), "{records}, {bad:?}");
            last = records;
        }
    });
    server.database.execute("UPDATE audit SET at = at + 1 WHERE seq = 2222");
    assert_eq!(verified(server), (2_221, Some(2_222)), "behind the first batch");
}

#[test]
fn j4_a_record_with_damaged_detail_can_still_be_read() {
    let server = &Server::start();
    prepare(server);
    server.database.execute("UPDATE audit SET detail = '{\"a' WHERE seq = 2");
    let found = server.admin().get("/api/audit?ascending=true").ok();
    assert_eq!(found["records"][1]["detail"], "{\"a");
}
