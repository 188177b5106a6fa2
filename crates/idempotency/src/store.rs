//! Rows of `idempotency_answers`. No other crate touches this table.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, TryInsertResult,
};

use crate::Error;
pub(crate) use entity::Model as Row;
use entity::{Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency_answers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub scope: String,
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub key: String,
        #[sea_orm(column_type = "Text")]
        pub claim: String,
        #[sea_orm(column_type = "Blob")]
        pub fingerprint: Vec<u8>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub answer: Option<Vec<u8>>,
        pub begun_at_us: i64,
        pub expires_at_us: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `false`: there is a row of this scope and key.
pub(crate) async fn insert(write: &impl ConnectionTrait, row: Row) -> Result<bool, Error> {
    let insert = Entity::insert(row.into_active_model()).on_conflict_do_nothing_on([Column::Scope, Column::Key]);
    Ok(matches!(insert.exec_without_returning(write).await?, TryInsertResult::Inserted(1..)))
}

pub(crate) async fn find(read: &impl ConnectionTrait, scope: &str, key: &str) -> Result<Option<Row>, Error> {
    Ok(Entity::find_by_id((scope.to_owned(), key.to_owned())).one(read).await?)
}

pub(crate) async fn set_answer(
    write: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    claim: &str,
    answer: Vec<u8>,
) -> Result<(), Error> {
    let update = Entity::update_many().col_expr(Column::Answer, Some(answer).into());
    update.filter(of(scope, key)).filter(Column::Claim.eq(claim)).exec(write).await?;
    Ok(())
}

pub(crate) async fn delete(write: &impl ConnectionTrait, scope: &str, key: &str, claim: &str) -> Result<(), Error> {
    Entity::delete_many().filter(of(scope, key)).filter(Column::Claim.eq(claim)).exec(write).await?;
    Ok(())
}

pub(crate) async fn delete_expired(
    write: &impl ConnectionTrait,
    scope: &str,
    key: &str,
    now_us: u64,
) -> Result<(), Error> {
    let expired = Column::ExpiresAtUs.lte(now_us.cast_signed());
    Entity::delete_many().filter(of(scope, key)).filter(expired).exec(write).await?;
    Ok(())
}

pub(crate) async fn purge(write: &impl ConnectionTrait, now_us: u64, limit: u64) -> Result<u64, Error> {
    let old = Entity::find()
        .select_only()
        .column(Column::ExpiresAtUs)
        .filter(Column::ExpiresAtUs.lte(now_us.cast_signed()))
        .order_by_asc(Column::ExpiresAtUs)
        .limit(limit)
        .into_tuple::<i64>()
        .all(write)
        .await?;
    // Rows of the same microsecond as the last one go too: a few more than the limit at most.
    let Some(last) = old.last() else { return Ok(0) };
    let deleted = Entity::delete_many().filter(Column::ExpiresAtUs.lte(*last)).exec(write).await?;
    Ok(deleted.rows_affected)
}

fn of(scope: &str, key: &str) -> sea_orm::Condition {
    sea_orm::Condition::all().add(Column::Scope.eq(scope)).add(Column::Key.eq(key))
}
