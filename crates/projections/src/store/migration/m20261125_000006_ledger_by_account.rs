use sea_orm::DbBackend;
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait};

/// Ledger entries in the order in which they are asked for, by account: the key takes the place of the index.
pub(super) struct LedgerByAccount;

impl MigrationName for LedgerByAccount {
    fn name(&self) -> &'static str {
        "m20261125_000006_ledger_by_account"
    }
}

/// SQLite cannot change a key.
const SQLITE: &[&str] = &[
    "
CREATE TABLE projections_ledger_by_account (
    sequence BIGINT NOT NULL,
    entry BIGINT NOT NULL,
    event BIGINT NOT NULL,
    time BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    asset_id BIGINT NOT NULL,
    available BIGINT NOT NULL,
    held BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    reference BIGINT NOT NULL,
    market_id BIGINT,
    PRIMARY KEY (account_id, sequence, entry)
){tail}",
    "
INSERT INTO projections_ledger_by_account (sequence, entry, event, time, account_id, asset_id, available, held, kind, reference,
    market_id)
SELECT sequence, entry, event, time, account_id, asset_id, available, held, kind, reference, market_id
FROM projections_ledger_entries ORDER BY account_id, sequence, entry",
    "DROP TABLE projections_ledger_entries",
    "ALTER TABLE projections_ledger_by_account RENAME TO projections_ledger_entries",
];

const POSTGRES: &[&str] = &[
    "
ALTER TABLE projections_ledger_entries DROP CONSTRAINT projections_ledger_entries_pkey,
    ADD CONSTRAINT projections_ledger_entries_pkey PRIMARY KEY (account_id, sequence, entry)",
    "DROP INDEX projections_ledger_entries_account",
];

#[async_trait::async_trait]
impl MigrationTrait for LedgerByAccount {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sqlite = manager.get_database_backend() == DbBackend::Sqlite;
        super::run(manager, if sqlite { SQLITE } else { POSTGRES }).await
    }
}
