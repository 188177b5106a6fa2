//! What attackers try.

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::ports::News;
use ring::hmac;
use serde_json::{Value, json};

use super::world::{PASSWORD, World, problem, refused, somebody, totp, value};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

async fn try_token(world: &World, token: &str) -> (u16, String) {
    let bearer = format!("Bearer {token}");
    problem(&world.send(&Method::GET, "/users/me", &[("authorization", &bearer)], None).await)
}

#[tokio::test]
async fn a_token_is_of_our_key_and_our_algorithm_or_nothing() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let (claims, header) = (claims(&ann.access), ann.access.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("at+jwt")));
    let no = (401, "access_token_invalid".to_owned());
    for alg in ["none", "None", "NONE", ""] {
        let mut other = header.clone();
        other["alg"] = alg.into();
        for signature in ["", "x", ann.access.split('.').nth(2).unwrap()] {
            let token = format!("{}.{}.{signature}", part(&other), part(&claims));
            assert_eq!(try_token(&world, &token).await, no, "alg={alg} {signature:?}");
        }
    }
    // The public key as the secret of an HMAC, in each form that somebody may have it in.
    let jwks = value(&world.door.get("/.well-known/jwks.json").await);
    let n = jwks["keys"][0]["n"].as_str().unwrap();
    let secrets = [jwks["keys"][0].to_string(), jwks.to_string(), n.to_owned()];
    for secret in secrets.iter().map(String::as_bytes).chain([&URL_SAFE_NO_PAD.decode(n).unwrap()[..]]) {
        let mut other = header.clone();
        other["alg"] = "HS256".into();
        let signed = format!("{}.{}", part(&other), part(&claims));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        assert_eq!(try_token(&world, &token).await, no);
    }
    // Another role in the middle of a good token; a key that the token brings along; a key that it names elsewhere.
    let mut raised = claims.clone();
    raised["role"] = "superadmin".into();
    let signature = ann.access.split('.').nth(2).unwrap();
    assert_eq!(try_token(&world, &format!("{}.{}.{signature}", part(&header), part(&raised))).await, no);
    for (name, value) in [
        ("jwk", jwks["keys"][0].clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("kid", json!("../../dev/null")),
    ] {
        let mut other = header.clone();
        other[name] = value;
        assert_eq!(try_token(&world, &format!("{}.{}.{signature}", part(&other), part(&claims))).await, no, "{name}");
    }
    // What is signed for programs behind a proxy is no access token.
    let forwarded = world.by(&ann, Method::GET, "/auth/forward", None).await;
    let identity = forwarded.headers["x-rialto-identity"].to_str().unwrap();
    assert_eq!(try_token(&world, identity).await, no);
}

#[tokio::test]
async fn a_token_has_its_time() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    world.door.clock.set_us(crate::door::NOW_US - 60_000_000);
    let early = try_token(&world, &ann.access).await;
    assert_eq!(early, (401, "access_token_invalid".to_owned()), "not yet valid");
    world.door.clock.set_us(crate::door::NOW_US + 700_000_000);
    assert_eq!(try_token(&world, &ann.access).await, (401, "access_token_expired".to_owned()));
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_its_session() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let refresh = |token: &str| world.post("/api/v2/auth/refresh", json!({ "refresh_token": token }));
    let next = somebody("ann@example.com", &refresh(&ann.refresh).await);
    assert_eq!(next.sid, ann.sid);
    assert_ne!((&next.access, &next.refresh), (&ann.access, &ann.refresh));
    // The thief, or the owner after the thief: nobody can tell, so both are out. An honest repetition is forgiven for a moment.
    world.door.clock.advance_us(120_000_000);
    refused(&refresh(&ann.refresh).await, 401, "session_ended");
    refused(&refresh(&next.refresh).await, 401, "session_ended");
    assert_eq!(try_token(&world, &next.access).await.1, "session_ended");
    let letters = world.door.recorder.letters("ann@example.com");
    assert!(letters.iter().any(|news| matches!(news, News::SessionStolen)), "{letters:?}");
}

#[tokio::test]
async fn codes_cannot_be_guessed() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let secret = world.enrol(&ann).await;
    let mut locked = 0;
    for guess in 0..20 {
        let code = format!("{guess:06}");
        let answered = world.with_code(&ann, &code, Method::DELETE, "/api/v2/me/totp", None).await;
        match problem(&answered) {
            (403, code) if code == "code_wrong" => assert_eq!(locked, 0, "it was locked before"),
            (429, code) if code == "too_many_attempts" => locked += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(locked >= 14, "{locked}");
    // The right code does not help either while it is locked, at whatever door it is shown.
    let code = totp(&secret, world.door.app.clock.now_us());
    refused(&world.with_code(&ann, &code, Method::DELETE, "/api/v2/me/totp", None).await, 429, "too_many_attempts");
    let body = json!({ "email": ann.email, "password": PASSWORD, "otp": code });
    refused(&world.post("/api/v2/auth/sign-in", body).await, 429, "too_many_attempts");
}

#[tokio::test]
async fn a_session_is_not_the_one_that_somebody_planted() {
    let world = World::open().await;
    world.member("ann@example.com").await;
    let mallory = world.member("mallory@example.com").await;
    let cookie = format!("rialto_access={}; rialto_refresh={}; rialto_csrf=planted", mallory.access, mallory.refresh);
    let body = json!({ "email": "ann@example.com", "password": PASSWORD, "session": "cookie" });
    let answered = world.send(&Method::POST, "/api/v2/auth/sign-in", &[("cookie", &cookie)], Some(&body)).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    let signed_in = value(&answered);
    assert_ne!(signed_in["sid"], mallory.sid);
    assert!(signed_in.get("access_token").is_none() && signed_in.get("refresh_token").is_none());
    let set: Vec<&str> = answered.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(set.len(), 3, "{set:?}");
    for cookie in &set {
        assert!(cookie.contains("SameSite=Strict"), "{cookie}");
        assert_eq!(cookie.contains("HttpOnly"), !cookie.starts_with("rialto_csrf="), "{cookie}");
    }
    // Two cookies of one name, as when a sibling domain plants one: neither is taken.
    let own = set[0].split(';').next().unwrap();
    let both = format!("{own}; rialto_access={}", mallory.access);
    let me = world.send(&Method::GET, "/users/me", &[("cookie", &both)], None).await;
    refused(&me, 401, "credential_needed");
}

#[tokio::test]
async fn a_page_of_another_site_does_nothing_with_a_session() {
    let world = World::open().await;
    world.member("ann@example.com").await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD, "session": "cookie" });
    let answered = world.post("/api/v2/auth/sign-in", body).await;
    let cookies: Vec<&str> = answered
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().split(';').next().unwrap())
        .collect();
    let cookies = cookies.join("; ");
    let csrf = value(&answered)["csrf_token"].as_str().unwrap().to_owned();
    let add = json!({ "number": "+41446681800" });
    let tried = |headers: Vec<(&'static str, String)>| {
        let (world, cookies, add) = (&world, cookies.clone(), add.clone());
        async move {
            let mut all: Vec<(&str, &str)> = vec![("cookie", &cookies)];
            all.extend(headers.iter().map(|(name, value)| (*name, value.as_str())));
            world.send(&Method::POST, "/api/v2/me/phones", &all, Some(&add)).await
        }
    };
    refused(&tried(vec![]).await, 403, "csrf_token");
    refused(&tried(vec![("x-csrf-token", "x".repeat(64))]).await, 403, "csrf_token");
    let origin = |origin: &str| vec![("x-csrf-token", csrf.clone()), ("origin", origin.to_owned())];
    refused(&tried(origin("https://evil.example")).await, 403, "csrf_origin");
    refused(&tried(origin("null")).await, 403, "csrf_origin");
    // A form, or text, is not what the operation takes, so that a browser must ask first, and gets no leave.
    let bearerless = Request::post("/api/v2/auth/sign-in")
        .header("content-type", "text/plain")
        .header("origin", "https://evil.example")
        .body(Body::from(json!({ "email": "a@b.example", "password": PASSWORD }).to_string()));
    refused(&world.door.send(bearerless.unwrap()).await, 415, "media_type_unsupported");
    for (origin, allowed) in [("https://app.example", true), ("https://evil.example", false)] {
        let preflight = Request::builder()
            .method("OPTIONS")
            .uri("/api/v2/me/phones")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .body(Body::empty());
        let answered = world.door.send(preflight.unwrap()).await;
        assert_eq!(answered.headers.contains_key("access-control-allow-origin"), allowed, "{origin}");
        assert!(!answered.headers.contains_key("access-control-allow-credentials"), "{origin}");
    }
    let own = tried(vec![("x-csrf-token", csrf.clone()), ("origin", "http://localhost:8080".to_owned())]).await;
    assert_eq!(own.status, 201, "{}", own.body);
}

#[tokio::test]
async fn nobody_learns_who_is_a_user() {
    let world = World::open().await;
    world.member("ann@example.com").await;
    let hashes = || world.door.app.native.people.passwords.hashes();
    for path in ["sign-up", "sign-up/resend", "password/forgot", "sign-in"] {
        let mut answers = Vec::new();
        for email in ["ann@example.com", "nobody@example.com"] {
            let before = hashes();
            let mut body = json!({ "email": email });
            if matches!(path, "sign-up" | "sign-in") {
                let password = format!("another seven lamps on the hill, to {path}");
                body["password"] = password.into();
            }
            let answered = world.post(&format!("/api/v2/auth/{path}"), body).await;
            // The work that takes time is the hash of a password: as many of them for one as for the other.
            answers.push((answered.status, answered.body, hashes() - before));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
}

#[tokio::test]
async fn an_allow_list_is_not_talked_into_another_address() {
    let world = World::open().await;
    let ann = world.member("ann@example.com").await;
    let secret = world.enrol(&ann).await;
    let code = totp(&secret, world.door.app.clock.now_us());
    let body = json!({ "label": "bot", "permissions": ["read", "withdraw"], "addresses": ["192.0.2.0/24"] });
    let made = world.with_code(&ann, &code, Method::POST, "/api/v2/me/api-keys", Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let (key, secret) =
        (value(&made)["key"].as_str().unwrap().to_owned(), value(&made)["secret"].as_str().unwrap().to_owned());
    let ask = |address: [u8; 4]| {
        let payload = format!("timestamp={}", world.door.app.clock.now_us() / 1_000);
        let signature = crate::door::hmac(&secret, &payload);
        let mut request = Request::get(format!("/users/me?{payload}&signature={signature}"))
            .header("x-mbx-apikey", &key)
            .header("x-forwarded-for", "192.0.2.7")
            .header("x-real-ip", "192.0.2.7")
            .header("forwarded", "for=192.0.2.7")
            .body(Body::empty())
            .unwrap();
        request.extensions_mut().insert(api::server::Peer(std::net::SocketAddr::from((address, 4_711))));
        world.door.send(request)
    };
    refused(&ask([203, 0, 113, 9]).await, 401, "api_key_refused");
    let inside = ask([192, 0, 2, 9]).await;
    assert_eq!(
        (inside.status.as_u16(), value(&inside)["uid"].as_str()),
        (200, Some(ann.uid.as_str())),
        "{}",
        inside.body
    );
}
