use std::collections::BTreeMap;

use model::{Event, Fees, Image, Market, MarketId, TierId};

/// The fee schedule: who pays what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Schedule(BTreeMap<(Option<TierId>, Option<MarketId>), Fees>);

impl Schedule {
    pub(crate) fn load(image: &Image) -> Self {
        let mut schedule = Self::default();
        for market in &image.markets {
            schedule.market(&market.market);
        }
        for entry in &image.fees {
            schedule.set(entry.tier, entry.market, Some(entry.fees));
        }
        schedule
    }

    fn market(&mut self, market: &Market) {
        self.set(None, Some(market.id), market.fees);
    }

    fn set(&mut self, tier: Option<TierId>, market: Option<MarketId>, fees: Option<Fees>) {
        match fees {
            Some(fees) => self.0.insert((tier, market), fees),
            None => self.0.remove(&(tier, market)),
        };
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::MarketAdded(market) | Event::MarketSet(market) => self.market(market),
            Event::FeesSet { tier, market, fees } => self.set(*tier, *market, *fees),
            _ => {}
        }
    }

    /// What a new order pays: the first entry that there is of tier and market, tier, market, any; otherwise nothing.
    pub(crate) fn fees(&self, tier: TierId, market: MarketId) -> Fees {
        let keys = [(Some(tier), Some(market)), (Some(tier), None), (None, Some(market)), (None, None)];
        keys.iter().find_map(|key| self.0.get(key)).copied().unwrap_or(Fees::FREE)
    }
}
