//! What the events of a step mean for its orders: the one place that all views of orders follow.

use model::{
    Accepted, Amount, AssetId, ClientOrderId, Closed, Event, Market, OrderId, Price, Quantity, Side, Step, Trade,
};

use crate::{Fill, OrderView};

/// What happened to one order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    Accepted(&'a Accepted),
    Fill { fill: Fill, ends_quote_order: bool },
    Modified { price: Price, open: Quantity },
    Closed(&'a Closed),
}

impl Change<'_> {
    /// Carries the change out; the view of an accepted order is made by [`OrderView::accepted`] instead.
    pub(crate) const fn apply(&self, view: &mut OrderView, step: &Step) {
        match self {
            Self::Accepted(_) => {}
            Self::Fill { fill, ends_quote_order } => view.fill(fill, *ends_quote_order, step),
            Self::Modified { price, open } => view.modify(*price, *open, step),
            Self::Closed(closed) => view.close(closed.reason, step),
        }
    }

    /// Name of the request that ended the order; empty when there was none.
    pub(crate) const fn request_id(&self) -> ClientOrderId {
        match self {
            Self::Closed(closed) => closed.request_id,
            Self::Accepted(_) | Self::Fill { .. } | Self::Modified { .. } => ClientOrderId::EMPTY,
        }
    }
}

/// The two assets of a market.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) base: AssetId,
    pub(crate) quote: AssetId,
}

impl From<&Market> for Pair {
    fn from(market: &Market) -> Self {
        Self { base: market.base, quote: market.quote }
    }
}

/// The taker's and the maker's part of a trade. A buyer receives base, a seller quote; each pays its fee from that.
pub(crate) const fn fills(trade: &Trade, pair: Pair) -> (Fill, Fill) {
    let (taker_asset, maker_asset) = match trade.taker_side {
        Side::Buy => (pair.base, pair.quote),
        Side::Sell => (pair.quote, pair.base),
    };
    const fn fill(trade: &Trade, commission: Amount, commission_asset: AssetId, is_maker: bool) -> Fill {
        Fill {
            trade: trade.trade,
            price: trade.price,
            quantity: trade.quantity,
            quote: trade.quote,
            commission,
            commission_asset,
            is_maker,
        }
    }
    (fill(trade, trade.taker_fee, taker_asset, false), fill(trade, trade.maker_fee, maker_asset, true))
}

/// Index of the trade that ends the step's order by quote amount: its last, unless a `Closed` ends it. Nothing else says
/// that such an order is filled, since its budget need not divide into whole lots.
pub(crate) fn quote_order_end(events: &[Event]) -> Option<usize> {
    let order = events.iter().find_map(|event| match event {
        Event::Accepted(accepted) if accepted.quote_quantity.is_positive() => Some(accepted.order),
        _ => None,
    })?;
    let closed = |event: &Event| matches!(event, Event::Closed(closed) if closed.order == order);
    if events.iter().any(closed) {
        return None;
    }
    events.iter().rposition(|event| matches!(event, Event::Trade(trade) if trade.taker_order == order))
}

/// Tells what one event of a step means for orders. `quote_end` comes from [`quote_order_end`].
#[inline]
pub(crate) fn changes<E>(
    index: usize,
    event: &Event,
    quote_end: Option<usize>,
    pair: impl FnOnce(&Trade) -> Result<Pair, E>,
    mut tell: impl FnMut(OrderId, Change<'_>) -> Result<(), E>,
) -> Result<(), E> {
    match event {
        Event::Accepted(accepted) => tell(accepted.order, Change::Accepted(accepted)),
        Event::Trade(trade) => {
            let (taker, maker) = fills(trade, pair(trade)?);
            let ends_quote_order = quote_end == Some(index);
            tell(trade.taker_order, Change::Fill { fill: taker, ends_quote_order })?;
            tell(trade.maker_order, Change::Fill { fill: maker, ends_quote_order: false })
        }
        Event::Modified { order, price, quantity, .. } => {
            tell(*order, Change::Modified { price: *price, open: *quantity })
        }
        Event::Closed(closed) => tell(closed.order, Change::Closed(closed)),
        Event::Rested { .. }
        | Event::Rejected { .. }
        | Event::CancelRejected { .. }
        | Event::Duplicate { .. }
        | Event::AssetAdded(_)
        | Event::MarketAdded(_)
        | Event::AccountOpened { .. }
        | Event::Transferred { .. }
        | Event::Held { .. }
        | Event::Captured { .. }
        | Event::Released { .. }
        | Event::AllCancelled { .. } => Ok(()),
    }
}
