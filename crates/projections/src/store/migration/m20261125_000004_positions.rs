use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Profit and loss by average cost.
pub(super) struct Positions;

impl MigrationName for Positions {
    fn name(&self) -> &'static str {
        "m20261125_000004_positions"
    }
}

const STATEMENTS: &[&str] = &["
CREATE TABLE projections_positions (
    account_id BIGINT NOT NULL,
    market_id BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    realised BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (account_id, market_id)
){tail}"];

#[async_trait::async_trait]
impl MigrationTrait for Positions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, STATEMENTS).await
    }
}
