//! How much clients may ask for.

#![allow(clippy::ptr_arg, reason = "the settings library hands a field over as its own type")]

use std::time::Duration;

use confique::Config;

use super::bounds::{between, redis_url_or_name};
use crate::secrets::Secret;

const BILLION: u64 = 1_000_000_000;

/// How much clients may ask for.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Limits {
    /// Request weight that one address may use in a minute; beyond it requests are answered with status 429. 0: as much as it
    /// likes. Between 0 and 1000000000.
    #[config(env = "RIALTO_LIMITS_WEIGHT_1M", default = 6000, validate = between::<0, BILLION, _>)]
    pub weight_1m: u64,
    /// Orders that one account may place in ten seconds. 0: as many as it likes. Between 0 and 1000000000.
    #[config(env = "RIALTO_LIMITS_ORDERS_10S", default = 100, validate = between::<0, BILLION, _>)]
    pub orders_10s: u64,
    /// Orders that one account may place in a day of UTC. 0: as many as it likes. Between 0 and 1000000000.
    #[config(env = "RIALTO_LIMITS_ORDERS_1D", default = 200000, validate = between::<0, BILLION, _>)]
    pub orders_1d: u64,
    /// How often an address is refused, without two quiet minutes in between, before it is banned with status 418: for two
    /// minutes, and twice as long each time it goes on, up to three days. 0: it never is. Between 0 and 1000000.
    #[config(env = "RIALTO_LIMITS_REFUSALS_BEFORE_BAN", default = 100, validate = between::<0, 1_000_000, _>)]
    pub refusals_before_ban: u32,
    /// Addresses, and accounts, that are counted in memory at the same time, some 200 bytes each; for one more, the one that was
    /// quiet the longest is forgotten. Between 1000 and 10000000.
    #[config(env = "RIALTO_LIMITS_MAX_COUNTED", default = 100000, validate = between::<1_000, 10_000_000, _>)]
    pub max_counted: u64,
    /// Redis that several servers count in together: `redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]`. Without it, and while it
    /// does not answer, each counts by itself. May be the name of a secret that holds it: `secret:NAME`.
    #[config(env = "RIALTO_LIMITS_REDIS_URL", validate = redis_url_or_name)]
    pub redis_url: Option<Secret<String>>,
    /// How long a request waits for Redis at most. Between 1 and 10000.
    #[config(env = "RIALTO_LIMITS_REDIS_TIMEOUT_MS", default = 100, validate = between::<1, 10_000, _>)]
    pub redis_timeout_ms: u64,
}

impl Limits {
    /// `redis_timeout_ms` as a duration.
    pub fn redis_timeout(&self) -> Duration {
        Duration::from_millis(self.redis_timeout_ms)
    }
}
