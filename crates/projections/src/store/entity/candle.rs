use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_candles")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) market_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) seconds: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) open_time: i64,
    pub(crate) open: i64,
    pub(crate) high: i64,
    pub(crate) low: i64,
    pub(crate) close: i64,
    pub(crate) volume: i64,
    pub(crate) quote_volume: i64,
    pub(crate) trades: i64,
    pub(crate) taker_buy_volume: i64,
    pub(crate) taker_buy_quote: i64,
    pub(crate) first_trade: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
