//! What an operation is given: how it is read, and what the API reference says of it.

use axum::http::{HeaderMap, Uri, header};
use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;

use super::Problem;

/// Parameters of a query that belong to the signature of an API key, and are none of the operation's.
const OF_SIGNATURE: [&str; 3] = ["timestamp", "recvWindow", "signature"];

/// A request as an input is read from it.
#[derive(Debug)]
pub struct Sent<'a> {
    /// Its target.
    pub uri: &'a Uri,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body.
    pub body: &'a Bytes,
}

/// What the reference says of an input.
#[derive(Debug)]
pub enum Described {
    /// There is none.
    Nothing,
    /// A query, an object of this shape.
    Query(Schema),
    /// A JSON body of this shape.
    Json(Schema),
    /// A query, an object of this shape, and a body of bytes.
    QueryAndBytes(Schema),
    /// A body of bytes.
    Bytes,
}

/// What an operation is given.
pub trait Input: Sized + Send + 'static {
    /// Reads it.
    ///
    /// # Errors
    /// A problem that says what is wrong.
    fn read(sent: &Sent<'_>) -> Result<Self, Problem>;

    /// What the reference says of it.
    fn describe(generator: &mut SchemaGenerator) -> Described;
}

/// Nothing: neither query nor body.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

/// A JSON body.
#[derive(Debug)]
pub struct Json<T>(pub T);

/// A query.
#[derive(Debug)]
pub struct Query<T>(pub T);

/// A body as it was sent, of any media type.
#[derive(Debug)]
pub struct Raw {
    /// What the client calls it.
    pub media_type: String,
    /// The body.
    pub bytes: Bytes,
}

/// A query, and a body as it was sent.
#[derive(Debug)]
pub struct WithQuery<Q>(pub Q, pub Raw);

impl<Q: DeserializeOwned + JsonSchema + Send + 'static> Input for WithQuery<Q> {
    fn read(sent: &Sent<'_>) -> Result<Self, Problem> {
        let Query(query) = Query::read(sent)?;
        Ok(Self(query, Raw::read(sent)?))
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        Described::QueryAndBytes(Q::json_schema(generator))
    }
}

impl Input for Nothing {
    fn read(sent: &Sent<'_>) -> Result<Self, Problem> {
        // An empty object says nothing either; clients that always send JSON send it.
        if !sent.body.is_empty() && sent.body.trim_ascii() != b"{}" {
            return Err(Problem::bad_request("body_unexpected", "this operation takes no body: leave it out"));
        }
        no_query(sent.uri)?;
        Ok(Self)
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described::Nothing
    }
}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Json<T> {
    fn read(sent: &Sent<'_>) -> Result<Self, Problem> {
        no_query(sent.uri)?;
        let media_type = sent.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
        // A page of another site can send text and forms without asking first, but not this.
        if !media_type.is_some_and(is_json) {
            let status = axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE;
            let detail = "the body must be JSON: send the header Content-Type: application/json";
            return Err(Problem::refused(status, "media_type_unsupported", detail));
        }
        let read = serde_json::from_slice(sent.body);
        read.map(Self).map_err(|error| Problem::bad_request("body_invalid", format!("the body does not fit: {error}")))
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        Described::Json(generator.subschema_for::<T>())
    }
}

impl<T: DeserializeOwned + JsonSchema + Send + 'static> Input for Query<T> {
    fn read(sent: &Sent<'_>) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(sent.uri.query().unwrap_or_default().as_bytes());
        let own = pairs.filter(|(name, _)| !OF_SIGNATURE.contains(&name.as_ref()));
        let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(own).finish();
        let read = serde_urlencoded::from_str(&text);
        read.map(Self)
            .map_err(|error| Problem::bad_request("query_invalid", format!("the query does not fit: {error}")))
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        Described::Query(T::json_schema(generator))
    }
}

impl Input for Raw {
    fn read(sent: &Sent<'_>) -> Result<Self, Problem> {
        let media_type = sent.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(Self { media_type: media_type.unwrap_or_default().to_owned(), bytes: sent.body.clone() })
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described::Bytes
    }
}

fn is_json(media_type: &str) -> bool {
    media_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn no_query(uri: &Uri) -> Result<(), Problem> {
    let mut names = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    match names.find(|(name, _)| !OF_SIGNATURE.contains(&name.as_ref())) {
        None => Ok(()),
        Some(_) => Err(Problem::bad_request("query_invalid", "this operation takes no query: leave it out")),
    }
}
