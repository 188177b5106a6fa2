//! Candles: what runs, what is over, quiet intervals, time zones, trades that come late.

use std::sync::Arc;

use model::Side;
use runtime::clock::ManualClock;
use serde_json::{Value, json};

use super::world::{Client, World};

const SECOND: u64 = 1_000_000;
const MINUTE: u64 = 60 * SECOND;

fn trade(world: &mut World, price: i64, quantity: i64) {
    world.exchange.limit(1_000, Side::Buy, price, quantity, "");
    world.exchange.limit(1_001, Side::Sell, price, quantity, "");
    world.apply();
}

/// The next message that shows a candle as over, or as running.
async fn candle(client: &mut Client, closed: bool) -> Value {
    loop {
        let mut message = client.json().await;
        if message["k"]["x"] == closed {
            return message["k"].take();
        }
    }
}

fn some(candle: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| candle[*field].clone()).collect()
}

/// A world whose last command was 10 s after the beginning of a minute, and that beginning.
async fn in_a_minute() -> (World, Arc<ManualClock>, u64) {
    let (mut world, clock) = World::start_still().await;
    let minute = (world.exchange.now().0 / MINUTE + 1) * MINUTE;
    world.exchange.skip_to(minute + 10 * SECOND);
    clock.set_us(minute + 10 * SECOND + 10);
    (world, clock, minute)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_candle_runs_and_ends_also_without_a_trade() {
    let (mut world, clock, minute) = in_a_minute().await;
    let mut client = world.connect("/ws/btcusdt@kline_1m").await;
    client.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    // Nothing before the first trade.
    client.silent().await;
    trade(&mut world, 10_000, 100_000);
    clock.set_us(world.exchange.now().0);
    let fields = ["t", "T", "o", "c", "v", "n", "f", "L", "x"];
    let (start, end) = (minute / 1_000, minute / 1_000 + 59_999);
    assert_eq!(
        some(&candle(&mut client, false).await, &fields),
        json!([start, end, "100.00000000", "100.00000000", "1.00000000", 1, 1, 1, false])
    );
    // Not shown again while nothing happens, and not over before its time.
    client.silent().await;
    trade(&mut world, 10_100, 50_000);
    // Nothing comes any more from the journal: it is over 300 ms after its end.
    clock.set_us(minute + MINUTE + 299_000);
    client.silent_but_for(|message| message["k"]["x"] == false).await;
    clock.set_us(minute + MINUTE + 300_000);
    assert_eq!(
        some(&candle(&mut client, true).await, &fields),
        json!([start, end, "100.00000000", "101.00000000", "1.50000000", 2, 1, 2, true])
    );
    // A quiet interval repeats the last close.
    clock.set_us(minute + 2 * MINUTE + SECOND);
    assert_eq!(
        some(&candle(&mut client, true).await, &fields),
        json!([start + 60_000, end + 60_000, "101.00000000", "101.00000000", "0.00000000", 0, -1, -1, true])
    );
    // Two that ended between two looks both come, in order.
    clock.set_us(minute + 4 * MINUTE + SECOND);
    assert_eq!(candle(&mut client, true).await["t"], start + 120_000);
    assert_eq!(candle(&mut client, true).await["t"], start + 180_000);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_candle_waits_for_trades_on_their_way_and_no_longer() {
    let (mut world, clock, minute) = in_a_minute().await;
    trade(&mut world, 10_000, 100_000);
    let mut client = world.connect("/ws/btcusdt@kline_1m").await;
    assert_eq!(candle(&mut client, false).await["n"], 1);
    // Stamped in the old minute, known in the new one.
    clock.set_us(minute + MINUTE + 100_000);
    client.silent_but_for(|message| message["k"]["x"] == false).await;
    world.exchange.skip_to(minute + MINUTE - 1_000);
    trade(&mut world, 10_000, 100_000);
    client.silent_but_for(|message| message["k"]["x"] == false).await;
    // A command of the new minute: nothing can come any more, and nobody has to wait.
    world.exchange.skip_to(minute + MINUTE);
    trade(&mut world, 10_000, 100_000);
    let closed = candle(&mut client, true).await;
    assert_eq!((&closed["n"], &closed["t"]), (&json!(2), &json!(minute / 1_000)));
    let running = candle(&mut client, false).await;
    assert_eq!((&running["n"], &running["t"]), (&json!(1), &json!(minute / 1_000 + 60_000)));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candles_of_a_time_zone_end_by_its_clock() {
    let (mut world, clock, _) = in_a_minute().await;
    trade(&mut world, 10_000, 100_000);
    clock.set_us(world.exchange.now().0);
    // 13:48 UTC on 2024-02-10, 19:33 in Nepal.
    let day = 1_707_523_200_000u64;
    let hour = 3_600_000;
    let mut clients = Vec::new();
    for (name, open) in [
        ("1d", day),
        ("1d@+00:00", day),
        ("1d@+08:00", day - 8 * hour),
        ("1d@-12:00", day + 12 * hour),
        ("1h@+05:45", day + 13 * hour + hour / 4),
    ] {
        clients.push((world.connect(&format!("/ws/btcusdt@kline_{name}")).await, name, open));
    }
    for (client, name, open) in &mut clients {
        let running = candle(client, false).await;
        assert_eq!((&running["t"], &running["n"]), (&json!(open), &json!(1)), "{name}");
        assert_eq!(running["i"], name.split('@').next().unwrap());
    }
    // Midnight in UTC+8: only that candle ends, and the hour of Nepal.
    clock.set_us((day + 16 * hour) * 1_000 + SECOND);
    let closed = candle(&mut clients[2].0, true).await;
    assert_eq!((&closed["T"], &closed["n"]), (&json!(day + 16 * hour - 1), &json!(1)));
    assert_eq!(candle(&mut clients[4].0, true).await["T"], day + 14 * hour + hour / 4 - 1);
    for (client, ..) in &mut clients[..2] {
        client.silent_but_for(|message| message["k"]["x"] == false).await;
    }
    world.stop().await;
}

/// After a long pause of the machine the candles of a second do not come by the thousand.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_ended_seconds_is_cut_to_the_newest() {
    let (mut world, clock, minute) = in_a_minute().await;
    trade(&mut world, 10_000, 100_000);
    let mut client = world.connect("/ws/btcusdt@kline_1s").await;
    assert_eq!(candle(&mut client, false).await["n"], 1);
    clock.set_us(minute + 60 * MINUTE + 500_000);
    let mut next = (minute + 59 * MINUTE) / 1_000;
    for _ in 0..60 {
        assert_eq!(candle(&mut client, true).await["t"], next);
        next += 1_000;
    }
    assert_eq!(next, (minute + 60 * MINUTE) / 1_000);
    world.stop().await;
}

/// After a restart, or when the views fell behind: no candle is shown without its first trades.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn candles_wait_for_their_past() {
    let (mut world, clock, minute) = in_a_minute().await;
    trade(&mut world, 10_000, 100_000);
    let mut candles = world.connect("/ws/btcusdt@kline_1m").await;
    let mut all = world.connect("/ws/!miniTicker@arr").await;
    assert_eq!(candle(&mut candles, false).await["n"], 1);
    assert_eq!(all.json().await[0]["c"], "100.00000000");
    let view = world.app.market_data.market("BTCUSDT").unwrap();
    let past = marketdata::History {
        trades: view.trades(10),
        minutes: view.candles(marketdata::Interval::M1, None, None, 10, world.exchange.now()),
        ..marketdata::History::default()
    };
    world.app.load(&world.exchange.image()).unwrap();
    trade(&mut world, 10_100, 100_000);
    clock.set_us(minute + MINUTE + SECOND);
    for _ in 0..6 {
        candles.silent().await;
    }
    all.silent().await;
    assert!(world.app.market_data.load_history(view.market.id, &past));
    let closed = candle(&mut candles, true).await;
    assert_eq!((&closed["t"], &closed["n"], &closed["o"]), (&json!(minute / 1_000), &json!(2), &json!("100.00000000")));
    assert_eq!(all.json().await[0]["c"], "101.00000000");
    world.stop().await;
}
