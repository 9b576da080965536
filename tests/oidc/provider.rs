//! A small identity provider: a real server that publishes its keys and counts who asks.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::CertifiedKey;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::keys::SigningKey;

/// The provider. It serves until the tests end.
pub struct Provider {
    /// Its name: the URL it listens at.
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    keys: Vec<Value>,
    mood: Mood,
    asked: Vec<String>,
}

/// How it answers.
#[derive(Clone, Copy, Default)]
pub enum Mood {
    /// As it should.
    #[default]
    Well,
    /// With 500.
    Broken,
    /// With a redirect to itself.
    Elsewhere,
    /// With more than anyone should read.
    Endless,
}

impl Provider {
    /// A provider with these keys.
    pub fn start(keys: &[&SigningKey]) -> Self {
        Self::listen(keys, None)
    }

    /// The same over TLS, with a certificate for `name` that vouches for itself. Gives the
    /// certificate too, as PEM.
    pub fn start_with_tls(keys: &[&SigningKey], name: &str) -> (Self, String) {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
        (Self::listen(keys, Some(Arc::new(config))), cert.pem())
    }

    fn listen(keys: &[&SigningKey], tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let issuer = format!("{scheme}://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let provider = Self { issuer: issuer.clone(), state: Arc::clone(&state) };
        provider.publish(keys);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                // Whoever asks may leave; the next one is answered all the same.
                drop(match &tls {
                    None => serve(stream, &issuer, &state),
                    Some(config) => {
                        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
                        serve(StreamOwned::new(connection, stream), &issuer, &state)
                    }
                });
            }
        });
        provider
    }

    /// Replaces its keys.
    pub fn publish(&self, keys: &[&SigningKey]) {
        self.state.lock().unwrap().keys = keys.iter().map(|key| key.jwk()).collect();
    }

    pub fn becomes(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    /// The paths that were asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    /// How often its keys were asked for.
    pub fn asked_for_keys(&self) -> usize {
        self.asked().iter().filter(|path| *path == "/keys").count()
    }
}

fn serve(mut stream: impl Read + Write, issuer: &str, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(&mut stream).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let (keys, mood) = {
        let mut state = state.lock().unwrap();
        state.asked.push(path.clone());
        (state.keys.clone(), state.mood)
    };
    let body = match path.as_str() {
        "/.well-known/openid-configuration" => {
            json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys"), "more": []}).to_string()
        }
        "/keys" | "/elsewhere" => json!({"keys": keys}).to_string(),
        _ => return answer(stream, "404 Not Found", "", "{}"),
    };
    match mood {
        Mood::Broken => answer(stream, "500 Internal Server Error", "", &body),
        Mood::Elsewhere if path != "/elsewhere" => {
            answer(stream, "307 Temporary Redirect", "Location: /elsewhere\r\n", &body)
        }
        Mood::Well | Mood::Elsewhere => answer(stream, "200 OK", "", &body),
        Mood::Endless => answer(stream, "200 OK", "", &(body + &" ".repeat(1024 * 1024))),
    }
}

fn answer(mut stream: impl Write, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}");
    let rest = format!("Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all((head + &rest).as_bytes())?;
    stream.flush()
}
