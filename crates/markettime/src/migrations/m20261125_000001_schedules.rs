//! Schedules, and the changes of state that they brought about.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum MarkettimeSchedules {
    Table,
    Symbol,
    Rules,
    ImportedUs,
}

#[derive(DeriveIden)]
enum MarkettimeChanges {
    Table,
    Symbol,
    DueUs,
    SourceSeq,
    State,
    UntilUs,
    Outcome,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schedules = Table::create()
            .table(MarkettimeSchedules::Table)
            .col(ColumnDef::new(MarkettimeSchedules::Symbol).text().not_null().primary_key())
            .col(ColumnDef::new(MarkettimeSchedules::Rules).text().not_null())
            .col(ColumnDef::new(MarkettimeSchedules::ImportedUs).big_integer().not_null())
            .to_owned();
        manager.create_table(schedules).await?;
        let changes = Table::create()
            .table(MarkettimeChanges::Table)
            .col(ColumnDef::new(MarkettimeChanges::Symbol).text().not_null())
            .col(ColumnDef::new(MarkettimeChanges::DueUs).big_integer().not_null())
            .col(ColumnDef::new(MarkettimeChanges::SourceSeq).big_integer().unique_key())
            .col(ColumnDef::new(MarkettimeChanges::State).big_integer().not_null())
            .col(ColumnDef::new(MarkettimeChanges::UntilUs).big_integer().not_null())
            .col(ColumnDef::new(MarkettimeChanges::Outcome).big_integer().not_null())
            .primary_key(Index::create().col(MarkettimeChanges::Symbol).col(MarkettimeChanges::DueUs))
            .to_owned();
        manager.create_table(changes).await?;
        let pending = Index::create()
            .name("markettime_changes_by_outcome")
            .table(MarkettimeChanges::Table)
            .col(MarkettimeChanges::Outcome)
            .to_owned();
        manager.create_index(pending).await
    }
}
