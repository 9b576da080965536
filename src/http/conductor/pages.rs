//! Parts of lists: `limit` and `cursor` in the query, and where the next part is in the header
//! `Link` (RFC 8288). Podium's own extension: without them a list is whole, as clients expect it.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::header::LINK;
use actix_web::{FromRequest, HttpRequest, dev};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Answer, ConductorError, Query, Session, Told};
use crate::domain::Error;
use crate::domain::page::{Page, Part};
use crate::http::answer::{Content, Header};
use crate::http::cursor::Cursor;
use crate::http::json::NO_NUL;
use crate::http::openapi::{Operation, Schemas, Takes};

/// The most things that can be asked for at once.
const MOST: usize = 1000;

/// The members of the query.
#[derive(Deserialize, JsonSchema)]
struct PartQuery {
    /// How many things, from 1 to 1000; without it, all.
    #[schemars(with = "Option<u16>", range(min = 1, max = 1000))]
    limit: Option<String>,
    /// Where to go on: what the header `Link` of the part before says.
    cursor: Option<String>,
}

/// Which part of a list is asked for; by default the whole of it. It stands behind the [`Session`] among a handler's parameters.
#[derive(Default)]
pub struct Wanted {
    /// The part.
    pub part: Part,
    /// The rest of the query, in order of the names.
    filter: Vec<(String, String)>,
    /// Who asks, and the path.
    list: [String; 2],
}

impl Wanted {
    /// The answer that is this part of the list, each thing as `show` shows it, which must be a `U`,
    /// but for lifetimes.
    pub fn told<'p, T, S: Serialize, U>(
        &self,
        found: &'p Page<T, String>,
        show: impl FnMut(&'p T) -> S,
    ) -> Answer<Listed<U>> {
        let next = found.next.as_deref().map(|next| self.link(next)).transpose()?;
        let shown: Vec<_> = found.items.iter().map(show).collect();
        Ok(Told::new(|mut answer| {
            if let Some(next) = next {
                answer.insert_header((LINK, next));
            }
            answer.json(shown)
        }))
    }

    /// The header that says where the part after this text is. It is relative to what was asked
    /// for, so that nothing of it depends on what a client or a proxy says of our address.
    fn link(&self, next: &str) -> Result<String, Error> {
        let limit = self.part.limit.map(|limit| ("limit".to_owned(), limit.to_string()));
        let cursor = ("cursor".to_owned(), Cursor::issue(&self.about(), next.as_bytes()));
        let pairs: Vec<_> = self.filter.iter().cloned().chain(limit).chain([cursor]).collect();
        let query = serde_html_form::to_string(pairs).map_err(Error::internal)?;
        Ok(format!("<?{query}>; rel=\"next\""))
    }

    /// What a cursor is bound to.
    fn about(&self) -> Vec<&str> {
        let filter = self.filter.iter().flat_map(|(name, value)| [&**name, value]);
        self.list.iter().map(String::as_str).chain(filter).collect()
    }

    fn read(
        req: &HttpRequest,
        session: &Session,
        query: PartQuery,
    ) -> Result<Self, ConductorError> {
        let PartQuery { limit, cursor } = query;
        if limit.is_none() && cursor.is_none() {
            return Ok(Self::default());
        }
        let limit = limit.map(|text| {
            let limit = text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or_else(|| Error::invalid("limit", format!("must be from 1 to {MOST}")))
        });
        let limit = limit.transpose()?;
        let pairs = serde_html_form::from_str::<Vec<(String, String)>>(req.query_string());
        let mut filter = pairs.map_err(Error::internal)?;
        filter.retain(|(name, _)| !["limit", "cursor"].contains(&name.as_str()));
        filter.sort();
        let who = session.caller.user().unwrap_or_default().to_owned();
        let list = [who, req.path().trim_end_matches('/').to_owned()];
        let mut wanted = Self { part: Part { after: String::new(), limit }, filter, list };
        if let Some(cursor) = cursor {
            let position = Cursor::read(&cursor, &wanted.about())?;
            let after = String::from_utf8(position).map_err(|_| Cursor::refused("is no text"))?;
            if after.contains('\0') {
                return Err(Cursor::refused(NO_NUL).into());
            }
            wanted.part.after = after;
        }
        Ok(wanted)
    }
}

impl FromRequest for Wanted {
    type Error = ConductorError;
    type Future = Ready<Result<Self, ConductorError>>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let session = Session::from_request(req, payload).into_inner();
        let query = Query::<PartQuery>::from_request(req, payload).into_inner();
        ready(session.and_then(|session| Self::read(req, &session, query?.0)))
    }
}

impl Takes for Wanted {
    fn take(operation: &mut Operation<'_>) {
        operation.takes_query::<PartQuery>();
    }
}

/// A list of `T`, or a part of it.
pub struct Listed<T>(PhantomData<T>);

impl<T: JsonSchema> Content for Listed<T> {
    fn content(schemas: &mut Schemas) -> Vec<(&'static str, Value)> {
        Vec::<T>::content(schemas)
    }

    fn headers() -> Vec<Header> {
        vec![Header {
            name: "Link",
            about: "Where the next part of the list is, while there is more.",
            example: "<?limit=100&cursor=bVrLq0Qq1nJvcGVuYWktbWFpbg>; rel=\"next\"",
            required: false,
        }]
    }
}
