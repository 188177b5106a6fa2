//! A reader that is too slow: of what shows a state it gets the newest, of what may not be lost nothing is left out.

use std::time::Duration;

use model::Side;
use serde_json::json;

use super::world::World;

/// Of two best prices each. Some MiB in all, where the buffers of the system hold some hundred KiB for a client that does not read.
const ROUNDS: usize = 10_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_of_states_stays_and_sees_the_newest() {
    let mut world = World::start_with(|http| http.ws.send_buffer_messages = 16).await;
    let mut slow = world.connect("/stream").await;
    slow.ask("SUBSCRIBE", json!(["btcusdt@bookTicker", "btcusdt@depth5@100ms", "!bookTicker"])).await;
    let mut good = world.connect("/ws/btcusdt@bookTicker").await;
    good.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    let (seen, mut newest) = tokio::sync::watch::channel(0u64);
    let reader = tokio::spawn(async move {
        loop {
            let update = good.json().await["u"].as_u64().unwrap();
            if seen.send(update).is_err() {
                return;
            }
        }
    });
    let mut update = 0;
    for _ in 0..ROUNDS {
        let order = world.exchange.limit(1_000, Side::Buy, 10_000, 10, "");
        world.apply();
        world.exchange.cancel(order, model::ClientOrderId::EMPTY);
        world.exchange.step();
        update = world.apply().last_sequence().unwrap().0;
        tokio::task::yield_now().await;
    }
    // All was published: the good reader has seen the last one.
    tokio::time::timeout(Duration::from_secs(20), newest.wait_for(|seen| *seen == update)).await.unwrap().unwrap();
    drop(newest);
    // The slow one reads only now. It is not disconnected, and what it sees ends with the last state of each stream.
    let mut last = std::collections::BTreeMap::new();
    while last.values().filter(|seen| **seen == update).count() < 3 {
        let message = slow.json().await;
        let id = message["data"]["u"].as_u64().or(message["data"]["lastUpdateId"].as_u64()).unwrap();
        let before = last.insert(message["stream"].as_str().unwrap().to_owned(), id).unwrap_or(0);
        assert!(before <= id, "states come in order");
    }
    // The good reader ends with the next message.
    world.exchange.limit(1_000, Side::Buy, 10_000, 10, "end");
    world.apply();
    reader.await.unwrap();
    world.stop().await;
}
