//! Snapshots of everything that can be open: what is restored is equal, goes on equally, and is refused when it is damaged.

use engine::{Book, Engine, Levels, Naive};
use model::{Command, Envelope, Sequence, Stamped, Timestamp};

use crate::exchange::{Exchange, commands};

/// Orders of every kind in every place, lists at every stage, switches, tiers, and markets in several states.
const SCENE: &str = "
    open alice1 of alice
    fees -10/20 tier=4
    fees 100/200
    fees 30/40 tier=4 on TINGOLD
    tier carol 4
    set TINGOLD volatility=0.1/5000/700 algo=50
    carol sell 1 @ 100
    bob buy 1 @ 100
    # it rests with a part shown, prevented, with a deadline
    alice sell 9 @ 130 iceberg=2 gtd=6400 id=ice
    bob buy 3 @ 130
    alice buy 1 @ 130 decrement
    bob buy 1 @ 40 maker expire-both
    # it waits for its stop price, for a first trade, for a turn
    alice sell 1 stop-loss 80 id=stop
    bob sell 1 stop-loss 80 @ 79 iceberg=0.5 gtd=6000
    carol buy 2 stop-loss 150
    carol buy 2 take-profit 70 trail=40 @ 71
    alice sell 1 stop-loss trail=500
    bob sell 2 stop-loss trail=500 @ 1
    alice buy 1 take-profit trail=300
    carol sell 1 @ 101
    bob buy 1 @ 101
    bob sell 1 stop-loss trail=500 id=later
    carol sell 1 @ 99
    bob buy 1 @ 99
    # lists: pairs at work, pending ones, one whose working order has traded in part
    alice oco id=pair | sell 2 @ 140 maker | sell 2 stop-loss 75 @ 74
    bob oco | buy 2 stop-loss 160 @ 161 | buy 2 @ 45 maker id=half
    carol oto id=oto | buy 2 @ 60 | sell 2 @ 170 iceberg=1 gtd=9000
    alice otoco id=three | buy 3 @ 97 | sell 3 @ 171 maker | sell 3 stop-loss 55
    bob sell 1 @ 97 ioc
    alice countdown 9000
    bob countdown 8000 on GOLDEUR
    carol sell 1 stop-loss trail=500 id=fresh
    hold alice 7 EUR
    # a market that only posts, with a queue: triggered orders and pending ones, alone and as a pair
    carol sell 1 @ 10 on TINEUR
    bob buy 1 @ 10 on TINEUR
    alice buy 1 stop-loss 12 on TINEUR
    bob buy 1 stop-loss 12 @ 13 ioc on TINEUR
    carol oto | buy 1 @ 12 on TINEUR | sell 1 @ 20 on TINEUR
    alice otoco | buy 1 @ 12 on TINEUR | sell 1 @ 21 maker on TINEUR | sell 1 stop-loss 5 on TINEUR
    alice oco | buy 1 take-profit 6 @ 14 on TINEUR | buy 1 stop-loss 12 @ 13 on TINEUR
    state TINEUR auction
    bob sell 5 @ 12 on TINEUR
    carol buy 1 @ 12 on TINEUR
    state TINEUR post-only
    # an auction by volatility, with a price that is still to be told
    carol sell 1 @ 10 on TINGOLD
    bob buy 1 @ 10 on TINGOLD
    at 5200 carol buy 1 @ 1 on TINGOLD
    carol sell 2 @ 12 on TINGOLD
    bob buy 1 @ 12 on TINGOLD
    alice buy 1 @ 13 on TINGOLD
    state GOLDTIN cancel-only
";

/// What happens to all of it afterwards.
const LATER: &str = "
    at 5800 tick
    bob sell 1 @ 97
    carol buy 1 @ 81
    bob sell 1 @ 81
    alice amend ice 7
    bob sell 2 @ 60 ioc
    carol buy 1 @ 74
    bob sell 1 @ 74
    carol buy 2 @ 140
    state TINEUR trading
    alice cancel-list three
    carol buy 3 @ 175
    carol sell 2 @ 40
    alice sell 1 @ 90 id=stop
    bob buy 1 @ 96
    at 6500 carol sell 1 @ 12.5 on TINGOLD
    bob buy 2 @ 161
    alice replace pair or-not buy 1 @ 3
    at 8100 tick
    at 9500 tick
    alice buy 1 @ 14 on TINGOLD
    cancel-market GOLDEUR
    at 20000 tick
    bob cancel-all
    carol cancel-all
    alice cancel-all
    release H1
";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().filter(|word| *word != "#").collect()
}

fn lines(text: &str) -> Vec<String> {
    commands(text).into_iter().filter(|line| !line.starts_with('#')).collect()
}

fn scene<B: Book>() -> Exchange<B> {
    let mut exchange = Exchange::new();
    for line in lines(SCENE) {
        exchange.obey(&words(&line));
    }
    exchange.check();
    exchange
}

fn snapshot<B: Book>(engine: &Engine<B>) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

/// The engine that these bytes are the state of, equal to `engine` in all that can be asked of it.
fn restored<B: Book, C: Book>(engine: &Engine<B>) -> Engine<C> {
    let bytes = snapshot(engine);
    let again: Engine<C> = Engine::restore(&bytes).expect("a snapshot can be read back");
    assert_eq!(snapshot(&again), bytes);
    assert_eq!(again.image(), engine.image());
    assert_eq!(again.state_hash(), engine.state_hash());
    assert_eq!(again.events_hash(), engine.events_hash());
    again
}

/// The scene is worth its name: something of every kind is open in it.
#[test]
fn the_scene_has_everything() {
    let image = scene::<Levels>().engine.image();
    let waits = |wait| image.orders.iter().filter(move |order| order.wait == wait).count();
    for wait in [model::Wait::Nothing, model::Wait::Stop, model::Wait::Trailing, model::Wait::List, model::Wait::Market]
    {
        assert!(waits(wait) >= 3, "{wait:?}: {}", waits(wait));
    }
    let trailing = || image.orders.iter().filter(|order| order.wait == model::Wait::Trailing);
    assert!(trailing().any(|order| order.tracked.0 == 0) && trailing().any(|order| order.tracked.0 > 0));
    assert!(image.orders.iter().any(|order| order.visible < order.remaining && order.visible.0 > 0));
    assert!(image.orders.iter().any(|order| order.prevented.0 > 0));
    for kind in [model::ListKind::Oco, model::ListKind::Oto, model::ListKind::Otoco] {
        assert!(image.lists.iter().any(|list| list.kind == kind), "{kind:?}");
    }
    let states: Vec<_> = image.markets.iter().map(|found| found.state).collect();
    use model::MarketState::{Auction, CancelOnly, PostOnly, Trading};
    assert_eq!(states, [Trading, PostOnly, CancelOnly, Auction]);
    assert_eq!((image.countdowns.len(), image.fees.len()), (2, 3));
}

#[test]
fn the_snapshot_of_either_book_is_restored_into_either() {
    let fast = scene::<Levels>().engine;
    let naive = scene::<Naive>().engine;
    assert_eq!(snapshot(&fast), snapshot(&naive));
    restored::<Levels, Levels>(&fast);
    restored::<Levels, Naive>(&fast);
    restored::<Naive, Levels>(&naive);
}

#[test]
fn what_is_restored_goes_on_equally() {
    let mut steady: Exchange<Levels> = scene();
    let mut naive: Exchange<Naive> = scene();
    naive.engine = restored(&naive.engine);
    // One is restored once, the other before every command.
    let mut often: Exchange<Levels> = scene();
    for line in lines(LATER) {
        often.restart();
        let events = steady.obey(&words(&line));
        assert_eq!(naive.obey(&words(&line)), events, "{line}");
        assert_eq!(often.obey(&words(&line)), events, "{line}");
        steady.check();
    }
    assert_eq!(naive.engine.state_hash(), steady.engine.state_hash());
    assert_eq!(often.engine.state_hash(), steady.engine.state_hash());
    assert_eq!(steady.engine.open_orders(), 0);
    let held: i64 = steady.engine.image().balances.iter().map(|balance| balance.held.0).sum();
    assert_eq!(held, 0);
}

#[test]
fn a_snapshot_cut_anywhere_is_refused() {
    let bytes = snapshot(&scene::<Levels>().engine);
    for length in 0..bytes.len() {
        assert!(Engine::<Levels>::restore(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}

/// Sweeps both sides of the markets, lets a day pass, and cancels what is left.
fn play_on(mut engine: Engine<Levels>) {
    let lines = [
        "bob buy 30 market",
        "bob sell 40 market",
        "carol buy 2 @ 105",
        "carol sell 2 @ 90",
        "alice modify #1 1 @ 99",
        "alice cancel-all",
        "bob cancel-all",
        "carol cancel-all",
        "dave cancel-all",
    ];
    let commands = lines.iter().map(|line| crate::language::command(&words(line)));
    let mut events = Vec::new();
    for (number, command) in commands.chain([Command::Tick]).enumerate() {
        let sequence = Sequence(engine.sequence().0 + 1);
        let day = 86_400_000_000 * u64::from(number >= 5);
        let time = Timestamp(engine.time().0.saturating_add(day));
        engine.apply(&Stamped { sequence, time, envelope: Envelope::client(command) }, &mut events);
    }
}

/// A damaged state is refused, or it is another state that works: commands and snapshots do not stop the program.
#[test]
fn a_damaged_snapshot_never_stops_the_program() {
    let bytes = snapshot(&scene::<Levels>().engine);
    let (mut refused, mut tried) = (0, 0);
    for at in 0..bytes.len() {
        for flip in [0x01, 0x04, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[at] ^= flip;
            tried += 1;
            match Engine::<Levels>::restore(&damaged) {
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
                Ok(engine) => {
                    let _ = (engine.image(), engine.state_hash());
                    // It is a state like any other: what it writes is read back, and commands find it in order.
                    play_on(restored::<Levels, Levels>(&engine));
                }
            }
        }
    }
    assert!(refused > tried / 3, "only {refused} of {tried} were refused");
}
