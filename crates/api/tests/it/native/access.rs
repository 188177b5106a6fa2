//! Every operation, by enumeration: no credential, a wrong one, an expired one, another user's, a lower role's.

use api::native::level::Level;
use api::native::{Operation, operations};
use axum::http::Method;
use serde_json::json;

use crate::door::Answered;

use super::world::{Somebody, World, problem, totp, value};

/// The path with something in the place of each value.
fn path(operation: &Operation) -> String {
    operation
        .path
        .replace("{uid}", "IDAAAAAAAAAAAA")
        .replace("{id}", "999999")
        .replace("{sid}", "nobody")
        .replace("{key}", "nothing")
        .replace("{queue}", "nothing")
        .replace("{name}", "nothing")
        .replace("{role}", "nothing")
        .replace("{provider}", "nothing")
}

async fn ask(world: &World, operation: &Operation, headers: &[(&str, &str)]) -> Answered {
    let body = (operation.method != Method::GET).then(|| json!({}));
    world.send(&operation.method, &path(operation), headers, body.as_ref()).await
}

/// Whether the level let the request through: what came after it, such as a body that does not fit, is not its business.
fn is_let_in(answered: &Answered) -> bool {
    !matches!(answered.status.as_u16(), 401 | 403)
}

fn is_public(operation: &Operation) -> bool {
    operation.level == Level::Public
}

#[tokio::test]
async fn every_operation_has_a_level_of_its_own_and_a_unique_name() {
    let mut seen = Vec::new();
    for operation in operations() {
        assert!(!seen.contains(&operation.name), "{operation:?} is declared twice");
        seen.push(operation.name);
        let guarded = ["/api/v2/me", "/api/v2/admin", "/admin", "/api/v2/internal", "/users/me"];
        let is_guarded = guarded.iter().any(|prefix| operation.path.starts_with(prefix));
        assert_eq!(
            is_guarded || operation.path == "/auth/forward" || operation.path.ends_with("sign-out"),
            !is_public(&operation),
            "{operation:?}"
        );
        if operation.path.contains("/admin") {
            assert_eq!(operation.level, Level::Admin, "{operation:?}");
        }
        if operation.path.contains("/internal/") {
            assert!(matches!(operation.level, Level::Secret(_)), "{operation:?}");
        }
    }
}

#[tokio::test]
async fn no_credential_and_wrong_ones_open_nothing_but_what_is_public() {
    let world = World::open().await;
    let somebody = world.member("ann@example.com").await;
    let forged = format!("{}x", somebody.access);
    let key = "a".repeat(64);
    let service = format!("{}.{}", "a".repeat(20), "b".repeat(43));
    let wrong: [&[(&str, &str)]; 6] = [
        &[],
        &[("authorization", &format!("Bearer {forged}"))],
        &[("authorization", "Basic YTpi")],
        &[("cookie", &format!("rialto_access={forged}"))],
        &[("x-mbx-apikey", &key)],
        &[("x-service-key", &service)],
    ];
    for operation in operations() {
        for headers in wrong {
            let answered = ask(&world, &operation, headers).await;
            if is_public(&operation) {
                let (status, code) =
                    if answered.status.as_u16() < 400 { (200, String::new()) } else { problem(&answered) };
                assert!(
                    status != 403 && (status != 401 || code == "session_ended"),
                    "{operation:?} {headers:?}: {}",
                    answered.body
                );
            } else {
                // A malformed signature is a bad request before it is a wrong credential.
                let refused = matches!(answered.status.as_u16(), 400 | 401);
                assert!(refused, "{operation:?} {headers:?}: {} {}", answered.status, answered.body);
            }
        }
    }
}

#[tokio::test]
async fn an_expired_token_and_an_ended_session_open_nothing() {
    let world = World::open().await;
    let (expired, ended) = (world.member("ann@example.com").await, world.member("bob@example.com").await);
    let signed_out = world.by(&ended, Method::POST, "/api/v2/auth/sign-out", None).await;
    assert_eq!(signed_out.status, 204);
    for operation in operations().iter().filter(|operation| !is_public(operation)) {
        let bearer = format!("Bearer {}", ended.access);
        let answered = ask(&world, operation, &[("authorization", &bearer)]).await;
        assert_eq!(answered.status, 401, "{operation:?}: {}", answered.body);
    }
    world.door.clock.advance_us(3_600 * 1_000_000);
    for operation in operations().iter().filter(|operation| !is_public(operation)) {
        let bearer = format!("Bearer {}", expired.access);
        let answered = ask(&world, operation, &[("authorization", &bearer)]).await;
        assert_eq!(answered.status, 401, "{operation:?}: {}", answered.body);
    }
}

#[tokio::test]
async fn a_session_opens_what_is_its_users_and_nothing_above() {
    let world = World::open().await;
    let somebody = world.member("ann@example.com").await;
    let bearer = format!("Bearer {}", somebody.access);
    for operation in operations() {
        // What would end the session comes last, and closing the user is a test of its own.
        if operation.path.ends_with("sign-out") || operation.name == "DELETE /api/v2/me" {
            continue;
        }
        let answered = ask(&world, &operation, &[("authorization", &bearer)]).await;
        match operation.level {
            Level::Public | Level::User(_) | Level::Session => {
                let own = is_let_in(&answered) || problem(&answered).1 == "totp_off" || is_public(&operation);
                assert!(own, "{operation:?}: {}", answered.body);
            }
            Level::Otp => assert_eq!(problem(&answered), (403, "totp_off".to_owned()), "{operation:?}"),
            Level::Admin => assert_eq!(problem(&answered), (403, "forbidden".to_owned()), "{operation:?}"),
            Level::Secret(_) => assert_eq!(answered.status, 401, "{operation:?}: {}", answered.body),
        }
    }
}

#[tokio::test]
async fn an_otp_operation_wants_a_code_that_was_not_used() {
    let world = World::open().await;
    let somebody = world.member("ann@example.com").await;
    let secret = world.enrol(&somebody).await;
    for operation in operations().iter().filter(|operation| operation.level == Level::Otp) {
        let bearer = format!("Bearer {}", somebody.access);
        let answered = ask(&world, operation, &[("authorization", &bearer)]).await;
        assert_eq!(problem(&answered), (403, "code_needed".to_owned()), "{operation:?}");
        let code = totp(&secret, world.door.app.clock.now_us());
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let answered = ask(&world, operation, &[("authorization", &bearer), ("x-otp", wrong)]).await;
        assert_eq!(problem(&answered), (403, "code_wrong".to_owned()), "{operation:?}");
        if operation.name == "DELETE /api/v2/me/totp" {
            continue;
        }
        let answered = ask(&world, operation, &[("authorization", &bearer), ("x-otp", &code)]).await;
        assert!(is_let_in(&answered), "{operation:?}: {}", answered.body);
        let again = ask(&world, operation, &[("authorization", &bearer), ("x-otp", &code)]).await;
        assert_eq!(problem(&again), (403, "code_wrong".to_owned()), "{operation:?}: a code serves once");
        world.door.clock.advance_us(30_000_000);
    }
}

#[tokio::test]
async fn a_role_may_do_what_its_permissions_say() {
    let world = World::open().await;
    let superadmin = world.officer("root@example.com", "superadmin").await;
    let support = world.member("eve@example.com").await;
    let grant = |operation: &str| Some(json!({ "operation": operation }));
    let path_of_role = "/api/v2/admin/roles/support/permissions";
    let granted = world.by(&superadmin, Method::POST, path_of_role, grant("GET /api/v2/admin/*")).await;
    assert_eq!(granted.status, 204, "{}", granted.body);
    let role = format!("/api/v2/admin/users/{}/role", support.uid);
    let given = world.by(&superadmin, Method::PUT, &role, Some(json!({ "role": "support" }))).await;
    assert_eq!(given.status, 204, "{}", given.body);
    for operation in operations().iter().filter(|operation| operation.level == Level::Admin) {
        let by = |who: &Somebody| format!("Bearer {}", who.access);
        let by_all = ask(&world, operation, &[("authorization", &by(&superadmin))]).await;
        assert!(is_let_in(&by_all) || problem(&by_all).1 == "last_superadmin", "{operation:?}: {}", by_all.body);
        let by_some = ask(&world, operation, &[("authorization", &by(&support))]).await;
        let may = operation.name.starts_with("GET /api/v2/admin/");
        assert_eq!(is_let_in(&by_some), may, "{operation:?}: {}", by_some.body);
    }
    // A role that may do much may still not raise itself.
    let granted = world.by(&superadmin, Method::POST, path_of_role, grant("* /api/v2/admin/*")).await;
    assert_eq!(granted.status, 204);
    let raised = world.by(&support, Method::PUT, &role, Some(json!({ "role": "superadmin" }))).await;
    assert_eq!(problem(&raised), (403, "forbidden".to_owned()));
    let granted = world.by(&support, Method::POST, path_of_role, grant("* *")).await;
    assert!(!granted.status.is_success(), "{}", granted.body);
}

#[tokio::test]
async fn a_service_key_opens_what_its_scope_says() {
    let world = World::open().await;
    let superadmin = world.officer("root@example.com", "superadmin").await;
    let make = |scopes: &[&str]| Some(json!({ "name": "risk", "scopes": scopes }));
    let made = world.by(&superadmin, Method::POST, "/api/v2/admin/service-keys", make(&["users:read"])).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let key = value(&made)["service_key"].as_str().unwrap().to_owned();
    for operation in operations() {
        let Level::Secret(scope) = operation.level else { continue };
        let answered = ask(&world, &operation, &[("x-service-key", &key)]).await;
        assert_eq!(is_let_in(&answered), scope == "users:read", "{operation:?}: {}", answered.body);
    }
    let revoke = format!("/api/v2/admin/service-keys/{}", value(&made)["key"].as_str().unwrap());
    assert_eq!(world.by(&superadmin, Method::DELETE, &revoke, None).await.status, 204);
    let path = format!("/api/v2/internal/users/{}", superadmin.uid);
    let answered = world.send(&Method::GET, &path, &[("x-service-key", &key)], None).await;
    assert_eq!(problem(&answered), (401, "service_key_invalid".to_owned()));
}

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    let world = World::open().await;
    let (ann, bob) = (world.member("ann@example.com").await, world.member("bob@example.com").await);
    let secret = world.enrol(&ann).await;
    let phone = world.by(&ann, Method::POST, "/api/v2/me/phones", Some(json!({ "number": "+41446681800" }))).await;
    let phone = value(&phone)["id"].as_i64().unwrap();
    let code = totp(&secret, world.door.app.clock.now_us());
    let body = json!({ "label": "mine", "permissions": ["read"] });
    let made = world.with_code(&ann, &code, Method::POST, "/api/v2/me/api-keys", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let key = value(&made)["key"].as_str().unwrap().to_owned();
    for (method, path, body) in [
        (Method::DELETE, format!("/api/v2/me/sessions/{}", ann.sid), None),
        (Method::DELETE, format!("/api/v2/me/phones/{phone}"), None),
        (Method::POST, format!("/api/v2/me/phones/{phone}/verify"), Some(json!({ "code": "123456" }))),
        (Method::DELETE, format!("/api/v2/me/api-keys/{key}"), None),
    ] {
        let answered = world.by(&bob, method, &path, body).await;
        assert_eq!(problem(&answered), (404, "not_found".to_owned()), "{path}");
    }
    // Nothing of it was touched.
    let phones = world.by(&ann, Method::GET, "/api/v2/me/phones", None).await;
    assert_eq!(value(&phones).as_array().unwrap().len(), 1);
    let keys = world.by(&ann, Method::GET, "/api/v2/me/api-keys", None).await;
    assert!(value(&keys)["items"][0]["revoked_at"].is_null(), "{}", keys.body);
    assert_eq!(world.by(&ann, Method::GET, "/api/v2/me/sessions", None).await.status, 200);
}
