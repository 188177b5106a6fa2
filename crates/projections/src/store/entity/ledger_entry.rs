use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_ledger_entries")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) account_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) entry: i64,
    pub(crate) event: i64,
    pub(crate) time: i64,
    pub(crate) asset_id: i64,
    pub(crate) available: i64,
    pub(crate) held: i64,
    pub(crate) kind: i64,
    pub(crate) reference: i64,
    pub(crate) market_id: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
