//! Profiles, phones, and the keys of services.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityProfiles {
    Table,
    UserId,
    Sealed,
    ChangedAtUs,
}

#[derive(DeriveIden)]
enum IdentityPhones {
    Table,
    Id,
    UserId,
    Sealed,
    Mark,
    CodeHash,
    CodeExpiresAtUs,
    VerifiedAtUs,
    VerifiedMark,
    CreatedAtUs,
}

#[derive(DeriveIden)]
enum IdentityServiceKeys {
    Table,
    Id,
    Public,
    SecretHash,
    Name,
    Scopes,
    Addresses,
    CreatedAtUs,
    RevokedAtUs,
    LastUsedUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        fn number<T: IntoIden>(column: T) -> ColumnDef {
            ColumnDef::new(column).big_integer().not_null().to_owned()
        }
        let profiles = Table::create()
            .table(IdentityProfiles::Table)
            .col(number(IdentityProfiles::UserId).primary_key())
            .col(ColumnDef::new(IdentityProfiles::Sealed).blob().not_null())
            .col(number(IdentityProfiles::ChangedAtUs))
            .to_owned();
        manager.create_table(profiles).await?;
        let phones = Table::create()
            .table(IdentityPhones::Table)
            .col(number(IdentityPhones::Id).auto_increment().primary_key())
            .col(number(IdentityPhones::UserId))
            .col(ColumnDef::new(IdentityPhones::Sealed).blob().not_null())
            .col(ColumnDef::new(IdentityPhones::Mark).text().not_null())
            .col(ColumnDef::new(IdentityPhones::CodeHash).text())
            .col(ColumnDef::new(IdentityPhones::CodeExpiresAtUs).big_integer())
            .col(ColumnDef::new(IdentityPhones::VerifiedAtUs).big_integer())
            // The mark once it is verified: a number is one user's.
            .col(ColumnDef::new(IdentityPhones::VerifiedMark).text().unique_key())
            .col(number(IdentityPhones::CreatedAtUs))
            .to_owned();
        manager.create_table(phones).await?;
        let once = Index::create()
            .name("identity_phones_once")
            .table(IdentityPhones::Table)
            .col(IdentityPhones::UserId)
            .col(IdentityPhones::Mark)
            .unique()
            .to_owned();
        manager.create_index(once).await?;
        let keys = Table::create()
            .table(IdentityServiceKeys::Table)
            .col(number(IdentityServiceKeys::Id).auto_increment().primary_key())
            .col(ColumnDef::new(IdentityServiceKeys::Public).text().not_null().unique_key())
            .col(ColumnDef::new(IdentityServiceKeys::SecretHash).text().not_null())
            .col(ColumnDef::new(IdentityServiceKeys::Name).text().not_null())
            .col(ColumnDef::new(IdentityServiceKeys::Scopes).text().not_null())
            .col(ColumnDef::new(IdentityServiceKeys::Addresses).text())
            .col(number(IdentityServiceKeys::CreatedAtUs))
            .col(ColumnDef::new(IdentityServiceKeys::RevokedAtUs).big_integer())
            .col(ColumnDef::new(IdentityServiceKeys::LastUsedUs).big_integer())
            .to_owned();
        manager.create_table(keys).await
    }
}
