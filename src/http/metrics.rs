//! `GET /metrics` for Prometheus, on an address of its own: what it tells is not for everyone.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry as Metrics;

/// The text format that is answered; Prometheus reads it, and so does everything that reads
/// `OpenMetrics`.
const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A server of `metrics` on `listener`, to be awaited.
///
/// # Errors
///
/// What the system says when the listener cannot be used.
pub fn server(listener: TcpListener, metrics: Arc<Metrics>) -> io::Result<Server> {
    let metrics = Data::from(metrics);
    let server = HttpServer::new(move || {
        App::new().app_data(metrics.clone()).route("/metrics", web::get().to(show))
    });
    Ok(server.workers(1).listen(listener)?.disable_signals().shutdown_timeout(1).run())
}

async fn show(metrics: Data<Metrics>) -> HttpResponse {
    let mut text = String::new();
    match encode(&mut text, &metrics) {
        Ok(()) => HttpResponse::Ok().content_type(FORMAT).body(text),
        Err(error) => {
            log::error!("the metrics could not be written: {error}");
            HttpResponse::InternalServerError().finish()
        }
    }
}
