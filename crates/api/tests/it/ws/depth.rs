//! Clients that keep a book of their own in step with the server's.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::world::{Client, World};

/// A book kept by the rules of the page "How to manage a local order book correctly", with texts compared as python-binance does.
#[derive(Debug, Default, PartialEq)]
struct LocalBook {
    last: u64,
    bids: BTreeMap<String, String>,
    asks: BTreeMap<String, String>,
}

fn levels(side: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    side.as_array().unwrap().iter().map(|level| (text(&level[0]), text(&level[1]))).collect()
}

impl LocalBook {
    fn of_snapshot(snapshot: &Value) -> Self {
        Self {
            last: snapshot["lastUpdateId"].as_u64().unwrap(),
            bids: levels(&snapshot["bids"]).into_iter().collect(),
            asks: levels(&snapshot["asks"]).into_iter().collect(),
        }
    }

    /// Applies a diff; fails when something is missing between the book and the diff.
    fn apply(&mut self, diff: &Value) {
        let (first, last) = (diff["U"].as_u64().unwrap(), diff["u"].as_u64().unwrap());
        assert!(first <= last);
        if last <= self.last {
            return;
        }
        assert!(first <= self.last + 1, "a gap: the book is at {}, the diff begins at {first}", self.last);
        for (side, changes) in [(&mut self.bids, &diff["b"]), (&mut self.asks, &diff["a"])] {
            for (price, quantity) in levels(changes) {
                if quantity == "0.00000000" {
                    side.remove(&price);
                } else {
                    side.insert(price, quantity);
                }
            }
        }
        self.last = last;
    }
}

async fn follow(client: &mut Client, book: &mut LocalBook, previous: &mut Option<u64>, until: u64) {
    while book.last < until {
        let diff = client.json().await;
        assert_eq!((&diff["e"], &diff["s"]), (&json!("depthUpdate"), &json!("BTCUSDT")));
        if let Some(previous) = *previous {
            assert_eq!(diff["U"].as_u64(), Some(previous + 1), "diffs are contiguous");
        }
        *previous = diff["u"].as_u64();
        book.apply(&diff);
    }
}

/// While the book changes at random: subscribes, loads the snapshot at an arbitrary moment, follows, and compares at the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn diffs_over_a_snapshot_give_the_book() {
    let mut world = World::start().await;
    // Some history, so that the book is not empty when the first client comes.
    for _ in 0..300 {
        world.exchange.command();
    }
    world.apply();

    let mut fast = world.connect("/ws/0").await;
    assert_eq!(fast.ask("SUBSCRIBE", json!(["btcusdt@depth@100ms"])).await["result"], Value::Null);
    let mut early = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").await);
    let mut slow = world.connect("/ws/btcusdt@depth").await;
    let mut late = None;

    for round in 0..30 {
        for _ in 0..20 {
            world.exchange.command();
            world.apply();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        if round == 15 {
            // In the middle of an interval, to a stream that others listen to.
            let client = world.connect("/ws/btcusdt@depth@100ms").await;
            let book = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").await);
            late = Some((client, book));
        }
    }
    let truth = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").await);
    assert!(truth.last > early.last && truth.bids.len() + truth.asks.len() > 5, "{truth:?}");

    follow(&mut fast, &mut early, &mut None, truth.last).await;
    assert_eq!(early, truth);
    let (mut client, mut book) = late.unwrap();
    follow(&mut client, &mut book, &mut None, truth.last).await;
    assert_eq!(book, truth);

    // The stream of a second: the client has buffered from the start and loads the snapshot only now.
    let mut behind = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").await);
    world.exchange.limit(1_000, model::Side::Buy, 5_000, 7, "last");
    world.apply();
    let truth = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT&limit=5000").await);
    follow(&mut slow, &mut behind, &mut None, truth.last).await;
    assert_eq!(behind, truth);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_image_goes_on_where_the_diffs_were() {
    let mut world = World::start().await;
    let mut client = world.connect("/ws/btcusdt@depth@100ms").await;
    let mut book = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT").await);
    let mut previous = None;
    world.exchange.limit(1_000, model::Side::Buy, 9_000, 5, "a");
    world.exchange.limit(1_000, model::Side::Sell, 11_000, 5, "b");
    world.apply();
    let sequence = world.app.market_data.market("BTCUSDT").unwrap().depth(1).last_update_id;
    follow(&mut client, &mut book, &mut previous, sequence).await;

    // The feed fell behind: these steps never come as batches.
    world.exchange.limit(1_000, model::Side::Buy, 9_001, 3, "c");
    let open = *world.exchange.orders.keys().next().unwrap();
    world.exchange.cancel(open, model::ClientOrderId::EMPTY);
    world.exchange.step();
    world.exchange.take();
    world.app.load(&world.exchange.image()).unwrap();
    world.exchange.limit(1_000, model::Side::Buy, 9_002, 4, "d");
    world.apply();

    let truth = LocalBook::of_snapshot(&world.get("/api/v3/depth?symbol=BTCUSDT").await);
    follow(&mut client, &mut book, &mut previous, truth.last).await;
    assert_eq!(book, truth);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_book_is_silent() {
    let mut world = World::start().await;
    world.exchange.limit(1_000, model::Side::Buy, 9_000, 5, "a");
    world.apply();
    let mut client = world.connect("/ws/btcusdt@depth@100ms").await;
    client.silent().await;
    // Another market's changes are not its own.
    let want = super::exchange::Want {
        account: model::AccountId(1_001),
        market: model::MarketId(2),
        side: model::Side::Buy,
        order_type: model::OrderType::Limit,
        time_in_force: model::TimeInForce::Gtc,
        self_trade: model::SelfTrade::None,
        price: 100,
        quantity: 5,
        client_id: model::ClientOrderId::EMPTY,
        ..super::exchange::Want::BLANK
    };
    world.exchange.send(&want);
    world.apply();
    client.silent().await;
    let snapshot = world.get("/api/v3/depth?symbol=BTCUSDT").await["lastUpdateId"].as_u64().unwrap();
    world.exchange.limit(1_000, model::Side::Buy, 9_001, 5, "b");
    world.apply();
    let diff = client.json().await;
    assert!(diff["U"].as_u64().unwrap() <= snapshot + 1 && diff["u"].as_u64().unwrap() > snapshot, "{diff}");
    assert_eq!(diff["b"], json!([["90.01000000", "0.00005000"]]));
    assert_eq!(diff["a"], json!([]));
    world.stop().await;
}
