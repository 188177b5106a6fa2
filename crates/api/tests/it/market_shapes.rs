//! What answers about markets look like, to the letter.

use axum::http::Method;
use expect_test::expect;

use crate::door::Door;
use crate::shapes::{check, events};

#[tokio::test]
async fn exchange_info() {
    let door = Door::answering(events).await;
    check(
        &door.get("/api/v3/exchangeInfo?symbol=BTCUSDT").await,
        expect![[r#"
            200
            {"timezone":"UTC",
            "serverTime":1700000000123,
            "rateLimits":[{"rateLimitType":"REQUEST_WEIGHT",
            "interval":"MINUTE",
            "intervalNum":1,
            "limit":6000},{"rateLimitType":"ORDERS",
            "interval":"SECOND",
            "intervalNum":10,
            "limit":100},{"rateLimitType":"ORDERS",
            "interval":"DAY",
            "intervalNum":1,
            "limit":200000}],
            "exchangeFilters":[],
            "symbols":[{"symbol":"BTCUSDT",
            "status":"TRADING",
            "baseAsset":"BTC",
            "baseAssetPrecision":8,
            "quoteAsset":"USDT",
            "quotePrecision":8,
            "quoteAssetPrecision":8,
            "baseCommissionPrecision":8,
            "quoteCommissionPrecision":8,
            "orderTypes":["LIMIT",
            "LIMIT_MAKER",
            "MARKET",
            "STOP_LOSS",
            "STOP_LOSS_LIMIT",
            "TAKE_PROFIT",
            "TAKE_PROFIT_LIMIT"],
            "icebergAllowed":true,
            "ocoAllowed":true,
            "otoAllowed":true,
            "opoAllowed":false,
            "quoteOrderQtyMarketAllowed":true,
            "allowTrailingStop":true,
            "cancelReplaceAllowed":true,
            "amendAllowed":true,
            "pegInstructionsAllowed":false,
            "isSpotTradingAllowed":true,
            "isMarginTradingAllowed":false,
            "filters":[{"filterType":"PRICE_FILTER",
            "minPrice":"0.01000000",
            "maxPrice":"1000000.00000000",
            "tickSize":"0.01000000"},{"filterType":"LOT_SIZE",
            "minQty":"0.00001000",
            "maxQty":"9000.00000000",
            "stepSize":"0.00001000"},{"filterType":"ICEBERG_PARTS",
            "limit":100},{"filterType":"MARKET_LOT_SIZE",
            "minQty":"0.00001000",
            "maxQty":"900.00000000",
            "stepSize":"0.00001000"},{"filterType":"TRAILING_DELTA",
            "minTrailingAboveDelta":10,
            "maxTrailingAboveDelta":2000,
            "minTrailingBelowDelta":10,
            "maxTrailingBelowDelta":2000},{"filterType":"PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp":"5.00000000",
            "bidMultiplierDown":"0.20000000",
            "askMultiplierUp":"5.00000000",
            "askMultiplierDown":"0.20000000",
            "avgPriceMins":0},{"filterType":"NOTIONAL",
            "minNotional":"5.00000000",
            "applyMinToMarket":true,
            "maxNotional":"9000000.00000000",
            "applyMaxToMarket":true,
            "avgPriceMins":0},{"filterType":"MAX_NUM_ORDERS",
            "maxNumOrders":200},{"filterType":"MAX_NUM_ALGO_ORDERS",
            "maxNumAlgoOrders":5}],
            "permissions":[],
            "permissionSets":[["SPOT"]],
            "defaultSelfTradePreventionMode":"NONE",
            "allowedSelfTradePreventionModes":["NONE",
            "EXPIRE_MAKER",
            "EXPIRE_TAKER",
            "EXPIRE_BOTH",
            "DECREMENT"]}]}
        "#]],
    );
}

#[tokio::test]
async fn markets() {
    let door = Door::answering(events).await;
    assert_eq!(door.get("/api/v3/exchangeInfo?symbolStatus=HALT").await.body.matches("\"symbol\"").count(), 0);
    assert_eq!(door.get("/api/v3/exchangeInfo").await.body.matches("\"symbol\":").count(), 2);
    check(
        &door.get("/api/v3/depth?symbol=BTCUSDT").await,
        expect![[r#"
        200
        {"lastUpdateId":100,
        "bids":[],
        "asks":[["30000.00000000",
        "0.50000000"]]}
    "#]],
    );
    check(
        &door.get("/api/v3/ticker/bookTicker").await,
        expect![[r#"
        200
        [{"symbol":"BTCUSDT",
        "bidPrice":"0.00000000",
        "bidQty":"0.00000000",
        "askPrice":"30000.00000000",
        "askQty":"0.50000000"},{"symbol":"ETHBTC",
        "bidPrice":"0.00000000",
        "bidQty":"0.00000000",
        "askPrice":"0.00000000",
        "askQty":"0.00000000"}]
    "#]],
    );
    check(
        &door.get("/api/v3/ticker/24hr?symbol=BTCUSDT").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "priceChange":"0.00000000",
        "priceChangePercent":"0.000",
        "weightedAvgPrice":"0.00000000",
        "prevClosePrice":"0.00000000",
        "lastPrice":"0.00000000",
        "lastQty":"0.00000000",
        "bidPrice":"0.00000000",
        "bidQty":"0.00000000",
        "askPrice":"30000.00000000",
        "askQty":"0.50000000",
        "openPrice":"0.00000000",
        "highPrice":"0.00000000",
        "lowPrice":"0.00000000",
        "volume":"0.00000000",
        "quoteVolume":"0.00000000",
        "openTime":1699913600123,
        "closeTime":1700000000123,
        "firstId":-1,
        "lastId":-1,
        "count":0}
    "#]],
    );
    check(
        &door.get("/api/v3/ticker/24hr?symbols=%5B%22ETHBTC%22%5D&type=MINI").await,
        expect![[r#"
        200
        [{"symbol":"ETHBTC",
        "openPrice":"0.00000000",
        "highPrice":"0.00000000",
        "lowPrice":"0.00000000",
        "lastPrice":"0.00000000",
        "volume":"0.00000000",
        "quoteVolume":"0.00000000",
        "openTime":1699913600123,
        "closeTime":1700000000123,
        "firstId":-1,
        "lastId":-1,
        "count":0}]
    "#]],
    );
    check(
        &door.get("/api/v3/ticker/price").await,
        expect![[r#"
        200
        [{"symbol":"BTCUSDT",
        "price":"0.00000000"},{"symbol":"ETHBTC",
        "price":"0.00000000"}]
    "#]],
    );
    check(
        &door.get("/api/v3/avgPrice?symbol=BTCUSDT").await,
        expect![[r#"
        200
        {"mins":5,
        "price":"0.00000000",
        "closeTime":1700000000123}
    "#]],
    );
    check(
        &door.signed(Method::GET, "/sapi/v1/asset/tradeFee", "").await,
        expect![[r#"
        200
        [{"symbol":"BTCUSDT",
        "makerCommission":"0.00100000",
        "takerCommission":"0.00200000"},{"symbol":"ETHBTC",
        "makerCommission":"0.00000000",
        "takerCommission":"0.00050000"}]
    "#]],
    );
    check(
        &door.get("/api/v3/time").await,
        expect![[r#"
        200
        {"serverTime":1700000000123}
    "#]],
    );
    for (path, want) in [
        ("/api/v3/ping", "{}"),
        ("/api/v3/trades?symbol=BTCUSDT", "[]"),
        ("/api/v3/historicalTrades?symbol=BTCUSDT&fromId=1", "[]"),
        ("/api/v3/aggTrades?symbol=BTCUSDT", "[]"),
        ("/api/v3/aggTrades?symbol=BTCUSDT&fromId=1", "[]"),
        ("/api/v3/aggTrades?symbol=BTCUSDT&startTime=1", "[]"),
        ("/api/v3/aggTrades?symbol=BTCUSDT&endTime=1", "[]"),
        ("/sapi/v1/margin/allPairs", "[]"),
        ("/sapi/v1/margin/isolated/allPairs?timestamp=1&signature=ff", "[]"),
        ("/fapi/v1/exchangeInfo", r#"{"symbols":[]}"#),
        ("/dapi/v1/exchangeInfo", r#"{"symbols":[]}"#),
        ("/healthz", r#"{"status":"ok"}"#),
        ("/readyz", r#"{"ready":true,"components":{}}"#),
    ] {
        let answered = door.get(path).await;
        assert_eq!((answered.status.as_u16(), answered.body.as_str()), (200, want), "{path}");
    }
}
