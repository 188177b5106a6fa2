use hashbrown::HashMap;
use marketdata::PublicTrade;
use model::{AccountId, Amount, ListId, MarketId, OrderId, Price, Quantity, Side, Timestamp, TradeId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{AccountTrade, FromTime, History, Window};
use crate::{
    Error, Fill,
    change::Pair,
    store::{
        self,
        entity::{market, order, trade},
        market_of, unsigned,
    },
};

/// Which trades of an account in a market are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TradesQuery {
    /// Of this order only.
    pub order: Option<OrderId>,
    /// From this trade on.
    pub from: Option<TradeId>,
    /// At this time or later.
    pub start: Option<Timestamp>,
    /// At this time or earlier.
    pub end: Option<Timestamp>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

/// Which trades of a market are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicQuery {
    /// From this trade on.
    pub from: Option<TradeId>,
    /// At this time or later.
    pub start: Option<Timestamp>,
    /// At this time or earlier.
    pub end: Option<Timestamp>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

/// The two roles that an account can have in a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Taker,
    Maker,
}

impl Role {
    const fn account(self) -> trade::Column {
        match self {
            Self::Taker => trade::Column::TakerAccount,
            Self::Maker => trade::Column::MakerAccount,
        }
    }

    const fn order(self) -> trade::Column {
        match self {
            Self::Taker => trade::Column::TakerOrder,
            Self::Maker => trade::Column::MakerOrder,
        }
    }
}

impl History {
    /// The account's trades in a market, ascending by id: with `from` or `start` the first ones from there, otherwise
    /// the latest. A trade of the account with itself is there twice, as taker and as maker.
    ///
    /// # Errors
    /// What the database said.
    pub async fn trades(
        &self,
        account: AccountId,
        market: MarketId,
        query: &TradesQuery,
    ) -> Result<Vec<AccountTrade>, Error> {
        let mut window = Window::new(query.from.map(|trade| trade.0), query.start, query.limit);
        let Some(pair) = self.pair(market).await? else { return Ok(Vec::new()) };
        if !self.narrow_to_time(&mut window, market, query.start, query.end).await? {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for role in [Role::Taker, Role::Maker] {
            let select = of_account(account, market, role, query.order, &window);
            for row in select.all(self.db.read()).await? {
                found.push(account_trade(&row, role, pair)?);
            }
        }
        found.sort_by_key(|trade| (trade.fill.trade, trade.fill.is_maker));
        let limit = usize::try_from(window.limit).unwrap_or(usize::MAX);
        let skipped = if window.first { 0 } else { found.len().saturating_sub(limit) };
        let mut found: Vec<AccountTrade> = found.into_iter().skip(skipped).take(limit).collect();
        self.add_lists(&mut found).await?;
        Ok(found)
    }

    /// Says of each trade to which list its order belongs.
    async fn add_lists(&self, trades: &mut [AccountTrade]) -> Result<(), Error> {
        let mut orders: Vec<i64> = trades.iter().map(|trade| trade.order.0.cast_signed()).collect();
        orders.sort_unstable();
        orders.dedup();
        let listed: Vec<(i64, i64)> = order::Entity::find()
            .select_only()
            .columns([order::Column::OrderId, order::Column::ListId])
            .filter(order::Column::OrderId.is_in(orders))
            .filter(order::Column::ListId.ne(0))
            .into_tuple()
            .all(self.db.read())
            .await?;
        let listed: HashMap<i64, i64> = listed.into_iter().collect();
        for trade in trades {
            trade.list = ListId(listed.get(&trade.order.0.cast_signed()).copied().map_or(0, unsigned));
        }
        Ok(())
    }

    /// A market's trades, ascending by id: with `from` or `start` the first ones from there, otherwise the latest.
    ///
    /// # Errors
    /// What the database said.
    pub async fn public_trades(&self, market: MarketId, query: &PublicQuery) -> Result<Vec<PublicTrade>, Error> {
        let mut window = Window::new(query.from.map(|trade| trade.0), query.start, query.limit);
        if !self.narrow_to_time(&mut window, market, query.start, query.end).await? {
            return Ok(Vec::new());
        }
        let rows = window.ascending(in_market(market, &window).all(self.db.read()).await?);
        rows.iter().map(public_trade).collect()
    }

    /// A market's trades up to and including one, ascending, at most `most` of them.
    pub(super) async fn trades_until(
        &self,
        market: MarketId,
        until: TradeId,
        most: u64,
    ) -> Result<Vec<PublicTrade>, Error> {
        let window = Window { from: None, until: Some(until.0.cast_signed()), first: false, limit: most };
        let rows = window.ascending(in_market(market, &window).all(self.db.read()).await?);
        rows.iter().map(public_trade).collect()
    }

    /// Trade ids rise with time, so that a time stands for an id. False when nothing is that late.
    async fn narrow_to_time(
        &self,
        window: &mut Window,
        market: MarketId,
        start: Option<Timestamp>,
        end: Option<Timestamp>,
    ) -> Result<bool, Error> {
        let from = match self.first_trade_at(market, start, 0).await? {
            FromTime::Any => None,
            FromTime::Key(trade) => Some(trade),
            FromTime::Beyond => return Ok(false),
        };
        let before = match self.first_trade_at(market, end, 1).await? {
            FromTime::Key(trade) => Some(trade),
            FromTime::Any | FromTime::Beyond => None,
        };
        window.narrow(from, before);
        Ok(true)
    }

    /// The first trade `later` microseconds after the time, or after that.
    async fn first_trade_at(&self, market: MarketId, time: Option<Timestamp>, later: u64) -> Result<FromTime, Error> {
        let Some(time) = time else { return Ok(FromTime::Any) };
        let time = i64::try_from(time.0.saturating_add(later)).unwrap_or(i64::MAX);
        let found: Option<i64> = first_at(market, time).into_tuple().one(self.db.read()).await?;
        Ok(found.map_or(FromTime::Beyond, FromTime::Key))
    }

    async fn pair(&self, market: MarketId) -> Result<Option<Pair>, Error> {
        let row = market::Entity::find_by_id(i64::from(market.0)).one(self.db.read()).await?;
        let Some(row) = row else { return Ok(None) };
        let (_, base, quote, _) = market_of(&row)?;
        Ok(Some(Pair { base, quote }))
    }
}

pub(super) fn in_market(market: MarketId, window: &Window) -> Select<trade::Entity> {
    let mut select = trade::Entity::find()
        .filter(trade::Column::MarketId.eq(i64::from(market.0)))
        .order_by(trade::Column::TradeId, window.order())
        .limit(window.limit);
    if let Some(from) = window.from {
        select = select.filter(trade::Column::TradeId.gte(from));
    }
    if let Some(until) = window.until {
        select = select.filter(trade::Column::TradeId.lte(until));
    }
    select
}

/// The first trade at this time or later; its id only.
pub(super) fn first_at(market: MarketId, time: i64) -> Select<trade::Entity> {
    trade::Entity::find()
        .select_only()
        .column(trade::Column::TradeId)
        .filter(trade::Column::MarketId.eq(i64::from(market.0)))
        .filter(trade::Column::Time.gte(time))
        .order_by_asc(trade::Column::Time)
        .order_by_asc(trade::Column::TradeId)
        .limit(1)
}

/// The trades of an account in one role, or of one of its orders.
pub(super) fn of_account(
    account: AccountId,
    market: MarketId,
    role: Role,
    order: Option<OrderId>,
    window: &Window,
) -> Select<trade::Entity> {
    let select = in_market(market, window).filter(role.account().eq(i64::from(account.0)));
    match order {
        Some(order) => select.filter(role.order().eq(order.0.cast_signed())),
        None => select,
    }
}

fn side(code: i64) -> Result<Side, Error> {
    let corrupt = Error::Corrupt { table: store::TRADES.name, what: "no side" };
    u8::try_from(code).ok().and_then(Side::from_code).ok_or(corrupt)
}

fn account(id: i64) -> Result<AccountId, Error> {
    let corrupt = Error::Corrupt { table: store::TRADES.name, what: "no account" };
    u32::try_from(id).map(AccountId).map_err(|_| corrupt)
}

fn market_id(id: i64) -> Result<MarketId, Error> {
    let corrupt = Error::Corrupt { table: store::TRADES.name, what: "no market" };
    u16::try_from(id).map(MarketId).map_err(|_| corrupt)
}

fn public_trade(row: &trade::Model) -> Result<PublicTrade, Error> {
    Ok(PublicTrade {
        id: TradeId(unsigned(row.trade_id)),
        market: market_id(row.market_id)?,
        price: Price(row.price),
        quantity: Quantity(row.quantity),
        quote: Amount(row.quote),
        time: Timestamp(unsigned(row.time)),
        taker_side: side(row.taker_side)?,
        maker_order: OrderId(unsigned(row.maker_order)),
        taker_order: OrderId(unsigned(row.taker_order)),
    })
}

fn account_trade(row: &trade::Model, role: Role, pair: Pair) -> Result<AccountTrade, Error> {
    let taker_side = side(row.taker_side)?;
    let (side, order, owner, fee) = match role {
        Role::Taker => (taker_side, row.taker_order, row.taker_account, row.taker_fee),
        Role::Maker => (taker_side.opposite(), row.maker_order, row.maker_account, row.maker_fee),
    };
    Ok(AccountTrade {
        fill: Fill {
            trade: TradeId(unsigned(row.trade_id)),
            price: Price(row.price),
            quantity: Quantity(row.quantity),
            quote: Amount(row.quote),
            commission: Amount(fee),
            // The fee is taken from what was received.
            commission_asset: if side == Side::Buy { pair.base } else { pair.quote },
            is_maker: role == Role::Maker,
        },
        market: market_id(row.market_id)?,
        order: OrderId(unsigned(order)),
        list: ListId(0),
        account: account(owner)?,
        side,
        time: Timestamp(unsigned(row.time)),
    })
}
