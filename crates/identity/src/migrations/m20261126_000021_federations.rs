//! Users of other sites that are linked to ours.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityFederations {
    Table,
    Id,
    UserId,
    Issuer,
    Subject,
    LinkedAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let federations = Table::create()
            .table(IdentityFederations::Table)
            .col(ColumnDef::new(IdentityFederations::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityFederations::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityFederations::Issuer).text().not_null())
            .col(ColumnDef::new(IdentityFederations::Subject).text().not_null())
            .col(ColumnDef::new(IdentityFederations::LinkedAtUs).big_integer().not_null())
            .to_owned();
        manager.create_table(federations).await?;
        let by_subject = Index::create()
            .name("identity_federations_by_subject")
            .table(IdentityFederations::Table)
            .col(IdentityFederations::Subject)
            .col(IdentityFederations::Issuer)
            .unique()
            .to_owned();
        manager.create_index(by_subject).await?;
        let by_user = Index::create()
            .name("identity_federations_by_user")
            .table(IdentityFederations::Table)
            .col(IdentityFederations::UserId)
            .col(IdentityFederations::Id)
            .to_owned();
        manager.create_index(by_user).await
    }
}
