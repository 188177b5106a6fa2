use model::{Amount, MarketId, OrderId, Price, Quantity, Side, Timestamp, Trade, TradeId};

/// A trade as everybody may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicTrade {
    /// Its id, dense per market from 1.
    pub id: TradeId,
    /// Where.
    pub market: MarketId,
    /// The maker's price.
    pub price: Price,
    /// Base traded.
    pub quantity: Quantity,
    /// Quote traded, in quote ledger units.
    pub quote: Amount,
    /// When its command was sequenced.
    pub time: Timestamp,
    /// Side of the taker. The buyer was the maker when it is [`Side::Sell`].
    pub taker_side: Side,
    /// The order that rested.
    pub maker_order: OrderId,
    /// The order that came in.
    pub taker_order: OrderId,
}

impl PublicTrade {
    /// The public part of a trade event of a command of this time.
    pub const fn new(trade: &Trade, time: Timestamp) -> Self {
        Self {
            id: trade.trade,
            market: trade.market,
            price: trade.price,
            quantity: trade.quantity,
            quote: trade.quote,
            time,
            taker_side: trade.taker_side,
            maker_order: trade.maker_order,
            taker_order: trade.taker_order,
        }
    }
}

/// Consecutive trades of one taker order at one price, seen as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AggTrade {
    /// Its id: that of its first trade. Rising, not dense.
    pub id: TradeId,
    /// First trade in it.
    pub first: TradeId,
    /// Last trade in it.
    pub last: TradeId,
    /// Where.
    pub market: MarketId,
    /// The one price.
    pub price: Price,
    /// Base in all.
    pub quantity: Quantity,
    /// Quote in all, in quote ledger units.
    pub quote: Amount,
    /// When its command was sequenced.
    pub time: Timestamp,
    /// Side of the taker.
    pub taker_side: Side,
}

/// Joins trades as they come, ascending by id: consecutive trades of one taker order at one price are one.
///
/// A taker order that rests and is modified later may trade again; its time differs then, and so does its aggregate. All
/// trades of a command have one time, so that after a command nothing is added any more: then [`Aggregator::finish`].
#[derive(Debug, Clone, Default)]
pub struct Aggregator {
    /// What the next trade may still belong to, and whose order took.
    open: Option<(AggTrade, OrderId)>,
}

impl Aggregator {
    /// Takes in the next trade; gives the aggregate that it does not belong to any more.
    pub fn add(&mut self, trade: &PublicTrade) -> Option<AggTrade> {
        if let Some((open, taker)) = &mut self.open
            && (*taker, open.market, open.price, open.time)
                == (trade.taker_order, trade.market, trade.price, trade.time)
        {
            // One order's fills sum to no more than the order, which fits.
            open.quantity.0 += trade.quantity.0;
            open.quote.0 += trade.quote.0;
            open.last = trade.id;
            return None;
        }
        let next = AggTrade {
            id: trade.id,
            first: trade.id,
            last: trade.id,
            market: trade.market,
            price: trade.price,
            quantity: trade.quantity,
            quote: trade.quote,
            time: trade.time,
            taker_side: trade.taker_side,
        };
        self.open.replace((next, trade.taker_order)).map(|(ended, _)| ended)
    }

    /// The aggregate that more trades might have belonged to, if there is one.
    pub fn finish(&mut self) -> Option<AggTrade> {
        self.open.take().map(|(ended, _)| ended)
    }
}

/// Joins the trades of one market, ascending by id, as [`Aggregator`] does.
pub fn aggregate(trades: &[PublicTrade]) -> Vec<AggTrade> {
    let mut aggregator = Aggregator::default();
    let mut aggregates: Vec<AggTrade> = trades.iter().filter_map(|trade| aggregator.add(trade)).collect();
    aggregates.extend(aggregator.finish());
    aggregates
}
