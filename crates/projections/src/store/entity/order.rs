use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "projections_orders")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) order_id: i64,
    pub(crate) account_id: i64,
    pub(crate) market_id: i64,
    pub(crate) side: i64,
    pub(crate) order_type: i64,
    pub(crate) time_in_force: i64,
    pub(crate) self_trade: i64,
    pub(crate) price: i64,
    pub(crate) quantity: i64,
    pub(crate) quote_quantity: i64,
    pub(crate) executed: i64,
    pub(crate) cumulative_quote: i64,
    pub(crate) status: i64,
    pub(crate) client_id: String,
    pub(crate) placed: i64,
    pub(crate) updated: i64,
    pub(crate) sequence: i64,
    pub(crate) stop_price: i64,
    pub(crate) trailing_delta: i64,
    pub(crate) iceberg: i64,
    pub(crate) expire_at: i64,
    pub(crate) list_id: i64,
    pub(crate) wait: i64,
    pub(crate) working_since: i64,
    pub(crate) trailing_since: i64,
    pub(crate) prevented: i64,
    pub(crate) last_prevented: i64,
    pub(crate) ended: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
