//! What runs have reached: every command, kind of event, reason of rejection, and order type with all that it can have.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    Accepted, CloseReason, Command, Event, ListId, ListKind, MarketState, OrderId, OrderType, Reject, SelfTrade,
    StateCause, TimeInForce, Trade, Wait,
};

/// How often each thing was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    seen: BTreeMap<String, u64>,
    trades: u64,
    rejections: u64,
    /// Triggered orders whose market did not trade when their command ended.
    queued: BTreeSet<OrderId>,
}

const TYPES: [OrderType; 7] = [
    OrderType::Limit,
    OrderType::Market,
    OrderType::LimitMaker,
    OrderType::StopLoss,
    OrderType::StopLossLimit,
    OrderType::TakeProfit,
    OrderType::TakeProfitLimit,
];

const COMMANDS: [&str; 22] = [
    "Tick",
    "AddAsset",
    "AddMarket",
    "SetMarket",
    "SetMarketState",
    "OpenAccount",
    "SetTier",
    "SetFees",
    "Transfer",
    "Hold",
    "Capture",
    "Release",
    "Place",
    "PlaceList",
    "Cancel",
    "CancelAll",
    "CancelList",
    "CancelMarket",
    "SetCountdown",
    "Amend",
    "Modify",
    "CancelReplace",
];

/// Kinds of events without anything that tells them apart.
const EVENTS: [&str; 25] = [
    "Rejected",
    "CancelRejected",
    "Duplicate",
    "AssetAdded",
    "MarketAdded",
    "MarketSet",
    "Indicative",
    "Uncrossed",
    "AccountOpened",
    "TierSet",
    "FeesSet",
    "Ticked",
    "Transferred",
    "Held",
    "Captured",
    "Released",
    "ListDone",
    "Tracking",
    "Triggered",
    "Entered",
    "Refilled",
    "Rested",
    "Amended",
    "Modified",
    "CountdownFired",
];

/// What one event, or several of one answer, can show beyond their kind.
const TRAITS: [&str; 27] = [
    "AccountOpened of a sub-account",
    "AllCancelled none",
    "AllCancelled some",
    "Amended two orders of a pair",
    "Armed for which its pair holds",
    "CountdownSet",
    "CountdownSet off",
    "Indicative of nothing",
    "Prevented among sub-accounts",
    "Rested with a hidden part",
    "Trade in an auction",
    "Trade in an auction that releases",
    "Trade with a rebate for the maker",
    "Trade with a rebate for the taker",
    "Trade with a rebate that is rounded",
    "Trade of a market order by quote amount",
    "Triggered that takes over its pair's hold",
    "a cascade of three",
    "a halt in a cascade",
    "a pair whose other order an auction ends",
    "a trade that ends the other of its pair",
    "a trigger that ends the other of its pair",
    "a trigger that waited for its market",
    "an entered order that trades",
    "an entered order that waits again",
    "an iceberg that is refilled in an auction",
    "two prices that trigger in one command",
];

impl Coverage {
    /// Counts a command with its answer.
    pub fn count(&mut self, command: &Command, events: &[Event]) {
        self.mark(format!("command {}", name(command)));
        for event in events {
            let kind = name(event);
            if EVENTS.contains(&kind.as_str()) {
                self.mark(kind);
            }
            self.count_event(event);
        }
        self.count_answer(events);
    }

    fn mark(&mut self, what: impl Into<String>) {
        *self.seen.entry(what.into()).or_default() += 1;
    }

    fn mark_if(&mut self, holds: bool, what: &str) {
        if holds {
            self.mark(what);
        }
    }

    fn count_event(&mut self, event: &Event) {
        match *event {
            Event::Rejected { reason, .. } | Event::CancelRejected { reason, .. } => {
                self.rejections += 1;
                self.mark(format!("Reject::{reason:?}"));
            }
            Event::Accepted(ref accepted) => self.count_order(accepted),
            Event::Armed { wait, held, .. } => {
                self.mark_if(held.0 == 0 && wait != Wait::List, "Armed for which its pair holds");
                self.mark(format!("Armed {wait:?}"));
            }
            Event::Closed(closed) => self.mark(format!("Closed {:?}", closed.reason)),
            Event::MarketStateSet { state, cause, .. } => {
                self.mark(format!("MarketStateSet {state:?}"));
                self.mark(format!("MarketStateSet by {cause:?}"));
            }
            Event::ListPlaced { kind, .. } => self.mark(format!("ListPlaced {kind:?}")),
            Event::Prevented(prevented) => {
                self.mark(format!("Prevented {:?}", prevented.mode));
                self.mark_if(prevented.maker_account != prevented.taker_account, "Prevented among sub-accounts");
            }
            Event::Trade(ref trade) => self.count_trade(trade),
            Event::Rested { remaining, visible, .. } => self.mark_if(visible < remaining, "Rested with a hidden part"),
            Event::AccountOpened { parent, .. } => self.mark_if(parent.0 != 0, "AccountOpened of a sub-account"),
            Event::AllCancelled { count, .. } => {
                self.mark(if count == 0 { "AllCancelled none" } else { "AllCancelled some" });
            }
            Event::CountdownSet { deadline, .. } => {
                self.mark(if deadline.0 == 0 { "CountdownSet off" } else { "CountdownSet" });
            }
            Event::Indicative { volume, .. } => self.mark_if(volume.0 == 0, "Indicative of nothing"),
            Event::Triggered { held, .. } => self.mark_if(held.0 > 0, "Triggered that takes over its pair's hold"),
            _ => {}
        }
    }

    fn count_order(&mut self, accepted: &Accepted) {
        let (kind, none) = (format!("{:?}", accepted.order_type), ListId(0));
        self.mark(kind.clone());
        self.mark(format!("{kind} {:?}", accepted.time_in_force));
        self.mark(format!("{kind} {:?}", accepted.self_trade));
        let trails = accepted.trailing_delta != 0;
        for (holds, what) in [
            (accepted.iceberg.0 != 0, "iceberg"),
            (accepted.iceberg.0 != 0 && accepted.list != none, "iceberg in a list"),
            (accepted.list != none, "in a list"),
            (trails && accepted.stop_price.0 != 0, "that trails from a stop price"),
            (trails && accepted.stop_price.0 == 0, "that trails at once"),
        ] {
            self.mark_if(holds, &format!("{kind} {what}"));
        }
    }

    fn count_trade(&mut self, trade: &Trade) {
        self.trades += 1;
        self.mark("Trade");
        self.mark_if(trade.auction, "Trade in an auction");
        self.mark_if(trade.released.0 > 0, "Trade in an auction that releases");
        self.mark_if(trade.maker_fee.0 < 0, "Trade with a rebate for the maker");
        self.mark_if(trade.taker_fee.0 < 0, "Trade with a rebate for the taker");
        let rounded =
            (trade.maker_fee.0 < 0 && trade.rounding[0] > 0) || (trade.taker_fee.0 < 0 && trade.rounding[1] > 0);
        self.mark_if(rounded, "Trade with a rebate that is rounded");
    }

    /// What several events of one answer show together.
    fn count_answer(&mut self, events: &[Event]) {
        let mut entered = BTreeSet::new();
        let (mut triggers, mut amended) = (0, 0);
        let mut by_quote = None;
        for pair in events.windows(2) {
            match pair {
                [Event::Trade(trade), Event::Closed(closed)] if closed.reason == CloseReason::ListDone => {
                    self.mark("a trade that ends the other of its pair");
                    self.mark_if(trade.auction, "a pair whose other order an auction ends");
                }
                [Event::Closed(closed), Event::Triggered { .. }] if closed.reason == CloseReason::ListDone => {
                    self.mark("a trigger that ends the other of its pair");
                }
                [Event::Trade(trade), Event::Refilled { .. }] => {
                    self.mark_if(trade.auction, "an iceberg that is refilled in an auction");
                }
                [Event::Entered { order, .. }, Event::Armed { order: armed, .. }] if order == armed => {
                    self.mark("an entered order that waits again");
                }
                [Event::Accepted(accepted), Event::Trade(_)] => {
                    by_quote = (accepted.quote_quantity.0 > 0).then_some(accepted.order);
                }
                _ => {}
            }
        }
        let (mut rounds, mut prices, mut triggered) = (0, BTreeSet::new(), BTreeSet::new());
        for event in events {
            match event {
                Event::Entered { order, .. } => {
                    entered.insert(*order);
                    prices.clear();
                    let waited = self.queued.remove(order);
                    self.mark_if(waited, "a trigger that waited for its market");
                    triggered.remove(order);
                }
                Event::Trade(trade) => {
                    self.mark_if(entered.contains(&trade.taker_order), "an entered order that trades");
                    self.mark_if(by_quote == Some(trade.taker_order), "Trade of a market order by quote amount");
                    prices.insert(trade.price);
                    rounds += u32::from(triggers > 0 && entered.contains(&trade.taker_order));
                }
                Event::MarketStateSet { cause: StateCause::Volatility, .. } => {
                    self.mark_if(!entered.is_empty(), "a halt in a cascade");
                }
                Event::Triggered { order, .. } => {
                    triggers += 1;
                    triggered.insert(*order);
                    self.mark_if(prices.len() > 1, "two prices that trigger in one command");
                }
                Event::Amended(_) => amended += 1,
                _ => {}
            }
        }
        self.queued.extend(triggered);
        self.mark_if(rounds > 2 && triggers > 2, "a cascade of three");
        self.mark_if(amended > 1, "Amended two orders of a pair");
    }

    /// Adds what another run has reached.
    pub fn add(&mut self, other: &Self) {
        for (what, count) in &other.seen {
            *self.seen.entry(what.clone()).or_default() += count;
        }
        self.trades += other.trades;
        self.rejections += other.rejections;
    }

    /// How many trades there were.
    pub const fn trades(&self) -> u64 {
        self.trades
    }

    /// How many commands, or parts of a cancel-replace, were refused.
    pub const fn rejections(&self) -> u64 {
        self.rejections
    }

    /// How often each thing was reached, the most frequent first.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let mut all: Vec<(String, u64)> = self.seen.iter().map(|(what, count)| (what.clone(), *count)).collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }

    /// What was not reached at all.
    pub fn missing(&self) -> Vec<String> {
        everything().into_iter().filter(|what| !self.seen.contains_key(what)).collect()
    }
}

/// The name of the variant.
fn name(value: &impl std::fmt::Debug) -> String {
    let text = format!("{value:?}");
    text.split(|next: char| !next.is_alphanumeric()).next().unwrap_or_default().to_owned()
}

/// All that can be reached.
fn everything() -> Vec<String> {
    let mut all: Vec<String> = COMMANDS.iter().map(|command| format!("command {command}")).collect();
    all.extend(EVENTS.iter().chain(&TRAITS).map(|what| (*what).to_owned()));
    all.extend(Reject::ALL.iter().map(|reason| format!("Reject::{reason:?}")));
    for code in 0.. {
        let Some(wait) = Wait::from_code(code) else { break };
        // What waits for the market was triggered, which has its own event.
        if !matches!(wait, Wait::Nothing | Wait::Market) {
            all.push(format!("Armed {wait:?}"));
        }
    }
    all.extend((0..).map_while(MarketState::from_code).map(|state| format!("MarketStateSet {state:?}")));
    all.extend((0..).map_while(ListKind::from_code).map(|kind| format!("ListPlaced {kind:?}")));
    for cause in [StateCause::Operator, StateCause::Volatility, StateCause::Deadline] {
        all.push(format!("MarketStateSet by {cause:?}"));
    }
    for mode in (1..).map_while(SelfTrade::from_code) {
        all.push(format!("Prevented {mode:?}"));
    }
    use CloseReason::{Cancelled, Countdown, Deadline, Expired, ListDone, MarketCancelled, Overflow, Refused};
    for reason in
        [Cancelled, Expired, CloseReason::SelfTrade, ListDone, Deadline, Countdown, Refused, Overflow, MarketCancelled]
    {
        all.push(format!("Closed {reason:?}"));
    }
    for order_type in TYPES {
        all.extend(traits_of(order_type).into_iter().map(|what| format!("{order_type:?}{what}")));
    }
    all
}

/// What an order of a kind can have.
fn traits_of(order_type: OrderType) -> Vec<String> {
    let mut traits = vec![String::new(), " in a list".to_owned()];
    traits.extend((0..).map_while(SelfTrade::from_code).map(|mode| format!(" {mode:?}")));
    let times: &[TimeInForce] = match order_type {
        OrderType::Market => &[TimeInForce::Ioc],
        OrderType::LimitMaker | OrderType::StopLoss | OrderType::TakeProfit => &[TimeInForce::Gtc, TimeInForce::Gtd],
        _ => &[TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok, TimeInForce::Gtd],
    };
    traits.extend(times.iter().map(|time_in_force| format!(" {time_in_force:?}")));
    if order_type.has_limit() {
        traits.extend([" iceberg", " iceberg in a list"].map(str::to_owned));
    }
    if order_type.is_contingent() {
        traits.extend([" that trails from a stop price", " that trails at once"].map(str::to_owned));
    }
    traits
}
