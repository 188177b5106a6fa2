//! What an operation gives back: how it is written, and what the API reference says of it.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::Problem;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What the reference says of a success.
#[derive(Debug)]
pub struct Described {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Content,
}

/// The body of a success.
#[derive(Debug)]
pub enum Content {
    /// There is none.
    Nothing,
    /// JSON of this shape.
    Json(Schema),
    /// Something else.
    Other(&'static str),
}

/// What an operation gives back.
pub trait Output: Send + 'static {
    /// The answer.
    ///
    /// # Errors
    /// A fault of ours.
    fn respond(self) -> Result<Response<Body>, Problem>;

    /// What the reference says of it.
    fn describe(generator: &mut SchemaGenerator) -> Described;
}

/// JSON, status 200.
#[derive(Debug)]
pub struct Ok200<T>(pub T);

/// JSON of what was created, status 201.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// It was taken, and what comes of it shows elsewhere: status 202.
#[derive(Debug, Clone, Copy)]
pub struct Accepted;

/// It was done, and there is nothing to say: status 204.
#[derive(Debug, Clone, Copy)]
pub struct Done;

/// The browser goes on at another address of this site: status 303.
#[derive(Debug)]
pub struct SeeOther(pub String);

/// A part of a long list.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next part; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T: Serialize + JsonSchema + Send + 'static> Output for Ok200<T> {
    fn respond(self) -> Result<Response<Body>, Problem> {
        json(StatusCode::OK, &self.0)
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::OK, body: Content::Json(generator.subschema_for::<T>()) }
    }
}

impl<T: Serialize + JsonSchema + Send + 'static> Output for Created<T> {
    fn respond(self) -> Result<Response<Body>, Problem> {
        json(StatusCode::CREATED, &self.0)
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::CREATED, body: Content::Json(generator.subschema_for::<T>()) }
    }
}

impl Output for Accepted {
    fn respond(self) -> Result<Response<Body>, Problem> {
        Ok(empty(StatusCode::ACCEPTED))
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::ACCEPTED, body: Content::Nothing }
    }
}

impl Output for Done {
    fn respond(self) -> Result<Response<Body>, Problem> {
        Ok(empty(StatusCode::NO_CONTENT))
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::NO_CONTENT, body: Content::Nothing }
    }
}

impl Output for SeeOther {
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = empty(StatusCode::SEE_OTHER);
        let to = HeaderValue::try_from(self.0).map_err(Problem::internal)?;
        response.headers_mut().insert(header::LOCATION, to);
        Ok(response)
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::SEE_OTHER, body: Content::Nothing }
    }
}

/// A file, or a page.
#[derive(Debug)]
pub struct Content200<M> {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The media type, if it is not that of the kind.
    pub media_type: Option<&'static str>,
    /// Of which kind it is.
    pub kind: M,
}

/// A kind of content.
pub trait Media: Send + 'static {
    /// Its media type in the reference.
    const TYPE: &'static str;
    /// What a browser may do with it.
    const POLICY: &'static str;
}

/// A page of HTML that brings its own style and no scripts.
#[derive(Debug, Clone, Copy)]
pub struct Html;

/// A page of HTML with a form, which a script of ours sends.
#[derive(Debug, Clone, Copy)]
pub struct Form;

/// A script of ours.
#[derive(Debug, Clone, Copy)]
pub struct Script;

/// A file that is shown nowhere.
#[derive(Debug, Clone, Copy)]
pub struct File;

impl Media for Html {
    const TYPE: &'static str = "text/html; charset=utf-8";
    const POLICY: &'static str = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; \
        frame-src 'self'; frame-ancestors 'none'; base-uri 'none'";
}

impl Media for Form {
    const TYPE: &'static str = Html::TYPE;
    const POLICY: &'static str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'; connect-src 'self'; \
        form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
}

impl Media for Script {
    const TYPE: &'static str = "text/javascript; charset=utf-8";
    const POLICY: &'static str = "default-src 'none'; frame-ancestors 'none'";
}

impl Media for File {
    const TYPE: &'static str = "application/octet-stream";
    const POLICY: &'static str = "default-src 'none'; sandbox; frame-ancestors 'none'";
}

impl Content200<Html> {
    /// A page.
    pub fn page(html: String) -> Self {
        Self { bytes: html.into_bytes(), media_type: None, kind: Html }
    }
}

impl Content200<Form> {
    /// A page with a form.
    pub fn form(html: String) -> Self {
        Self { bytes: html.into_bytes(), media_type: None, kind: Form }
    }
}

impl Content200<Script> {
    /// A script.
    pub fn script(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), media_type: None, kind: Script }
    }
}

impl<M: Media> Output for Content200<M> {
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = Response::new(Body::from(self.bytes));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media_type.unwrap_or(M::TYPE)));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(M::POLICY));
        headers.insert(header::CACHE_CONTROL, NO_STORE);
        if M::TYPE == File::TYPE {
            headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        }
        Ok(response)
    }

    fn describe(_: &mut SchemaGenerator) -> Described {
        Described { status: StatusCode::OK, body: Content::Other(M::TYPE) }
    }
}

/// A success with further headers, such as cookies.
#[derive(Debug)]
pub struct WithHeaders<O>(pub O, pub Vec<(header::HeaderName, HeaderValue)>);

impl<O: Output> Output for WithHeaders<O> {
    fn respond(self) -> Result<Response<Body>, Problem> {
        let mut response = self.0.respond()?;
        for (name, value) in self.1 {
            response.headers_mut().append(name, value);
        }
        Ok(response)
    }

    fn describe(generator: &mut SchemaGenerator) -> Described {
        O::describe(generator)
    }
}

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Result<Response<Body>, Problem> {
    let body = serde_json::to_vec(value).map_err(Problem::internal)?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}
