//! Trading over REST against the whole program: what each kind of order does, and what queries show of it afterwards.

use serde_json::{Value, json};

use crate::harness::{Exchange, Key, balance};

struct Market {
    exchange: Exchange,
    alice: Key,
    bob: Key,
    _data: tempfile::TempDir,
}

impl Market {
    fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let exchange = Exchange::start(data.path());
        let [alice, bob] = <[_; 2]>::try_from(exchange.keys.clone()).unwrap();
        Self { exchange, alice, bob, _data: data }
    }

    fn order(&self, key: &Key, parameters: &str) -> Value {
        self.exchange.call(key, "POST", "/api/v3/order", &format!("symbol=BTCUSDT&{parameters}"))
    }

    fn refused(&self, key: &Key, method: &str, path: &str, parameters: &str) -> (u16, i64, String) {
        let (status, body) = self.exchange.signed(key, method, path, parameters);
        (status, body["code"].as_i64().unwrap(), body["msg"].as_str().unwrap().to_owned())
    }

    fn ids(&self, key: &Key, path: &str, parameters: &str, field: &str) -> Vec<u64> {
        let list = self.exchange.call(key, "GET", path, parameters);
        list.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).collect()
    }
}

fn fields(value: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| value[*name].clone()).collect()
}

const OUTCOME: &[&str] = &["status", "origQty", "executedQty", "cummulativeQuoteQty", "timeInForce", "type"];

#[test]
fn every_kind_of_order_ends_as_it_should() {
    let market = Market::open();
    let (alice, bob) = (&market.alice, &market.bob);
    for (price, quantity) in [("60000", "1"), ("60010", "1"), ("60020", "1")] {
        let placed =
            market.order(alice, &format!("side=SELL&type=LIMIT&timeInForce=GTC&price={price}&quantity={quantity}"));
        assert_eq!(placed["status"], "NEW");
        assert_eq!(placed["fills"], json!([]));
    }
    let taken = market.order(bob, "side=BUY&type=LIMIT&timeInForce=IOC&price=60000&quantity=1.5");
    assert_eq!(
        fields(&taken, OUTCOME),
        json!(["EXPIRED", "1.50000000", "1.00000000", "60000.00000000", "IOC", "LIMIT"])
    );
    let killed = market.order(bob, "side=BUY&type=LIMIT&timeInForce=FOK&price=60020&quantity=2.5");
    assert_eq!(fields(&killed, OUTCOME), json!(["EXPIRED", "2.50000000", "0.00000000", "0.00000000", "FOK", "LIMIT"]));
    let filled = market.order(bob, "side=BUY&type=LIMIT&timeInForce=FOK&price=60020&quantity=1.5");
    assert_eq!(
        fields(&filled, OUTCOME),
        json!(["FILLED", "1.50000000", "1.50000000", "90020.00000000", "FOK", "LIMIT"])
    );
    assert_eq!(filled["fills"].as_array().unwrap().len(), 2);
    let by_quote = market.order(bob, "side=BUY&type=MARKET&quoteOrderQty=6002");
    assert_eq!(
        fields(&by_quote, OUTCOME),
        json!(["FILLED", "0.10000000", "0.10000000", "6002.00000000", "GTC", "MARKET"])
    );
    assert_eq!(by_quote["origQuoteOrderQty"], "6002.00000000");
    let swept = market.order(bob, "side=BUY&type=MARKET&quantity=1");
    assert_eq!(
        fields(&swept, OUTCOME),
        json!(["EXPIRED", "1.00000000", "0.40000000", "24008.00000000", "GTC", "MARKET"])
    );

    let maker = market.order(bob, "side=BUY&type=LIMIT_MAKER&price=50000&quantity=1");
    assert_eq!(maker.as_object().unwrap().len(), 5, "the answer to a LIMIT_MAKER is short: {maker}");
    let take = market.refused(
        alice,
        "POST",
        "/api/v3/order",
        "symbol=BTCUSDT&side=SELL&type=LIMIT_MAKER&price=50000&quantity=1",
    );
    assert_eq!(take, (400, -2010, "Order would immediately match and take.".into()));
    let own = "side=SELL&type=LIMIT&timeInForce=GTC&price=50000&quantity=0.1&selfTradePreventionMode=EXPIRE_TAKER";
    assert_eq!(market.order(bob, own)["status"], "EXPIRED_IN_MATCH");
    let poor = market.refused(
        bob,
        "POST",
        "/api/v3/order",
        "symbol=ETHBTC&side=BUY&type=LIMIT&timeInForce=GTC&price=1&quantity=90000",
    );
    assert_eq!(poor, (400, -2010, "Account has insufficient balance for requested action.".into()));
}

#[test]
fn orders_are_found_cancelled_and_replaced() {
    let market = Market::open();
    let (alice, bob, exchange) = (&market.alice, &market.bob, &market.exchange);
    let place = |name: &str, price: u32| {
        market.order(
            alice,
            &format!("side=SELL&type=LIMIT&timeInForce=GTC&price={price}&quantity=1&newClientOrderId={name}"),
        )
    };
    let first = place("first", 70_000)["orderId"].as_u64().unwrap();
    let again = market.refused(
        alice,
        "POST",
        "/api/v3/order",
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&price=1&quantity=9&newClientOrderId=first",
    );
    assert_eq!(again, (400, -2010, "Duplicate order sent.".into()));
    // Both names must mean one order, and an order of somebody else is none.
    for (key, query) in
        [(alice, "orderId=1000000"), (alice, "origClientOrderId=other"), (bob, "origClientOrderId=first")]
    {
        let query = format!("symbol=BTCUSDT&{query}");
        assert_eq!(market.refused(key, "DELETE", "/api/v3/order", &query), (400, -2011, "Unknown order sent.".into()));
        assert_eq!(market.refused(key, "GET", "/api/v3/order", &query), (400, -2013, "Order does not exist.".into()));
    }
    let wrong = format!("symbol=BTCUSDT&orderId={first}&origClientOrderId=other");
    assert_eq!(market.refused(alice, "DELETE", "/api/v3/order", &wrong).1, -2011);

    market.order(bob, "side=BUY&type=LIMIT&timeInForce=GTC&price=70000&quantity=0.25");
    let both = format!("symbol=BTCUSDT&orderId={first}&origClientOrderId=first&newClientOrderId=stop-it");
    let cancelled = exchange.call(alice, "DELETE", "/api/v3/order", &both);
    assert_eq!(
        fields(&cancelled, &["status", "origClientOrderId", "clientOrderId", "executedQty", "cummulativeQuoteQty"]),
        json!(["CANCELED", "first", "stop-it", "0.25000000", "17500.00000000"])
    );
    // Ended, it is still found, now and by either name.
    for query in [format!("orderId={first}"), "origClientOrderId=first".to_owned()] {
        let found = exchange.call(alice, "GET", "/api/v3/order", &format!("symbol=BTCUSDT&{query}"));
        assert_eq!((&found["status"], &found["clientOrderId"]), (&json!("CANCELED"), &json!("first")));
    }
    // Its name is free again; the open order of that name is meant then.
    let second = place("first", 71_000)["orderId"].as_u64().unwrap();
    let found = exchange.call(alice, "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=first");
    assert_eq!(found["orderId"].as_u64(), Some(second));

    let replace = format!(
        "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&price=72000&quantity=2&newClientOrderId=third\
         &cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId={second}"
    );
    let replaced = exchange.call(alice, "POST", "/api/v3/order/cancelReplace", &replace);
    assert_eq!(replaced["cancelResponse"]["orderId"].as_u64(), Some(second));
    assert_eq!(replaced["newOrderResponse"]["clientOrderId"], "third");
    let (status, failed) = exchange.signed(alice, "POST", "/api/v3/order/cancelReplace", &replace);
    assert_eq!(
        (status, &failed["code"], &failed["data"]["newOrderResult"]),
        (400, &json!(-2022), &json!("NOT_ATTEMPTED"))
    );
    let allow = replace.replace("STOP_ON", "ALLOW").replace("third", "fourth");
    let (status, partly) = exchange.signed(alice, "POST", "/api/v3/order/cancelReplace", &allow);
    assert_eq!((status, &partly["code"], &partly["data"]["newOrderResult"]), (409, &json!(-2021), &json!("SUCCESS")));

    assert_eq!(exchange.call(alice, "GET", "/api/v3/openOrders", "").as_array().unwrap().len(), 2);
    let gone = exchange.call(alice, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT");
    assert_eq!(gone.as_array().unwrap().len(), 2);
    assert_eq!(market.refused(alice, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").1, -2011);
    let account = exchange.call(alice, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC"), ("999.75000000".into(), "0.00000000".into()));
}

#[test]
fn history_comes_in_pages() {
    let market = Market::open();
    let (alice, bob) = (&market.alice, &market.bob);
    for price in [100, 200, 200, 300] {
        market.order(alice, &format!("side=SELL&type=LIMIT&timeInForce=GTC&price={price}&quantity=1"));
    }
    // One taker over three prices: four trades, three aggregates; then one of each.
    market.order(bob, "side=BUY&type=MARKET&quantity=4");
    market.order(alice, "side=SELL&type=LIMIT&timeInForce=GTC&price=300&quantity=1");
    market.order(bob, "side=BUY&type=MARKET&quantity=1");

    let orders = |query: &str| market.ids(alice, "/api/v3/allOrders", &format!("symbol=BTCUSDT{query}"), "orderId");
    let all = orders("");
    assert_eq!(all.len(), 5);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
    assert_eq!(orders("&limit=2"), all[3..]);
    assert_eq!(orders(&format!("&orderId={}&limit=2", all[1])), all[1..3]);
    assert_eq!(orders("&startTime=1&limit=1"), all[..1]);
    assert_eq!(orders("&endTime=1"), Vec::<u64>::new());

    let trades = |query: &str| market.ids(bob, "/api/v3/myTrades", &format!("symbol=BTCUSDT{query}"), "id");
    assert_eq!(trades(""), [1, 2, 3, 4, 5]);
    assert_eq!(trades("&limit=2"), [4, 5]);
    assert_eq!(trades("&fromId=2&limit=2"), [2, 3]);
    let last = market.ids(bob, "/api/v3/allOrders", "symbol=BTCUSDT&limit=1", "orderId")[0];
    assert_eq!(trades(&format!("&orderId={last}")), [5]);

    let aggregates = |query: &str| -> Vec<(u64, u64, String)> {
        let list = market.exchange.get(&format!("/api/v3/aggTrades?symbol=BTCUSDT{query}"));
        let row = |row: &Value| {
            (row["f"].as_u64().unwrap(), row["l"].as_u64().unwrap(), row["q"].as_str().unwrap().to_owned())
        };
        list.as_array().unwrap().iter().map(row).collect()
    };
    let (one, two) = ("1.00000000".to_owned(), "2.00000000".to_owned());
    let whole = [(1, 1, one.clone()), (2, 3, two), (4, 4, one.clone()), (5, 5, one)];
    assert_eq!(aggregates(""), whole);
    assert_eq!(aggregates("&limit=1"), whole[3..]);
    assert_eq!(aggregates("&fromId=2&limit=2"), whole[1..3]);
    // Inside an aggregate, the next one begins.
    assert_eq!(aggregates("&fromId=3"), whole[2..]);
    assert_eq!(aggregates("&startTime=1&limit=2"), whole[..2]);
    assert_eq!(aggregates("&endTime=9999999999999"), whole);

    let public = market.exchange.get("/api/v3/historicalTrades?symbol=BTCUSDT&fromId=4");
    assert_eq!(public.as_array().unwrap().len(), 2);
    let ticker = market.exchange.get("/api/v3/ticker/24hr?symbol=BTCUSDT");
    assert_eq!(
        fields(
            &ticker,
            &["openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume", "count", "firstId", "lastId"]
        ),
        json!(["100.00000000", "300.00000000", "100.00000000", "300.00000000", "5.00000000", "1100.00000000", 5, 1, 5])
    );
    assert_eq!(ticker["priceChangePercent"], "200.000");
    assert_eq!(ticker["weightedAvgPrice"], "220.00000000");
    // What python-binance asks first: the oldest candle that there is.
    let oldest = market.exchange.get("/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=0&limit=1");
    assert_eq!(oldest.as_array().unwrap().len(), 1);
    assert_eq!(oldest[0][1], "100.00000000");
}
