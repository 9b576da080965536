//! What is seen of each request: its id, its line in the log, and its counts.

use std::cell::{Cell, RefCell};
use std::fmt::{self, Write};
use std::future::poll_fn;
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use log::Level;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Metrics;
use tokio::task_local;
use uuid::Uuid;

use super::proxies::address;
use super::{arize, conductor, refused, unread};
use crate::domain::Error;

/// The header with the id of a request. A client may send one, and each answer has one.
const ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a client, in bytes.
const MAX_ID: usize = 64;

/// The target of the lines of requests in the log.
const TARGET: &str = "podium::requests";

/// The routes that are asked so often by machines that they are told of at the level below.
const PROBES: [&str; 2] = ["/health", "/health/ready"];

/// The upper bounds of the times of requests, in seconds.
const SECONDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

task_local! {
    static REQUEST: Rc<Seen>;
}

/// What is known of a request while it is served.
struct Seen {
    id: HeaderValue,
    route: Cell<Route>,
    subject: RefCell<String>,
}

/// A route: the pattern that a path fits, below the base of its dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Route {
    base: &'static str,
    path: &'static str,
}

impl Route {
    /// Where no route has the path.
    const NONE: Self = Self { base: "", path: "none" };
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base, self.path)
    }
}

impl EncodeLabelValue for Route {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        write!(encoder, "{self}")
    }
}

/// What requests that are counted together have in common. Nothing in it is a client's to choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Counted {
    method: &'static str,
    route: Route,
    status: u16,
}

/// What requests have in common whose times are taken together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    method: &'static str,
    route: Route,
}

/// How many requests there were, and how long they took. Clones count together.
#[derive(Clone)]
pub struct Requests {
    count: Family<Counted, Counter>,
    seconds: Family<Timed, Histogram, fn() -> Histogram>,
}

impl Default for Requests {
    fn default() -> Self {
        let times: fn() -> Histogram = || Histogram::new(SECONDS);
        Self { count: Family::default(), seconds: Family::new_with_constructor(times) }
    }
}

impl Requests {
    /// Lets `metrics` tell of them.
    pub fn register(&self, metrics: &mut Metrics) {
        let Self { count, seconds } = self.clone();
        metrics.register("http_requests", "Requests that were answered", count);
        let help = "Seconds from the head of a request to the head of its answer";
        metrics.register("http_request_duration_seconds", help, seconds);
    }

    fn add(&self, method: &'static str, route: Route, status: StatusCode, began: Instant) {
        self.count.get_or_create(&Counted { method, route, status: status.as_u16() }).inc();
        let seconds = began.elapsed().as_secs_f64();
        self.seconds.get_or_create(&Timed { method, route }).observe(seconds);
    }
}

/// The id of the request that is being served here, if one is.
pub fn request_id() -> Option<String> {
    let id = REQUEST.try_with(|seen| seen.id.to_str().map(str::to_owned));
    id.ok().and_then(Result::ok)
}

/// Notes which route serves the request, by its pattern below the base of its dialect.
pub fn note_route(req: &HttpRequest, path: &'static str) {
    let is_below =
        |base: &&str| req.path().strip_prefix(*base).is_some_and(|rest| rest.starts_with('/'));
    let base = [conductor::BASE, arize::BASE].into_iter().find(is_below).unwrap_or_default();
    let _ = REQUEST.try_with(|seen| seen.route.set(Route { base, path }));
}

/// Notes who has sent the request.
pub fn note_subject(subject: &str) {
    let _ = REQUEST.try_with(|seen| subject.clone_into(&mut seen.subject.borrow_mut()));
}

/// Serves a request, and tells of it: in its answer's header, in the log, and to Prometheus. A panic
/// of whoever serves it is answered too.
///
/// # Errors
///
/// Those of the service, with the header.
pub async fn observed(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse, actix_web::Error> {
    let began = Instant::now();
    let seen = Rc::new(Seen::of(req.headers()));
    let (method, uri) = (named(req.method()), req.uri().clone());
    let requests = req.app_data::<Data<Requests>>().cloned();
    let address = address(req.request());
    let serving = async {
        let outcome = caught(next.call(req)).await.unwrap_or_else(|| {
            Err(refused(uri.path(), Error::internal("a handler panicked").into()))
        });
        let (status, outcome) = seen.stamped(outcome);
        seen.log(method, status, address, began);
        if let Some(requests) = requests {
            requests.add(method, seen.route.get(), status, began);
        }
        outcome
    };
    REQUEST.scope(Rc::clone(&seen), serving).await
}

impl Seen {
    /// What the head of a request tells.
    fn of(headers: &HeaderMap) -> Self {
        let sent = headers.get(ID).filter(|id| is_id(id.as_bytes())).cloned();
        let made = || HeaderValue::from_str(Uuid::now_v7().simple().encode_lower(&mut [0; 32]));
        let id = sent.or_else(|| made().ok()).unwrap_or(HeaderValue::from_static("none"));
        Self { id, route: Cell::new(Route::NONE), subject: RefCell::default() }
    }

    /// The outcome with the header, and its status.
    fn stamped(
        &self,
        outcome: Result<ServiceResponse<impl MessageBody + 'static>, actix_web::Error>,
    ) -> (StatusCode, Result<ServiceResponse, actix_web::Error>) {
        match outcome {
            Ok(mut answer) => {
                answer.headers_mut().insert(ID, self.id.clone());
                (answer.status(), Ok(unread::kept(answer.map_into_boxed_body())))
            }
            Err(error) => {
                let mut answer = error.error_response();
                answer.headers_mut().insert(ID, self.id.clone());
                let status = answer.status();
                (status, Err(InternalError::from_response(error, answer).into()))
            }
        }
    }

    /// Writes the line of the request.
    fn log(
        &self,
        method: &'static str,
        status: StatusCode,
        address: Option<IpAddr>,
        began: Instant,
    ) {
        let route = self.route.get();
        let level = match status {
            status if status.is_server_error() => Level::Warn,
            _ if PROBES.contains(&route.path) => Level::Debug,
            _ => Level::Info,
        };
        if level > log::max_level() {
            return;
        }
        let milliseconds = began.elapsed().as_secs_f64() * 1_000.0;
        let subject = self.subject.borrow();
        let address = address.map(|address| address.to_string()).unwrap_or_default();
        log::log!(
            target: TARGET, level,
            method, route:% = route, status = status.as_u16(), milliseconds,
            subject = subject.as_str(), address = address.as_str();
            "{method} {route} {} {milliseconds:.3} ms {} {}",
            status.as_u16(),
            if subject.is_empty() { "-" } else { &subject },
            if address.is_empty() { "-" } else { &address },
        );
    }
}

/// Whether a client's id can stand in a log.
fn is_id(id: &[u8]) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:/+=".contains(byte);
    (1..=MAX_ID).contains(&id.len()) && id.iter().all(is_plain)
}

/// The name of a method; those that no route has are all the same.
fn named(method: &Method) -> &'static str {
    let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    let names = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let found = known.iter().zip(names).find(|(known, _)| *known == method);
    found.map_or("other", |(_, name)| name)
}

/// What comes of `serving`, or nothing where it panics.
async fn caught<T>(serving: impl Future<Output = T>) -> Option<T> {
    let mut serving = pin!(serving);
    poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| serving.as_mut().poll(context)));
        poll.map_or(Poll::Ready(None), |poll| poll.map(Some))
    })
    .await
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::dev::Service;
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service};
    use actix_web::{App, HttpResponse, web};
    use prometheus_client::encoding::text::encode;
    use serde_json::Value;

    use super::*;

    async fn panics() -> HttpResponse {
        panic!("on purpose")
    }

    #[actix_web::test]
    async fn d16_a_handler_that_panics_is_answered_in_its_dialect_and_counted() {
        let (mut metrics, requests) = (Metrics::default(), Requests::default());
        requests.register(&mut metrics);
        let app = App::new().app_data(Data::new(requests)).wrap(from_fn(observed));
        let app = app.default_service(web::to(panics));
        let app = init_service(app).await;
        for (path, field) in [("/api/x", "message"), ("/v2/x", "detail")] {
            for id in ["mine-1", "not mine", ""] {
                let request = TestRequest::get().uri(path).insert_header(("X-Request-Id", id));
                let Err(error) = app.call(request.to_request()).await else { panic!("answered") };
                let answer = error.error_response();
                assert_eq!(answer.status(), 500, "{path}");
                let told = answer.headers().get("X-Request-Id").unwrap().to_str().unwrap();
                assert_eq!(told == id, id == "mine-1", "{told}");
                assert!(is_id(told.as_bytes()));
                let body = to_bytes(answer.into_body()).await.unwrap();
                let body: Value = serde_json::from_slice(&body).unwrap();
                assert_eq!(body[field], "an internal error occurred", "{body}");
            }
        }
        let mut told = String::new();
        encode(&mut told, &metrics).unwrap();
        let line = r#"http_requests_total{method="GET",route="none",status="500"} 6"#;
        assert!(told.lines().any(|told| told == line), "{told}");
    }

    #[test]
    fn methods_and_ids_of_clients_are_bounded() {
        assert_eq!(named(&Method::PATCH), "PATCH");
        assert_eq!(named(&Method::from_bytes(b"BREW").unwrap()), "other");
        for id in ["", "a b", "a\tb", "é", "a\"b", &"x".repeat(MAX_ID + 1)] {
            assert!(!is_id(id.as_bytes()), "{id}");
        }
    }
}
