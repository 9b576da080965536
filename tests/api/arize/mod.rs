//! Arize's dialect; contract of that dialect.

mod access;
mod agents;
mod agreement;
mod auth;
mod dialects;
mod errors;
mod ids;
mod kept;
mod lists;
mod mapping;
mod names;
mod older;
mod organizations;
mod patch;
mod providers;
mod records;
mod secrets;

use serde_json::Value;

use crate::support::Response;

impl Response {
    /// That it is a problem with this status and these words in its detail. Gives its JSON.
    #[track_caller]
    fn problem(self, status: u16, words: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text);
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let problem = self.json;
        assert_eq!(problem["status"], status, "{problem}");
        for member in ["type", "title", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{words:?} is not in {detail:?}");
        problem
    }

    /// Its JSON, given that something was made.
    #[track_caller]
    fn made(self) -> Value {
        assert_eq!(self.status, 201, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        self.json
    }

    /// That something was deleted, of which there is nothing to say.
    #[track_caller]
    fn gone(self) {
        assert_eq!((self.status, self.text.as_str()), (204, ""));
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }
}
