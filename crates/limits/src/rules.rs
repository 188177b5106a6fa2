/// How much may be asked for. A limit of zero is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Request weight of one address in one minute.
    pub weight_per_minute: u64,
    /// Orders of one account in ten seconds.
    pub orders_per_ten_seconds: u64,
    /// Orders of one account in one day of UTC.
    pub orders_per_day: u64,
    /// Refusals that an address is given, without two quiet minutes between them, before it is banned; zero: it never is.
    pub refusals_before_ban: u32,
    /// Addresses, and accounts, that are counted in memory at the same time. For one more, the one that was quiet the longest
    /// is forgotten.
    pub max_counted: u64,
}

impl Rules {
    /// Whether weight has a limit.
    pub const fn limits_weight(&self) -> bool {
        self.weight_per_minute > 0
    }

    /// Whether orders have a limit.
    pub const fn limits_orders(&self) -> bool {
        self.orders_per_ten_seconds > 0 || self.orders_per_day > 0
    }
}
