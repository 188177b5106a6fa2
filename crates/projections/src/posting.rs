//! What the events of a step mean for balances: the one place that all views of money follow. It is the table of
//! `model`'s events in code.

use model::{
    AccountId, Amount, Asset, AssetId, Event, HoldId, Market, MarketId, OrderId, Side, Trade, TradeId, system,
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
    /// Set aside for an order that rests.
    OrderHold = 4,
    /// Free again: the order ended or is placed anew.
    OrderRelease = 5,
    /// Paid or received in a trade, less the fee.
    Trade = 6,
    /// Fee that the exchange earned.
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
    /// The order, trade or hold; zero for a transfer.
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
        Event::Rested { order, account, market, side, held, .. } => {
            tell(order_posting(markets, account, market, side, order, held, LedgerKind::OrderHold)?)
        }
        Event::Closed(ref closed) if closed.released.0 == 0 => Ok(()),
        Event::Closed(ref closed) => {
            let (account, market, side) = (closed.account, closed.market, closed.side);
            let amount = closed.released;
            tell(order_posting(markets, account, market, side, closed.order, amount, LedgerKind::OrderRelease)?)
        }
        Event::Modified { order, account, market, side, released, .. } => {
            tell(order_posting(markets, account, market, side, order, released, LedgerKind::OrderRelease)?)
        }
        Event::Trade(ref trade) => trade_postings(markets, trade, tell),
        Event::Rejected { .. }
        | Event::CancelRejected { .. }
        | Event::Duplicate { .. }
        | Event::AssetAdded(_)
        | Event::MarketAdded(_)
        | Event::AccountOpened { .. }
        | Event::Accepted(_)
        | Event::AllCancelled { .. } => Ok(()),
    }
}

/// Available becomes held, or the other way round, for an order: quote for a buy, base for a sell.
fn order_posting(
    markets: &Markets,
    account: AccountId,
    market: MarketId,
    side: Side,
    order: OrderId,
    amount: Amount,
    kind: LedgerKind,
) -> Result<Posting, &'static str> {
    let pair = markets.pair(market)?;
    let asset = if side == Side::Buy { pair.quote } else { pair.base };
    let held = if kind == LedgerKind::OrderHold { amount.0 } else { -amount.0 };
    Ok(Posting { account, asset, available: -held, held, kind, market: Some(market), reference: order.0 })
}

#[inline]
fn trade_postings(
    markets: &Markets,
    trade: &Trade,
    mut tell: impl FnMut(Posting) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    let Units { pair, base_unit } = *markets.units(trade.market)?;
    let base = trade.quantity.0.checked_mul(base_unit).ok_or("the traded base does not fit")?;
    let quote = trade.quote.0;
    // What the taker pays and receives; the maker receives and pays it.
    let (pays, paid, receives, received) = match trade.taker_side {
        Side::Buy => (pair.quote, quote, pair.base, base),
        Side::Sell => (pair.base, base, pair.quote, quote),
    };
    let TradeId(reference) = trade.trade;
    let mut post = |account, asset, available, held, kind| {
        if available == 0 && held == 0 {
            return Ok(());
        }
        tell(Posting { account, asset, available, held, kind, market: Some(trade.market), reference })
    };
    let (taker, maker) = (trade.taker_account, trade.maker_account);
    post(taker, pays, -paid, 0, LedgerKind::Trade)?;
    post(maker, pays, paid - trade.maker_fee.0, 0, LedgerKind::Trade)?;
    post(maker, receives, 0, -received, LedgerKind::Trade)?;
    post(taker, receives, received - trade.taker_fee.0, 0, LedgerKind::Trade)?;
    let [maker_rounding, taker_rounding] = trade.rounding.map(i64::from);
    post(system::FEES, pays, trade.maker_fee.0 - maker_rounding, 0, LedgerKind::Fee)?;
    post(system::ROUNDING, pays, maker_rounding, 0, LedgerKind::Rounding)?;
    post(system::FEES, receives, trade.taker_fee.0 - taker_rounding, 0, LedgerKind::Fee)?;
    post(system::ROUNDING, receives, taker_rounding, 0, LedgerKind::Rounding)
}
