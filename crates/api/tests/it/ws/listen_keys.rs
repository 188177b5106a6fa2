//! Listen keys: over REST, over the WebSocket API, and what is told under them.

use std::sync::Arc;

use identity::Permissions;
use model::{AccountId, AssetId, Side};
use runtime::clock::ManualClock;
use serde_json::{Value, json};

use super::world::World;

const PATH: &str = "/api/v3/userDataStream";
const MINUTE_US: u64 = 60 * 1_000_000;

fn name(answer: &Value) -> String {
    let key = answer["listenKey"].as_str().unwrap_or_else(|| panic!("{answer}"));
    assert!(key.len() == 60 && key.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{key}");
    assert_eq!(answer.as_object().unwrap().len(), 1);
    key.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_under_a_listen_key_in_every_form() {
    let mut world = World::start().await;
    let key = world.key(1_000, Permissions::READ).await;
    let listen = name(&world.http("POST", PATH, Some(&key.key)).await);
    assert_eq!(name(&world.http("POST", PATH, Some(&key.key)).await), listen, "an account has one");
    let mut raw = world.connect(&format!("/ws/{listen}")).await;
    let mut combined = world.connect(&format!("/stream?streams=btcusdt@trade/{listen}")).await;
    let mut late = world.connect("/ws").await;
    let mut stranger = world.connect(&format!("/ws/{}", "x".repeat(60))).await;
    assert_eq!(late.ask("SUBSCRIBE", json!([listen])).await["result"], Value::Null);
    assert_eq!(late.ask("LIST_SUBSCRIPTIONS", json!([])).await["result"], json!([listen]));
    for client in [&mut raw, &mut combined, &mut stranger] {
        client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    }
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "mine");
    world.exchange.limit(1_001, Side::Buy, 10_000, 500_000, "theirs");
    world.apply();
    let report = raw.json().await;
    assert_eq!((&report["e"], &report["c"], &report["x"]), (&json!("executionReport"), &json!("mine"), &json!("NEW")));
    assert!(report.get("subscriptionId").is_none());
    assert_eq!(raw.json().await["e"], "outboundAccountPosition");
    let wrapped = combined.json().await;
    assert_eq!((&wrapped["stream"], &wrapped["data"]["c"]), (&json!(listen), &json!("mine")));
    assert_eq!(wrapped.as_object().unwrap().len(), 2);
    assert_eq!(combined.json().await["data"]["e"], "outboundAccountPosition");
    assert_eq!(late.json().await["c"], "mine");
    assert_eq!(late.json().await["e"], "outboundAccountPosition");

    assert_eq!(late.ask("UNSUBSCRIBE", json!([listen])).await["result"], Value::Null);
    world.exchange.transfer(AccountId(1_001), AccountId(1_000), AssetId(1), 1);
    world.exchange.step();
    world.apply();
    assert_eq!(raw.json().await["e"], "balanceUpdate");
    late.silent().await;
    stranger.silent().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_is_not_kept_alive_expires() {
    let clock = Arc::new(ManualClock::at(1_707_572_879_000_000));
    let mut world = World::start_at(clock.clone(), |_| {}).await;
    let key = world.key(1_000, Permissions::READ).await;
    let other = world.key(1_001, Permissions::READ).await;
    let listen = name(&world.http("POST", PATH, Some(&key.key)).await);
    let keep = format!("{PATH}?listenKey={listen}");
    let unknown = json!({"code": -1125, "msg": "This listenKey does not exist."});
    let mut raw = world.connect(&format!("/ws/{listen}")).await;
    let mut combined = world.connect(&format!("/stream?streams={listen}")).await;
    for client in [&mut raw, &mut combined] {
        client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    }
    clock.advance_us(59 * MINUTE_US);
    assert_eq!(world.http("PUT", &keep, Some(&other.key)).await, unknown, "another account's");
    assert_eq!(world.http("PUT", &keep, Some(&key.key)).await, json!({}));
    clock.advance_us(59 * MINUTE_US);
    let mut pay = || {
        world.exchange.transfer(AccountId(1_001), AccountId(1_000), AssetId(1), 1);
        world.exchange.step();
        world.apply();
    };
    pay();
    assert_eq!(raw.json().await["e"], "balanceUpdate");
    assert_eq!(raw.json().await["e"], "outboundAccountPosition");
    for _ in 0..2 {
        combined.json().await;
    }
    clock.advance_us(MINUTE_US);
    pay();
    let now = world.app.now().millis();
    let end = json!({"e": "listenKeyExpired", "E": now, "listenKey": listen});
    assert_eq!(raw.json().await, end);
    assert_eq!(combined.json().await, json!({"stream": listen, "data": end}));
    // The connections stay, and nothing more is told.
    assert_eq!(raw.ask("LIST_SUBSCRIPTIONS", json!([])).await["result"], json!([listen]));
    assert_eq!(world.http("PUT", &keep, Some(&key.key)).await, unknown);
    assert_eq!(world.http("DELETE", &keep, Some(&key.key)).await, unknown);
    assert_ne!(name(&world.http("POST", PATH, Some(&key.key)).await), listen);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_key_is_told_to_whoever_listens() {
    let world = World::start().await;
    let key = world.key(1_000, Permissions::READ).await;
    let listen = name(&world.http("POST", PATH, Some(&key.key)).await);
    let mut client = world.connect(&format!("/ws/{listen}?timeUnit=MICROSECOND")).await;
    client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    let path = format!("{PATH}?listenKey={listen}");
    assert_eq!(world.http("DELETE", &path, Some(&key.key)).await, json!({}));
    let event = client.json().await;
    assert_eq!(event, json!({"e": "listenKeyExpired", "E": event["E"], "listenKey": listen}));
    assert!(event["E"].as_u64().unwrap() > 1_000_000_000_000_000);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listen_key_needs_an_api_key_and_no_signature() {
    let world = World::start().await;
    let blind = world.key(1_000, Permissions { read: false, trade: true, withdraw: false }).await;
    let reader = world.key(1_000, Permissions::READ).await;
    for method in ["POST", "PUT", "DELETE"] {
        for (key, code) in [(None, -2014), (Some("short"), -2014), (Some(blind.key.as_str()), -2015)] {
            assert_eq!(world.http(method, PATH, key).await["code"], code, "{method} {key:?}");
        }
    }
    for method in ["PUT", "DELETE"] {
        assert_eq!(world.http(method, PATH, Some(&reader.key)).await["code"], -1102);
    }
    assert_eq!(world.http("POST", &format!("{PATH}?listenKey=x"), Some(&reader.key)).await["code"], -1101);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_over_the_websocket_api() {
    let mut world = World::start().await;
    let key = world.key(1_000, Permissions::READ).await;
    let mut api = world.connect("/ws-api/v3").await;
    let listen = name(&api.ask("userDataStream.start", json!({"apiKey": key.key})).await["result"]);
    assert_eq!(name(&world.http("POST", PATH, Some(&key.key)).await), listen);
    let params = json!({"apiKey": key.key, "listenKey": listen});
    assert_eq!(api.ask("userDataStream.ping", params.clone()).await["result"], json!({}));
    let mut client = world.connect(&format!("/ws/{listen}")).await;
    client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "mine");
    world.apply();
    assert_eq!(client.json().await["c"], "mine");
    assert_eq!(client.json().await["e"], "outboundAccountPosition");
    // Who is logged on need not name the key.
    api.ask("session.logon", world.signed(&key, json!({}))).await;
    assert_eq!(name(&api.ask("userDataStream.start", json!({})).await["result"]), listen);
    assert_eq!(api.ask("userDataStream.stop", json!({"listenKey": listen})).await["result"], json!({}));
    assert_eq!(client.json().await["e"], "listenKeyExpired");
    assert_eq!(api.ask("userDataStream.ping", params).await["error"]["code"], -1125);
    world.stop().await;
}
