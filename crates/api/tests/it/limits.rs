//! What a request uses up, what is told of it, and what happens to those who use too much.

use std::sync::atomic::{AtomicU64, Ordering};

use api::ports::SubmitError;
use api::server::Peer;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use limits::testing::RedisServer;
use limits::{Limits, Rules};
use model::{Command, Event, OrderId, Quantity, Reject, Side};
use runtime::config::Settings;

use crate::door::{ACCOUNT, Answered, Door, NOW_US, RULES};
use crate::order_types;
use crate::shapes::{accepted, fill, rested};

/// Milliseconds to the end of the minute in which every test begins.
const REST_OF_MINUTE_US: u64 = 60_000_000 - NOW_US % 60_000_000;

async fn door(rules: Rules) -> Door {
    Door::limited(Settings::defaults().http, Limits::local(rules), placed).await
}

/// Every order is taken in, but those of a very low price are not.
fn placed(command: Command) -> Result<Vec<Event>, SubmitError> {
    match command {
        Command::Place(place) if place.price.0 < 1_000_000 => {
            Ok(vec![Event::Rejected { account: ACCOUNT, reason: Reject::InsufficientBalance }])
        }
        Command::Place(place) => Ok(vec![accepted(&place), rested(&place)]),
        _ => Err(SubmitError::Busy),
    }
}

/// A public request from an address.
async fn ask(door: &Door, address: &str, path: &str) -> Answered {
    let peer = Peer(std::net::SocketAddr::new(address.parse().unwrap(), 50_000));
    door.send(Request::get(path).extension(peer).body(Body::empty()).unwrap()).await
}

/// A signed request from an address, at the door's time.
async fn signed(door: &Door, address: &str, method: Method, path: &str, query: &str) -> Answered {
    let peer = Peer(std::net::SocketAddr::new(address.parse().unwrap(), 50_000));
    let joint = if query.is_empty() { "" } else { "&" };
    let payload = format!("{query}{joint}timestamp={}", door.app.now().millis());
    let request = Request::builder()
        .method(method)
        .uri(format!("{path}?{payload}&signature={}", door.trader.sign(&payload)))
        .header("X-MBX-APIKEY", &door.trader.key)
        .extension(peer);
    door.send(request.body(Body::empty()).unwrap()).await
}

fn header(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name).map(|value| value.to_str().unwrap().parse().unwrap())
}

fn used(answered: &Answered) -> Option<u64> {
    let used = header(&answered.headers, "X-MBX-USED-WEIGHT-1M");
    assert_eq!(header(&answered.headers, "X-MBX-USED-WEIGHT"), used);
    used
}

/// Orders of ten seconds and of the day.
fn orders(answered: &Answered) -> Option<(u64, u64)> {
    let ten_seconds = header(&answered.headers, "X-MBX-ORDER-COUNT-10S")?;
    Some((ten_seconds, header(&answered.headers, "X-MBX-ORDER-COUNT-1D")?))
}

#[tokio::test]
async fn every_operation_weighs_what_binance_says() {
    let door = door(Rules { weight_per_minute: 1_000_000, ..RULES }).await;
    let many = |number: usize| {
        let names: Vec<String> = (0..number).map(|at| format!("%22M{at}%22")).collect();
        format!("symbols=%5B{}%5D", names.join(","))
    };
    let some = "symbols=%5B%22BTCUSDT%22,%22ETHBTC%22%5D";
    let cases: Vec<(&str, String, u64)> = vec![
        ("GET", "/api/v3/ping?".into(), 1),
        ("GET", "/api/v3/exchangeInfo?".into(), 20),
        ("GET", "/api/v3/depth?symbol=BTCUSDT".into(), 5),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=100".into(), 5),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=101".into(), 25),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=1000".into(), 50),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=1001".into(), 250),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=9000".into(), 250),
        ("GET", "/api/v3/depth?symbol=BTCUSDT&limit=some".into(), 5),
        ("GET", "/api/v3/trades?symbol=BTCUSDT".into(), 25),
        ("GET", "/api/v3/historicalTrades?symbol=BTCUSDT".into(), 25),
        ("GET", "/api/v3/aggTrades?symbol=BTCUSDT".into(), 4),
        ("GET", "/api/v3/klines?symbol=BTCUSDT&interval=1m".into(), 2),
        ("GET", "/api/v3/ticker/24hr?symbol=BTCUSDT".into(), 2),
        ("GET", "/api/v3/ticker/24hr?".into(), 80),
        ("GET", format!("/api/v3/ticker/24hr?{some}"), 2),
        ("GET", format!("/api/v3/ticker/24hr?{}", many(20)), 2),
        ("GET", format!("/api/v3/ticker/24hr?{}", many(21)), 40),
        ("GET", format!("/api/v3/ticker/24hr?{}", many(101)), 80),
        ("GET", "/api/v3/ticker/price?symbol=BTCUSDT".into(), 2),
        ("GET", "/api/v3/ticker/price?".into(), 4),
        ("GET", "/api/v3/ticker/bookTicker?".into(), 4),
        ("GET", format!("/api/v3/executionRules?{}", many(3)), 6),
        ("GET", "/api/v3/executionRules?".into(), 40),
        ("GET", "/api/v3/account?".into(), 20),
        ("GET", "/api/v3/openOrders?symbol=BTCUSDT".into(), 6),
        ("GET", "/api/v3/openOrders?".into(), 80),
        ("GET", "/api/v3/myTrades?symbol=BTCUSDT".into(), 20),
        ("GET", "/api/v3/myTrades?symbol=BTCUSDT&orderId=7".into(), 5),
        ("GET", "/api/v3/myPreventedMatches?symbol=BTCUSDT&orderId=7".into(), 20),
        ("GET", "/api/v3/myPreventedMatches?symbol=BTCUSDT&preventedMatchId=1".into(), 2),
        ("GET", "/api/v3/rateLimit/order?".into(), 40),
        ("POST", "/api/v3/order/test?".into(), 1),
        ("POST", "/api/v3/order/test?computeCommissionRates=true".into(), 20),
        ("GET", "/sapi/v1/capital/config/getall?".into(), 10),
    ];
    for (method, path, weight) in cases {
        let before = used(&ask(&door, "192.0.2.1", "/api/v3/ping").await).unwrap();
        let (path, query) = path.split_once('?').unwrap();
        let public = api::operations().iter().any(|known| known.path == path && known.permission().is_none());
        let answered = if public {
            ask(&door, "192.0.2.1", &format!("{path}?{query}")).await
        } else {
            signed(&door, "192.0.2.1", method.parse().unwrap(), path, query).await
        };
        assert_eq!(used(&answered).unwrap() - before, weight, "{path}?{query}: {}", answered.body);
    }
}

#[tokio::test]
async fn only_the_operators_own_operations_are_free() {
    let door = door(RULES).await;
    for operation in api::operations() {
        let is_operators = !operation.path.contains("api/v") && !operation.path.starts_with("/listings/");
        assert_eq!(operation.cost.before(None).is_none(), is_operators, "{operation:?}");
    }
    let answered = ask(&door, "192.0.2.1", "/api/v3/nothing").await;
    assert_eq!((answered.status.as_u16(), used(&answered)), (404, Some(1)));
    let answered = ask(&door, "192.0.2.1", "/healthz").await;
    assert_eq!((answered.status.as_u16(), used(&answered)), (200, None));
}

#[tokio::test]
async fn a_change_of_orders_weighs_only_when_it_fails() {
    let door = door(RULES).await;
    let from = "192.0.2.1";
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=20000";
    let answered = signed(&door, from, Method::POST, "/api/v3/order", limit).await;
    assert_eq!((answered.status.as_u16(), used(&answered), orders(&answered)), (200, Some(0), Some((1, 1))));
    // The engine refuses it: the order is given back, and the request weighs.
    let poor = limit.replace("20000", "2000");
    let answered = signed(&door, from, Method::POST, "/api/v3/order", &poor).await;
    assert_eq!(
        (answered.status.as_u16(), used(&answered), orders(&answered)),
        (400, Some(1), None),
        "{}",
        answered.body
    );
    // So does one that is refused before, and one that is not signed.
    let answered = signed(&door, from, Method::POST, "/api/v3/order", "symbol=NOPE").await;
    assert_eq!((used(&answered), orders(&answered)), (Some(2), None));
    let answered = signed(&door, from, Method::DELETE, "/api/v3/order", "symbol=BTCUSDT").await;
    assert_eq!(used(&answered), Some(3));
    let answered = signed(&door, from, Method::GET, "/api/v3/rateLimit/order", "").await;
    assert_eq!(
        answered.body,
        r#"[{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":100,"count":1},{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":200000,"count":1}]"#
    );
    assert_eq!((used(&answered), orders(&answered)), (Some(43), None));
}

#[tokio::test]
async fn orders_that_trade_do_not_count() {
    let ids = AtomicU64::new(8);
    let answer = move |command| {
        let Command::Place(place) = command else { return Err(SubmitError::Busy) };
        let order = ids.fetch_add(1, Ordering::SeqCst);
        let mut events = vec![order_types::accepted(&place, order, 0)];
        if place.side == Side::Sell {
            events.push(order_types::rested(&place, order));
            return Ok(events);
        }
        // A buy takes a fifth of the account's order in the book.
        let Event::Trade(mut trade) = fill(OrderId(order)) else { return Err(SubmitError::Busy) };
        (trade.taker_account, trade.taker_remaining) = (ACCOUNT, Quantity(0));
        trade.maker_remaining = Quantity(50_000 - 10_000 * i64::try_from(order - 15).unwrap());
        events.push(Event::Trade(trade));
        Ok(events)
    };
    let door = Door::limited(Settings::defaults().http, Limits::local(RULES), answer).await;
    let order = |side: &str, quantity: &str| {
        let query = format!("symbol=BTCUSDT&side={side}&type=LIMIT&timeInForce=GTC&quantity={quantity}&price=30000");
        let door = &door;
        async move { signed(door, "192.0.2.1", Method::POST, "/api/v3/order", &query).await }
    };
    let counted = async || {
        let answered = signed(&door, "192.0.2.1", Method::GET, "/api/v3/rateLimit/order", "").await;
        let limits: Vec<serde_json::Value> = serde_json::from_str(&answered.body).unwrap();
        [limits[0]["count"].as_u64().unwrap(), limits[1]["count"].as_u64().unwrap()]
    };
    for _ in 0..8 {
        assert_eq!(order("SELL", "0.1").await.status, 200);
    }
    assert_eq!(counted().await, [8, 8]);
    // One for the taker and five for the maker, whose first fills these are.
    assert_eq!(orders(&order("BUY", "0.1").await), Some((9, 9)));
    assert_eq!(counted().await, [3, 3]);
    // The maker has traded before.
    assert_eq!(orders(&order("BUY", "0.1").await), Some((4, 4)));
    assert_eq!(counted().await, [3, 3]);
}

#[tokio::test]
async fn orders_above_the_limit_are_refused_until_the_next_ten_seconds() {
    let door = door(Rules { orders_per_ten_seconds: 2, ..RULES }).await;
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=20000";
    let order = || signed(&door, "192.0.2.1", Method::POST, "/api/v3/order", limit);
    assert_eq!(orders(&order().await), Some((1, 1)));
    // A list would be two more: none of them is placed.
    let oco = "symbol=BTCUSDT&side=SELL&quantity=0.5&aboveType=LIMIT_MAKER&abovePrice=40000&belowType=STOP_LOSS&belowStopPrice=100";
    let answered = signed(&door, "192.0.2.1", Method::POST, "/api/v3/orderList/oco", oco).await;
    let sentence = "Too many new orders; current limit is 2 orders per 10 SECOND.";
    assert_eq!(answered.refusal(), (429, -1015, sentence.into()));
    // 20.12 s past the minute: the next ten seconds begin in 9.88 s.
    assert_eq!(header(&answered.headers, "Retry-After"), Some(10));
    assert_eq!(orders(&order().await), Some((2, 2)));
    assert_eq!(order().await.refusal(), (429, -1015, sentence.into()));
    assert_eq!(door.commands().len(), 2);
    door.clock.advance_us(10_000_000);
    assert_eq!(orders(&order().await), Some((1, 3)));
}

#[tokio::test]
async fn whoever_goes_on_is_refused_then_banned_then_welcome_again() {
    let door = door(Rules { weight_per_minute: 40, ..RULES }).await;
    let ask = |address: &'static str| ask(&door, address, "/api/v3/exchangeInfo");
    for used_weight in [20, 40] {
        let answered = ask("192.0.2.1").await;
        assert_eq!((answered.status.as_u16(), used(&answered)), (200, Some(used_weight)));
    }
    let until_next = REST_OF_MINUTE_US.div_ceil(1_000_000);
    for refusal in 1..=3 {
        let answered = ask("192.0.2.1").await;
        let sentence = "Too much request weight used; current limit is 40 request weight per 1 MINUTE. Please use WebSocket \
                        Streams for live updates to avoid polling the API.";
        assert_eq!(answered.refusal(), (429, -1003, sentence.into()));
        assert_eq!(
            (header(&answered.headers, "Retry-After"), used(&answered)),
            (Some(until_next), Some(40 + 20 * refusal))
        );
    }
    let banned_until = NOW_US / 1_000 + 120_000;
    let sentence = format!(
        "Way too much request weight used; IP banned until {banned_until}. Please use WebSocket Streams for live updates to avoid bans."
    );
    for _ in 0..5 {
        let answered = ask("192.0.2.1").await;
        assert_eq!(answered.refusal(), (418, -1003, sentence.clone()));
        assert_eq!(header(&answered.headers, "Retry-After"), Some(120));
    }
    // Nobody else is concerned, and the operator's checks pass.
    assert_eq!(ask("192.0.2.2").await.status, 200);
    let unknown = crate::limits::ask(&door, "192.0.2.1", "/api/v3/nothing").await;
    assert_eq!((unknown.status.as_u16(), header(&unknown.headers, "Retry-After")), (418, Some(120)));
    let health = crate::limits::ask(&door, "192.0.2.1", "/healthz").await;
    assert_eq!(health.status, 200);
    door.clock.advance_us(119_000_000);
    let answered = ask("192.0.2.1").await;
    assert_eq!((answered.status.as_u16(), header(&answered.headers, "Retry-After")), (418, Some(1)));
    door.clock.advance_us(1_000_000);
    let answered = ask("192.0.2.1").await;
    assert_eq!((answered.status.as_u16(), used(&answered)), (200, Some(20)));
}

#[tokio::test]
async fn without_limits_nothing_is_told() {
    let door = door(Rules { weight_per_minute: 0, orders_per_ten_seconds: 0, orders_per_day: 0, ..RULES }).await;
    let answered = ask(&door, "192.0.2.1", "/api/v3/exchangeInfo?symbol=ETHBTC").await;
    assert_eq!(used(&answered), None);
    assert!(answered.body.contains(r#""rateLimits":[]"#), "{}", answered.body);
    let answered = signed(&door, "192.0.2.1", Method::GET, "/api/v3/rateLimit/order", "").await;
    assert_eq!((answered.body.as_str(), used(&answered)), ("[]", None));
}

#[tokio::test]
async fn two_servers_share_a_redis() {
    let server = RedisServer::start();
    let rules = Rules { weight_per_minute: 40, orders_per_ten_seconds: 2, ..RULES };
    let patience = std::time::Duration::from_secs(60);
    let limits = || Limits::shared(rules, &server.url(), patience).unwrap();
    let one = Door::limited(Settings::defaults().http, limits(), placed).await;
    let other = Door::limited(Settings::defaults().http, limits(), placed).await;
    let path = "/api/v3/exchangeInfo";
    assert_eq!(used(&ask(&one, "192.0.2.1", path).await), Some(20));
    assert_eq!(used(&ask(&other, "192.0.2.1", path).await), Some(40));
    assert_eq!(ask(&one, "192.0.2.1", path).await.status, 429);
    assert_eq!(used(&ask(&other, "192.0.2.2", path).await), Some(20));
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=20000";
    let order = |door| signed(door, "192.0.2.2", Method::POST, "/api/v3/order", limit);
    assert_eq!(orders(&order(&one).await), Some((1, 1)));
    assert_eq!(orders(&order(&other).await), Some((2, 2)));
    assert_eq!(order(&one).await.refusal().1, -1015);
}
