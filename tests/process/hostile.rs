//! Handshakes that stall, and the other HTTP.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::limits::connect;
use crate::support::{Folder, Launch, Server};
use crate::tls::{ask, launch, renew};

/// How an HTTP/2 client begins: its preface and an empty frame of settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

/// All that comes until the connection is closed, which it must be.
fn rest(connection: &mut impl Read) -> Vec<u8> {
    let mut bytes = vec![];
    match connection.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error)
            if [ErrorKind::ConnectionReset, ErrorKind::UnexpectedEof].contains(&error.kind()) => {}
        Err(error) => panic!("not closed: {error}"),
    }
    bytes
}

/// A TLS connection to who has this certificate, offering these protocols.
fn secured(
    server: &Server,
    certificate: &str,
    protocols: &[&[u8]],
) -> Result<StreamOwned<ClientConnection, TcpStream>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add(PemObject::from_pem_slice(certificate.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut connection = connect(server);
    while tls.is_handshaking() {
        tls.complete_io(&mut connection).map_err(|error| {
            match error.downcast::<rustls::Error>() {
                Ok(error) => error,
                Err(error) => panic!("{error}"),
            }
        })?;
    }
    Ok(StreamOwned::new(tls, connection))
}

/// 1,000 handshakes that stall: half of them before the first byte, half within the greeting.
fn stalled(server: &Server) -> Vec<TcpStream> {
    let mut stalled: Vec<_> = (0..1_000).map(|_| connect(server)).collect();
    for connection in stalled.iter_mut().step_by(2) {
        connection.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03").unwrap();
    }
    stalled
}

#[test]
fn d4_others_are_served_while_handshakes_stall() {
    let folder = Folder::new();
    let certificate = renew(&folder);
    let launch = launch(&folder).env("PODIUM_LISTEN", "localhost:0");
    let server = launch.env("PODIUM_HEAD_TIMEOUT", "10m").start();
    let stalled = stalled(&server);
    for _ in 0..20 {
        assert_eq!(ask(&server, &certificate).unwrap(), 200);
    }
    drop(stalled);
    server.stop();
}

#[test]
fn d4_handshakes_that_stall_are_closed() {
    let folder = Folder::new();
    let certificate = renew(&folder);
    let launch = launch(&folder).env("PODIUM_LISTEN", "localhost:0");
    let server = launch.env("PODIUM_HEAD_TIMEOUT", "1s").start();
    for connection in &mut stalled(&server) {
        rest(connection);
    }
    assert_eq!(ask(&server, &certificate).unwrap(), 200);
    server.stop();
}

/// There is no HTTP/2, and so neither rapid resets nor floods of CONTINUATION, streams or windows:
/// its first frame is the last that is read.
#[test]
fn d4_http_2_is_not_spoken() {
    let folder = Folder::new();
    let certificate = renew(&folder);
    let server = launch(&folder).env("PODIUM_LISTEN", "localhost:0").start();
    let chosen = secured(&server, &certificate, &[b"h2", b"http/1.1"]).unwrap();
    assert_eq!(chosen.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let refused = secured(&server, &certificate, &[b"h2"]).err();
    assert!(matches!(refused, Some(rustls::Error::AlertReceived(_))), "{refused:?}");
    for protocols in [&[][..], &[&b"http/1.1"[..]]] {
        let mut connection = secured(&server, &certificate, protocols).unwrap();
        connection.write_all(PREFACE).unwrap();
        connection.flush().unwrap();
        let told = rest(&mut connection);
        assert!(told.is_empty() || told.starts_with(b"HTTP/1.1 400 "), "{told:?}");
    }
    server.stop();
    let folder = Folder::new();
    let server = Launch::new(&folder).start();
    for _ in 0..1_000 {
        let mut connection = connect(&server);
        connection.write_all(PREFACE).unwrap();
        let _ = connection.shutdown(Shutdown::Write);
        let told = rest(&mut connection);
        assert!(told.is_empty() || told.starts_with(b"HTTP/1.1 400 "), "{told:?}");
    }
    server.stranger().get("/version").unwrap().is(200);
    server.stop();
}
