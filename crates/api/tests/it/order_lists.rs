//! Order lists: what is sent to the exchange, and what answers look like.

use api::ports::SubmitError;
use axum::http::Method;
use expect_test::expect;
use model::{
    Amount, ClientOrderId, CloseReason, Closed, Command, Event, ListId, ListKind, ListTarget, MarketId, OrderId,
    OrderType, Place, PlaceList, Quantity, Reject, SelfTrade, Side, TimeInForce, Wait,
};

use crate::door::{ACCOUNT, Door, resting};
use crate::order_types::{accepted, armed, check, post, rested};

pub(crate) fn placed(list: &PlaceList) -> Vec<Event> {
    let mut orders = [OrderId(8), OrderId(9), OrderId(10)];
    if list.orders().len() == 2 {
        orders[2] = OrderId(0);
    }
    let Place { account, market, .. } = list.orders[0];
    let (kind, client_id) = (list.kind, list.client_id);
    let mut events = vec![Event::ListPlaced { list: ListId(3), account, market, kind, orders, client_id }];
    for (place, order) in list.orders().iter().zip(8..) {
        events.push(accepted(place, order, 3));
    }
    for (place, order) in list.orders().iter().zip(8..) {
        let pending = kind != ListKind::Oco && order > 8;
        events.push(match place.order_type {
            _ if pending => armed(place, order, Wait::List),
            OrderType::Limit | OrderType::LimitMaker => rested(place, order),
            _ => armed(place, order, Wait::Stop),
        });
    }
    events
}

fn closed(order: u64, list: &PlaceList, reason: CloseReason, request_id: ClientOrderId) -> Event {
    let place = list.orders[usize::try_from(order - 8).unwrap()];
    let in_book = matches!(place.order_type, OrderType::LimitMaker);
    Event::Closed(Closed {
        order: OrderId(order),
        account: place.account,
        market: place.market,
        side: place.side,
        reason,
        price: place.price,
        remaining: place.quantity,
        visible: if in_book { place.quantity } else { Quantity(0) },
        released: Amount(0),
        request_id,
    })
}

fn events(command: Command) -> Result<Vec<Event>, SubmitError> {
    match command {
        Command::PlaceList(list) => Ok(placed(&list)),
        _ => Err(SubmitError::Busy),
    }
}

const OCO: &str = "side=SELL&quantity=0.5&listClientOrderId=list&aboveType=LIMIT_MAKER&abovePrice=31000\
                   &aboveClientOrderId=above&belowType=STOP_LOSS&belowStopPrice=29000&belowClientOrderId=below";

#[tokio::test]
async fn an_oco_in_full() {
    let door = Door::answering(events).await;
    check(
        &post(&door, "/api/v3/orderList/oco", OCO).await,
        expect![[r#"
        200
        {"orderListId":3,
        "contingencyType":"OCO",
        "listStatusType":"EXEC_STARTED",
        "listOrderStatus":"EXECUTING",
        "listClientOrderId":"list",
        "transactionTime":1700000000124,
        "symbol":"BTCUSDT",
        "orders":[{"symbol":"BTCUSDT",
        "orderId":8,
        "clientOrderId":"below"},{"symbol":"BTCUSDT",
        "orderId":9,
        "clientOrderId":"above"}],
        "orderReports":[{"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":3,
        "clientOrderId":"below",
        "transactTime":1700000000124,
        "price":"0.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"STOP_LOSS",
        "side":"SELL",
        "workingTime":-1,
        "selfTradePreventionMode":"NONE",
        "stopPrice":"29000.00000000"},{"symbol":"BTCUSDT",
        "orderId":9,
        "orderListId":3,
        "clientOrderId":"above",
        "transactTime":1700000000124,
        "price":"31000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"NEW",
        "timeInForce":"GTC",
        "type":"LIMIT_MAKER",
        "side":"SELL",
        "workingTime":1700000000124,
        "selfTradePreventionMode":"NONE"}]}
    "#]],
    );
    let [Command::PlaceList(list)] = &door.commands()[..] else { panic!("one list was placed") };
    assert_eq!((list.kind, list.client_id.as_str(), list.orders().len()), (ListKind::Oco, "list", 2));
    // The stop first, as Binance numbers them; for a buy it is the one above.
    let names = |list: &PlaceList| list.orders().iter().map(|o| o.client_id.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(list), ["below", "above"]);
    let buy = OCO.replace("SELL", "BUY").replace("LIMIT_MAKER&abovePrice", "STOP_LOSS&aboveStopPrice");
    let buy = buy.replace("belowType=STOP_LOSS&belowStopPrice", "belowType=LIMIT_MAKER&belowPrice");
    let door = Door::answering(events).await;
    post(&door, "/api/v3/orderList/oco", &format!("{buy}&newOrderRespType=ACK")).await;
    let [Command::PlaceList(list)] = &door.commands()[..] else { panic!("one list was placed") };
    assert_eq!(names(list), ["above", "below"]);
}

/// An OCO in its old form is the same list, with all that there is to tell.
#[tokio::test]
async fn an_oco_in_its_old_form() {
    let old = "side=SELL&quantity=0.5&listClientOrderId=list&price=31000&limitClientOrderId=above&stopPrice=29000\
               &stopClientOrderId=below";
    let (door, other) = (Door::answering(events).await, Door::answering(events).await);
    let answered = post(&door, "/api/v3/order/oco", &format!("{old}&newOrderRespType=RESULT")).await;
    assert_eq!(answered.body, post(&other, "/api/v3/orderList/oco", OCO).await.body);
    assert_eq!(door.commands(), other.commands());
    let buy = old.replace("SELL", "BUY").replace("31000", "28000");
    let door = Door::answering(events).await;
    let limited = format!("{buy}&stopLimitPrice=29500&stopLimitTimeInForce=GTC&trailingDelta=100");
    assert_eq!(post(&door, "/api/v3/order/oco", &limited).await.status, 200);
    let [Command::PlaceList(list)] = &door.commands()[..] else { panic!("one list was placed") };
    let types = [list.orders[0].order_type, list.orders[1].order_type];
    assert_eq!(types, [OrderType::StopLossLimit, OrderType::LimitMaker]);
    assert_eq!((list.orders[0].trailing_delta, list.orders[0].side), (100, Side::Buy));
    for (query, code, sentence) in [
        (
            old.replace("&price=31000", ""),
            -1102,
            "Mandatory parameter 'price' was not sent, was empty/null, or malformed.",
        ),
        (
            old.replace("&stopPrice=29000", ""),
            -1102,
            "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!",
        ),
        (format!("{old}&stopLimitTimeInForce=GTC"), -1106, "Parameter 'stopLimitTimeInForce' sent when not required."),
        (
            format!("{old}&stopType=X"),
            -1104,
            "Not all sent parameters were read; read '8' parameter(s) but was sent '9'.",
        ),
    ] {
        let answered = post(&Door::busy().await, "/api/v3/order/oco", &query).await;
        assert_eq!(answered.refusal(), (400, code, sentence.to_owned()), "{query}");
    }
}

#[tokio::test]
async fn oto_and_otoco() {
    let working = "workingType=LIMIT&workingSide=BUY&workingQuantity=0.5&workingPrice=20000&workingTimeInForce=GTC\
                   &workingClientOrderId=work&listClientOrderId=list&selfTradePreventionMode=EXPIRE_BOTH";
    let door = Door::answering(events).await;
    let oto = format!(
        "{working}&pendingType=MARKET&pendingSide=SELL&pendingQuantity=0.4&pendingClientOrderId=then&newOrderRespType=ACK"
    );
    check(
        &post(&door, "/api/v3/orderList/oto", &oto).await,
        expect![[r#"
        200
        {"orderListId":3,
        "contingencyType":"OTO",
        "listStatusType":"EXEC_STARTED",
        "listOrderStatus":"EXECUTING",
        "listClientOrderId":"list",
        "transactionTime":1700000000124,
        "symbol":"BTCUSDT",
        "orders":[{"symbol":"BTCUSDT",
        "orderId":8,
        "clientOrderId":"work"},{"symbol":"BTCUSDT",
        "orderId":9,
        "clientOrderId":"then"}],
        "orderReports":[{"symbol":"BTCUSDT",
        "orderId":8,
        "orderListId":3,
        "clientOrderId":"work",
        "transactTime":1700000000124},{"symbol":"BTCUSDT",
        "orderId":9,
        "orderListId":3,
        "clientOrderId":"then",
        "transactTime":1700000000124}]}
    "#]],
    );
    let [Command::PlaceList(list)] = &door.commands()[..] else { panic!("one list was placed") };
    let [first, second, third] = list.orders;
    assert_eq!((list.kind, first.order_type, second.order_type), (ListKind::Oto, OrderType::Limit, OrderType::Market));
    assert_eq!((second.side, second.quantity, second.time_in_force), (Side::Sell, Quantity(40_000), TimeInForce::Ioc));
    assert_eq!(
        (first.self_trade, second.self_trade, third),
        (SelfTrade::ExpireBoth, SelfTrade::ExpireBoth, Place::BLANK)
    );

    let door = Door::answering(events).await;
    let otoco = format!(
        "{working}&pendingSide=SELL&pendingQuantity=0.5&pendingAboveType=TAKE_PROFIT_LIMIT&pendingAbovePrice=30900\
         &pendingAboveStopPrice=31000&pendingAboveTimeInForce=GTC&pendingBelowType=STOP_LOSS&pendingBelowTrailingDelta=100"
    );
    let answered = post(&door, "/api/v3/orderList/otoco", &otoco).await;
    assert!(answered.body.contains(r#""contingencyType":"OTO","listStatusType":"EXEC_STARTED""#), "{}", answered.body);
    assert_eq!(answered.body.matches(r#""status":"PENDING_NEW""#).count(), 2, "{}", answered.body);
    let [Command::PlaceList(list)] = &door.commands()[..] else { panic!("one list was placed") };
    let types = list.orders.map(|order| order.order_type);
    assert_eq!(types, [OrderType::Limit, OrderType::StopLoss, OrderType::TakeProfitLimit]);
    assert_eq!(list.orders[1].trailing_delta, 100);
}

#[tokio::test]
async fn lists_that_make_no_sense_are_refused_before_they_are_sent() {
    let door = Door::busy().await;
    let with = |what: &str, instead: &str| OCO.replace(what, instead);
    let maker_below = "belowType=LIMIT_MAKER&belowPrice";
    for (query, code, sentence) in [
        (with("side=SELL&", ""), -1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed."),
        (
            with("&abovePrice=31000", ""),
            -1102,
            "Mandatory parameter 'abovePrice' was not sent, was empty/null, or malformed.",
        ),
        (
            with("&belowStopPrice=29000", ""),
            -1102,
            "Param 'belowStopPrice' or 'belowTrailingDelta' must be sent, but both were empty/null!",
        ),
        (
            with("aboveType=LIMIT_MAKER", "aboveType=LIMIT&aboveTimeInForce=GTC"),
            -1158,
            "Order type not supported in OCO.",
        ),
        (with("belowType=STOP_LOSS&belowStopPrice", maker_below), -1168, "At least one OCO order must be contingent."),
        (with("SELL", "BUY"), -1165, "A limit order in a buy OCO must be below."),
        (
            with("LIMIT_MAKER&abovePrice", "STOP_LOSS&aboveStopPrice"),
            -1197,
            "A stop loss order in a sell OCO must be below.",
        ),
        (
            with("belowType=STOP_LOSS", "belowType=TAKE_PROFIT"),
            -1199,
            "A take profit order in a sell OCO must be above.",
        ),
        (
            format!("{OCO}&pendingSide=BUY"),
            -1104,
            "Not all sent parameters were read; read '10' parameter(s) but was sent '11'.",
        ),
    ] {
        let answered = post(&door, "/api/v3/orderList/oco", &query).await;
        assert_eq!(answered.refusal(), (400, code, sentence.to_owned()), "{query}");
    }
    let oto =
        "workingType=MARKET&workingSide=BUY&workingQuantity=1&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1";
    assert_eq!(post(&door, "/api/v3/orderList/oto", oto).await.refusal().1, -1116);
    assert_eq!(door.commands(), []);
    let refused =
        Door::answering(|_| Ok(vec![Event::Rejected { account: ACCOUNT, reason: Reject::InvalidList }])).await;
    let want = (400, -2010, "The relationship of the prices for the orders is not correct.".to_owned());
    assert_eq!(post(&refused, "/api/v3/orderList/oco", OCO).await.refusal(), want);
}

/// An exchange that takes a list and cancels it, whatever cancels; somebody's order expires by its time just before.
pub(crate) fn takes_and_cancels() -> impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync {
    let taken = std::sync::Mutex::new(None::<PlaceList>);
    move |command| {
        let mut taken = taken.lock().unwrap();
        if let Command::PlaceList(list) = command {
            *taken = Some(*list);
            return Ok(placed(&list));
        }
        let (order, account) = (resting(), ACCOUNT);
        let late = Event::Closed(Closed {
            order: order.order,
            account: order.account,
            market: order.market,
            side: order.side,
            reason: CloseReason::Deadline,
            price: order.price,
            remaining: order.remaining,
            visible: order.visible,
            released: Amount(0),
            request_id: ClientOrderId::EMPTY,
        });
        let (request_id, count) = match command {
            Command::CancelList { client_id, .. } | Command::Cancel { client_id, .. } => (client_id, None),
            Command::CancelAll { .. } => (ClientOrderId::EMPTY, Some(3)),
            _ => return Err(SubmitError::Busy),
        };
        let list = taken.unwrap();
        let end = |order| closed(order, &list, CloseReason::Cancelled, request_id);
        let mut events = vec![late, end(8), end(9)];
        events.push(Event::ListDone { list: ListId(3), account, market: MarketId(1) });
        events.extend(count.map(|count| Event::AllCancelled { account, count }));
        Ok(events)
    }
}

#[tokio::test]
async fn a_list_is_cancelled_whole() {
    let door = Door::answering(takes_and_cancels()).await;
    post(&door, "/api/v3/orderList/oco", OCO).await;
    let unknown = (400, -2011, "Unknown order sent.".to_owned());
    let both = "symbol=BTCUSDT&orderListId=3&listClientOrderId=other";
    assert_eq!(door.signed(Method::DELETE, "/api/v3/orderList", both).await.refusal(), unknown);
    assert_eq!(door.commands().len(), 1, "two names of different lists are not sent");
    let query = "symbol=BTCUSDT&orderListId=3&listClientOrderId=list&newClientOrderId=cancel-1";
    check(
        &door.signed(Method::DELETE, "/api/v3/orderList", query).await,
        expect![[r#"
        200
        {"orderListId":3,
        "contingencyType":"OCO",
        "listStatusType":"ALL_DONE",
        "listOrderStatus":"ALL_DONE",
        "listClientOrderId":"list",
        "transactionTime":1700000000124,
        "symbol":"BTCUSDT",
        "orders":[{"symbol":"BTCUSDT",
        "orderId":8,
        "clientOrderId":"below"},{"symbol":"BTCUSDT",
        "orderId":9,
        "clientOrderId":"above"}],
        "orderReports":[{"symbol":"BTCUSDT",
        "origClientOrderId":"below",
        "orderId":8,
        "orderListId":3,
        "clientOrderId":"cancel-1",
        "transactTime":1700000000124,
        "price":"0.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"STOP_LOSS",
        "side":"SELL",
        "selfTradePreventionMode":"NONE",
        "stopPrice":"29000.00000000"},{"symbol":"BTCUSDT",
        "origClientOrderId":"above",
        "orderId":9,
        "orderListId":3,
        "clientOrderId":"cancel-1",
        "transactTime":1700000000124,
        "price":"31000.00000000",
        "origQty":"0.50000000",
        "executedQty":"0.00000000",
        "origQuoteOrderQty":"0.00000000",
        "cummulativeQuoteQty":"0.00000000",
        "status":"CANCELED",
        "timeInForce":"GTC",
        "type":"LIMIT_MAKER",
        "side":"SELL",
        "selfTradePreventionMode":"NONE"}]}
    "#]],
    );
    let Some(Command::CancelList { target, client_id, .. }) = door.commands().pop() else {
        panic!("a list is cancelled")
    };
    assert_eq!((target, client_id.as_str()), (ListTarget::List(ListId(3)), "cancel-1"));

    // By one of its orders, and with all orders: the order that only ran out of time is no part of either answer.
    let door = Door::answering(takes_and_cancels()).await;
    post(&door, "/api/v3/orderList/oco", OCO).await;
    let one = door.signed(Method::DELETE, "/api/v3/order", "symbol=BTCUSDT&orderId=8").await;
    assert!(one.body.contains(r#""orderId":8,"orderListId":3"#) && one.body.contains("CANCELED"), "{}", one.body);
    let door = Door::answering(takes_and_cancels()).await;
    post(&door, "/api/v3/orderList/oco", OCO).await;
    let all = door.signed(Method::DELETE, "/api/v3/openOrders", "symbol=BTCUSDT").await;
    assert!(
        all.body.starts_with(r#"[{"orderListId":3,"contingencyType":"OCO","listStatusType":"ALL_DONE""#),
        "{}",
        all.body
    );
    assert_eq!(all.body.matches(r#""status":"CANCELED""#).count(), 2, "{}", all.body);
    assert!(!all.body.contains(r#""orderId":7"#), "{}", all.body);
    let missing = door.signed(Method::DELETE, "/api/v3/orderList", "symbol=BTCUSDT").await.refusal();
    assert_eq!(missing.1, -1102);
}
