//! Random lines of the table language, of every kind: both books answer them alike, restarts change nothing, the events
//! lead to the image, and no book stands crossed while it trades.

use engine::{Levels, Naive};
use model::{Event, OpenOrder};

use crate::exchange::Exchange;
use crate::language;

/// Numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        model::spread(self.0) % end
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).expect("few words")]
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn price(&mut self) -> String {
        format!("{}.{}", 90 + self.below(20), self.of(&["0", "5", "25"]))
    }

    fn quantity(&mut self) -> String {
        format!("{}.{}", self.below(4), 1 + self.below(9))
    }
}

const OWNERS: [&str; 4] = ["alice", "bob", "carol", "alice1"];

fn mode(random: &mut Random) -> &'static str {
    random.of(&["", "", "", "expire-taker", "expire-maker", "expire-both", "decrement"])
}

/// How long it lives, and what is shown of it.
fn life(random: &mut Random, now: u64) -> String {
    let life = match random.below(6) {
        0 => "ioc".to_owned(),
        1 => "fok".to_owned(),
        2 => format!("gtd={}", now + 1 + random.below(60)),
        _ => String::new(),
    };
    let iceberg = if random.chance(20) { format!(" iceberg=0.{}", 1 + random.below(9)) } else { String::new() };
    life + &iceberg
}

fn contingent(random: &mut Random, now: u64) -> String {
    let kind = random.of(&["stop-loss", "take-profit"]);
    let stop = if random.chance(70) { random.price() } else { String::new() };
    let trail =
        if stop.is_empty() || random.chance(25) { format!("trail={}", 50 + random.below(800)) } else { String::new() };
    let limit = if random.chance(60) { format!("@ {} {}", random.price(), life(random, now)) } else { String::new() };
    format!("{kind} {stop} {trail} {limit}")
}

fn order(random: &mut Random, side: &str, quantity: &str, now: u64) -> String {
    let mode = mode(random);
    let rest = match random.below(10) {
        0 => format!("{} market", if random.chance(50) { "" } else { "EUR" }),
        1 | 2 => contingent(random, now),
        3 => format!("@ {} maker", random.price()),
        _ => format!("@ {} {}", random.price(), life(random, now)),
    };
    let quantity = if rest.starts_with("EUR") { format!("{}", 10 + random.below(300)) } else { quantity.to_owned() };
    format!("{side} {quantity} {rest} {mode}")
}

/// The two orders of a pair, in either order.
fn pair(random: &mut Random, now: u64) -> String {
    let (side, quantity) = (random.of(&["buy", "sell"]), random.quantity());
    let (low, high) = (90 + random.below(10), 100 + random.below(10));
    let (profit, loss) = if side == "sell" { (high, low) } else { (low, high) };
    let profit = match random.below(3) {
        0 => format!("{side} {quantity} take-profit {profit} @ {profit} {}", life(random, now)),
        1 => format!("{side} {quantity} take-profit {profit} trail=100"),
        _ => format!("{side} {quantity} @ {profit} maker {}", mode(random)),
    };
    let loss = match random.below(3) {
        0 => format!("{side} {quantity} stop-loss {loss} @ {} {}", random.price(), mode(random)),
        1 => format!("{side} {quantity} stop-loss trail={}", 50 + random.below(500)),
        _ => format!("{side} {quantity} stop-loss {loss}"),
    };
    if random.chance(50) { format!("{profit} | {loss}") } else { format!("{loss} | {profit}") }
}

fn list(random: &mut Random, now: u64) -> String {
    let quantity = random.quantity();
    let side = random.of(&["buy", "sell"]);
    let working = format!("{side} {quantity} @ {} {} {}", random.price(), life(random, now), mode(random));
    match random.below(3) {
        0 => format!("oco id=l{} | {}", random.below(5), pair(random, now)),
        1 => {
            let (side, quantity) = (random.of(&["buy", "sell"]), random.quantity());
            format!("oto | {working} | {}", order(random, side, &quantity, now))
        }
        _ => format!("otoco | {working} | {}", pair(random, now)),
    }
}

fn operator(random: &mut Random, now: u64) -> String {
    match random.below(10) {
        0..=2 => "state GOLDEUR trading".to_owned(),
        3 if random.chance(30) => format!("state GOLDEUR {}", random.of(&["post-only", "cancel-only", "halt"])),
        4 => format!("state GOLDEUR auction until={}", now + 1 + random.below(40)),
        5 if random.chance(30) => "state GOLDEUR auction".to_owned(),
        6 => {
            let volatility = random.of(&["off", "0.03/20/10", "0.05/40/30"]);
            let position = random.of(&["0", "0", "1005"]);
            format!("set GOLDEUR volatility={volatility} position={position} algo={}", 2 + random.below(20))
        }
        7 => format!("fees {} {}", random.of(&["-100/200", "0/0", "1000/2500", "none"]), random.of(&["", "tier=1"])),
        8 => format!("tier {} {}", random.of(&OWNERS), random.below(2)),
        9 if random.chance(20) => "cancel-market GOLDEUR".to_owned(),
        _ => "tick".to_owned(),
    }
}

/// The next line, given the open orders.
fn line(random: &mut Random, now: u64, open: &[OpenOrder]) -> String {
    let mut owner = random.of(&OWNERS);
    let mut target = 0;
    if let Some(order) = open.get(usize::try_from(random.below(1 + open.len() as u64)).expect("few orders")) {
        target = order.order.0;
        let is_owner = |name: &&&str| language::account(name) == order.account;
        owner = OWNERS.iter().find(is_owner).filter(|_| random.chance(95)).unwrap_or(&owner);
    }
    let quantity = random.quantity();
    let side = random.of(&["buy", "sell"]);
    match random.below(100) {
        0..=50 => format!("{owner} {}", order(random, side, &quantity, now)),
        51..=62 => format!("{owner} {}", list(random, now)),
        63..=67 => format!("{owner} cancel #{target}"),
        68..=75 => format!("{owner} amend #{target} {quantity}"),
        76..=84 => format!("{owner} modify #{target} {quantity} @ {}", random.price()),
        85..=86 => format!("{owner} replace #{target} or-not {}", order(random, side, &quantity, now)),
        87 => format!("{owner} cancel-all"),
        88 => format!("{owner} cancel-list l{}", random.below(5)),
        89 => format!("{owner} countdown {} {}", 40 * random.below(10), random.of(&["", "on GOLDEUR"])),
        90..=93 => format!("at {} tick", now + random.below(30)),
        _ => operator(random, now),
    }
}

fn play(seed: u64, lines: u32, kinds: &mut Vec<String>) {
    let mut random = Random(seed);
    let mut steady: Exchange<Levels> = Exchange::new();
    let mut restarting: Exchange<Naive> = Exchange::new();
    for line in ["open alice1 of alice", "transfer alice alice1 300 EUR", "transfer alice alice1 3 GOLD"] {
        let words: Vec<&str> = line.split_whitespace().collect();
        steady.obey(&words);
        restarting.obey(&words);
    }
    for _ in 0..lines {
        let line = line(&mut random, steady.now().millis(), &steady.engine.image().orders);
        let words: Vec<&str> = line.split_whitespace().collect();
        if random.chance(10) {
            restarting.restart();
        }
        let events = steady.obey(&words);
        assert_eq!(restarting.obey(&words), events, "{line}");
        kinds.extend(events.iter().map(kind));
        steady.check();
    }
    assert_eq!(restarting.engine.state_hash(), steady.engine.state_hash());
}

/// The name of an event, and why it is what it is.
fn kind(event: &Event) -> String {
    match event {
        Event::Rejected { reason, .. } => format!("Rejected {reason:?}"),
        Event::Closed(closed) => format!("Closed {:?}", closed.reason),
        Event::Armed { wait, .. } => format!("Armed {wait:?}"),
        Event::Prevented(prevented) => format!("Prevented {:?}", prevented.mode),
        Event::MarketStateSet { cause, .. } => format!("MarketStateSet {cause:?}"),
        other => format!("{other:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
    }
}

/// What must have happened more than once, or the lines are not worth much.
const EVENTS: &str = "
    Accepted; Rested; Trade; Refilled; Tracking; Triggered; Entered; Amended; Modified; ListPlaced; ListDone; Ticked;
    Armed Stop; Armed Trailing; Armed List; Closed Cancelled; Closed Expired; Closed SelfTrade; Closed ListDone;
    Closed Deadline; Closed Countdown; Closed Refused; Closed MarketCancelled; Prevented ExpireTaker;
    Prevented ExpireMaker; Prevented ExpireBoth; Prevented Decrement; CountdownSet; CountdownFired; Uncrossed; Indicative;
    MarketStateSet Operator; MarketStateSet Volatility; MarketStateSet Deadline; MarketSet; TierSet; FeesSet;
    Rejected MarketClosed; Rejected UnknownOrder; Rejected InvalidOrder; Rejected InsufficientBalance;
    Rejected StopWouldTrigger; Rejected WouldTake; Rejected MaxPosition; Rejected MaxAlgoOrders; Rejected InvalidList;
    Rejected CannotAmend; Rejected CannotModify
";

#[test]
fn random_lines() {
    let mut kinds = Vec::new();
    for seed in 1..=80 {
        play(seed << 32, 400, &mut kinds);
    }
    for event in EVENTS.split(';').map(str::trim) {
        let times = kinds.iter().filter(|kind| *kind == event).count();
        assert!(times > 1, "{event} happened {times} times");
    }
}
