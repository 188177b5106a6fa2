//! Balances and orders against the exchange's own.

use std::collections::BTreeMap;

use model::{
    AccountId, Amount, AssetId, ClientOrderId, ListId, MarketId, OrderId, Price, Quantity, Sequence, Side, Wait,
};
use projections::{FollowError, Live, OrderStatus, OrderView};
use proptest::prelude::*;

use crate::exchange::Exchange;

/// Compares everything that the exchange knows.
fn check(live: &Live, exchange: &Exchange) {
    let mut accounts: Vec<AccountId> = exchange.balances.keys().map(|(account, _)| *account).collect();
    accounts.dedup();
    for account in accounts {
        let mine: BTreeMap<AssetId, (i64, i64)> = live
            .balances(account)
            .iter()
            .map(|balance| (balance.asset, (balance.available.0, balance.held.0)))
            .collect();
        for (&(_, asset), &want) in exchange.balances.range((account, AssetId(0))..=(account, AssetId(u16::MAX))) {
            let got = mine.get(&asset).copied().unwrap_or_default();
            assert_eq!(got, want, "account {account}, asset {asset}");
        }
        let open: Vec<_> = live.open_orders(account, None).iter().map(essence).collect();
        let want: Vec<_> = exchange
            .orders
            .values()
            .filter(|(_, order)| order.account == account)
            .map(|(_, o)| Essence {
                order: o.order,
                price: o.price,
                quantity: o.quantity,
                remaining: o.remaining,
                prevented: o.prevented,
                quote: o.filled_quote,
                wait: o.wait,
                terms: (o.stop_price, o.iceberg, o.list),
                client_id: o.client_id,
            })
            .collect();
        assert_eq!(open, want);
        assert_eq!(live.open_order_count(account), want.len());
        for view in live.open_orders(account, None) {
            assert_eq!(live.order(account, view.order), Some(view));
            assert_eq!(live.order(AccountId(account.0 + 1), view.order), None, "of somebody else");
            let named = live.order_by_client(account, view.market, view.client_id.as_str());
            assert_eq!(named, Some(view).filter(|view| !view.client_id.is_empty()));
            let status = match (view.wait, view.executed.0) {
                (Wait::List, _) => OrderStatus::PendingNew,
                (_, 0) => OrderStatus::New,
                _ => OrderStatus::PartiallyFilled,
            };
            assert_eq!(view.status, status);
            assert_eq!(view.working.is_some(), view.wait == Wait::Nothing);
        }
        let lists: Vec<_> = live.open_lists(account).iter().map(|list| (list.list, list.kind, list.orders)).collect();
        let mine = exchange.lists.values().filter(|list| list.account == account);
        assert_eq!(lists, mine.map(|list| (list.list, list.kind, list.orders)).collect::<Vec<_>>());
        let of_one = live.open_orders(account, Some(MarketId(2)));
        assert!(of_one.iter().all(|view| view.market == MarketId(2)) && of_one.len() <= want.len());
    }
}

/// What both know of an open order.
#[derive(Debug, PartialEq, Eq)]
struct Essence {
    order: OrderId,
    price: Price,
    quantity: Quantity,
    remaining: Quantity,
    prevented: Quantity,
    quote: Amount,
    wait: Wait,
    terms: (Price, Quantity, ListId),
    client_id: ClientOrderId,
}

fn essence(view: &OrderView) -> Essence {
    Essence {
        order: view.order,
        price: view.price,
        quantity: view.quantity,
        remaining: view.remaining(),
        prevented: view.prevented,
        quote: view.cumulative_quote,
        wait: view.wait,
        terms: (view.stop_price, view.iceberg, view.list),
        client_id: view.client_id,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn follows_the_exchange(seed in any::<u64>(), sizes in prop::collection::vec(1usize..200, 1..8)) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        let live = Live::new();
        live.apply(&first).unwrap();
        check(&live, &exchange);
        for size in sizes {
            live.apply(&exchange.batch(size)).unwrap();
            check(&live, &exchange);
        }
    }

    #[test]
    fn an_image_is_as_good_as_the_past(seed in any::<u64>(), before in 0usize..300, after in 0usize..100) {
        let (mut exchange, first) = Exchange::open(seed, 6);
        let steady = Live::new();
        steady.apply(&first).unwrap();
        steady.apply(&exchange.batch(before)).unwrap();
        let live = Live::new();
        live.load(&exchange.image()).unwrap();
        prop_assert_eq!(live.sequence(), steady.sequence());
        check(&live, &exchange);
        let batch = exchange.batch(after);
        live.apply(&batch).unwrap();
        steady.apply(&batch).unwrap();
        check(&live, &exchange);
        // Orders that came after the image agree to the last field, closed ones too.
        for order in 1..2_000 {
            for account in 1_000..1_006 {
                let (old, new) = (steady.order(AccountId(account), OrderId(order)), live.order(AccountId(account), OrderId(order)));
                if let Some(new) = new && new.placed > exchange.image().time {
                    prop_assert_eq!(old, Some(new));
                }
            }
        }
    }
}

#[test]
fn gaps_are_told_and_an_image_helps() {
    let (mut exchange, first) = Exchange::open(1, 6);
    let live = Live::new();
    let start = first.steps.len() as u64;
    live.apply(&first).unwrap();
    live.apply(&first).unwrap();
    assert_eq!(live.sequence(), Sequence(start), "known steps are skipped");
    exchange.batch(3);
    let late = exchange.batch(5);
    let gap = FollowError::Gap { expected: Sequence(start + 1), found: Sequence(start + 4) };
    assert_eq!(live.apply(&late), Err(gap));
    assert_eq!(live.sequence(), Sequence(start));
    live.load(&exchange.image()).unwrap();
    check(&live, &exchange);
    assert_eq!(
        live.accounts().len(),
        exchange.balances.keys().map(|key| key.0).collect::<std::collections::BTreeSet<_>>().len()
    );
    assert!(live.knows_account(AccountId(1_000)) && !live.knows_account(AccountId(77)));
}

#[test]
fn what_does_not_fit_is_told() {
    let (mut exchange, first) = Exchange::open(2, 6);
    exchange.limit(1_000, Side::Buy, 100, 5, "a");
    let batch = exchange.take();
    let live = Live::new();
    live.apply(&first).unwrap();
    live.apply(&batch).unwrap();
    // The same order closes twice.
    exchange.cancel(OrderId(1), ClientOrderId::EMPTY);
    exchange.step();
    let mut twice = exchange.take();
    twice.events.push(twice.events[0]);
    twice.steps[0].event_count = 2;
    assert!(matches!(live.apply(&twice), Err(FollowError::Diverged { what: "the order has ended before", .. })));
    let mut unknown = Exchange::open(3, 6).1;
    unknown.steps.remove(0);
    let fresh = Live::new();
    assert!(matches!(fresh.apply(&unknown), Err(FollowError::Gap { .. })));
}

#[test]
fn closed_orders_are_kept_for_a_while() {
    let (mut exchange, first) = Exchange::open(4, 6);
    let live = Live::with_closed_limit(10);
    live.apply(&first).unwrap();
    for _ in 0..30 {
        let order = exchange.limit(1_000, Side::Buy, 100, 5, "same");
        exchange.cancel(order, ClientOrderId::EMPTY);
        exchange.step();
    }
    let open = exchange.limit(1_000, Side::Buy, 100, 5, "other");
    live.apply(&exchange.take()).unwrap();
    let me = AccountId(1_000);
    assert_eq!(live.closed_order_count(), 10);
    assert_eq!(live.order(me, OrderId(20)), None, "the oldest are gone");
    assert_eq!(live.order(me, OrderId(21)).unwrap().status, OrderStatus::Canceled);
    assert_eq!(live.order_by_client(me, MarketId(1), "same").unwrap().order, OrderId(30), "the latest of that name");
    let ended = live.order(me, OrderId(25)).unwrap().sequence;
    live.forget_until(ended);
    assert_eq!((live.order(me, OrderId(25)), live.closed_order_count()), (None, 5));
    assert!(live.order(me, OrderId(26)).is_some());
    live.forget_until(live.sequence());
    assert_eq!(live.closed_order_count(), 0);
    assert_eq!(live.order_by_client(me, MarketId(1), "same"), None);
    assert!(live.order(me, open).unwrap().is_open(), "open orders stay");
    assert_eq!(live.order_by_client(me, MarketId(1), "other").unwrap().order, open);
    assert_eq!(live.order_by_client(me, MarketId(2), "other"), None);
    assert_eq!(live.order_by_client(me, MarketId(1), ""), None);
    assert_eq!(live.order_by_client(me, MarketId(1), "no name at all!"), None);
}

#[test]
fn an_open_order_is_found_before_a_closed_one_of_its_name() {
    let (mut exchange, first) = Exchange::open(5, 6);
    let live = Live::with_closed_limit(1);
    live.apply(&first).unwrap();
    let old = exchange.limit(1_000, Side::Buy, 100, 5, "name");
    exchange.cancel(old, ClientOrderId::EMPTY);
    exchange.step();
    let new = exchange.limit(1_000, Side::Buy, 101, 5, "name");
    // Pushes the old one out.
    let other = exchange.limit(1_000, Side::Buy, 102, 5, "");
    exchange.cancel(other, ClientOrderId::EMPTY);
    exchange.step();
    live.apply(&exchange.take()).unwrap();
    assert_eq!(live.order(AccountId(1_000), old), None);
    assert_eq!(live.order_by_client(AccountId(1_000), MarketId(1), "name").unwrap().order, new);
}
