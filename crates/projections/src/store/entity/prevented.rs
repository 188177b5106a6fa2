use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_prevented")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) market_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) prevented_id: i64,
    pub(crate) time: i64,
    pub(crate) taker_side: i64,
    pub(crate) mode: i64,
    pub(crate) price: i64,
    pub(crate) maker_order: i64,
    pub(crate) taker_order: i64,
    pub(crate) maker_account: i64,
    pub(crate) taker_account: i64,
    pub(crate) maker_quantity: i64,
    pub(crate) taker_quantity: i64,
    pub(crate) sequence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
