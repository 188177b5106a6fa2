//! Transfers.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[derive(DeriveIden)]
enum TransfersTransfers {
    Table,
    Position,
    MasterId,
    FromId,
    ToId,
    AssetId,
    Amount,
    ClientId,
    AskedAtUs,
    Outcome,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let number = |column| ColumnDef::new(column).big_integer().not_null().to_owned();
        let table = Table::create()
            .table(TransfersTransfers::Table)
            .col(number(TransfersTransfers::Position).primary_key())
            .col(number(TransfersTransfers::MasterId))
            .col(number(TransfersTransfers::FromId))
            .col(number(TransfersTransfers::ToId))
            .col(number(TransfersTransfers::AssetId))
            .col(number(TransfersTransfers::Amount))
            .col(ColumnDef::new(TransfersTransfers::ClientId).text())
            .col(number(TransfersTransfers::AskedAtUs))
            .col(number(TransfersTransfers::Outcome))
            .to_owned();
        manager.create_table(table).await?;
        // Rows without a client's id do not collide: SQL takes each NULL for another.
        let by_client_id = Index::create()
            .name("transfers_transfers_by_client_id")
            .table(TransfersTransfers::Table)
            .col(TransfersTransfers::MasterId)
            .col(TransfersTransfers::ClientId)
            .unique()
            .to_owned();
        manager.create_index(by_client_id).await?;
        let by_master = Index::create()
            .name("transfers_transfers_by_master")
            .table(TransfersTransfers::Table)
            .col(TransfersTransfers::MasterId)
            .col(TransfersTransfers::Position)
            .to_owned();
        manager.create_index(by_master).await
    }
}
