use model::{Event, Fees, Market, MarketId, Reject, TierId};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn add_market(&mut self, market: Market, events: &mut Vec<Event>) -> Result<(), Reject> {
        let scale = |id| self.markets.asset(id).map(|asset| asset.scale);
        let scales = scale(market.base).zip(scale(market.quote));
        // Without the scales of its assets, nothing can be said of the market's settings.
        if scales.is_some_and(|(base, quote)| market.validate(base, quote).is_err()) {
            return Err(Reject::InvalidMarket);
        }
        if self.markets.position(market.id).is_some() || self.markets.has_symbol(&market.symbol) {
            return Err(Reject::MarketExists);
        }
        let (base, quote) = scales.ok_or(Reject::UnknownAsset)?;
        self.markets.add_market(market, [base, quote], &mut self.ledger);
        events.push(Event::MarketAdded(market));
        Ok(())
    }

    /// Gives a market other settings. Open orders stay as they are, off the new tick too.
    pub(crate) fn set_market(&mut self, market: Market, events: &mut Vec<Event>) -> Result<(), Reject> {
        let position = self.markets.position(market.id);
        let fixed = position.map(|position| self.markets.get(position).market);
        let scale = |id| self.markets.asset(id).map(|asset| asset.scale);
        let scales = scale(market.base).zip(scale(market.quote));
        if scales.is_some_and(|(base, quote)| market.validate(base, quote).is_err()) {
            return Err(Reject::InvalidMarket);
        }
        let identity = |market: &Market| {
            (market.symbol, market.base, market.quote, market.price_decimals, market.quantity_decimals)
        };
        if fixed.is_some_and(|fixed| identity(&fixed) != identity(&market)) {
            return Err(Reject::MarketFixed);
        }
        let position = position.ok_or(Reject::UnknownMarket)?;
        self.markets.get_mut(position).market = market;
        self.schedule.changed();
        events.push(Event::MarketSet(market));
        Ok(())
    }

    pub(crate) fn set_fees(
        &mut self,
        tier: Option<TierId>,
        market: Option<MarketId>,
        fees: Option<Fees>,
        events: &mut Vec<Event>,
    ) -> Result<(), Reject> {
        if fees.is_some_and(|fees| !fees.is_valid()) {
            return Err(Reject::InvalidFees);
        }
        let position = market.map(|id| self.markets.position(id).ok_or(Reject::UnknownMarket)).transpose()?;
        match (tier, position, fees) {
            // The market's own entry stands in its settings.
            (None, Some(position), _) => self.markets.get_mut(position).market.fees = fees,
            (_, _, Some(fees)) => {
                self.schedule.entries.insert((tier, market), fees);
            }
            (_, _, None) => {
                self.schedule.entries.remove(&(tier, market));
            }
        }
        self.schedule.changed();
        events.push(Event::FeesSet { tier, market, fees });
        Ok(())
    }
}
