use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Who is in which fee tier, and what each tier pays.
pub(super) struct Fees;

impl MigrationName for Fees {
    fn name(&self) -> &'static str {
        "m20261125_000003_fees"
    }
}

const STATEMENTS: &[&str] = &[
    "
CREATE TABLE projections_accounts (
    account_id BIGINT NOT NULL PRIMARY KEY,
    parent_id BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    opened BIGINT NOT NULL
){tail}",
    // The schedule as it is now. A key of -1 stands for any tier or market; an entry that was taken away has no fees.
    "
CREATE TABLE projections_fees (
    tier_id BIGINT NOT NULL,
    market_id BIGINT NOT NULL,
    maker_ppm BIGINT,
    taker_ppm BIGINT,
    PRIMARY KEY (tier_id, market_id)
){tail}",
];

#[async_trait::async_trait]
impl MigrationTrait for Fees {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, STATEMENTS).await
    }
}
