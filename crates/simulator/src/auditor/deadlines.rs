//! What happens by itself when its time has come: orders expire, countdowns fire, auctions end, indicative prices are told.

use model::{
    AccountId, ClientOrderId, CloseReason, Command, Event, MarketId, MarketState, OrderId, Reject, StateCause,
    Timestamp,
};

use super::Auditor;

/// Something with a time, in the order of one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Order(OrderId),
    Countdown(AccountId, Option<MarketId>),
    Market(MarketId, ByItself),
}

/// What a market does by itself; the end of an auction comes before its price is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ByItself {
    Opens,
    Tells,
}

impl Auditor {
    /// When something happens by itself next: a host that sends no command by then would be late.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.next_due().map(|(deadline, _)| Timestamp(deadline))
    }

    /// Lets everything happen that is due, the earliest first.
    pub(super) fn pass_time(&mut self) {
        while let Some((deadline, due)) = self.next_due() {
            if deadline > self.time.0 {
                return;
            }
            match due {
                Due::Order(id) => self.close(id, CloseReason::Deadline, ClientOrderId::EMPTY),
                Due::Countdown(account, market) => self.fire(account, market),
                Due::Market(market, ByItself::Opens) => {
                    self.go_to(market, MarketState::Trading, Timestamp::NEVER, StateCause::Deadline);
                }
                Due::Market(market, ByItself::Tells) => self.tell(market),
            }
            self.note_changed_auctions();
        }
    }

    fn next_due(&self) -> Option<(u64, Due)> {
        let orders = self.orders.values().map(|order| (order.expire_at.0, Due::Order(order.id)));
        let countdowns = self.countdowns.iter().map(|(key, deadline)| (*deadline, Due::Countdown(key.0, key.1)));
        let auctions = self.venues.values().map(|venue| (venue.until.0, Due::Market(venue.market.id, ByItself::Opens)));
        let told = self.venues.values().filter(|venue| venue.told.is_due);
        let indicative =
            told.map(|venue| (venue.told.not_before.max(1), Due::Market(venue.market.id, ByItself::Tells)));
        let all = orders.chain(countdowns).chain(auctions).chain(indicative);
        all.filter(|(deadline, _)| *deadline != Timestamp::NEVER.0).min()
    }

    fn fire(&mut self, account: AccountId, market: Option<MarketId>) {
        self.countdowns.remove(&(account, market));
        self.emit(Event::CountdownFired { account, market });
        let markets: Vec<MarketId> = self.venues.keys().copied().collect();
        for id in markets.into_iter().filter(|id| market.is_none_or(|market| market == *id)) {
            self.close_each(Some(account), id, CloseReason::Countdown);
        }
    }

    pub(super) fn set_countdown(&mut self, account: AccountId, market: Option<MarketId>, timeout_us: u64) {
        let mut broken = Vec::new();
        if market.is_some_and(|market| !self.venues.contains_key(&market)) {
            broken.push(Reject::UnknownMarket);
        }
        if !self.accounts.contains_key(&account) {
            broken.push(Reject::UnknownAccount);
        }
        if timeout_us > Command::MAX_COUNTDOWN_US {
            broken.push(Reject::InvalidTime);
        }
        let deadline =
            if timeout_us == 0 { Timestamp::NEVER } else { Timestamp(self.time.0.saturating_add(timeout_us)) };
        if broken.is_empty() {
            self.countdowns.remove(&(account, market));
            if timeout_us > 0 {
                self.countdowns.insert((account, market), deadline.0);
            }
        }
        self.emit_unless(&broken, account, Event::CountdownSet { account, market, deadline });
    }
}
