//! Every trick to have a stored secret sent elsewhere, by a caller who may change everything but
//! does not know it; and a listener there, which must never hear of it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use podium::references::References;
use podium::registry::Settings;
use serde_json::{Value, json};

use crate::saving::{GPT, MAIN, Whose, each_way, with};
use crate::support::{Client, Server, settings};

/// What is in every secret that the caller does not know.
const OLD: &str = "sk-old-5d41402abc4b2a76";

/// What is in the secrets that they bring.
const THEIRS: &str = "sk-theirs";

/// A host that writes down whatever is sent to it.
struct Listener {
    address: SocketAddr,
    thread: JoinHandle<String>,
}

impl Listener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut heard = String::new();
            while !heard.ends_with("end") {
                listener.accept().unwrap().0.read_to_string(&mut heard).unwrap();
            }
            heard
        });
        Self { address, thread }
    }

    fn tell(&self, text: &str) {
        TcpStream::connect(self.address).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Everything that was sent.
    fn heard(self) -> String {
        self.tell("end");
        self.thread.join().unwrap()
    }
}

/// Those who take part.
struct Scene {
    server: Server,
    evil: Listener,
    admin: Client,
    /// May read and change the integration, and make others.
    mallory: Client,
    /// May execute it.
    worker: Client,
}

impl Scene {
    fn new() -> Self {
        let references = References { variables: vec!["*".to_owned()], folders: vec!["/".into()] };
        let server = Server::start_with(Settings { references, ..settings() });
        let scene = Self {
            evil: Listener::start(),
            admin: server.admin(),
            mallory: server.client("mallory", &["USER"]),
            worker: server.client("worker", &["WORKER"]),
            server,
        };
        scene.reset();
        let main = ("INTEGRATION_PROVIDER", "main");
        scene.server.grant(("USER", &scene.mallory.subject), main, &["READ", "UPDATE"]);
        scene.server.grant(("USER", &scene.worker.subject), main, &["EXECUTE"]);
        scene
    }

    /// Puts everything back in its place.
    fn reset(&self) {
        let secret = |name: &str| json!(format!("{OLD}-{name}"));
        let configuration = json!({
            "api_key": secret("key"), "endpoint": "https://good.example.org",
            "headers": {"X-Team": secret("header"), "Host": secret("host")},
        });
        let own = json!({"api": "gpt", "enabled": true, "configuration": {"token": secret("own")}});
        let bare = json!({"api": "bare", "enabled": true, "configuration": {}});
        let item = json!({"name": "main", "type": "openai", "enabled": true,
                          "configuration": configuration, "apis": [own, bare]});
        self.admin.post("/api/integrations", &json!([item])).done();
    }

    /// What the worker then does: it resolves all that it can, and where a configuration leads to
    /// the listener in any way, it sends the secrets there. Gives whether it sent anything.
    fn work(&self) -> bool {
        let evil = self.evil.address.port().to_string();
        let parts = ["gpt", "bare"].map(|part| format!("{MAIN}/integration/{part}"));
        let mut sent = false;
        for path in std::iter::once(MAIN).chain(parts.iter().map(String::as_str)) {
            let answer = self.worker.resolve(path);
            assert!(answer.status == 200 || !answer.text.contains(OLD), "{}", answer.text);
            if answer.status == 200 && answer.text.contains(&evil) {
                self.evil.tell(&answer.text);
                sent = true;
            }
        }
        sent
    }

    /// That the listener heard something, and no secret that was not brought.
    fn end(self) {
        let heard = self.evil.heard();
        assert!(heard.contains(THEIRS), "nothing was ever sent, so this shows nothing");
        assert!(!heard.contains(OLD), "{heard}");
    }

    /// Fields that lead to the listener.
    fn ways_there(&self) -> Vec<Value> {
        let (host, port) = (self.evil.address.to_string(), self.evil.address.port());
        let url = format!("http://{host}/v1");
        vec![
            json!({"endpoint": url}),
            json!({"endpoint": [url]}),
            json!({"endpoint": {"url": url}}),
            json!({"endPoint": host}),
            json!({"ENDPOINT": url, "baseUrl": url}),
            json!({"host": "127.0.0.1", "port": port}),
            json!({"httpsProxy": url}),
            json!({"anything": url}),
            json!({"anything": format!("{host}/****")}),
            json!({"completionsPath": format!("@{host}/")}),
            json!({"region": format!("{host}/#")}),
            json!({"headers": {"Host": host}}),
            json!({"headers": {"X-Forwarded-Host": host}}),
            json!({"headers": [format!("Host: {host}")]}),
            json!({"headers": format!("Host: {host}")}),
            json!({"extraHeaders": {"Host": host}}),
        ]
    }
}

#[test]
fn i5_the_listener_hears_no_secret_that_was_not_brought() {
    let scene = Scene::new();
    let mallory = &scene.mallory;
    let each = |way| scene.ways_there().into_iter().map(move |there| (way, there));
    for ((whose, way), there) in each_way().flat_map(each) {
        let shown = whose.read(mallory);
        // Where headers are sent, in one case with those that are there.
        let mut beside = there.clone();
        if there["headers"].is_object() && shown["headers"].is_object() {
            beside["headers"] = with(&shown["headers"], &there["headers"]);
        }
        let brought = json!({"api_key": THEIRS, "token": THEIRS});
        for change in [&beside, &there, &with(&beside, &brought), &with(&there, &brought)] {
            whose.save(mallory, way, &with(&shown, change));
            scene.work();
            // And what then stands, saved as it is or led there from below.
            mallory.patch(GPT, &json!({"configuration": there}));
            scene.work();
        }
        scene.reset();
    }
    scene.end();
}

#[test]
fn i5_no_roundabout_way_leads_a_secret_to_the_listener() {
    let scene = Scene::new();
    let Scene { mallory, server, .. } = &scene;
    let url = format!("http://{}/v1", scene.evil.address);
    let there = json!({"endpoint": url});
    let key = json!({"api_key": THEIRS, "headers": {}});
    let all = with(&key, &there);
    let bare = format!("{MAIN}/integration/bare");
    let whole = |configuration: &Value| {
        mallory.post(MAIN, &json!({"enabled": true, "configuration": configuration})).status
    };
    let part = |configuration: &Value| {
        let body = json!({"enabled": true, "configuration": configuration});
        mallory.post(&bare, &body).status
    };
    let merge = |configuration: &Value| {
        mallory.patch(MAIN, &json!({"configuration": configuration})).status
    };
    let shown = || Whose::Integration.read(mallory);

    // Moves it with their own secrets, and then takes the masks from before.
    let before = shown();
    assert_eq!(whole(&all), 200);
    assert!(scene.work(), "what they brought themselves goes there");
    for mask in [&before["api_key"], &before["headers"]["Host"]] {
        assert_eq!(merge(&json!({"api_key": mask})), 400);
    }
    assert_eq!(whole(&with(&before, &there)), 400);
    scene.work();
    scene.reset();

    // Puts masks where another secret, or none, stood.
    let before = shown();
    assert_eq!(part(&with(&before, &there)), 400);
    assert_eq!(part(&json!({"api_key": before["api_key"]})), 400);
    assert_eq!(whole(&with(&before, &json!({"model": before["api_key"]}))), 400);
    let path = before["api_key"].as_str().unwrap();
    merge(&json!({"endpoint": format!("{url}/{path}")}));
    scene.work();
    scene.reset();

    // Another integration, made with the masks of this one.
    let other = json!({"name": "theirs", "type": "openai", "enabled": true,
                       "configuration": with(&shown(), &there)});
    mallory.post("/api/integrations", &json!([other])).refused(400, "is a mask");

    // Leads the resources there: at once, after the integration's secret was taken over, and by a
    // secret that is empty.
    for own in [&there, &all, &with(&there, &json!({"api_key": "", "headers": ""}))] {
        part(own);
        scene.work();
        whole(&json!({"endpoint": "https://good.example.org", "api_key": THEIRS}));
        part(own);
        scene.work();
        scene.reset();
        scene.work();
        part(&json!({}));
    }

    // Replaces a secret by a reference, or has one say where.
    for (field, value) in [
        ("api_key", "env:CARGO_PKG_NAME"),
        ("endpoint", "env:CARGO_PKG_NAME"),
        ("endpoint", "file:/etc/hostname"),
    ] {
        assert!([400, 403].contains(&merge(&json!({field: value}))), "{field}");
        assert!([400, 403].contains(&part(&json!({field: value}))), "{field}");
    }
    scene.work();

    // Takes the name, the type, or the right to resolve it all themselves.
    mallory.delete(MAIN).refused(403, "DELETE");
    let kind = json!({"type": "ollama", "configuration": there});
    mallory.patch(MAIN, &kind).refused(400, "type");
    let grant = json!({"subject": {"type": "USER", "id": mallory.subject},
                       "target": {"type": "INTEGRATION_PROVIDER", "id": "main"},
                       "access": ["EXECUTE"]});
    mallory.post("/api/auth/authorization", &grant).refused(403, "EXECUTE");
    mallory.post(&format!("{MAIN}/integration/new"), &json!({"enabled": true})).done();
    for path in [MAIN, GPT, &bare, &format!("{MAIN}/integration/new")] {
        assert_eq!(
            server.denied(|| mallory.resolve(path).refused(403, "EXECUTE"))[..14],
            *"denied EXECUTE"
        );
    }
    scene.end();
}
