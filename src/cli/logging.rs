//! The log: a line for each record, for people or as JSON, with the id of the request that it is about.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use env_logger::fmt::Formatter;
use env_logger::{Builder, Env};
use log::kv::{self, Key, Value, VisitSource};
use log::{LevelFilter, Record};
use serde_json::Map;

use super::show;
use crate::http::request_id;

/// What is logged unless `RUST_LOG` says otherwise.
pub const DEFAULT: &str = "info,actix_server=warn";

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// An object a line, for programs.
    Json,
}

/// Begins to log to standard error.
pub fn start(format: Format) {
    let mut builder = Builder::from_env(Env::default().default_filter_or(DEFAULT));
    match format {
        Format::Text => builder.format(text),
        Format::Json => builder.format(json),
    };
    builder
        // Below, it writes the parameters of every statement.
        .filter_module("tokio_postgres", LevelFilter::Info)
        // What it says is told by whoever asked it.
        .filter_module("rustls_platform_verifier", LevelFilter::Off)
        .init();
    // At the level below, the HTTP client writes all that it sends and receives, secrets too.
    log::set_max_level(log::max_level().min(LevelFilter::Debug));
}

/// `[2026-11-22T12:00:00.000Z INFO  podium::requests] GET /api/version 200 … request=0192…`
fn text(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let (time, level) = (out.timestamp_millis(), record.level());
    let style = out.default_level_style(level);
    let message = record.args().to_string();
    let message = show::plain(&message);
    let request = request_id().map(|id| format!(" request={id}")).unwrap_or_default();
    let target = record.target();
    writeln!(out, "[{time} {style}{level:<5}{style:#} {target}] {message}{request}")
}

/// The same as an object, with what a request's line tells in fields of its own.
fn json(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut line = Map::new();
    line.insert("time".to_owned(), out.timestamp_millis().to_string().into());
    line.insert("level".to_owned(), record.level().as_str().into());
    line.insert("target".to_owned(), record.target().into());
    line.insert("message".to_owned(), record.args().to_string().into());
    if let Some(id) = request_id() {
        line.insert("request".to_owned(), id.into());
    }
    record.key_values().visit(&mut Fields(&mut line)).map_err(io::Error::other)?;
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

/// Takes the fields of a record over into an object.
struct Fields<'a>(&'a mut Map<String, serde_json::Value>);

impl<'kvs> VisitSource<'kvs> for Fields<'_> {
    fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
        let value = match (value.to_u64(), value.to_f64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => {
                let mut text = String::new();
                write!(text, "{value}").map_err(|_: fmt::Error| kv::Error::msg("unprintable"))?;
                text.into()
            }
        };
        self.0.insert(key.to_string(), value);
        Ok(())
    }
}
