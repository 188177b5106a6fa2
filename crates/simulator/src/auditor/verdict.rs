//! What is wrong with an answer: the first event that differs, and the rule that this breaks.

use model::{CloseReason, Event, Sequence, Trade};

/// Which rule an answer breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Commands come without gaps, and each has an answer.
    Sequence,
    /// A command is refused when, and only when, it breaks a rule, and the lowest number is told.
    Rejection,
    /// The events that the command calls for come in their order, and no other.
    Event,
    /// A trade is with the best price, and of that price with the oldest order; a new part of an iceberg is the youngest.
    Priority,
    /// A trade is at the maker's price, or the auction's, within the taker's limit.
    Price,
    /// Quantities and quote amounts add up.
    Quantity,
    /// Fees are the frozen parts per million, rounded towards the exchange, and their rounding is told.
    Fee,
    /// Orders that wait trigger and follow when the price says so, in their order.
    Trigger,
    /// Orders of a list end, and enter, together.
    List,
    /// Orders of one trade group meet as the incoming one's mode says.
    SelfTrade,
    /// What has a time happens at its time.
    Deadline,
    /// States of markets, prices of auctions and what is told of them.
    Auction,
    /// Money neither appears nor vanishes, and nobody has less than nothing.
    Conservation,
    /// What is held is what open orders and holds need.
    Held,
    /// The best bid is below the best ask where orders trade.
    Crossed,
    /// The engine's image shows what the events said.
    Image,
}

/// An answer that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("command {sequence}, {rule:?}: {detail}")]
pub struct Discrepancy {
    /// The command.
    pub sequence: Sequence,
    /// The rule.
    pub rule: Rule,
    /// What is wrong, for people.
    pub detail: String,
}

/// A broken rule, before the command is named.
pub(super) type Checked<T = ()> = Result<T, (Rule, String)>;

/// Fails the check with this rule and message unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $rule:expr, $($message:tt)+) => {
        if !$condition {
            return Err(($rule, format!($($message)+)));
        }
    };
}
pub(super) use ensure;

/// Compares an answer with what it must be.
pub(super) fn compare(wanted: &[Event], found: &[Event]) -> Checked {
    let longer = wanted.len().max(found.len());
    for at in 0..longer {
        let (wanted, found) = (wanted.get(at), found.get(at));
        if wanted == found {
            continue;
        }
        let detail = match (wanted, found) {
            (Some(wanted), Some(found)) => format!("event {at}: expected {wanted:?}, found {found:?}"),
            (Some(wanted), None) => format!("event {at}: expected {wanted:?}, found nothing"),
            (None, found) => format!("event {at}: nothing calls for {found:?}"),
        };
        return Err((rule_of(wanted, found), detail));
    }
    Ok(())
}

fn rule_of(wanted: Option<&Event>, found: Option<&Event>) -> Rule {
    let is_refusal =
        |event: Option<&Event>| matches!(event, Some(Event::Rejected { .. } | Event::CancelRejected { .. }));
    if wanted.is_some() && (is_refusal(wanted) || is_refusal(found)) {
        return Rule::Rejection;
    }
    match (wanted, found) {
        (Some(Event::Trade(wanted)), Some(Event::Trade(found))) => rule_of_trade(wanted, found),
        (Some(wanted), Some(found)) if std::mem::discriminant(wanted) == std::mem::discriminant(found) => {
            rule_of_fields(wanted, found)
        }
        (Some(wanted), _) => rule_of_absence(wanted),
        (None, _) => Rule::Event,
    }
}

fn rule_of_trade(wanted: &Trade, found: &Trade) -> Rule {
    if (wanted.maker_order, wanted.maker_account) != (found.maker_order, found.maker_account) {
        Rule::Priority
    } else if wanted.price != found.price {
        Rule::Price
    } else if wanted.quantity != found.quantity
        || wanted.quote != found.quote
        || wanted.maker_remaining != found.maker_remaining
        || wanted.taker_remaining != found.taker_remaining
    {
        Rule::Quantity
    } else if (wanted.maker_fee, wanted.taker_fee, wanted.rounding)
        != (found.maker_fee, found.taker_fee, found.rounding)
    {
        Rule::Fee
    } else if wanted.released != found.released {
        Rule::Held
    } else {
        Rule::Event
    }
}

/// Two events of one kind.
fn rule_of_fields(wanted: &Event, found: &Event) -> Rule {
    match (wanted, found) {
        (Event::Rested { held, .. }, Event::Rested { held: other, .. })
        | (Event::Armed { held, .. }, Event::Armed { held: other, .. })
        | (Event::Triggered { held, .. }, Event::Triggered { held: other, .. })
        | (Event::Entered { released: held, .. }, Event::Entered { released: other, .. })
        | (Event::Modified { released: held, .. }, Event::Modified { released: other, .. })
            if held != other =>
        {
            Rule::Held
        }
        (Event::Closed(closed), Event::Closed(other))
            if closed.order == other.order && closed.released != other.released =>
        {
            Rule::Held
        }
        (Event::Closed(_), _) => rule_of_absence(wanted),
        (Event::Amended(amended), Event::Amended(other)) if amended.released != other.released => Rule::Held,
        (Event::Transferred { amount, .. }, Event::Transferred { amount: other, .. })
        | (Event::Captured { amount, .. }, Event::Captured { amount: other, .. })
            if amount != other =>
        {
            Rule::Conservation
        }
        (Event::Triggered { .. } | Event::Tracking { .. }, _) => Rule::Trigger,
        (Event::Refilled { .. }, _) => Rule::Priority,
        (Event::Prevented(_), _) => Rule::SelfTrade,
        (Event::Uncrossed { .. } | Event::Indicative { .. } | Event::MarketStateSet { .. }, _) => Rule::Auction,
        _ => Rule::Event,
    }
}

/// An event that does not come, or in whose place another comes.
fn rule_of_absence(wanted: &Event) -> Rule {
    match wanted {
        Event::Triggered { .. } | Event::Tracking { .. } => Rule::Trigger,
        Event::Refilled { .. } => Rule::Priority,
        Event::Prevented(_) => Rule::SelfTrade,
        Event::Uncrossed { .. } | Event::Indicative { .. } | Event::MarketStateSet { .. } => Rule::Auction,
        Event::CountdownFired { .. } => Rule::Deadline,
        Event::ListDone { .. } | Event::ListPlaced { .. } => Rule::List,
        Event::Closed(closed) => match closed.reason {
            CloseReason::Deadline | CloseReason::Countdown => Rule::Deadline,
            CloseReason::ListDone => Rule::List,
            CloseReason::SelfTrade => Rule::SelfTrade,
            _ => Rule::Event,
        },
        _ => Rule::Event,
    }
}
