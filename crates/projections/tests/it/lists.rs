//! Order lists, waiting orders and amendments: how their states follow from their events.

use model::{AccountId, ClientOrderId, ListKind, MarketId, OrderId, OrderType, SelfTrade, Side, Wait};
use projections::{ExecutionKind, Live, OrderStatus, UserEvent, placed_orders};

use crate::exchange::{Exchange, Want, market};

const ME: AccountId = AccountId(1_000);

fn opened() -> (Exchange, Live) {
    let (exchange, first) = Exchange::open(1, 3);
    let live = Live::new();
    live.apply(&first).unwrap();
    (exchange, live)
}

fn sell(order_type: OrderType, price: i64, stop_price: i64) -> Want {
    Want { account: ME, side: Side::Sell, order_type, price, stop_price, quantity: 5, ..Want::BLANK }
}

fn named(want: Want, name: &str) -> Want {
    Want { client_id: ClientOrderId::new(name).unwrap(), ..want }
}

/// Status, whether it meets the book, and what it waits for.
fn state(live: &Live, order: u64) -> (OrderStatus, bool, Wait) {
    let view = live.order(ME, OrderId(order)).unwrap();
    (view.status, view.working.is_some(), view.wait)
}

#[test]
fn an_oco_pair_holds_once_and_one_ends_the_other() {
    for triggers in [true, false] {
        let (mut exchange, live) = opened();
        let pair = [sell(OrderType::LimitMaker, 110, 0), sell(OrderType::StopLossLimit, 89, 90)];
        let list = exchange.place_list(ListKind::Oco, &pair, "pair");
        exchange.step();
        let batch = exchange.take();
        live.apply(&batch).unwrap();
        assert_eq!(state(&live, 1), (OrderStatus::New, true, Wait::Nothing));
        assert_eq!(state(&live, 2), (OrderStatus::New, false, Wait::Stop));
        assert_eq!(live.balance(ME, market(1).base).held.0, 5_000, "one quantity for two orders");
        let answer = placed_orders(&batch.steps[0], &batch.events, &market(1));
        assert_eq!(answer.iter().map(|placed| placed.order).collect::<Vec<_>>(), live.open_orders(ME, None));
        assert_eq!(live.open_lists(ME).len(), 1);
        assert_eq!(live.list(AccountId(1_001), list), None, "of somebody else");

        if triggers {
            exchange.trigger(OrderId(2));
        } else {
            exchange.place(&Want { account: AccountId(1_001), price: 110, quantity: 2, ..Want::BLANK });
        }
        exchange.step();
        live.apply(&exchange.take()).unwrap();
        let (ended, stays) = if triggers { (1, 2) } else { (2, 1) };
        assert_eq!(state(&live, ended).0, OrderStatus::Expired);
        let status = if triggers { OrderStatus::New } else { OrderStatus::PartiallyFilled };
        assert_eq!(state(&live, stays), (status, true, Wait::Nothing));
        assert!(!live.list(ME, list).unwrap().is_done);
        exchange.cancel(OrderId(stays), ClientOrderId::EMPTY);
        exchange.step();
        live.apply(&exchange.take()).unwrap();
        assert!(live.list(ME, list).unwrap().is_done && live.open_lists(ME).is_empty());
        assert_eq!(live.balance(ME, market(1).base).held.0, 0);
    }
}

#[test]
fn pending_orders_are_new_when_their_turn_comes() {
    let (mut exchange, live) = opened();
    let mut stream = live.subscribe(ME, 100).unwrap();
    let buy = Want { side: Side::Buy, ..sell(OrderType::Limit, 100, 0) };
    let orders = [
        named(buy, "work"),
        named(sell(OrderType::LimitMaker, 110, 0), "above"),
        named(sell(OrderType::StopLoss, 0, 90), "below"),
    ];
    exchange.place_list(ListKind::Otoco, &orders, "list");
    exchange.step();
    live.apply(&exchange.take()).unwrap();
    assert_eq!(state(&live, 1), (OrderStatus::New, true, Wait::Nothing));
    for pending in [2, 3] {
        assert_eq!(state(&live, pending), (OrderStatus::PendingNew, false, Wait::List));
    }
    assert_eq!(live.open_order_count(ME), 3);
    exchange.limit(1_001, Side::Sell, 100, 5, "");
    live.apply(&exchange.take()).unwrap();
    assert_eq!(state(&live, 1).0, OrderStatus::Filled);
    assert_eq!(state(&live, 2), (OrderStatus::New, true, Wait::Nothing));
    assert_eq!(state(&live, 3), (OrderStatus::New, false, Wait::Stop));
    let above = live.order(ME, OrderId(2)).unwrap();
    assert!(above.working.unwrap() > above.placed);

    let mut told = Vec::new();
    while let Some(event) = stream.try_recv().unwrap() {
        match &*event {
            UserEvent::Execution(report) => told.push(format!(
                "{} {} {} {}",
                report.order.client_id.as_str(),
                report.kind.name(),
                report.order.status.name(),
                report.order.working.is_some()
            )),
            UserEvent::List(report) => {
                let names: Vec<_> = report.list.members().map(|(_, name)| name).collect();
                told.push(format!("{} {:?} {}", report.list.contingency(), names, report.list.is_done));
            }
            _ => {}
        }
    }
    let names = "[ClientOrderId(\"work\"), ClientOrderId(\"above\"), ClientOrderId(\"below\")]";
    assert_eq!(
        told,
        [
            "work NEW NEW true",
            "above NEW PENDING_NEW false",
            "below NEW PENDING_NEW false",
            &format!("OTO {names} false"),
            "work TRADE FILLED true",
            "above NEW NEW true",
            "below NEW NEW false",
        ]
    );
}

#[test]
fn an_amended_order_is_found_by_its_new_name_only() {
    let (mut exchange, live) = opened();
    let mut stream = live.subscribe(ME, 100).unwrap();
    let order = exchange.limit(1_000, Side::Sell, 100, 9, "before");
    exchange.limit(1_001, Side::Buy, 100, 2, "");
    exchange.amend(order, 4, ClientOrderId::new("after").unwrap());
    exchange.step();
    live.apply(&exchange.take()).unwrap();
    assert_eq!(live.order_by_client(ME, MarketId(1), "before"), None);
    let view = live.order_by_client(ME, MarketId(1), "after").unwrap();
    assert_eq!((view.quantity.0, view.executed.0, view.remaining().0), (5, 2, 3));
    assert_eq!((view.status, live.balance(ME, market(1).base).held.0), (OrderStatus::PartiallyFilled, 3_000));
    let mut last = None;
    while let Some(event) = stream.try_recv().unwrap() {
        if let UserEvent::Execution(report) = &*event {
            last = Some(report.clone());
        }
    }
    let report = last.unwrap();
    assert_eq!(report.kind, ExecutionKind::Replaced);
    assert_eq!((report.previous_id.as_str(), report.order.client_id.as_str()), ("before", "after"));
    // What fills the rest fills the order.
    exchange.limit(1_001, Side::Buy, 100, 3, "");
    live.apply(&exchange.take()).unwrap();
    assert_eq!(live.order(ME, order).unwrap().status, OrderStatus::Filled);
}

/// My asks rest at 100 x 5 (an iceberg that shows 2) and 101 x 5; what becomes of them, and of the buy of 7 that meets them.
#[test]
fn self_trade_prevention_by_mode() {
    use OrderStatus::{ExpiredInMatch, New};
    // mode; status, prevented, remaining of: first ask, second ask, buy; reports
    for (mode, first, second, buy, reports) in [
        (SelfTrade::ExpireTaker, (New, 0, 5), (New, 0, 5), (ExpiredInMatch, 7, 0), 1),
        (SelfTrade::ExpireMaker, (ExpiredInMatch, 5, 0), (ExpiredInMatch, 5, 0), (New, 0, 7), 2),
        (SelfTrade::ExpireBoth, (ExpiredInMatch, 5, 0), (New, 0, 5), (ExpiredInMatch, 7, 0), 2),
        // 2, 2, 1 of the iceberg, then 2 of the other.
        (SelfTrade::Decrement, (ExpiredInMatch, 5, 0), (New, 2, 3), (ExpiredInMatch, 7, 0), 8),
    ] {
        let (mut exchange, live) = opened();
        exchange.send(&Want { iceberg: 2, ..sell(OrderType::Limit, 100, 0) });
        exchange.limit(1_000, Side::Sell, 101, 5, "");
        live.apply(&exchange.take()).unwrap();
        let mut stream = live.subscribe(ME, 100).unwrap();
        exchange.send(&Want { account: ME, self_trade: mode, price: 101, quantity: 7, ..Want::BLANK });
        let batch = exchange.take();
        live.apply(&batch).unwrap();
        for (order, want) in [(1, first), (2, second), (3, buy)] {
            let view = live.order(ME, OrderId(order)).unwrap();
            let lost_all = (view.status, view.prevented.0, view.remaining().0);
            assert_eq!(lost_all, want, "{mode:?}, order {order}");
        }
        let held: i64 = [first, second].iter().map(|order| order.2 * 1_000).sum();
        assert_eq!(live.balance(ME, market(1).base).held.0, held, "{mode:?}");
        let mut told = 0;
        while let Some(event) = stream.try_recv().unwrap() {
            let UserEvent::Execution(report) = &*event else { continue };
            if report.kind == ExecutionKind::TradePrevention {
                told += 1;
                let prevention = report.prevention.unwrap();
                assert_eq!(prevention.prevented, report.order.last_prevented);
                assert!(prevention.quantity.0 > 0 && prevention.counter_account == ME);
            }
        }
        assert_eq!(told, reports, "{mode:?}");
    }
}
