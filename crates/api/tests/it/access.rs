//! Every operation, by enumeration: its access level holds.

use api::Permission;
use axum::body::Body;
use axum::http::Request;

use crate::door::{Door, NOW_US};

#[tokio::test]
async fn a_users_operation_wants_a_key_and_a_public_one_does_not() {
    let door = Door::busy().await;
    for operation in api::operations() {
        let request = Request::builder().method(operation.method.clone()).uri(operation.path).body(Body::empty());
        let answered = door.send(request.unwrap()).await;
        if operation.permission().is_some() {
            let want = (401, -2014, "API-key format invalid.".to_owned());
            assert_eq!(answered.refusal(), want, "{operation:?}");
        } else {
            assert_ne!(answered.status.as_u16(), 401, "{operation:?}: {}", answered.body);
        }
    }
}

#[tokio::test]
async fn a_key_that_may_read_may_not_trade() {
    let door = Door::busy().await;
    for operation in api::operations() {
        let Some(permission) = operation.permission() else { continue };
        let payload = format!("timestamp={}", NOW_US / 1_000);
        let request = Request::builder()
            .method(operation.method.clone())
            .uri(format!("{}?{payload}&signature={}", operation.path, door.reader.sign(&payload)))
            .header("X-MBX-APIKEY", &door.reader.key)
            .body(Body::empty());
        let answered = door.send(request.unwrap()).await;
        let is_refused = answered.body.contains("-2015");
        assert_eq!(is_refused, permission == Permission::Trade, "{operation:?}: {}", answered.body);
    }
    assert_eq!(door.commands(), []);
}

#[tokio::test]
async fn every_path_is_unique_and_every_parameter_is_named_once() {
    let mut seen = Vec::new();
    for operation in api::operations() {
        let name = (operation.method.clone(), operation.path);
        assert!(!seen.contains(&name), "{operation:?} is declared twice");
        seen.push(name);
        for (at, parameter) in operation.parameters.iter().enumerate() {
            assert!(!operation.parameters[..at].contains(parameter), "{operation:?} names {parameter} twice");
        }
    }
}
