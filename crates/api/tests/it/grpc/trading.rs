//! Order entry: what each method asks of the exchange, and what it answers.

use api::grpc::proto;
use api::grpc::proto::trading_client::TradingClient;
use api::ports::SubmitError;
use model::{
    Amended, Amount, CancelReplace, ClientOrderId, CloseReason, Closed, Command, Event, ListKind, ListTarget, MarketId,
    OrderId, OrderType, Place, Price, Quantity, Reject, ReplaceMode, SelfTrade, Side, Target, TimeInForce, Timestamp,
    Wait,
};
use proto::{NewOrder, OrderStatus, PlaceOrderRequest};
use tonic::Code;
use tonic::transport::Channel;
use tonic_types::StatusExt;

use super::port::{Port, refusal, signed};
use crate::door::{ACCOUNT, Door, NOW_US, SEQUENCE, resting};
use crate::order_lists::{placed, takes_and_cancels};
use crate::order_types::{accepted, armed, rested};

/// A door with its port and a client.
struct Desk {
    door: Door,
    port: Port,
    client: TradingClient<Channel>,
}

macro_rules! ask {
    ($desk:expr, $method:ident, $name:literal, $request:expr) => {{
        let request = signed(&$desk.door, concat!("/rialto.v1.Trading/", $name), $request);
        $desk.client.$method(request).await.map(tonic::Response::into_inner)
    }};
}

impl Desk {
    async fn open(answer: impl Fn(Command) -> Result<Vec<Event>, SubmitError> + Send + Sync + 'static) -> Self {
        let door = Door::answering(answer).await;
        let port = Port::open(&door.app);
        let client = TradingClient::new(port.channel().await);
        Self { door, port, client }
    }

    fn only_command(&self) -> Command {
        let commands = self.door.commands();
        assert_eq!(commands.len(), 1, "{commands:?}");
        commands[0].clone()
    }
}

fn limit() -> NewOrder {
    NewOrder {
        side: proto::Side::Buy.into(),
        r#type: proto::OrderType::Limit.into(),
        time_in_force: proto::TimeInForce::Gtc.into(),
        quantity: "0.5".to_owned(),
        price: "20000.1".to_owned(),
        client_order_id: "mine".to_owned(),
        ..NewOrder::default()
    }
}

fn place(order: NewOrder) -> PlaceOrderRequest {
    PlaceOrderRequest { symbol: "BTCUSDT".to_owned(), order: Some(order) }
}

fn takes(command: Command) -> Result<Vec<Event>, SubmitError> {
    let Command::Place(place) = command else { return Err(SubmitError::Busy) };
    let end = if place.order_type.is_contingent() { armed(&place, 8, Wait::Stop) } else { rested(&place, 8) };
    Ok(vec![accepted(&place, 8, 0), end])
}

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

fn refuses(reason: Reject) -> impl Fn(Command) -> Result<Vec<Event>, SubmitError> {
    move |_| Ok(vec![Event::Rejected { account: ACCOUNT, reason }])
}

#[tokio::test]
async fn an_order_is_placed_and_told_in_full() {
    let mut desk = Desk::open(takes).await;
    let placed = ask!(desk, place_order, "PlaceOrder", place(limit())).unwrap();
    let want = proto::Order {
        symbol: "BTCUSDT".to_owned(),
        order_id: 8,
        client_order_id: "mine".to_owned(),
        side: proto::Side::Buy.into(),
        r#type: proto::OrderType::Limit.into(),
        time_in_force: proto::TimeInForce::Gtc.into(),
        status: OrderStatus::New.into(),
        price: "20000.10".to_owned(),
        quantity: "0.50000".to_owned(),
        executed_quantity: "0.00000".to_owned(),
        executed_quote: "0.00000000".to_owned(),
        self_trade: proto::SelfTrade::None.into(),
        placed_us: NOW_US + 1_000,
        updated_us: NOW_US + 1_000,
        working_us: NOW_US + 1_000,
        ..proto::Order::default()
    };
    assert_eq!(placed, proto::PlaceOrderResponse { order: Some(want), fills: vec![], sequence: SEQUENCE.0 + 1 });
    let want = Place {
        account: ACCOUNT,
        market: MarketId(1),
        side: Side::Buy,
        price: Price(2_000_010),
        quantity: Quantity(50_000),
        client_id: ClientOrderId::new("mine").unwrap(),
        ..Place::BLANK
    };
    assert_eq!(desk.only_command(), Command::Place(want));
    desk.port.stop().await;
}

#[tokio::test]
async fn every_field_of_an_order_reaches_the_exchange() {
    let mut desk = Desk::open(takes).await;
    let iceberg = NewOrder {
        time_in_force: proto::TimeInForce::Gtd.into(),
        good_till_us: NOW_US + 5_000_000,
        iceberg_quantity: "0.1".to_owned(),
        self_trade: proto::SelfTrade::ExpireBoth.into(),
        ..limit()
    };
    let trailing = NewOrder {
        side: proto::Side::Sell.into(),
        r#type: proto::OrderType::StopLossLimit.into(),
        stop_price: "29000".to_owned(),
        trailing_delta: 150,
        price: "28000".to_owned(),
        ..limit()
    };
    let by_quote = NewOrder {
        r#type: proto::OrderType::Market.into(),
        time_in_force: 0,
        quantity: String::new(),
        price: String::new(),
        quote_quantity: "100.25".to_owned(),
        ..limit()
    };
    for order in [iceberg, trailing, by_quote] {
        ask!(desk, place_order, "PlaceOrder", place(order)).unwrap();
    }
    let base = Place {
        account: ACCOUNT,
        market: MarketId(1),
        price: Price(2_000_010),
        quantity: Quantity(50_000),
        client_id: ClientOrderId::new("mine").unwrap(),
        ..Place::BLANK
    };
    let want = [
        Place {
            time_in_force: TimeInForce::Gtd,
            expire_at: Timestamp(NOW_US + 5_000_000),
            iceberg: Quantity(10_000),
            self_trade: SelfTrade::ExpireBoth,
            ..base
        },
        Place {
            side: Side::Sell,
            order_type: OrderType::StopLossLimit,
            stop_price: Price(2_900_000),
            trailing_delta: 150,
            price: Price(2_800_000),
            ..base
        },
        Place {
            order_type: OrderType::Market,
            time_in_force: TimeInForce::Ioc,
            price: Price(0),
            quantity: Quantity(0),
            quote_quantity: Amount(10_025_000_000),
            ..base
        },
    ];
    assert_eq!(desk.door.commands(), want.map(Command::Place));
    desk.port.stop().await;
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused_before_they_are_sent() {
    let mut desk = Desk::open(takes).await;
    let cases = [
        (PlaceOrderRequest::default(), "MANDATORY"),
        (PlaceOrderRequest { symbol: "BTCUSDT".to_owned(), order: None }, "MANDATORY"),
        (PlaceOrderRequest { symbol: "NONE".to_owned(), order: Some(limit()) }, "INVALID_SYMBOL"),
        (place(NewOrder { side: 0, ..limit() }), "MANDATORY"),
        (place(NewOrder { side: 7, ..limit() }), "INVALID_SIDE"),
        (place(NewOrder { r#type: 99, ..limit() }), "INVALID_ORDER_TYPE"),
        (place(NewOrder { time_in_force: 0, ..limit() }), "MANDATORY"),
        (place(NewOrder { time_in_force: -1, ..limit() }), "INVALID_TIME_IN_FORCE"),
        (place(NewOrder { self_trade: 77, ..limit() }), "INVALID_DATA"),
        (place(NewOrder { price: String::new(), ..limit() }), "MANDATORY"),
        (place(NewOrder { price: "1e5".to_owned(), ..limit() }), "ILLEGAL_CHARACTERS"),
        (place(NewOrder { price: "-1".to_owned(), ..limit() }), "ILLEGAL_CHARACTERS"),
        (place(NewOrder { price: "0".to_owned(), ..limit() }), "ZERO"),
        (place(NewOrder { price: "1.001".to_owned(), ..limit() }), "PRICE_FILTER"),
        (place(NewOrder { price: "1.000000001".to_owned(), ..limit() }), "TOO_PRECISE"),
        (place(NewOrder { quantity: "99999999999999999999".to_owned(), ..limit() }), "LOT_SIZE"),
        (place(NewOrder { quote_quantity: "1".to_owned(), ..limit() }), "NOT_REQUIRED"),
        (place(NewOrder { iceberg_quantity: "1".to_owned(), ..limit() }), "ICEBERG_TOO_LARGE"),
        (place(NewOrder { trailing_delta: 70_000, ..limit() }), "NOT_REQUIRED"),
        // Milliseconds where microseconds are wanted.
        (place(NewOrder { good_till_us: NOW_US / 1_000, ..limit() }), "INVALID_DATA"),
        (place(NewOrder { client_order_id: "a b".to_owned(), ..limit() }), "ILLEGAL_CHARACTERS"),
    ];
    for (request, want) in cases {
        let status = ask!(desk, place_order, "PlaceOrder", request.clone()).unwrap_err();
        assert_eq!(refusal(&status).1, want, "{request:?}: {status}");
        assert!(matches!(status.code(), Code::InvalidArgument | Code::NotFound), "{status}");
    }
    assert_eq!(desk.door.commands(), []);
    desk.port.stop().await;
}

#[tokio::test]
async fn what_the_engine_refuses_has_a_code_a_reason_and_a_sentence() {
    for (reject, code, reason, sentence) in [
        (
            Reject::InsufficientBalance,
            Code::FailedPrecondition,
            "INSUFFICIENT_BALANCE",
            "Account has insufficient balance for requested action.",
        ),
        (Reject::DuplicateClientId, Code::AlreadyExists, "DUPLICATE_CLIENT_ID", "Duplicate order sent."),
        (Reject::PriceFilter, Code::InvalidArgument, "PRICE_FILTER", "Filter failure: PRICE_FILTER"),
    ] {
        let mut desk = Desk::open(refuses(reject)).await;
        let status = ask!(desk, place_order, "PlaceOrder", place(limit())).unwrap_err();
        assert_eq!(refusal(&status), (code, reason.to_owned(), sentence.to_owned()));
        assert_eq!(status.get_details_error_info().unwrap().reason, reason);
        desk.port.stop().await;
    }
    for (error, code, reason) in
        [(SubmitError::Busy, Code::Unavailable, "BUSY"), (SubmitError::Stopped, Code::Unknown, "STOPPED")]
    {
        let mut desk = Desk::open(move |_| Err(error)).await;
        let status = ask!(desk, place_order, "PlaceOrder", place(limit())).unwrap_err();
        assert_eq!((status.code(), refusal(&status).1.as_str()), (code, reason));
        desk.port.stop().await;
    }
}

fn in_list(side: proto::Side, order_type: proto::OrderType, price: &str, stop: &str, name: &str) -> NewOrder {
    NewOrder {
        side: side.into(),
        r#type: order_type.into(),
        quantity: "0.5".to_owned(),
        price: price.to_owned(),
        stop_price: stop.to_owned(),
        client_order_id: name.to_owned(),
        ..NewOrder::default()
    }
}

fn oco() -> proto::OneCancelsOther {
    proto::OneCancelsOther {
        above: Some(in_list(proto::Side::Sell, proto::OrderType::LimitMaker, "31000", "", "above")),
        below: Some(in_list(proto::Side::Sell, proto::OrderType::StopLoss, "", "29000", "below")),
    }
}

fn list_request(orders: proto::place_order_list_request::Orders) -> proto::PlaceOrderListRequest {
    proto::PlaceOrderListRequest {
        symbol: "BTCUSDT".to_owned(),
        client_list_id: "list".to_owned(),
        orders: Some(orders),
    }
}

#[tokio::test]
async fn lists_of_every_kind() {
    use proto::place_order_list_request::Orders;
    let working = || Some(NewOrder { client_order_id: "working".to_owned(), ..limit() });
    let pending = in_list(proto::Side::Sell, proto::OrderType::LimitMaker, "31000", "", "pending");
    let cases = [
        (Orders::Oco(oco()), ListKind::Oco, vec!["below", "above"]),
        (
            Orders::Oto(proto::OneTriggersOther { working: working(), pending: Some(pending) }),
            ListKind::Oto,
            vec!["working", "pending"],
        ),
        (
            Orders::Otoco(proto::OneTriggersPair { working: working(), pending: Some(oco()) }),
            ListKind::Otoco,
            vec!["working", "below", "above"],
        ),
    ];
    for (orders, kind, names) in cases {
        let mut desk = Desk::open(|command| match command {
            Command::PlaceList(list) => Ok(placed(&list)),
            _ => Err(SubmitError::Busy),
        })
        .await;
        let answered = ask!(desk, place_order_list, "PlaceOrderList", list_request(orders)).unwrap();
        let Command::PlaceList(list) = desk.only_command() else { panic!("a list was placed") };
        assert_eq!((list.kind, list.client_id.as_str()), (kind, "list"));
        let sent: Vec<&str> = list.orders().iter().map(|place| place.client_id.as_str()).collect();
        assert_eq!(sent, names);
        let told = answered.list.unwrap();
        assert_eq!((told.order_list_id, told.client_list_id.as_str(), told.is_done), (3, "list", false));
        let members: Vec<&str> = told.members.iter().map(|member| member.client_order_id.as_str()).collect();
        assert_eq!(members, names);
        let orders: Vec<&str> = answered.orders.iter().map(|order| order.client_order_id.as_str()).collect();
        assert_eq!(orders, names);
        assert!(answered.orders.iter().all(|order| order.order_list_id == 3));
        desk.port.stop().await;
    }
}

#[tokio::test]
async fn lists_that_make_no_sense_are_refused() {
    use proto::place_order_list_request::Orders;
    let mut desk = Desk::open(|_| Err(SubmitError::Busy)).await;
    let two_limits = proto::OneCancelsOther { below: oco().above, ..oco() };
    let swapped = proto::OneCancelsOther { above: oco().below, below: oco().above };
    let by_quote = proto::OneTriggersOther {
        working: Some(limit()),
        pending: Some(NewOrder { quote_quantity: "5".to_owned(), ..limit() }),
    };
    let market_first = proto::OneTriggersOther {
        working: Some(NewOrder {
            r#type: proto::OrderType::Market.into(),
            time_in_force: 0,
            price: String::new(),
            ..limit()
        }),
        pending: Some(limit()),
    };
    for (orders, want) in [
        (None, "MANDATORY"),
        (Some(Orders::Oco(proto::OneCancelsOther::default())), "MANDATORY"),
        (Some(Orders::Oco(two_limits)), "NONE_CONTINGENT"),
        (Some(Orders::Oco(swapped)), "SELL_STOP_BELOW"),
        (Some(Orders::Oto(by_quote)), "NOT_REQUIRED"),
        (Some(Orders::Oto(market_first)), "INVALID_ORDER_TYPE"),
        (Some(Orders::Otoco(proto::OneTriggersPair { working: Some(limit()), pending: None })), "MANDATORY"),
    ] {
        let request = proto::PlaceOrderListRequest {
            symbol: "BTCUSDT".to_owned(),
            client_list_id: String::new(),
            orders: orders.clone(),
        };
        let status = ask!(desk, place_order_list, "PlaceOrderList", request).unwrap_err();
        assert_eq!(refusal(&status).1, want, "{orders:?}: {status}");
    }
    assert_eq!(desk.door.commands(), []);
    desk.port.stop().await;
}

#[tokio::test]
async fn cancels_tell_how_orders_ended() {
    let mut desk = Desk::open(|command| match command {
        Command::Cancel { client_id, .. } => Ok(vec![cancelled(client_id)]),
        _ => Err(SubmitError::Busy),
    })
    .await;
    let request = proto::CancelOrderRequest {
        symbol: "BTCUSDT".to_owned(),
        order_id: 7,
        client_order_id: "resting-1".to_owned(),
        cancel_id: "stop-it".to_owned(),
    };
    let answered = ask!(desk, cancel_order, "CancelOrder", request).unwrap();
    let order = answered.order.unwrap();
    assert_eq!((order.order_id, order.status()), (7, OrderStatus::Canceled));
    assert_eq!(answered.sequence, SEQUENCE.0 + 1);
    let (resting_id, cancel_id) = (ClientOrderId::new("resting-1").unwrap(), ClientOrderId::new("stop-it").unwrap());
    let target = Target::Both(OrderId(7), resting_id);
    let want = Command::Cancel { account: ACCOUNT, market: MarketId(1), target, client_id: cancel_id };
    assert_eq!(desk.only_command(), want);
    desk.port.stop().await;

    let mut desk = Desk::open(refuses(Reject::UnknownOrder)).await;
    let request = |order_id| proto::CancelOrderRequest { symbol: "BTCUSDT".to_owned(), order_id, ..Default::default() };
    let status = ask!(desk, cancel_order, "CancelOrder", request(9)).unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::NotFound, "UNKNOWN_ORDER"));
    let status = ask!(desk, cancel_order, "CancelOrder", request(0)).unwrap_err();
    assert_eq!(refusal(&status).1, "MANDATORY_ONE_OF");
    desk.port.stop().await;
}

#[tokio::test]
async fn a_list_and_all_orders_are_cancelled_whole() {
    use proto::place_order_list_request::Orders;
    let mut desk = Desk::open(takes_and_cancels()).await;
    ask!(desk, place_order_list, "PlaceOrderList", list_request(Orders::Oco(oco()))).unwrap();
    let by = |order_list_id, client_list_id: &str| proto::CancelOrderListRequest {
        symbol: "BTCUSDT".to_owned(),
        order_list_id,
        client_list_id: client_list_id.to_owned(),
        cancel_id: "end".to_owned(),
    };
    for (request, want) in [(by(0, ""), "MANDATORY_ONE_OF"), (by(3, "list"), "INVALID_COMBINATION")] {
        let status = ask!(desk, cancel_order_list, "CancelOrderList", request).unwrap_err();
        assert_eq!(refusal(&status).1, want);
    }
    let answered = ask!(desk, cancel_order_list, "CancelOrderList", by(0, "list")).unwrap();
    assert!(answered.list.unwrap().is_done);
    let ended: Vec<_> = answered.orders.iter().map(|order| (order.order_id, order.status())).collect();
    assert_eq!(ended, [(8, OrderStatus::Canceled), (9, OrderStatus::Canceled)]);
    let Some(Command::CancelList { target, client_id, .. }) = desk.door.commands().pop() else { panic!("a cancel") };
    assert_eq!(target, ListTarget::Client(ClientOrderId::new("list").unwrap()));
    assert_eq!(client_id.as_str(), "end");
    desk.port.stop().await;

    let mut desk =
        Desk::open(|_| Ok(vec![cancelled(ClientOrderId::EMPTY), Event::AllCancelled { account: ACCOUNT, count: 1 }]))
            .await;
    let answered = ask!(desk, cancel_all, "CancelAll", proto::CancelAllRequest::default()).unwrap();
    let ended: Vec<_> = answered.orders.iter().map(|order| (order.symbol.as_str(), order.order_id)).collect();
    assert_eq!(ended, [("BTCUSDT", 7)]);
    assert_eq!(desk.only_command(), Command::CancelAll { account: ACCOUNT, market: None });
    desk.port.stop().await;

    // With none open there is nothing to tell.
    let mut desk = Desk::open(|_| Ok(vec![Event::AllCancelled { account: ACCOUNT, count: 0 }])).await;
    let request = proto::CancelAllRequest { symbol: "ETHBTC".to_owned() };
    assert_eq!(ask!(desk, cancel_all, "CancelAll", request).unwrap().orders, []);
    assert_eq!(desk.only_command(), Command::CancelAll { account: ACCOUNT, market: Some(MarketId(2)) });
    desk.port.stop().await;
}

#[tokio::test]
async fn cancel_replace_tells_of_both_halves() {
    use proto::cancel_replace_response::{Cancel, Place as Placing};
    let request = |mode: proto::ReplaceMode| proto::CancelReplaceRequest {
        symbol: "BTCUSDT".to_owned(),
        mode: mode.into(),
        cancel_order_id: 7,
        cancel_id: "first".to_owned(),
        order: Some(limit()),
        ..Default::default()
    };
    let mut desk = Desk::open(|command| {
        let Command::CancelReplace(CancelReplace { cancel_id, place, .. }) = command else { panic!("{command:?}") };
        Ok(vec![cancelled(cancel_id), accepted(&place, 8, 0), rested(&place, 8)])
    })
    .await;
    let answered = ask!(desk, cancel_replace, "CancelReplace", request(proto::ReplaceMode::Unspecified)).unwrap();
    assert!(matches!(answered.cancel, Some(Cancel::Cancelled(ref order)) if order.order_id == 7));
    assert!(matches!(answered.place, Some(Placing::Placed(ref order)) if order.order_id == 8));
    let Command::CancelReplace(sent) = desk.only_command() else { panic!("one command") };
    assert_eq!(
        (sent.mode, sent.target, sent.cancel_id.as_str()),
        (ReplaceMode::StopOnFailure, Target::Order(OrderId(7)), "first")
    );
    desk.port.stop().await;

    let both_refused = |_| {
        Ok(vec![
            Event::CancelRejected { account: ACCOUNT, reason: Reject::UnknownOrder },
            Event::Rejected { account: ACCOUNT, reason: Reject::InsufficientBalance },
        ])
    };
    let mut desk = Desk::open(both_refused).await;
    let answered = ask!(desk, cancel_replace, "CancelReplace", request(proto::ReplaceMode::AllowFailure)).unwrap();
    assert!(matches!(answered.cancel, Some(Cancel::CancelRefused(ref refusal)) if refusal.code == "UNKNOWN_ORDER"));
    assert!(
        matches!(answered.place, Some(Placing::PlaceRefused(ref refusal)) if refusal.code == "INSUFFICIENT_BALANCE")
    );
    desk.port.stop().await;

    let mut desk = Desk::open(refuses(Reject::UnknownOrder)).await;
    let answered = ask!(desk, cancel_replace, "CancelReplace", request(proto::ReplaceMode::StopOnFailure)).unwrap();
    assert!(matches!(answered.cancel, Some(Cancel::CancelRefused(_))));
    assert_eq!(answered.place, None);
    desk.port.stop().await;
}

#[tokio::test]
async fn an_order_is_amended_and_modified() {
    let mut desk = Desk::open(|command| {
        let order = resting();
        Ok(match command {
            Command::Amend(amend) => {
                let less = order.quantity.0 - amend.quantity.0;
                vec![Event::Amended(Amended {
                    order: order.order,
                    account: order.account,
                    market: order.market,
                    side: order.side,
                    price: order.price,
                    quantity: amend.quantity,
                    remaining: amend.quantity,
                    visible: Quantity(less),
                    released: Amount(less * 1_000),
                    client_id: if amend.client_id.is_empty() { order.client_id } else { amend.client_id },
                })]
            }
            Command::Modify { account, market, order: named, price, quantity } => vec![
                Event::Modified {
                    order: named,
                    account,
                    market,
                    side: order.side,
                    old_price: order.price,
                    old_remaining: Quantity(20_000),
                    old_visible: Quantity(20_000),
                    price,
                    quantity,
                    released: Amount(20_000_000),
                },
                Event::Rested {
                    order: named,
                    account,
                    market,
                    side: order.side,
                    price,
                    remaining: quantity,
                    visible: quantity,
                    held: Amount(quantity.0 * 1_000),
                },
            ],
            _ => return Err(SubmitError::Busy),
        })
    })
    .await;
    let request = proto::AmendOrderRequest {
        symbol: "BTCUSDT".to_owned(),
        order_id: 7,
        quantity: "0.2".to_owned(),
        ..Default::default()
    };
    let order = ask!(desk, amend_order, "AmendOrder", request).unwrap().order.unwrap();
    assert_eq!((order.quantity.as_str(), order.client_order_id.as_str()), ("0.20000", "resting-1"));
    let request = proto::ModifyOrderRequest {
        symbol: "BTCUSDT".to_owned(),
        order_id: 7,
        price: "31000.5".to_owned(),
        quantity: "0.3".to_owned(),
    };
    let order = ask!(desk, modify_order, "ModifyOrder", request).unwrap().order.unwrap();
    assert_eq!((order.price.as_str(), order.quantity.as_str()), ("31000.50", "0.30000"));
    let commands = desk.door.commands();
    assert!(
        matches!(commands[0], Command::Amend(amend) if amend.target == Target::Order(OrderId(7)) && amend.client_id.is_empty())
    );
    assert!(matches!(
        commands[1],
        Command::Modify { order: OrderId(7), price: Price(3_100_050), quantity: Quantity(30_000), .. }
    ));
    let status = ask!(
        desk,
        modify_order,
        "ModifyOrder",
        proto::ModifyOrderRequest { symbol: "BTCUSDT".to_owned(), ..Default::default() }
    );
    assert_eq!(refusal(&status.unwrap_err()).1, "MANDATORY");
    desk.port.stop().await;

    let mut desk = Desk::open(refuses(Reject::CannotModify)).await;
    let request = proto::ModifyOrderRequest {
        symbol: "BTCUSDT".to_owned(),
        order_id: 7,
        price: "1".to_owned(),
        quantity: "1".to_owned(),
    };
    let status = ask!(desk, modify_order, "ModifyOrder", request).unwrap_err();
    assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::FailedPrecondition, "CANNOT_MODIFY"));
    desk.port.stop().await;
}

#[tokio::test]
async fn a_countdown_is_set_and_ended() {
    let mut desk = Desk::open(|command| {
        let Command::SetCountdown { account, market, timeout_us } = command else { return Err(SubmitError::Busy) };
        let deadline = if timeout_us == 0 { Timestamp::NEVER } else { Timestamp(NOW_US + timeout_us) };
        Ok(vec![Event::CountdownSet { account, market, deadline }])
    })
    .await;
    let set = |symbol: &str, timeout_ms| proto::SetCountdownRequest { symbol: symbol.to_owned(), timeout_ms };
    let answered = ask!(desk, set_countdown, "SetCountdown", set("BTCUSDT", 5_000)).unwrap();
    assert_eq!(answered.deadline_us, NOW_US + 5_000_000);
    assert_eq!(ask!(desk, set_countdown, "SetCountdown", set("", 0)).unwrap().deadline_us, 0);
    for timeout_ms in [86_400_001, u64::MAX] {
        let status = ask!(desk, set_countdown, "SetCountdown", set("", timeout_ms)).unwrap_err();
        assert_eq!(refusal(&status).1, "INVALID_DATA");
    }
    let want = [(Some(MarketId(1)), 5_000_000), (None, 0)].map(|(market, timeout_us)| Command::SetCountdown {
        account: ACCOUNT,
        market,
        timeout_us,
    });
    assert_eq!(desk.door.commands(), want);
    desk.port.stop().await;
}

#[tokio::test]
async fn orders_are_found_and_listed() {
    let mut desk = Desk::open(|_| Err(SubmitError::Busy)).await;
    let by = |order_id, name: &str, symbol: &str| proto::GetOrderRequest {
        symbol: symbol.to_owned(),
        order_id,
        client_order_id: name.to_owned(),
    };
    for request in [by(7, "", "BTCUSDT"), by(0, "resting-1", "BTCUSDT"), by(7, "resting-1", "BTCUSDT")] {
        let order = ask!(desk, get_order, "GetOrder", request).unwrap().order.unwrap();
        assert_eq!((order.order_id, order.price.as_str()), (7, "30000.00"));
    }
    for request in [by(9, "", "BTCUSDT"), by(7, "other", "BTCUSDT"), by(7, "", "ETHBTC")] {
        let status = ask!(desk, get_order, "GetOrder", request).unwrap_err();
        assert_eq!((status.code(), refusal(&status).1.as_str()), (Code::NotFound, "NO_SUCH_ORDER"));
    }
    let open = |symbol: &str| proto::ListOpenOrdersRequest { symbol: symbol.to_owned() };
    assert_eq!(ask!(desk, list_open_orders, "ListOpenOrders", open("")).unwrap().orders.len(), 1);
    assert_eq!(ask!(desk, list_open_orders, "ListOpenOrders", open("ETHBTC")).unwrap().orders, []);
    assert_eq!(desk.door.commands(), []);
    desk.port.stop().await;
}
