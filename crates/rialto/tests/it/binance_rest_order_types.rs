//! Contingent, iceberg and dated orders, lists, amendments and self-trade prevention over REST, against the whole program.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Exchange, Key, balance};

struct Market {
    exchange: Exchange,
    alice: Key,
    bob: Key,
    data: TempDir,
}

fn fields(value: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| value[*name].clone()).collect()
}

impl Market {
    fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let exchange = Exchange::start(data.path());
        let [alice, bob] = <[_; 2]>::try_from(exchange.keys.clone()).unwrap();
        Self { exchange, alice, bob, data }
    }

    /// The same after a power cut.
    fn again(self) -> Self {
        let Self { exchange, alice, bob, data } = self;
        exchange.kill();
        let exchange = Exchange::start(data.path());
        Self { exchange, alice, bob, data }
    }

    fn post(&self, key: &Key, path: &str, parameters: &str) -> Value {
        self.exchange.call(key, "POST", path, &format!("symbol=BTCUSDT&{parameters}"))
    }

    fn limit(&self, key: &Key, side: &str, price: u32, quantity: &str) -> Value {
        let parameters = format!("side={side}&type=LIMIT&timeInForce=GTC&price={price}&quantity={quantity}");
        self.post(key, "/api/v3/order", &parameters)
    }

    /// A trade of 0.01 at this price, between orders that leave nothing.
    fn trade_at(&self, price: u32) {
        self.limit(&self.alice, "SELL", price, "0.01");
        assert_eq!(self.limit(&self.bob, "BUY", price, "0.01")["status"], "FILLED", "at {price}");
    }

    /// An order by the name that the client gave it.
    fn order(&self, key: &Key, name: &str, names: &[&str]) -> Value {
        let query = format!("symbol=BTCUSDT&origClientOrderId={name}");
        fields(&self.exchange.call(key, "GET", "/api/v3/order", &query), names)
    }

    fn list(&self, key: &Key, name: &str) -> Value {
        let found = self.exchange.call(key, "GET", "/api/v3/orderList", &format!("origClientOrderId={name}"));
        fields(&found, &["contingencyType", "listStatusType", "listOrderStatus"])
    }
}

#[test]
fn stops_wait_fire_and_survive_a_power_cut() {
    let mut market = Market::open();
    market.trade_at(60_000);
    market.limit(&market.alice, "BUY", 58_500, "1");
    let stop = "side=SELL&type=STOP_LOSS&quantity=0.5&stopPrice=59000&newClientOrderId=stop";
    market.post(&market.bob, "/api/v3/order", stop);
    let trailing = "side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.25&price=58000&trailingDelta=200\
                    &newClientOrderId=trail";
    market.post(&market.bob, "/api/v3/order", trailing);
    let refused = "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=0.5&stopPrice=60000";
    let (_, body) = market.exchange.signed(&market.bob, "POST", "/api/v3/order", refused);
    assert_eq!(fields(&body, &["code", "msg"]), json!([-2010, "Order would trigger immediately."]));
    let far = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=599.99";
    for path in ["/api/v3/order/test", "/api/v3/order"] {
        let (_, body) = market.exchange.signed(&market.bob, "POST", path, far);
        assert_eq!(fields(&body, &["code", "msg"]), json!([-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"]), "{path}");
    }
    // The trailing order follows from here; a fall of 2 % makes it turn.
    market.trade_at(60_500);

    market = market.again();
    let shown = ["status", "isWorking", "stopPrice", "trailingDelta", "workingTime"];
    assert_eq!(market.order(&market.bob, "stop", &shown), json!(["NEW", false, "59000.00000000", null, -1]));
    assert_eq!(market.order(&market.bob, "trail", &shown), json!(["NEW", false, "0.00000000", 200, -1]));
    let account = market.exchange.call(&market.bob, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC").1, "0.75000000", "both hold what they sell");

    market.trade_at(59_000);
    let shown = ["status", "executedQty", "isWorking"];
    assert_eq!(market.order(&market.bob, "stop", &shown), json!(["FILLED", "0.50000000", true]));
    assert_eq!(market.order(&market.bob, "trail", &shown), json!(["FILLED", "0.25000000", true]));
    let account = market.exchange.call(&market.bob, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC").1, "0.00000000");
}

#[test]
fn lists_live_and_end_together() {
    let mut market = Market::open();
    market.trade_at(60_000);
    let oco = "side=SELL&quantity=0.5&listClientOrderId=pair&aboveType=LIMIT_MAKER&abovePrice=61000&aboveClientOrderId=above\
               &belowType=STOP_LOSS_LIMIT&belowStopPrice=59000&belowPrice=58900&belowTimeInForce=GTC&belowClientOrderId=below";
    let placed = market.post(&market.alice, "/api/v3/orderList/oco", oco);
    assert_eq!(fields(&placed, &["contingencyType", "listStatusType"]), json!(["OCO", "EXEC_STARTED"]));
    let otoco = "listClientOrderId=bracket&workingType=LIMIT&workingTimeInForce=GTC&workingSide=BUY&workingPrice=59900\
                 &workingQuantity=0.25&workingClientOrderId=entry&pendingSide=SELL&pendingQuantity=0.2\
                 &pendingAboveType=TAKE_PROFIT&pendingAboveStopPrice=62000&pendingAboveClientOrderId=profit\
                 &pendingBelowType=STOP_LOSS&pendingBelowStopPrice=58000&pendingBelowClientOrderId=loss";
    market.post(&market.bob, "/api/v3/orderList/otoco", otoco);

    market = market.again();
    let open = market.exchange.call(&market.alice, "GET", "/api/v3/openOrderList", "");
    assert_eq!(open[0]["orders"].as_array().map(Vec::len), Some(2));
    assert_eq!(market.order(&market.bob, "profit", &["status", "isWorking"]), json!(["PENDING_NEW", false]));

    // A part of the limit ends the stop; the limit goes on.
    market.limit(&market.bob, "BUY", 61_000, "0.1");
    assert_eq!(market.order(&market.alice, "above", &["status"]), json!(["PARTIALLY_FILLED"]));
    assert_eq!(market.order(&market.alice, "below", &["status", "expiryReason"]), json!(["EXPIRED", "OCO_TRIGGER"]));
    assert_eq!(market.list(&market.alice, "pair"), json!(["OCO", "EXEC_STARTED", "EXECUTING"]));
    let gone = "symbol=BTCUSDT&listClientOrderId=pair";
    let done = market.exchange.call(&market.alice, "DELETE", "/api/v3/orderList", gone);
    assert_eq!(done["orderReports"].as_array().map(Vec::len), Some(1));
    assert_eq!(market.list(&market.alice, "pair"), json!(["OCO", "ALL_DONE", "ALL_DONE"]));

    // The entry is filled: its pair waits for its triggers from now on, and one ends the other.
    market.limit(&market.alice, "SELL", 59_900, "0.25");
    assert_eq!(market.order(&market.bob, "entry", &["status"]), json!(["FILLED"]));
    assert_eq!(market.order(&market.bob, "profit", &["status", "isWorking"]), json!(["NEW", false]));
    market.limit(&market.alice, "BUY", 57_900, "1");
    market.trade_at(58_000);
    assert_eq!(market.order(&market.bob, "loss", &["status", "executedQty"]), json!(["FILLED", "0.20000000"]));
    assert_eq!(market.order(&market.bob, "profit", &["status"]), json!(["EXPIRED"]));
    assert_eq!(market.list(&market.bob, "bracket"), json!(["OTO", "ALL_DONE", "ALL_DONE"]));
    let all = market.exchange.call(&market.bob, "GET", "/api/v3/allOrderList", "");
    assert_eq!((all.as_array().map(Vec::len), &all[0]["listClientOrderId"]), (Some(1), &json!("bracket")));
    let trades = market.exchange.call(&market.bob, "GET", "/api/v3/myTrades", "symbol=BTCUSDT");
    let listed = trades.as_array().unwrap().iter().filter(|trade| trade["orderListId"] != -1).count();
    assert_eq!(listed, 2, "the entry's and the stop's: {trades}");
}

#[test]
fn icebergs_show_a_part_and_are_amended() {
    let market = Market::open();
    let iceberg = "side=SELL&type=LIMIT&timeInForce=GTC&price=60000&quantity=1&icebergQty=0.3&newClientOrderId=ice";
    market.post(&market.alice, "/api/v3/order", iceberg);
    let asks = || market.exchange.get("/api/v3/depth?symbol=BTCUSDT")["asks"].clone();
    assert_eq!(asks(), json!([["60000.00000000", "0.30000000"]]));
    market.limit(&market.bob, "BUY", 60_000, "0.4");
    assert_eq!(asks(), json!([["60000.00000000", "0.20000000"]]));
    let amend = "symbol=BTCUSDT&origClientOrderId=ice&newClientOrderId=thin&newQty=0.5";
    let amended = market.exchange.call(&market.alice, "PUT", "/api/v3/order/amend/keepPriority", amend);
    assert_eq!(
        fields(&amended["amendedOrder"], &["origClientOrderId", "clientOrderId", "qty", "executedQty", "icebergQty"]),
        json!(["ice", "thin", "0.50000000", "0.40000000", "0.30000000"])
    );
    assert_eq!(asks(), json!([["60000.00000000", "0.10000000"]]));
    let order = amended["amendedOrder"]["orderId"].as_u64().unwrap();
    let query = format!("symbol=BTCUSDT&orderId={order}");
    let history = market.exchange.call(&market.alice, "GET", "/api/v3/order/amendments", &query);
    assert_eq!(
        fields(&history[0], &["origQty", "newQty", "origClientOrderId", "executionId"]),
        json!(["1.00000000", "0.50000000", "ice", amended["executionId"]])
    );
    let later = format!("{query}&fromExecutionId={}", amended["executionId"].as_u64().unwrap() + 1);
    assert_eq!(market.exchange.call(&market.alice, "GET", "/api/v3/order/amendments", &later), json!([]));
    market.limit(&market.bob, "BUY", 60_000, "0.1");
    assert_eq!(market.order(&market.alice, "thin", &["status"]), json!(["FILLED"]));
    assert_eq!(asks(), json!([]));
}

#[test]
fn a_dated_order_ends_when_its_time_has_come() {
    let market = Market::open();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let dated = |until: u128, name: &str| {
        format!("side=BUY&type=LIMIT&timeInForce=GTD&price=100&quantity=1&goodTillDate={until}&newClientOrderId={name}")
    };
    let placed = market.post(&market.bob, "/api/v3/order", &dated(now + 1_500, "short"));
    assert_eq!(
        fields(&placed, &["timeInForce", "goodTillDate", "status"]),
        json!(["GTD", u64::try_from(now).unwrap() + 1_500, "NEW"])
    );
    market.post(&market.bob, "/api/v3/order", &dated(now + 3_600_000, "long"));
    let late = format!("symbol=BTCUSDT&{}", dated(now - 1, "late"));
    let (_, body) = market.exchange.signed(&market.bob, "POST", "/api/v3/order", &late);
    assert_eq!(body["code"], -1130, "{body}");
    // Nobody sends anything meanwhile: the exchange's own clock ends it.
    std::thread::sleep(Duration::from_millis(2_500));
    assert_eq!(
        market.order(&market.bob, "short", &["status", "expiryReason"]),
        json!(["EXPIRED", "GOOD_TILL_DATE_REACHED"])
    );
    assert_eq!(market.order(&market.bob, "long", &["status"]), json!(["NEW"]));
}

#[test]
fn own_orders_do_not_trade_with_each_other() {
    let market = Market::open();
    let sell = "side=SELL&type=LIMIT&timeInForce=GTC&price=60000&quantity=1&newClientOrderId=rests";
    market.post(&market.alice, "/api/v3/order", sell);
    let buy = "side=BUY&type=LIMIT&timeInForce=GTC&price=60000&quantity=0.4&selfTradePreventionMode=DECREMENT\
               &newClientOrderId=comes";
    let met = market.post(&market.alice, "/api/v3/order", buy);
    assert_eq!(
        fields(&met, &["status", "executedQty", "preventedQuantity", "preventedMatchId", "selfTradePreventionMode"]),
        json!(["EXPIRED_IN_MATCH", "0.00000000", "0.40000000", 1, "DECREMENT"])
    );
    assert_eq!(
        market.order(&market.alice, "rests", &["status", "origQty", "preventedQuantity"]),
        json!(["NEW", "1.00000000", "0.40000000"])
    );
    let depth = market.exchange.get("/api/v3/depth?symbol=BTCUSDT");
    assert_eq!(depth["asks"], json!([["60000.00000000", "0.60000000"]]));
    let account = market.exchange.call(&market.alice, "GET", "/api/v3/account", "");
    assert_eq!(balance(&account, "BTC").1, "0.60000000");
    let shown =
        ["takerOrderId", "makerOrderId", "tradeGroupId", "makerPreventedQuantity", "takerPreventedQuantity", "price"];
    let want = json!([met["orderId"], 1, 1_000, "0.40000000", "0.40000000", "60000.00000000"]);
    for query in ["preventedMatchId=1", "orderId=1", "orderId=1&fromPreventedMatchId=1&limit=1"] {
        let query = format!("symbol=BTCUSDT&{query}");
        let found = market.exchange.call(&market.alice, "GET", "/api/v3/myPreventedMatches", &query);
        assert_eq!((fields(&found[0], &shown), found.as_array().map(Vec::len)), (want.clone(), Some(1)), "{query}");
    }
    let others =
        market.exchange.call(&market.bob, "GET", "/api/v3/myPreventedMatches", "symbol=BTCUSDT&preventedMatchId=1");
    assert_eq!(others, json!([]));
}
