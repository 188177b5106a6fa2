//! Authenticators that show codes, and the codes for who lost one.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityTotp {
    Table,
    UserId,
    SealedSecret,
    LastStep,
    CreatedAtUs,
    ConfirmedAtUs,
}

#[derive(DeriveIden)]
enum IdentityRecoveryCodes {
    Table,
    Id,
    UserId,
    Hash,
    UsedAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let totp = Table::create()
            .table(IdentityTotp::Table)
            .col(ColumnDef::new(IdentityTotp::UserId).big_integer().not_null().primary_key())
            .col(ColumnDef::new(IdentityTotp::SealedSecret).blob().not_null())
            .col(ColumnDef::new(IdentityTotp::LastStep).big_integer().not_null())
            .col(ColumnDef::new(IdentityTotp::CreatedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityTotp::ConfirmedAtUs).big_integer())
            .to_owned();
        manager.create_table(totp).await?;
        let codes = Table::create()
            .table(IdentityRecoveryCodes::Table)
            .col(ColumnDef::new(IdentityRecoveryCodes::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityRecoveryCodes::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityRecoveryCodes::Hash).text().not_null())
            .col(ColumnDef::new(IdentityRecoveryCodes::UsedAtUs).big_integer())
            .to_owned();
        manager.create_table(codes).await?;
        let by_user = Index::create()
            .name("identity_recovery_codes_by_user")
            .table(IdentityRecoveryCodes::Table)
            .col(IdentityRecoveryCodes::UserId)
            .col(IdentityRecoveryCodes::Hash)
            .unique()
            .to_owned();
        manager.create_index(by_user).await
    }
}
