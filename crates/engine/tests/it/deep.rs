//! Books with many orders: what is quadratic or recursive would not come to an end here, or not come back.

use engine::{Book, Levels, Naive};
use model::{AccountId, AssetId, ClientOrderId, Command, Event, MarketId, Place, Price, Quantity, Side, Target};

use crate::exchange::Exchange;

const ALICE: AccountId = AccountId(1_000);
const BOB: AccountId = AccountId(1_001);
const GOLDEUR: MarketId = MarketId(1);

fn limit(account: AccountId, side: Side, quantity: i64, price: i64) -> Command {
    let (price, quantity) = (Price(price), Quantity(quantity));
    Command::Place(Place { account, market: GOLDEUR, side, price, quantity, ..Place::BLANK })
}

/// An exchange with so many orders to sell one unit each, at prices from 1 on, so many of them at each.
fn filled_book<B: Book>(orders: i64, each: i64) -> Exchange<B> {
    let mut exchange = Exchange::new();
    exchange.fund(ALICE, AssetId(1), 100 * orders);
    exchange.fund(BOB, AssetId(2), 1_000_000_000_000_000_000);
    for number in 0..orders {
        exchange.accept(limit(ALICE, Side::Sell, 1, 1 + number / each));
    }
    exchange
}

fn sweep<B: Book>(orders: i64, each: i64) {
    let mut exchange: Exchange<B> = filled_book(orders, each);
    let events = exchange.accept(limit(BOB, Side::Buy, orders + 1, 1 + orders / each));
    let trades: Vec<_> =
        events.iter().filter_map(|event| if let Event::Trade(e) = event { Some(e) } else { None }).collect();
    assert_eq!(i64::try_from(trades.len()), Ok(orders));
    assert!(trades.windows(2).all(|pair| pair[0].maker_order < pair[1].maker_order && pair[0].price <= pair[1].price));
    assert!(matches!(events.last(), Some(Event::Rested { remaining: Quantity(1), .. })), "{:?}", events.last());
    assert_eq!(exchange.engine.open_orders(), 1);
}

#[test]
fn recursion_per_fill_overflowing_the_stack() {
    sweep::<Levels>(100_000, 100_000);
    sweep::<Levels>(100_000, 1);
    sweep::<Naive>(3_000, 3_000);
    sweep::<Naive>(3_000, 1);
}

fn cancel_each<B: Book>(orders: i64, backwards: bool) {
    let mut exchange: Exchange<B> = filled_book(orders, orders);
    let mut ids: Vec<_> = exchange.engine.image().orders.iter().map(|order| order.order).collect();
    if backwards {
        ids.reverse();
    }
    // From the middle on, so that neither end of the level is near.
    let middle = ids.len() / 2;
    ids.rotate_left(middle);
    for id in ids {
        let target = Target::Order(id);
        let (account, market, client_id) = (ALICE, GOLDEUR, ClientOrderId::EMPTY);
        let events = exchange.accept(Command::Cancel { account, market, target, client_id });
        assert!(matches!(events[..], [Event::Closed(closed)] if closed.order == id));
    }
    assert_eq!(exchange.engine.open_orders(), 0);
}

/// A cancel that scans its level takes minutes here: 100,000 orders of one price.
#[test]
fn quadratic_cancel_in_one_deep_level() {
    cancel_each::<Levels>(100_000, false);
    cancel_each::<Levels>(100_000, true);
    cancel_each::<Naive>(2_000, false);
}

#[test]
fn quadratic_cancel_all() {
    let mut exchange: Exchange<Levels> = filled_book(100_000, 100);
    let events = exchange.accept(Command::CancelAll { account: ALICE, market: None });
    assert_eq!(events.len(), 100_001);
    assert_eq!(events.last(), Some(&Event::AllCancelled { account: ALICE, count: 100_000 }));
    assert_eq!(exchange.engine.open_orders(), 0);
}

/// Prices come in an order that puts each new level at the far end, then between others.
#[test]
fn many_levels_keep_their_order() {
    fn prices<B: Book>() -> Vec<i64> {
        let mut exchange: Exchange<B> = Exchange::new();
        for step in 0..2_000 {
            let price = 1 + (step * 7_919) % 2_003;
            exchange.accept(limit(ALICE, Side::Sell, 1, 10_000 + price));
            exchange.accept(limit(ALICE, Side::Buy, 1, 10_000 - price));
        }
        exchange.engine.image().orders.iter().map(|order| order.price.0).collect()
    }
    let fast = prices::<Levels>();
    assert_eq!(fast, prices::<Naive>());
    let (bids, asks) = fast.split_at(2_000);
    assert!(bids.is_sorted_by(|a, b| a > b) && asks.is_sorted());
}
