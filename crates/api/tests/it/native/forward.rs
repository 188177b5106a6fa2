//! Forward authentication: what a proxy is told, and what cannot be smuggled in.

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::world::{PASSWORD, World, refused, value};

#[tokio::test]
async fn a_session_and_a_key_become_headers() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let answered = world.by(&ann, Method::GET, "/auth/forward", None).await;
    assert_eq!(answered.status, 204, "{}", answered.body);
    let header = |name: &str| answered.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-rialto-user"), ann.uid);
    assert_eq!((header("x-rialto-role"), header("x-rialto-means")), ("member".to_owned(), "session".to_owned()));
    let claims = header("x-rialto-identity");
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims.split('.').nth(1).unwrap()).unwrap()).unwrap();
    assert_eq!((claims["sub"].as_str(), claims["aud"].as_str()), (Some(ann.uid.as_str()), Some("rialto-upstream")));
    refused(&world.send(&Method::GET, "/auth/forward", &[], None).await, 401, "credential_needed");
}

#[tokio::test]
async fn what_the_client_says_of_itself_is_not_what_the_proxy_is_told() {
    let world = World::open().await;
    let (ann, mallory) = (world.member("ann@example.com").await, world.member("mallory@example.com").await);
    let bearer = format!("Bearer {}", mallory.access);
    let forged =
        [("authorization", bearer.as_str()), ("x-rialto-user", ann.uid.as_str()), ("x-rialto-role", "superadmin")];
    let answered = world.send(&Method::GET, "/auth/forward", &forged, None).await;
    assert_eq!(answered.headers.get_all("x-rialto-user").iter().count(), 1);
    assert_eq!(answered.headers["x-rialto-user"].to_str().unwrap(), mallory.uid);
    assert_eq!(answered.headers["x-rialto-role"], "member");
    // Two of a kind: another program on the way might look at the other one.
    let two = format!("Bearer {}", ann.access);
    let both = [("authorization", bearer.as_str()), ("authorization", two.as_str())];
    refused(&world.send(&Method::GET, "/auth/forward", &both, None).await, 401, "authorization_invalid");
    let described = [("authorization", bearer.as_str()), ("x-original-method", "GET"), ("x-forwarded-method", "POST")];
    refused(&world.send(&Method::GET, "/auth/forward", &described, None).await, 400, "forwarded_invalid");
}

#[tokio::test]
async fn a_cookie_is_protected_by_the_method_of_the_request_behind_the_proxy() {
    let world = World::open().await;
    world.member("ann@example.com").await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD, "session": "cookie" });
    let answered = world.post("/api/v2/auth/sign-in", body).await;
    let cookie = answered.headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let csrf = value(&answered)["csrf_token"].as_str().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str()), ("x-original-method", "POST"), ("x-original-uri", "/orders?a=1")];
    refused(&world.send(&Method::GET, "/auth/forward", &headers, None).await, 403, "csrf_token");
    let mut good = headers.to_vec();
    good.push(("x-csrf-token", &csrf));
    assert_eq!(world.send(&Method::GET, "/auth/forward", &good, None).await.status, 204);
    let read = [("cookie", cookie.as_str()), ("x-original-method", "GET"), ("x-original-uri", "/orders")];
    assert_eq!(world.send(&Method::GET, "/auth/forward", &read, None).await.status, 204);
}
