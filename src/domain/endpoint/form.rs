//! The forms that an address may have.

use super::key;

/// The forms that are no URL: `host` (`name[:port]`), `hosts` (several between commas), `mq` (the
/// same, and as in `name(port)`) and `jdbc` (`jdbc:driver://…`).
const SHAPES: [&str; 4] = ["host", "hosts", "jdbc", "mq"];

/// The schemes of URLs: those with a host, which is where a client connects to.
const SCHEMES: [&str; 26] = [
    "amqp",
    "amqps",
    "bolt",
    "grpc",
    "grpcs",
    "http",
    "https",
    "ldaps",
    "mongodb",
    "mongodb+srv",
    "mqtt",
    "mqtts",
    "nats",
    "neo4j",
    "postgres",
    "postgresql",
    "redis",
    "rediss",
    "sb",
    "smtp",
    "smtps",
    "ssh",
    "tcp",
    "tls",
    "ws",
    "wss",
];

/// Whether `text` is the name of a form, as a definition has it in `addresses`.
pub fn is_form(text: &str) -> bool {
    SHAPES.contains(&text) || SCHEMES.contains(&text)
}

/// The forms that one address may have.
pub struct Forms<'a>(Vec<&'a str>);

impl<'a> Forms<'a> {
    /// The given forms, or if there are none, those that fit the name of `key`.
    pub fn of(key: &str, given: &'a [String]) -> Self {
        if !given.is_empty() {
            return Self(given.iter().map(String::as_str).collect());
        }
        if key::is_host(key) {
            Self(vec!["host", "hosts", "http", "https"])
        } else if key::is_jdbc(key) {
            Self(vec!["jdbc"])
        } else {
            Self(vec!["http", "https"])
        }
    }

    /// Refuses a URL with a scheme that is none of these.
    ///
    /// # Errors
    ///
    /// As [`Forms::require`].
    pub fn require_scheme(&self, scheme: &str) -> Result<(), String> {
        let known = |known: &&str| scheme.eq_ignore_ascii_case(known);
        self.require(&SCHEMES.into_iter().filter(known).collect::<Vec<_>>())
    }

    /// Refuses an address that could be any of `forms` when none of them is one of these.
    ///
    /// # Errors
    ///
    /// The reason, which names the forms that there are.
    pub fn require(&self, forms: &[&str]) -> Result<(), String> {
        if forms.iter().any(|form| self.0.contains(form)) {
            return Ok(());
        }
        let shown: Vec<_> = self.0.iter().map(|form| shape(form)).collect();
        Err(format!("must be of the form {}", shown.join(" or ")))
    }
}

/// What an address of a form looks like.
fn shape(form: &str) -> String {
    match form {
        "host" => "`host:port`".to_owned(),
        "hosts" => "`host:port,host:port`".to_owned(),
        "mq" => "`host(port)`".to_owned(),
        "jdbc" => "`jdbc:driver://host:port/…`".to_owned(),
        scheme => format!("`{scheme}://…`"),
    }
}
