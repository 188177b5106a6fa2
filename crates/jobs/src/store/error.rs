//! Rows of `jobs_errors`: how the attempts of a job failed.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_errors")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub job_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub claim: i64,
        pub attempt: i64,
        pub at_us: i64,
        #[sea_orm(column_type = "Text")]
        pub worker: String,
        #[sea_orm(column_type = "Text")]
        pub error: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;
use entity::{ActiveModel, Column, Entity};

pub(crate) async fn insert(write: &impl ConnectionTrait, row: Model) -> Result<(), DbErr> {
    let row = ActiveModel {
        job_id: Set(row.job_id),
        claim: Set(row.claim),
        attempt: Set(row.attempt),
        at_us: Set(row.at_us),
        worker: Set(row.worker),
        error: Set(row.error),
    };
    Entity::insert(row).exec_without_returning(write).await.map(drop)
}

/// The last failures of a job, newest first.
pub(crate) async fn of(read: &impl ConnectionTrait, job: i64, most: u64) -> Result<Vec<Model>, DbErr> {
    let of_job = Entity::find().filter(Column::JobId.eq(job)).order_by_desc(Column::Claim);
    of_job.limit(most).all(read).await
}
