//! How many orders one account placed: the rules by themselves, for the counters in memory.

use crate::Rules;

pub(crate) const TEN_SECONDS_US: u64 = 10_000_000;
pub(crate) const DAY_US: u64 = 86_400_000_000;

/// A length of time in which orders are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Ten seconds, beginning at 0, 10, 20, … of each minute.
    TenSeconds,
    /// A day of UTC.
    Day,
}

impl Span {
    pub(crate) const fn length_us(self) -> u64 {
        match self {
            Self::TenSeconds => TEN_SECONDS_US,
            Self::Day => DAY_US,
        }
    }

    pub(crate) const fn limit(self, rules: &Rules) -> u64 {
        match self {
            Self::TenSeconds => rules.orders_per_ten_seconds,
            Self::Day => rules.orders_per_day,
        }
    }

    pub(crate) const fn refusal(self, rules: &Rules, now_us: u64) -> TooManyOrders {
        let length = self.length_us();
        TooManyOrders { span: self, limit: self.limit(rules), until_us: (now_us / length + 1) * length }
    }
}

/// Orders that an account has placed in the spans that run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Orders {
    /// In these ten seconds.
    pub ten_seconds: u64,
    /// In this day.
    pub day: u64,
}

/// An account has placed as many orders as it may. Those that were refused are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyOrders {
    /// In which span; the longer one when both are used up.
    pub span: Span,
    /// How many it may.
    pub limit: u64,
    /// When the next span begins.
    pub until_us: u64,
}

/// One account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    ten_seconds: Window,
    day: Window,
}

#[derive(Debug, Default)]
struct Window {
    number: u64,
    count: u64,
}

impl Window {
    /// Begins a new span. A request that took the time just before does not turn it back.
    const fn turn(&mut self, number: u64) {
        if number > self.number || number + 1 < self.number {
            self.number = number;
            self.count = 0;
        }
    }
}

impl Account {
    /// Counts new orders, or refuses them all.
    pub(crate) fn take(&mut self, rules: &Rules, orders: u64, now_us: u64) -> Result<Orders, TooManyOrders> {
        self.turn(now_us);
        for (span, window) in [(Span::Day, &self.day), (Span::TenSeconds, &self.ten_seconds)] {
            let limit = span.limit(rules);
            if limit > 0 && window.count.saturating_add(orders) > limit {
                return Err(span.refusal(rules, now_us));
            }
        }
        self.ten_seconds.count += orders;
        self.day.count += orders;
        Ok(self.orders())
    }

    /// Takes back orders that were not placed.
    pub(crate) fn give_back(&mut self, orders: u64, now_us: u64) -> Orders {
        self.turn(now_us);
        self.ten_seconds.count = self.ten_seconds.count.saturating_sub(orders);
        self.day.count = self.day.count.saturating_sub(orders);
        self.orders()
    }

    fn turn(&mut self, now_us: u64) {
        self.ten_seconds.turn(now_us / TEN_SECONDS_US);
        self.day.turn(now_us / DAY_US);
    }

    const fn orders(&self) -> Orders {
        Orders { ten_seconds: self.ten_seconds.count, day: self.day.count }
    }
}

#[cfg(test)]
mod tests {
    use super::{Account, DAY_US, Orders, Span, TEN_SECONDS_US, TooManyOrders};
    use crate::Rules;

    const RULES: Rules = Rules {
        weight_per_minute: 0,
        orders_per_ten_seconds: 3,
        orders_per_day: 5,
        refusals_before_ban: 0,
        max_counted: 10,
    };
    const START: u64 = 20_000 * DAY_US;

    #[test]
    fn orders_are_counted_in_both_spans_and_refused_whole() {
        let mut account = Account::default();
        let orders = |ten_seconds, day| Ok(Orders { ten_seconds, day });
        assert_eq!(account.take(&RULES, 2, START), orders(2, 2));
        // Two more would be four: neither is counted.
        let refusal = TooManyOrders { span: Span::TenSeconds, limit: 3, until_us: START + TEN_SECONDS_US };
        assert_eq!(account.take(&RULES, 2, START + 1), Err(refusal));
        assert_eq!(account.take(&RULES, 1, START + 2), orders(3, 3));
        let next = START + TEN_SECONDS_US;
        assert_eq!(account.take(&RULES, 2, next), orders(2, 5));
        let refusal = TooManyOrders { span: Span::Day, limit: 5, until_us: START + DAY_US };
        assert_eq!(account.take(&RULES, 1, next + 1), Err(refusal));
        assert_eq!(account.give_back(1, next + 2), Orders { ten_seconds: 1, day: 4 });
        assert_eq!(account.take(&RULES, 1, next + 3), orders(2, 5));
        assert_eq!(account.take(&RULES, 3, START + DAY_US), orders(3, 3));
        // Of another span than that in which they were taken there may be none to give back.
        assert_eq!(account.give_back(9, START + 2 * DAY_US), Orders::default());
    }
}
