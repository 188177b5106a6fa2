use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_markets")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) market_id: i64,
    pub(crate) symbol: String,
    pub(crate) base: i64,
    pub(crate) quote: i64,
    pub(crate) price_decimals: i64,
    pub(crate) quantity_decimals: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
