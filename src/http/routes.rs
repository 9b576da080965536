//! Routes: a path with its methods, and a right answer to every other method.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, web};

use super::answer::Tells;
use super::dialect::Route;
use super::openapi::Takes;
use super::unread::Body;
use super::{observe, session};
use crate::domain::access::Rule;

/// One path and what it serves, each method with what it needs. Any other method is refused with
/// the right `Allow`.
pub struct Endpoint {
    path: &'static str,
    resource: Resource,
    routes: Vec<Route>,
    conditional: bool,
}

impl Endpoint {
    /// The path, in actix's pattern language.
    pub fn at(path: &'static str) -> Self {
        let (resource, routes, conditional) = (web::resource(path), vec![], false);
        Self { path, resource, routes, conditional }
    }

    /// The same, where the methods that follow take preconditions, on what GET of the path shows, or
    /// else what the operation says that it changes.
    #[must_use]
    pub fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    /// Serves GET; `summary` says in one line what it does.
    pub fn get<F, Args>(self, rule: Rule, handler: F, summary: &'static str) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        self.method(Method::GET, "GET", rule, handler, summary)
    }

    /// Serves POST; `summary` says in one line what it does.
    pub fn post<F, Args>(self, rule: Rule, handler: F, summary: &'static str) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        self.method(Method::POST, "POST", rule, handler, summary)
    }

    /// Serves PUT; `summary` says in one line what it does.
    pub fn put<F, Args>(self, rule: Rule, handler: F, summary: &'static str) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        self.method(Method::PUT, "PUT", rule, handler, summary)
    }

    /// Serves PATCH; `summary` says in one line what it does.
    pub fn patch<F, Args>(self, rule: Rule, handler: F, summary: &'static str) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        self.method(Method::PATCH, "PATCH", rule, handler, summary)
    }

    /// Serves DELETE; `summary` says in one line what it does.
    pub fn delete<F, Args>(self, rule: Rule, handler: F, summary: &'static str) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        self.method(Method::DELETE, "DELETE", rule, handler, summary)
    }

    /// The same, where the last method can also fail with these statuses, which nothing else tells.
    #[must_use]
    pub fn fails(mut self, statuses: &'static [u16]) -> Self {
        if let Some(route) = self.routes.last_mut() {
            route.fails = statuses;
        }
        self
    }

    /// What it serves, where it stands below `base`.
    pub fn routes(self, base: &str) -> impl Iterator<Item = Route> {
        let path = format!("{base}{}", self.path);
        self.routes.into_iter().map(move |route| Route { path: path.clone(), ..route })
    }

    /// The resource, to be registered; `refuse` answers other methods, given the `Allow` list.
    pub fn refusing<R: Responder + 'static>(self, refuse: fn(String) -> R) -> Resource {
        let allowed: Vec<_> = self.routes.iter().map(|route| route.method).collect();
        let (allowed, path) = (allowed.join(", "), self.path);
        self.resource.default_service(web::to(move |req: HttpRequest| {
            observe::note_route(&req, path);
            let answer = refuse(allowed.clone());
            async move { answer }
        }))
    }

    /// Serves `method`. Who calls and on which terms is found out first, where the rule asks for a
    /// token, and only then what `handler` takes: its extractors would all begin at once.
    fn method<F, Args>(
        mut self,
        method: Method,
        name: &'static str,
        rule: Rule,
        handler: F,
        summary: &'static str,
    ) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Takes + 'static,
        F::Output: Responder + Tells + 'static,
    {
        let (path, opens, conditional) = (self.path, rule != Rule::Open, self.conditional);
        let handler = move |req: HttpRequest, payload: web::Payload| {
            let handler = handler.clone();
            async move {
                observe::note_route(&req, path);
                let mut body = Body::of(&req, &mut payload.into_inner());
                if opens {
                    session::open(&req, body.payload(), conditional).await;
                }
                let arguments = Args::from_request(&req, body.payload()).await;
                Ok::<_, actix_web::Error>(handler.call(arguments.map_err(Into::into)?).await)
            }
        };
        self.resource = self.resource.route(web::method(method).to(handler));
        self.routes.push(Route {
            method: name,
            path: String::new(),
            rule,
            conditional,
            summary,
            takes: Args::take,
            tells: F::Output::tell,
            fails: &[],
        });
        self
    }
}
