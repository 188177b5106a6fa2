//! Snapshots: what survives, and what is refused.

use engine::{Engine, Levels, Naive, RestoreError};
use expect_test::expect;
use model::{Envelope, Event, Stamped, TradeId};

use crate::exchange::{Exchange, commands};
use crate::{check, language};

/// A state with everything in it: orders of all kinds, partial fills, holds, sources, a crossed history.
const SCENE: &str = "
    alice sell 5 @ 100 id=a
    alice sell 2 @ 101 expire-taker
    bob sell 3 @ 100 maker id=b
    carol buy 6 @ 100
    carol buy 2 @ 99 id=c
    bob buy 2 @ 99
    alice modify #2 1 @ 102
    hold alice 7 EUR
    hold bob 3 GOLD
    capture H1 carol 2 EUR
    alice sell 0.1 @ 1 on TINEUR
    bob buy 0.3 @ 1 on TINEUR
    [9/1] transfer dave alice 1 EUR
    carol buy 5 @ 100 fok
";

fn scene() -> Exchange<Levels> {
    let mut exchange: Exchange<Levels> = Exchange::new();
    for line in commands(SCENE) {
        let words: Vec<&str> = line.split_whitespace().collect();
        exchange.obey(&words);
    }
    exchange
}

fn snapshot(exchange: &Exchange<Levels>) -> Vec<u8> {
    let mut bytes = Vec::new();
    exchange.engine.snapshot(&mut bytes);
    bytes
}

#[test]
fn special_orders_lost_on_restore() {
    check(&expect![[r#"
        alice sell 5 @ 100 id=a
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob sell 5 @ 100 maker
          #2 accepted
          #2 rests 5 @ 100, holds 5 GOLD
        carol sell 5 @ 101 expire-taker id=c
          #3 accepted
          #3 rests 5 @ 101, holds 5 GOLD
        carol buy 2 @ 100
          #4 accepted
          trade 1: 2 @ 100 = 200 EUR, #4 with #1, 3 left
        alice modify #1 4 @ 101
          #1 from 3 @ 100 to 4 @ 101, frees 3 GOLD
          #1 rests 4 @ 101, holds 4 GOLD
        restart
        book
          ask 101: #3 5, #1 4
          ask 100: #2 5
        orders alice
          #1 sell 6 @ 101, 4 open, traded for 200 EUR, placed at 21, changed at 25 ms
        orders bob
          #2 sell 5 @ 100, 5 open, traded for 0 EUR, placed at 22, changed at 22 ms
        orders carol
          #3 sell 5 @ 101, 5 open, traded for 0 EUR, placed at 23, changed at 23 ms
        # each is still what it was: the maker only rests, carol's meets itself, names lead to orders
        alice buy 1 @ 90 maker
          #5 accepted
          #5 rests 1 @ 90, holds 90 EUR
        bob modify #2 5 @ 90
          bob: rejected, WouldTake
        alice modify #5 1 @ 100
          alice: rejected, WouldTake
        carol sell 1 @ 95 id=c
          carol: rejected, DuplicateClientId
        carol buy 1 @ 80
          #6 accepted
          #6 rests 1 @ 80, holds 80 EUR
        carol modify #3 5 @ 80
          #3 from 5 @ 101 to 5 @ 80, frees 5 GOLD
          trade 2: 1 @ 90 = 90 EUR, #3 with #5, which is filled
          prevented 1 by expire-taker @ 80: #3 loses 4, #6 0
          #3 met itself: 4 @ 80, frees 0 GOLD
        alice cancel a
          #1 cancelled: 4 @ 101, frees 4 GOLD
        book
          ask 100: #2 5
          bid 80: #6 1
    "#]]);
}

#[test]
fn random_trade_id_namespace() {
    check(&expect![[r#"
        alice sell 5 @ 100
          #1 accepted
          #1 rests 5 @ 100, holds 5 GOLD
        bob buy 1 @ 100
          #2 accepted
          trade 1: 1 @ 100 = 100 EUR, #2 with #1, 4 left
        alice sell 5 @ 100 on TINEUR
          #3 accepted
          #3 rests 5 @ 100, holds 5 TIN
        bob buy 1 @ 100 on TINEUR
          #4 accepted
          trade 1: 1 @ 100 = 100 EUR, #4 with #3, 4 left; fees: taker 0.003 TIN (one unit by rounding), maker 0.1 EUR
        hold alice 1 EUR
          H1 holds 1 EUR of alice
        restart
        # numbers go on where they were, each market's trades by themselves
        bob buy 1 @ 100
          #5 accepted
          trade 2: 1 @ 100 = 100 EUR, #5 with #1, 3 left
        restart
        bob buy 1 @ 100 on TINEUR
          #6 accepted
          trade 2: 1 @ 100 = 100 EUR, #6 with #3, 3 left; fees: taker 0.003 TIN (one unit by rounding), maker 0.1 EUR
        bob buy 1 @ 100 on TINEUR
          #7 accepted
          trade 3: 1 @ 100 = 100 EUR, #7 with #3, 2 left; fees: taker 0.003 TIN (one unit by rounding), maker 0.1 EUR
        hold alice 1 EUR
          H2 holds 1 EUR of alice
        bob buy 1 @ 100
          #8 accepted
          trade 3: 1 @ 100 = 100 EUR, #8 with #1, 2 left
    "#]]);
}

#[test]
fn rejected_after_partial_fill_events_skipped_on_replay() {
    let lines = commands(SCENE);
    let mut live: Exchange<Levels> = Exchange::new();
    let start = snapshot(&live);
    let mut inputs: Vec<Stamped> = Vec::new();
    let mut told: Vec<Vec<Event>> = Vec::new();
    // Orders that trade a part and end with the rest, and orders that are refused, between others.
    let more = ["carol buy 9 @ 102 ioc", "alice sell 50 @ 99 expire-taker", "bob buy 1 @ 0", "bob buy 90 market"];
    for line in lines.iter().map(String::as_str).chain(more) {
        let words: Vec<&str> = line.split_whitespace().filter(|word| !word.starts_with('[')).collect();
        let envelope = Envelope::client(language::command(&words));
        inputs.push(live.stamp(envelope.clone()));
        told.push(live.send(envelope));
    }
    assert!(
        told.iter().any(|events| matches!(events[..], [Event::Accepted(_), Event::Trade(_), .., Event::Closed(_)]))
    );
    let mut replayed: Engine<Naive> = Engine::restore(&start).expect("a snapshot can be read back");
    for (input, told) in inputs.iter().zip(&told) {
        let mut events = Vec::new();
        replayed.apply(input, &mut events);
        assert_eq!(&events, told, "{input:?}");
    }
    assert_eq!(replayed.events_hash(), live.engine.events_hash());
    assert_eq!(replayed.state_hash(), live.engine.state_hash());
}

#[test]
fn a_snapshot_is_the_same_from_either_book_and_after_a_restore() {
    let exchange = scene();
    let bytes = snapshot(&exchange);
    let naive: Engine<Naive> = Engine::restore(&bytes).expect("a snapshot can be read back");
    let mut again = Vec::new();
    naive.snapshot(&mut again);
    assert_eq!(again, bytes);
    assert_eq!(naive.image(), exchange.engine.image());
    assert_eq!(naive.image().markets[0].last_trade, TradeId(2));
}

#[test]
fn a_snapshot_cut_anywhere_is_refused() {
    let bytes = snapshot(&scene());
    for length in 0..bytes.len() {
        let refused = Engine::<Levels>::restore(&bytes[..length]);
        assert!(refused.is_err(), "{length} of {} bytes were taken for a state", bytes.len());
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Engine::<Levels>::restore(&longer).is_err());
}

#[test]
fn a_snapshot_of_a_newer_version_is_refused_by_that_name() {
    let mut bytes = snapshot(&scene());
    bytes[0] += 1;
    assert_eq!(Engine::<Levels>::restore(&bytes).err(), Some(RestoreError::Version(3)));
}

#[test]
fn a_damaged_snapshot_is_refused_or_read_but_never_stops_the_program() {
    let bytes = snapshot(&scene());
    let mut refused = 0;
    for at in 0..bytes.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            refused += u32::from(Engine::<Levels>::restore(&damaged).is_err());
        }
    }
    // Times, counters and names may be anything; money, orders and registries may not.
    assert!(refused as usize > 2 * bytes.len(), "only {refused} of {} were refused", 4 * bytes.len());
}
