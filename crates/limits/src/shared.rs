//! Counters in a Redis that several processes share. Each question is one round trip: a script, sent by its hash.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, Script, ScriptInvocation};
use tokio::sync::mpsc;

use crate::account::{DAY_US, TEN_SECONDS_US};
use crate::address::{FIRST_BAN_US, LONGEST_BAN_US, MINUTE_US, QUIET_US};
use crate::local::{Local, owner};
use crate::{Admission, Orders, Rules, Span, TooManyOrders, Verdict};

/// After a failure the next questions are not sent for so long: nobody waits for a Redis that is gone.
const PAUSE_US: u64 = 1_000_000;
/// How often it is logged at most that Redis fails.
const LOG_EVERY_US: u64 = 30_000_000;

/// Orders to be taken back that wait for Redis; further ones are dropped.
const WAITING: usize = 10_000;

/// The address of the Redis is none. It may hold a password, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error("the address of Redis must have the form redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]")]
pub struct InvalidUrl;

/// The scripts and the connection.
pub(crate) struct Shared {
    connection: ConnectionManager,
    patience: Duration,
    /// Decides while Redis does not answer.
    local: Local,
    admit: Script,
    charge: Script,
    take: Script,
    give_back: Script,
    /// What [`Shared::traded`] leaves for later: account, orders, time.
    later: mpsc::Sender<(u32, u64, u64)>,
    /// Until when no question is sent.
    failing_until_us: AtomicU64,
    logged_us: AtomicU64,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("patience", &self.patience).finish_non_exhaustive()
    }
}

impl Shared {
    pub(crate) fn new(rules: &Rules, url: &str, patience: Duration) -> Result<Arc<Self>, InvalidUrl> {
        let client = Client::open(url).map_err(|_| InvalidUrl)?;
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let (later, mut waiting) = mpsc::channel(WAITING);
        let shared = Arc::new(Self {
            connection: ConnectionManager::new_lazy_with_config(client, config).map_err(|_| InvalidUrl)?,
            patience,
            local: Local::new(rules),
            admit: Script::new(include_str!("shared/admit.lua")),
            charge: Script::new(include_str!("shared/charge.lua")),
            take: Script::new(include_str!("shared/take.lua")),
            give_back: Script::new(include_str!("shared/give_back.lua")),
            later,
            failing_until_us: AtomicU64::new(0),
            logged_us: AtomicU64::new(0),
        });
        // The task ends with the last of the others that hold the counters: then its sender is gone.
        let counters = Arc::downgrade(&shared);
        tokio::spawn(async move {
            while let Some((account, orders, now_us)) = waiting.recv().await {
                let Some(counters) = counters.upgrade() else { return };
                counters.give_back(account, orders, now_us).await;
            }
        });
        Ok(shared)
    }

    /// Takes back orders, soon.
    pub(crate) fn traded(&self, account: u32, orders: u64, now_us: u64) {
        if self.later.try_send((account, orders, now_us)).is_err() {
            metrics::counter!("rialto_limits_dropped_total").increment(1);
        }
    }

    pub(crate) async fn admit(&self, rules: &Rules, address: IpAddr, weight: u32, now_us: u64) -> Admission {
        let owner = owner(address);
        let mut call = self.admit.key(used_key(owner, now_us));
        for what in ["refused", "bans", "banned"] {
            call.key(format!("rialto:{{{owner}}}:{what}"));
        }
        call.arg(weight).arg(rules.weight_per_minute).arg(rules.refusals_before_ban).arg(now_us / 1_000);
        for span_us in [QUIET_US, FIRST_BAN_US, LONGEST_BAN_US] {
            call.arg(span_us / 1_000_000);
        }
        let Some((verdict, used, until_ms)) = self.ask::<(u8, u64, u64)>(&call, now_us).await else {
            return self.local.admit(rules, address, weight, now_us);
        };
        let verdict = match verdict {
            0 => Verdict::Admitted,
            1 => Verdict::Refused { until_us: (now_us / MINUTE_US + 1) * MINUTE_US },
            _ => Verdict::Banned { until_us: until_ms.saturating_mul(1_000) },
        };
        Admission { verdict, used }
    }

    pub(crate) async fn charge(&self, address: IpAddr, weight: u32, now_us: u64) -> u64 {
        let mut call = self.charge.key(used_key(owner(address), now_us));
        call.arg(weight);
        match self.ask(&call, now_us).await {
            Some(used) => used,
            None => self.local.charge(address, weight, now_us),
        }
    }

    pub(crate) async fn take(
        &self,
        rules: &Rules,
        account: u32,
        orders: u64,
        now_us: u64,
    ) -> Result<Orders, TooManyOrders> {
        let mut call = self.take.prepare_invoke();
        order_keys(&mut call, account, now_us);
        call.arg(orders).arg(rules.orders_per_ten_seconds).arg(rules.orders_per_day);
        match self.ask::<(u8, u64, u64)>(&call, now_us).await {
            None => self.local.take(rules, account, orders, now_us),
            Some((0, ten_seconds, day)) => Ok(Orders { ten_seconds, day }),
            Some((1, ..)) => Err(Span::TenSeconds.refusal(rules, now_us)),
            Some(_) => Err(Span::Day.refusal(rules, now_us)),
        }
    }

    pub(crate) async fn give_back(&self, account: u32, orders: u64, now_us: u64) -> Orders {
        let mut call = self.give_back.prepare_invoke();
        order_keys(&mut call, account, now_us);
        call.arg(orders);
        match self.ask::<(u64, u64)>(&call, now_us).await {
            Some((ten_seconds, day)) => Orders { ten_seconds, day },
            None => self.local.give_back(account, orders, now_us),
        }
    }

    /// Runs a script; `None` when Redis does not answer in time, or has just not done so.
    async fn ask<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>, now_us: u64) -> Option<T> {
        // A time further away than the pause was noted by a clock that has been set back since.
        let failing = self.failing_until_us.load(Ordering::Relaxed).saturating_sub(now_us);
        if (1..=PAUSE_US).contains(&failing) {
            return None;
        }
        let mut connection = self.connection.clone();
        let cause = match tokio::time::timeout(self.patience, call.invoke_async(&mut connection)).await {
            Ok(Ok(answer)) => return Some(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.patience.as_millis()),
        };
        self.failing_until_us.store(now_us.saturating_add(PAUSE_US), Ordering::Relaxed);
        metrics::counter!("rialto_limits_redis_failures_total").increment(1);
        let logged = self.logged_us.load(Ordering::Relaxed);
        if now_us.abs_diff(logged) >= LOG_EVERY_US {
            self.logged_us.store(now_us, Ordering::Relaxed);
            tracing::warn!(cause, "Redis does not answer: limits are counted by this process alone for now");
        }
        None
    }
}

/// The braces keep all keys of one owner on one node of a cluster.
fn used_key(owner: IpAddr, now_us: u64) -> String {
    format!("rialto:{{{owner}}}:used:{}", now_us / MINUTE_US)
}

fn order_keys(call: &mut ScriptInvocation<'_>, account: u32, now_us: u64) {
    call.key(format!("rialto:{{{account}}}:orders:10s:{}", now_us / TEN_SECONDS_US));
    call.key(format!("rialto:{{{account}}}:orders:1d:{}", now_us / DAY_US));
}
