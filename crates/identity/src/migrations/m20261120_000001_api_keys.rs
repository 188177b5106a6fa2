//! API keys.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityApiKeys {
    Table,
    Id,
    Key,
    Kind,
    SealedSecret,
    AccountId,
    Label,
    MayRead,
    MayTrade,
    IpAllowList,
    CreatedAtUs,
    RevokedAtUs,
    LastUsedUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(IdentityApiKeys::Table)
            .col(ColumnDef::new(IdentityApiKeys::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityApiKeys::Key).text().not_null().unique_key())
            .col(ColumnDef::new(IdentityApiKeys::Kind).text().not_null())
            .col(ColumnDef::new(IdentityApiKeys::SealedSecret).blob().not_null())
            .col(ColumnDef::new(IdentityApiKeys::AccountId).big_integer().not_null())
            .col(ColumnDef::new(IdentityApiKeys::Label).text().not_null())
            .col(ColumnDef::new(IdentityApiKeys::MayRead).boolean().not_null())
            .col(ColumnDef::new(IdentityApiKeys::MayTrade).boolean().not_null())
            .col(ColumnDef::new(IdentityApiKeys::IpAllowList).text())
            .col(ColumnDef::new(IdentityApiKeys::CreatedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityApiKeys::RevokedAtUs).big_integer())
            .col(ColumnDef::new(IdentityApiKeys::LastUsedUs).big_integer())
            .to_owned();
        manager.create_table(table).await?;
        let by_account = Index::create()
            .name("identity_api_keys_by_account")
            .table(IdentityApiKeys::Table)
            .col(IdentityApiKeys::AccountId)
            .col(IdentityApiKeys::Id)
            .to_owned();
        manager.create_index(by_account).await
    }
}
