//! Streams that show a state at a pace: when they are sent, to whom, and what the arrays hold.

use model::{AccountId, MarketId, Side};
use serde_json::{Value, json};

use super::exchange::Want;
use super::world::World;

const MINUTE: u64 = 60_000_000;

fn trade(world: &mut World, market: u16, price: i64) {
    let want = Want { market: MarketId(market), price, quantity: 100_000, ..Want::BLANK };
    world.exchange.send(&Want { account: AccountId(1_000), side: Side::Buy, ..want });
    world.exchange.send(&Want { account: AccountId(1_001), side: Side::Sell, ..want });
    world.apply();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_sent_to_who_comes_and_when_it_changes() {
    let (mut world, clock) = World::start_still().await;
    trade(&mut world, 1, 10_000);
    clock.set_us(world.exchange.now().0);
    let streams = [
        ("miniTicker", "c", json!("100.00000000"), json!("101.00000000")),
        ("ticker", "n", json!(1), json!(2)),
        ("ticker_1h", "h", json!("100.00000000"), json!("101.00000000")),
        ("avgPrice", "w", json!("100.00000000"), json!("100.50000000")),
        ("depth5@100ms", "asks", json!([]), json!([["102.00000000", "1.00000000"]])),
    ];
    let mut clients = Vec::new();
    for (name, ..) in &streams {
        clients.push(world.connect(&format!("/ws/btcusdt@{name}")).await);
    }
    for (client, (name, field, first, _)) in clients.iter_mut().zip(&streams) {
        assert_eq!(client.json().await[field], *first, "{name}");
    }
    for client in &mut clients {
        client.silent().await;
    }
    // Somebody who comes later sees it as well.
    let mut later = Vec::new();
    for (name, ..) in &streams {
        later.push(world.connect(&format!("/ws/btcusdt@{name}")).await);
    }
    for (client, (name, field, first, _)) in later.iter_mut().zip(&streams) {
        assert_eq!(client.json().await[field], *first, "{name}");
    }
    trade(&mut world, 1, 10_100);
    let ask = world.exchange.limit(1_001, Side::Sell, 10_200, 100_000, "ask");
    world.apply();
    for (client, (_, field, _, second)) in clients.iter_mut().zip(&streams) {
        while client.json().await[field] != *second {}
    }
    world.exchange.cancel(ask, model::ClientOrderId::EMPTY);
    world.exchange.step();
    world.apply();
    // A ticker shows the best bid and ask, and the window moves on without a trade.
    let mut client = world.connect("/ws/btcusdt@ticker").await;
    assert_eq!(client.json().await["b"], "0.00000000");
    world.exchange.limit(1_000, Side::Buy, 9_900, 100_000, "bid");
    world.apply();
    assert_eq!(client.json().await["b"], "99.00000000");
    // An order behind the best one changes nothing that is shown.
    world.exchange.limit(1_000, Side::Buy, 9_800, 100_000, "behind");
    world.apply();
    clock.advance_us(10 * MINUTE);
    for _ in 0..4 {
        client.silent().await;
    }
    clock.advance_us(24 * 60 * MINUTE);
    let ticker = client.json().await;
    assert_eq!((&ticker["n"], &ticker["F"], &ticker["c"]), (&json!(0), &json!(-1), &json!("101.00000000")));
    world.stop().await;
}

fn symbols(array: &Value) -> Vec<&str> {
    array.as_array().unwrap().iter().map(|ticker| ticker["s"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arrays_have_only_what_changed() {
    let (mut world, clock) = World::start_still().await;
    let names = ["!miniTicker@arr", "!ticker@arr", "!ticker_1h@arr", "!miniTicker@arr@1000ms"];
    let mut clients = Vec::new();
    for name in names {
        clients.push(world.connect(&format!("/ws/{name}")).await);
    }
    for client in &mut clients {
        assert_eq!(symbols(&client.json().await), ["BTCUSDT", "ETHBTC"], "at first all");
    }
    trade(&mut world, 2, 1_000);
    clock.set_us(world.exchange.now().0);
    for client in &mut clients {
        assert_eq!(symbols(&client.json().await), ["ETHBTC"]);
    }
    for client in &mut clients {
        client.silent().await;
    }
    trade(&mut world, 1, 1_000);
    for client in &mut clients {
        assert_eq!(symbols(&client.json().await), ["BTCUSDT"]);
    }
    // Who comes later hears what changes from then on.
    let mut later = world.connect("/ws/!miniTicker@arr").await;
    for _ in 0..4 {
        later.silent().await;
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn best_prices_of_all_markets_come_at_once() {
    let (mut world, _clock) = World::start_still().await;
    let mut client = world.connect("/stream?streams=!bookTicker").await;
    client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    for (market, symbol) in [(2, "ETHBTC"), (1, "BTCUSDT")] {
        let want =
            Want { market: MarketId(market), account: AccountId(1_000), price: 1_000, quantity: 5, ..Want::BLANK };
        world.exchange.send(&want);
        world.apply();
        let message = client.json().await;
        assert_eq!((&message["stream"], &message["data"]["s"]), (&json!("!bookTicker"), &json!(symbol)));
    }
    world.stop().await;
}
