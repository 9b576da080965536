//! Routes: a path with its methods, and a right answer to every other method.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, web};

use super::unread::Body;
use super::{observe, session};
use crate::domain::access::Rule;

/// One path and what it serves, each method with what it needs. Any other method is refused with
/// the right `Allow`.
pub struct Endpoint {
    path: &'static str,
    resource: Resource,
    methods: Vec<(Method, Rule)>,
    conditional: bool,
}

impl Endpoint {
    /// The path, in actix's pattern language.
    pub fn at(path: &'static str) -> Self {
        let (resource, methods, conditional) = (web::resource(path), vec![], false);
        Self { path, resource, methods, conditional }
    }

    /// The same, where the methods that follow take preconditions: they change the very thing that
    /// the path names, which must be an integration or a resource.
    #[must_use]
    pub fn conditional(self) -> Self {
        Self { conditional: true, ..self }
    }

    /// Serves GET.
    pub fn get<F, Args>(self, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::GET, rule, handler)
    }

    /// Serves POST.
    pub fn post<F, Args>(self, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::POST, rule, handler)
    }

    /// Serves PUT.
    pub fn put<F, Args>(self, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PUT, rule, handler)
    }

    /// Serves PATCH.
    pub fn patch<F, Args>(self, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PATCH, rule, handler)
    }

    /// Serves DELETE.
    pub fn delete<F, Args>(self, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::DELETE, rule, handler)
    }

    /// What each of its methods needs: the method, the path, the rule.
    pub fn rules(&self) -> impl Iterator<Item = (&'static str, &'static str, Rule)> + '_ {
        self.methods.iter().map(|(method, rule)| {
            let word = match *method {
                Method::GET => "GET",
                Method::POST => "POST",
                Method::PUT => "PUT",
                Method::PATCH => "PATCH",
                _ => "DELETE",
            };
            (word, self.path, *rule)
        })
    }

    /// The resource, to be registered; `refuse` answers other methods, given the `Allow` list.
    pub fn refusing<R: Responder + 'static>(self, refuse: fn(String) -> R) -> Resource {
        let allowed: Vec<_> = self.methods.iter().map(|(method, _)| method.as_str()).collect();
        let (allowed, path) = (allowed.join(", "), self.path);
        self.resource.default_service(web::to(move |req: HttpRequest| {
            observe::note_route(&req, path);
            let answer = refuse(allowed.clone());
            async move { answer }
        }))
    }

    /// Serves `method`. Who calls and on which terms is found out first, where the rule asks for a
    /// token, and only then what `handler` takes: its extractors would all begin at once.
    fn method<F, Args>(mut self, method: Method, rule: Rule, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
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
        self.resource = self.resource.route(web::method(method.clone()).to(handler));
        self.methods.push((method, rule));
        self
    }
}
