//! HTTPS: by the certificate of the settings, and by its successor when the files change.

use std::fs;
use std::sync::Arc;

use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use crate::support::{Folder, Launch, PATIENCE, Server};

/// Puts a new certificate for `localhost` into the folder.
pub fn renew(folder: &Folder) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.pem();
    fs::write(folder.file("key.pem"), made.signing_key.serialize_pem()).unwrap();
    fs::write(folder.file("cert.pem"), &certificate).unwrap();
    certificate
}

pub fn launch(folder: &Folder) -> Launch {
    Launch::new(folder).env("PODIUM_TLS_CERT", "cert.pem").env("PODIUM_TLS_KEY", "key.pem")
}

/// The status of an answer to somebody who trusts this certificate alone, on a new connection.
pub fn ask(server: &Server, certificate: &str) -> Result<u16, ureq::Error> {
    let certificate = Certificate::from_pem(certificate.as_bytes()).unwrap();
    let roots = RootCerts::Specific(Arc::new(vec![certificate]));
    let tls = TlsConfig::builder().root_certs(roots).build();
    let agent = Agent::config_builder().proxy(None).tls_config(tls);
    let agent: Agent = agent.timeout_global(Some(PATIENCE)).build().into();
    let port = server.address.rsplit(':').next().unwrap();
    agent
        .get(format!("https://localhost:{port}/health/ready"))
        .call()
        .map(|answer| answer.status().as_u16())
}

#[test]
fn a_new_certificate_is_taken_without_a_restart_and_a_broken_one_is_not() {
    let folder = Folder::new();
    let first = renew(&folder);
    let server = launch(&folder).env("PODIUM_LISTEN", "localhost:0").start();
    assert_eq!(ask(&server, &first).unwrap(), 200);
    let second = renew(&folder);
    assert_eq!(ask(&server, &second).unwrap(), 200);
    assert!(ask(&server, &first).is_err());
    fs::write(folder.file("cert.pem"), "half a certif").unwrap();
    assert_eq!(ask(&server, &second).unwrap(), 200);
    assert!(server.stranger().get("/version").is_err(), "plain text was answered");
    let asked = Launch::bare(&folder)
        .env("PODIUM_LISTEN", &server.address)
        .env("PODIUM_TLS_CERT", "cert.pem")
        .args(&["health"])
        .run();
    assert!(asked.status.success(), "{asked:?}");
    let log = server.stop().err;
    assert!(log.contains("took the new certificate") && log.contains("cannot be used"), "{log}");
}

#[test]
fn files_that_are_no_certificate_and_key_stop_the_start() {
    let folder = Folder::new();
    renew(&folder);
    let first = fs::read(folder.file("key.pem")).unwrap();
    for (certificate, key, words) in [
        ("cert.pem", "", "PODIUM_TLS_KEY must be set"),
        ("", "key.pem", "PODIUM_TLS_CERT must be set"),
        ("gone.pem", "key.pem", "gone.pem"),
        ("key.pem", "key.pem", "holds no certificate"),
        ("cert.pem", "cert.pem", "cert.pem"),
    ] {
        let launch = Launch::new(&folder).env("PODIUM_TLS_CERT", certificate);
        let ended = launch.env("PODIUM_TLS_KEY", key).run();
        assert!(ended.refusal().contains(words), "{ended:?}");
    }
    renew(&folder);
    fs::write(folder.file("key.pem"), first).unwrap();
    let ended = launch(&folder).run();
    assert!(ended.refusal().starts_with("PODIUM_TLS_CERT cannot be used: "), "{ended:?}");
}
