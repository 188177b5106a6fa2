//! `session.logon` and what follows from it.

use identity::{KeyKind, Permissions};
use model::Side;
use serde_json::{Value, json};

use super::world::{Client, World, signed};
use crate::signer::Key;

async fn ok(client: &mut Client, method: &str, params: Value) -> Value {
    let mut answer = client.ask(method, params).await;
    assert_eq!(answer["status"], 200, "{method}: {answer}");
    answer["result"].take()
}

async fn code(client: &mut Client, method: &str, params: Value) -> Value {
    client.ask(method, params).await["error"]["code"].take()
}

async fn log_on(world: &World, client: &mut Client, key: &Key) -> Value {
    ok(client, "session.logon", world.signed(key, json!({}))).await
}

fn timed(world: &World) -> Value {
    json!({"timestamp": world.app.now().millis()})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_on_with_each_kind_of_key() {
    let mut world = World::start().await;
    for (account, kind) in [(1_000, KeyKind::Hmac), (1_001, KeyKind::Ed25519), (1_002, KeyKind::Rsa)] {
        let key = world.key_of(kind, i64::from(account), Permissions::READ_TRADE).await;
        let mut client = world.connect("/ws-api/v3?returnRateLimits=false").await;
        let shape = |mut status: Value| {
            let times = ["connectedSince", "serverTime"].map(|name| status[name].take().as_u64().unwrap());
            assert!(times[0] <= times[1], "{times:?}");
            let since = status["authorizedSince"].take().as_u64();
            assert!(since.is_none_or(|since| (times[0]..=times[1]).contains(&since)));
            (since.is_some(), status)
        };
        let status = |key: Value, stream: bool| {
            json!({"apiKey": key, "authorizedSince": null, "connectedSince": null, "returnRateLimits": false,
                "serverTime": null, "userDataStream": stream})
        };
        let before = shape(ok(&mut client, "session.status", json!({})).await);
        assert_eq!(before, (false, status(Value::Null, false)));
        let answer = shape(log_on(&world, &mut client, &key).await);
        assert_eq!(answer, (true, status(json!(key.key), false)), "{kind:?}");

        // Key and signature may be left out; the time may not.
        assert_eq!(ok(&mut client, "openOrders.status", timed(&world)).await, json!([]));
        assert_eq!(code(&mut client, "openOrders.status", json!({})).await, -1102);
        assert_eq!(code(&mut client, "openOrders.status", json!({"timestamp": 1})).await, -1021);
        assert_eq!(code(&mut client, "order.cancel", timed(&world)).await, -1102);
        assert_eq!(ok(&mut client, "userDataStream.subscribe", json!({})).await, json!({"subscriptionId": 0}));
        assert_eq!(code(&mut client, "userDataStream.subscribe", json!({})).await, -2035);
        assert_eq!(shape(ok(&mut client, "session.status", json!({})).await), (true, status(json!(key.key), true)));
        world.exchange.limit(account, Side::Buy, 10_000, 500_000, "bid");
        world.apply();
        let event = client.json().await;
        assert_eq!((&event["subscriptionId"], &event["event"]["e"]), (&json!(0), &json!("executionReport")));
        assert_eq!(client.json().await["event"]["e"], "outboundAccountPosition");

        client.send(r#"{"id":"out","method":"session.logout"}"#).await;
        let mut seen = [client.json().await, client.json().await];
        seen.sort_by_key(|message| message["id"].is_null());
        assert_eq!(shape(seen[0]["result"].take()), (false, status(Value::Null, false)));
        let end = json!({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": seen[1]["event"]["E"]}});
        assert_eq!(seen[1], end);
        assert_eq!(code(&mut client, "openOrders.status", timed(&world)).await, -1102);
        assert_eq!(code(&mut client, "userDataStream.subscribe", json!({})).await, -1102);
        world.exchange.limit(account, Side::Buy, 10_000, 500_000, "unheard");
        world.apply();
        client.silent().await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_of_each_kind_of_key_are_checked() {
    let world = World::start().await;
    let mut keys = Vec::new();
    for kind in [KeyKind::Hmac, KeyKind::Ed25519, KeyKind::Rsa] {
        keys.push(world.key_of(kind, 1_000, Permissions::READ).await);
    }
    let mut client = world.connect("/ws-api/v3").await;
    for key in &keys {
        for other in keys.iter().filter(|other| other.key != key.key) {
            let mut params = signed(other, world.app.now().millis(), json!({}));
            params["apiKey"] = key.key.as_str().into();
            assert_eq!(code(&mut client, "session.logon", params).await, -1022, "signed by another key");
        }
        let good = world.signed(key, json!({"recvWindow": 60_000}));
        let signature = good["signature"].as_str().unwrap().to_owned();
        for wrong in [&signature[1..], &signature[..signature.len() - 4], "AAAA", "=", &"A".repeat(2_000), "ä"] {
            let mut params = good.clone();
            params["signature"] = wrong.into();
            assert_eq!(code(&mut client, "session.logon", params).await, -1022);
        }
        let mut later = good.clone();
        later["recvWindow"] = 59_999.into();
        assert_eq!(code(&mut client, "session.logon", later).await, -1022, "a changed parameter");
        let old = signed(key, world.app.now().millis() - 6_000, json!({}));
        assert_eq!(code(&mut client, "session.logon", old).await, -1021);
        assert!(ok(&mut client, "session.status", json!({})).await["apiKey"].is_null());
        assert_eq!(ok(&mut client, "session.logon", good).await["apiKey"], key.key);
        ok(&mut client, "session.logout", json!({})).await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_revoked_or_bound_elsewhere_ends_the_log_on() {
    let world = World::start().await;
    let home = "10.0.0.1".parse().unwrap();
    for revoke in [true, false] {
        let key = world.key(1_000, Permissions::READ_TRADE).await;
        let mut client = world.connect("/ws-api/v3").await;
        log_on(&world, &mut client, &key).await;
        ok(&mut client, "userDataStream.subscribe", json!({})).await;
        assert!(if revoke {
            world.app.keys.revoke(1_000, &key.key, 1).await.unwrap()
        } else {
            world.app.keys.set_ip_allow_list(1_000, &key.key, &[home]).await.unwrap()
        });
        let request = json!({"id": "r", "method": "account.status", "params": timed(&world)});
        client.send(&request.to_string()).await;
        let mut seen = [client.json().await, client.json().await];
        seen.sort_by_key(|message| message["id"].is_null());
        assert_eq!((&seen[0]["status"], &seen[0]["error"]["code"]), (&json!(401), &json!(-2015)));
        assert_eq!(seen[1]["event"]["e"], "eventStreamTerminated");
        assert!(ok(&mut client, "session.status", json!({})).await["apiKey"].is_null());
        assert_eq!(code(&mut client, "session.logon", world.signed(&key, json!({}))).await, -2015);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_may_act_for_another_key_than_that_of_the_log_on() {
    let mut world = World::start().await;
    let reader = world.key(1_000, Permissions::READ).await;
    let other = world.key(1_001, Permissions::READ).await;
    world.exchange.limit(1_001, Side::Buy, 10_000, 500_000, "theirs");
    world.apply();
    let mut client = world.connect("/ws-api/v3").await;
    log_on(&world, &mut client, &reader).await;
    assert_eq!(ok(&mut client, "openOrders.status", timed(&world)).await, json!([]));
    let theirs = ok(&mut client, "openOrders.status", world.signed(&other, json!({}))).await;
    assert_eq!(theirs[0]["clientOrderId"], "theirs");
    // The key of the log-on by its name alone; another one must sign.
    let mut named = timed(&world);
    named["apiKey"] = reader.key.as_str().into();
    assert_eq!(ok(&mut client, "openOrders.status", named.clone()).await, json!([]));
    named["apiKey"] = other.key.as_str().into();
    assert_eq!(code(&mut client, "openOrders.status", named).await, -1102);
    // What the key may not do is refused, and the log-on stays.
    let cancel = json!({"symbol": "BTCUSDT", "timestamp": world.app.now().millis()});
    assert_eq!(code(&mut client, "openOrders.cancelAll", cancel).await, -2015);
    assert_eq!(ok(&mut client, "session.status", json!({})).await["apiKey"], reader.key);
    // Another log-on takes its place; a subscription by signature outlives the log-out.
    ok(&mut client, "userDataStream.subscribe.signature", world.signed(&reader, json!({}))).await;
    assert_eq!(log_on(&world, &mut client, &other).await["apiKey"], other.key);
    assert_eq!(ok(&mut client, "userDataStream.subscribe", json!({})).await["subscriptionId"], 1);
    client.send(r#"{"id":1,"method":"session.logout"}"#).await;
    let mut seen = [client.json().await, client.json().await];
    seen.sort_by_key(|message| message["id"].is_null());
    assert_eq!((&seen[0]["result"]["userDataStream"], &seen[1]["subscriptionId"]), (&json!(true), &json!(1)));
    assert_eq!(ok(&mut client, "session.subscriptions", json!({})).await, json!([{"subscriptionId": 0}]));
    world.stop().await;
}

/// What is sent behind a log-on, without waiting for its answer, counts on it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_behind_a_log_on_wait_for_it() {
    let world = World::start().await;
    for _ in 0..20 {
        let key = world.key(1_000, Permissions::READ).await;
        let mut client = world.connect("/ws-api/v3").await;
        let logon = json!({"id": 1, "method": "session.logon", "params": world.signed(&key, json!({}))});
        client.send(&logon.to_string()).await;
        for id in 2..6 {
            client.send(&json!({"id": id, "method": "account.status", "params": timed(&world)}).to_string()).await;
        }
        client.send(r#"{"id":6,"method":"session.logout"}"#).await;
        client.send(&json!({"id": 7, "method": "account.status", "params": timed(&world)}).to_string()).await;
        let mut statuses = [0; 7];
        for _ in 1..=7 {
            let answer = client.json().await;
            statuses[usize::try_from(answer["id"].as_u64().unwrap()).unwrap() - 1] = answer["status"].as_u64().unwrap();
        }
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 400]);
        assert!(world.app.keys.revoke(1_000, &key.key, 1).await.unwrap());
    }
    world.stop().await;
}

/// Whoever listens by a key that is revoked hears nothing that happens afterwards, whichever way it listens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_event_follows_a_revocation() {
    let mut world = World::start().await;
    let revoked = world.key(1_000, Permissions::READ).await;
    let other = world.key(1_000, Permissions::READ).await;
    let mut by_signature = world.connect("/ws-api/v3").await;
    ok(&mut by_signature, "userDataStream.subscribe.signature", world.signed(&revoked, json!({}))).await;
    let mut by_logon = world.connect("/ws-api/v3").await;
    log_on(&world, &mut by_logon, &revoked).await;
    ok(&mut by_logon, "userDataStream.subscribe", json!({})).await;
    let mut unharmed = world.connect("/ws-api/v3").await;
    ok(&mut unharmed, "userDataStream.subscribe.signature", world.signed(&other, json!({}))).await;
    let path = "/api/v3/userDataStream";
    let listen = world.http("POST", path, Some(&revoked.key)).await["listenKey"].as_str().unwrap().to_owned();
    // Another key of the account keeps it alive, but whoever has the revoked one may know it.
    let keep = format!("{path}?listenKey={listen}");
    assert_eq!(world.http("PUT", &keep, Some(&other.key)).await, json!({}));
    let mut by_listen_key = world.connect(&format!("/ws/{listen}")).await;
    by_listen_key.ask("LIST_SUBSCRIPTIONS", json!([])).await;

    assert!(world.app.keys.revoke(1_000, &revoked.key, 1).await.unwrap());
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "secret");
    world.apply();
    for client in [&mut by_signature, &mut by_logon] {
        let end = client.json().await;
        assert_eq!((&end["subscriptionId"], &end["event"]["e"]), (&json!(0), &json!("eventStreamTerminated")));
        assert_eq!(ok(client, "session.subscriptions", json!({})).await, json!([]));
    }
    assert_eq!(by_listen_key.json().await["e"], "listenKeyExpired");
    assert_eq!(world.http("PUT", &keep, Some(&other.key)).await["code"], -1125);
    assert_eq!(unharmed.json().await["event"]["c"], "secret");
    by_listen_key.silent().await;
    world.stop().await;
}
