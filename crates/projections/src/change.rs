//! What the events of a step mean for its orders: the one place that all views of orders follow.

use model::{
    Accepted, Amended, Amount, AssetId, ClientOrderId, CloseReason, Closed, Event, ListKind, Market, OrderId,
    Prevented, Price, Quantity, Side, Step, Trade, Wait,
};

use crate::{Fill, OrderView, Prevention};

/// What happened to one order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    /// `pending`: it waits for the working order of its list.
    Accepted {
        accepted: &'a Accepted,
        pending: bool,
    },
    Armed {
        wait: Wait,
    },
    Tracking,
    Triggered,
    /// `works`: it meets the book, rather than to wait for its trigger now.
    Entered {
        works: bool,
    },
    Fill {
        fill: Fill,
        ends_quote_order: bool,
    },
    /// `closes`: the order's `Closed` follows at once.
    Prevented {
        prevention: Prevention,
        closes: bool,
    },
    Modified {
        price: Price,
        open: Quantity,
    },
    Amended(&'a Amended),
    /// `prevention`: what ended it, when self-trade prevention did.
    Closed {
        closed: &'a Closed,
        prevention: Option<Prevention>,
    },
}

impl Change<'_> {
    /// Carries the change out; the view of an accepted order is made by [`OrderView::accepted`] instead.
    pub(crate) fn apply(&self, view: &mut OrderView, step: &Step) {
        match *self {
            Self::Accepted { .. } => {}
            Self::Armed { wait } => view.arm(wait, step),
            Self::Tracking => view.track(step),
            Self::Triggered => view.trigger(step),
            Self::Entered { works } => view.enter(works, step),
            Self::Fill { ref fill, ends_quote_order } => view.fill(fill, ends_quote_order, step),
            Self::Prevented { ref prevention, .. } => view.prevent(prevention, step),
            Self::Modified { price, open } => view.modify(price, open, step),
            Self::Amended(amended) => view.amend(amended.quantity, amended.client_id, step),
            Self::Closed { closed, .. } => view.close(closed.reason, step),
        }
    }

    /// Name of the request that ended the order; empty when there was none.
    pub(crate) const fn request_id(&self) -> ClientOrderId {
        match self {
            Self::Closed { closed, .. } => closed.request_id,
            _ => ClientOrderId::EMPTY,
        }
    }

    /// Whether the order was the resting one of the two that the event is about.
    pub(crate) const fn is_makers(&self) -> bool {
        match self {
            Self::Fill { fill, .. } => fill.is_maker,
            Self::Prevented { prevention, .. } => prevention.is_maker,
            _ => false,
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

/// The taker's and the maker's part of a prevented match.
const fn preventions(prevented: &Prevented) -> (Prevention, Prevention) {
    let taker = Prevention {
        prevented: prevented.prevented,
        price: prevented.price,
        quantity: prevented.taker_quantity,
        counter_order: prevented.maker_order,
        counter_account: prevented.maker_account,
        is_maker: false,
    };
    let maker = Prevention {
        quantity: prevented.maker_quantity,
        counter_order: prevented.taker_order,
        counter_account: prevented.taker_account,
        is_maker: true,
        ..taker
    };
    (taker, maker)
}

/// The events of one step, and what has to be known of them together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Events<'a> {
    events: &'a [Event],
    /// The step's order by quote amount and the trade that ends it.
    quote_end: Option<(OrderId, usize)>,
}

impl<'a> Events<'a> {
    pub(crate) fn new(events: &'a [Event]) -> Self {
        Self { events, quote_end: quote_order_end(events) }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, &'a Event)> + use<'a> {
        self.events.iter().enumerate()
    }

    /// Tells what one event of the step means for orders.
    #[inline]
    pub(crate) fn changes<E>(
        &self,
        index: usize,
        event: &Event,
        pair: impl FnOnce(&Trade) -> Result<Pair, E>,
        mut tell: impl FnMut(OrderId, Change<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match event {
            Event::Accepted(accepted) => {
                let pending = accepted.list.0 != 0 && self.is_pending(index, accepted);
                tell(accepted.order, Change::Accepted { accepted, pending })
            }
            Event::Trade(trade) => {
                let (taker, maker) = fills(trade, pair(trade)?);
                let ends_quote_order = self.quote_end == Some((trade.taker_order, index));
                tell(trade.taker_order, Change::Fill { fill: taker, ends_quote_order })?;
                tell(trade.maker_order, Change::Fill { fill: maker, ends_quote_order: false })
            }
            Event::Prevented(prevented) => {
                let (taker, maker) = preventions(prevented);
                for (order, prevention) in [(prevented.taker_order, taker), (prevented.maker_order, maker)] {
                    // An order by quote amount loses no quantity; after its last trade it is done, whatever it still meets.
                    if self.quote_end.is_some_and(|(done, end)| done == order && end < index) {
                        continue;
                    }
                    tell(order, Change::Prevented { prevention, closes: self.closes(index, order) })?;
                }
                Ok(())
            }
            Event::Armed { order, wait, .. } => tell(*order, Change::Armed { wait: *wait }),
            Event::Tracking { order, .. } => tell(*order, Change::Tracking),
            Event::Triggered { order, .. } => tell(*order, Change::Triggered),
            Event::Entered { order, .. } => tell(*order, Change::Entered { works: !self.waits(index, *order) }),
            Event::Modified { order, price, quantity, .. } => {
                tell(*order, Change::Modified { price: *price, open: *quantity })
            }
            Event::Amended(amended) => tell(amended.order, Change::Amended(amended)),
            Event::Closed(closed) => {
                tell(closed.order, Change::Closed { closed, prevention: self.prevention(index, closed) })
            }
            _ => Ok(()),
        }
    }

    /// Whether an order of a list waits for another: all but the first, unless one cancels the other.
    fn is_pending(&self, index: usize, accepted: &Accepted) -> bool {
        let before = self.events[..index].iter().rev();
        let placed = before.take(ListKind::Otoco.orders()).find_map(|event| match event {
            Event::ListPlaced { list, kind, orders, .. } if *list == accepted.list => Some((*kind, orders[0])),
            _ => None,
        });
        placed.is_some_and(|(kind, first)| kind != ListKind::Oco && first != accepted.order)
    }

    /// Whether an order that has entered waits for its trigger now: by the next that is told of it. What stands in between
    /// is about the other order of its pair.
    fn waits(&self, index: usize, order: OrderId) -> bool {
        let next = self.events[index + 1..].iter().find(|event| match event {
            Event::Armed { order: other, .. } | Event::Rested { order: other, .. } => *other == order,
            Event::Closed(closed) => closed.order == order,
            Event::Trade(trade) => trade.taker_order == order,
            Event::Prevented(prevented) => prevented.taker_order == order,
            _ => false,
        });
        matches!(next, Some(Event::Armed { .. }))
    }

    /// Whether self-trade prevention ends the order right after the prevented match.
    fn closes(&self, index: usize, order: OrderId) -> bool {
        let after = self.events[index + 1..].iter().take_while(|event| follows_prevention(event));
        let by_prevention = |closed: &Closed| closed.order == order && closed.reason == CloseReason::SelfTrade;
        after.into_iter().any(|event| matches!(event, Event::Closed(closed) if by_prevention(closed)))
    }

    /// The prevented match that ended an order.
    fn prevention(&self, index: usize, closed: &Closed) -> Option<Prevention> {
        if closed.reason != CloseReason::SelfTrade {
            return None;
        }
        match self.events[..index].iter().rev().find(|event| !follows_prevention(event))? {
            Event::Prevented(prevented) => {
                let (taker, maker) = preventions(prevented);
                let parts = [(prevented.taker_order, taker), (prevented.maker_order, maker)];
                parts.into_iter().find(|(order, _)| *order == closed.order).map(|(_, prevention)| prevention)
            }
            _ => None,
        }
    }
}

/// What may stand between a prevented match and the end of its orders.
const fn follows_prevention(event: &Event) -> bool {
    matches!(event, Event::Closed(_) | Event::Refilled { .. } | Event::ListDone { .. })
}

/// The step's order by quote amount, with the index of the trade that ends it: its last, unless a `Closed` ends it. Nothing
/// else says that such an order is filled, since its budget need not divide into whole lots.
fn quote_order_end(events: &[Event]) -> Option<(OrderId, usize)> {
    let order = events.iter().find_map(|event| match event {
        Event::Accepted(accepted) if accepted.quote_quantity.is_positive() => Some(accepted.order),
        _ => None,
    })?;
    let closed = |event: &Event| matches!(event, Event::Closed(closed) if closed.order == order);
    if events.iter().any(closed) {
        return None;
    }
    let end = events.iter().rposition(|event| matches!(event, Event::Trade(trade) if trade.taker_order == order))?;
    Some((order, end))
}
