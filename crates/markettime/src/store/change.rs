//! Rows of `markettime_changes`.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set, sea_query::Expr,
};

use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "markettime_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
        pub symbol: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub due_us: i64,
        pub source_seq: Option<i64>,
        pub state: i64,
        pub until_us: i64,
        pub outcome: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) async fn insert(write: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        symbol: Set(row.symbol),
        due_us: Set(row.due_us),
        source_seq: Set(row.source_seq),
        state: Set(row.state),
        until_us: Set(row.until_us),
        outcome: Set(row.outcome),
    };
    Entity::insert(row).exec_without_returning(write).await.map(drop)
}

pub(crate) async fn find(read: &impl ConnectionTrait, symbol: &str, due_us: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id((symbol.to_owned(), due_us)).one(read).await
}

/// The newest change of a market with one of these outcomes.
pub(crate) async fn newest(
    read: &impl ConnectionTrait,
    symbol: &str,
    outcomes: &[i64],
) -> Result<Option<Model>, DbErr> {
    Entity::find()
        .filter(Column::Symbol.eq(symbol))
        .filter(Column::Outcome.is_in(outcomes.iter().copied()))
        .order_by_desc(Column::DueUs)
        .limit(1)
        .one(read)
        .await
}

/// Changes with this outcome, in the order of the source.
pub(crate) async fn with_outcome(read: &impl ConnectionTrait, outcome: i64, most: u64) -> Result<Vec<Model>, DbErr> {
    let of_source = Entity::find().filter(Column::Outcome.eq(outcome)).filter(Column::SourceSeq.is_not_null());
    of_source.order_by_asc(Column::SourceSeq).limit(most).all(read).await
}

/// The highest position of the source; zero before the first.
pub(crate) async fn last_seq(read: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let newest = Entity::find().filter(Column::SourceSeq.is_not_null()).order_by_desc(Column::SourceSeq).limit(1);
    Ok(newest.one(read).await?.and_then(|row| row.source_seq).unwrap_or(0))
}

pub(crate) async fn set_outcome(write: &impl ConnectionTrait, source_seq: i64, outcome: i64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::Outcome, Expr::value(outcome));
    update.filter(Column::SourceSeq.eq(source_seq)).exec(write).await.map(drop)
}
