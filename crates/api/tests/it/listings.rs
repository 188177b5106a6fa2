//! The feeds of listing sites, the coin list and market hours, to the letter.

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::{Expect, expect};
use model::{Command, Timestamp};

use crate::door::{Door, NOW_US};
use crate::shapes::{LIMIT, accepted, fill};

/// A door after one trade of 0.1 BTC at 30,000 USDT, with the rest of the maker in the book.
async fn traded() -> Door {
    let door = Door::answering(|command| match command {
        Command::Place(place) => Ok(vec![accepted(&place), fill(model::OrderId(8))]),
        _ => Err(SubmitError::Busy),
    })
    .await;
    door.signed(Method::POST, "/api/v3/order", LIMIT).await;
    door
}

async fn check(door: &Door, path: &str, want: Expect) {
    let answered = door.get(path).await;
    let body = answered.body.replace(",\"", ",\n\"").replace("},{", "},\n{");
    want.assert_eq(&format!("{}\n{body}\n", answered.status.as_u16()));
}

#[tokio::test]
async fn coingecko() {
    let door = traded().await;
    check(
        &door,
        "/listings/coingecko/pairs",
        expect![[r#"
        200
        [{"ticker_id":"BTC_USDT",
        "base":"BTC",
        "target":"USDT"},
        {"ticker_id":"ETH_BTC",
        "base":"ETH",
        "target":"BTC"}]
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coingecko/tickers",
        expect![[r#"
        200
        [{"ticker_id":"BTC_USDT",
        "base_currency":"BTC",
        "target_currency":"USDT",
        "last_price":"30000.00000000",
        "base_volume":"0.10000000",
        "target_volume":"3000.00000000",
        "bid":"0.00000000",
        "ask":"30000.00000000",
        "high":"30000.00000000",
        "low":"30000.00000000"},
        {"ticker_id":"ETH_BTC",
        "base_currency":"ETH",
        "target_currency":"BTC",
        "last_price":"0.00000000",
        "base_volume":"0.00000000",
        "target_volume":"0.00000000",
        "bid":"0.00000000",
        "ask":"0.00000000",
        "high":"0.00000000",
        "low":"0.00000000"}]
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coingecko/orderbook?ticker_id=BTC_USDT&depth=100",
        expect![[r#"
        200
        {"ticker_id":"BTC_USDT",
        "timestamp":1700000000123,
        "bids":[],
        "asks":[["30000.00000000",
        "0.40000000"]]}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coingecko/historical_trades?ticker_id=BTC_USDT&limit=0",
        expect![[r#"
        200
        {"buy":[{"trade_id":1,
        "price":"30000.00000000",
        "base_volume":"0.10000000",
        "target_volume":"3000.00000000",
        "trade_timestamp":1700000000124,
        "type":"buy"}],
        "sell":[]}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coingecko/historical_trades?ticker_id=BTC_USDT&type=sell",
        expect![[r#"
        200
        {"sell":[]}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn coinmarketcap() {
    let door = traded().await;
    let coins = coins::parse_file(
        "[[coin]]\nsymbol = \"BTC\"\nname = \"Bitcoin\"\nprecision = 8\ncoinmarketcap_id = 1\n\
         [[coin]]\nsymbol = \"USDT\"\nname = \"Tether\"\nprecision = 6\ncoinmarketcap_id = 825\n",
    );
    door.app.coins.import(&coins.unwrap(), NOW_US).await.unwrap();
    check(
        &door,
        "/listings/coinmarketcap/summary",
        expect![[r#"
        200
        [{"trading_pairs":"BTC_USDT",
        "base_currency":"BTC",
        "quote_currency":"USDT",
        "last_price":30000.00000000,
        "lowest_ask":30000.00000000,
        "highest_bid":0.00000000,
        "base_volume":0.10000000,
        "quote_volume":3000.00000000,
        "price_change_percent_24h":0.000,
        "highest_price_24h":30000.00000000,
        "lowest_price_24h":30000.00000000},
        {"trading_pairs":"ETH_BTC",
        "base_currency":"ETH",
        "quote_currency":"BTC",
        "last_price":0.00000000,
        "lowest_ask":0.00000000,
        "highest_bid":0.00000000,
        "base_volume":0.00000000,
        "quote_volume":0.00000000,
        "price_change_percent_24h":0.000,
        "highest_price_24h":0.00000000,
        "lowest_price_24h":0.00000000}]
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coinmarketcap/assets",
        expect![[r#"
        200
        {"BTC":{"name":"Bitcoin",
        "unified_cryptoasset_id":1,
        "can_withdraw":false,
        "can_deposit":false},
        "ETH":{"name":"ETH",
        "can_withdraw":false,
        "can_deposit":false},
        "USDT":{"name":"Tether",
        "unified_cryptoasset_id":825,
        "can_withdraw":false,
        "can_deposit":false}}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coinmarketcap/ticker",
        expect![[r#"
        200
        {"BTC_USDT":{"base_id":1,
        "quote_id":825,
        "last_price":"30000.00000000",
        "base_volume":"0.10000000",
        "quote_volume":"3000.00000000",
        "isFrozen":"0"},
        "ETH_BTC":{"quote_id":1,
        "last_price":"0.00000000",
        "base_volume":"0.00000000",
        "quote_volume":"0.00000000",
        "isFrozen":"0"}}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coinmarketcap/orderbook/BTC_USDT?depth=5&level=2",
        expect![[r#"
        200
        {"timestamp":1700000000123,
        "bids":[],
        "asks":[["30000.00000000",
        "0.40000000"]]}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coinmarketcap/orderbook/ETH_BTC?level=1",
        expect![[r#"
        200
        {"timestamp":1700000000123,
        "bids":[],
        "asks":[]}
    "#]],
    )
    .await;
    check(
        &door,
        "/listings/coinmarketcap/trades/BTC_USDT",
        expect![[r#"
        200
        [{"trade_id":1,
        "price":"30000.00000000",
        "base_volume":"0.10000000",
        "quote_volume":"3000.00000000",
        "timestamp":1700000000124,
        "type":"buy"}]
    "#]],
    )
    .await;
}

#[tokio::test]
async fn the_coin_list() {
    let door = Door::busy().await;
    let file = "[[coin]]\nsymbol = \"BTC\"\nname = \"Bitcoin\"\ndescription = \"Money.\"\nprecision = 6\n\
                precision_text = \"100 satoshi\"\nicon = \"https://example.org/btc.svg\"\n\
                [coin.links]\nwebsite = \"https://bitcoin.org\"\n";
    door.app.coins.import(&coins::parse_file(file).unwrap(), NOW_US).await.unwrap();
    check(
        &door,
        "/listings/coins",
        expect![[r#"
        200
        [{"symbol":"BTC",
        "name":"Bitcoin",
        "description":"Money.",
        "links":{"website":"https://bitcoin.org"},
        "precision":6,
        "precisionText":"100 satoshi",
        "scale":8,
        "networks":[],
        "icon":"https://example.org/btc.svg"},
        {"symbol":"ETH",
        "name":"ETH",
        "description":"",
        "links":{},
        "precision":9,
        "precisionText":"0.000000001",
        "scale":9,
        "networks":[],
        "icon":null},
        {"symbol":"USDT",
        "name":"USDT",
        "description":"",
        "links":{},
        "precision":8,
        "precisionText":"0.00000001",
        "scale":8,
        "networks":[],
        "icon":null}]
    "#]],
    )
    .await;
}

#[tokio::test]
async fn market_hours() {
    let door = Door::busy().await;
    check(
        &door,
        "/api/v2/public/markettime/BTCUSDT",
        expect![[r#"
        200
        {"market":"BTCUSDT",
        "state":"TRADING",
        "scheduled":null,
        "nextChange":null,
        "nextState":null,
        "schedule":null}
    "#]],
    )
    .await;
    let file = "[[market]]\nsymbol = \"BTCUSDT\"\nzone = \"America/New_York\"\n[[market.session]]\n\
                days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]\nopens = \"09:30\"\ncloses = \"16:00\"\nauction_s = 300\n";
    door.app.schedules.import(&markettime::parse_file(file).unwrap(), Timestamp(NOW_US)).await.unwrap();
    check(
        &door,
        "/api/v2/public/markettime/BTCUSDT",
        expect![[r#"
        200
        {"market":"BTCUSDT",
        "state":"TRADING",
        "scheduled":"HALT",
        "nextChange":1700058300000,
        "nextState":"AUCTION",
        "schedule":{"symbol":"BTCUSDT",
        "zone":"America/New_York",
        "closed":"HALT",
        "session":[{"days":["mon",
        "tue",
        "wed",
        "thu",
        "fri"],
        "opens":"09:30",
        "closes":"16:00",
        "auction_s":300}]}}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_not_there_or_makes_no_sense() {
    let door = Door::busy().await;
    for (path, code) in [
        ("/api/v2/public/markettime/NONE", -1121),
        ("/api/v2/public/markettime/BTCUSDT?market=ETHBTC", -1101),
        ("/listings/coingecko/orderbook", -1102),
        ("/listings/coingecko/orderbook?ticker_id=BTCUSDT", -1121),
        ("/listings/coingecko/orderbook?ticker_id=USDT_BTC", -1121),
        ("/listings/coingecko/orderbook?ticker_id=BTC_USDT&depth=x", -1100),
        ("/listings/coingecko/historical_trades?ticker_id=BTC_USDT&type=swap", -1130),
        ("/listings/coingecko/historical_trades?ticker_id=BTC_USDT&start_time=9&end_time=8", -1130),
        ("/listings/coingecko/pairs?page=1", -1101),
        ("/listings/coinmarketcap/orderbook/BTC-USDT", -1121),
        ("/listings/coinmarketcap/orderbook/BTC_USDT?level=4", -1130),
        ("/listings/coinmarketcap/trades/%FF_USDT", -1020),
    ] {
        assert_eq!(door.get(path).await.refusal().1, code, "{path}");
    }
    assert_eq!(door.get("/listings/coinmarketcap/trades").await.status.as_u16(), 404);
}
