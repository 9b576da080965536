//! A server that answers as it is told, one request a connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread::spawn;

use serde_json::Value;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method and path, as in `POST /api/token`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    /// A header, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Serves until the test ends. `answer` gives a status and a body, or `None` to drop the connection.
/// Gives the address, and what is asked.
pub fn serve(
    mut answer: impl FnMut(&Asked) -> Option<(u16, Value)> + Send + 'static,
) -> (String, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (ask, asked) = channel();
    spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let one = read(&mut stream);
            let _ = ask.send(one.clone());
            let Some((status, body)) = answer(&one) else { continue };
            let body = body.to_string();
            let head = format!(
                "HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n",
                body.len()
            );
            // A client that has gone has no use for it.
            let _ = stream.write_all((head + &body).as_bytes());
        }
    });
    (url, asked)
}

fn read(stream: &mut TcpStream) -> Asked {
    let mut reader = BufReader::new(stream);
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let first = line();
    let mut headers = vec![];
    loop {
        let header = line();
        let Some((name, value)) = header.split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    let line = first.rsplit_once(' ').map_or("", |(line, _)| line).to_owned();
    Asked { line, headers, body: String::from_utf8(body).unwrap() }
}
