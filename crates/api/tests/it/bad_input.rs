//! What is wrong with a request is told by code and sentence, and nothing reaches the exchange.

use axum::body::Body;
use axum::http::{Method, Request};

use crate::door::Door;

const NUMBER: &str = "^([0-9]{1,20})(\\.[0-9]{1,20})?$";

fn illegal(name: &str, range: &str) -> String {
    format!("Illegal characters found in parameter '{name}'; legal range is '{range}'.")
}

fn both(one: &str, other: &str) -> String {
    format!("Param '{one}' or '{other}' must be sent, but both were empty/null!")
}

fn mandatory(name: &str) -> String {
    format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
}

#[tokio::test]
async fn a_new_order_is_checked_before_it_is_sent() {
    let door = Door::busy().await;
    let limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100";
    let market = "symbol=BTCUSDT&side=BUY&type=MARKET";
    let stop = "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=90";
    let with = |what: &str, instead: &str| limit.replace(what, instead);
    let thirty = "9".repeat(30);
    let cases: Vec<(String, i64, String)> = vec![
        (with("symbol=BTCUSDT&", ""), -1102, mandatory("symbol")),
        (with("BTCUSDT", "NOPE"), -1121, "Invalid symbol.".into()),
        (with("BTCUSDT", "btcusdt"), -1100, illegal("symbol", "^[A-Z0-9-_.]{1,20}$")),
        (with("BTCUSDT", "BTC%00USDT"), -1100, illegal("symbol", "^[A-Z0-9-_.]{1,20}$")),
        (with("BTCUSDT", ""), -1105, "Parameter 'symbol' was empty.".into()),
        (with("side=BUY&", ""), -1102, mandatory("side")),
        (with("side=BUY", "side=buy"), -1117, "Invalid side.".into()),
        (with("type=LIMIT&", ""), -1102, mandatory("type")),
        (with("type=LIMIT", "type=NOPE"), -1116, "Invalid orderType.".into()),
        (with("type=LIMIT", "type=TRAILING"), -1116, "Invalid orderType.".into()),
        (with("type=LIMIT", "type=STOP_LOSS"), -1102, both("stopPrice", "trailingDelta")),
        (format!("{stop}&price=1"), -1106, "Parameter 'price' sent when not required.".into()),
        (format!("{stop}&timeInForce=GTC"), -1106, "Parameter 'timeInForce' sent when not required.".into()),
        (format!("{stop}&icebergQty=1"), -1106, "Parameter 'icebergQty' sent when not required.".into()),
        (format!("{stop}&quoteOrderQty=1"), -1106, "Parameter 'quoteOrderQty' sent when not required.".into()),
        (stop.replace("stopPrice=90", "stopPrice=0"), -1013, "Invalid stopPrice.".into()),
        (stop.replace("stopPrice=90", "stopPrice=90.001"), -1013, "Filter failure: PRICE_FILTER".into()),
        (stop.replace("stopPrice=90", "trailingDelta=0"), -1013, "Invalid trailingDelta.".into()),
        (stop.replace("stopPrice=90", "trailingDelta=70000"), -1013, "Filter failure: TRAILING_DELTA".into()),
        (stop.replace("stopPrice=90", "trailingDelta=1.5"), -1100, illegal("trailingDelta", "^[0-9]{1,20}$")),
        (with("type=LIMIT", "type=TAKE_PROFIT_LIMIT"), -1102, both("stopPrice", "trailingDelta")),
        (with("timeInForce=GTC", "timeInForce=GTD"), -1102, mandatory("goodTillDate")),
        (
            format!("{limit}&goodTillDate=1700000100000"),
            -1106,
            "Parameter 'goodTillDate' sent when not required.".into(),
        ),
        (
            format!("{}&goodTillDate=0", with("timeInForce=GTC", "timeInForce=GTD")),
            -1130,
            "Data sent for parameter 'goodTillDate' is not valid.".into(),
        ),
        (with("timeInForce=GTC&", ""), -1102, mandatory("timeInForce")),
        (with("timeInForce=GTC", "timeInForce=GTX"), -1115, "Invalid timeInForce.".into()),
        (with("quantity=1&", ""), -1102, mandatory("quantity")),
        (with("&price=100", ""), -1102, mandatory("price")),
        (with("quantity=1", "quantity=0"), -1013, "Invalid quantity.".into()),
        (with("price=100", "price=0.00"), -1013, "Invalid price.".into()),
        (with("quantity=1", "quantity=-1"), -1100, illegal("quantity", NUMBER)),
        (with("price=100", "price=-100"), -1100, illegal("price", NUMBER)),
        (with("quantity=1", "quantity=NaN"), -1100, illegal("quantity", NUMBER)),
        (with("price=100", "price=Infinity"), -1100, illegal("price", NUMBER)),
        (with("quantity=1", "quantity=1e3"), -1100, illegal("quantity", NUMBER)),
        (with("quantity=1", &format!("quantity={thirty}")), -1100, illegal("quantity", NUMBER)),
        (with("price=100", "price=99999999999999999999"), -1013, "Filter failure: PRICE_FILTER".into()),
        (with("quantity=1", "quantity=99999999999999999999"), -1013, "Filter failure: LOT_SIZE".into()),
        (with("price=100", "price=100.001"), -1013, "Filter failure: PRICE_FILTER".into()),
        (with("price=100", "price=100.000000001"), -1111, "Parameter 'price' has too much precision.".into()),
        (with("quantity=1", "quantity=0.000001"), -1013, "Filter failure: LOT_SIZE".into()),
        (with("quantity=1", "quantity=0.000000001"), -1111, "Parameter 'quantity' has too much precision.".into()),
        (format!("{limit}&stopPrice=1"), -1106, "Parameter 'stopPrice' sent when not required.".into()),
        (format!("{limit}&quoteOrderQty=1"), -1106, "Parameter 'quoteOrderQty' sent when not required.".into()),
        (format!("{limit}&icebergQty=2"), -2010, "IcebergQty exceeds QTY.".into()),
        (format!("{limit}&icebergQty=0.000001"), -1013, "Filter failure: LOT_SIZE".into()),
        (format!("{limit}&trailingDelta=1"), -1106, "Parameter 'trailingDelta' sent when not required.".into()),
        (with("LIMIT", "LIMIT_MAKER"), -1106, "Parameter 'timeInForce' sent when not required.".into()),
        (market.into(), -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!".into()),
        (
            format!("{market}&quantity=1&quoteOrderQty=1"),
            -1106,
            "Parameter 'quoteOrderQty' sent when not required.".into(),
        ),
        (format!("{market}&quantity=1&price=1"), -1106, "Parameter 'price' sent when not required.".into()),
        (format!("{market}&quantity=0.000001"), -1013, "Filter failure: MARKET_LOT_SIZE".into()),
        (format!("{market}&quoteOrderQty=0"), -1013, "Invalid quoteOrderQty.".into()),
        (format!("{limit}&newClientOrderId=a%20b"), -1100, illegal("newClientOrderId", "^[\\.A-Z\\:/a-z0-9_-]{1,36}$")),
        (
            format!("{limit}&newClientOrderId={}", "a".repeat(37)),
            -1100,
            illegal("newClientOrderId", "^[\\.A-Z\\:/a-z0-9_-]{1,36}$"),
        ),
        (format!("{limit}&newClientOrderId="), -1105, "Parameter 'newClientOrderId' was empty.".into()),
        (
            format!("{limit}&newOrderRespType=SOME"),
            -1130,
            "Data sent for parameter 'newOrderRespType' is not valid.".into(),
        ),
        (
            format!("{limit}&selfTradePreventionMode=X"),
            -1130,
            "Data sent for parameter 'selfTradePreventionMode' is not valid.".into(),
        ),
        (format!("{limit}&price=101"), -1101, "Duplicate values for a parameter detected.".into()),
        (
            format!("{limit}&colour=red"),
            -1104,
            "Not all sent parameters were read; read '6' parameter(s) but was sent '7'.".into(),
        ),
    ];
    for (query, code, sentence) in cases {
        for path in ["/api/v3/order", "/api/v3/order/test"] {
            let answered = door.signed(Method::POST, path, &query).await;
            assert_eq!(answered.refusal(), (400, code, sentence.clone()), "{path} {query}");
        }
    }
    assert_eq!(door.commands(), []);
}

#[tokio::test]
async fn a_tried_order_meets_the_filters() {
    let door = Door::busy().await;
    for (query, want) in [
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100", None),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=1000000.01", Some("PRICE_FILTER")),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=9000.00001&price=100", Some("LOT_SIZE")),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=499", Some("NOTIONAL")),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=9000&price=1000000", Some("NOTIONAL")),
        ("side=SELL&type=MARKET&quantity=1", None),
        ("side=SELL&type=MARKET&quantity=900.00001", Some("MARKET_LOT_SIZE")),
        ("side=SELL&type=MARKET&quoteOrderQty=4.99", Some("NOTIONAL")),
        ("side=SELL&type=MARKET&quoteOrderQty=5", None),
        ("side=SELL&type=STOP_LOSS&quantity=1&stopPrice=100", None),
        ("side=SELL&type=STOP_LOSS&quantity=1&stopPrice=1000000.01", Some("PRICE_FILTER")),
        ("side=SELL&type=STOP_LOSS&quantity=0.01&stopPrice=499", Some("NOTIONAL")),
        ("side=SELL&type=TAKE_PROFIT&quantity=900.00001&stopPrice=100", Some("MARKET_LOT_SIZE")),
        ("side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=9", Some("TRAILING_DELTA")),
        ("side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=2000", None),
        ("side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=2001", Some("TRAILING_DELTA")),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100&icebergQty=0.01", None),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1.00001&price=100&icebergQty=0.01", Some("ICEBERG_PARTS")),
        ("side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100&icebergQty=0", None),
    ] {
        let answered = door.signed(Method::POST, "/api/v3/order/test", &format!("symbol=BTCUSDT&{query}")).await;
        match want {
            None => assert_eq!((answered.status.as_u16(), answered.body.as_str()), (200, "{}"), "{query}"),
            Some(filter) => {
                assert_eq!(answered.refusal(), (400, -1013, format!("Filter failure: {filter}")), "{query}");
            }
        }
    }
    for query in [
        "side=BUY&type=LIMIT&timeInForce=IOC&quantity=1&price=100&icebergQty=0.5",
        "side=BUY&type=TAKE_PROFIT&quantity=1&trailingDelta=100",
    ] {
        let answered = door.signed(Method::POST, "/api/v3/order/test", &format!("symbol=BTCUSDT&{query}")).await;
        assert_eq!(answered.refusal(), (400, -1014, "Unsupported order combination.".to_owned()), "{query}");
    }
    assert_eq!(door.commands(), []);
}

#[tokio::test]
async fn queries_are_checked() {
    let door = Door::busy().await;
    for (path, query, code) in [
        ("/api/v3/order", "symbol=BTCUSDT", -1102),
        ("/api/v3/order", "symbol=BTCUSDT&orderId=abc", -1100),
        ("/api/v3/order", "symbol=BTCUSDT&orderId=8", -2013),
        ("/api/v3/order", "symbol=ETHBTC&orderId=7", -2013),
        ("/api/v3/order", "symbol=BTCUSDT&orderId=7&origClientOrderId=other", -2013),
        ("/api/v3/order", "symbol=BTCUSDT&origClientOrderId=nobody", -2013),
        ("/api/v3/openOrders", "symbol=NOPE", -1121),
        ("/api/v3/allOrders", "symbol=BTCUSDT&limit=0", -1130),
        ("/api/v3/allOrders", "symbol=BTCUSDT&startTime=2&endTime=1", -1130),
        ("/api/v3/allOrders", "symbol=BTCUSDT&startTime=1&endTime=86400002", -1127),
        ("/api/v3/allOrders", "", -1102),
        ("/api/v3/myTrades", "symbol=BTCUSDT&fromId=1&startTime=1", -1128),
        ("/api/v3/myTrades", "symbol=BTCUSDT&fromId=-1", -1100),
        ("/api/v3/account", "omitZeroBalances=perhaps", -1130),
        ("/api/v3/orderList", "", -1102),
        ("/api/v3/orderList", "orderListId=1", -2013),
        ("/api/v3/orderList", "origClientOrderId=nobody", -2013),
        ("/api/v3/orderList", "orderListId=x", -1100),
        ("/api/v3/openOrderList", "symbol=BTCUSDT", -1101),
        ("/api/v3/allOrderList", "fromId=1&startTime=1", -1128),
        ("/api/v3/allOrderList", "limit=0", -1130),
        ("/api/v3/order/amendments", "symbol=BTCUSDT", -1102),
        ("/api/v3/order/amendments", "symbol=BTCUSDT&orderId=1&fromExecutionId=x", -1100),
        ("/api/v3/myPreventedMatches", "symbol=BTCUSDT", -1102),
        ("/api/v3/myPreventedMatches", "symbol=BTCUSDT&preventedMatchId=1&orderId=1", -1128),
    ] {
        let (_, got, _) = door.signed(Method::GET, path, query).await.refusal();
        assert_eq!(got, code, "{path}?{query}");
    }
    for (path_and_query, code) in [
        ("/api/v3/depth", -1102),
        ("/api/v3/depth?symbol=NOPE", -1121),
        ("/api/v3/depth?symbol=BTCUSDT&limit=x", -1100),
        ("/api/v3/depth?symbol=BTCUSDT&foo=1", -1104),
        ("/api/v3/time?foo=1", -1101),
        ("/api/v3/klines?symbol=BTCUSDT", -1102),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7m", -1120),
        ("/api/v3/exchangeInfo?symbol=BTCUSDT&symbols=%5B%22ETHBTC%22%5D", -1128),
        ("/api/v3/exchangeInfo?symbols=BTCUSDT", -1135),
        ("/api/v3/exchangeInfo?symbols=%5B%5D", -1105),
        ("/api/v3/exchangeInfo?symbols=%5B%22BTCUSDT%22,%22BTCUSDT%22%5D", -1151),
        ("/api/v3/ticker/24hr?type=HUGE", -1139),
        ("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1&startTime=1", -1128),
    ] {
        let (status, got, _) = door.get(path_and_query).await.refusal();
        assert_eq!((status, got), (400, code), "{path_and_query}");
    }
}

#[tokio::test]
async fn what_is_no_operation_is_told_so() {
    let door = Door::busy().await;
    assert_eq!(door.get("/api/v3/nothing").await.refusal().0, 404);
    assert_eq!(door.get("/").await.refusal().1, -1020);
    let put = Request::put("/api/v3/order").body(Body::empty()).unwrap();
    assert_eq!(door.send(put).await.refusal().0, 405);
    let unit = Request::get("/api/v3/time").header("X-MBX-TIME-UNIT", "FORTNIGHT").body(Body::empty()).unwrap();
    assert_eq!(
        door.send(unit).await.refusal(),
        (400, -1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.".into())
    );
    let bytes = Request::post("/api/v3/order").body(Body::from(vec![0xff, 0xfe])).unwrap();
    assert_eq!(door.send(bytes).await.refusal().1, -1100);
}
