//! The WebSocket API: requests, signatures, and the events of accounts.

use identity::Permissions;
use model::{
    AccountId, Amount, AssetId, ClientOrderId, Event, HoldId, OrderType, SelfTrade, Side, TimeInForce, system,
};
use serde_json::{Value, json};

use super::exchange::Want;
use super::world::{Client, World};
use crate::signer::Key;

fn now_ms(world: &World) -> u64 {
    world.app.now().millis()
}

/// A request signed over its parameters in order of their names.
fn signed(world: &World, key: &Key, id: &str, method: &str, more: &[(&str, &str)]) -> String {
    let time = now_ms(world).to_string();
    let mut pairs: Vec<(&str, String)> = more.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    pairs.push(("apiKey", format!("\"{}\"", key.key)));
    pairs.push(("timestamp", time));
    pairs.sort();
    let payload: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{name}={}", value.trim_matches('"'))).collect();
    let signature = key.sign(&payload.join("&"));
    // In the opposite order, to show that the order does not matter.
    let params: Vec<String> = pairs.iter().rev().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!(r#"{{"id":{id},"method":"{method}","params":{{"signature":"{signature}",{}}}}}"#, params.join(","))
}

async fn subscribed(world: &World, account: i64) -> Client {
    let key = world.key(account, Permissions::READ).await;
    let mut client = world.connect("/ws-api/v3?returnRateLimits=false").await;
    client.send(&signed(world, &key, "\"s\"", "userDataStream.subscribe.signature", &[])).await;
    assert_eq!(client.json().await, json!({"id": "s", "status": 200, "result": {"subscriptionId": 0}}));
    client
}

async fn event(client: &mut Client) -> Value {
    let mut message = client.json().await;
    assert_eq!(message["subscriptionId"], 0, "{message}");
    message["event"].take()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_requests() {
    let world = World::start().await;
    let mut client = world.connect("/ws-api/v3?returnRateLimits=false").await;
    client.send(r#"{"id":"922bcc6e-9de8-440d-9e84-7c80933a8d0d","method":"ping"}"#).await;
    assert_eq!(client.text().await, r#"{"id":"922bcc6e-9de8-440d-9e84-7c80933a8d0d","status":200,"result":{}}"#);
    client.send(r#"{"id":-7,"method":"v3/time","params":{"returnRateLimits":false}}"#).await;
    let answer = client.json().await;
    assert_eq!(answer, json!({"id": -7, "status": 200, "result": {"serverTime": answer["result"]["serverTime"]}}));
    assert!(now_ms(&world).abs_diff(answer["result"]["serverTime"].as_u64().unwrap()) < 10_000);
    client.send(r#"{"id":null,"method":"session.subscriptions"}"#).await;
    assert_eq!(client.text().await, r#"{"id":null,"status":200,"result":[]}"#);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_requests() {
    let world = World::start().await;
    let key = world.key(1_000, Permissions::READ).await;
    let blind = world.key(1_000, Permissions { read: false, trade: true, withdraw: false }).await;
    let mut client = world.connect("/ws-api/v3").await;
    let time = now_ms(&world);
    let subscribe = "userDataStream.subscribe.signature";
    let with = |params: Value| json!({"id": 1, "method": subscribe, "params": params}).to_string();
    let stale = format!("apiKey={}&timestamp={}", key.key, time - 6_000);
    let unknown = "a".repeat(64);
    for (request, status, code) in [
        ("{".to_owned(), 400, -1135),
        (r#"{"id":1,"method":"no.such"}"#.to_owned(), 400, -1020),
        (r#"{"id":1,"method":"ping","params":{"x":1}}"#.to_owned(), 400, -1101),
        (r#"{"id":1,"method":"userDataStream.unsubscribe","params":{"subscriptionId":3}}"#.to_owned(), 400, -2036),
        (with(json!({"timestamp": time, "signature": "00"})), 400, -1102),
        (with(json!({"apiKey": "short", "timestamp": time, "signature": "00"})), 401, -2014),
        (with(json!({"apiKey": unknown, "timestamp": time, "signature": "00"})), 401, -2015),
        (with(json!({"apiKey": key.key, "signature": "00"})), 400, -1102),
        (with(json!({"apiKey": key.key, "timestamp": time})), 400, -1102),
        (with(json!({"apiKey": key.key, "timestamp": time - 6_000, "signature": key.sign(&stale)})), 400, -1021),
        (with(json!({"apiKey": key.key, "timestamp": time, "signature": "00"})), 400, -1022),
        (signed(&world, &blind, "1", subscribe, &[]), 401, -2015),
        (signed(&world, &key, "1", subscribe, &[("colour", "\"red\"")]), 400, -1101),
    ] {
        client.send(&request).await;
        let answer = client.json().await;
        assert_eq!(
            (&answer["status"], &answer["error"]["code"]),
            (&json!(status), &json!(code)),
            "{request} -> {answer}"
        );
        assert!(answer["error"]["msg"].as_str().is_some_and(|text| !text.is_empty()));
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signatures_of_every_kind_of_client() {
    let world = World::start().await;
    let key = world.key(1_000, Permissions::READ).await;
    let mut client = world.connect("/ws-api/v3?returnRateLimits=false").await;
    let method = "userDataStream.subscribe.signature";
    // Numbers as they were written, booleans, upper-case hex.
    let text = signed(&world, &key, "1", method, &[("recvWindow", "5000.250"), ("returnRateLimits", "false")]);
    client.send(&text).await;
    assert_eq!(client.json().await["result"]["subscriptionId"], 0);
    client.send(r#"{"id":2,"method":"userDataStream.unsubscribe","params":{"subscriptionId":0}}"#).await;
    let mut seen = [client.json().await, client.json().await];
    seen.sort_by_key(|message| message["id"].is_null());
    assert_eq!(seen[0], json!({"id": 2, "status": 200, "result": {}}));
    assert_eq!(seen[1]["event"]["e"], "eventStreamTerminated");
    assert_eq!(seen[1]["subscriptionId"], 0);
    let payload = format!("apiKey={}&timestamp={}", key.key, now_ms(&world));
    let time: u64 = payload.rsplit('=').next().unwrap().parse().unwrap();
    let params = json!({"timestamp": time, "apiKey": key.key, "signature": key.sign(&payload).to_uppercase()});
    client.send(&json!({"id": 3, "method": method, "params": params}).to_string()).await;
    assert_eq!(client.json().await["result"]["subscriptionId"], 1, "numbers are never used again");
    client.send(&signed(&world, &key, "4", method, &[])).await;
    assert_eq!(client.json().await["error"]["code"], -2035);
    let other = world.key(1_001, Permissions::READ).await;
    client.send(&signed(&world, &other, "5", method, &[])).await;
    assert_eq!(client.json().await["result"]["subscriptionId"], 2);
    client.send(r#"{"id":6,"method":"session.subscriptions","params":{}}"#).await;
    assert_eq!(client.json().await["result"], json!([{"subscriptionId": 1}, {"subscriptionId": 2}]));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_from_its_placing_to_its_end() {
    let mut world = World::start().await;
    let mut client = subscribed(&world, 1_000).await;
    let bid = world.exchange.limit(1_000, Side::Buy, 10_000, 500_000, "my-bid");
    let time = world.apply().steps[0].time.millis();
    let report = event(&mut client).await;
    assert_eq!(
        report,
        json!({
            "e": "executionReport", "E": report["E"], "s": "BTCUSDT", "c": "my-bid", "S": "BUY", "o": "LIMIT", "f": "GTC",
            "q": "5.00000000", "p": "100.00000000", "P": "0.00000000", "F": "0.00000000", "g": -1, "C": "", "x": "NEW", "X": "NEW",
            "r": "NONE", "i": bid.0, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000", "n": "0", "N": null, "T": time,
            "t": -1, "I": report["I"], "w": true, "m": false, "M": false, "O": time, "Z": "0.00000000", "Y": "0.00000000",
            "Q": "0.00000000", "W": time, "V": "NONE",
        })
    );
    assert!(report["I"].is_u64() && report["E"].as_u64().unwrap() > time);
    let balances = event(&mut client).await;
    assert_eq!(
        balances,
        json!({
            "e": "outboundAccountPosition", "E": balances["E"], "u": time,
            "B": [{"a": "USDT", "f": "999500.00000000", "l": "500.00000000"}],
        })
    );

    world.exchange.limit(1_001, Side::Sell, 10_000, 200_000, "theirs");
    world.apply();
    let fill = event(&mut client).await;
    let shown = ["x", "X", "l", "L", "Y", "z", "Z", "t", "m", "n", "N", "w", "c", "C"].map(|name| fill[name].clone());
    assert_eq!(
        json!(shown),
        json!([
            "TRADE",
            "PARTIALLY_FILLED",
            "2.00000000",
            "100.00000000",
            "200.00000000",
            "2.00000000",
            "200.00000000",
            1,
            true,
            "0.00160000",
            "BTC",
            true,
            "my-bid",
            ""
        ])
    );
    let balances = event(&mut client).await;
    assert_eq!(
        balances["B"],
        json!([{"a": "BTC", "f": "1000001.99840000", "l": "0.00000000"}, {"a": "USDT", "f": "999500.00000000", "l": "300.00000000"}])
    );

    world.exchange.cancel(bid, ClientOrderId::new("my-cancel").unwrap());
    world.exchange.step();
    world.apply();
    let end = event(&mut client).await;
    let shown = ["x", "X", "c", "C", "z", "w", "t"].map(|name| end[name].clone());
    assert_eq!(json!(shown), json!(["CANCELED", "CANCELED", "my-cancel", "my-bid", "2.00000000", false, -1]));
    assert_eq!(event(&mut client).await["B"], json!([{"a": "USDT", "f": "999800.00000000", "l": "0.00000000"}]));
    client.silent().await;
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_that_end_unfilled_say_why() {
    let mut world = World::start().await;
    let mut client = subscribed(&world, 1_000).await;
    let want = Want {
        account: AccountId(1_000),
        market: model::MarketId(1),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Ioc,
        self_trade: SelfTrade::ExpireTaker,
        price: 10_000,
        quantity: 100_000,
        client_id: ClientOrderId::new("ioc").unwrap(),
        ..Want::BLANK
    };
    world.exchange.send(&want);
    world.exchange.send(&Want { order_type: OrderType::Market, price: 0, ..want });
    world.exchange.send(&Want { time_in_force: TimeInForce::Gtc, side: Side::Sell, ..want });
    world.exchange.send(&Want { time_in_force: TimeInForce::Gtc, ..want });
    world.apply();
    let mut ends = Vec::new();
    while ends.len() < 3 {
        let event = event(&mut client).await;
        if event["e"] == "executionReport" && event["x"] != "NEW" {
            ends.push(json!([
                event["o"],
                event["f"],
                event["x"],
                event["X"],
                event["eR"],
                event["A"],
                event["B"],
                event["V"]
            ]));
        }
    }
    assert_eq!(
        json!(ends),
        json!([
            ["LIMIT", "IOC", "EXPIRED", "EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED", null, null, "EXPIRE_TAKER"],
            ["MARKET", "GTC", "EXPIRED", "EXPIRED", "INSUFFICIENT_LIQUIDITY", null, null, "EXPIRE_TAKER"],
            ["LIMIT", "GTC", "TRADE_PREVENTION", "EXPIRED_IN_MATCH", null, "1.00000000", "1.00000000", "EXPIRE_TAKER"],
        ])
    );
    world.stop().await;
}

/// The fields of the next reports and list statuses, those that are not there as null.
async fn told(client: &mut Client, count: usize, fields: &[&str]) -> Value {
    let mut told = Vec::new();
    while told.len() < count {
        let event = event(client).await;
        if event["e"] != "outboundAccountPosition" {
            told.push(fields.iter().map(|field| event[*field].clone()).collect::<Value>());
        }
    }
    Value::Array(told)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_waiting_orders_are_told() {
    let mut world = World::start().await;
    let mut client = subscribed(&world, 1_000).await;
    let sell = Want { account: AccountId(1_000), side: Side::Sell, quantity: 100_000, ..Want::BLANK };
    let name = |name| ClientOrderId::new(name).unwrap();
    let stop = Want {
        order_type: OrderType::StopLossLimit,
        price: 8_900,
        stop_price: 9_000,
        iceberg: 50_000,
        client_id: name("below"),
        ..sell
    };
    let maker = Want { order_type: OrderType::LimitMaker, price: 11_000, client_id: name("above"), ..sell };
    world.exchange.place_list(model::ListKind::Oco, &[maker, stop], "list");
    world.exchange.step();
    let placed = world.apply().steps[0].time.millis();
    assert_eq!(
        told(&mut client, 3, &["e", "c", "x", "X", "P", "F", "g", "w", "l", "L"]).await,
        json!([
            ["executionReport", "above", "NEW", "NEW", "0.00000000", "0.00000000", 1, true, "0.00000000", "0.00000000"],
            [
                "executionReport",
                "below",
                "NEW",
                "NEW",
                "90.00000000",
                "0.50000000",
                1,
                false,
                "0.00000000",
                "0.00000000"
            ],
            ["listStatus", "OCO", null, null, null, null, 1, null, "EXEC_STARTED", "EXECUTING"],
        ])
    );
    world.exchange.trigger(model::OrderId(2));
    world.exchange.step();
    let time = world.apply().steps[0].time.millis();
    assert_eq!(
        told(&mut client, 2, &["c", "x", "X", "eR", "w", "W"]).await,
        json!([
            // An order that has worked keeps the time since when.
            ["above", "EXPIRED", "EXPIRED", "OCO_TRIGGER", false, placed],
            ["below", "NEW", "NEW", null, true, time],
        ])
    );
    world.exchange.amend(model::OrderId(2), 40_000, name("less"));
    world.exchange.step();
    world.apply();
    let orders = json!([{"s": "BTCUSDT", "i": 1, "c": "above"}, {"s": "BTCUSDT", "i": 2, "c": "less"}]);
    assert_eq!(
        told(&mut client, 2, &["e", "x", "c", "C", "q", "l", "O"]).await,
        json!([
            ["executionReport", "REPLACED", "less", "below", "0.60000000", "0.00000000", placed],
            ["listStatus", null, "OCO", "list", null, "UPDATED", orders],
        ])
    );
    world.exchange.cancel(model::OrderId(2), name("request"));
    world.exchange.step();
    world.apply();
    assert_eq!(
        told(&mut client, 2, &["e", "x", "c", "C", "l", "L", "r"]).await,
        json!([
            ["executionReport", "CANCELED", "request", "less", "0.00000000", "0.00000000", "NONE"],
            ["listStatus", null, "OCO", "list", "ALL_DONE", "ALL_DONE", "NONE"],
        ])
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decremented_order_is_told_with_its_match() {
    let mut world = World::start().await;
    let want = Want { account: AccountId(1_000), price: 10_000, ..Want::BLANK };
    world.exchange.send(&Want { side: Side::Sell, quantity: 300_000, ..want });
    world.apply();
    let mut client = subscribed(&world, 1_000).await;
    world.exchange.send(&Want { quantity: 100_000, self_trade: SelfTrade::Decrement, ..want });
    world.apply();
    let fields = ["i", "x", "X", "v", "A", "B", "u", "U", "Cs", "pl", "pL", "pY"];
    assert_eq!(
        told(&mut client, 3, &fields).await,
        json!([
            [2, "NEW", "NEW", null, null, null, null, null, null, null, null, null],
            [
                1,
                "TRADE_PREVENTION",
                "NEW",
                1,
                "1.00000000",
                "1.00000000",
                1000,
                2,
                "BTCUSDT",
                "1.00000000",
                "100.00000000",
                "100.00000000"
            ],
            [
                2,
                "TRADE_PREVENTION",
                "EXPIRED_IN_MATCH",
                1,
                "1.00000000",
                "1.00000000",
                1000,
                1,
                "BTCUSDT",
                "1.00000000",
                "100.00000000",
                "100.00000000"
            ],
        ])
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn transfers_are_told_to_both_and_to_nobody_else() {
    let mut world = World::start().await;
    let mut payer = subscribed(&world, 1_000).await;
    let mut receiver = subscribed(&world, 1_001).await;
    let mut stranger = subscribed(&world, 1_002).await;
    world.exchange.transfer(AccountId(1_000), AccountId(1_001), AssetId(3), 2_500_000_001);
    world.exchange.step();
    let time = world.apply().steps[0].time.millis();
    for (client, delta, free) in
        [(&mut payer, "-2.500000001", "99997.499999999"), (&mut receiver, "2.500000001", "100002.500000001")]
    {
        let update = event(client).await;
        assert_eq!(update, json!({"e": "balanceUpdate", "E": update["E"], "a": "ETH", "d": delta, "T": time}));
        let position = event(client).await;
        assert_eq!(position["B"], json!([{"a": "ETH", "f": free, "l": "0.000000000"}]));
    }
    stranger.silent().await;
    world.exchange.transfer(system::CUSTODY, AccountId(1_002), AssetId(1), 1);
    world.exchange.step();
    world.apply();
    assert_eq!(event(&mut stranger).await["d"], "0.00000001");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_of_other_parts_of_the_exchange_are_told() {
    let world = World::start().await;
    let mut client = subscribed(&world, 1_000).await;
    let (hold, account, asset) = (HoldId(9), AccountId(1_000), AssetId(1));
    for (event_told, delta) in [
        (Event::Held { hold, account, asset, amount: Amount(250_000_000) }, "2.50000000"),
        (Event::Released { hold, account, asset, amount: Amount(100_000_000) }, "-1.00000000"),
    ] {
        world.apply_events(vec![event_told]);
        let update = event(&mut client).await;
        let time = update["T"].as_u64().unwrap();
        assert_eq!(update, json!({"e": "externalLockUpdate", "E": update["E"], "a": "BTC", "d": delta, "T": time}));
        assert!(update["E"].as_u64().unwrap() >= time);
        let position = event(&mut client).await;
        assert_eq!((&position["e"], &position["u"]), (&json!("outboundAccountPosition"), &json!(time)));
    }
    // What is paid out of a hold goes.
    let (to, amount) = (system::CUSTODY, Amount(150_000_000));
    world.apply_events(vec![Event::Captured { hold, account, to, asset, amount, remaining: Amount(0) }]);
    let update = event(&mut client).await;
    assert_eq!((&update["e"], &update["d"]), (&json!("balanceUpdate"), &json!("-1.50000000")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_does_not_read_its_events_is_told_and_let_go() {
    let mut world = World::start_with(|http| http.ws.send_buffer_messages = 64).await;
    let mut client = subscribed(&world, 1_000).await;
    for _ in 0..20_000 {
        world.exchange.transfer(AccountId(1_001), AccountId(1_000), AssetId(1), 1);
        world.exchange.step();
    }
    world.apply();
    let (frame, texts) = client.closed().await;
    assert!(frame.reason.starts_with("Slow reader"), "{frame:?}");
    let last: Value = serde_json::from_str(texts.last().unwrap()).unwrap();
    assert_eq!((&last["subscriptionId"], &last["event"]["e"]), (&json!(0), &json!("eventStreamTerminated")));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_lost_by_the_server_end_the_connection() {
    let world = World::start().await;
    let mut client = subscribed(&world, 1_000).await;
    world.app.load(&world.exchange.image()).unwrap();
    let (frame, texts) = client.closed().await;
    assert_eq!(u16::from(frame.code), 1013);
    assert_eq!(texts.len(), 1);
    assert!(texts[0].contains("eventStreamTerminated"), "{texts:?}");
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_are_all_answered() {
    let world = World::start().await;
    let mut client = world.connect("/ws-api/v3").await;
    for id in 0..500 {
        client.send(&format!(r#"{{"id":{id},"method":"time"}}"#)).await;
    }
    let mut ids: Vec<u64> = Vec::new();
    for _ in 0..500 {
        ids.push(client.json().await["id"].as_u64().unwrap());
    }
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..500));
    world.stop().await;
}
