//! What users did and what was done to them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdentityActivity {
    Table,
    Id,
    UserId,
    ActorId,
    AtUs,
    Topic,
    Action,
    Result,
    Detail,
    Ip,
    UserAgent,
    Country,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(IdentityActivity::Table)
            .col(ColumnDef::new(IdentityActivity::Id).big_integer().not_null().auto_increment().primary_key())
            .col(ColumnDef::new(IdentityActivity::UserId).big_integer().not_null())
            .col(ColumnDef::new(IdentityActivity::ActorId).big_integer())
            .col(ColumnDef::new(IdentityActivity::AtUs).big_integer().not_null())
            .col(ColumnDef::new(IdentityActivity::Topic).text().not_null())
            .col(ColumnDef::new(IdentityActivity::Action).text().not_null())
            .col(ColumnDef::new(IdentityActivity::Result).text().not_null())
            .col(ColumnDef::new(IdentityActivity::Detail).text())
            .col(ColumnDef::new(IdentityActivity::Ip).text())
            .col(ColumnDef::new(IdentityActivity::UserAgent).text())
            .col(ColumnDef::new(IdentityActivity::Country).text())
            .to_owned();
        manager.create_table(table).await?;
        let by_user = Index::create()
            .name("identity_activity_by_user")
            .table(IdentityActivity::Table)
            .col(IdentityActivity::UserId)
            .col(IdentityActivity::Id)
            .to_owned();
        manager.create_index(by_user).await?;
        let by_time = Index::create()
            .name("identity_activity_by_time")
            .table(IdentityActivity::Table)
            .col(IdentityActivity::AtUs)
            .to_owned();
        manager.create_index(by_time).await
    }
}
