//! The API reference says what the operations are, and the committed copy is up to date.

use std::collections::BTreeSet;

use api::openapi::document::document;
use serde_json::Value;

fn reference() -> Value {
    document(&api::operations(), &api::native::operations())
}

fn described() -> Vec<(String, Value)> {
    let reference = reference();
    let paths = reference["paths"].as_object().unwrap();
    let of_path = |(path, item): (&String, &Value)| {
        let operations = item.as_object().unwrap().iter();
        operations.map(|(method, operation)| (format!("{method} {path}"), operation.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of_path).collect()
}

#[test]
fn the_committed_reference_is_what_the_program_says() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/rialto.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap_or_default()).unwrap_or_default();
    assert!(committed == reference(), "openapi/rialto.json is out of date: run `make openapi`");
}

#[test]
fn every_operation_is_in_it_with_a_summary_and_an_id_of_its_own() {
    let described = described();
    assert_eq!(described.len(), api::operations().len() + api::native::operations().len());
    let mut ids = BTreeSet::new();
    for (name, operation) in &described {
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 5), "{name} has no summary");
        assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name} has no id of its own");
    }
}

#[test]
fn every_parameter_is_described_and_what_is_required_exists() {
    for (name, operation) in described() {
        for parameter in operation["parameters"].as_array().unwrap() {
            assert_ne!(parameter["description"], "UNDESCRIBED", "{name}: {}", parameter["name"]);
        }
    }
    for operation in api::operations() {
        for required in operation.docs.required {
            assert!(operation.parameters.contains(required), "{operation:?} does not know {required}");
        }
    }
}

#[test]
fn signed_operations_say_so() {
    for operation in api::operations() {
        let path = operation.path;
        let method = operation.method.as_str().to_ascii_lowercase();
        let described = reference()["paths"][path][&method].clone();
        let signed = described["parameters"].to_string().contains("#/components/parameters/signature");
        assert_eq!(signed, operation.is_signed(), "{operation:?}");
    }
}

#[test]
fn shapes_have_names_of_their_own() {
    let reference = reference();
    for name in reference["components"]["schemas"].as_object().unwrap().keys() {
        assert!(!name.ends_with(|last: char| last.is_ascii_digit()), "two shapes are called {name}: rename one");
    }
}
