//! Answers.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum IdempotencyAnswers {
    Table,
    Scope,
    Key,
    Claim,
    Fingerprint,
    Answer,
    BegunAtUs,
    ExpiresAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = |column| ColumnDef::new(column).text().not_null().to_owned();
        let number = |column| ColumnDef::new(column).big_integer().not_null().to_owned();
        let table = Table::create()
            .table(IdempotencyAnswers::Table)
            .col(text(IdempotencyAnswers::Scope))
            .col(text(IdempotencyAnswers::Key))
            .col(text(IdempotencyAnswers::Claim))
            .col(ColumnDef::new(IdempotencyAnswers::Fingerprint).blob().not_null())
            .col(ColumnDef::new(IdempotencyAnswers::Answer).blob())
            .col(number(IdempotencyAnswers::BegunAtUs))
            .col(number(IdempotencyAnswers::ExpiresAtUs))
            .primary_key(Index::create().col(IdempotencyAnswers::Scope).col(IdempotencyAnswers::Key))
            .to_owned();
        manager.create_table(table).await?;
        let by_age = Index::create()
            .name("idempotency_answers_by_age")
            .table(IdempotencyAnswers::Table)
            .col(IdempotencyAnswers::ExpiresAtUs)
            .to_owned();
        manager.create_index(by_age).await
    }
}
