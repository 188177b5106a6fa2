//! Properties over streams of commands that shrink: both books, a restart in the middle, and the auditor agree throughout.

use engine::{Book, Engine, Levels, Naive};
use model::{
    AccountId, Amend, Amount, CancelReplace, ClientOrderId, Command, Event, HoldId, ListKind, MarketId, MarketState,
    OrderId, OrderType, Place, PlaceList, Price, Quantity, ReplaceMode, SelfTrade, Sequence, Side, Stamped, Target,
    TimeInForce, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use simulator::Auditor;

use crate::market::{ALICE, BOB, CAROL, EUR, GOLD, GOLDEUR, gold_market, opening, sent, transfer};

const SECOND: MarketId = MarketId(2);

fn account() -> impl Strategy<Value = AccountId> {
    prop_oneof![Just(ALICE), Just(BOB), Just(CAROL)]
}

fn market() -> impl Strategy<Value = MarketId> {
    prop_oneof![4 => Just(GOLDEUR), 1 => Just(SECOND)]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Buy), Just(Side::Sell)]
}

fn name() -> impl Strategy<Value = ClientOrderId> {
    let named = |text| ClientOrderId::new(text).expect("a legal name");
    prop_oneof![6 => Just(ClientOrderId::EMPTY), 1 => Just(named("a")), 1 => Just(named("b"))]
}

fn price() -> impl Strategy<Value = i64> {
    9_996i64..=10_004
}

fn kind() -> impl Strategy<Value = (OrderType, TimeInForce)> {
    prop_oneof![
        8 => Just((OrderType::Limit, TimeInForce::Gtc)),
        2 => Just((OrderType::Limit, TimeInForce::Ioc)),
        2 => Just((OrderType::Limit, TimeInForce::Fok)),
        1 => Just((OrderType::Limit, TimeInForce::Gtd)),
        2 => Just((OrderType::LimitMaker, TimeInForce::Gtc)),
        3 => Just((OrderType::Market, TimeInForce::Ioc)),
        2 => Just((OrderType::StopLoss, TimeInForce::Gtc)),
        2 => Just((OrderType::StopLossLimit, TimeInForce::Gtd)),
        1 => Just((OrderType::TakeProfit, TimeInForce::Gtc)),
        1 => Just((OrderType::TakeProfitLimit, TimeInForce::Ioc)),
    ]
}

fn self_trade() -> impl Strategy<Value = SelfTrade> {
    prop_oneof![
        3 => Just(SelfTrade::None),
        1 => Just(SelfTrade::ExpireTaker),
        1 => Just(SelfTrade::ExpireMaker),
        1 => Just(SelfTrade::ExpireBoth),
        1 => Just(SelfTrade::Decrement),
    ]
}

/// Prices and sizes that an order may have; each kind takes what it can.
fn place() -> impl Strategy<Value = Place> {
    let who = (account(), market(), side(), kind(), self_trade(), name());
    let sizes = (1i64..=20, any::<bool>(), 0i64..=12);
    (who, price(), sizes, price(), 0u16..=20, 1u64..=150).prop_map(
        |(who, price, (quantity, by_quote, iceberg), stop, delta, expire_at)| {
            let (account, market, side, (order_type, time_in_force), self_trade, client_id) = who;
            let by_quote = order_type == OrderType::Market && by_quote;
            let shows_parts = order_type.has_limit() && time_in_force.may_rest();
            let (waits, is_gtd) = (order_type.is_contingent(), time_in_force == TimeInForce::Gtd);
            Place {
                account,
                market,
                side,
                order_type,
                time_in_force,
                self_trade,
                price: Price(if order_type.has_limit() { price } else { 0 }),
                quantity: Quantity(if by_quote { 0 } else { quantity }),
                quote_quantity: Amount(if by_quote { quantity * 9_999_999 } else { 0 }),
                stop_price: Price(if waits { stop } else { 0 }),
                trailing_delta: if waits && delta <= 4 { delta } else { 0 },
                iceberg: Quantity(if shows_parts && iceberg < 6 { iceberg } else { 0 }),
                expire_at: if is_gtd { Timestamp(expire_at) } else { Timestamp::NEVER },
                client_id,
            }
        },
    )
}

/// Lists of orders that fit together more often than chance would have it.
fn list() -> impl Strategy<Value = PlaceList> {
    let kinds = prop_oneof![Just(ListKind::Oco), Just(ListKind::Oto), Just(ListKind::Otoco)];
    (kinds, place(), place(), place(), name(), 1i64..=4).prop_map(
        |(kind, mut working, profit, stop, client_id, away)| {
            let pair = |profit: Place, stop: Place| {
                let up = if profit.side == Side::Sell { away } else { -away };
                let of = Place { trailing_delta: 0, iceberg: Quantity(0), quote_quantity: Amount(0), ..profit };
                let of = Place { account: working.account, market: working.market, quantity: Quantity(5), ..of };
                let of = Place { time_in_force: TimeInForce::Gtc, expire_at: Timestamp::NEVER, ..of };
                let maker = Place {
                    order_type: OrderType::LimitMaker,
                    price: Price(10_000 + up),
                    stop_price: Price(0),
                    client_id: ClientOrderId::EMPTY,
                    ..of
                };
                let (order_type, stop_price) = (OrderType::StopLossLimit, Price(10_000 - up));
                [maker, Place { order_type, price: stop.price.max(Price(9_000)), stop_price, ..of }]
            };
            let [first, second] = pair(profit, stop);
            working.order_type = OrderType::Limit;
            working.price = working.price.max(Price(9_990));
            working.quantity = working.quantity.max(Quantity(1));
            (working.stop_price, working.trailing_delta, working.quote_quantity) = (Price(0), 0, Amount(0));
            let orders = match kind {
                ListKind::Oco => [first, second, Place::BLANK],
                ListKind::Oto => [working, first, Place::BLANK],
                ListKind::Otoco => [working, first, second],
            };
            PlaceList { kind, client_id, orders }
        },
    )
}

fn state() -> impl Strategy<Value = MarketState> {
    prop_oneof![
        4 => Just(MarketState::Trading),
        2 => Just(MarketState::Auction),
        1 => Just(MarketState::PostOnly),
        1 => Just(MarketState::CancelOnly),
        1 => Just(MarketState::Halt),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    let order = || (1u64..=40).prop_map(OrderId);
    prop_oneof![
        6 => order().prop_map(Target::Order),
        2 => name().prop_map(Target::Client),
        1 => (order(), name()).prop_map(|(order, name)| Target::Both(order, name)),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        12 => place().prop_map(Command::Place),
        3 => list().prop_map(|list| Command::PlaceList(Box::new(list))),
        1 => (market(), state()).prop_map(|(market, state)| {
            Command::SetMarketState { market, state, until: Timestamp::NEVER }
        }),
        2 => (account(), market(), target(), 1i64..=10).prop_map(|(account, market, target, quantity)| {
            let (quantity, client_id) = (Quantity(quantity), ClientOrderId::EMPTY);
            Command::Amend(Amend { account, market, target, quantity, client_id })
        }),
        3 => (account(), market(), target(), name()).prop_map(|(account, market, target, client_id)| {
            Command::Cancel { account, market, target, client_id }
        }),
        4 => (account(), market(), 1u64..=40, price(), 1i64..=20).prop_map(|(account, market, order, price, quantity)| {
            let (price, quantity) = (Price(price), Quantity(quantity));
            Command::Modify { account, market, order: OrderId(order), price, quantity }
        }),
        2 => (any::<bool>(), target(), name(), place()).prop_map(|(allows, target, cancel_id, place)| {
            let mode = if allows { ReplaceMode::AllowFailure } else { ReplaceMode::StopOnFailure };
            Command::CancelReplace(CancelReplace { mode, target, cancel_id, place })
        }),
        1 => (account(), prop::option::of(market())).prop_map(|(account, market)| Command::CancelAll { account, market }),
        1 => (account(), account(), 1i64..1_000_000_000_000).prop_map(|(from, to, amount)| transfer(from, to, EUR, amount)),
        1 => (account(), 1i64..900_000).prop_map(|(account, amount)| {
            Command::Hold { account, asset: GOLD, amount: Amount(amount) }
        }),
        1 => (1u64..5, account(), 1i64..900_000).prop_map(|(hold, to, amount)| {
            Command::Capture { hold: HoldId(hold), to, amount: Amount(amount) }
        }),
        1 => (1u64..5).prop_map(|hold| Command::Release { hold: HoldId(hold) }),
    ]
}

fn stream() -> impl Strategy<Value = Vec<Stamped>> {
    prop::collection::vec(command(), 1..120).prop_map(|commands| {
        let mut all = opening();
        all.push(Command::AddMarket(Box::new(gold_market(SECOND))));
        all.extend(commands);
        let stamp = |(envelope, number)| Stamped { sequence: Sequence(number), time: Timestamp(number), envelope };
        sent(&all).into_iter().zip(1..).map(stamp).collect()
    })
}

fn apply<B: Book>(engine: &mut Engine<B>, input: &Stamped) -> Vec<Event> {
    let mut events = Vec::new();
    engine.apply(input, &mut events);
    events
}

fn restored<B: Book>(engine: &Engine<impl Book>) -> Engine<B> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    Engine::restore(&bytes).expect("a snapshot can be read back")
}

/// The same cases on every machine and in every run.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 150,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(2_015),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_books_give_equal_events_and_states_and_the_auditor_agrees(stream in stream()) {
        let (mut fast, mut naive): (Engine<Levels>, Engine<Naive>) = (Engine::new(), Engine::new());
        let mut auditor = Auditor::new();
        for input in &stream {
            let events = apply(&mut fast, input);
            prop_assert_eq!(&events, &apply(&mut naive, input));
            prop_assert_eq!(fast.state_hash(), naive.state_hash());
            auditor.check(input, &events).map_err(|found| TestCaseError::fail(found.to_string()))?;
            auditor.compare(&fast.image()).map_err(|found| TestCaseError::fail(found.to_string()))?;
        }
    }

    #[test]
    fn a_restart_anywhere_changes_nothing_that_follows(stream in stream(), at in any::<prop::sample::Index>()) {
        let mut steady: Engine<Levels> = Engine::new();
        let (before, after) = stream.split_at(at.index(stream.len()));
        for input in before {
            apply(&mut steady, input);
        }
        let mut fast: Engine<Levels> = restored(&steady);
        let mut naive: Engine<Naive> = restored(&steady);
        prop_assert_eq!(fast.state_hash(), steady.state_hash());
        prop_assert_eq!(naive.image(), steady.image());
        for input in after {
            let events = apply(&mut steady, input);
            prop_assert_eq!(&apply(&mut fast, input), &events);
            prop_assert_eq!(&apply(&mut naive, input), &events);
            prop_assert_eq!(fast.events_hash(), steady.events_hash());
        }
        prop_assert_eq!(fast.state_hash(), steady.state_hash());
        prop_assert_eq!(naive.state_hash(), steady.state_hash());
    }
}
