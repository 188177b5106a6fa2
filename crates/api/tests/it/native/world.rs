//! People at the native API.

use axum::body::Body;
use axum::http::{HeaderName, Method, Request};
use identity::ports::News;
use identity::{Email, User};
use ring::hmac;
use serde_json::{Value, json};

use crate::door::{Answered, Door, NOW_US};

pub(crate) const PASSWORD: &str = "seven green lamps upon a hill";

/// A door, and what tests do at it.
pub(crate) struct World {
    pub(crate) door: Door,
}

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(crate) struct Somebody {
    pub(crate) email: String,
    pub(crate) uid: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) sid: String,
}

impl World {
    pub(crate) async fn open() -> Self {
        Self { door: Door::busy().await }
    }

    /// Sends JSON with these headers.
    pub(crate) async fn send(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answered {
        let mut request = Request::builder().method(method.clone()).uri(path);
        for (name, value) in headers {
            request = request.header(name.parse::<HeaderName>().unwrap(), *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.door.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answered {
        self.send(&Method::POST, path, &[], Some(&body)).await
    }

    /// As somebody, with an access token.
    pub(crate) async fn by(&self, who: &Somebody, method: Method, path: &str, body: Option<Value>) -> Answered {
        let bearer = format!("Bearer {}", who.access);
        self.send(&method, path, &[("authorization", &bearer)], body.as_ref()).await
    }

    /// As somebody, with a code of the authenticator besides.
    pub(crate) async fn with_code(
        &self,
        who: &Somebody,
        code: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answered {
        let bearer = format!("Bearer {}", who.access);
        self.send(&method, path, &[("authorization", &bearer), ("x-otp", code)], body.as_ref()).await
    }

    /// Signs up, verifies the address, and signs in.
    pub(crate) async fn member(&self, email: &str) -> Somebody {
        let sent = self.post("/api/v2/auth/sign-up", json!({ "email": email, "password": PASSWORD })).await;
        assert_eq!(sent.status, 202, "{}", sent.body);
        let letters = self.door.recorder.letters(email);
        let token = letters.iter().rev().find_map(|news| match news {
            News::VerifyEmail { token, .. } => Some(token.expose().clone()),
            _ => None,
        });
        let verified = self.post("/api/v2/auth/sign-up/verify", json!({ "token": token.unwrap() })).await;
        assert_eq!(verified.status, 200, "{}", verified.body);
        self.sign_in(email).await
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Somebody {
        let answered = self.post("/api/v2/auth/sign-in", json!({ "email": email, "password": PASSWORD })).await;
        somebody(email, &answered)
    }

    /// A user with a role, which may do what the patterns say.
    pub(crate) async fn officer(&self, email: &str, role: &str) -> Somebody {
        self.member(email).await;
        let people = &self.door.app.native.people;
        let user = self.user(email).await;
        if role == "superadmin" {
            people.roles.appoint_first(user.id, NOW_US).await.unwrap();
        }
        self.sign_in(email).await
    }

    pub(crate) async fn user(&self, email: &str) -> User {
        let email = Email::parse(email).unwrap();
        self.door.app.native.people.users.by_email(&email).await.unwrap().unwrap()
    }

    /// Turns an authenticator on; gives its secret.
    pub(crate) async fn enrol(&self, who: &Somebody) -> String {
        let begun = self.by(who, Method::POST, "/api/v2/me/totp", None).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let secret = value(&begun)["secret"].as_str().unwrap().to_owned();
        let code = totp(&secret, self.door.app.clock.now_us());
        let on = self.by(who, Method::POST, "/api/v2/me/totp/confirm", Some(json!({ "code": code }))).await;
        assert_eq!(on.status, 200, "{}", on.body);
        // A code serves once: the next one is of the next half minute.
        self.door.clock.advance_us(30_000_000);
        secret
    }
}

pub(crate) fn somebody(email: &str, answered: &Answered) -> Somebody {
    assert_eq!(answered.status, 200, "{}", answered.body);
    let body = value(answered);
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Somebody {
        email: email.to_owned(),
        uid: body["user"]["uid"].as_str().unwrap().to_owned(),
        access: text("access_token"),
        refresh: text("refresh_token"),
        sid: text("sid"),
    }
}

pub(crate) fn value(answered: &Answered) -> Value {
    serde_json::from_str(&answered.body).unwrap_or_else(|_| panic!("no JSON: {} {}", answered.status, answered.body))
}

/// Status and code of a problem.
pub(crate) fn problem(answered: &Answered) -> (u16, String) {
    let media_type = answered.headers.get("content-type").map(|value| value.to_str().unwrap());
    assert_eq!(media_type, Some("application/problem+json"), "{} {}", answered.status, answered.body);
    let body = value(answered);
    assert_eq!(body["status"], answered.status.as_u16());
    assert_eq!(body["type"], format!("urn:rialto:problem:{}", body["code"].as_str().unwrap()));
    assert!(body["detail"].as_str().is_some_and(|text| text.len() > 10), "{}", answered.body);
    (answered.status.as_u16(), body["code"].as_str().unwrap().to_owned())
}

pub(crate) fn refused(answered: &Answered, status: u16, code: &str) {
    assert_eq!(problem(answered), (status, code.to_owned()), "{}", answered.body);
}

/// The code of an authenticator (RFC 6238), computed here and not by the library that checks it.
pub(crate) fn totp(secret: &str, now_us: u64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &base32(secret));
    let step = now_us / 30_000_000;
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let number = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn base32(text: &str) -> Vec<u8> {
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => panic!("no base32: {text}"),
        };
        bits = (bits << 5) | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}
