//! The document.

use axum::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{Answer, errors, native, parameters};
use crate::native::Operation as Native;
use crate::{Operation, Permission};

/// The OpenAPI document of these operations.
pub fn document(operations: &[Operation], of_native: &[Native]) -> Value {
    let generator = |settings: SchemaSettings| {
        let settings = settings.with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        settings.into_generator()
    };
    let mut generator_of_answers = generator(SchemaSettings::draft2020_12().for_serialize());
    let mut generator_of_requests = generator(SchemaSettings::draft2020_12().for_deserialize());
    let generator = &mut generator_of_answers;
    let mut paths = Map::new();
    for operation in operations {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_ascii_lowercase()] = describe(operation, generator);
    }
    for operation in of_native {
        let item = paths.entry(operation.path).or_insert_with(|| json!({}));
        let described = native::describe(operation, &mut generator_of_requests, generator);
        item[operation.method.as_str().to_ascii_lowercase()] = described;
    }
    let mut schemas = generator.take_definitions(true);
    for (name, schema) in generator_of_requests.take_definitions(true) {
        schemas.entry(name).or_insert(schema);
    }
    schemas.insert("Problem".to_owned(), native::schema());
    let mut responses = errors::responses();
    responses.extend(native::responses());
    let mut security_schemes = native::security_schemes();
    security_schemes.insert(
        "apiKey".to_owned(),
        json!({
            "type": "apiKey",
            "in": "header",
            "name": "X-MBX-APIKEY",
            "description": "The public part of an API key. Signed operations also need `timestamp` and `signature`.",
        }),
    );
    schemas.insert("Error".to_owned(), errors::schema());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rialto",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "REST API of the exchange. Paths below `/api/v3` and `/sapi` are those of Binance Spot; parameters of \
                their operations other than GET may also stand in a form body. Paths below `/api/v2` are the exchange's own: they \
                take and give JSON, and refuse with problem details (RFC 9457).",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "tags": tags(operations, of_native),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": responses,
            "parameters": parameters::shared(),
            "securitySchemes": security_schemes,
        },
    })
}

fn tags(operations: &[Operation], of_native: &[Native]) -> Vec<Value> {
    let mut tags: Vec<&str> = Vec::new();
    let all = operations.iter().map(|operation| operation.tag).chain(of_native.iter().map(|operation| operation.tag));
    for tag in all {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.into_iter().map(|name| json!({ "name": name })).collect()
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let docs = &operation.docs;
    let of_path = operation.path.contains('{');
    let mut parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|name| {
            let place = if of_path && operation.path.contains(&format!("{{{name}}}")) { "path" } else { "query" };
            parameters::of(operation.path, name, place, docs.required.contains(name) || place == "path")
        })
        .collect();
    let (level, security) = match operation.permission() {
        None => ("Public.", json!([])),
        Some(permission) => {
            let (level, shared) = match (operation.is_signed(), permission) {
                (false, _) => ("By a key that may read; not signed.", &[][..]),
                (true, Permission::Read) => ("Signed, by a key that may read.", parameters::SIGNATURE),
                (true, Permission::Trade) => ("Signed, by a key that may trade.", parameters::SIGNATURE),
            };
            parameters.extend(shared.iter().map(|name| json!({ "$ref": format!("#/components/parameters/{name}") })));
            (level, json!([{ "apiKey": [] }]))
        }
    };
    let content = match docs.answer {
        Answer::Json(schema) => json!({ "application/json": { "schema": schema(generator) } }),
        Answer::Other { media_type } => json!({ media_type: { "schema": { "type": "string" } } }),
    };
    let mut responses = json!({ "200": { "description": "Success.", "content": content } });
    let user = operation.permission().is_some();
    for status in errors::statuses(user, operation.method != Method::GET) {
        responses[status] = json!({ "$ref": format!("#/components/responses/{status}") });
    }
    json!({
        "tags": [operation.tag],
        "operationId": operation_id(&operation.method, operation.path),
        "summary": docs.summary,
        "description": level,
        "parameters": parameters,
        "security": security,
        "responses": responses,
    })
}

/// `getApiV3Depth` and so on: unique, since method and path together are.
pub(super) fn operation_id(method: &Method, path: &str) -> String {
    let mut id = method.as_str().to_ascii_lowercase();
    for part in path.split(['/', '-', '_', '{', '}', '.']).filter(|part| !part.is_empty()) {
        let (first, rest) = part.split_at(1);
        id.push_str(&first.to_ascii_uppercase());
        id.push_str(rest);
    }
    id
}
