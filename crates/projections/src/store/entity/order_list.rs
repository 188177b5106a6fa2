use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_order_lists")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) list_id: i64,
    pub(crate) account_id: i64,
    pub(crate) market_id: i64,
    pub(crate) kind: i64,
    pub(crate) order_1: i64,
    pub(crate) order_2: i64,
    pub(crate) order_3: i64,
    pub(crate) client_id: String,
    pub(crate) done: i64,
    pub(crate) placed: i64,
    pub(crate) updated: i64,
    pub(crate) sequence: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
