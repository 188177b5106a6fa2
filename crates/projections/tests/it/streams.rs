//! The private events of an account.

use std::sync::Arc;

use model::{AccountId, AssetId, ClientOrderId, Event, MarketId, OrderType, SelfTrade, Side, TimeInForce, system};
use projections::{
    Balance, BalanceUpdate, End, ExecutionKind, Live, OrderStatus, Subscription, TooManySubscriptions, UserEvent,
};

use crate::exchange::{Exchange, Want};

fn opened() -> (Exchange, Live) {
    let (exchange, first) = Exchange::open(1, 6);
    let live = Live::new();
    live.apply(&first).unwrap();
    (exchange, live)
}

fn drain(subscription: &mut Subscription) -> Vec<Arc<UserEvent>> {
    std::iter::from_fn(|| subscription.try_recv().unwrap()).collect()
}

/// An event in a few words.
fn brief(event: &UserEvent) -> String {
    match event {
        UserEvent::Execution(report) => format!(
            "{} {} {} {}/{}{}",
            report.order.order,
            report.kind.name(),
            report.order.status.name(),
            report.order.executed.0,
            report.order.quantity.0,
            report.fill.map_or(String::new(), |fill| {
                format!(
                    " {}@{} fee {} of {} {}",
                    fill.quantity.0,
                    fill.price.0,
                    fill.commission.0,
                    fill.commission_asset,
                    if fill.is_maker { "maker" } else { "taker" }
                )
            })
        ),
        UserEvent::Balances(balances) => {
            let all: Vec<_> =
                balances.changed.iter().map(|b| format!("{}:{}+{}", b.asset, b.available.0, b.held.0)).collect();
            all.join(" ")
        }
        UserEvent::List(report) => {
            let list = &report.list;
            let members: Vec<_> = list.members().map(|(order, name)| format!("{order}={}", name.as_str())).collect();
            format!("list {} {} {}", list.list, if list.is_done { "done" } else { "placed" }, members.join(" "))
        }
        UserEvent::BalanceUpdate(update) => format!("{} {:+}", update.asset, update.delta.0),
        UserEvent::LockUpdate(update) => format!("{} held {:+}", update.asset, update.delta.0),
    }
}

fn briefs(subscription: &mut Subscription) -> Vec<String> {
    drain(subscription).iter().map(|event| brief(event)).collect()
}

const START: i64 = 100_000_000_000_000;

#[test]
fn a_trade_is_told_to_both_and_balances_once_per_step() {
    let (mut exchange, live) = opened();
    let mut seller = live.subscribe(AccountId(1_000), 100).unwrap();
    let mut buyer = live.subscribe(AccountId(1_001), 100).unwrap();
    let mut other = live.subscribe(AccountId(1_002), 100).unwrap();
    exchange.limit(1_000, Side::Sell, 100, 5, "s1");
    exchange.limit(1_000, Side::Sell, 101, 5, "s2");
    live.apply(&exchange.take()).unwrap();
    // A quantity unit is 1,000 units of base; a unit at price 100 costs 1,000 units of quote.
    assert_eq!(
        briefs(&mut seller),
        [
            "1 NEW NEW 0/5",
            &format!("1:{}+5000", START - 5_000),
            "2 NEW NEW 0/5",
            &format!("1:{}+10000", START - 10_000),
        ]
    );
    exchange.limit(1_001, Side::Buy, 101, 7, "b");
    live.apply(&exchange.take()).unwrap();
    assert_eq!(
        briefs(&mut seller),
        [
            "1 TRADE FILLED 5/5 5@100 fee 4 of 2 maker",
            "2 TRADE PARTIALLY_FILLED 2/5 2@101 fee 2 of 2 maker",
            &format!("1:{}+3000 2:{}+0", START - 10_000, START + 5_000 + 2_020 - 6),
        ]
    );
    assert_eq!(
        briefs(&mut buyer),
        [
            "3 NEW NEW 0/7",
            "3 TRADE PARTIALLY_FILLED 5/7 5@100 fee 5 of 1 taker",
            "3 TRADE FILLED 7/7 2@101 fee 2 of 1 taker",
            &format!("1:{}+0 2:{}+0", START + 7_000 - 7, START - 7_020),
        ]
    );
    assert!(drain(&mut other).is_empty());
}

#[test]
fn every_kind_of_end_is_told() {
    let (mut exchange, live) = opened();
    let mut mine = live.subscribe(AccountId(1_000), 100).unwrap();
    let order = exchange.limit(1_000, Side::Sell, 100, 5, "name");
    exchange.modify(order, 105, 6);
    exchange.step();
    let ioc = Want {
        account: AccountId(1_000),
        market: MarketId(1),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Ioc,
        self_trade: SelfTrade::ExpireTaker,
        price: 90,
        quantity: 1,
        ..Want::BLANK
    };
    exchange.send(&ioc);
    exchange.send(&Want { price: 105, ..ioc });
    exchange.cancel(order, ClientOrderId::new("request").unwrap());
    exchange.step();
    live.apply(&exchange.take()).unwrap();
    let events = drain(&mut mine);
    let reports: Vec<_> = events
        .iter()
        .filter_map(|event| match &**event {
            UserEvent::Execution(report) => Some(report),
            _ => None,
        })
        .collect();
    let seen: Vec<_> = reports.iter().map(|report| (report.order.order.0, report.kind, report.order.status)).collect();
    assert_eq!(
        seen,
        [
            (1, ExecutionKind::New, OrderStatus::New),
            (1, ExecutionKind::Replaced, OrderStatus::New),
            (2, ExecutionKind::New, OrderStatus::New),
            (2, ExecutionKind::Expired, OrderStatus::Expired),
            (3, ExecutionKind::New, OrderStatus::New),
            (3, ExecutionKind::TradePrevention, OrderStatus::ExpiredInMatch),
            (1, ExecutionKind::Canceled, OrderStatus::Canceled),
        ]
    );
    let cancelled = reports.last().unwrap();
    assert_eq!((cancelled.request_id.as_str(), cancelled.order.client_id.as_str()), ("request", "name"));
    assert!(reports.windows(2).all(|pair| pair[0].execution_id < pair[1].execution_id));
}

#[test]
fn transfers_are_told_before_balances() {
    let (mut exchange, live) = opened();
    let mut from = live.subscribe(AccountId(1_000), 100).unwrap();
    let mut to = live.subscribe(AccountId(1_001), 100).unwrap();
    exchange.transfer(AccountId(1_000), AccountId(1_001), AssetId(1), 70);
    exchange.step();
    let batch = exchange.take();
    live.apply(&batch).unwrap();
    assert_eq!(briefs(&mut from), ["1 -70".into(), format!("1:{}+0", START - 70)]);
    let events = drain(&mut to);
    let step = batch.steps[0];
    let (account, asset) = (AccountId(1_001), AssetId(1));
    let delta = model::Amount(70);
    let update = BalanceUpdate { account, asset, delta, time: step.time, sequence: step.sequence };
    assert_eq!(*events[0], UserEvent::BalanceUpdate(update));
    assert_eq!((events[1].account(), events[1].time(), events[1].sequence()), (account, step.time, step.sequence));
    let balance = Balance { asset, available: model::Amount(START + 70), held: model::Amount(0) };
    assert_eq!(live.balance(account, asset), balance);
    assert_eq!(live.balance(AccountId(77), asset).available.0, 0);
    assert!(live.balance(system::CUSTODY, asset).available.0 < 0);
}

#[test]
fn holds_that_are_no_orders_are_told_before_balances() {
    let (mut exchange, live) = opened();
    let mut owner = live.subscribe(AccountId(1_000), 100).unwrap();
    let (hold, account, asset, amount) = (model::HoldId(9), AccountId(1_000), AssetId(1), model::Amount(70));
    let remaining = model::Amount(0);
    for event in [
        Event::Held { hold, account, asset, amount },
        Event::Released { hold, account, asset, amount },
        Event::Held { hold, account, asset, amount },
        Event::Captured { hold, account, to: AccountId(1_001), asset, amount, remaining },
    ] {
        exchange.emit(event);
        exchange.step();
    }
    live.apply(&exchange.take()).unwrap();
    let rest = START - 70;
    let want = [
        "1 held +70".to_owned(),
        format!("1:{rest}+70"),
        "1 held -70".to_owned(),
        format!("1:{START}+0"),
        "1 held +70".to_owned(),
        format!("1:{rest}+70"),
        // What is paid is no longer held, and is gone.
        "1 -70".to_owned(),
        format!("1:{rest}+0"),
    ];
    assert_eq!(briefs(&mut owner), want);
}

/// Whatever happens: one report for each event of an order, balances last and once a step, and the last balances that
/// were told are those that are held.
#[test]
fn the_stream_agrees_with_the_state() {
    let (mut exchange, live) = opened();
    let mut subscriptions: Vec<_> =
        (1_000..1_006).map(|account| live.subscribe(AccountId(account), 100_000).unwrap()).collect();
    live.apply(&exchange.batch(2_000)).unwrap();
    for subscription in &mut subscriptions {
        let account = subscription.account();
        let events = drain(subscription);
        assert!(events.len() > 500);
        let mut told = std::collections::BTreeMap::new();
        for pair in events.windows(2) {
            assert!(pair[0].sequence() <= pair[1].sequence());
            let ends_step = matches!(&*pair[0], UserEvent::Balances(_));
            assert!(!ends_step || pair[0].sequence() < pair[1].sequence(), "balances come last and once");
        }
        for event in &events {
            assert_eq!(event.account(), account);
            if let UserEvent::Balances(balances) = &**event {
                told.extend(balances.changed.iter().map(|balance| (balance.asset, *balance)));
            }
            if let UserEvent::Execution(report) = &**event {
                let known = live.order(account, report.order.order).unwrap();
                assert!(known.sequence >= report.sequence && known.executed >= report.order.executed);
            }
        }
        assert_eq!(told.into_values().collect::<Vec<_>>(), live.balances(account));
    }
}

#[tokio::test]
async fn a_slow_reader_is_let_go_and_the_others_are_not() {
    let (mut exchange, live) = opened();
    let mut slow = live.subscribe(AccountId(1_000), 3).unwrap();
    let mut quick = live.subscribe(AccountId(1_000), 100).unwrap();
    for price in 100..110 {
        exchange.limit(1_000, Side::Sell, price, 5, "");
    }
    live.apply(&exchange.take()).unwrap();
    for _ in 0..3 {
        slow.recv().await.unwrap();
    }
    assert_eq!(slow.recv().await, Err(End::SlowReader), "what waited was given, then the end");
    assert_eq!(slow.try_recv(), Err(End::SlowReader));
    assert_eq!(drain(&mut quick).len(), 20);
    assert!(quick.try_recv().unwrap().is_none());
}

#[tokio::test]
async fn a_load_ends_streams_and_so_does_the_end_of_the_views() {
    let (mut exchange, live) = opened();
    let mut subscription = live.subscribe(AccountId(1_000), 10).unwrap();
    exchange.batch(10);
    live.load(&exchange.image()).unwrap();
    assert_eq!(subscription.recv().await, Err(End::Resync));
    let mut again = live.subscribe(AccountId(1_000), 10).unwrap();
    exchange.limit(1_000, Side::Sell, 50_000, 5, "");
    live.apply(&exchange.take()).unwrap();
    assert_eq!(drain(&mut again).len(), 2);
}

#[test]
fn subscriptions_are_bounded_and_free_their_place() {
    let (_, live) = opened();
    let me = AccountId(1_000);
    let mut held: Vec<_> = (0..Subscription::MAX_PER_ACCOUNT).map(|_| live.subscribe(me, 1).unwrap()).collect();
    assert_eq!(live.subscribe(me, 1).unwrap_err(), TooManySubscriptions);
    assert!(live.subscribe(AccountId(1_001), 1).is_ok());
    held.pop();
    assert!(live.subscribe(me, 1).is_ok());
}
