//! API keys that may withdraw, that expire, and accounts whose keys are refused.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityApiKeys {
    Table,
    MayWithdraw,
    ExpiresAtUs,
}

#[derive(DeriveIden)]
enum IdentityBlockedAccounts {
    Table,
    AccountId,
    BlockedAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One column a statement: SQLite adds no more at once.
        for column in [
            ColumnDef::new(IdentityApiKeys::MayWithdraw).boolean().not_null().default(false).to_owned(),
            ColumnDef::new(IdentityApiKeys::ExpiresAtUs).big_integer().null().to_owned(),
        ] {
            manager.alter_table(Table::alter().table(IdentityApiKeys::Table).add_column(column).to_owned()).await?;
        }
        let blocked = Table::create()
            .table(IdentityBlockedAccounts::Table)
            .col(ColumnDef::new(IdentityBlockedAccounts::AccountId).big_integer().not_null().primary_key())
            .col(ColumnDef::new(IdentityBlockedAccounts::BlockedAtUs).big_integer().not_null())
            .to_owned();
        manager.create_table(blocked).await
    }
}
