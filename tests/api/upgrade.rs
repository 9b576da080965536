//! B7: a database of an earlier schema, opened by this version: nothing is lost, and what is new
//! is filled in.

use std::collections::BTreeSet;

use actix_web::rt::System;
use podium::auth::keys::KeyHasher;
use podium::auth::tokens::Tokens;
use podium::domain::secret::Secret;
use podium::registry::{Registry, Settings};
use podium::seal::{Keyring, Place};
use serde_json::{Value, json};

use crate::client::Client;
use crate::database::{Database, created};
use crate::support::{ADMIN, PROVIDER, SEAL_KEY, Server, is_mask, lifetime, openai, settings};

/// What every secret was shown as.
const OLD_MASK: &str = "********";

/// How many audit records there were.
const RECORDS: i64 = 3_000;

const MAIN: &str = "/api/integrations/provider/main";

/// The resource with secrets of its own.
const LLAMA: &str = "/api/integrations/provider/main/integration/meta/llama:0";

/// The secrets of the integration and of the resource, by their paths.
fn secrets() -> [(&'static str, Vec<(&'static str, Value)>); 2] {
    let pem = "-----BEGIN KEY-----\nabc\n-----END KEY-----\n";
    [
        (
            "",
            vec![
                ("/api_key", json!("sk-0123456789wxyz")),
                ("/credentials", json!({"user": "u", "parts": [1, "two"]})),
                ("/extra/a~1b_token", json!("env:HOME")),
                ("/extra/private~0key", json!(pem)),
                ("/headers/X-One", json!("one\n")),
                ("/list/1/password", json!("pässword")),
                ("/list/2/deep/pin", json!(1234)),
            ],
        ),
        ("meta/llama:0", vec![("/password", json!("own")), ("/a/token", json!("t\"\\"))]),
    ]
}

/// The configurations of both in clear.
fn configurations() -> [Value; 2] {
    let list = json!(["plain", {"name": "n"}, {"deep": {"pin": OLD_MASK, "note": "kept"}}]);
    let main = json!({"endpoint": "https://api.example.org", "max_tokens": 5,
        "extra": {"note": "plain"}, "headers": {}, "list": list});
    [main, json!({"a": {"b": 1}, "temperature": 0.50})]
}

/// A configuration with `of` each secret in its place.
fn filled(configuration: &Value, secrets: &[(&str, Value)], of: impl Fn(&Value) -> Value) -> Value {
    let mut filled = configuration.clone();
    for (path, value) in secrets {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let key = key.replace("~1", "/").replace("~0", "~");
        filled.pointer_mut(parent).unwrap()[key] = of(value);
    }
    filled
}

fn keyring() -> Keyring {
    Keyring::parse(&Secret::new(SEAL_KEY.to_owned())).unwrap()
}

fn sealed(value: &str, table: &str, parts: &[&str]) -> String {
    keyring().seal(&Secret::new(value.to_owned()), Place { table, parts }).unwrap()
}

/// A text as SQL has it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Makes a database as the first version would have, and gives a token of then.
fn make() -> (Database, String) {
    let database = Database::of_schema(include_str!("../schemas/1.sql"), 1);
    let mut rows = vec![
        "application VALUES ('ops', 'administrator', 'local', 1, 'local', 1)".to_owned(),
        "subject_role VALUES ('USER', 'app:ops', 'ADMIN')".to_owned(),
        "user_account VALUES ('ann', 'u-1', 'Ann', 'app:ops', 2, 'app:ops', 2)".to_owned(),
        "access_grant VALUES ('USER', 'ann', 'INTEGRATION_PROVIDER', 'main', 'READ')".to_owned(),
    ];
    for purpose in ["sign tokens", "hash access keys"] {
        let sealed = sealed(&format!("key to {purpose}"), "server_key", &[purpose, "k1"]);
        rows.push(format!("server_key VALUES ('{purpose}', 'k1', '{sealed}', 1)"));
    }
    let hasher = KeyHasher::new(&Secret::new("key to hash access keys".into())).unwrap();
    let hash = hasher.hash(ADMIN.0, &Secret::new(ADMIN.1.into()));
    rows.push(format!("access_key VALUES ('{}', 'ops', '{hash}', TRUE, 1, NULL, NULL)", ADMIN.0));

    let [main, own] = configurations();
    let [(_, of_main), (resource, of_own)] = secrets();
    let masked = |configuration, secrets: &[_]| {
        quoted(&filled(configuration, secrets, |_| json!(OLD_MASK)).to_string())
    };
    rows.push(format!(
        "integration VALUES
         ('main', 'openai', 'AI_MODEL', 'team', TRUE, {}, 'app:ops', 2, 'app:ops', 2)",
        masked(&main, &of_main)
    ));
    rows.push(format!(
        "resource VALUES
         ('main', '{resource}', NULL, TRUE, {}, 7, 'daily', 'app:ops', 2, 'app:ops', 2)",
        masked(&own, &of_own)
    ));
    for (resource, secrets) in secrets() {
        for (path, value) in secrets {
            let sealed = sealed(&value.to_string(), "secret", &["main", resource, path]);
            rows.push(format!("secret VALUES ('main', '{resource}', '{path}', '{sealed}')"));
        }
    }
    let mut revision = 0;
    for seq in 1..=RECORDS {
        let denied = seq % 5 == 0;
        revision += i64::from(!denied && seq % 7 != 0 || seq == 1);
        let outcome = if denied { "denied" } else { "done" };
        let address = if seq > 2 { "'127.0.0.1'" } else { "NULL" };
        let at = 1_000 + seq;
        rows.push(format!(
            "audit VALUES ({seq}, {revision}, {at}, 'app:ops', 'k', {address}, 'UPDATE',
             'INTEGRATION_PROVIDER', 'main', '{outcome}')"
        ));
    }
    let rows = format!("INSERT INTO {};", rows.join(";\nINSERT INTO "));
    database.execute(&format!("BEGIN; {rows} UPDATE revision SET number = {revision}; COMMIT"));
    let tokens = Tokens::new("k1".into(), &Secret::new("key to sign tokens".into()), lifetime());
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis().try_into().unwrap();
    (database, tokens.issue("app:ops", ADMIN.0, now, None).unwrap())
}

/// The version of a new database.
fn newest() -> Vec<String> {
    version(&Server::start())
}

/// The version of a server's database.
fn version(server: &Server) -> Vec<String> {
    server.database.column("SELECT version FROM schema_version")
}

/// That everything resolves to what it was.
fn resolves(server: &Server) {
    let admin = server.admin();
    let [main, own] = configurations();
    let [(_, of_main), (_, of_own)] = secrets();
    let main = filled(&main, &of_main, Value::clone);
    let answer = admin.call("POST", &format!("{MAIN}/resolve")).ok();
    assert_eq!(answer["configuration"], main);
    let mut all = main;
    for (key, value) in filled(&own, &of_own, Value::clone).as_object().unwrap() {
        all[key] = value.clone();
    }
    let answer = admin.call("POST", &format!("{LLAMA}/resolve")).ok();
    assert_eq!(answer["configuration"], all);
}

/// The masks of both configurations, which must be where the secrets are, each another one.
fn masks(server: &Server) -> Vec<Value> {
    let admin = server.admin();
    let shown = [MAIN, LLAMA].map(|path| admin.get(path).ok()["configuration"].clone());
    let mut found: Vec<Value> = vec![];
    for (shown, (_, secrets)) in shown.iter().zip(secrets()) {
        for (path, _) in secrets {
            let mask = shown.pointer(path).unwrap();
            assert!(is_mask(mask) && *mask != OLD_MASK, "{path}: {mask}");
            assert!(!found.contains(mask), "{mask}");
            found.push(mask.clone());
        }
    }
    found
}

/// What the first schema knew of the records.
fn old_records(server: &Server) -> Vec<Vec<String>> {
    let sql = "SELECT seq, revision, at, subject, key_id, address, access, target_kind, target_id,
                   outcome FROM audit WHERE seq <= 3000 ORDER BY seq";
    server.database.rows(sql)
}

fn verified(server: &Server) -> Value {
    server.admin().get("/api/audit/verify").ok()
}

#[test]
fn b7_a_database_of_the_first_schema_is_taken_over_whole() {
    let (database, token) = make();
    let server = Server::on(&database, SEAL_KEY, settings());
    assert_eq!(version(&server), newest());
    assert_eq!(verified(&server), json!({"records": RECORDS + 1, "firstBad": null}));
    let log = server.admin().get("/api/audit?limit=2").ok();
    let chained = &log["records"][0];
    assert_eq!((&chained["action"], &chained["seq"]), (&json!("audit-log.chain"), &json!(3_001)));
    assert_eq!(chained["detail"], json!({"records": RECORDS}));
    assert_eq!(log["records"][1]["action"], "");
    server.bearer(&token).get(MAIN).ok();
    resolves(&server);

    let found = masks(&server);
    assert!(found[0].as_str().unwrap().ends_with("wxyz"), "{}", found[0]);
    let old = old_records(&server);
    let secrets = server.database.secrets();
    drop(server);
    let server = Server::on(&database, SEAL_KEY, settings());
    assert_eq!(server.database.secrets(), secrets, "it is done once");
    assert_eq!(masks(&server), found);
    assert_eq!(old_records(&server), old);
    assert_eq!(old[0][5], "NULL");
    assert_eq!(verified(&server)["firstBad"], Value::Null);
    let chained = server.admin().get("/api/audit?action=audit-log.chain").ok();
    assert_eq!(chained["records"].as_array().unwrap().len(), 1);
}

#[test]
fn b7_what_is_read_after_the_upgrade_keeps_every_secret_when_written_back() {
    let (database, _) = make();
    let server = Server::on(&database, SEAL_KEY, settings());
    let admin = server.admin();
    let found = masks(&server);
    for path in [MAIN, LLAMA] {
        let shown = admin.get(path).ok();
        let answer = admin.post(path, &shown);
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(masks(&server), found);
    resolves(&server);
    let mut shown = admin.get(MAIN).ok();
    shown["configuration"]["api_key"] = json!(OLD_MASK);
    server.unchanged(|| admin.post(MAIN, &shown).refused(400, "api_key"));
}

#[test]
fn b7_an_upgrade_that_was_broken_off_is_finished_by_the_next_start() {
    let (database, _) = make();
    // The schema is there, and nothing of what needs keys.
    drop(database.open().unwrap());
    let wrong = Keyring::parse(&Secret::new("ab".repeat(32))).unwrap();
    let opened = System::new().block_on(async {
        let db = database.open().unwrap();
        Registry::open(db, wrong, Settings::from(lifetime())).await.map(drop)
    });
    assert!(opened.is_err(), "another key opens nothing");
    // A secret that cannot be opened undoes all of it.
    let spoil = |from: &str, to: &str| {
        let sealed = format!("replace(sealed, '{from}', '{to}')");
        let sql = format!("UPDATE secret SET sealed = {sealed} WHERE path = '/password'");
        assert_eq!(database.tamper(&sql), 1);
    };
    spoil("v1.", "v0.");
    let before = database.state();
    let opened = System::new().block_on(async {
        let db = database.open().unwrap();
        Registry::open(db, keyring(), Settings::from(lifetime())).await.map(drop)
    });
    assert!(opened.is_err());
    assert_eq!(database.state(), before);
    spoil("v0.", "v1.");
    let server = Server::on(&database, SEAL_KEY, settings());
    resolves(&server);
    masks(&server);
    assert_eq!(verified(&server)["firstBad"], Value::Null);
}

/// The integrations that are made before there is Arize's dialect: name, type, and whether it has
/// a word for that. Each is made a millisecond after the one before it, but for the last two.
const EARLIER: [(&str, &str, bool); 6] = [
    ("zeta", "openai", true),
    ("Zeta.2", "anthropic", true),
    ("graph db", "weaviatedb", false),
    ("mid", "mistral", false),
    ("alpha", "azure_openai", true),
    ("beta", "openai", true),
];

/// A database of an earlier schema with the same content, as far as that schema has a place for it.
fn turned_back(newer: &Database, schema: &str, version: i64) -> Database {
    let older = Database::of_schema(schema, version);
    let tables = created(schema);
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables {
        let columns = older.columns(table).join(", ");
        older.replace(table, &newer.values(&format!("SELECT {columns} FROM {table}")));
    }
    older
}

/// The names and ids in a list of Arize's dialect.
fn listed(admin: &Client, list: &str) -> Vec<(String, String)> {
    let (path, member) = (format!("/v2/{list}"), list.replace('-', "_"));
    let found = admin.get(&path).ok()[member].clone();
    let text = |one: &Value, member: &str| one[member].as_str().unwrap().to_owned();
    let found = found.as_array().unwrap();
    found.iter().map(|one| (text(one, "name"), text(one, "id"))).collect()
}

#[test]
fn b7_integrations_of_earlier_schemas_are_numbered_named_and_kept_in_arizes_dialect() {
    for (number, schema) in
        [(2, include_str!("../schemas/2.sql")), (3, include_str!("../schemas/3.sql"))]
    {
        let server = Server::start();
        let admin = server.admin();
        for (name, kind, _) in EARLIER {
            let mut body = openai(&format!("sk-of-{name}"));
            body["type"] = json!(kind);
            body["category"] = Value::Null;
            let path = format!("{PROVIDER}/{}", name.replace(' ', "%20"));
            admin.post(&path, &body).ok();
            for model in ["m/2", "m-1"] {
                let path = format!("{path}/integration/{}", model.replace('/', "%2F"));
                admin.post(&path, &json!({"enabled": true})).done();
            }
        }
        let newer = server.database.clone();
        drop(server);
        let database = turned_back(&newer, schema, number);
        assert!(!database.tables().contains(&"arize_integration".to_owned()));
        for (on, (name, ..)) in [1_000, 1_001, 1_002, 1_003, 1_004, 1_004].into_iter().zip(EARLIER)
        {
            let sql = format!("UPDATE integration SET created_on = {on} WHERE name = '{name}'");
            assert_eq!(database.tamper(&sql), 1);
        }

        let server = Server::on(&database, SEAL_KEY, settings());
        let admin = server.admin();
        assert_eq!(version(&server), newest());
        let newer = listed(&admin, "integrations");
        let older = listed(&admin, "ai-integrations");
        let names = |of: &[(String, String)]| -> Vec<_> {
            of.iter().map(|(name, _)| name.clone()).collect()
        };
        // Of those that were made at once, the name decides.
        let known = EARLIER.iter().rev().filter(|(.., is_known)| *is_known);
        let known: Vec<_> = known.map(|(name, ..)| *name).collect();
        assert_eq!(names(&older), known, "the newest first, from version {number}");
        // The newer family has no word for Azure.
        assert_eq!(names(&newer), ["beta", "Zeta.2", "zeta"]);
        assert!(newer.iter().all(|one| older.contains(one)), "{newer:?} {older:?}");
        let made = admin.post(
            "/v2/integrations",
            &json!({"type": "LLM", "name": "later", "config": {"provider": "OPEN_AI", "api_key": "sk"}}),
        );
        assert_eq!(made.status, 201, "{}", made.text);
        assert_eq!(listed(&admin, "integrations")[1..], newer, "what is new comes first");
        let taken = json!({"name": "zeta", "provider": "OPEN_AI"});
        assert_eq!(admin.post("/v2/ai-integrations", &taken).status, 409);

        let id = |name: &str| &older.iter().find(|one| one.0 == name).unwrap().1;
        for name in known {
            let path = format!("/v2/ai-integrations/{}", id(name));
            let changes = json!({"function_calling_enabled": false, "model_names": ["m-1", "new"]});
            let shown = admin.patch(&path, &changes).ok();
            assert_eq!(shown["model_names"], json!(["m-1", "new"]), "{name}");
            assert_eq!(shown["created_at"], admin.get(&path).ok()["created_at"]);
        }
        for (name, kind, _) in EARLIER {
            let path = format!("{PROVIDER}/{}", name.replace(' ', "%20"));
            let resolved = admin.resolve(&path).ok();
            assert_eq!(resolved["type"], kind);
            assert_eq!(resolved["configuration"]["api_key"], format!("sk-of-{name}"));
        }
        let path = format!("/v2/integrations/{}", id("zeta"));
        let renamed = json!({"type": "LLM", "name": "eta"});
        assert_eq!(admin.patch(&path, &renamed).ok()["name"], "eta");
        for name in ["eta", "zeta"] {
            let resolved = admin.resolve(&format!("{PROVIDER}/{name}")).ok();
            assert_eq!(resolved["configuration"]["api_key"], "sk-of-zeta");
        }
        drop(server);
        let server = Server::on(&database, SEAL_KEY, settings());
        let again = listed(&server.admin(), "ai-integrations");
        assert_eq!(again.iter().find(|one| one.0 == "eta").unwrap().1, *id("zeta"));
        assert!(again.contains(&("beta".to_owned(), id("beta").clone())));
        assert_eq!(verified(&server)["firstBad"], Value::Null);
    }
}

#[test]
fn b7_a_database_of_the_fourth_to_sixth_schema_is_taken_over_whole() {
    let server = Server::start();
    let admin = server.admin();
    admin.post(MAIN, &openai("sk-1")).ok();
    admin.post(LLAMA, &json!({"enabled": true, "configuration": {"password": "p"}})).done();
    let made = admin.post("/v2/organizations", &json!({"name": "Acme"}));
    assert_eq!(made.status, 201, "{}", made.text);
    server.client("ada", &["USER"]);
    let newer = server.database.clone();
    drop(server);
    for (number, schema) in [
        (4, include_str!("../schemas/4.sql")),
        (5, include_str!("../schemas/5.sql")),
        (6, include_str!("../schemas/6.sql")),
    ] {
        let database = turned_back(&newer, schema, number);
        let tables = created(schema);
        let tables: Vec<_> = tables.iter().map(|name| (name, database.columns(name))).collect();
        let of_schema = |database: &Database| -> BTreeSet<String> {
            tables.iter().flat_map(|(name, its)| database.lines(name, &its.join(", "))).collect()
        };
        let server = Server::on(&database, SEAL_KEY, settings());
        assert_eq!(version(&server), newest());
        assert_eq!(database.tables(), newer.tables());
        assert_eq!(of_schema(&database), of_schema(&newer), "from version {number}");
        let resolved = server.admin().resolve(LLAMA).ok();
        assert_eq!(resolved["configuration"]["password"], "p");
        assert_eq!(verified(&server)["firstBad"], Value::Null);
    }
}

#[test]
fn b7_an_integration_of_the_first_schema_is_read_and_changed_in_arizes_dialect() {
    let (database, _) = make();
    let server = Server::on(&database, SEAL_KEY, settings());
    let admin = server.admin();
    let found = listed(&admin, "integrations");
    let [(name, id)] = &found[..] else { panic!("{found:?}") };
    assert_eq!(name, "main");
    let path = format!("/v2/integrations/{id}");
    let shown = admin.get(&path).ok();
    assert_eq!(
        shown["config"],
        json!({"provider": "OPEN_AI", "has_api_key": true,
        "is_function_calling_enabled": true})
    );
    let changes = json!({"type": "LLM", "config": {"is_function_calling_enabled": false}});
    assert_eq!(admin.patch(&path, &changes).ok()["config"]["is_function_calling_enabled"], false);
    masks(&server);
    let resolved = admin.resolve(MAIN).ok();
    let [main, _] = configurations();
    let [(_, of_main), _] = secrets();
    let mut main = filled(&main, &of_main, Value::clone);
    main["arize"] = json!({"is_function_calling_enabled": false});
    assert_eq!(resolved["configuration"], main);
    assert_eq!(listed(&admin, "ai-integrations"), found);
}
