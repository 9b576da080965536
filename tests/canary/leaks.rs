//! H1: thousands of secrets, put wherever one can go, are found nowhere.

use std::time::Instant;

use podium::domain::secret::Secret;
use podium::seal::{Keyring, Place as SealPlace};

use crate::arize::{self, Record};
use crate::client::Client;
use crate::places::{self, Place};
use crate::scanner::Scanner;
use crate::secrets::{Id, Ids, Secrets};
use crate::server::{Server, Site};
use crate::stored::{self, Shelves};
use crate::support::ADMIN;
use crate::world::World;
use crate::{credentials, manifests, reads, refused};

/// How many secrets the reliability list asks for.
const MANY: usize = 10_000;

/// What the operator sets.
struct Set {
    seal_key: Id,
    admin: Id,
    database: Option<Id>,
}

#[test]
fn h1_h2_no_secret_is_found_where_it_does_not_belong() {
    let secrets = Secrets::default();
    // The seal key is a canary too: 32 of its characters, told in hexadecimal.
    let key = Secrets::default().canary()[..32].to_owned();
    let site = Site::new(&data_encoding::HEXLOWER.encode(key.as_bytes()));
    let database = site.database.password().map(|password| secrets.add(password));
    let set = Set { seal_key: secrets.add(&key), admin: secrets.add(ADMIN.1), database };
    let server = site.serve();
    let stranger = server.stranger();
    let admin = stranger.admin(&secrets);
    let (shelves, mut records) = write(&site, &stranger, &admin, &secrets);
    read(&admin, &secrets, &shelves, &mut records);
    let [application, ..] = admin.new_application("listed", &secrets);
    let mut places = look(&site, &server, &set, &application);
    secrets_of_server(&site, &secrets);
    let heard = server.stop();
    places.extend(places::files(&site, "data", "after the stop"));
    places.extend(places::database(&site));
    places.extend(places::files(&site, "temporary", "after the stop"));
    places.push(local_command(&site));
    let said = places::files(&site, "said", "at the end");
    assert_logged(&said);
    places.extend(said);
    assert!(secrets.count() > MANY, "only {} secrets", secrets.count());

    let began = Instant::now();
    let scanner = Scanner::new(&secrets.all());
    let heard = heard.borrow();
    let mut faults: Vec<_> = heard.iter().filter_map(|answer| answer.fault(&scanner)).collect();
    faults.extend(places.iter().filter_map(|place| place.fault(&scanner)));
    let bytes: usize = heard.iter().map(|answer| answer.head.len() + answer.body.len()).sum();
    let bytes = bytes + places.iter().map(|place| place.bytes.len()).sum::<usize>();
    eprintln!(
        "{} secrets, {} patterns, {} answers, {} places, {bytes} bytes in {:?}",
        secrets.count(),
        scanner.patterns(),
        heard.len(),
        places.len(),
        began.elapsed()
    );
    assert!(faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(20)]);
}

/// Puts secrets everywhere.
fn write(
    site: &Site,
    stranger: &Client,
    admin: &Client,
    secrets: &Secrets,
) -> (Shelves, Vec<Record>) {
    let [_, id, secret] = admin.new_application("nobody", secrets);
    let nobody = stranger.signed_in(&id, &secret, secrets);
    let mut shelves = stored::save_all(admin, secrets);
    stored::change(admin, secrets, &mut shelves);
    shelves.extend(stored::refer(admin, secrets, site));
    let mut records = arize::save_all(admin, secrets);
    arize::change(admin, secrets, &mut records);
    refused::send_all(admin, &nobody, stranger, secrets);
    manifests::send_all(admin, &nobody, stranger, secrets);
    arize::refuse(admin, &nobody, stranger, secrets);
    let token = stranger.token(ADMIN.0, ADMIN.1, secrets);
    credentials::send_all(stranger, &token, secrets);
    credentials::guess(stranger, admin, secrets);
    stored::resolve(admin, &shelves);
    arize::resolve(admin, &mut records);
    (shelves, records)
}

/// Reads everything, as everyone.
fn read(admin: &Client, secrets: &Secrets, shelves: &Shelves, records: &mut [Record]) {
    let world = World::made_by(admin, secrets);
    for (name, reader) in reads::readers(admin, secrets) {
        reads::read_all(&reader, &name, &world, shelves);
        let all = ["ADMIN", "USER_READ_ONLY", "granted"].contains(&name.as_str());
        arize::read(&reader, all, records);
    }
    reads::read_each(admin, shelves);
    let records = reads::read_audit(admin);
    assert!(records > 2 * shelves.len(), "only {records} records");
}

/// Looks at all that there is beside the answers, while the server runs.
fn look(site: &Site, server: &Server<'_>, set: &Set, application: &str) -> Vec<Place> {
    let all: Ids = [set.seal_key, set.admin].into_iter().chain(set.database).collect();
    let mut found = places::files(site, "data", "while it runs");
    for end in site.database.files() {
        let name = format!("{end} ");
        assert!(found.iter().any(|place| place.name.contains(&name)), "{end} is not there");
    }
    found.extend(places::files(site, "temporary", "while it runs"));
    found.extend(places::database(site));
    found.extend(places::open_files(server.process()));
    found.extend(places::process_list(server.process()));
    found.push(places::environment(server.process(), all.clone()));
    for args in [
        &["user", "list"][..],
        &["user", "list", "--json"],
        &["key", "list", application],
        &["render", "conductor", "--format", "properties"],
        &["render", "conductor", "--format", "kubernetes-secret", "--output", "rendered"],
    ] {
        let (output, around) = places::command(site, server.address, args, all.clone());
        let name = format!("the output of {args:?}");
        assert!(output.status.success(), "{name}: {:?}", output.status);
        found.extend(around);
        found.push(Place::new(name, output.stdout));
    }
    found
}

/// What a command says that works on the database itself.
fn local_command(site: &Site) -> Place {
    let database = site.database.url();
    let mut command = site.command("local.err");
    let output = command.args(["user", "list", "--json", "--database", &database]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    Place::new("the output of a local command", output.stdout)
}

/// Sees that all was logged that can be, and nothing of what is never logged: at the level below,
/// the HTTP client writes all that it sends, cut into lines of 16 bytes.
fn assert_logged(said: &[Place]) {
    let text: String = said.iter().map(|place| String::from_utf8_lossy(&place.bytes)).collect();
    assert!(text.contains(" DEBUG ") && !text.contains(" TRACE "), "{text}");
}

/// Remembers the keys that the server has made for itself.
fn secrets_of_server(site: &Site, secrets: &Secrets) {
    let ring = Keyring::parse(&Secret::new(site.seal_key.clone())).unwrap();
    let rows = site.database.rows("SELECT purpose, id, sealed FROM server_key");
    assert!(rows.len() >= 2, "{}", rows.len());
    for row in rows {
        let [purpose, id, sealed] = row.try_into().unwrap();
        let place = SealPlace { table: "server_key", parts: &[&purpose, &id] };
        secrets.add(ring.open(&sealed, place).unwrap().expose());
    }
}
