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

/// Joins consecutive trades of one taker order at one price. Trades must be ascending by id.
///
/// A taker order that rests and is modified later may trade again; its time differs then, and so does its aggregate.
pub fn aggregate(trades: &[PublicTrade]) -> Vec<AggTrade> {
    trades
        .chunk_by(|a, b| a.taker_order == b.taker_order && a.price == b.price && a.time == b.time)
        .filter_map(|run| {
            let (first, last) = (run.first()?, run.last()?);
            Some(AggTrade {
                id: first.id,
                first: first.id,
                last: last.id,
                market: first.market,
                price: first.price,
                // One order's fills sum to no more than the order, which fits.
                quantity: Quantity(run.iter().map(|trade| trade.quantity.0).sum()),
                quote: Amount(run.iter().map(|trade| trade.quote.0).sum()),
                time: first.time,
                taker_side: first.taker_side,
            })
        })
        .collect()
}
