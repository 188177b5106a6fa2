use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use db::Db;
use hashbrown::HashMap;
use marketdata::{Candle, Interval};
use model::{AccountId, Batch, Event, MarketId, OrderId, Sequence};
use sea_orm::{EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};

use crate::{
    Error, OrderView, Position,
    change::Pair,
    history::positions,
    posting::Markets,
    store::{
        asset_of, candle_of,
        entity::{asset, candle, market, order},
        market_of, order_of, position_of, unsigned,
    },
};
use sea_orm::{ColumnTrait, ExprTrait};

/// The candles that are stored; all others are joined from them. Seconds and minutes, because nothing else could make them;
/// of the longer ones those that keep what has to be read for one answer small (see the crate's page for the figures).
pub(crate) const STORED: [Interval; 6] =
    [Interval::S1, Interval::M1, Interval::M15, Interval::H1, Interval::H4, Interval::D1];

/// Orders that are read in one go.
const PAGE: u64 = 10_000;

/// Positions that are kept in memory.
const POSITIONS: usize = 100_000;
/// Positions that are read in one go.
const KEYS: usize = 500;

/// What has to be known of the tables in order to follow. It grows with the market, not with history.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) sequence: Sequence,
    pub(super) markets: Markets,
    pub(super) open: HashMap<OrderId, OrderView>,
    /// The newest candle of each market and stored interval.
    pub(super) candles: BTreeMap<(MarketId, Interval), Candle>,
    /// Positions of accounts that traded lately; the others are in the tables only.
    pub(super) positions: HashMap<(AccountId, MarketId), Position>,
}

impl State {
    pub(super) async fn load(db: &Db) -> Result<Self, Error> {
        let mut state = Self { sequence: super::checkpoint(db).await?, ..Self::default() };
        for row in asset::Entity::find().all(db.read()).await? {
            state.markets.add_asset(&asset_of(&row)?);
        }
        for row in market::Entity::find().all(db.read()).await? {
            let (id, base, quote, quantity_decimals) = market_of(&row)?;
            let corrupt = |what| Error::Corrupt { table: crate::store::MARKETS.name, what };
            state.markets.add_pair(id, Pair { base, quote }, quantity_decimals).map_err(corrupt)?;
            state.load_candles(db, id).await?;
        }
        state.load_orders(db).await?;
        Ok(state)
    }

    /// Reads the positions that the trades of batches will change, all of which were written before.
    pub(super) async fn load_positions(&mut self, db: &Db, batches: &[Arc<Batch>]) -> Result<(), Error> {
        if self.positions.len() > POSITIONS {
            self.positions.clear();
        }
        let mut missing = BTreeSet::new();
        for (step, events) in batches.iter().flat_map(|batch| batch.iter()) {
            if step.sequence <= self.sequence {
                continue;
            }
            for event in events {
                let Event::Trade(trade) = event else { continue };
                let both = [trade.taker_account, trade.maker_account].map(|account| (account, trade.market));
                missing.extend(both.into_iter().filter(|key| !self.positions.contains_key(key)));
            }
        }
        let missing: Vec<(AccountId, MarketId)> = missing.into_iter().collect();
        for keys in missing.chunks(KEYS) {
            for &(account, market) in keys {
                self.positions.insert((account, market), Position::none(account, market));
            }
            let known = positions::of(keys).all(db.read()).await?;
            for row in &known {
                let position = position_of(row)?;
                self.positions.insert((position.account, position.market), position);
            }
        }
        Ok(())
    }

    async fn load_candles(&mut self, db: &Db, market: MarketId) -> Result<(), Error> {
        for interval in STORED {
            let newest = candle::Entity::find()
                .filter(candle::Column::MarketId.eq(i64::from(market.0)))
                .filter(candle::Column::Seconds.eq(seconds(interval)))
                .order_by_desc(candle::Column::OpenTime)
                .limit(1)
                .one(db.read())
                .await?;
            if let Some(row) = newest {
                self.candles.insert((market, interval), candle_of(&row));
            }
        }
        Ok(())
    }

    async fn load_orders(&mut self, db: &Db) -> Result<(), Error> {
        let mut after = -1;
        loop {
            let rows = order::Entity::find()
                // As text, because a parameter would hide from PostgreSQL that the partial index fits.
                .filter(Expr::cust("status < 2"))
                .filter(Expr::col(order::Column::OrderId).gt(after))
                .order_by_asc(order::Column::OrderId)
                .limit(PAGE)
                .all(db.read())
                .await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.order_id;
            for row in &rows {
                let view = order_of(row)?;
                self.open.insert(OrderId(unsigned(row.order_id)), view);
            }
        }
    }
}

/// How a stored interval is named in the table.
pub(crate) fn seconds(interval: Interval) -> i64 {
    (interval.length().unwrap_or(0) / 1_000_000).cast_signed()
}
