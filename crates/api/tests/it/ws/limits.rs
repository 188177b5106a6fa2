//! What ends a connection, and that one client's end is nobody else's.

use std::time::Duration;

use model::Side;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Message};

use super::world::World;

const POLICY: u16 = 1008;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sixth_message_in_a_second_ends_it() {
    let world = World::start().await;
    let mut client = world.connect("/ws").await;
    for id in 0..6 {
        client.send(&format!(r#"{{"method":"LIST_SUBSCRIPTIONS","id":{id}}}"#)).await;
    }
    let (frame, answers) = client.closed().await;
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (POLICY, "Too many requests"));
    assert_eq!(answers.len(), 5);

    let mut client = world.connect("/ws").await;
    for _ in 0..6 {
        client.send_raw(Message::Pong(Bytes::new())).await;
    }
    assert_eq!(u16::from(client.closed().await.0.code), POLICY);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_and_binary_messages_end_it() {
    let world = World::start_with(|http| http.ws.max_message_bytes = 4_096).await;
    let mut client = world.connect("/ws").await;
    client.send(&"a".repeat(4_096)).await;
    assert_eq!(client.json().await["error"]["code"], 3);
    client.send(&"a".repeat(4_097)).await;
    let (frame, _) = client.closed().await;
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (POLICY, "Invalid or oversized message"));

    let mut client = world.connect("/ws-api/v3").await;
    client.send_raw(Message::Binary(Bytes::from_static(b"{}"))).await;
    assert_eq!(u16::from(client.closed().await.0.code), 1003);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_1024_streams() {
    let world = World::start().await;
    let names = |range: std::ops::Range<u32>| range.map(|n| format!("a{n}@trade")).collect::<Vec<_>>();
    let mut client = world.connect("/ws").await;
    assert_eq!(client.ask("SUBSCRIBE", json!(names(0..1_000))).await["result"], Value::Null);
    let refused = client.ask("SUBSCRIBE", json!(names(1_000..1_025))).await;
    assert_eq!(refused["error"]["code"], 2, "{refused}");
    assert_eq!(client.ask("SUBSCRIBE", json!(names(990..1_024))).await["result"], Value::Null);
    assert_eq!(client.ask("LIST_SUBSCRIPTIONS", json!([])).await["result"].as_array().unwrap().len(), 1_024);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pings_are_sent_and_must_be_answered() {
    let world = World::start_with(|http| {
        http.ws.ping_interval_ms = 50;
        http.ws.pong_timeout_ms = 150;
        // Twenty pongs a second are expected here.
        http.ws.max_messages_per_second = 1_000;
    })
    .await;
    let mut alive = world.connect("/ws").await;
    let first = alive.ping().await;
    for _ in 0..8 {
        // Reading answers the pings.
        assert_ne!(alive.ping().await, first);
    }
    // A client that does not read does not answer.
    let mut dead = world.connect("/ws").await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (frame, _) = dead.closed().await;
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (POLICY, "Pong timeout"));
    world.stop().await;
}

/// One client does not read for a while. It is disconnected; the others miss nothing and the feed is not held up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_let_go_and_holds_nobody() {
    const TRADES: u64 = 30_000;
    let mut world = World::start_with(|http| http.ws.send_buffer_messages = 5_000).await;
    let mut slow = world.connect("/ws/btcusdt@trade").await;
    let mut good = world.connect("/ws/btcusdt@trade").await;
    let (enough, wake) = tokio::sync::oneshot::channel();
    let reader = tokio::spawn(async move {
        let mut enough = Some(enough);
        for want in 1..=TRADES {
            assert_eq!(good.json().await["t"], want, "no trade is missing");
            // By now the buffers of the system (some hundred KiB) and of the server hold no more for the other client.
            if want == TRADES * 2 / 3 {
                enough.take().unwrap().send(()).unwrap();
            }
        }
    });
    let slow = tokio::spawn(async move {
        wake.await.unwrap();
        slow.closed().await
    });
    world.exchange.limit(1_000, Side::Buy, 10_000, 10_000_000, "bid");
    world.apply();
    let mut longest = Duration::ZERO;
    for _ in 0..TRADES / 100 {
        for _ in 0..100 {
            world.exchange.limit(1_001, Side::Sell, 10_000, 1, "");
        }
        let batch = world.exchange.take();
        let before = tokio::time::Instant::now();
        world.app.apply(&batch).unwrap();
        longest = longest.max(before.elapsed());
        // As fast as the good reader is on a busy machine.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    reader.await.unwrap();
    assert!(longest < Duration::from_secs(1), "publishing held up the feed for {longest:?}");
    let (frame, received) = slow.await.unwrap();
    assert_eq!(u16::from(frame.code), POLICY);
    assert!(frame.reason.starts_with("Slow reader"), "{frame:?}");
    assert!((received.len() as u64) < TRADES);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_is_announced() {
    let world = World::start().await;
    let mut raw = world.connect("/ws").await;
    let mut combined = world.connect("/stream").await;
    let mut api = world.connect("/ws-api/v3").await;
    // An answer shows that the server has the connection.
    raw.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    combined.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    api.ask("ping", json!({})).await;
    let stopped = tokio::spawn(world.stop());
    for (client, want) in [
        (&mut raw, json!({"e": "serverShutdown"})),
        (&mut combined, json!({"stream": "!serverShutdown", "data": {"e": "serverShutdown"}})),
        (&mut api, json!({"event": {"e": "serverShutdown"}})),
    ] {
        let (frame, texts) = client.closed().await;
        assert_eq!(u16::from(frame.code), 1001);
        let mut event: Value = serde_json::from_str(&texts[0]).unwrap();
        for place in ["", "/data", "/event"] {
            if let Some(object) = event.pointer_mut(place).and_then(Value::as_object_mut) {
                object.remove("E");
            }
        }
        assert_eq!(event, want);
    }
    stopped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_sockets_share_each_message() {
    let mut world = World::start().await;
    let mut clients = Vec::new();
    for _ in 0..200 {
        clients.push(world.connect("/ws/btcusdt@trade/btcusdt@bookTicker").await);
    }
    world.exchange.limit(1_000, Side::Buy, 10_000, 10, "bid");
    world.exchange.limit(1_001, Side::Sell, 10_000, 3, "taker");
    world.apply();
    let mut texts = std::collections::BTreeSet::new();
    for client in &mut clients {
        texts.insert(client.text().await);
        texts.insert(client.text().await);
    }
    assert_eq!(texts.len(), 2, "everybody has the same trade and the same ticker: {texts:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_number_of_sockets_is_bounded() {
    let world = World::start_with(|http| http.max_connections = 3).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(world.connect("/ws").await);
    }
    for client in &mut clients {
        client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    }
    let refused = tokio_tungstenite::connect_async(format!("ws://{}/ws", world.address)).await;
    match refused {
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => assert_eq!(response.status(), 503),
        other => panic!("{other:?}"),
    }
    drop(clients.pop());
    // The place is free once the server has seen the end.
    for _ in 0..100 {
        if tokio_tungstenite::connect_async(format!("ws://{}/ws", world.address)).await.is_ok() {
            world.stop().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the place of a closed socket was not given back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_message_gets_a_random_number_until_there_are_too_many() {
    let world = World::start().await;
    let mut client = world.connect("/random-u64").await;
    let mut numbers = std::collections::BTreeSet::new();
    for text in ["", "{}", "a number, please", "4", "5"] {
        client.send(text).await;
        numbers.insert(client.json().await.as_u64().unwrap());
    }
    assert_eq!(numbers.len(), 5, "{numbers:?}");
    client.send("a sixth in this second").await;
    assert_eq!(u16::from(client.closed().await.0.code), POLICY);
    world.stop().await;
}
