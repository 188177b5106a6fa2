//! Contingent, iceberg and dated orders, and amendments: what is sent to the exchange, and what answers look like.

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::{Expect, expect};
use model::{
    Accepted, Amended, Amount, ClientOrderId, Command, Event, ListId, MarketId, OrderId, OrderType, Place, Price,
    Quantity, Reject, SelfTrade, Side, Target, TimeInForce, Timestamp, Wait,
};

use crate::door::{ACCOUNT, Answered, Door, resting};

pub(crate) fn accepted(place: &Place, order: u64, list: u64) -> Event {
    Event::Accepted(Accepted {
        order: OrderId(order),
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
        list: ListId(list),
        client_id: place.client_id,
    })
}

pub(crate) fn rested(place: &Place, order: u64) -> Event {
    let Place { account, market, side, price, quantity, .. } = *place;
    let visible = if place.iceberg.is_positive() { place.iceberg } else { quantity };
    Event::Rested { order: OrderId(order), account, market, side, price, remaining: quantity, visible, held: Amount(0) }
}

pub(crate) fn armed(place: &Place, order: u64, wait: Wait) -> Event {
    let Place { account, market, side, .. } = *place;
    Event::Armed { order: OrderId(order), account, market, side, wait, held: Amount(0) }
}

fn events(command: Command) -> Result<Vec<Event>, SubmitError> {
    Ok(match command {
        Command::Place(place) if place.order_type.is_contingent() => {
            vec![accepted(&place, 8, 0), armed(&place, 8, Wait::Stop)]
        }
        Command::Place(place) => vec![accepted(&place, 8, 0), rested(&place, 8)],
        _ => return Err(SubmitError::Busy),
    })
}

/// Compares the body, each field on a line of its own.
#[track_caller]
pub(crate) fn check(answered: &Answered, want: Expect) {
    want.assert_eq(&format!("{}\n{}\n", answered.status.as_u16(), answered.body.replace(",\"", ",\n\"")));
}

pub(crate) async fn post(door: &Door, path: &str, query: &str) -> Answered {
    door.signed(Method::POST, path, &format!("symbol=BTCUSDT&{query}")).await
}

#[tokio::test]
async fn every_type_reaches_the_exchange_as_it_was_meant() {
    let blank = Place { account: ACCOUNT, market: MarketId(1), quantity: Quantity(100_000), ..Place::BLANK };
    let stop = Place { side: Side::Sell, order_type: OrderType::StopLoss, stop_price: Price(9_000), ..blank };
    let until = Timestamp(1_700_000_100_000_000);
    for (query, want) in [
        ("side=SELL&type=STOP_LOSS&quantity=1&stopPrice=90", stop),
        ("side=SELL&type=STOP_LOSS&quantity=1&stopPrice=90&trailingDelta=150", Place { trailing_delta: 150, ..stop }),
        (
            "side=BUY&type=TAKE_PROFIT&quantity=1&trailingDelta=10",
            Place { order_type: OrderType::TakeProfit, trailing_delta: 10, ..blank },
        ),
        (
            "side=SELL&type=STOP_LOSS_LIMIT&quantity=1&stopPrice=90&price=89.5&timeInForce=IOC",
            Place {
                order_type: OrderType::StopLossLimit,
                price: Price(8_950),
                time_in_force: TimeInForce::Ioc,
                ..stop
            },
        ),
        (
            "side=BUY&type=TAKE_PROFIT_LIMIT&quantity=1&stopPrice=90&price=91&timeInForce=GTC&icebergQty=0.25",
            Place {
                order_type: OrderType::TakeProfitLimit,
                stop_price: Price(9_000),
                price: Price(9_100),
                iceberg: Quantity(25_000),
                ..blank
            },
        ),
        (
            "side=BUY&type=LIMIT&quantity=1&price=91&timeInForce=GTD&goodTillDate=1700000100000",
            Place { price: Price(9_100), time_in_force: TimeInForce::Gtd, expire_at: until, ..blank },
        ),
        (
            "side=BUY&type=LIMIT_MAKER&quantity=1&price=91&goodTillDate=1700000100000000&icebergQty=0.00000000",
            Place {
                order_type: OrderType::LimitMaker,
                price: Price(9_100),
                time_in_force: TimeInForce::Gtd,
                expire_at: until,
                ..blank
            },
        ),
        (
            "side=BUY&type=LIMIT&quantity=1&price=91&timeInForce=FOK&selfTradePreventionMode=DECREMENT",
            Place { price: Price(9_100), time_in_force: TimeInForce::Fok, self_trade: SelfTrade::Decrement, ..blank },
        ),
    ] {
        let door = Door::answering(events).await;
        let answered = post(&door, "/api/v3/order", &format!("{query}&newClientOrderId=mine")).await;
        assert_eq!(answered.status, 200, "{query}: {}", answered.body);
        let want = Place { client_id: ClientOrderId::new("mine").unwrap(), ..want };
        assert_eq!(door.commands(), [Command::Place(want)], "{query}");
        let tried = post(&door, "/api/v3/order/test", query).await;
        // A trailing buy without any price needs a last one.
        let unpriced = want.side == Side::Buy && !want.order_type.has_limit() && want.stop_price == Price::ZERO;
        assert_eq!(tried.body == "{}", !unpriced, "{query}: {}", tried.body);
    }
}

#[tokio::test]
async fn an_order_that_waits_says_so() {
    let door = Door::answering(events).await;
    let query = "side=SELL&type=STOP_LOSS_LIMIT&quantity=1&stopPrice=90&price=89&timeInForce=GTD\
                 &goodTillDate=1700000100000&trailingDelta=150&icebergQty=0.5&newClientOrderId=mine";
    check(
        &post(&door, "/api/v3/order", &format!("{query}&newOrderRespType=RESULT")).await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "transactTime":1700000000124,
        "price":"89.00000000",
        "origQty":"1.00000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTD",
        "type":"STOP_LOSS_LIMIT",
        "side":"SELL",
        "workingTime":-1,
        "selfTradePreventionMode":"NONE",
        "stopPrice":"90.00000000",
        "icebergQty":"0.50000000",
        "trailingDelta":150,
        "trailingTime":-1,
        "goodTillDate":1700000100000}
    "#]],
    );
    check(
        &door.signed(Method::GET, "/api/v3/order", "symbol=BTCUSDT&orderId=8").await,
        expect![[r#"
        200
        {"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":-1,
        "clientOrderId":"mine",
        "price":"89.00000000",
        "origQty":"1.00000000",
        "executedQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTD",
        "type":"STOP_LOSS_LIMIT",
        "side":"SELL",
        "stopPrice":"90.00000000",
        "icebergQty":"0.50000000",
        "time":1700000000124,
        "updateTime":1700000000124,
        "isWorking":false,
        "workingTime":-1,
        "origQuoteOrderQty":"0.00000000",
        "selfTradePreventionMode":"NONE",
        "trailingDelta":150,
        "trailingTime":-1,
        "goodTillDate":1700000100000}
    "#]],
    );
}

/// An exchange that makes the resting order smaller.
pub(crate) fn amends(command: Command) -> Result<Vec<Event>, SubmitError> {
    let Command::Amend(amend) = command else { return Err(SubmitError::Busy) };
    let order = resting();
    let less = order.quantity.0 - amend.quantity.0;
    Ok(vec![Event::Amended(Amended {
        order: order.order,
        account: order.account,
        market: order.market,
        side: order.side,
        price: order.price,
        quantity: amend.quantity,
        remaining: amend.quantity,
        visible: Quantity(less),
        released: Amount(less * 1_000),
        client_id: amend.client_id,
    })])
}

#[tokio::test]
async fn an_amendment_shows_the_order_after_it() {
    let door = Door::answering(amends).await;
    let path = "/api/v3/order/amend/keepPriority";
    let query = "symbol=BTCUSDT&orderId=7&newClientOrderId=after&newQty=0.2";
    check(
        &door.signed(Method::PUT, path, query).await,
        expect![[r#"
        200
        {"transactTime":1700000000124,
        "executionId":413696,
        "amendedOrder":{"symbol":"BTCUSDT",
        "orderId":7,
        "orderListId":-1,
        "origClientOrderId":"resting-1",
        "clientOrderId":"after",
        "price":"30000.00000000",
        "qty":"0.20000000",
        "executedQty":"0.00000000",
        "preventedQty":"0.00000000",
        "quoteOrderQty":"0.00000000",
        "cumulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"LIMIT",
        "side":"SELL",
        "workingTime":1699999940123,
        "selfTradePreventionMode":"NONE"}}
    "#]],
    );
    let [Command::Amend(amend)] = door.commands()[..] else { panic!("an order was amended") };
    assert_eq!((amend.target, amend.quantity), (Target::Order(OrderId(7)), Quantity(20_000)));
    // It is known by its new name from now on.
    let named = door.signed(Method::GET, "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=after").await;
    assert!(named.body.contains(r#""origQty":"0.20000000""#), "{}", named.body);
    let refused = |reason| Door::answering(move |_| Ok(vec![Event::Rejected { account: ACCOUNT, reason }]));
    for (reason, sentence) in [
        (Reject::CannotAmend, "Order amend (quantity increase) is not supported."),
        (Reject::UnknownOrder, "Unknown order sent."),
        (Reject::MarketClosed, "Market is closed."),
    ] {
        let answered = refused(reason).await.signed(Method::PUT, path, query).await;
        assert_eq!(answered.refusal(), (400, -2038, sentence.to_owned()));
    }
    for (query, code) in [("newQty=1", -1102), ("orderId=7", -1102), ("orderId=7&newQty=0", -1013)] {
        let answered = door.signed(Method::PUT, path, &format!("symbol=BTCUSDT&{query}")).await;
        assert_eq!(answered.refusal().1, code, "{query}");
    }
}
