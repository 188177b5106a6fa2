use model::{AccountId, ClientOrderId, MarketId, OrderId, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{FromTime, History, Window};
use crate::{
    Error, OrderView,
    store::{entity::order, order_of},
};

/// Which orders of an account in a market are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrdersQuery {
    /// From this order on.
    pub from_order: Option<OrderId>,
    /// Placed at this time or later.
    pub start: Option<Timestamp>,
    /// Placed at this time or earlier.
    pub end: Option<Timestamp>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

impl History {
    /// The account's orders in a market, open and closed, ascending by id: with `from_order` or `start` the first ones
    /// from there, otherwise the latest.
    ///
    /// # Errors
    /// What the database said.
    pub async fn orders(
        &self,
        account: AccountId,
        market: MarketId,
        query: &OrdersQuery,
    ) -> Result<Vec<OrderView>, Error> {
        let mut window = Window::new(query.from_order.map(|order| order.0), query.start, query.limit);
        // Order ids rise with time, so that a time stands for an id.
        let from = match self.first_order_at(query.start, 0).await? {
            FromTime::Any => None,
            FromTime::Key(order) => Some(order),
            FromTime::Beyond => return Ok(Vec::new()),
        };
        let before = match self.first_order_at(query.end, 1).await? {
            FromTime::Key(order) => Some(order),
            FromTime::Any | FromTime::Beyond => None,
        };
        window.narrow(from, before);
        let select = in_market(account, market, &window);
        let rows = window.ascending(select.all(self.db.read()).await?);
        rows.iter().map(order_of).collect()
    }

    /// The first order placed `later` microseconds after the time, or after that.
    async fn first_order_at(&self, time: Option<Timestamp>, later: u64) -> Result<FromTime, Error> {
        let Some(time) = time else { return Ok(FromTime::Any) };
        let placed = i64::try_from(time.0.saturating_add(later)).unwrap_or(i64::MAX);
        let found: Option<i64> = first_at(placed).into_tuple().one(self.db.read()).await?;
        Ok(found.map_or(FromTime::Beyond, FromTime::Key))
    }

    /// An order of this account.
    ///
    /// # Errors
    /// What the database said.
    pub async fn order(&self, account: AccountId, order: OrderId) -> Result<Option<OrderView>, Error> {
        let row = order::Entity::find_by_id(order.0.cast_signed()).one(self.db.read()).await?;
        row.filter(|row| row.account_id == i64::from(account.0)).as_ref().map(order_of).transpose()
    }

    /// The account's latest order in a market with this client id.
    ///
    /// # Errors
    /// What the database said.
    pub async fn order_by_client(
        &self,
        account: AccountId,
        market: MarketId,
        client_id: &str,
    ) -> Result<Option<OrderView>, Error> {
        let Some(client_id) = ClientOrderId::new(client_id).ok().filter(|id| !id.is_empty()) else { return Ok(None) };
        let row = named(account, market, client_id.as_str()).one(self.db.read()).await?;
        row.as_ref().map(order_of).transpose()
    }
}

/// The orders of an account in a market.
pub(super) fn in_market(account: AccountId, market: MarketId, window: &Window) -> Select<order::Entity> {
    let mut select = order::Entity::find()
        .filter(order::Column::AccountId.eq(i64::from(account.0)))
        .filter(order::Column::MarketId.eq(i64::from(market.0)))
        .order_by(order::Column::OrderId, window.order())
        .limit(window.limit);
    if let Some(from) = window.from {
        select = select.filter(order::Column::OrderId.gte(from));
    }
    if let Some(until) = window.until {
        select = select.filter(order::Column::OrderId.lte(until));
    }
    select
}

/// The first order placed at this time or later; its id only.
pub(super) fn first_at(placed: i64) -> Select<order::Entity> {
    order::Entity::find()
        .select_only()
        .column(order::Column::OrderId)
        .filter(order::Column::Placed.gte(placed))
        .order_by_asc(order::Column::Placed)
        .order_by_asc(order::Column::OrderId)
        .limit(1)
}

/// The latest order of a client id.
pub(super) fn named(account: AccountId, market: MarketId, client_id: &str) -> Select<order::Entity> {
    order::Entity::find()
        .filter(order::Column::AccountId.eq(i64::from(account.0)))
        .filter(order::Column::ClientId.eq(client_id))
        .filter(order::Column::MarketId.eq(i64::from(market.0)))
        .order_by_desc(order::Column::OrderId)
        .limit(1)
}
