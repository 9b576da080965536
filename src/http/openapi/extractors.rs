//! What handlers take.

use actix_web::HttpRequest;
use actix_web::web::Data;
use schemars::JsonSchema;
use serde_json::json;

use super::Operation;
use crate::http::json::{Json, Optional};
use crate::http::query::Query;
use crate::http::session::Session;
use crate::http::text::Text;
use crate::registry::Registry;

/// A parameter of a handler, or all of them.
pub trait Takes {
    /// Adds to the document what it takes of a request; nothing, where that is told otherwise, as
    /// the path of the route tells of names and the rule of tokens.
    fn take(_: &mut Operation<'_>) {}
}

macro_rules! all_of {
    ($($parameter:ident)*) => {
        impl<$($parameter: Takes),*> Takes for ($($parameter,)*) {
            fn take(_operation: &mut Operation<'_>) {
                $($parameter::take(_operation);)*
            }
        }
    };
}

all_of!();
all_of!(A);
all_of!(A B);
all_of!(A B C);
all_of!(A B C D);

impl Takes for HttpRequest {}

impl<E> Takes for Session<E> {}

impl Takes for Data<Registry> {
    fn take(operation: &mut Operation<'_>) {
        operation.fails(&[500, 503]);
    }
}

impl<T: JsonSchema, E, const IS_BULK: bool> Takes for Json<T, E, IS_BULK> {
    fn take(operation: &mut Operation<'_>) {
        operation.takes_json::<T>(true);
    }
}

impl<T: JsonSchema, E> Takes for Optional<T, E> {
    fn take(operation: &mut Operation<'_>) {
        operation.takes_json::<T>(false);
    }
}

impl<E> Takes for Text<E> {
    fn take(operation: &mut Operation<'_>) {
        operation.takes_body("text/plain", &json!({"type": "string"}), false);
    }
}

impl<T: JsonSchema, E> Takes for Query<T, E> {
    fn take(operation: &mut Operation<'_>) {
        operation.takes_query::<T>();
    }
}
