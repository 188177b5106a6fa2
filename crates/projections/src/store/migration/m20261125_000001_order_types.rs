use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// What contingent, iceberg, dated and listed orders and auctions say beyond the first ones.
pub(super) struct OrderTypes;

impl MigrationName for OrderTypes {
    fn name(&self) -> &'static str {
        "m20261125_000001_order_types"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE projections_orders ADD COLUMN stop_price BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN trailing_delta BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN iceberg BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN expire_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN list_id BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN wait BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN working_since BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN trailing_since BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN prevented BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN last_prevented BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE projections_orders ADD COLUMN ended BIGINT",
    "ALTER TABLE projections_trades ADD COLUMN auction BIGINT NOT NULL DEFAULT 0",
];

#[async_trait::async_trait]
impl MigrationTrait for OrderTypes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, STATEMENTS).await
    }
}
