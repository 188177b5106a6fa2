use model::{AccountId, MarketId};
use sea_orm::{ColumnTrait, EntityTrait, ExprTrait, QueryFilter, QueryOrder, Select, sea_query::Expr};

use super::History;
use crate::{
    Error, Position,
    store::{entity::position, position_of},
};

impl History {
    /// The account's positions, by market id; one for each market that it has traded in.
    ///
    /// # Errors
    /// What the database said.
    pub async fn positions(&self, account: AccountId) -> Result<Vec<Position>, Error> {
        let rows = position::Entity::find()
            .filter(position::Column::AccountId.eq(i64::from(account.0)))
            .order_by_asc(position::Column::MarketId)
            .all(self.db.read())
            .await?;
        rows.iter().map(position_of).collect()
    }

    /// The account's position in a market; `None` when it has not traded there.
    ///
    /// # Errors
    /// What the database said.
    pub async fn position(&self, account: AccountId, market: MarketId) -> Result<Option<Position>, Error> {
        let key = (i64::from(account.0), i64::from(market.0));
        position::Entity::find_by_id(key).one(self.db.read()).await?.as_ref().map(position_of).transpose()
    }
}

/// The stored ones of some positions.
pub(crate) fn of(keys: &[(AccountId, MarketId)]) -> Select<position::Entity> {
    let wanted = keys.iter().map(|(account, market)| (i64::from(account.0), i64::from(market.0)));
    let key = Expr::tuple([Expr::col(position::Column::AccountId), Expr::col(position::Column::MarketId)]);
    position::Entity::find().filter(key.in_tuples(wanted))
}
