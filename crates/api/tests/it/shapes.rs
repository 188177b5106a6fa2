//! What answers look like, to the letter.

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::{Expect, expect};
use model::{
    Accepted, AccountId, Amount, ClientOrderId, CloseReason, Closed, Command, Event, ListId, MarketId, OrderId, Place,
    Price, Quantity, Reject, Side, Trade, TradeId,
};

use crate::door::{ACCOUNT, Answered, Door, SEQUENCE, resting};

const NEW_ORDER: OrderId = OrderId(8);
const OTHER: AccountId = AccountId(1_001);

pub(crate) fn accepted(place: &Place) -> Event {
    Event::Accepted(Accepted {
        order: NEW_ORDER,
        account: place.account,
        market: place.market,
        side: place.side,
        order_type: place.order_type,
        time_in_force: place.time_in_force,
        self_trade: place.self_trade,
        price: place.price,
        quantity: place.quantity,
        quote_quantity: place.quote_quantity,
        stop_price: place.stop_price,
        trailing_delta: place.trailing_delta,
        iceberg: place.iceberg,
        expire_at: place.expire_at,
        list: ListId(0),
        client_id: place.client_id,
    })
}

pub(crate) fn rested(place: &Place) -> Event {
    Event::Rested {
        order: NEW_ORDER,
        account: place.account,
        market: place.market,
        side: place.side,
        price: place.price,
        remaining: place.quantity,
        visible: place.quantity,
        held: Amount(place.price.0 * place.quantity.0 * 10),
    }
}

/// The account's resting order is cancelled.
fn cancelled(request_id: ClientOrderId) -> Event {
    let order = resting();
    Event::Closed(Closed {
        order: order.order,
        account: order.account,
        market: order.market,
        side: order.side,
        reason: CloseReason::Cancelled,
        price: order.price,
        remaining: order.remaining,
        visible: order.visible,
        released: Amount(50_000_000),
        request_id,
    })
}

/// Another account buys a fifth of the account's resting order.
pub(crate) fn fill(taker: OrderId) -> Event {
    Event::Trade(Trade {
        trade: TradeId(1),
        market: MarketId(1),
        taker_side: Side::Buy,
        auction: false,
        price: Price(3_000_000),
        quantity: Quantity(10_000),
        quote: Amount(300_000_000_000),
        maker_order: OrderId(7),
        taker_order: taker,
        maker_account: ACCOUNT,
        taker_account: OTHER,
        maker_fee: Amount(300_000_000),
        taker_fee: Amount(20_000),
        rounding: [0, 0],
        maker_remaining: Quantity(40_000),
        taker_remaining: Quantity(40_000),
        released: Amount(0),
    })
}

pub(crate) fn events(command: Command) -> Result<Vec<Event>, SubmitError> {
    Ok(match command {
        Command::Place(place) => vec![accepted(&place), rested(&place)],
        Command::Cancel { client_id, .. } => vec![cancelled(client_id)],
        Command::CancelAll { account, .. } => {
            vec![cancelled(ClientOrderId::EMPTY), Event::AllCancelled { account, count: 1 }]
        }
        Command::CancelReplace(replace) => {
            vec![cancelled(replace.cancel_id), accepted(&replace.place), rested(&replace.place)]
        }
        _ => return Err(SubmitError::Busy),
    })
}

/// Compares the body, each field on a line of its own.
#[track_caller]
pub(crate) fn check(answered: &Answered, want: Expect) {
    want.assert_eq(&format!("{}\n{}\n", answered.status.as_u16(), answered.body.replace(",\"", ",\n\"")));
}

pub(crate) const LIMIT: &str =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=20000.1&newClientOrderId=mine";

#[tokio::test]
async fn a_new_order_in_three_lengths() {
    let door = Door::answering(events).await;
    let place = |suffix: &'static str| {
        let door = &door;
        async move { door.signed(Method::POST, "/api/v3/order", &format!("{LIMIT}{suffix}")).await }
    };
    check(
        &place("&newOrderRespType=ACK").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124}
    "#]],
    );
    let door = Door::answering(events).await;
    check(
        &door.signed(Method::POST, "/api/v3/order", &format!("{LIMIT}&newOrderRespType=RESULT")).await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124,
        "price":"20000.10000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"BUY",
        "workingTime":1700000000124,
        "selfTradePreventionMode":"NONE"}
    "#]],
    );
    let door = Door::answering(events).await;
    let answered = door.signed(Method::POST, "/api/v3/order", LIMIT).await;
    assert_eq!(answered.headers["cache-control"], "no-store");
    assert_eq!(answered.headers["content-type"], "application/json;charset=UTF-8");
    check(
        &answered,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124,
        "price":"20000.10000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"BUY",
        "workingTime":1700000000124,
        "fills":[],
        "selfTradePreventionMode":"NONE"}
    "#]],
    );
}

#[tokio::test]
async fn an_order_without_a_name_gets_one_of_22_characters() {
    let door = Door::answering(events).await;
    let unnamed = LIMIT.replace("&newClientOrderId=mine", "");
    assert_eq!(door.signed(Method::POST, "/api/v3/order", &unnamed).await.status, 200);
    let Command::Place(place) = door.commands()[0] else { panic!("an order was placed") };
    assert_eq!(place.client_id.as_str().len(), 22);
    assert_eq!((place.price, place.quantity), (Price(2_000_010), Quantity(50_000)));
}

#[tokio::test]
async fn an_order_that_trades_shows_its_fills() {
    // The taker of the fill is somebody else's order in the events; here it is the caller's own against a stranger.
    let door = Door::answering(|command| {
        let Command::Place(place) = command else { return Err(SubmitError::Busy) };
        let Event::Trade(mut trade) = fill(NEW_ORDER) else { return Err(SubmitError::Busy) };
        (trade.taker_account, trade.maker_account, trade.maker_order) = (ACCOUNT, ACCOUNT, OrderId(7));
        Ok(vec![accepted(&place), Event::Trade(trade), expired(&place)])
    })
    .await;
    let market = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.5&newClientOrderId=mine";
    check(
        &door.signed(Method::POST, "/api/v3/order", market).await,
        expect![[r#"
            200
            {"symbol":"BTCUSDT",
            "orderId":8,
            "orderListId":-1,
            "clientOrderId":"mine",
            "transactTime":1700000000124,
            "price":"0.00000000",
            "origQty":"0.50000000",
            "executedQty":"0.10000000",
            "origQuoteOrderQty":"0.00000000",
            "cummulativeQuoteQty":"3000.00000000",
            "status":"EXPIRED",
            "timeInForce":"GTC",
            "type":"MARKET",
            "side":"BUY",
            "workingTime":1700000000124,
            "fills":[{"price":"30000.00000000",
            "qty":"0.10000000",
            "commission":"0.00020000",
            "commissionAsset":"BTC",
            "tradeId":1}],
            "selfTradePreventionMode":"NONE",
            "expiryReason":"INSUFFICIENT_LIQUIDITY"}
        "#]],
    );
}

pub(crate) fn expired(place: &Place) -> Event {
    Event::Closed(Closed {
        order: NEW_ORDER,
        account: place.account,
        market: place.market,
        side: place.side,
        reason: CloseReason::Expired,
        price: place.price,
        remaining: Quantity(40_000),
        visible: Quantity(0),
        released: Amount(0),
        request_id: ClientOrderId::EMPTY,
    })
}

#[tokio::test]
async fn a_refused_order_tells_why() {
    let reject = |reason| move |_| Ok(vec![Event::Rejected { account: ACCOUNT, reason }]);
    let door = Door::answering(reject(Reject::InsufficientBalance)).await;
    let want = (400, -2010, "Account has insufficient balance for requested action.".to_owned());
    assert_eq!(door.signed(Method::POST, "/api/v3/order", LIMIT).await.refusal(), want);
    let door = Door::answering(reject(Reject::UnknownOrder)).await;
    let want = (400, -2011, "Unknown order sent.".to_owned());
    for (path, query) in [("/api/v3/order", "symbol=BTCUSDT&orderId=99"), ("/api/v3/openOrders", "symbol=ETHBTC")] {
        assert_eq!(door.signed(Method::DELETE, path, query).await.refusal(), want, "{path}");
    }
}

#[tokio::test]
async fn cancels_show_the_order_as_it_ended() {
    let door = Door::answering(events).await;
    let query = "symbol=BTCUSDT&orderId=7&origClientOrderId=resting-1&newClientOrderId=cancel-1";
    check(
        &door.signed(Method::DELETE, "/api/v3/order", query).await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "origClientOrderId":"resting-1",
        "orderId":7,
        "orderListId":-1,
        "clientOrderId":"cancel-1",
        "transactTime":1700000000124,
        "price":"30000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "selfTradePreventionMode":"NONE"}
    "#]],
    );
    let door = Door::answering(events).await;
    check(
        &door.signed(Method::DELETE, "/api/v3/openOrders", "symbol=BTCUSDT").await,
        expect![[r#"
        200
        [{"symbol":"BTCUSDT",
        "origClientOrderId":"resting-1",
        "orderId":7,
        "orderListId":-1,
        "clientOrderId":"cancel-all-101",
        "transactTime":1700000000124,
        "price":"30000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "selfTradePreventionMode":"NONE"}]
    "#]],
    );
    let none = Door::answering(|_| Ok(vec![Event::AllCancelled { account: ACCOUNT, count: 0 }])).await;
    let want = (400, -2011, "Unknown order sent.".to_owned());
    assert_eq!(none.signed(Method::DELETE, "/api/v3/openOrders", "symbol=BTCUSDT").await.refusal(), want);
}

const REPLACE: &str = "&cancelOrderId=7&cancelNewClientOrderId=cancel-1";

#[tokio::test]
async fn cancel_replace_tells_of_both_halves() {
    let send = async |door: Door, mode: &str| {
        let query = format!("{LIMIT}{REPLACE}&newOrderRespType=ACK&cancelReplaceMode={mode}");
        door.signed(Method::POST, "/api/v3/order/cancelReplace", &query).await
    };
    let refused = |reason| Event::Rejected { account: ACCOUNT, reason };
    let not_cancelled = Event::CancelRejected { account: ACCOUNT, reason: Reject::UnknownOrder };

    check(
        &send(Door::answering(events).await, "STOP_ON_FAILURE").await,
        expect![[r#"
        200
        {"cancelResult":"SUCCESS",
        "newOrderResult":"SUCCESS",
        "cancelResponse":{"symbol":"BTCUSDT",
        "origClientOrderId":"resting-1",
        "orderId":7,
        "orderListId":-1,
        "clientOrderId":"cancel-1",
        "transactTime":1700000000124,
        "price":"30000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "selfTradePreventionMode":"NONE"},
        "newOrderResponse":{"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124}}
    "#]],
    );
    let stopped = Door::answering(move |_| Ok(vec![not_cancelled])).await;
    check(
        &send(stopped, "STOP_ON_FAILURE").await,
        expect![[r#"
        400
        {"code":-2022,
        "msg":"Order cancel-replace failed.",
        "data":{"cancelResult":"FAILURE",
        "newOrderResult":"NOT_ATTEMPTED",
        "cancelResponse":{"code":-2011,
        "msg":"Unknown order sent."},
        "newOrderResponse":null}}
    "#]],
    );
    let second = Door::answering(move |command| match command {
        Command::CancelReplace(replace) => Ok(vec![cancelled(replace.cancel_id), refused(Reject::WouldTake)]),
        _ => Err(SubmitError::Busy),
    });
    check(
        &send(second.await, "STOP_ON_FAILURE").await,
        expect![[r#"
        409
        {"code":-2021,
        "msg":"Order cancel-replace partially failed.",
        "data":{"cancelResult":"SUCCESS",
        "newOrderResult":"FAILURE",
        "cancelResponse":{"symbol":"BTCUSDT",
        "origClientOrderId":"resting-1",
        "orderId":7,
        "orderListId":-1,
        "clientOrderId":"cancel-1",
        "transactTime":1700000000124,
        "price":"30000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "selfTradePreventionMode":"NONE"},
        "newOrderResponse":{"code":-2010,
        "msg":"Order would immediately match and take."}}}
    "#]],
    );
    let first = Door::answering(move |command| match command {
        Command::CancelReplace(replace) => Ok(vec![not_cancelled, accepted(&replace.place), rested(&replace.place)]),
        _ => Err(SubmitError::Busy),
    });
    check(
        &send(first.await, "ALLOW_FAILURE").await,
        expect![[r#"
        409
        {"code":-2021,
        "msg":"Order cancel-replace partially failed.",
        "data":{"cancelResult":"FAILURE",
        "newOrderResult":"SUCCESS",
        "cancelResponse":{"code":-2011,
        "msg":"Unknown order sent."},
        "newOrderResponse":{"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124}}}
    "#]],
    );
    let neither = Door::answering(move |_| Ok(vec![not_cancelled, refused(Reject::InsufficientBalance)])).await;
    check(
        &send(neither, "ALLOW_FAILURE").await,
        expect![[r#"
        400
        {"code":-2022,
        "msg":"Order cancel-replace failed.",
        "data":{"cancelResult":"FAILURE",
        "newOrderResult":"FAILURE",
        "cancelResponse":{"code":-2011,
        "msg":"Unknown order sent."},
        "newOrderResponse":{"code":-2010,
        "msg":"Account has insufficient balance for requested action."}}}
    "#]],
    );
}

#[tokio::test]
async fn orders_and_balances() {
    let door = Door::busy().await;
    check(
        &door.signed(Method::GET, "/api/v3/order", "symbol=BTCUSDT&orderId=7").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":7,
        "orderListId":-1,
        "clientOrderId":"resting-1",
        "price":"30000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "stopPrice":"0.00000000",
        "icebergQty":"0.00000000",
        "time":1699999940123,
        "updateTime":1699999940123,
        "isWorking":true,
        "workingTime":1699999940123,
        "origQuoteOrderQty":"0.00000000",
        "selfTradePreventionMode":"NONE"}
    "#]],
    );
    let by_name = door.signed(Method::GET, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=resting-1").await;
    let all = door.signed(Method::GET, "/api/v3/openOrders", "").await;
    let of_market = door.signed(Method::GET, "/api/v3/openOrders", "symbol=BTCUSDT").await;
    assert_eq!(all.body, format!("[{}]", by_name.body));
    assert_eq!(all.body, of_market.body);
    assert_eq!(door.signed(Method::GET, "/api/v3/openOrders", "symbol=ETHBTC").await.body, "[]");
    check(
        &door.signed(Method::GET, "/api/v3/account", "omitZeroBalances=true").await,
        expect![[r#"
        200
        {"makerCommission":10,
        "takerCommission":20,
        "buyerCommission":0,
        "sellerCommission":0,
        "commissionRates":{"maker":"0.00100000",
        "taker":"0.00200000",
        "buyer":"0.00000000",
        "seller":"0.00000000"},
        "canTrade":true,
        "canWithdraw":false,
        "canDeposit":false,
        "brokered":false,
        "requireSelfTradePrevention":false,
        "preventSor":false,
        "updateTime":1700000000123,
        "accountType":"SPOT",
        "balances":[{"asset":"BTC",
        "free":"1.50000000",
        "locked":"0.50000000"},{"asset":"USDT",
        "free":"10000.00000000",
        "locked":"0.00000000"}],
        "permissions":["SPOT"],
        "uid":1000}
    "#]],
    );
    let whole = door.signed(Method::GET, "/api/v3/account", "").await;
    assert!(whole.body.contains(r#"{"asset":"ETH","free":"0.000000000","locked":"0.000000000"}"#), "{}", whole.body);
    for path in ["/api/v3/allOrders", "/api/v3/myTrades"] {
        // Nothing brings SQL forward here: the answer comes all the same, and says how old it is.
        let answered = door.signed(Method::GET, path, "symbol=BTCUSDT").await;
        assert_eq!(answered.body, "[]");
        assert_eq!(answered.headers["x-rialto-lag"], SEQUENCE.0.to_string());
    }
}
