//! The rules of signatures, in every way in which clients send them.

use api::binance::signature::payload;
use axum::body::Body;
use axum::http::{Method, Request};
use identity::{KeyKind, Permissions};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::door::{ACCOUNT, Answered, Door, Key, NOW_US, hmac};
use crate::signer;

const BUSY: (u16, i64, &str) =
    (503, -1008, "Server is currently overloaded with other requests. Please try again in a few minutes.");
const INVALID: (u16, i64, &str) = (400, -1022, "Signature for this request is not valid.");

fn refusal(answered: &Answered) -> (u16, i64, String) {
    answered.refusal()
}

fn same(answered: &Answered, want: (u16, i64, &str)) {
    assert_eq!(refusal(answered), (want.0, want.1, want.2.to_owned()));
}

/// An order whose command reaches the exchange when everything about the request is right.
fn order() -> String {
    let time = NOW_US / 1_000;
    format!("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100&timestamp={time}")
}

async fn send(door: &Door, method: Method, query: &str, body: &str, content_type: Option<&str>) -> Answered {
    send_as(door, &door.trader.key, method, query, body, content_type).await
}

async fn send_as(
    door: &Door,
    key: &str,
    method: Method,
    query: &str,
    body: &str,
    content_type: Option<&str>,
) -> Answered {
    let mut request =
        Request::builder().method(method).uri(format!("/api/v3/order?{query}")).header("x-mbx-apikey", key);
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    door.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[test]
fn the_examples_of_the_documentation_hold() {
    let secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    let whole = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
    let (query, body) = (
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
        "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559",
    );
    for (query, body, signature) in [
        (whole, "", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        ("", whole, "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (query, body, "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"),
    ] {
        let signed = if body.is_empty() {
            payload(&format!("{query}&signature={signature}"), "").into_owned()
        } else {
            payload(query, &format!("{body}&signature={signature}")).into_owned()
        };
        assert_eq!(hmac(secret, &signed), signature, "{query} | {body}");
    }
}

#[tokio::test]
async fn parameters_may_come_in_the_query_or_in_the_body_whatever_the_content_type() {
    let door = Door::busy().await;
    let order = order();
    let signed = format!("{order}&signature={}", door.trader.sign(&order));
    let upper = format!("{order}&signature={}", door.trader.sign(&order).to_uppercase());
    let first = format!("signature={}&{order}", door.trader.sign(&order));
    let (query, body) = order.split_at(order.find("&quantity").unwrap());
    let body = &body[1..];
    let split = format!("{body}&signature={}", door.trader.sign(&format!("{query}{body}")));
    let form = Some("application/x-www-form-urlencoded");
    let json = Some("application/json");
    let cases = [
        (signed.as_str(), "", None),
        (&signed, "", json),
        ("", &signed, form),
        ("", &signed, json),
        ("", &signed, None),
        (&upper, "", None),
        (&first, "", None),
        (query, &split, form),
    ];
    for (query, body, content_type) in cases {
        same(&send(&door, Method::POST, query, body, content_type).await, BUSY);
    }
    assert_eq!(door.commands().len(), cases.len());
}

#[tokio::test]
async fn a_delete_may_have_a_body() {
    let door = Door::busy().await;
    let cancel = format!("symbol=BTCUSDT&orderId=7&timestamp={}", NOW_US / 1_000);
    let signed = format!("{cancel}&signature={}", door.trader.sign(&cancel));
    same(&send(&door, Method::DELETE, "", &signed, Some("application/x-www-form-urlencoded")).await, BUSY);
    same(&send(&door, Method::DELETE, &signed, "", None).await, BUSY);
    assert_eq!(door.commands().len(), 2);
}

#[tokio::test]
async fn reserved_characters_may_be_signed_encoded_or_not() {
    let door = Door::busy().await;
    // ccxt and Binance sign what is sent, python-binance signs first and encodes then.
    let plain = format!("{}&newClientOrderId=a:b/c", order());
    let encoded = plain.replace("a:b/c", "a%3Ab%2Fc");
    for (sent, signed) in [(&encoded, &encoded), (&encoded, &plain), (&plain, &plain)] {
        let signature = door.trader.sign(signed);
        same(&send(&door, Method::POST, &format!("{sent}&signature={signature}"), "", None).await, BUSY);
    }
    let signature = door.trader.sign(&encoded);
    same(&send(&door, Method::POST, &format!("{plain}&signature={signature}"), "", None).await, INVALID);
}

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    let door = Door::busy().await;
    let order = order();
    let right = door.trader.sign(&order);
    let other = Key { key: door.trader.key.clone(), secret: "x".repeat(64) }.sign(&order);
    for signature in [other.as_str(), "00", "zz", &right[..62], &format!("{right}00")] {
        same(&send(&door, Method::POST, &format!("{order}&signature={signature}"), "", None).await, INVALID);
    }
    let changed = order.replace("quantity=1", "quantity=2");
    same(&send(&door, Method::POST, &format!("{changed}&signature={right}"), "", None).await, INVALID);
    let mandatory = (400, -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
    same(&send(&door, Method::POST, &order, "", None).await, mandatory);
    same(&send(&door, Method::POST, &format!("{order}&signature="), "", None).await, mandatory);
    assert_eq!(door.commands(), []);
}

#[tokio::test]
async fn a_key_must_be_known_and_look_like_one() {
    let door = Door::busy().await;
    let order = order();
    let signed = format!("{order}&signature={}", door.trader.sign(&order));
    let format = (401, -2014, "API-key format invalid.");
    for key in ["", "short", &"x".repeat(65), &"!".repeat(64)] {
        same(&send_as(&door, key, Method::POST, &signed, "", None).await, format);
    }
    let unknown = (401, -2015, "Invalid API-key, IP, or permissions for action.");
    same(&send_as(&door, &"x".repeat(64), Method::POST, &signed, "", None).await, unknown);
    same(&send_as(&door, &door.reader.key, Method::POST, &signed, "", None).await, unknown);
}

#[tokio::test]
async fn the_time_must_lie_in_the_window() {
    let door = Door::busy().await;
    let now_ms = NOW_US / 1_000;
    let old = (400, -1021, "Timestamp for this request is outside of the recvWindow.");
    let new = (400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
    let missing = (400, -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.");
    let illegal = (400, -1100, "Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.");
    let window = (400, -1131, "recvWindow must be less than 60000.");
    let base = order().split("&timestamp").next().unwrap().to_owned();
    for (time, want) in [
        (format!("&timestamp={now_ms}"), BUSY),
        (format!("&timestamp={NOW_US}"), BUSY),
        (format!("&timestamp={}", now_ms - 4_999), BUSY),
        (format!("&timestamp={}", now_ms - 5_001), old),
        (format!("&timestamp={}&recvWindow=60000", now_ms - 59_000), BUSY),
        (format!("&timestamp={}&recvWindow=0.5", now_ms - 1), old),
        (format!("&timestamp={now_ms}&recvWindow=60001"), window),
        (format!("&timestamp={}", now_ms + 999), BUSY),
        (format!("&timestamp={}", now_ms + 1_001), new),
        ("&timestamp=0".to_owned(), old),
        (String::new(), missing),
        ("&timestamp=".to_owned(), missing),
        ("&timestamp=yesterday".to_owned(), illegal),
        ("&timestamp=-5".to_owned(), illegal),
    ] {
        let payload = format!("{base}{time}");
        let query = format!("{payload}&signature={}", door.trader.sign(&payload));
        same(&send(&door, Method::POST, &query, "", None).await, want);
    }
}

/// Signatures in base64, percent-encoded in a query and in a form, of each kind of public key.
#[tokio::test]
async fn ed25519_and_rsa_sign_as_hmac_does() {
    let door = Door::busy().await;
    let permissions = Permissions { read: true, trade: true, withdraw: false };
    let mut keys = Vec::new();
    for kind in [KeyKind::Ed25519, KeyKind::Rsa] {
        keys.push(signer::Key::make(&door.app.keys, kind, i64::from(ACCOUNT.0), permissions, NOW_US).await);
    }
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    for (key, other) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])] {
        let (order, name) = (order(), key.key.as_str());
        let signed = format!("{order}&signature={}", encoded(&key.sign(&order)));
        same(&send_as(&door, name, Method::POST, &signed, "", None).await, BUSY);
        same(&send_as(&door, name, Method::POST, "", &signed, Some("application/x-www-form-urlencoded")).await, BUSY);
        // What is sent encoded is signed encoded; python-binance signs it as it is.
        let (sent, plain) = (format!("{order}&newClientOrderId=a%2Fb"), format!("{order}&newClientOrderId=a/b"));
        for payload in [&sent, &plain] {
            let query = format!("{sent}&signature={}", encoded(&key.sign(payload)));
            same(&send_as(&door, name, Method::POST, &query, "", None).await, BUSY);
        }
        let signature = key.sign(&order);
        for wrong in [
            encoded(&other.sign(&order)),
            encoded(&signature.to_lowercase()),
            encoded(&signature[..signature.len() - 1]),
            door.trader.sign(&order),
            "A".repeat(60_000),
            "%ff%00".to_owned(),
        ] {
            let query = format!("signature={wrong}");
            same(&send_as(&door, name, Method::POST, &order, &query, None).await, INVALID);
        }
        let changed = signed.replacen("quantity=1", "quantity=2", 1);
        same(&send_as(&door, name, Method::POST, &changed, "", None).await, INVALID);
        let by_name_of_other = send_as(&door, &other.key, Method::POST, &signed, "", None).await;
        same(&by_name_of_other, INVALID);
    }
}
