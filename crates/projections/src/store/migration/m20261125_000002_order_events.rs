use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Order lists, amendments, and matches that self-trade prevention kept from happening.
pub(super) struct OrderEvents;

impl MigrationName for OrderEvents {
    fn name(&self) -> &'static str {
        "m20261125_000002_order_events"
    }
}

const STATEMENTS: &[&str] = &[
    "
CREATE TABLE projections_order_lists (
    list_id BIGINT NOT NULL PRIMARY KEY,
    account_id BIGINT NOT NULL,
    market_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    order_1 BIGINT NOT NULL,
    order_2 BIGINT NOT NULL,
    order_3 BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    done BIGINT NOT NULL,
    placed BIGINT NOT NULL,
    updated BIGINT NOT NULL,
    sequence BIGINT NOT NULL
){tail}",
    "CREATE INDEX projections_order_lists_account ON projections_order_lists (account_id, list_id)",
    "CREATE INDEX projections_order_lists_client ON projections_order_lists (account_id, client_id, list_id)",
    "CREATE INDEX projections_order_lists_placed ON projections_order_lists (placed)",
    "
CREATE TABLE projections_amendments (
    order_id BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    event BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    market_id BIGINT NOT NULL,
    time BIGINT NOT NULL,
    old_quantity BIGINT NOT NULL,
    new_quantity BIGINT NOT NULL,
    old_client_id TEXT NOT NULL,
    new_client_id TEXT NOT NULL,
    PRIMARY KEY (order_id, sequence, event)
){tail}",
    "
CREATE TABLE projections_prevented (
    market_id BIGINT NOT NULL,
    prevented_id BIGINT NOT NULL,
    time BIGINT NOT NULL,
    taker_side BIGINT NOT NULL,
    mode BIGINT NOT NULL,
    price BIGINT NOT NULL,
    maker_order BIGINT NOT NULL,
    taker_order BIGINT NOT NULL,
    maker_account BIGINT NOT NULL,
    taker_account BIGINT NOT NULL,
    maker_quantity BIGINT NOT NULL,
    taker_quantity BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (market_id, prevented_id)
){tail}",
    "CREATE INDEX projections_prevented_maker_order ON projections_prevented (maker_order)",
    "CREATE INDEX projections_prevented_taker_order ON projections_prevented (taker_order)",
];

#[async_trait::async_trait]
impl MigrationTrait for OrderEvents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::run(manager, STATEMENTS).await
    }
}
