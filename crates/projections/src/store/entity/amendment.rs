use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_amendments")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) order_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) event: i64,
    pub(crate) account_id: i64,
    pub(crate) market_id: i64,
    pub(crate) time: i64,
    pub(crate) old_quantity: i64,
    pub(crate) new_quantity: i64,
    pub(crate) old_client_id: String,
    pub(crate) new_client_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
