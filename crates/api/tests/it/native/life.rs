//! Turns of a user's life that the other tests do not take.

use axum::http::Method;
use identity::ports::News;
use serde_json::json;

use super::world::{PASSWORD, World, problem, refused, totp, value};

#[tokio::test]
async fn a_frozen_user_is_out_at_once_and_comes_back() {
    let world = World::open().await;
    let root = world.officer("root@example.com", "superadmin").await;
    let ann = world.member("ann@example.com").await;
    let secret = world.enrol(&ann).await;
    let code = totp(&secret, world.door.app.clock.now_us());
    let body = json!({ "label": "bot", "permissions": ["read", "trade"] });
    let made = world.with_code(&ann, &code, Method::POST, "/api/v2/me/api-keys", Some(body)).await;
    let (key, key_secret) =
        (value(&made)["key"].as_str().unwrap().to_owned(), value(&made)["secret"].as_str().unwrap().to_owned());
    let by_key = || {
        let payload = format!("timestamp={}", world.door.app.clock.now_us() / 1_000);
        let path = format!("/users/me?{payload}&signature={}", crate::door::hmac(&key_secret, &payload));
        let (world, key) = (&world, key.clone());
        async move { world.send(&Method::GET, &path, &[("x-mbx-apikey", &key)], None).await }
    };
    assert_eq!(by_key().await.status, 200);
    let path = format!("/api/v2/admin/users/{}/freeze", ann.uid);
    let frozen = world.by(&root, Method::POST, &path, Some(json!({ "reason": "looks odd" }))).await;
    assert_eq!(frozen.status, 204, "{}", frozen.body);
    refused(&world.by(&ann, Method::GET, "/users/me", None).await, 401, "session_ended");
    refused(&by_key().await, 401, "api_key_refused");
    let sign_in = json!({ "email": "ann@example.com", "password": PASSWORD });
    refused(&world.post("/api/v2/auth/sign-in", sign_in.clone()).await, 403, "user_frozen");
    let wrong = json!({ "email": "ann@example.com", "password": "not the right password" });
    refused(&world.post("/api/v2/auth/sign-in", wrong).await, 401, "sign_in_failed");
    let again = world
        .by(&root, Method::POST, &path.replace("/freeze", "/unfreeze"), Some(json!({ "reason": "it was she" })))
        .await;
    assert_eq!(again.status, 204, "{}", again.body);
    assert_eq!(by_key().await.status, 200);
    refused(&world.post("/api/v2/auth/sign-in", sign_in).await, 403, "code_needed");
    let letters = world.door.recorder.letters("ann@example.com");
    assert!(
        letters.iter().any(|news| matches!(news, News::Frozen))
            && letters.iter().any(|news| matches!(news, News::Unfrozen))
    );
}

#[tokio::test]
async fn a_password_is_changed_and_forgotten() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let other = world.sign_in("ann@example.com").await;
    let change = json!({ "present": PASSWORD, "new": "eight red boats below the bridge" });
    let changed = world.by(&ann, Method::PUT, "/api/v2/me/password", Some(change)).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    assert_eq!(world.by(&ann, Method::GET, "/users/me", None).await.status, 200, "who changed it stays in");
    refused(&world.by(&other, Method::GET, "/users/me", None).await, 401, "session_ended");
    assert_eq!(world.post("/api/v2/auth/password/forgot", json!({ "email": "ann@example.com" })).await.status, 202);
    let letters = world.door.recorder.letters("ann@example.com");
    let token = letters.iter().find_map(|news| match news {
        News::ResetPassword { token, .. } => Some(token.expose().clone()),
        _ => None,
    });
    let reset = |password: &str| json!({ "token": token.clone().unwrap(), "password": password });
    let weak = world.post("/api/v2/auth/password/reset", reset("password1")).await;
    assert_eq!(problem(&weak).0, 400, "{}", weak.body);
    let set = world.post("/api/v2/auth/password/reset", reset(PASSWORD)).await;
    assert_eq!(set.status, 204, "{}", set.body);
    refused(&world.post("/api/v2/auth/password/reset", reset(PASSWORD)).await, 400, "token_invalid");
    refused(&world.by(&ann, Method::GET, "/users/me", None).await, 401, "session_ended");
    world.sign_in("ann@example.com").await;
}

#[tokio::test]
async fn a_user_closes_itself_and_is_forgotten() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let part = world.by(&ann, Method::POST, "/api/v2/me/sub-accounts", Some(json!({}))).await;
    assert_eq!(part.status, 201, "{}", part.body);
    let opened = world.door.recorder.opened();
    let master =
        u32::try_from(value(&world.by(&ann, Method::GET, "/users/me", None).await)["account"].as_u64().unwrap())
            .unwrap();
    let sub = u32::try_from(value(&part)["account"].as_u64().unwrap()).unwrap();
    assert_eq!(opened, [(master, None), (sub, Some(master))]);
    let wrong = json!({ "password": "wrong wrong wrong" });
    refused(&world.by(&ann, Method::DELETE, "/api/v2/me", Some(wrong)).await, 401, "sign_in_failed");
    let closed = world.by(&ann, Method::DELETE, "/api/v2/me", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(closed.status, 204, "{}", closed.body);
    refused(&world.by(&ann, Method::GET, "/users/me", None).await, 401, "session_ended");
    let sign_in = json!({ "email": "ann@example.com", "password": PASSWORD });
    refused(&world.post("/api/v2/auth/sign-in", sign_in).await, 401, "sign_in_failed");
    // The address is free for somebody else.
    let next = world.member("ann@example.com").await;
    assert_ne!(next.uid, ann.uid);
}

#[tokio::test]
async fn a_phone_and_a_profile_are_kept() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let added = world.by(&ann, Method::POST, "/api/v2/me/phones", Some(json!({ "number": "+41 44 668 18 00" }))).await;
    assert_eq!(
        (added.status.as_u16(), value(&added)["number"].as_str()),
        (201, Some("+********800")),
        "{}",
        added.body
    );
    let verify = format!("/api/v2/me/phones/{}/verify", value(&added)["id"]);
    let code = world.door.recorder.codes("+41446681800")[0].clone();
    let wrong = if code == "000000" { "111111" } else { "000000" };
    refused(&world.by(&ann, Method::POST, &verify, Some(json!({ "code": wrong }))).await, 403, "code_wrong");
    let verified = world.by(&ann, Method::POST, &verify, Some(json!({ "code": code }))).await;
    assert!(value(&verified)["verified_at"].is_string(), "{}", verified.body);
    // Another user cannot have it.
    let bob = world.member("bob@example.com").await;
    let added = world.by(&bob, Method::POST, "/api/v2/me/phones", Some(json!({ "number": "+41446681800" }))).await;
    let verify = format!("/api/v2/me/phones/{}/verify", value(&added)["id"]);
    let code = world.door.recorder.codes("+41446681800")[1].clone();
    refused(&world.by(&bob, Method::POST, &verify, Some(json!({ "code": code }))).await, 409, "phone_taken");
    let profile = json!({ "first_name": "Ann", "born_on": "1990-12-31", "country": "CH" });
    assert_eq!(world.by(&ann, Method::PUT, "/api/v2/me/profile", Some(profile.clone())).await.status, 204);
    assert_eq!(value(&world.by(&ann, Method::GET, "/api/v2/me/profile", None).await), profile);
    let child = json!({ "born_on": "2015-01-01" });
    refused(&world.by(&ann, Method::PUT, "/api/v2/me/profile", Some(child)).await, 400, "birth_date_invalid");
    let log = world.by(&ann, Method::GET, "/api/v2/me/activity?limit=2", None).await;
    let (items, next) =
        (value(&log)["items"].as_array().unwrap().len(), value(&log)["next"].as_str().unwrap().to_owned());
    assert_eq!(items, 2);
    let more = world.by(&ann, Method::GET, &format!("/api/v2/me/activity?limit=2&cursor={next}"), None).await;
    assert_ne!(value(&more)["items"], value(&log)["items"]);
    refused(&world.by(&ann, Method::GET, "/api/v2/me/activity?limit=0", None).await, 400, "limit_invalid");
    refused(&world.by(&ann, Method::GET, "/api/v2/me/activity?cursor=x", None).await, 400, "cursor_invalid");
}
