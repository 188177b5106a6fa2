use model::{Asset, Event, Reject, decimal::MAX_DECIMALS};

use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn add_asset(&mut self, asset: Asset, events: &mut Vec<Event>) -> Result<(), Reject> {
        if asset.scale > MAX_DECIMALS {
            return Err(Reject::InvalidAsset);
        }
        if self.markets.assets().any(|known| known.id == asset.id || known.symbol == asset.symbol) {
            return Err(Reject::AssetExists);
        }
        self.markets.add_asset(asset);
        self.ledger.add_asset(asset.id);
        events.push(Event::AssetAdded(asset));
        Ok(())
    }
}
