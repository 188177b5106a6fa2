//! Every stream, by name, with an exact message: `shapes.txt` is the contract. A stream that is added is missing in it, so that this
//! test fails until somebody has written down what the stream sends.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use expect_test::expect_file;
use model::Side;
use serde_json::{Value, json};

use super::world::{Client, World};

/// Reads until each of these streams has sent something; the first message of each.
async fn firsts(client: &mut Client, names: &BTreeSet<&String>) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    while seen.len() < names.len() {
        let text = client.text().await;
        let name = serde_json::from_str::<Value>(&text).unwrap()["stream"].as_str().unwrap().to_owned();
        if names.contains(&name) {
            seen.entry(name).or_insert(text);
        }
    }
    seen
}

/// The same message with times of microseconds must say the same.
fn same_but_for_times(millis: &Value, micros: &Value, path: &str) {
    match (millis, micros) {
        (Value::Object(left), Value::Object(right)) => {
            assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
            for (name, value) in left {
                same_but_for_times(value, &right[name], name);
            }
        }
        (Value::Array(left), Value::Array(right)) => {
            assert_eq!(left.len(), right.len());
            left.iter().zip(right).for_each(|(left, right)| same_but_for_times(left, right, path));
        }
        _ if matches!(path, "E" | "t" | "T" | "O" | "C") && millis.as_u64().is_some_and(|time| time > 1_000_000) => {
            assert_eq!(millis.as_u64().unwrap(), micros.as_u64().unwrap() / 1_000, "{path}");
        }
        _ => assert_eq!(millis, micros, "{path}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_stream_sends_what_the_contract_says() {
    let (mut world, clock) = World::start_still().await;
    // What happened before anybody listened.
    world.exchange.limit(1_000, Side::Buy, 10_000, 200_000, "a");
    world.exchange.limit(1_000, Side::Sell, 10_150, 300_000, "b");
    world.exchange.limit(1_001, Side::Sell, 10_000, 200_000, "c");
    world.exchange.limit(1_001, Side::Buy, 10_150, 50_000, "d");
    world.exchange.limit(1_000, Side::Buy, 10_010, 100_000, "e");
    world.exchange.limit(1_002, Side::Buy, 10_010, 50_000, "f");
    world.apply();
    clock.set_us(world.exchange.now().0 + 10);

    let names = api::binance::ws::stream_names("btcusdt");
    let (at_once, states): (BTreeSet<_>, BTreeSet<_>) = names.iter().partition(|name| {
        let of_changes = name.ends_with("@depth") || name.contains("@depth@");
        of_changes || ["@trade", "@aggTrade", "ookTicker"].iter().any(|end| name.ends_with(end))
    });
    let mut client = world.connect("/stream").await;
    let mut exact = world.connect("/stream?timeUnit=MICROSECOND").await;
    for client in [&mut client, &mut exact] {
        assert_eq!(client.ask("SUBSCRIBE", json!(names)).await["result"], Value::Null);
    }
    let (mut shown, mut in_micros) = (firsts(&mut client, &states).await, firsts(&mut exact, &states).await);
    // One command that makes two trades and one aggregate.
    world.exchange.limit(1_001, Side::Sell, 10_010, 120_000, "g");
    world.apply();
    shown.extend(firsts(&mut client, &at_once).await);
    in_micros.extend(firsts(&mut exact, &at_once).await);

    for (name, text) in &shown {
        let (millis, micros) = (serde_json::from_str(text).unwrap(), serde_json::from_str(&in_micros[name]).unwrap());
        same_but_for_times(&millis, &micros, "");
    }
    // In the order in which the program lists its streams; without the wrapping, which is checked elsewhere.
    let contract = names.iter().fold(String::new(), |mut out, name| {
        let prefix = format!("{{\"stream\":\"{name}\",\"data\":");
        let data = shown[name].strip_prefix(&prefix).and_then(|rest| rest.strip_suffix('}')).unwrap();
        writeln!(out, "{name} {data}").unwrap();
        out
    });
    expect_file!["shapes.txt"].assert_eq(&contract);
    world.stop().await;
}
