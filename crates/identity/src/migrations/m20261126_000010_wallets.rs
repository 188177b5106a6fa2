//! Wallets, and the messages that they are asked to sign.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityWallets {
    Table,
    Id,
    UserId,
    Kind,
    Address,
    LinkedAtUs,
}

#[derive(DeriveIden)]
enum IdentityWalletMessages {
    Table,
    Id,
    Hash,
    Kind,
    Address,
    UserId,
    ExpiresAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let wallets = Table::create()
            .table(IdentityWallets::Table)
            .col(ColumnDef::new(IdentityWallets::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityWallets::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityWallets::Kind).text().not_null())
            .col(ColumnDef::new(IdentityWallets::Address).text().not_null())
            .col(ColumnDef::new(IdentityWallets::LinkedAtUs).big_integer().not_null())
            .to_owned();
        manager.create_table(wallets).await?;
        let by_address = Index::create()
            .name("identity_wallets_by_address")
            .table(IdentityWallets::Table)
            .col(IdentityWallets::Address)
            .col(IdentityWallets::Kind)
            .unique()
            .to_owned();
        manager.create_index(by_address).await?;
        let by_user = Index::create()
            .name("identity_wallets_by_user")
            .table(IdentityWallets::Table)
            .col(IdentityWallets::UserId)
            .col(IdentityWallets::Id)
            .to_owned();
        manager.create_index(by_user).await?;
        messages(manager).await
    }
}

async fn messages(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let messages = Table::create()
        .table(IdentityWalletMessages::Table)
        .col(ColumnDef::new(IdentityWalletMessages::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityWalletMessages::Hash).blob().not_null().unique_key())
        .col(ColumnDef::new(IdentityWalletMessages::Kind).text().not_null())
        .col(ColumnDef::new(IdentityWalletMessages::Address).text().not_null())
        .col(ColumnDef::new(IdentityWalletMessages::UserId).big_integer())
        .col(ColumnDef::new(IdentityWalletMessages::ExpiresAtUs).big_integer().not_null())
        .to_owned();
    manager.create_table(messages).await?;
    let by_address = Index::create()
        .name("identity_wallet_messages_by_address")
        .table(IdentityWalletMessages::Table)
        .col(IdentityWalletMessages::Address)
        .col(IdentityWalletMessages::Id)
        .to_owned();
    manager.create_index(by_address).await?;
    let by_time = Index::create()
        .name("identity_wallet_messages_by_time")
        .table(IdentityWalletMessages::Table)
        .col(IdentityWalletMessages::ExpiresAtUs)
        .to_owned();
    manager.create_index(by_time).await
}
