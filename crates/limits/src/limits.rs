use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::local::Local;
use crate::shared::{InvalidUrl, Shared};
use crate::{Admission, Orders, Rules, TooManyOrders, Verdict};

/// Counts what addresses and accounts use, and says who used too much.
///
/// Times are microseconds since 1970 by the caller's clock. No call fails: when Redis does, the memory of this process decides.
#[derive(Debug)]
pub struct Limits {
    rules: Rules,
    counters: Counters,
}

/// Where the counters are.
#[derive(Debug)]
enum Counters {
    Local(Local),
    Shared(Arc<Shared>),
}

impl Limits {
    /// Counters in the memory of this process.
    pub fn local(rules: Rules) -> Self {
        Self { rules, counters: Counters::Local(Local::new(&rules)) }
    }

    /// Counters in a Redis that several processes share. It is connected to when it is first needed, and a call waits for it at
    /// most for `patience`.
    ///
    /// Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// [`InvalidUrl`] when the address is none of a Redis.
    pub fn shared(rules: Rules, url: &str, patience: Duration) -> Result<Self, InvalidUrl> {
        Ok(Self { rules, counters: Counters::Shared(Shared::new(&rules, url, patience)?) })
    }

    /// How much may be asked for.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Counts a request of an address and judges it.
    pub async fn admit(&self, address: IpAddr, weight: u32, now_us: u64) -> Admission {
        if !self.rules.limits_weight() {
            return Admission { verdict: Verdict::Admitted, used: 0 };
        }
        match &self.counters {
            Counters::Local(local) => local.admit(&self.rules, address, weight, now_us),
            Counters::Shared(shared) => Box::pin(shared.admit(&self.rules, address, weight, now_us)).await,
        }
    }

    /// Adds weight that turned out afterwards; gives what the address has used in this minute.
    pub async fn charge(&self, address: IpAddr, weight: u32, now_us: u64) -> u64 {
        if !self.rules.limits_weight() {
            return 0;
        }
        match &self.counters {
            Counters::Local(local) => local.charge(address, weight, now_us),
            Counters::Shared(shared) => Box::pin(shared.charge(address, weight, now_us)).await,
        }
    }

    /// Counts new orders of an account.
    ///
    /// # Errors
    /// [`TooManyOrders`], and none of them was counted.
    pub async fn take_orders(&self, account: u32, orders: u64, now_us: u64) -> Result<Orders, TooManyOrders> {
        if !self.rules.limits_orders() {
            return Ok(Orders::default());
        }
        match &self.counters {
            Counters::Local(local) => local.take(&self.rules, account, orders, now_us),
            Counters::Shared(shared) => Box::pin(shared.take(&self.rules, account, orders, now_us)).await,
        }
    }

    /// Takes back orders that were counted but not placed; gives what is counted then.
    pub async fn give_back_orders(&self, account: u32, orders: u64, now_us: u64) -> Orders {
        if !self.rules.limits_orders() {
            return Orders::default();
        }
        match &self.counters {
            Counters::Local(local) => local.give_back(account, orders, now_us),
            Counters::Shared(shared) => Box::pin(shared.give_back(account, orders, now_us)).await,
        }
    }

    /// Takes back orders of an account because one of its orders has traded for the first time; nobody waits for it. With Redis it
    /// happens a little later, and not at all when more of them wait than fit: then the account may place fewer than it could.
    pub fn traded(&self, account: u32, orders: u64, now_us: u64) {
        match &self.counters {
            _ if !self.rules.limits_orders() => {}
            Counters::Local(local) => {
                local.give_back(account, orders, now_us);
            }
            Counters::Shared(shared) => shared.traded(account, orders, now_us),
        }
    }

    /// How many orders of an account are counted.
    pub async fn orders(&self, account: u32, now_us: u64) -> Orders {
        self.give_back_orders(account, 0, now_us).await
    }
}
