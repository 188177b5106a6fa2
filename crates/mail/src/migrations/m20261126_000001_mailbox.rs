//! The mailbox of a development server.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum MailMailbox {
    Table,
    Id,
    LetterId,
    Recipient,
    Template,
    Locale,
    Subject,
    Text,
    Html,
    WrittenAtUs,
    StoredAtUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = |column| ColumnDef::new(column).text().not_null().to_owned();
        let number = |column| ColumnDef::new(column).big_integer().not_null().to_owned();
        let table = Table::create()
            .table(MailMailbox::Table)
            .col(ColumnDef::new(MailMailbox::Id).big_integer().not_null().auto_increment().primary_key())
            // A letter that is delivered again is there once.
            .col(text(MailMailbox::LetterId).unique_key())
            .col(text(MailMailbox::Recipient))
            .col(text(MailMailbox::Template))
            .col(text(MailMailbox::Locale))
            .col(text(MailMailbox::Subject))
            .col(text(MailMailbox::Text))
            .col(text(MailMailbox::Html))
            .col(number(MailMailbox::WrittenAtUs))
            .col(number(MailMailbox::StoredAtUs))
            .to_owned();
        manager.create_table(table).await
    }
}
