//! API keys with a public key instead of a secret.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityApiKeys {
    Table,
    PublicKey,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(IdentityApiKeys::PublicKey).blob().null().to_owned();
        manager.alter_table(Table::alter().table(IdentityApiKeys::Table).add_column(column).to_owned()).await
    }
}
