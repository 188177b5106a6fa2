//! Signing in: tokens of letters, lock-outs, sessions, and the keys that sign access tokens.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityTokens {
    Table,
    Id,
    UserId,
    Purpose,
    Hash,
    PasswordHash,
    CreatedAtUs,
    ExpiresAtUs,
    UsedAtUs,
}

#[derive(DeriveIden)]
enum IdentityLockouts {
    Table,
    Subject,
    DebtUntilUs,
    Locks,
    LockedUntilUs,
}

#[derive(DeriveIden)]
enum IdentitySessions {
    Table,
    Id,
    Sid,
    UserId,
    Ip,
    Network,
    UserAgent,
    Country,
    Amr,
    CreatedAtUs,
    LastUsedAtUs,
    ExpiresAtUs,
    EndedAtUs,
    EndReason,
    Rotations,
}

#[derive(DeriveIden)]
enum IdentityRefreshTokens {
    Table,
    Id,
    SessionId,
    Hash,
    CreatedAtUs,
    UsedAtUs,
}

#[derive(DeriveIden)]
enum IdentitySigningKeys {
    Table,
    Id,
    Kid,
    Slot,
    SealedPrivateKey,
    CreatedAtUs,
    PromotedAtUs,
    RetiredAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tokens(manager).await?;
        lockouts(manager).await?;
        sessions(manager).await?;
        refresh_tokens(manager).await?;
        signing_keys(manager).await
    }
}

async fn tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityTokens::Table)
        .col(ColumnDef::new(IdentityTokens::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityTokens::UserId).big_integer().not_null())
        .col(ColumnDef::new(IdentityTokens::Purpose).text().not_null())
        .col(ColumnDef::new(IdentityTokens::Hash).text().not_null().unique_key())
        .col(ColumnDef::new(IdentityTokens::PasswordHash).text())
        .col(ColumnDef::new(IdentityTokens::CreatedAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentityTokens::ExpiresAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentityTokens::UsedAtUs).big_integer())
        .to_owned();
    manager.create_table(table).await?;
    let by_user = Index::create()
        .name("identity_tokens_by_user")
        .table(IdentityTokens::Table)
        .col(IdentityTokens::UserId)
        .col(IdentityTokens::Purpose)
        .to_owned();
    manager.create_index(by_user).await
}

async fn lockouts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityLockouts::Table)
        .col(ColumnDef::new(IdentityLockouts::Subject).text().not_null().primary_key())
        .col(ColumnDef::new(IdentityLockouts::DebtUntilUs).big_integer().not_null())
        .col(ColumnDef::new(IdentityLockouts::Locks).big_integer().not_null())
        .col(ColumnDef::new(IdentityLockouts::LockedUntilUs).big_integer().not_null())
        .to_owned();
    manager.create_table(table).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentitySessions::Table)
        .col(ColumnDef::new(IdentitySessions::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentitySessions::Sid).text().not_null().unique_key())
        .col(ColumnDef::new(IdentitySessions::UserId).big_integer().not_null())
        .col(ColumnDef::new(IdentitySessions::Ip).text().not_null())
        .col(ColumnDef::new(IdentitySessions::Network).text().not_null())
        .col(ColumnDef::new(IdentitySessions::UserAgent).text().not_null())
        .col(ColumnDef::new(IdentitySessions::Country).text())
        .col(ColumnDef::new(IdentitySessions::Amr).text().not_null())
        .col(ColumnDef::new(IdentitySessions::CreatedAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentitySessions::LastUsedAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentitySessions::ExpiresAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentitySessions::EndedAtUs).big_integer())
        .col(ColumnDef::new(IdentitySessions::EndReason).text())
        .col(ColumnDef::new(IdentitySessions::Rotations).big_integer().not_null())
        .to_owned();
    manager.create_table(table).await?;
    let by_user = Index::create()
        .name("identity_sessions_by_user")
        .table(IdentitySessions::Table)
        .col(IdentitySessions::UserId)
        .col(IdentitySessions::Id)
        .to_owned();
    manager.create_index(by_user).await
}

async fn refresh_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentityRefreshTokens::Table)
        .col(ColumnDef::new(IdentityRefreshTokens::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentityRefreshTokens::SessionId).big_integer().not_null())
        .col(ColumnDef::new(IdentityRefreshTokens::Hash).text().not_null().unique_key())
        .col(ColumnDef::new(IdentityRefreshTokens::CreatedAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentityRefreshTokens::UsedAtUs).big_integer())
        .to_owned();
    manager.create_table(table).await?;
    let by_session = Index::create()
        .name("identity_refresh_tokens_by_session")
        .table(IdentityRefreshTokens::Table)
        .col(IdentityRefreshTokens::SessionId)
        .to_owned();
    manager.create_index(by_session).await
}

async fn signing_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table(IdentitySigningKeys::Table)
        .col(ColumnDef::new(IdentitySigningKeys::Id).big_integer().not_null().auto_increment().primary_key())
        .col(ColumnDef::new(IdentitySigningKeys::Kid).text().not_null().unique_key())
        // `next`, `current`, or nothing once retired: being unique, no two processes can make two current ones.
        .col(ColumnDef::new(IdentitySigningKeys::Slot).text().unique_key())
        .col(ColumnDef::new(IdentitySigningKeys::SealedPrivateKey).blob().not_null())
        .col(ColumnDef::new(IdentitySigningKeys::CreatedAtUs).big_integer().not_null())
        .col(ColumnDef::new(IdentitySigningKeys::PromotedAtUs).big_integer())
        .col(ColumnDef::new(IdentitySigningKeys::RetiredAtUs).big_integer())
        .to_owned();
    manager.create_table(table).await
}
