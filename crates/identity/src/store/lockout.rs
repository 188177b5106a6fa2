//! Rows of `identity_lockouts`.

use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, Set};

use crate::lockouts::Bucket;
use crate::store::{from_sql, to_sql};
use entity::{ActiveModel, Column, Entity, Model};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_lockouts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub subject: String,
        pub debt_until_us: i64,
        pub locks: i64,
        pub locked_until_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The state of a subject, made if there is none; nobody else changes it before the transaction ends.
pub(crate) async fn lock(write: &impl ConnectionTrait, subject: &str) -> Result<Bucket, DbErr> {
    let empty =
        ActiveModel { subject: Set(subject.to_owned()), debt_until_us: Set(0), locks: Set(0), locked_until_us: Set(0) };
    Entity::insert(empty).on_conflict_do_nothing().exec_without_returning(write).await?;
    let row = Entity::find_by_id(subject).lock_exclusive().one(write).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound(format!("the lock-out of {subject}")))?;
    Ok(bucket(&row))
}

pub(crate) async fn save(write: &impl ConnectionTrait, subject: &str, bucket: Bucket) -> Result<(), DbErr> {
    let row = ActiveModel {
        subject: Set(subject.to_owned()),
        debt_until_us: Set(to_sql(bucket.debt_until_us)),
        locks: Set(i64::from(bucket.locks)),
        locked_until_us: Set(to_sql(bucket.locked_until_us)),
    };
    row.update(write).await.map(drop)
}

pub(crate) async fn delete(write: &impl ConnectionTrait, subject: &str) -> Result<(), DbErr> {
    Entity::delete_by_id(subject).exec(write).await.map(drop)
}

/// Deletes what has been quiet since: it says no more than no row does.
pub(crate) async fn purge(write: &impl ConnectionTrait, before_us: u64) -> Result<u64, DbErr> {
    let quiet = Entity::delete_many()
        .filter(Column::DebtUntilUs.lt(to_sql(before_us)))
        .filter(Column::LockedUntilUs.lt(to_sql(before_us)));
    Ok(quiet.exec(write).await?.rows_affected)
}

fn bucket(row: &Model) -> Bucket {
    Bucket {
        debt_until_us: from_sql(row.debt_until_us),
        locks: u32::try_from(row.locks).unwrap_or(u32::MAX),
        locked_until_us: from_sql(row.locked_until_us),
    }
}
