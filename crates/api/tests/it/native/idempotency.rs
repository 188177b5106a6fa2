//! `Idempotency-Key`: a request that is sent again creates nothing twice.

use axum::http::Method;
use serde_json::json;

use super::world::{World, refused, value};

#[tokio::test]
async fn the_answer_of_a_creation_is_repeated() {
    let world = World::open().await;
    let (ann, bob) = (world.member("ann@example.com").await, world.member("bob@example.com").await);
    let create = |who: &super::world::Somebody, key: &str, number: &str| {
        let (bearer, key, body) = (format!("Bearer {}", who.access), key.to_owned(), json!({ "number": number }));
        let world = &world;
        async move {
            let headers = [("authorization", bearer.as_str()), ("idempotency-key", key.as_str())];
            world.send(&Method::POST, "/api/v2/me/phones", &headers, Some(&body)).await
        }
    };
    let first = create(&ann, "k-1", "+41446681800").await;
    assert_eq!(first.status, 201, "{}", first.body);
    assert!(!first.headers.contains_key("idempotent-replayed"));
    let again = create(&ann, "k-1", "+41446681800").await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(world.door.recorder.codes("+41446681800").len(), 1, "one message, not two");
    refused(&create(&ann, "k-1", "+41446681801").await, 422, "idempotency_key_reused");
    refused(&create(&ann, "a key", "+41446681801").await, 400, "idempotency_key_invalid");
    // Another user's key of the same text is another key, and gives nothing away.
    let other = create(&bob, "k-1", "+41446681800").await;
    assert_ne!(value(&other)["id"], value(&first)["id"]);
    // A refusal is no answer: mended, the request goes through under its key.
    refused(&create(&ann, "k-2", "not a number").await, 400, "phone_invalid");
    assert_eq!(create(&ann, "k-2", "+41446681802").await.status, 201);
    // After a day the key is free again.
    world.door.clock.advance_us(24 * 3_600 * 1_000_000);
    let ann = world.sign_in("ann@example.com").await;
    let later = create(&ann, "k-1", "+41446681803").await;
    assert_eq!(later.status, 201, "{}", later.body);
}

#[tokio::test]
async fn every_creation_honours_it() {
    for operation in api::native::operations() {
        let creates = operation.summary.starts_with("Makes a") || operation.summary.starts_with("Hands in");
        let is_message = operation.path.contains("message") || operation.path.contains("signing-msg");
        if creates && operation.method == Method::POST && !is_message {
            assert!(operation.creates || operation.path.contains("job"), "{operation:?} creates and honours no key");
        }
    }
}
