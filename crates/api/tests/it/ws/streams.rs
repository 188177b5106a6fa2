//! Trades, best prices, control messages and the two forms of messages.

use model::Side;
use serde_json::{Value, json};

use super::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_and_best_prices_come_at_once() {
    let mut world = World::start().await;
    let mut trades = world.connect("/ws/btcusdt@trade").await;
    let mut tops = world.connect("/stream?streams=btcusdt@bookTicker/ethbtc@bookTicker").await;
    let bid = world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "bid");
    let step = world.apply();
    let update = step.last_sequence().unwrap().0;
    assert_eq!(
        tops.text().await,
        format!(
            r#"{{"stream":"btcusdt@bookTicker","data":{{"u":{update},"s":"BTCUSDT","b":"100.00000000","B":"5.00000000","a":"0.00000000","A":"0.00000000"}}}}"#
        )
    );
    world.exchange.limit(1_001, Side::Sell, 9_900, 12_345, "taker");
    let step = world.apply();
    let trade = trades.json().await;
    let time = step.steps[0].time.millis();
    assert!(trade["E"].as_u64().unwrap() > time);
    assert_eq!(
        trade,
        json!({"e": "trade", "E": trade["E"], "s": "BTCUSDT", "t": 1, "p": "100.00000000", "q": "0.12345000", "T": time, "m": true, "M": true})
    );
    let top = tops.json().await;
    assert_eq!((&top["data"]["B"], &top["data"]["b"]), (&json!("4.87655000"), &json!("100.00000000")));
    // A buyer that takes.
    world.exchange.limit(1_001, Side::Sell, 10_100, 7, "ask");
    world.exchange.limit(1_000, Side::Buy, 10_100, 7, "buyer");
    world.apply();
    let trade = trades.json().await;
    assert_eq!((&trade["t"], &trade["m"]), (&json!(2), &json!(false)));
    world.exchange.cancel(bid, model::ClientOrderId::EMPTY);
    world.exchange.step();
    world.apply();
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn times_are_shown_in_the_unit_asked_for() {
    let mut world = World::start().await;
    let mut client = world.connect("/stream?streams=btcusdt@trade&timeUnit=MICROSECOND").await;
    let mut plain = world.connect("/ws/btcusdt@trade").await;
    world.exchange.limit(1_000, Side::Buy, 10_000, 5, "bid");
    world.exchange.limit(1_001, Side::Sell, 10_000, 5, "taker");
    let batch = world.apply();
    let time = batch.steps.last().unwrap().time;
    let message = client.json().await;
    assert_eq!(message["stream"], "btcusdt@trade");
    assert_eq!(message["data"]["T"].as_u64(), Some(time.0));
    assert_eq!(plain.json().await["T"].as_u64(), Some(time.millis()));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn subscriptions_change_while_connected() {
    let mut world = World::start_with(|http| http.ws.max_messages_per_second = 1_000).await;
    for path in
        ["/ws", "/ws/", "/ws/0", "/stream", "/stream?streams=", "/stream/ws", "/stream/ws/0", "/ws/not%20a%20stream"]
    {
        let mut client = world.connect(path).await;
        assert_eq!(
            client.ask("SUBSCRIBE", json!(["btcusdt@trade", "btcusdt@kline_1m"])).await["result"],
            Value::Null,
            "{path}"
        );
    }
    let mut client = world.connect("/ws").await;
    assert_eq!(client.ask("LIST_SUBSCRIPTIONS", json!([])).await["result"], json!([]));
    client.ask("SUBSCRIBE", json!(["btcusdt@trade", "btcusdt@trade", "nothing@depth"])).await;
    assert_eq!(
        client.ask("LIST_SUBSCRIPTIONS", Value::Null).await["result"],
        json!(["btcusdt@trade", "nothing@depth"])
    );
    assert_eq!(client.ask("GET_PROPERTY", json!(["combined"])).await["result"], json!(false));
    client.ask("SET_PROPERTY", json!(["combined", true])).await;
    assert_eq!(client.ask("GET_PROPERTY", json!(["combined"])).await["result"], json!(true));

    world.exchange.limit(1_000, Side::Buy, 10_000, 5, "bid");
    world.exchange.limit(1_001, Side::Sell, 10_000, 2, "taker");
    world.apply();
    assert_eq!(client.json().await["stream"], "btcusdt@trade");
    client.ask("UNSUBSCRIBE", json!(["btcusdt@trade", "never@trade"])).await;
    world.exchange.limit(1_001, Side::Sell, 10_000, 2, "taker2");
    world.apply();
    client.silent().await;
    assert_eq!(client.ask("LIST_SUBSCRIPTIONS", Value::Null).await["result"], json!(["nothing@depth"]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_request_changes_nothing() {
    let world = World::start().await;
    let mut client = world.connect("/ws").await;
    client.send("hello").await;
    assert_eq!(client.text().await, r#"{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"}}"#);
    client.send(r#"{"method":"SUBSCRIBE","params":["btcusdt@trade","not a stream"],"id":"x-1"}"#).await;
    assert_eq!(client.text().await, r#"{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":"x-1"}"#);
    client.send(r#"{"method":"LIST_SUBSCRIPTIONS","id":"x-2"}"#).await;
    assert_eq!(client.text().await, r#"{"result":[],"id":"x-2"}"#);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_image_is_told_to_those_who_listen_and_to_nobody_later() {
    let mut world = World::start().await;
    world.exchange.limit(1_000, Side::Buy, 10_000, 5, "bid");
    world.apply();
    world.app.load(&world.exchange.image()).unwrap();
    let mut tops = world.connect("/ws/btcusdt@bookTicker").await;
    tops.silent().await;
    let mut trades = world.connect("/ws/btcusdt@trade").await;
    trades.ask("LIST_SUBSCRIPTIONS", json!([])).await;
    world.app.load(&world.exchange.image()).unwrap();
    assert_eq!(tops.json().await["b"], "100.00000000");
    let (frame, _) = trades.closed().await;
    assert_eq!(
        (u16::from(frame.code), frame.reason.as_str()),
        (1013, "Messages were lost on the server; connect again")
    );
    world.stop().await;
}

/// ccxt: a market that is listed after the client subscribed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_market_listed_later_is_heard() {
    let world = World::start().await;
    let mut client = world.connect("/ws/btceth@trade/btceth@depth@100ms").await;
    let listed = model::Market {
        id: model::MarketId(3),
        symbol: model::Symbol::new("BTCETH").unwrap(),
        quote: model::AssetId(3),
        ..super::exchange::market(1)
    };
    world.apply_events(vec![model::Event::MarketAdded(listed)]);
    // The hub looks for the market of a stream of depth at its ticks.
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    let order = model::OrderId(1_000_000);
    let accepted = model::Accepted {
        order,
        account: model::AccountId(1_000),
        market: listed.id,
        side: Side::Buy,
        order_type: model::OrderType::Limit,
        time_in_force: model::TimeInForce::Gtc,
        self_trade: model::SelfTrade::None,
        price: model::Price(100),
        quantity: model::Quantity(100_000),
        quote_quantity: model::Amount(0),
        stop_price: model::Price(0),
        trailing_delta: 0,
        iceberg: model::Quantity(0),
        expire_at: model::Timestamp::NEVER,
        list: model::ListId(0),
        client_id: model::ClientOrderId::EMPTY,
    };
    let rested = model::Event::Rested {
        order,
        account: accepted.account,
        market: listed.id,
        side: Side::Buy,
        price: accepted.price,
        remaining: accepted.quantity,
        visible: accepted.quantity,
        held: model::Amount(1_000_000_000),
    };
    world.apply_events(vec![model::Event::Accepted(accepted), rested]);
    let diff = client.json().await;
    assert_eq!((&diff["s"], &diff["b"]), (&json!("BTCETH"), &json!([["1.00000000", "1.00000000"]])));
    world.stop().await;
}
