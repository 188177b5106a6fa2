//! Every method of the WebSocket API, by enumeration: its access level holds, and its answer is that of REST to the letter.

use std::net::SocketAddr;

use api::binance::ws::{MethodAccess, methods};
use api::ports::SubmitError;
use axum::http::Method;
use identity::{KeyKind, Permissions};
use limits::{Limits, Rules};
use model::{Command, Event};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::world::{Client, signed};
use crate::door::{ACCOUNT, Answered, Door, NOW_US, RULES};
use crate::order_lists::takes_and_cancels;
use crate::signer::Key;
use crate::{order_types, shapes};

/// An exchange that does whatever it is asked, in the words of the tests of each operation.
fn willing() -> impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync {
    let lists = takes_and_cancels();
    move |command| match command {
        Command::PlaceList(_) | Command::CancelList { .. } => lists(command),
        Command::Amend(_) => order_types::amends(command),
        other => shapes::events(other),
    }
}

/// A door that is served, at a time that stands still.
struct Desk {
    door: Door,
    address: SocketAddr,
    _stop: DropGuard,
}

impl Desk {
    async fn open() -> Self {
        Self::serve(Door::answering(willing()).await).await
    }

    async fn serve(door: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        tokio::spawn(api::server::serve(listener, door.app.clone(), stop.clone()));
        Self { door, address, _stop: stop.drop_guard() }
    }

    async fn connect(&self) -> Client {
        Client::connect(self.address, "/ws-api/v3?returnRateLimits=false").await
    }

    async fn key(&self, permissions: Permissions) -> Key {
        Key::make(&self.door.app.keys, KeyKind::Hmac, i64::from(ACCOUNT.0), permissions, NOW_US).await
    }
}

const OCO: &str = r#"{"symbol":"BTCUSDT","side":"SELL","quantity":"0.5","listClientOrderId":"list","aboveType":"LIMIT_MAKER",
    "abovePrice":"31000","aboveClientOrderId":"above","belowType":"STOP_LOSS","belowStopPrice":"29000","belowClientOrderId":"below"}"#;

/// Each method with its REST operation and parameters that it succeeds with.
fn cases() -> Vec<(&'static str, Method, &'static str, Value)> {
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    let limit = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.5",
        "price": 20000.1, "newClientOrderId": "mine"});
    let mut replace = limit.clone();
    for (name, value) in [
        ("cancelReplaceMode", "STOP_ON_FAILURE"),
        ("cancelOrigClientOrderId", "resting-1"),
        ("cancelNewClientOrderId", "c"),
    ] {
        replace[name] = value.into();
    }
    let oco: Value = serde_json::from_str(OCO).unwrap();
    let old_oco = json!({"symbol": "BTCUSDT", "side": "SELL", "quantity": "0.5", "price": "31000", "stopPrice": "29000",
        "listClientOrderId": "list", "limitClientOrderId": "above", "stopClientOrderId": "below"});
    let mut oto = json!({"symbol": "BTCUSDT", "workingType": "LIMIT", "workingSide": "BUY", "workingQuantity": "0.5",
        "workingPrice": "20000", "workingTimeInForce": "GTC", "workingClientOrderId": "work", "listClientOrderId": "list",
        "pendingSide": "SELL", "pendingQuantity": "0.4"});
    let mut otoco = oto.clone();
    for (list, pending) in [
        (&mut oto, json!({"pendingType": "MARKET", "pendingClientOrderId": "then"})),
        (
            &mut otoco,
            json!({"pendingAboveType": "LIMIT_MAKER", "pendingAbovePrice": "31000", "pendingAboveClientOrderId": "a",
            "pendingBelowType": "STOP_LOSS", "pendingBelowStopPrice": "19000", "pendingBelowClientOrderId": "b"}),
        ),
    ] {
        list.as_object_mut().unwrap().extend(pending.as_object().unwrap().clone());
    }
    let symbol = json!({"symbol": "BTCUSDT"});
    vec![
        ("ping", get.clone(), "/api/v3/ping", json!({})),
        ("time", get.clone(), "/api/v3/time", json!({})),
        ("exchangeInfo", get.clone(), "/api/v3/exchangeInfo", json!({"symbols": ["BTCUSDT", "ETHBTC"]})),
        ("depth", get.clone(), "/api/v3/depth", json!({"symbol": "BTCUSDT", "limit": 5})),
        ("trades.recent", get.clone(), "/api/v3/trades", symbol.clone()),
        ("trades.historical", get.clone(), "/api/v3/historicalTrades", json!({"symbol": "BTCUSDT", "fromId": 1})),
        ("trades.aggregate", get.clone(), "/api/v3/aggTrades", symbol.clone()),
        ("klines", get.clone(), "/api/v3/klines", json!({"symbol": "BTCUSDT", "interval": "1h", "limit": 2})),
        ("uiKlines", get.clone(), "/api/v3/uiKlines", json!({"symbol": "BTCUSDT", "interval": "1d", "limit": 2})),
        (
            "blockTrades.historical",
            get.clone(),
            "/api/v3/historicalBlockTrades",
            json!({"symbol": "BTCUSDT", "fromId": 1}),
        ),
        ("avgPrice", get.clone(), "/api/v3/avgPrice", symbol.clone()),
        ("ticker", get.clone(), "/api/v3/ticker", json!({"symbol": "BTCUSDT", "windowSize": "1h"})),
        ("ticker.tradingDay", get.clone(), "/api/v3/ticker/tradingDay", symbol.clone()),
        ("executionRules", get.clone(), "/api/v3/executionRules", symbol.clone()),
        ("referencePrice", get.clone(), "/api/v3/referencePrice", symbol.clone()),
        ("referencePrice.calculation", get.clone(), "/api/v3/referencePrice/calculation", symbol.clone()),
        ("ticker.24hr", get.clone(), "/api/v3/ticker/24hr", json!({"symbols": ["BTCUSDT", "ETHBTC"], "type": "MINI"})),
        ("ticker.price", get.clone(), "/api/v3/ticker/price", json!({})),
        ("ticker.book", get.clone(), "/api/v3/ticker/bookTicker", symbol.clone()),
        ("order.place", post.clone(), "/api/v3/order", limit.clone()),
        ("order.test", post.clone(), "/api/v3/order/test", limit),
        (
            "order.cancel",
            delete.clone(),
            "/api/v3/order",
            json!({"symbol": "BTCUSDT", "orderId": 7, "newClientOrderId": "c"}),
        ),
        ("order.cancelReplace", post.clone(), "/api/v3/order/cancelReplace", replace),
        (
            "order.amend.keepPriority",
            put.clone(),
            "/api/v3/order/amend/keepPriority",
            json!({"symbol": "BTCUSDT", "orderId": 7, "newQty": "0.2", "newClientOrderId": "after"}),
        ),
        ("openOrders.cancelAll", delete.clone(), "/api/v3/openOrders", symbol.clone()),
        ("orderList.place", post.clone(), "/api/v3/order/oco", old_oco),
        ("orderList.place.oco", post.clone(), "/api/v3/orderList/oco", oco),
        ("orderList.place.oto", post.clone(), "/api/v3/orderList/oto", oto),
        ("orderList.place.otoco", post.clone(), "/api/v3/orderList/otoco", otoco),
        (
            "orderList.cancel",
            delete.clone(),
            "/api/v3/orderList",
            json!({"symbol": "BTCUSDT", "orderListId": 3, "newClientOrderId": "c"}),
        ),
        ("account.status", get.clone(), "/api/v3/account", json!({"omitZeroBalances": true})),
        ("account.commission", get.clone(), "/api/v3/account/commission", symbol.clone()),
        ("account.rateLimits.orders", get.clone(), "/api/v3/rateLimit/order", json!({})),
        ("myAllocations", get.clone(), "/api/v3/myAllocations", symbol.clone()),
        ("myFilters", get.clone(), "/api/v3/myFilters", symbol.clone()),
        ("order.status", get.clone(), "/api/v3/order", json!({"symbol": "BTCUSDT", "origClientOrderId": "resting-1"})),
        ("openOrders.status", get.clone(), "/api/v3/openOrders", json!({})),
        ("allOrders", get.clone(), "/api/v3/allOrders", symbol.clone()),
        ("orderList.status", get.clone(), "/api/v3/orderList", json!({"origClientOrderId": "list"})),
        ("openOrderLists.status", get.clone(), "/api/v3/openOrderList", json!({})),
        ("allOrderLists", get.clone(), "/api/v3/allOrderList", json!({"limit": 5})),
        ("myTrades", get.clone(), "/api/v3/myTrades", symbol.clone()),
        ("myPreventedMatches", get.clone(), "/api/v3/myPreventedMatches", json!({"symbol": "BTCUSDT", "orderId": 7})),
        ("order.amendments", get, "/api/v3/order/amendments", json!({"symbol": "BTCUSDT", "orderId": 7})),
        ("userDataStream.start", post, "/api/v3/userDataStream", json!({})),
        ("userDataStream.ping", put, "/api/v3/userDataStream", json!({"listenKey": null})),
        ("userDataStream.stop", delete, "/api/v3/userDataStream", json!({"listenKey": null})),
    ]
}

/// The methods about the connection itself. Their tests are in `session` and `user_data`.
const OF_THE_CONNECTION: [(&str, MethodAccess); 7] = [
    ("session.logon", MethodAccess::LogOn),
    ("session.logout", MethodAccess::Public),
    ("session.status", MethodAccess::Public),
    ("session.subscriptions", MethodAccess::Public),
    ("userDataStream.subscribe", MethodAccess::LoggedOn(api::Permission::Read)),
    ("userDataStream.subscribe.signature", MethodAccess::User(api::Permission::Read)),
    ("userDataStream.unsubscribe", MethodAccess::Public),
];

#[test]
fn every_method_is_tested_with_the_access_level_of_its_operation() {
    let operations = api::operations();
    let mut wanted: Vec<(&str, MethodAccess)> = cases()
        .into_iter()
        .map(|(name, verb, path, _)| {
            let operation = operations.iter().find(|operation| operation.method == verb && operation.path == path);
            let operation = operation.unwrap_or_else(|| panic!("{name} has no REST operation"));
            let access = match (operation.permission(), operation.is_signed()) {
                (None, _) => MethodAccess::Public,
                (Some(permission), false) => MethodAccess::KeyAlone(permission),
                (Some(permission), true) => MethodAccess::User(permission),
            };
            (name, access)
        })
        .chain(OF_THE_CONNECTION)
        .collect();
    wanted.sort_by_key(|(name, _)| *name);
    assert_eq!(methods(), wanted, "each method needs a case here or a test of the connection");
}

/// The same with the parameters that only the running door knows; lists are there before they are asked for.
async fn prepare(desk: &Desk, name: &str, mut params: Value) -> Value {
    if ["orderList.cancel", "orderList.status", "openOrderLists.status"].contains(&name) {
        let oco: Value = serde_json::from_str(OCO).unwrap();
        assert_eq!(over_rest(desk, &Method::POST, "/api/v3/orderList/oco", &oco).await.status, 200);
    }
    if params.get("listenKey").is_some() {
        let key = desk.door.app.listen_keys.open(ACCOUNT, "k", &*desk.door.app.random, 0).unwrap();
        params["listenKey"] = key.name().into();
    }
    params
}

async fn over_rest(desk: &Desk, verb: &Method, path: &str, params: &Value) -> Answered {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs: Vec<String> = params
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| {
            let value =
                percent_encoding::utf8_percent_encode(&text(value), percent_encoding::NON_ALPHANUMERIC).to_string();
            format!("{name}={value}")
        })
        .collect();
    let query = pairs.join("&");
    let signed =
        api::operations().iter().any(|one| one.method == *verb && one.path == path && one.permission().is_some());
    if signed {
        desk.door.signed(verb.clone(), path, &query).await
    } else {
        desk.door.get(&format!("{path}?{query}")).await
    }
}

#[tokio::test]
async fn the_answer_of_a_method_is_that_of_its_operation() {
    for (name, verb, path, params) in cases() {
        // Two doors with the same seed of randomness, so that both make the same names.
        let (rest, ws) = (Desk::open().await, Desk::open().await);
        let (_, key) = (rest.key(Permissions::READ_TRADE).await, ws.key(Permissions::READ_TRADE).await);
        let over_rest = over_rest(&rest, &verb, path, &prepare(&rest, name, params.clone()).await).await;
        let status = over_rest.status.as_u16();
        // There are no reference prices, which is an error.
        assert_eq!(status == 200, !name.starts_with("referencePrice"), "{name}: {}", over_rest.body);
        let part = if status == 200 { "result" } else { "error" };
        let params = prepare(&ws, name, params).await;
        let params = if verb == Method::GET && is_public(name) { params } else { signed(&key, NOW_US / 1_000, params) };
        let mut client = ws.connect().await;
        client.send(&json!({"id": "a-1", "method": name, "params": params}).to_string()).await;
        let want = format!(r#"{{"id":"a-1","status":{status},"{part}":{}}}"#, over_rest.body);
        assert_eq!(client.text().await, want, "{name}");
    }
}

fn is_public(name: &str) -> bool {
    methods().iter().any(|(known, access)| *known == name && *access == MethodAccess::Public)
}

#[tokio::test]
async fn access_levels_hold() {
    let desk = Desk::open().await;
    let none = Permissions { read: false, trade: false, withdraw: false };
    let (reader, blind) = (desk.key(Permissions::READ).await, desk.key(none).await);
    for (name, access) in methods() {
        let mut client = desk.connect().await;
        let anonymous = client.ask(name, json!({"timestamp": NOW_US / 1_000, "signature": "00"})).await;
        let by_blind = client.ask(name, signed(&blind, NOW_US / 1_000, json!({}))).await;
        let by_reader = client.ask(name, signed(&reader, NOW_US / 1_000, json!({}))).await;
        let unsigned = client.ask(name, json!({"apiKey": reader.key, "timestamp": NOW_US / 1_000})).await;
        let codes =
            [&anonymous, &by_blind, &by_reader, &unsigned].map(|answer| answer["error"]["code"].as_i64().unwrap_or(0));
        let mandatory = "was not sent, was empty/null, or malformed.";
        let refused = |answer: &Value, what: &str| {
            answer["error"]["msg"] == format!("Mandatory parameter '{what}' {mandatory}").as_str()
                && answer["status"] == 400
        };
        match access {
            MethodAccess::Public => {
                assert!(codes.iter().all(|code| ![-2014, -2015, -1022].contains(code)), "{name}: {codes:?}")
            }
            MethodAccess::LogOn => {
                assert!(refused(&anonymous, "apiKey"), "{name}: {anonymous}");
                assert!(refused(&unsigned, "signature"), "{name}: {unsigned}");
                assert_eq!((codes[1], codes[2]), (0, 0), "{name}: any live key will do");
            }
            MethodAccess::LoggedOn(_) => assert!(refused(&by_reader, "apiKey"), "{name}: {by_reader}"),
            MethodAccess::KeyAlone(_) => {
                assert!(refused(&anonymous, "apiKey"), "{name}: {anonymous}");
                assert_eq!(codes[1], -2015, "{name}");
                assert!(![-2014, -2015, -1022].contains(&codes[3]), "{name}: {unsigned}");
            }
            MethodAccess::User(needed) => {
                assert!(
                    refused(&anonymous, "apiKey") && refused(&unsigned, "signature"),
                    "{name}: {anonymous} {unsigned}"
                );
                assert_eq!((codes[1], by_blind["status"].as_i64()), (-2015, Some(401)), "{name}");
                assert_eq!(codes[2] == -2015, needed == api::Permission::Trade, "{name}: {by_reader}");
            }
        }
    }
    assert_eq!(desk.door.commands(), [], "nothing reached the exchange");
}

#[tokio::test]
async fn a_refusal_over_a_websocket_is_that_of_rest() {
    let desk = Desk::open().await;
    let key = desk.key(Permissions::READ_TRADE).await;
    let mut client = desk.connect().await;
    let price = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": 1, "price": "1.234"});
    for (method, params, want) in [
        ("order.place", price, json!({"status": 400, "error": {"code": -1013, "msg": "Filter failure: PRICE_FILTER"}})),
        (
            "order.status",
            json!({"symbol": "BTCUSDT", "orderId": 99}),
            json!({"status": 400, "error": {"code": -2013, "msg": "Order does not exist."}}),
        ),
        (
            "userDataStream.ping",
            json!({"listenKey": "nonsense"}),
            json!({"status": 400, "error": {"code": -1125, "msg": "This listenKey does not exist."}}),
        ),
    ] {
        let mut answer = client.ask(method, signed(&key, NOW_US / 1_000, params)).await;
        answer.as_object_mut().unwrap().remove("id");
        assert_eq!(answer, want, "{method}");
    }
}

/// What is used of the limits is counted and told as over REST.
#[tokio::test]
async fn requests_and_orders_are_limited() {
    let rules = Rules { weight_per_minute: 30, orders_per_ten_seconds: 1, ..RULES };
    let http = runtime::config::Settings::defaults().http;
    let desk = Desk::serve(Door::limited(http, Limits::local(rules), willing()).await).await;
    let key = desk.key(Permissions::READ_TRADE).await;
    let mut client = Client::connect(desk.address, "/ws-api/v3").await;
    let weight = |count: u64| json!({"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 30, "count": count});
    let orders = |interval: &str, number: u64, limit: u64| json!({"rateLimitType": "ORDERS", "interval": interval, "intervalNum": number, "limit": limit, "count": 1});
    let ping = client.ask("ping", json!({})).await;
    assert_eq!(ping, json!({"id": 1, "status": 200, "result": {}, "rateLimits": [weight(1)]}));
    assert_eq!(
        client.ask("ping", json!({"returnRateLimits": false})).await,
        json!({"id": 2, "status": 200, "result": {}})
    );
    let limit = json!({"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.5", "price": "20000"});
    let placed = client.ask("order.place", signed(&key, NOW_US / 1_000, limit.clone())).await;
    assert_eq!(placed["status"], 200, "{placed}");
    assert_eq!(placed["rateLimits"], json!([orders("SECOND", 10, 1), orders("DAY", 1, 200_000), weight(2)]));
    let refused = client.ask("order.place", signed(&key, NOW_US / 1_000, limit)).await;
    assert_eq!((&refused["status"], &refused["error"]["code"]), (&json!(429), &json!(-1015)));
    assert_eq!(refused["error"]["data"]["serverTime"], NOW_US / 1_000);
    assert!(refused["error"]["data"]["retryAfter"].as_u64().unwrap() > NOW_US / 1_000);
    assert_eq!(desk.door.commands().len(), 1);
    client.ask("account.status", signed(&key, NOW_US / 1_000, json!({}))).await;
    let over = client.ask("account.status", signed(&key, NOW_US / 1_000, json!({}))).await;
    assert_eq!((&over["status"], &over["error"]["code"]), (&json!(429), &json!(-1003)), "{over}");
}
