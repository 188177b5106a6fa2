//! KYC documents at the door: what is handed in, and what comes of it.

use axum::body::Body;
use axum::http::{Method, Request};
use identity::ports::News;
use serde_json::json;

use super::world::{Somebody, World, problem, refused, value};
use crate::door::Answered;

/// The smallest whole PNG: one pixel.
const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0,
    0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 10, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0, 1,
    0x48, 0xaf, 0xa4, 0x71, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

async fn upload(world: &World, who: &Somebody, query: &str, bytes: Vec<u8>) -> Answered {
    let request = Request::post(format!("/api/v2/me/documents?{query}"))
        .header("authorization", format!("Bearer {}", who.access))
        .header("content-type", "image/png")
        .body(Body::from(bytes));
    world.door.send(request.unwrap()).await
}

#[tokio::test]
async fn a_document_is_judged_and_raises_its_owner() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let root = world.officer("root@example.com", "superadmin").await;
    let query = "kind=passport&number=X1234567&country=CH&expires_on=2030-01-01&file_name=..%2F..%2Fetc%2Fpasswd";
    let handed = upload(&world, &ann, query, PNG.to_vec()).await;
    assert_eq!(handed.status, 201, "{}", handed.body);
    let document = value(&handed);
    assert_eq!((document["state"].as_str(), document["file_name"].as_str()), (Some("pending"), Some("passwd")));
    let id = document["id"].as_i64().unwrap();
    let list = world.by(&root, Method::GET, "/api/v2/admin/documents?state=pending", None).await;
    assert_eq!(value(&list)["items"][0]["uid"].as_str(), Some(ann.uid.as_str()), "{}", list.body);
    let content = format!("/api/v2/admin/documents/{id}/content");
    refused(&world.by(&ann, Method::GET, &content, None).await, 403, "forbidden");
    let request = Request::get(&content).header("authorization", format!("Bearer {}", root.access)).body(Body::empty());
    let response = tower::ServiceExt::oneshot(world.door.router.clone(), request.unwrap()).await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["content-disposition"], "attachment");
    let review = format!("/api/v2/admin/documents/{id}/review");
    let no_reason = world.by(&root, Method::POST, &review, Some(json!({ "approve": false }))).await;
    assert_eq!(no_reason.status, 400, "{}", no_reason.body);
    let approved = world.by(&root, Method::POST, &review, Some(json!({ "approve": true }))).await;
    assert_eq!(
        (approved.status.as_u16(), value(&approved)["state"].as_str()),
        (200, Some("approved")),
        "{}",
        approved.body
    );
    refused(&world.by(&root, Method::POST, &review, Some(json!({ "approve": true }))).await, 409, "document_judged");
    let labels = value(&world.by(&ann, Method::GET, "/api/v2/me/labels", None).await).to_string();
    assert!(labels.contains("\"document\"") && labels.contains("verified"), "{labels}");
    let letters = world.door.recorder.letters("ann@example.com");
    assert!(letters.iter().any(|news| matches!(news, News::DocumentApproved { .. })));
    let gone = world.by(&ann, Method::DELETE, &format!("/api/v2/me/documents/{id}"), None).await;
    refused(&gone, 409, "document_kept");
}

#[tokio::test]
async fn what_is_no_document_is_not_taken() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let mut polyglot = PNG.to_vec();
    polyglot.extend_from_slice(b"<script>alert(1)</script>PK\x03\x04");
    let html = b"<html><script>alert(1)</script></html>".to_vec();
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let cut = PNG[..40].to_vec();
    for bytes in [polyglot, html, svg, cut, b"GIF89a\x01\x00\x01\x00".to_vec()] {
        let answered = upload(&world, &ann, "kind=selfie", bytes).await;
        assert_eq!(problem(&answered), (400, "document_content_refused".to_owned()), "{}", answered.body);
    }
    refused(&upload(&world, &ann, "kind=selfie", Vec::new()).await, 400, "document_size");
    let large = vec![0; identity::MAX_DOCUMENT_BYTES + 2_048];
    refused(&upload(&world, &ann, "kind=selfie", large).await, 413, "body_too_large");
    refused(&upload(&world, &ann, "kind=diary", PNG.to_vec()).await, 400, "document_field_invalid");
    refused(&upload(&world, &ann, "kind=passport", PNG.to_vec()).await, 400, "document_field_invalid");
}
