//! Rows of `transfers_transfers`. No other crate touches this table.

use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set,
};

use crate::{Error, Outcome, Query, Request, Transfer};
use entity::{ActiveModel, Column, Entity, Model};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "transfers_transfers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub master_id: i64,
        pub from_id: i64,
        pub to_id: i64,
        pub asset_id: i64,
        pub amount: i64,
        #[sea_orm(column_type = "Text", nullable)]
        pub client_id: Option<String>,
        pub asked_at_us: i64,
        pub outcome: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The newest transfer of all.
pub(crate) async fn last(read: &impl ConnectionTrait) -> Result<Option<Transfer>, Error> {
    Entity::find().order_by_desc(Column::Position).one(read).await?.map(transfer).transpose()
}

/// The master's transfer with this id of the client's.
pub(crate) async fn by_client_id(
    read: &impl ConnectionTrait,
    master: u32,
    client_id: &str,
) -> Result<Option<Transfer>, Error> {
    let found = Entity::find().filter(Column::MasterId.eq(i64::from(master))).filter(Column::ClientId.eq(client_id));
    found.one(read).await?.map(transfer).transpose()
}

pub(crate) async fn insert(write: &impl ConnectionTrait, transfer: &Transfer) -> Result<(), DbErr> {
    let Request { master, from, to, asset, amount, client_id } = &transfer.request;
    let row = ActiveModel {
        position: Set(transfer.position.cast_signed()),
        master_id: Set(i64::from(*master)),
        from_id: Set(i64::from(*from)),
        to_id: Set(i64::from(*to)),
        asset_id: Set(i64::from(*asset)),
        amount: Set(*amount),
        client_id: Set(client_id.clone()),
        asked_at_us: Set(transfer.asked_at_us.cast_signed()),
        outcome: Set(transfer.outcome.to_row()),
    };
    row.insert(write).await.map(drop)
}

pub(crate) async fn set_outcome(write: &impl ConnectionTrait, position: u64, outcome: Outcome) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Outcome, outcome.to_row().into());
    update.filter(Column::Position.eq(position.cast_signed())).exec(write).await.map(drop)
}

pub(crate) async fn delete(write: &impl ConnectionTrait, position: u64) -> Result<(), DbErr> {
    Entity::delete_by_id(position.cast_signed()).exec(write).await.map(drop)
}

/// A page of the master's transfers, newest first, and how many there are in all.
pub(crate) async fn list(
    read: &impl ConnectionTrait,
    master: u32,
    query: &Query,
) -> Result<(Vec<Transfer>, u64), Error> {
    let mut wanted = Condition::all().add(Column::MasterId.eq(i64::from(master)));
    if let Some(from) = query.from {
        wanted = wanted.add(Column::FromId.eq(i64::from(from)));
    }
    if let Some(to) = query.to {
        wanted = wanted.add(Column::ToId.eq(i64::from(to)));
    }
    if let Some(either) = query.either.map(i64::from) {
        wanted = wanted.add(Column::FromId.eq(either).or(Column::ToId.eq(either)));
    }
    if let Some(asset) = query.asset {
        wanted = wanted.add(Column::AssetId.eq(i64::from(asset)));
    }
    if let Some(client_id) = &query.client_id {
        wanted = wanted.add(Column::ClientId.eq(client_id.as_str()));
    }
    if let Some(start) = query.start_us {
        wanted = wanted.add(Column::AskedAtUs.gte(start.cast_signed()));
    }
    if let Some(end) = query.end_us {
        wanted = wanted.add(Column::AskedAtUs.lte(end.cast_signed()));
    }
    if query.done_only {
        wanted = wanted.add(Column::Outcome.eq(Outcome::Done.to_row()));
    }
    let found = Entity::find().filter(wanted);
    let total = found.clone().count(read).await?;
    let limit = u64::from(query.limit);
    let page = found.order_by_desc(Column::Position).offset(u64::from(query.page) * limit).limit(limit);
    let rows = page.all(read).await?.into_iter().map(transfer).collect::<Result<_, _>>()?;
    Ok((rows, total))
}

fn transfer(row: Model) -> Result<Transfer, Error> {
    let corrupt = || Error::Corrupt(row.position);
    let account = |id: i64| u32::try_from(id).map_err(|_| corrupt());
    Ok(Transfer {
        position: row.position.cast_unsigned(),
        request: Request {
            master: account(row.master_id)?,
            from: account(row.from_id)?,
            to: account(row.to_id)?,
            asset: u16::try_from(row.asset_id).map_err(|_| corrupt())?,
            amount: row.amount,
            client_id: row.client_id.clone(),
        },
        asked_at_us: row.asked_at_us.cast_unsigned(),
        outcome: Outcome::from_row(row.outcome).ok_or_else(corrupt)?,
    })
}
