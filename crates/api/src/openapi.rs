//! The API reference: an OpenAPI 3.1 document, made from the list of operations, their parameters and the shapes of their
//! answers, so that nothing is said twice. `openapi/rialto.json` is a copy of it that a test compares.

pub mod document;
mod errors;
pub mod get_openapi;
pub mod get_scalar;
pub mod get_swagger;
mod native;
mod parameters;

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// What the reference says of an operation beside its path, access level and parameters.
#[derive(Debug, Clone, Copy)]
pub struct Docs {
    /// One sentence.
    pub summary: &'static str,
    /// Those of its parameters that must be there.
    pub required: &'static [&'static str],
    /// What it answers with.
    pub answer: Answer,
}

/// The body of a success.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    /// JSON of this shape.
    Json(fn(&mut SchemaGenerator) -> Schema),
    /// Something else.
    Other {
        /// Its media type.
        media_type: &'static str,
    },
}

impl Docs {
    /// An operation that answers with JSON of the shape `T`.
    pub const fn json<T: JsonSchema>(summary: &'static str, required: &'static [&'static str]) -> Self {
        Self { summary, required, answer: Answer::Json(|generator| generator.subschema_for::<T>()) }
    }

    /// An operation that answers with something else, and takes no parameters.
    pub const fn other(summary: &'static str, media_type: &'static str) -> Self {
        Self { summary, required: &[], answer: Answer::Other { media_type } }
    }
}

/// An object without fields.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct Nothing {}

/// A list that is always empty.
pub type NoRows = [Nothing; 0];

/// An object for one, a list for several.
pub type OneOrMany<T> = Either<T, Vec<T>>;

/// JSON whose shape depends on what was asked.
#[derive(Debug)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct Either<A, B>(std::marker::PhantomData<(A, B)>);

impl<A: JsonSchema, B: JsonSchema> JsonSchema for Either<A, B> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("{}Or{}", A::schema_name(), B::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (a, b) = (generator.subschema_for::<A>(), generator.subschema_for::<B>());
        schemars::json_schema!({ "anyOf": [a, b] })
    }
}
