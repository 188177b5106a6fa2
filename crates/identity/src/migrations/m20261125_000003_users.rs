//! Users.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityUsers {
    Table,
    Id,
    Uid,
    Email,
    EmailKey,
    PasswordHash,
    State,
    Role,
    Level,
    Locale,
    Account,
    Kind,
    ParentId,
    CreatedAtUs,
    ChangedAtUs,
    AccountOpenedAtUs,
    DeletedAtUs,
    ErasedAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(IdentityUsers::Table)
            .col(ColumnDef::new(IdentityUsers::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityUsers::Uid).text().not_null().unique_key())
            .col(ColumnDef::new(IdentityUsers::Email).text())
            .col(ColumnDef::new(IdentityUsers::EmailKey).text().unique_key())
            .col(ColumnDef::new(IdentityUsers::PasswordHash).text())
            .col(ColumnDef::new(IdentityUsers::State).text().not_null())
            .col(ColumnDef::new(IdentityUsers::Role).text().not_null())
            .col(ColumnDef::new(IdentityUsers::Level).big_integer().not_null())
            .col(ColumnDef::new(IdentityUsers::Locale).text().not_null())
            .col(ColumnDef::new(IdentityUsers::Account).big_integer().unique_key())
            .col(ColumnDef::new(IdentityUsers::Kind).text().not_null())
            .col(ColumnDef::new(IdentityUsers::ParentId).big_integer())
            .col(ColumnDef::new(IdentityUsers::CreatedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityUsers::ChangedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityUsers::AccountOpenedAtUs).big_integer())
            .col(ColumnDef::new(IdentityUsers::DeletedAtUs).big_integer())
            .col(ColumnDef::new(IdentityUsers::ErasedAtUs).big_integer())
            .to_owned();
        manager.create_table(table).await?;
        let by_parent = Index::create()
            .name("identity_users_by_parent")
            .table(IdentityUsers::Table)
            .col(IdentityUsers::ParentId)
            .to_owned();
        manager.create_index(by_parent).await?;
        let by_role = Index::create()
            .name("identity_users_by_role")
            .table(IdentityUsers::Table)
            .col(IdentityUsers::Role)
            .to_owned();
        manager.create_index(by_role).await
    }
}
