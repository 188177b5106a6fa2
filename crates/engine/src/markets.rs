//! Assets and markets that the engine knows, found by id in constant time.

use std::collections::VecDeque;

use model::{
    Amount, Asset, AssetId, Market, MarketId, MarketState as State, PreventedId, Price, Symbol, Timestamp, TradeId,
    system,
};

use crate::auction::Indication;
use crate::ledger::{BalanceSlot, Ledger};
use crate::trailing::Trailing;

/// One market's state beside its settings.
#[derive(Debug)]
pub(crate) struct MarketState<B> {
    pub(crate) book: B,
    /// Ledger units of base in one quantity unit.
    pub(crate) base_unit: i64,
    /// Ledger units of quote in one unit of price x quantity.
    pub(crate) quote_unit: i64,
    pub(crate) last_trade: TradeId,
    pub(crate) last_price: Price,
    pub(crate) state: State,
    /// Where fees go: `[base, quote]`.
    pub(crate) fees: [BalanceSlot; 2],
    /// Where the rounding of fees goes: `[base, quote]`.
    pub(crate) rounding: [BalanceSlot; 2],
    /// Orders that wait for their stop price; see [`crate::book::stop_side`].
    pub(crate) stops: B,
    /// How many orders stand in `stops` and `trailing`.
    pub(crate) watching: u32,
    pub(crate) trailing: Trailing,
    /// Orders that enter next: triggered ones, and for a pair that its working order has released its first.
    pub(crate) queue: VecDeque<u32>,
    pub(crate) last_prevented: PreventedId,
    /// When an auction ends by itself.
    pub(crate) until: Timestamp,
    /// Price at the begin of the volatility window, and when it ends.
    pub(crate) reference: Price,
    pub(crate) window_end: Timestamp,
    pub(crate) indication: Indication,
    pub(crate) market: Market,
}

impl<B> MarketState<B> {
    /// Base ledger units of a quantity; `None` when they do not fit.
    #[inline]
    pub(crate) fn base_amount(&self, quantity: i64) -> Option<i64> {
        quantity.checked_mul(self.base_unit)
    }

    /// Quote ledger units of a price and a quantity, exact; `None` when they do not fit.
    #[inline]
    pub(crate) fn quote_amount(&self, price: i64, quantity: i64) -> Option<i64> {
        price.checked_mul(quantity)?.checked_mul(self.quote_unit)
    }

    /// Whether an amount is inside NOTIONAL.
    #[inline]
    pub(crate) fn notional_fits(&self, notional: i64) -> bool {
        let filters = &self.market.filters;
        Amount(notional) >= filters.min_notional && Amount(notional) <= filters.max_notional
    }

    /// Whether the market trades now.
    #[inline]
    pub(crate) fn is_trading(&self) -> bool {
        self.state == State::Trading
    }
}

/// All assets and markets.
#[derive(Debug)]
pub(crate) struct Markets<B> {
    assets: Vec<Option<Asset>>,
    index: Vec<u32>,
    markets: Vec<MarketState<B>>,
}

impl<B> Default for Markets<B> {
    fn default() -> Self {
        Self { assets: Vec::new(), index: Vec::new(), markets: Vec::new() }
    }
}

const ABSENT: u32 = u32::MAX;

impl<B: Default> Markets<B> {
    pub(crate) fn asset(&self, id: AssetId) -> Option<&Asset> {
        self.assets.get(usize::from(id.0))?.as_ref()
    }

    /// All assets, by id.
    pub(crate) fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.assets.iter().flatten()
    }

    pub(crate) fn add_asset(&mut self, asset: Asset) {
        let at = usize::from(asset.id.0);
        if self.assets.len() <= at {
            self.assets.resize(at + 1, None);
        }
        self.assets[at] = Some(asset);
    }

    /// Position of a market in the list, or `None` when it is not known.
    #[inline]
    pub(crate) fn position(&self, id: MarketId) -> Option<usize> {
        let position = *self.index.get(usize::from(id.0))?;
        (position != ABSENT).then_some(position as usize)
    }

    #[inline]
    pub(crate) fn get(&self, position: usize) -> &MarketState<B> {
        &self.markets[position]
    }

    #[inline]
    pub(crate) fn get_mut(&mut self, position: usize) -> &mut MarketState<B> {
        &mut self.markets[position]
    }

    /// Positions of all markets, by id.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> {
        self.index.iter().filter(|&&position| position != ABSENT).map(|&position| position as usize)
    }

    /// One more than the highest market id.
    pub(crate) fn slots(&self) -> usize {
        self.index.len()
    }

    /// Position of the market whose id is this number, if there is one.
    pub(crate) fn slot_position(&self, id: usize) -> Option<usize> {
        self.index.get(id).filter(|&&position| position != ABSENT).map(|&position| position as usize)
    }

    pub(crate) fn has_symbol(&self, symbol: &Symbol) -> bool {
        self.markets.iter().any(|state| state.market.symbol == *symbol)
    }

    /// Opens a market; the caller has validated it against the scales of its assets.
    pub(crate) fn add_market(&mut self, market: Market, scales: [u8; 2], ledger: &mut Ledger) -> usize {
        let at = usize::from(market.id.0);
        if self.index.len() <= at {
            self.index.resize(at + 1, ABSENT);
        }
        let position = self.markets.len();
        self.index[at] = u32::try_from(position).expect("there are at most 2^16 market ids");
        let mut slots = |account| [ledger.slot(account, market.base), ledger.slot(account, market.quote)];
        let (fees, rounding) = (slots(system::FEES), slots(system::ROUNDING));
        self.markets.push(MarketState {
            book: B::default(),
            base_unit: market.base_unit(scales[0]),
            quote_unit: market.quote_unit(scales[1]),
            last_trade: TradeId(0),
            last_price: Price(0),
            state: State::Trading,
            fees,
            rounding,
            stops: B::default(),
            watching: 0,
            trailing: Trailing::default(),
            queue: VecDeque::new(),
            last_prevented: PreventedId(0),
            until: Timestamp::NEVER,
            reference: Price(0),
            window_end: Timestamp::NEVER,
            indication: Indication::default(),
            market,
        });
        position
    }
}
