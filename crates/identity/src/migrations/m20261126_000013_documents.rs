//! Documents by which users show who they are.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityDocuments {
    Table,
    Id,
    UserId,
    Kind,
    SealedNumber,
    Country,
    ExpiresOn,
    FileName,
    MediaType,
    Bytes,
    Object,
    State,
    UploadedAtUs,
    ReviewerId,
    Reason,
    ReviewedAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let documents = Table::create()
            .table(IdentityDocuments::Table)
            .col(ColumnDef::new(IdentityDocuments::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityDocuments::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityDocuments::Kind).text().not_null())
            .col(ColumnDef::new(IdentityDocuments::SealedNumber).blob())
            .col(ColumnDef::new(IdentityDocuments::Country).text())
            .col(ColumnDef::new(IdentityDocuments::ExpiresOn).text())
            .col(ColumnDef::new(IdentityDocuments::FileName).text().not_null())
            .col(ColumnDef::new(IdentityDocuments::MediaType).text().not_null())
            .col(ColumnDef::new(IdentityDocuments::Bytes).big_integer().not_null())
            .col(ColumnDef::new(IdentityDocuments::Object).text().not_null().unique_key())
            .col(ColumnDef::new(IdentityDocuments::State).text().not_null())
            .col(ColumnDef::new(IdentityDocuments::UploadedAtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityDocuments::ReviewerId).big_integer())
            .col(ColumnDef::new(IdentityDocuments::Reason).text())
            .col(ColumnDef::new(IdentityDocuments::ReviewedAtUs).big_integer())
            .to_owned();
        manager.create_table(documents).await?;
        for (name, column) in [
            ("identity_documents_by_user", IdentityDocuments::UserId),
            ("identity_documents_by_state", IdentityDocuments::State),
        ] {
            let index = Index::create()
                .name(name)
                .table(IdentityDocuments::Table)
                .col(column)
                .col(IdentityDocuments::Id)
                .to_owned();
            manager.create_index(index).await?;
        }
        Ok(())
    }
}
