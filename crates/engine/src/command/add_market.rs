use model::{Event, Market, Reject};

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
}
