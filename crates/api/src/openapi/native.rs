//! What the reference says of the native API: made from the types that its handlers take and give.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::document::operation_id;
use crate::Permission;
use crate::native::Operation;
use crate::native::input;
use crate::native::level::Level;
use crate::native::output::Content;

/// Every status of a problem, and what it means.
const PROBLEMS: [(&str, &str); 17] = [
    ("400", "The request makes no sense or breaks a rule; nothing happened. `code` says which."),
    ("401", "There is no credential, or it is not, or no longer, good."),
    (
        "403",
        "The credential is good, and not enough for this: a role, a code, a scope or a token of the page is missing.",
    ),
    ("404", "There is no such thing, or it is not yours."),
    ("408", "The body did not arrive in time."),
    ("409", "It cannot be done in the present state; `code` says why."),
    ("413", "The body is too long."),
    ("415", "The body is not of the media type that the operation takes."),
    ("418", "Banned for a while, for going on after 429; `Retry-After` says how long."),
    ("422", "The `Idempotency-Key` was used for another request."),
    ("429", "Too many requests or attempts; `Retry-After` or `until` says for how long."),
    ("431", "The head of the request is too long."),
    ("500", "A fault of the exchange; it was logged."),
    ("501", "This exchange is not set up for it."),
    ("503", "A part of the exchange does not answer; nothing happened."),
    ("504", "The answer did not come in time; whether it was done is not known."),
    ("default", "A problem."),
];

/// The shared responses.
pub(super) fn responses() -> Map<String, Value> {
    let response = |(status, description): (&str, &str)| {
        let content = json!({ "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } });
        (format!("Problem{status}"), json!({ "description": description, "content": content }))
    };
    PROBLEMS.into_iter().filter(|(status, _)| *status != "default").map(response).collect()
}

/// A problem (RFC 9457).
pub(super) fn schema() -> Value {
    json!({
        "type": "object",
        "description": "A refusal or a failure (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": { "type": "string", "description": "`urn:rialto:problem:` and the code." },
            "title": { "type": "string", "description": "The words of the status." },
            "status": { "type": "integer" },
            "code": { "type": "string", "description": "Stable: it never changes its meaning." },
            "detail": { "type": "string", "description": "What was wrong, and what to do." },
        },
    })
}

/// The credentials that the levels ask for.
pub(super) fn security_schemes() -> Map<String, Value> {
    let header =
        |name: &str, text: &str| json!({ "type": "apiKey", "in": "header", "name": name, "description": text });
    let schemes = [
        (
            "accessToken",
            json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "Of a session; signed with RS256." }),
        ),
        (
            "sessionCookie",
            json!({
                "type": "apiKey", "in": "cookie", "name": "rialto_access",
                "description": "The same in a browser. What changes something needs `X-CSRF-Token` besides. Behind https the name begins with `__Host-`.",
            }),
        ),
        ("otp", header("X-OTP", "A code of the authenticator.")),
        ("serviceKey", header("X-Service-Key", "A service key with the scope of the operation.")),
    ];
    schemes.into_iter().map(|(name, scheme)| (name.to_owned(), scheme)).collect()
}

/// One operation. `reads` describes what is sent, `writes` what is answered.
pub(super) fn describe(operation: &Operation, reads: &mut SchemaGenerator, writes: &mut SchemaGenerator) -> Value {
    let mut parameters: Vec<Value> = path_parameters(operation.path);
    let mut body = Value::Null;
    match (operation.input)(reads) {
        input::Described::Nothing => {}
        input::Described::Query(schema) => parameters.extend(query_parameters(&schema)),
        input::Described::Json(schema) => {
            body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        }
        input::Described::QueryAndBytes(schema) => {
            parameters.extend(query_parameters(&schema));
            body = bytes();
        }
        input::Described::Bytes => body = bytes(),
    }
    if operation.creates {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Sent again with the same key, the request is not done again: its answer is repeated for 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$" },
        }));
    }
    let success = (operation.output)(writes);
    let content = match success.body {
        Content::Nothing => None,
        Content::Json(schema) => Some(json!({ "application/json": { "schema": schema } })),
        Content::Other(media_type) => {
            Some(json!({ media_type: { "schema": { "type": "string", "format": "binary" } } }))
        }
    };
    let mut responses = json!({});
    let mut answer = json!({ "description": words(success.status) });
    if let Some(content) = content {
        answer["content"] = content;
    }
    responses[success.status.as_str()] = answer;
    for (status, _) in PROBLEMS.into_iter().filter(|(status, _)| *status != "default") {
        responses[status] = json!({ "$ref": format!("#/components/responses/Problem{status}") });
    }
    let (level, security) = level(operation.level);
    let mut described = json!({
        "tags": [operation.tag],
        "operationId": operation_id(&operation.method, operation.path),
        "summary": operation.summary,
        "description": level,
        "parameters": parameters,
        "security": security,
        "responses": responses,
    });
    if !body.is_null() {
        described["requestBody"] = body;
    }
    described
}

fn bytes() -> Value {
    json!({
        "required": true,
        "content": { "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } },
    })
}

fn words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::CREATED => "It was created.",
        StatusCode::ACCEPTED => "It was taken; what comes of it shows elsewhere.",
        StatusCode::NO_CONTENT => "It was done.",
        StatusCode::SEE_OTHER => "The browser goes on at `Location`.",
        _ => "Success.",
    }
}

fn level(level: Level) -> (String, Value) {
    let session = || json!([{ "accessToken": [] }, { "sessionCookie": [] }]);
    match level {
        Level::Public => ("Public.".to_owned(), json!([])),
        Level::User(permission) => {
            let may = if permission == Permission::Read { "read" } else { "trade" };
            let security = json!([{ "accessToken": [] }, { "sessionCookie": [] }, { "apiKey": [] }]);
            (format!("User: a session, or a signed API key that may {may}."), security)
        }
        Level::Session => ("User: a session.".to_owned(), session()),
        Level::Otp => {
            let security = json!([{ "accessToken": [], "otp": [] }, { "sessionCookie": [], "otp": [] }]);
            ("OTP: a session and a code of the authenticator.".to_owned(), security)
        }
        Level::Admin => ("Admin: a session of a role with the permission for this operation.".to_owned(), session()),
        Level::Secret(scope) => {
            (format!("Secret: a service key with the scope `{scope}`."), json!([{ "serviceKey": [] }]))
        }
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name: &str| {
        let text = match name {
            "uid" => "The public name of a user.",
            "sid" => "The name of a session.",
            "key" => "The public part of a key, or the key of a label.",
            "queue" => "The name of a queue.",
            "role" => "The name of a role.",
            "name" => "The name of a schedule.",
            _ => "A number.",
        };
        let schema = match name {
            "id" => json!({ "type": "integer", "minimum": 1, "maximum": i64::MAX }),
            _ => json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9._-]+$" }),
        };
        json!({ "name": name, "in": "path", "required": true, "description": text, "schema": schema })
    };
    names.map(parameter).collect()
}

/// The properties of an object, as parameters in the order of their names: whether JSON objects keep the order of the code depends
/// on what else is built.
fn query_parameters(schema: &Schema) -> Vec<Value> {
    let object = schema.as_value();
    let required: Vec<&str> = object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let properties: BTreeMap<_, _> = object["properties"].as_object().into_iter().flatten().collect();
    let parameter = |(name, schema): (&String, &Value)| {
        let mut schema = schema.clone();
        let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
        json!({
            "name": name,
            "in": "query",
            "required": required.contains(&name.as_str()),
            "description": description.unwrap_or_else(|| "UNDESCRIBED".into()),
            "schema": without_null(schema),
        })
    };
    properties.into_iter().map(parameter).collect()
}

/// A parameter is there or not; there is no null in a query.
fn without_null(mut schema: Value) -> Value {
    if let Some(types) = schema["type"].as_array() {
        let types: Vec<&Value> = types.iter().filter(|kind| **kind != "null").collect();
        if let [only] = types[..] {
            schema["type"] = only.clone();
        }
    }
    schema
}
