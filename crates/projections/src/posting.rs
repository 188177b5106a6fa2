//! What the events of a step mean for balances: the one place that all views of money follow. It is the table of
//! `model`'s events in code.

use model::{
    AccountId, Amended, Asset, AssetId, Closed, Event, HoldId, Market, MarketId, OrderId, Side, SourceId, SourceSeq,
    Trade, TradeId, system,
};

use crate::change::Pair;

/// Why money moved. Numbers are stored; new ones get new numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum LedgerKind {
    /// Between two accounts at once.
    Transfer = 0,
    /// First phase of a two-phase transfer.
    Hold = 1,
    /// Second phase: paid.
    Capture = 2,
    /// Second phase: not paid.
    Release = 3,
    /// Set aside for an order that rests or waits.
    OrderHold = 4,
    /// Free again: the order ended, was reduced, comes in, or paid less than was held.
    OrderRelease = 5,
    /// Paid or received in a trade, less the fee.
    Trade = 6,
    /// Fee that the exchange earned; a rebate that it paid when negative.
    Fee = 7,
    /// Part of a fee that exists only by rounding up.
    Rounding = 8,
}

impl LedgerKind {
    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// The kind with this stored number, if there is one.
    pub const fn from_code(code: i16) -> Option<Self> {
        Some(match code {
            0 => Self::Transfer,
            1 => Self::Hold,
            2 => Self::Capture,
            3 => Self::Release,
            4 => Self::OrderHold,
            5 => Self::OrderRelease,
            6 => Self::Trade,
            7 => Self::Fee,
            8 => Self::Rounding,
            _ => return None,
        })
    }
}

/// What the ledger says of a transfer: which command of its source it was.
pub(crate) const fn transfer_reference(source: SourceId, source_seq: SourceSeq) -> u64 {
    (source.0 as u64) << 47 | source_seq.0
}

/// One change of one balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Posting {
    pub(crate) account: AccountId,
    pub(crate) asset: AssetId,
    /// Change of what is available.
    pub(crate) available: i64,
    /// Change of what is held.
    pub(crate) held: i64,
    pub(crate) kind: LedgerKind,
    /// Market of an order or trade.
    pub(crate) market: Option<MarketId>,
    /// The order, trade or hold. Of a transfer the event does not know it: see [`transfer_reference`].
    pub(crate) reference: u64,
}

/// A market's assets, and how many ledger units of base one quantity unit has.
#[derive(Debug, Clone, Copy)]
struct Units {
    pair: Pair,
    base_unit: i64,
}

/// What a view must know of assets and markets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Markets {
    scales: Vec<Option<u8>>,
    units: Vec<Option<Units>>,
}

const UNKNOWN_MARKET: &str = "the market is not known";

impl Markets {
    pub(crate) fn add_asset(&mut self, asset: &Asset) {
        let index = usize::from(asset.id.0);
        if self.scales.len() <= index {
            self.scales.resize(index + 1, None);
        }
        self.scales[index] = Some(asset.scale);
    }

    pub(crate) fn add_market(&mut self, market: &Market) -> Result<(), &'static str> {
        self.add_pair(market.id, market.into(), market.quantity_decimals)
    }

    pub(crate) fn add_pair(&mut self, id: MarketId, pair: Pair, quantity_decimals: u8) -> Result<(), &'static str> {
        let scale = self.scales.get(usize::from(pair.base.0)).copied().flatten();
        // `Market::base_unit` in other words. Quantities are never finer than the base asset.
        let zeros = scale.and_then(|scale| scale.checked_sub(quantity_decimals));
        let base_unit =
            zeros.and_then(|zeros| 10i64.checked_pow(zeros.into())).ok_or("the market's base is not known")?;
        let index = usize::from(id.0);
        if self.units.len() <= index {
            self.units.resize(index + 1, None);
        }
        self.units[index] = Some(Units { pair, base_unit });
        Ok(())
    }

    fn units(&self, market: MarketId) -> Result<&Units, &'static str> {
        self.units.get(usize::from(market.0)).and_then(Option::as_ref).ok_or(UNKNOWN_MARKET)
    }

    pub(crate) fn pair(&self, market: MarketId) -> Result<Pair, &'static str> {
        self.units(market).map(|units| units.pair)
    }
}

/// Tells how an event changes balances. Each asset's changes of one event sum to zero. A change of nothing is not told.
#[inline]
pub(crate) fn postings(
    markets: &Markets,
    event: &Event,
    mut tell: impl FnMut(Posting) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    let money = |account, asset, available, held, kind, reference| Posting {
        account,
        asset,
        available,
        held,
        kind,
        market: None,
        reference,
    };
    match *event {
        Event::Transferred { from, to, asset, amount } => {
            tell(money(from, asset, -amount.0, 0, LedgerKind::Transfer, 0))?;
            tell(money(to, asset, amount.0, 0, LedgerKind::Transfer, 0))
        }
        Event::Held { hold: HoldId(hold), account, asset, amount } => {
            tell(money(account, asset, -amount.0, amount.0, LedgerKind::Hold, hold))
        }
        Event::Captured { hold: HoldId(hold), account, to, asset, amount, .. } => {
            tell(money(account, asset, 0, -amount.0, LedgerKind::Capture, hold))?;
            tell(money(to, asset, amount.0, 0, LedgerKind::Capture, hold))
        }
        Event::Released { hold: HoldId(hold), account, asset, amount } => {
            tell(money(account, asset, amount.0, -amount.0, LedgerKind::Release, hold))
        }
        Event::Rested { order, account, market, side, held, .. }
        | Event::Armed { order, account, market, side, held, .. }
        | Event::Triggered { order, account, market, side, held } => {
            order_posting(markets, account, market, side, order, held.0, tell)
        }
        Event::Closed(Closed { order, account, market, side, released, .. })
        | Event::Entered { order, account, market, side, released }
        | Event::Amended(Amended { order, account, market, side, released, .. })
        | Event::Modified { order, account, market, side, released, .. } => {
            order_posting(markets, account, market, side, order, -released.0, tell)
        }
        Event::Prevented(ref prevented) => {
            let (account, order, side) =
                (prevented.maker_account, prevented.maker_order, prevented.taker_side.opposite());
            order_posting(markets, account, prevented.market, side, order, -prevented.released.0, tell)
        }
        Event::Trade(ref trade) => trade_postings(markets, trade, tell),
        Event::Accepted(_)
        | Event::AccountOpened { .. }
        | Event::AllCancelled { .. }
        | Event::AssetAdded(_)
        | Event::CancelRejected { .. }
        | Event::CountdownFired { .. }
        | Event::CountdownSet { .. }
        | Event::Duplicate { .. }
        | Event::FeesSet { .. }
        | Event::Indicative { .. }
        | Event::ListDone { .. }
        | Event::ListPlaced { .. }
        | Event::MarketAdded(_)
        | Event::MarketSet(_)
        | Event::MarketStateSet { .. }
        | Event::Refilled { .. }
        | Event::Rejected { .. }
        | Event::Ticked
        | Event::TierSet { .. }
        | Event::Tracking { .. }
        | Event::Uncrossed { .. } => Ok(()),
    }
}

/// So much more is held for an order, or less: quote for a buy, base for a sell.
fn order_posting(
    markets: &Markets,
    account: AccountId,
    market: MarketId,
    side: Side,
    order: OrderId,
    held: i64,
    mut tell: impl FnMut(Posting) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    if held == 0 {
        return Ok(());
    }
    let pair = markets.pair(market)?;
    let asset = if side == Side::Buy { pair.quote } else { pair.base };
    let kind = if held > 0 { LedgerKind::OrderHold } else { LedgerKind::OrderRelease };
    tell(Posting { account, asset, available: -held, held, kind, market: Some(market), reference: order.0 })
}

/// What an account pays and receives in a trade, in ledger units of the market's two assets, fees included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TradeSums {
    /// Of the buyer: what it receives.
    pub(crate) bought: i64,
    /// Of the buyer: what it pays.
    pub(crate) paid: i64,
    /// Of the seller: what it pays.
    pub(crate) sold: i64,
    /// Of the seller: what it receives.
    pub(crate) earned: i64,
}

impl Markets {
    pub(crate) fn sums(&self, trade: &Trade) -> Result<TradeSums, &'static str> {
        let base = self.traded_base(trade)?;
        let (buyer_fee, seller_fee) = match trade.taker_side {
            Side::Buy => (trade.taker_fee, trade.maker_fee),
            Side::Sell => (trade.maker_fee, trade.taker_fee),
        };
        let quote = trade.quote.0;
        Ok(TradeSums { bought: base - buyer_fee.0, paid: quote, sold: base, earned: quote - seller_fee.0 })
    }

    fn traded_base(&self, trade: &Trade) -> Result<i64, &'static str> {
        let unit = self.units(trade.market)?.base_unit;
        trade.quantity.0.checked_mul(unit).ok_or("the traded base does not fit")
    }
}

#[inline]
fn trade_postings(
    markets: &Markets,
    trade: &Trade,
    mut tell: impl FnMut(Posting) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    let pair = markets.pair(trade.market)?;
    let base = markets.traded_base(trade)?;
    let quote = trade.quote.0;
    // What the taker pays and receives; the maker receives and pays it.
    let (pays, paid, receives, received) = match trade.taker_side {
        Side::Buy => (pair.quote, quote, pair.base, base),
        Side::Sell => (pair.base, base, pair.quote, quote),
    };
    let TradeId(reference) = trade.trade;
    let mut post = |account, asset, available: i64, held: i64, kind| {
        if available == 0 && held == 0 {
            return Ok(());
        }
        tell(Posting { account, asset, available, held, kind, market: Some(trade.market), reference })
    };
    let (taker, maker) = (trade.taker_account, trade.maker_account);
    // In an auction both orders have rested, so that both pay from what is held.
    let (from_available, from_held) = if trade.auction { (0, paid) } else { (paid, 0) };
    post(taker, pays, -from_available, -from_held, LedgerKind::Trade)?;
    post(maker, pays, paid - trade.maker_fee.0, 0, LedgerKind::Trade)?;
    post(maker, receives, 0, -received, LedgerKind::Trade)?;
    post(taker, receives, received - trade.taker_fee.0, 0, LedgerKind::Trade)?;
    let [maker_rounding, taker_rounding] = trade.rounding.map(i64::from);
    post(system::FEES, pays, trade.maker_fee.0 - maker_rounding, 0, LedgerKind::Fee)?;
    post(system::ROUNDING, pays, maker_rounding, 0, LedgerKind::Rounding)?;
    post(system::FEES, receives, trade.taker_fee.0 - taker_rounding, 0, LedgerKind::Fee)?;
    post(system::ROUNDING, receives, taker_rounding, 0, LedgerKind::Rounding)?;
    // What was held for the buyer's limit beyond the auction's price.
    let (buyer, order) = match trade.taker_side {
        Side::Buy => (taker, trade.taker_order),
        Side::Sell => (maker, trade.maker_order),
    };
    order_posting(markets, buyer, trade.market, Side::Buy, order, -trade.released.0, tell)
}
