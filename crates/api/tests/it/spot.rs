//! The parts of the Spot API that clients ask for less often, to the letter; and which parameters go together.

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::expect;
use model::{Command, Event, OrderId};

use crate::door::{ACCOUNT, Door};
use crate::order_types::check;
use crate::shapes::{accepted, expired, fill};

/// A market order buys 0.1 BTC for 3000 USDT from the account's own resting order.
fn traded(command: Command) -> Result<Vec<Event>, SubmitError> {
    let Command::Place(place) = command else { return Err(SubmitError::Busy) };
    let Event::Trade(mut trade) = fill(OrderId(8)) else { return Err(SubmitError::Busy) };
    (trade.taker_account, trade.maker_account) = (ACCOUNT, ACCOUNT);
    Ok(vec![accepted(&place), Event::Trade(trade), expired(&place)])
}

/// A market that has traded once, a millisecond after [`crate::door::NOW_US`].
async fn after_a_trade() -> Door {
    let door = Door::answering(traded).await;
    let market = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5";
    assert_eq!(door.signed(Method::POST, "/api/v3/order", market).await.status, 200);
    door.clock.advance_us(61_000_000);
    door
}

#[tokio::test]
async fn windows_and_days() {
    let door = after_a_trade().await;
    // 1,700,000,061 s: a minute and a second after 22:13:20, the window begins with the minute of the trade.
    check(
        &door.get("/api/v3/ticker?symbol=BTCUSDT&windowSize=1m").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "priceChange":"0.00000000",
        "priceChangePercent":"0.000",
        "weightedAvgPrice":"30000.00000000",
        "openPrice":"30000.00000000",
        "highPrice":"30000.00000000",
        "lowPrice":"30000.00000000",
        "lastPrice":"30000.00000000",
        "volume":"0.10000000",
        "quoteVolume":"3000.00000000",
        "openTime":1699999980000,
        "closeTime":1700000061123,
        "firstId":1,
        "lastId":1,
        "count":1}
    "#]],
    );
    check(
        &door.get("/api/v3/ticker?symbols=%5B%22ETHBTC%22,%22BTCUSDT%22%5D&type=MINI&windowSize=4h").await,
        expect![[r#"
            200
            [{"symbol":"ETHBTC",
            "openPrice":"0.00000000",
            "highPrice":"0.00000000",
            "lowPrice":"0.00000000",
            "lastPrice":"0.00000000",
            "volume":"0.00000000",
            "quoteVolume":"0.00000000",
            "openTime":1699985640000,
            "closeTime":1700000061123,
            "firstId":-1,
            "lastId":-1,
            "count":0},{"symbol":"BTCUSDT",
            "openPrice":"30000.00000000",
            "highPrice":"30000.00000000",
            "lowPrice":"30000.00000000",
            "lastPrice":"30000.00000000",
            "volume":"0.10000000",
            "quoteVolume":"3000.00000000",
            "openTime":1699985640000,
            "closeTime":1700000061123,
            "firstId":1,
            "lastId":1,
            "count":1}]
        "#]],
    );
    check(
        &door.get("/api/v3/ticker/tradingDay?symbol=BTCUSDT").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "priceChange":"0.00000000",
        "priceChangePercent":"0.000",
        "weightedAvgPrice":"30000.00000000",
        "openPrice":"30000.00000000",
        "highPrice":"30000.00000000",
        "lowPrice":"30000.00000000",
        "lastPrice":"30000.00000000",
        "volume":"0.10000000",
        "quoteVolume":"3000.00000000",
        "openTime":1699920000000,
        "closeTime":1700006399999,
        "firstId":1,
        "lastId":1,
        "count":1}
    "#]],
    );
    // In UTC-3:30 the day began at 03:30 UTC, and still runs; in UTC+2 it began half an hour ago.
    check(
        &door.get("/api/v3/ticker/tradingDay?symbol=BTCUSDT&timeZone=-3:30&type=MINI").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "openPrice":"30000.00000000",
        "highPrice":"30000.00000000",
        "lowPrice":"30000.00000000",
        "lastPrice":"30000.00000000",
        "volume":"0.10000000",
        "quoteVolume":"3000.00000000",
        "openTime":1699932600000,
        "closeTime":1700018999999,
        "firstId":1,
        "lastId":1,
        "count":1}
    "#]],
    );
    check(
        &door.get("/api/v3/ticker/tradingDay?symbols=%5B%22BTCUSDT%22%5D&timeZone=2&type=MINI").await,
        expect![[r#"
        200
        [{"symbol":"BTCUSDT",
        "openPrice":"30000.00000000",
        "highPrice":"30000.00000000",
        "lowPrice":"30000.00000000",
        "lastPrice":"30000.00000000",
        "volume":"0.10000000",
        "quoteVolume":"3000.00000000",
        "openTime":1699999200000,
        "closeTime":1700085599999,
        "firstId":1,
        "lastId":1,
        "count":1}]
    "#]],
    );
}

#[tokio::test]
async fn candles_of_time_zones() {
    let door = after_a_trade().await;
    let opens = |body: &str| -> Vec<(u64, u64)> {
        let candles: Vec<Vec<serde_json::Value>> = serde_json::from_str(body).expect(body);
        candles.iter().map(|candle| (candle[0].as_u64().unwrap(), candle[6].as_u64().unwrap())).collect()
    };
    for (path, zone, want) in [
        // 2023-11-14
        ("klines", "", (1_699_920_000_000, 1_700_006_399_999)),
        ("klines", "&timeZone=0", (1_699_920_000_000, 1_700_006_399_999)),
        // The 15th has begun at 16:00 UTC.
        ("klines", "&timeZone=8", (1_699_977_600_000, 1_700_063_999_999)),
        ("uiKlines", "&timeZone=8", (1_699_977_600_000, 1_700_063_999_999)),
        ("klines", "&timeZone=%2B08:00", (1_699_977_600_000, 1_700_063_999_999)),
        ("klines", "&timeZone=-12:00", (1_699_963_200_000, 1_700_049_599_999)),
        ("uiKlines", "&timeZone=5:45", (1_699_985_700_000, 1_700_072_099_999)),
    ] {
        let answered = door.get(&format!("/api/v3/{path}?symbol=BTCUSDT&interval=1d{zone}")).await;
        assert_eq!(opens(&answered.body), [want], "{path}{zone}");
    }
    check(
        &door.get("/api/v3/uiKlines?symbol=BTCUSDT&interval=1M&timeZone=14:00").await,
        expect![[r#"
        200
        [[1698746400000,
        "30000.00000000",
        "30000.00000000",
        "30000.00000000",
        "30000.00000000",
        "0.10000000",1701338399999,
        "3000.00000000",1,
        "0.10000000",
        "3000.00000000",
        "0"]]
    "#]],
    );
}

#[tokio::test]
async fn what_this_exchange_has_none_of() {
    let door = Door::busy().await;
    check(
        &door.get("/api/v3/executionRules").await,
        expect![[r#"
        200
        {"symbolRules":[{"symbol":"BTCUSDT",
        "rules":[]},{"symbol":"ETHBTC",
        "rules":[]}]}
    "#]],
    );
    check(
        &door.get("/api/v3/executionRules?symbol=ETHBTC").await,
        expect![[r#"
        200
        {"symbolRules":[{"symbol":"ETHBTC",
        "rules":[]}]}
    "#]],
    );
    for path in ["referencePrice", "referencePrice/calculation"] {
        let answered = door.get(&format!("/api/v3/{path}?symbol=BTCUSDT")).await;
        assert_eq!(answered.refusal(), (400, -2043, "This symbol doesn't have a reference price.".into()));
    }
    for (path, query) in [
        ("/api/v3/myAllocations", "symbol=BTCUSDT"),
        ("/api/v3/myAllocations", "symbol=BTCUSDT&orderId=1&fromAllocationId=1&limit=10"),
        ("/api/v3/myAllocations", "symbol=BTCUSDT&startTime=1&endTime=2"),
    ] {
        let answered = door.signed(Method::GET, path, query).await;
        assert_eq!((answered.status.as_u16(), answered.body.as_str()), (200, "[]"), "{path}?{query}");
    }
    assert_eq!(door.get("/api/v3/historicalBlockTrades?symbol=BTCUSDT&fromId=1").await.body, "[]");
}

#[tokio::test]
async fn commissions_and_filters_of_an_account() {
    let door = Door::busy().await;
    check(
        &door.signed(Method::GET, "/api/v3/account/commission", "symbol=BTCUSDT").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "standardCommission":{"maker":"0.00100000",
        "taker":"0.00200000",
        "buyer":"0.00000000",
        "seller":"0.00000000"},
        "specialCommission":{"maker":"0.00000000",
        "taker":"0.00000000",
        "buyer":"0.00000000",
        "seller":"0.00000000"},
        "taxCommission":{"maker":"0.00000000",
        "taker":"0.00000000",
        "buyer":"0.00000000",
        "seller":"0.00000000"},
        "discount":{"enabledForAccount":false,
        "enabledForSymbol":false,
        "discountAsset":null,
        "discount":"0.00000000"}}
    "#]],
    );
    let order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=20000";
    let path = "/api/v3/order/test";
    assert_eq!(door.signed(Method::POST, path, order).await.body, "{}");
    assert_eq!(door.signed(Method::POST, path, &format!("{order}&computeCommissionRates=false")).await.body, "{}");
    check(
        &door.signed(Method::POST, path, &format!("{order}&computeCommissionRates=true")).await,
        expect![[r#"
        200
        {"standardCommissionForOrder":{"maker":"0.00100000",
        "taker":"0.00200000"},
        "specialCommissionForOrder":{"maker":"0.00000000",
        "taker":"0.00000000"},
        "taxCommissionForOrder":{"maker":"0.00000000",
        "taker":"0.00000000"},
        "discount":{"enabledForAccount":false,
        "enabledForSymbol":false,
        "discountAsset":null,
        "discount":"0.00000000"}}
    "#]],
    );
    check(
        &door.signed(Method::GET, "/api/v3/myFilters", "symbol=ETHBTC").await,
        expect![[r#"
        200
        {"exchangeFilters":[],
        "symbolFilters":[{"filterType":"PRICE_FILTER",
        "minPrice":"0.00001000",
        "maxPrice":"1000.00000000",
        "tickSize":"0.00001000"},{"filterType":"LOT_SIZE",
        "minQty":"0.00100000",
        "maxQty":"100000.00000000",
        "stepSize":"0.00100000"},{"filterType":"MARKET_LOT_SIZE",
        "minQty":"0.00100000",
        "maxQty":"10000.00000000",
        "stepSize":"0.00100000"},{"filterType":"NOTIONAL",
        "minNotional":"0.00010000",
        "applyMinToMarket":true,
        "maxNotional":"9000.00000000",
        "applyMaxToMarket":true,
        "avgPriceMins":0},{"filterType":"MAX_NUM_ORDERS",
        "maxNumOrders":200},{"filterType":"MAX_NUM_ALGO_ORDERS",
        "maxNumAlgoOrders":4294967295},{"filterType":"MAX_POSITION",
        "maxPosition":"500.000000000"}],
        "assetFilters":[]}
    "#]],
    );
    let answered = door.signed(Method::GET, "/api/v3/account", "omitZeroBalances=true").await;
    let balances: Vec<&str> = answered.body.split("\"asset\":\"").skip(1).map(|rest| &rest[..3]).collect();
    assert_eq!(balances, ["BTC", "USD"]);
    assert_eq!(door.commands(), []);
}

#[tokio::test]
async fn an_oco_in_older_words_is_the_same() {
    let door = Door::busy().await;
    let send = async |path: &str, query: &str| {
        let answered = door.signed(Method::POST, path, &format!("symbol=BTCUSDT&{query}")).await;
        // The exchange is busy: the command came so far.
        assert_eq!(answered.refusal().1, -1008, "{}", answered.body);
        door.commands().pop().unwrap()
    };
    for (old, new) in [
        (
            "side=SELL&quantity=0.5&listClientOrderId=l&price=31000&limitClientOrderId=a&stopPrice=29000&stopClientOrderId=b",
            "side=SELL&quantity=0.5&listClientOrderId=l&aboveType=LIMIT_MAKER&abovePrice=31000&aboveClientOrderId=a&\
             belowType=STOP_LOSS&belowStopPrice=29000&belowClientOrderId=b",
        ),
        (
            "side=BUY&quantity=0.5&listClientOrderId=l&price=28000&limitClientOrderId=a&limitIcebergQty=0.1&stopPrice=31000&\
             stopLimitPrice=31100&stopLimitTimeInForce=GTC&stopIcebergQty=0.2&trailingDelta=100&stopClientOrderId=b&\
             selfTradePreventionMode=EXPIRE_BOTH&newOrderRespType=ACK",
            "side=BUY&quantity=0.5&listClientOrderId=l&belowType=LIMIT_MAKER&belowPrice=28000&belowClientOrderId=a&\
             belowIcebergQty=0.1&aboveType=STOP_LOSS_LIMIT&aboveStopPrice=31000&abovePrice=31100&aboveTimeInForce=GTC&\
             aboveIcebergQty=0.2&aboveTrailingDelta=100&aboveClientOrderId=b&selfTradePreventionMode=EXPIRE_BOTH&newOrderRespType=ACK",
        ),
    ] {
        assert_eq!(send("/api/v3/order/oco", old).await, send("/api/v3/orderList/oco", new).await);
    }
    for (query, code, sentence) in [
        (
            "side=SELL&quantity=1&stopPrice=1",
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        (
            "side=SELL&quantity=1&price=3&stopPrice=1&stopLimitPrice=1",
            -1102,
            "Mandatory parameter 'stopLimitTimeInForce' was not sent, was empty/null, or malformed.",
        ),
        (
            "side=SELL&quantity=1&price=3&stopPrice=1&stopLimitTimeInForce=GTC",
            -1106,
            "Parameter 'stopLimitTimeInForce' sent when not required.",
        ),
        (
            "side=SELL&quantity=1&price=3&stopPrice=1&stopIcebergQty=1",
            -1106,
            "Parameter 'stopIcebergQty' sent when not required.",
        ),
        (
            "side=SELL&quantity=1&price=3&stopPrice=1&limitType=LIMIT",
            -1104,
            "Not all sent parameters were read; read '5' parameter(s) but was sent '6'.",
        ),
    ] {
        let answered = door.signed(Method::POST, "/api/v3/order/oco", &format!("symbol=BTCUSDT&{query}")).await;
        assert_eq!(answered.refusal(), (400, code, sentence.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn parameters_that_do_not_go_together_are_refused() {
    let door = Door::busy().await;
    let illegal = |name: &str| format!("Data sent for parameter '{name}' is not valid.");
    let combination = "Combination of optional parameters invalid.".to_owned();
    let many: Vec<String> = (0..101).map(|at| format!("%22M{at}%22")).collect();
    let many = format!("symbols=%5B{}%5D", many.join(","));
    let one_of = "Param 'symbol' or 'symbols' must be sent, but both were empty/null!".to_owned();
    let other_status = "The symbol's status does not match the requested symbolStatus.".to_owned();
    let cases: Vec<(&str, String, i64, String)> = vec![
        ("ticker", String::new(), -1102, one_of.clone()),
        ("ticker/tradingDay", String::new(), -1102, one_of),
        ("ticker", many.clone(), -1130, illegal("symbols")),
        ("ticker/tradingDay", many, -1130, illegal("symbols")),
        ("ticker", "symbol=BTCUSDT&windowSize=8d".into(), -1130, illegal("windowSize")),
        ("ticker", "symbol=BTCUSDT&type=SOME".into(), -1139, "Invalid ticker type.".into()),
        ("ticker", "symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D".into(), -1128, combination.clone()),
        ("ticker/tradingDay", "symbol=BTCUSDT&timeZone=14:01".into(), -1130, illegal("timeZone")),
        ("ticker/24hr", "symbol=BTCUSDT&symbolStatus=HALT".into(), -1220, other_status.clone()),
        ("ticker/price", "symbol=BTCUSDT&symbolStatus=BREAK".into(), -1220, other_status.clone()),
        ("ticker/bookTicker", "symbolStatus=OPEN".into(), -1122, "Invalid symbolStatus.".into()),
        ("depth", "symbol=BTCUSDT&symbolStatus=HALT".into(), -1220, other_status),
        ("klines", "symbol=BTCUSDT&interval=1d&timeZone=east".into(), -1130, illegal("timeZone")),
        ("klines", "symbol=BTCUSDT&interval=2d".into(), -1120, "Invalid interval.".into()),
        ("klines", "symbol=BTCUSDT&interval=1d&startTime=2&endTime=1".into(), -1130, illegal("endTime")),
        ("aggTrades", "symbol=BTCUSDT&fromId=1&startTime=1".into(), -1128, combination.clone()),
        ("executionRules", "symbol=BTCUSDT&symbolStatus=TRADING".into(), -1128, combination.clone()),
        ("exchangeInfo", "symbol=BTCUSDT&permissions=SPOT".into(), -1128, combination.clone()),
        ("exchangeInfo", "symbols=%5B%22BTCUSDT%22%5D&symbolStatus=TRADING".into(), -1128, combination),
        ("exchangeInfo", "permissions=EVERYTHING".into(), -1130, illegal("permissions")),
        ("exchangeInfo", "permissions=%5B".into(), -1135, "JSON sent for parameter 'permissions' is not valid".into()),
        ("exchangeInfo", "symbolStatus=OPEN".into(), -1122, "Invalid symbolStatus.".into()),
    ];
    for (path, query, code, sentence) in cases {
        let answered = door.get(&format!("/api/v3/{path}?{query}")).await;
        assert_eq!(answered.refusal(), (400, code, sentence), "{path}?{query}");
    }
    let allocations = [
        ("orderId=1&startTime=1", -1128),
        ("fromAllocationId=1&endTime=1", -1128),
        ("startTime=1&endTime=90000000", -1127),
        ("limit=0", -1130),
    ];
    for (query, code) in allocations {
        let answered = door.signed(Method::GET, "/api/v3/myAllocations", &format!("symbol=BTCUSDT&{query}")).await;
        assert_eq!(answered.refusal().1, code, "{query}");
    }
}

#[tokio::test]
async fn markets_are_chosen_by_permission_and_status() {
    let door = Door::busy().await;
    let count = async |query: &str| {
        door.get(&format!("/api/v3/exchangeInfo?{query}")).await.body.matches("\"symbol\":").count()
    };
    for (query, markets) in [
        ("", 2),
        ("permissions=SPOT", 2),
        ("permissions=%5B%22MARGIN%22,%22SPOT%22%5D", 2),
        ("permissions=MARGIN", 0),
        ("permissions=%5B%22LEVERAGED%22,%22TRD_GRP_004%22%5D", 0),
        ("symbolStatus=TRADING", 2),
        ("symbolStatus=BREAK", 0),
        ("permissions=SPOT&symbolStatus=TRADING", 2),
    ] {
        assert_eq!(count(query).await, markets, "{query}");
    }
    let body = door.get("/api/v3/exchangeInfo?symbol=BTCUSDT&showPermissionSets=false").await.body;
    assert!(body.contains(r#""permissionSets":[],"#), "{body}");
    let body = door.get("/api/v3/ticker/price?symbolStatus=HALT").await.body;
    assert_eq!(body, "[]");
}
