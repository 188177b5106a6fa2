//! Passkeys, the handles of their users, and ceremonies under way.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityPasskeys {
    Table,
    Id,
    UserId,
    CredentialId,
    SealedKey,
    State,
    Transports,
    Label,
    CreatedAtUs,
    LastUsedUs,
}

#[derive(DeriveIden)]
enum IdentityPasskeyUsers {
    Table,
    UserId,
    Handle,
}

#[derive(DeriveIden)]
enum IdentityPasskeyCeremonies {
    Table,
    Id,
    Challenge,
    UserId,
    State,
    ExpiresAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let passkeys = Table::create()
            .table(IdentityPasskeys::Table)
            .col(ColumnDef::new(IdentityPasskeys::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityPasskeys::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityPasskeys::CredentialId).blob().not_null().unique_key())
            .col(ColumnDef::new(IdentityPasskeys::SealedKey).blob().not_null())
            .col(ColumnDef::new(IdentityPasskeys::State).blob().not_null())
            .col(ColumnDef::new(IdentityPasskeys::Transports).big_integer().not_null())
            .col(ColumnDef::new(IdentityPasskeys::Label).text().not_null())
            .col(ColumnDef::new(IdentityPasskeys::CreatedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityPasskeys::LastUsedUs).big_integer())
            .to_owned();
        manager.create_table(passkeys).await?;
        let by_user = Index::create()
            .name("identity_passkeys_by_user")
            .table(IdentityPasskeys::Table)
            .col(IdentityPasskeys::UserId)
            .col(IdentityPasskeys::Id)
            .to_owned();
        manager.create_index(by_user).await?;
        let users = Table::create()
            .table(IdentityPasskeyUsers::Table)
            .col(ColumnDef::new(IdentityPasskeyUsers::UserId).big_integer().not_null().primary_key())
            .col(ColumnDef::new(IdentityPasskeyUsers::Handle).blob().not_null().unique_key())
            .to_owned();
        manager.create_table(users).await?;
        ceremonies(manager).await
    }
}

async fn ceremonies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let ceremonies = Table::create()
        .table(IdentityPasskeyCeremonies::Table)
        .col(ColumnDef::new(IdentityPasskeyCeremonies::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityPasskeyCeremonies::Challenge).blob().not_null().unique_key())
        .col(ColumnDef::new(IdentityPasskeyCeremonies::UserId).big_integer())
        .col(ColumnDef::new(IdentityPasskeyCeremonies::State).blob().not_null())
        .col(ColumnDef::new(IdentityPasskeyCeremonies::ExpiresAtUs).big_integer().not_null())
        .to_owned();
    manager.create_table(ceremonies).await?;
    for (name, column) in [
        ("identity_passkey_ceremonies_by_time", IdentityPasskeyCeremonies::ExpiresAtUs),
        ("identity_passkey_ceremonies_by_user", IdentityPasskeyCeremonies::UserId),
    ] {
        let index = Index::create().name(name).table(IdentityPasskeyCeremonies::Table).col(column).to_owned();
        manager.create_index(index).await?;
    }
    Ok(())
}
