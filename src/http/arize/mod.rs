//! Arize's dialect: what the official Arize AX clients call, version 2.
//!
//! Handlers translate between the wire and the registry, and nothing else.

mod ai_integrations;
mod client;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod ids;
mod integrations;
mod members;
mod organizations;
mod page;
mod records;
mod schema;
mod spaces;
mod time;
mod wire;

use actix_web::ResponseError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{DefaultHeaders, Next, from_fn};
use actix_web::web::{self, ServiceConfig};

use super::answer::{self, Nothing, Tagged, Told, done, told};
use super::dialect::Dialect;
use super::refusal::Refusal;
use super::routes::Endpoint;
use crate::domain::Error;
use crate::domain::access::Access::{Create, Delete, Read, Update};
use crate::domain::access::Kind::{Integration, Organization, Space};
use crate::domain::access::Rule::{Filtered, Needs, SignedIn};
use client::Client;
pub use error::ArizeError;

/// Where the dialect stands.
pub const BASE: &str = "/v2";

/// The registry and a signed-in caller.
type Session = super::session::Session<ArizeError>;

/// A JSON body.
type Json<T> = super::json::Json<T, ArizeError>;

/// A query string.
type Query<T> = super::query::Query<T, ArizeError>;

/// What a handler answers with: a `T`, or no body.
type Answer<T = Nothing, const STATUS: u16 = 200> = Result<Told<T, STATUS>, ArizeError>;

/// Every route of the dialect; anything else below its base is 404 in its shape.
pub fn routes(config: &mut ServiceConfig) {
    let no_store = DefaultHeaders::new().add(("Cache-Control", "no-store"));
    let mut scope = web::scope(BASE).wrap(no_store).wrap(from_fn(as_problems));
    for endpoint in endpoints() {
        scope = scope.service(
            endpoint.refusing(|allowed| -> Answer { Err(Refusal::Method(allowed).into()) }),
        );
    }
    config.service(scope.default_service(web::to(no_route)));
}

/// What the dialect is to the OpenAPI document.
pub fn dialect() -> Dialect {
    Dialect {
        name: "Arize",
        base: BASE,
        routes: endpoints().into_iter().flat_map(|endpoint| endpoint.routes(BASE)).collect(),
        error_type: "application/problem+json",
        error_schema: |schemas| schemas.answered::<error::Body<'_>>(),
        error: error::sample,
        rule_broken: &[422],
    }
}

/// Whether the dialect answers for this path, also where the path has no meaning.
pub fn answers_for(path: &str) -> bool {
    path.strip_prefix(BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What stands below the base. Fixed segments go before names, since the first that fits wins.
fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::at("/integrations")
            .get(Filtered(Integration), integrations::list, "A page of the integrations")
            .fails(&[403, 404])
            .post(Needs(Create, Integration), integrations::create, "Makes an integration"),
        Endpoint::at("/integrations/{integration_id}")
            .conditional()
            .get(Needs(Read, Integration), integrations::find, "An integration")
            .patch(Needs(Update, Integration), integrations::update, "Merges into an integration")
            .delete(Needs(Delete, Integration), integrations::delete, "Deletes an integration"),
        Endpoint::at("/ai-integrations")
            .get(Filtered(Integration), ai_integrations::list, "A page of the model providers")
            .fails(&[403, 404])
            .post(Needs(Create, Integration), ai_integrations::create, "Makes a model provider"),
        Endpoint::at("/ai-integrations/{integration_id}")
            .conditional()
            .get(Needs(Read, Integration), ai_integrations::find, "A model provider")
            .patch(
                Needs(Update, Integration),
                ai_integrations::update,
                "Merges into a model provider",
            )
            .delete(
                Needs(Delete, Integration),
                ai_integrations::delete,
                "Deletes a model provider",
            ),
        Endpoint::at("/organizations")
            .get(SignedIn, organizations::list, "A page of the organizations")
            .post(Needs(Create, Organization), organizations::create, "Makes an organization"),
        Endpoint::at("/organizations/{organization_id}").delete(
            Needs(Delete, Organization),
            organizations::delete,
            "Deletes an organization that nothing belongs to",
        ),
        Endpoint::at("/spaces")
            .get(SignedIn, spaces::list, "A page of the spaces")
            .fails(&[404])
            .post(Needs(Create, Space), spaces::create, "Makes a space"),
        Endpoint::at("/spaces/{space_id}").delete(
            Needs(Delete, Space),
            spaces::delete,
            "Deletes a space that no integration is scoped to",
        ),
    ]
}

async fn no_route() -> Answer {
    Err(Refusal::NoRoute.into())
}

/// Tells every failure as a problem of the path that was asked for, whoever failed: a handler or the
/// framework.
async fn as_problems(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let path = req.path().to_owned();
    let fault = |cause: String| ArizeError::at(&path, Error::internal(cause).into());
    let answer = next.call(req).await.map_err(|error| fault(error.to_string()))?;
    let answer = answer.map_into_boxed_body();
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return Ok(answer);
    }
    let problem = match answer.response().error().and_then(|error| error.as_error::<ArizeError>()) {
        Some(error) => error.answer(Some(&path), &Client::of(answer.request())),
        None => fault(format!("{status} without a problem")).error_response(),
    };
    Ok(answer.into_response(problem))
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;
    use actix_web::test::{TestRequest, call_service, init_service};
    use actix_web::{App, HttpResponseBuilder, http::StatusCode};
    use serde_json::Value;

    use super::*;

    #[actix_web::test]
    async fn what_nobody_foresaw_is_a_problem_too() {
        let bare = |status| move || async move { HttpResponseBuilder::new(status).finish() };
        let scope = web::scope(BASE)
            .wrap(from_fn(as_problems))
            .route("/bare", web::get().to(bare(StatusCode::IM_A_TEAPOT)))
            .route("/fine", web::get().to(bare(StatusCode::NO_CONTENT)));
        let app = init_service(App::new().service(scope)).await;
        let bare = TestRequest::get().uri("/v2/bare").to_request();
        let answer = call_service(&app, bare).await;
        assert_eq!(answer.status(), 500);
        assert_eq!(answer.headers().get("content-type").unwrap(), "application/problem+json");
        let body = to_bytes(answer.into_body()).await.unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["status"], &body["instance"]), (&500.into(), &"/v2/bare".into()));
        let fine = TestRequest::get().uri("/v2/fine").to_request();
        assert_eq!(call_service(&app, fine).await.status(), 204);
    }

    #[test]
    fn the_dialect_answers_below_its_base_and_nowhere_else() {
        for path in ["/v2", "/v2/", "/v2/%zz", "/v2//x"] {
            assert!(answers_for(path), "{path}");
        }
        for path in ["/", "/v", "/v21", "/api/v2", "/V2/x", ""] {
            assert!(!answers_for(path), "{path}");
        }
    }
}
