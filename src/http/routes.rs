//! Routes: a path with its methods, and a right answer to every other method.

use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Resource, Responder, web};

/// One path and what it serves. Any other method is refused with the right `Allow`.
pub struct Endpoint {
    resource: Resource,
    methods: Vec<Method>,
}

impl Endpoint {
    /// The path, in actix's pattern language.
    pub fn at(path: &'static str) -> Self {
        Self { resource: web::resource(path), methods: vec![] }
    }

    /// Serves GET.
    pub fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::GET, handler)
    }

    /// Serves POST.
    pub fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::POST, handler)
    }

    /// Serves PUT.
    pub fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::PUT, handler)
    }

    /// Serves DELETE.
    pub fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.method(Method::DELETE, handler)
    }

    /// The resource, to be registered; `refuse` answers other methods, given the `Allow` list.
    pub fn refusing<R: Responder + 'static>(self, refuse: fn(String) -> R) -> Resource {
        let allowed: Vec<_> = self.methods.iter().map(Method::as_str).collect();
        let allowed = allowed.join(", ");
        self.resource.default_service(web::to(move || {
            let answer = refuse(allowed.clone());
            async move { answer }
        }))
    }

    fn method<F, Args>(mut self, method: Method, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.resource = self.resource.route(web::method(method.clone()).to(handler));
        self.methods.push(method);
        self
    }
}
