//! Properties over streams of commands that shrink: both books, a restart in the middle, and the auditor agree throughout.

use engine::{Book, Engine, Levels, Naive};
use model::{
    AccountId, Amount, CancelReplace, ClientOrderId, Command, Event, HoldId, MarketId, OrderId, OrderType, Place,
    Price, Quantity, ReplaceMode, SelfTrade, Sequence, Side, Stamped, Target, TimeInForce, Timestamp,
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
        2 => Just((OrderType::LimitMaker, TimeInForce::Gtc)),
        3 => Just((OrderType::Market, TimeInForce::Ioc)),
    ]
}

fn place() -> impl Strategy<Value = Place> {
    let who = (account(), market(), side(), kind(), any::<bool>(), name());
    (who, price(), 1i64..=20, any::<bool>()).prop_map(
        |((account, market, side, (order_type, time_in_force), guards, client_id), price, quantity, by_quote)| {
            let is_market = order_type == OrderType::Market;
            let by_quote = is_market && by_quote;
            Place {
                account,
                market,
                side,
                order_type,
                time_in_force,
                self_trade: if guards { SelfTrade::ExpireTaker } else { SelfTrade::None },
                price: Price(if is_market { 0 } else { price }),
                quantity: Quantity(if by_quote { 0 } else { quantity }),
                quote_quantity: Amount(if by_quote { quantity * 9_999_999 } else { 0 }),
                client_id,
            }
        },
    )
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
        all.push(Command::AddMarket(gold_market(SECOND)));
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
