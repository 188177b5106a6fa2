use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Candles of a second, of 15 minutes and of 4 hours, made from the trades that are there.
pub(super) struct MoreCandles;

impl MigrationName for MoreCandles {
    fn name(&self) -> &'static str {
        "m20261125_000005_more_candles"
    }
}

/// In seconds.
const LENGTHS: [u64; 3] = [1, 900, 14_400];

/// `{seconds}` is the length, `{length}` the same in microseconds. First and last price are those of the first and last trade. Side 0 is the buyer's.
const FILL: &str = "
INSERT INTO projections_candles (market_id, seconds, open_time, open, high, low, close, volume, quote_volume, trades,
    taker_buy_volume, taker_buy_quote, first_trade)
SELECT g.market_id, {seconds}, g.open_time, f.price, g.high, g.low, l.price, g.volume, g.quote_volume, g.trades,
    g.bought, g.bought_quote, g.first_trade
FROM (
    SELECT market_id, time / {length} * {length} AS open_time, MAX(price) AS high,
        MIN(price) AS low, CAST(SUM(quantity) AS BIGINT) AS volume, CAST(SUM(quote) AS BIGINT) AS quote_volume,
        COUNT(*) AS trades, CAST(SUM(CASE taker_side WHEN 0 THEN quantity ELSE 0 END) AS BIGINT) AS bought,
        CAST(SUM(CASE taker_side WHEN 0 THEN quote ELSE 0 END) AS BIGINT) AS bought_quote,
        MIN(trade_id) AS first_trade, MAX(trade_id) AS last_trade
    FROM projections_trades
    GROUP BY market_id, time / {length} * {length}
) AS g
JOIN projections_trades AS f ON f.market_id = g.market_id AND f.trade_id = g.first_trade
JOIN projections_trades AS l ON l.market_id = g.market_id AND l.trade_id = g.last_trade";

#[async_trait::async_trait]
impl MigrationTrait for MoreCandles {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for seconds in LENGTHS {
            let length = (seconds * 1_000_000).to_string();
            let fill = FILL.replace("{seconds}", &seconds.to_string()).replace("{length}", &length);
            super::run(manager, &[&fill]).await?;
        }
        Ok(())
    }
}
