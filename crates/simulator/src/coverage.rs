//! What a run has reached: every kind of event and every reason of rejection should be among it.

use std::collections::BTreeMap;

use model::{CloseReason, Event, Reject};

/// How often each kind of event and each reason of rejection was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    events: BTreeMap<&'static str, u64>,
    rejects: BTreeMap<Reject, u64>,
}

/// Every kind of event that [`Coverage`] counts; the ends of an order are kinds of their own.
const KINDS: [&str; 19] = [
    "Rejected",
    "CancelRejected",
    "Duplicate",
    "AssetAdded",
    "MarketAdded",
    "AccountOpened",
    "Transferred",
    "Held",
    "Captured",
    "Released",
    "Accepted",
    "Trade",
    "Rested",
    "Closed: cancelled",
    "Closed: expired",
    "Closed: self-trade",
    "Modified",
    "AllCancelled: none",
    "AllCancelled: some",
];

const fn kind(event: &Event) -> &'static str {
    match event {
        Event::Rejected { .. } => "Rejected",
        Event::CancelRejected { .. } => "CancelRejected",
        Event::Duplicate { .. } => "Duplicate",
        Event::AssetAdded(_) => "AssetAdded",
        Event::MarketAdded(_) => "MarketAdded",
        Event::AccountOpened { .. } => "AccountOpened",
        Event::Transferred { .. } => "Transferred",
        Event::Held { .. } => "Held",
        Event::Captured { .. } => "Captured",
        Event::Released { .. } => "Released",
        Event::Accepted(_) => "Accepted",
        Event::Trade(_) => "Trade",
        Event::Rested { .. } => "Rested",
        Event::Closed(closed) => match closed.reason {
            CloseReason::Cancelled => "Closed: cancelled",
            CloseReason::Expired => "Closed: expired",
            CloseReason::SelfTrade => "Closed: self-trade",
        },
        Event::Modified { .. } => "Modified",
        Event::AllCancelled { count: 0, .. } => "AllCancelled: none",
        Event::AllCancelled { .. } => "AllCancelled: some",
    }
}

impl Coverage {
    /// Counts one event.
    pub fn count(&mut self, event: &Event) {
        *self.events.entry(kind(event)).or_default() += 1;
        if let Event::Rejected { reason, .. } | Event::CancelRejected { reason, .. } = event {
            *self.rejects.entry(*reason).or_default() += 1;
        }
    }

    /// Adds what another run has reached.
    pub fn add(&mut self, other: &Self) {
        for (kind, count) in &other.events {
            *self.events.entry(kind).or_default() += count;
        }
        for (reason, count) in &other.rejects {
            *self.rejects.entry(*reason).or_default() += count;
        }
    }

    /// How many trades there were.
    pub fn trades(&self) -> u64 {
        self.events.get("Trade").copied().unwrap_or_default()
    }

    /// How many commands, or parts of a cancel-replace, were refused.
    pub fn rejections(&self) -> u64 {
        self.rejects.values().sum()
    }

    /// How often each kind and each reason was reached, the most frequent first.
    pub fn counts(&self) -> Vec<(String, u64)> {
        let kinds = self.events.iter().map(|(kind, count)| ((*kind).to_owned(), *count));
        let rejects = self.rejects.iter().map(|(reason, count)| (format!("Reject::{reason:?}"), *count));
        let mut all: Vec<(String, u64)> = kinds.chain(rejects).collect();
        all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        all
    }

    /// What was not reached at all.
    pub fn missing(&self) -> Vec<String> {
        let kinds = KINDS.iter().filter(|kind| !self.events.contains_key(*kind)).map(|kind| (*kind).to_owned());
        let rejects = Reject::ALL.iter().filter(|reason| !self.rejects.contains_key(reason));
        kinds.chain(rejects.map(|reason| format!("Reject::{reason:?}"))).collect()
    }
}
