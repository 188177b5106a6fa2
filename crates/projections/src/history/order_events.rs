use model::{
    AccountId, ClientOrderId, ListId, MarketId, OrderId, PreventedId, Price, Quantity, SelfTrade, Sequence, Side,
    Timestamp,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{FromTime, History, MOST, Window};
use crate::{
    Error, ListView,
    store::{
        amendment_of,
        entity::{amendment, order, order_list, prevented},
        list_of, order_of, prevented_of,
    },
};

/// One reduction of an order's quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amendment {
    /// The order.
    pub order: OrderId,
    /// The command.
    pub sequence: Sequence,
    /// Which event of the command it is, from 0.
    pub event: u32,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// Time of the command.
    pub time: Timestamp,
    /// Its quantity in all before.
    pub old_quantity: Quantity,
    /// Its quantity in all from then on.
    pub new_quantity: Quantity,
    /// Its client id before.
    pub old_client_id: ClientOrderId,
    /// Its client id from then on.
    pub new_client_id: ClientOrderId,
}

/// A match that self-trade prevention kept from happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PreventedMatch {
    /// Its id, dense per market from 1.
    pub prevented: PreventedId,
    /// Where.
    pub market: MarketId,
    /// Time of the command.
    pub time: Timestamp,
    /// Side of the taker.
    pub taker_side: Side,
    /// The incoming order's mode.
    pub mode: SelfTrade,
    /// The maker's price.
    pub price: Price,
    /// The order that rested.
    pub maker_order: OrderId,
    /// The order that came in.
    pub taker_order: OrderId,
    /// Owner of the maker order.
    pub maker_account: AccountId,
    /// Owner of the taker order.
    pub taker_account: AccountId,
    /// What the maker lost.
    pub maker_quantity: Quantity,
    /// What the taker lost.
    pub taker_quantity: Quantity,
}

/// Which lists of an account are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListsQuery {
    /// From this list on.
    pub from: Option<ListId>,
    /// Placed at this time or later.
    pub start: Option<Timestamp>,
    /// Placed at this time or earlier.
    pub end: Option<Timestamp>,
    /// How many, 1 to 1,000.
    pub limit: u32,
}

impl History {
    /// An order list of this account.
    ///
    /// # Errors
    /// What the database said.
    pub async fn list(&self, account: AccountId, list: ListId) -> Result<Option<ListView>, Error> {
        let row = order_list::Entity::find_by_id(list.0.cast_signed()).one(self.db.read()).await?;
        self.listed(row.filter(|row| row.account_id == i64::from(account.0)).into_iter().collect()).await.map(first)
    }

    /// The account's latest list with this client id.
    ///
    /// # Errors
    /// What the database said.
    pub async fn list_by_client(&self, account: AccountId, client_id: &str) -> Result<Option<ListView>, Error> {
        let Some(client_id) = ClientOrderId::new(client_id).ok().filter(|id| !id.is_empty()) else { return Ok(None) };
        let row = named_list(account, client_id.as_str()).one(self.db.read()).await?;
        self.listed(row.into_iter().collect()).await.map(first)
    }

    /// The account's lists, ascending by id: with `from` or `start` the first ones from there, otherwise the latest.
    ///
    /// # Errors
    /// What the database said.
    pub async fn lists(&self, account: AccountId, query: &ListsQuery) -> Result<Vec<ListView>, Error> {
        let mut window = Window::new(query.from.map(|list| list.0), query.start, query.limit);
        // List ids rise with time, so that a time stands for an id.
        let from = match self.first_list_at(query.start, 0).await? {
            FromTime::Any => None,
            FromTime::Key(list) => Some(list),
            FromTime::Beyond => return Ok(Vec::new()),
        };
        let before = match self.first_list_at(query.end, 1).await? {
            FromTime::Key(list) => Some(list),
            FromTime::Any | FromTime::Beyond => None,
        };
        window.narrow(from, before);
        let rows = window.ascending(lists_of(account, &window).all(self.db.read()).await?);
        self.listed(rows).await
    }

    /// The first list placed `later` microseconds after the time, or after that.
    async fn first_list_at(&self, time: Option<Timestamp>, later: u64) -> Result<FromTime, Error> {
        let Some(time) = time else { return Ok(FromTime::Any) };
        let placed = i64::try_from(time.0.saturating_add(later)).unwrap_or(i64::MAX);
        let found: Option<i64> = first_list_at(placed).into_tuple().one(self.db.read()).await?;
        Ok(found.map_or(FromTime::Beyond, FromTime::Key))
    }

    /// Stored lists with the names of their orders.
    async fn listed(&self, rows: Vec<order_list::Model>) -> Result<Vec<ListView>, Error> {
        let mut lists: Vec<ListView> = rows.iter().map(list_of).collect::<Result<_, _>>()?;
        for view in &mut lists {
            let orders = view.orders.map(|order| order.0.cast_signed());
            let rows = order::Entity::find().filter(order::Column::OrderId.is_in(orders)).all(self.db.read()).await?;
            for row in &rows {
                let order = order_of(row)?;
                if let Some(at) = view.orders.iter().position(|&known| known == order.order) {
                    view.order_names[at] = order.client_id;
                }
            }
        }
        Ok(lists)
    }

    /// The amendments of an order of this account by commands from `from` on, oldest first: at most `limit`, 1 to 1,000.
    ///
    /// # Errors
    /// What the database said.
    pub async fn amendments(
        &self,
        account: AccountId,
        order: OrderId,
        from: Sequence,
        limit: u32,
    ) -> Result<Vec<Amendment>, Error> {
        let rows = amendments_of(order, from, limit).all(self.db.read()).await?;
        let mine = rows.iter().filter(|row| row.account_id == i64::from(account.0));
        mine.map(amendment_of).collect()
    }

    /// A prevented match in which the account has a part.
    ///
    /// # Errors
    /// What the database said.
    pub async fn prevented_match(
        &self,
        account: AccountId,
        market: MarketId,
        prevented: PreventedId,
    ) -> Result<Option<PreventedMatch>, Error> {
        let key = (i64::from(market.0), prevented.0.cast_signed());
        let row = prevented::Entity::find_by_id(key).one(self.db.read()).await?;
        let found = row.as_ref().map(prevented_of).transpose()?;
        Ok(found.filter(|found| found.maker_account == account || found.taker_account == account))
    }

    /// The prevented matches of an order of the account, ascending by id, from one on, at most `limit`, 1 to 1,000.
    ///
    /// # Errors
    /// What the database said.
    pub async fn prevented_matches(
        &self,
        account: AccountId,
        market: MarketId,
        order: OrderId,
        from: PreventedId,
        limit: u32,
    ) -> Result<Vec<PreventedMatch>, Error> {
        let mut found = Vec::new();
        for (of_order, owner) in [
            (prevented::Column::TakerOrder, prevented::Column::TakerAccount),
            (prevented::Column::MakerOrder, prevented::Column::MakerAccount),
        ] {
            let select =
                prevented_of_order(of_order, order, market, from, limit).filter(owner.eq(i64::from(account.0)));
            for row in select.all(self.db.read()).await? {
                found.push(prevented_of(&row)?);
            }
        }
        found.sort_by_key(|found| found.prevented);
        found.truncate(usize::try_from(limit.clamp(1, MOST)).unwrap_or(usize::MAX));
        Ok(found)
    }
}

fn first<T>(found: Vec<T>) -> Option<T> {
    found.into_iter().next()
}

/// The latest list of a client id.
pub(super) fn named_list(account: AccountId, client_id: &str) -> Select<order_list::Entity> {
    order_list::Entity::find()
        .filter(order_list::Column::AccountId.eq(i64::from(account.0)))
        .filter(order_list::Column::ClientId.eq(client_id))
        .order_by_desc(order_list::Column::ListId)
        .limit(1)
}

/// The lists of an account.
pub(super) fn lists_of(account: AccountId, window: &Window) -> Select<order_list::Entity> {
    let mut select = order_list::Entity::find()
        .filter(order_list::Column::AccountId.eq(i64::from(account.0)))
        .order_by(order_list::Column::ListId, window.order())
        .limit(window.limit);
    if let Some(from) = window.from {
        select = select.filter(order_list::Column::ListId.gte(from));
    }
    if let Some(until) = window.until {
        select = select.filter(order_list::Column::ListId.lte(until));
    }
    select
}

/// The first list placed at this time or later; its id only.
pub(super) fn first_list_at(placed: i64) -> Select<order_list::Entity> {
    order_list::Entity::find()
        .select_only()
        .column(order_list::Column::ListId)
        .filter(order_list::Column::Placed.gte(placed))
        .order_by_asc(order_list::Column::Placed)
        .order_by_asc(order_list::Column::ListId)
        .limit(1)
}

/// The amendments of an order by commands from this one on.
pub(super) fn amendments_of(order: OrderId, from: Sequence, limit: u32) -> Select<amendment::Entity> {
    amendment::Entity::find()
        .filter(amendment::Column::OrderId.eq(order.0.cast_signed()))
        .filter(amendment::Column::Sequence.gte(from.0.cast_signed()))
        .order_by_asc(amendment::Column::Sequence)
        .order_by_asc(amendment::Column::Event)
        .limit(u64::from(limit.clamp(1, MOST)))
}

/// The prevented matches in which an order has this role.
pub(super) fn prevented_of_order(
    role: prevented::Column,
    order: OrderId,
    market: MarketId,
    from: PreventedId,
    limit: u32,
) -> Select<prevented::Entity> {
    let key = Condition::all()
        .add(role.eq(order.0.cast_signed()))
        .add(prevented::Column::MarketId.eq(i64::from(market.0)))
        .add(prevented::Column::PreventedId.gte(from.0.cast_signed()));
    prevented::Entity::find()
        .filter(key)
        .order_by_asc(prevented::Column::PreventedId)
        .limit(u64::from(limit.clamp(1, MOST)))
}
