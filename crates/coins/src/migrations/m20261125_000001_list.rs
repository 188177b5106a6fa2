//! The coin list.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum CoinsList {
    Table,
    Symbol,
    Name,
    Description,
    Links,
    Precision,
    PrecisionText,
    Networks,
    Icon,
    CoinmarketcapId,
    UpdatedUs,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(CoinsList::Table)
            .col(ColumnDef::new(CoinsList::Symbol).text().not_null().primary_key())
            .col(ColumnDef::new(CoinsList::Name).text().not_null())
            .col(ColumnDef::new(CoinsList::Description).text().not_null())
            .col(ColumnDef::new(CoinsList::Links).text().not_null())
            .col(ColumnDef::new(CoinsList::Precision).big_integer().not_null())
            .col(ColumnDef::new(CoinsList::PrecisionText).text().not_null())
            .col(ColumnDef::new(CoinsList::Networks).text().not_null())
            .col(ColumnDef::new(CoinsList::Icon).text())
            .col(ColumnDef::new(CoinsList::CoinmarketcapId).big_integer())
            .col(ColumnDef::new(CoinsList::UpdatedUs).big_integer().not_null())
            .to_owned();
        manager.create_table(table).await
    }
}
