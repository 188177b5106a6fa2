//! How an order follows from its events: tables of what is sent and what must be seen.

use model::{AccountId, ClientOrderId, MarketId, OrderType, SelfTrade, Side, TimeInForce};
use projections::{Live, OrderStatus, placed};

use crate::exchange::{Exchange, Want, market};

fn want(order_type: OrderType, time_in_force: TimeInForce, price: i64, quantity: i64) -> Want {
    Want {
        account: AccountId(1_001),
        market: MarketId(1),
        side: Side::Buy,
        order_type,
        time_in_force,
        self_trade: SelfTrade::None,
        price,
        quantity,
        client_id: ClientOrderId::new("mine").unwrap(),
        ..Want::BLANK
    }
}

/// Asks rest at 100 x 5 and 101 x 5, of account 1000. One quantity unit at price 100 costs 1,000 units of quote.
#[test]
fn the_status_of_an_order_after_its_step() {
    use OrderStatus::{Expired, ExpiredInMatch, Filled, New, PartiallyFilled};
    let limit = |price, quantity| want(OrderType::Limit, TimeInForce::Gtc, price, quantity);
    let ioc = |price, quantity| want(OrderType::Limit, TimeInForce::Ioc, price, quantity);
    let by_quantity = |quantity| want(OrderType::Market, TimeInForce::Ioc, 0, quantity);
    let by_quote = |quote_quantity| Want { quote_quantity, ..want(OrderType::Market, TimeInForce::Ioc, 0, 0) };
    let own = |want| Want { account: AccountId(1_000), self_trade: SelfTrade::ExpireTaker, ..want };
    // what, order, status, quantity shown, executed, quote, fills
    for (what, order, status, quantity, executed, quote, fills) in [
        ("rests", limit(99, 7), New, 7, 0, 0, 0),
        ("rests after a part", limit(100, 7), PartiallyFilled, 7, 5, 5_000, 1),
        ("filled by one", limit(100, 5), Filled, 5, 5, 5_000, 1),
        ("filled by two, each at the maker's price", limit(105, 7), Filled, 7, 7, 7_020, 2),
        ("nothing to be had", ioc(99, 7), Expired, 7, 0, 0, 0),
        ("the rest expires", ioc(100, 7), Expired, 7, 5, 5_000, 1),
        ("all at once", ioc(101, 10), Filled, 10, 10, 10_050, 2),
        ("market order filled", by_quantity(6), Filled, 6, 6, 6_010, 2),
        ("market order larger than the book", by_quantity(11), Expired, 11, 10, 10_050, 2),
        ("budget to the last unit", by_quote(5_000), Filled, 5, 5, 5_000, 1),
        ("budget with a rest that buys nothing", by_quote(5_500), Filled, 5, 5, 5_000, 1),
        ("budget over two levels", by_quote(6_500), Filled, 6, 6, 6_010, 2),
        ("budget larger than the book", by_quote(20_000), Expired, 10, 10, 10_050, 2),
        ("budget that buys nothing", by_quote(999), Expired, 0, 0, 0, 0),
        ("meets its own order", own(limit(100, 7)), ExpiredInMatch, 7, 0, 0, 0),
    ] {
        let (mut exchange, first) = Exchange::open(1, 3);
        let live = Live::new();
        live.apply(&first).unwrap();
        exchange.limit(1_000, Side::Sell, 100, 5, "");
        exchange.limit(1_000, Side::Sell, 101, 5, "");
        live.apply(&exchange.take()).unwrap();
        let id = exchange.send(&order);
        let batch = exchange.take();
        live.apply(&batch).unwrap();
        let view = live.order(order.account, id).unwrap();
        let quote_unit = 10;
        assert_eq!(
            (view.status, view.quantity.0, view.executed.0, view.cumulative_quote.0),
            (status, quantity, executed, quote * quote_unit / 10),
            "{what}"
        );
        assert_eq!((view.sequence, view.updated), (batch.steps[0].sequence, batch.steps[0].time), "{what}");
        assert_eq!(view.is_open(), live.open_order_count(order.account) > usize::from(order.account.0 == 1_000) * 2);
        // The answer straight from the receipt is the same.
        let answer = placed(&batch.steps[0], &batch.events, &market(1)).unwrap();
        assert_eq!((answer.order, answer.fills.len()), (view, fills), "{what}");
        let sum: i64 = answer.fills.iter().map(|fill| fill.quote.0).sum();
        assert_eq!(sum, view.cumulative_quote.0, "{what}");
        assert!(answer.fills.iter().all(|fill| !fill.is_maker && fill.commission_asset == market(1).base));
    }
}

#[test]
fn a_maker_is_filled_in_parts() {
    let (mut exchange, first) = Exchange::open(1, 3);
    let live = Live::new();
    live.apply(&first).unwrap();
    let maker = exchange.limit(1_000, Side::Sell, 100, 5, "maker");
    live.apply(&exchange.take()).unwrap();
    for (quantity, status, executed) in [(2, OrderStatus::PartiallyFilled, 2), (3, OrderStatus::Filled, 5)] {
        exchange.limit(1_001, Side::Buy, 100, quantity, "");
        live.apply(&exchange.take()).unwrap();
        let view = live.order(AccountId(1_000), maker).unwrap();
        assert_eq!((view.status, view.executed.0, view.remaining().0), (status, executed, 5 - executed));
        assert!(view.updated > view.placed && view.working == Some(view.placed));
    }
    assert_eq!(live.open_order_count(AccountId(1_000)), 0);
}

#[test]
fn a_modified_order_keeps_its_id_and_what_it_traded() {
    let (mut exchange, first) = Exchange::open(1, 3);
    let live = Live::new();
    live.apply(&first).unwrap();
    let order = exchange.limit(1_000, Side::Sell, 100, 5, "name");
    exchange.limit(1_001, Side::Buy, 100, 2, "");
    exchange.modify(order, 110, 9);
    exchange.step();
    live.apply(&exchange.take()).unwrap();
    let view = live.order(AccountId(1_000), order).unwrap();
    assert_eq!(
        (view.price.0, view.quantity.0, view.executed.0, view.status),
        (110, 11, 2, OrderStatus::PartiallyFilled)
    );
    // It comes in anew and trades in full.
    exchange.limit(1_001, Side::Buy, 90, 4, "");
    exchange.modify(order, 90, 4);
    exchange.step();
    let batch = exchange.take();
    live.apply(&batch).unwrap();
    let view = live.order_by_client(AccountId(1_000), MarketId(1), "name").unwrap();
    assert_eq!((view.quantity.0, view.executed.0, view.status), (6, 6, OrderStatus::Filled));
    assert!(placed(&batch.steps[1], batch.events_of(1), &market(1)).is_none(), "nothing was placed");
}

#[test]
fn a_replacement_ends_one_order_and_places_another() {
    let (mut exchange, first) = Exchange::open(1, 3);
    let live = Live::new();
    live.apply(&first).unwrap();
    let old = exchange.limit(1_001, Side::Buy, 100, 5, "old");
    exchange.cancel(old, ClientOrderId::new("request").unwrap());
    let new = exchange.place(&want(OrderType::Limit, TimeInForce::Gtc, 99, 8));
    exchange.step();
    let batch = exchange.take();
    live.apply(&batch).unwrap();
    let me = AccountId(1_001);
    assert_eq!(live.order(me, old).unwrap().status, OrderStatus::Canceled);
    assert_eq!(live.order(me, new).unwrap().status, OrderStatus::New);
    assert_eq!(placed(&batch.steps[1], batch.events_of(1), &market(1)).unwrap().order.order, new);
}

#[test]
fn stored_numbers_come_back() {
    for code in -5..20 {
        if let Some(status) = OrderStatus::from_code(code) {
            assert_eq!(status.code(), code);
        }
        if let Some(kind) = projections::LedgerKind::from_code(code) {
            assert_eq!(kind.code(), code);
        }
    }
    let known = |code| OrderStatus::from_code(code).is_some();
    assert_eq!((-5..20).filter(|&code| known(code)).count(), 7);
    assert_eq!((-1..20).filter(|&code| projections::LedgerKind::from_code(code).is_some()).count(), 9);
    assert_eq!(OrderStatus::ExpiredInMatch.name(), "EXPIRED_IN_MATCH");
}
