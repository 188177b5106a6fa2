//! The fee schedule: which rates an account pays in a market.

use std::collections::BTreeMap;

use model::{Fees, Market, MarketId, TierId};

/// Entries for a tier in a market, for a tier, and for all; those for a market stand in its settings.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    pub(crate) entries: BTreeMap<(Option<TierId>, Option<MarketId>), Fees>,
    /// Counts the changes, so that a seat knows when its rates are of yesterday.
    pub(crate) version: u32,
}

impl Schedule {
    /// The first that exists of: tier and market, tier, market, any. Without any there are no fees.
    pub(crate) fn rates(&self, tier: TierId, market: &Market) -> Fees {
        let entry = |tier, market| self.entries.get(&(tier, market)).copied();
        entry(Some(tier), Some(market.id))
            .or_else(|| entry(Some(tier), None))
            .or(market.fees)
            .or_else(|| entry(None, None))
            .unwrap_or(Fees::FREE)
    }

    /// Counts a change.
    pub(crate) fn changed(&mut self) {
        self.version = self.version.wrapping_add(1);
    }
}
