//! Rows of `identity_sessions`.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::ports::Device;
use crate::store::to_sql;
use crate::user::UserId;
use entity::{ActiveModel, Column, Entity};

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_sessions")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub sid: String,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub ip: String,
        /// By which a device is known again.
        #[sea_orm(column_type = "Text")]
        pub network: String,
        #[sea_orm(column_type = "Text")]
        pub user_agent: String,
        #[sea_orm(column_type = "Text", nullable)]
        pub country: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub amr: String,
        pub created_at_us: i64,
        pub last_used_at_us: i64,
        pub expires_at_us: i64,
        pub ended_at_us: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub end_reason: Option<String>,
        pub rotations: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

pub(crate) struct New<'a> {
    pub(crate) sid: &'a str,
    pub(crate) user: UserId,
    pub(crate) device: &'a Device,
    pub(crate) network: String,
    pub(crate) amr: String,
    pub(crate) now_us: u64,
    pub(crate) expires_at_us: u64,
}

pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<Model, DbErr> {
    let row = ActiveModel {
        sid: Set(new.sid.to_owned()),
        user_id: Set(new.user.0),
        ip: Set(new.device.ip.to_string()),
        network: Set(new.network),
        user_agent: Set(new.device.user_agent.clone()),
        country: Set(new.device.country.clone()),
        amr: Set(new.amr),
        created_at_us: Set(to_sql(new.now_us)),
        last_used_at_us: Set(to_sql(new.now_us)),
        expires_at_us: Set(to_sql(new.expires_at_us)),
        rotations: Set(0),
        ..Default::default()
    };
    row.insert(write).await
}

pub(crate) async fn by_id(read: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).one(read).await
}

pub(crate) async fn by_sid(read: &impl ConnectionTrait, sid: &str) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(Column::Sid.eq(sid)).one(read).await
}

/// Whether the user has any session on record, and one from such a device.
pub(crate) async fn known(
    read: &impl ConnectionTrait,
    user: UserId,
    user_agent: &str,
    network: &str,
) -> Result<(bool, bool), DbErr> {
    let mine = Entity::find().filter(Column::UserId.eq(user.0)).order_by_desc(Column::Id);
    if mine.clone().one(read).await?.is_none() {
        return Ok((false, false));
    }
    let same = mine.filter(Column::UserAgent.eq(user_agent)).filter(Column::Network.eq(network));
    Ok((true, same.one(read).await?.is_some()))
}

/// The user's sessions that were not ended and have not expired, those used last first.
pub(crate) async fn live(
    read: &impl ConnectionTrait,
    user: UserId,
    alive: Alive,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let mine = Entity::find().filter(Column::UserId.eq(user.0)).filter(alive.condition());
    mine.order_by_desc(Column::LastUsedAtUs).order_by_desc(Column::Id).limit(limit).all(read).await
}

/// What a session must be to be alive.
#[derive(Clone, Copy)]
pub(crate) struct Alive {
    pub(crate) now_us: u64,
    /// Used last after this.
    pub(crate) used_after_us: u64,
}

impl Alive {
    fn condition(self) -> Condition {
        Condition::all()
            .add(Column::EndedAtUs.into_expr().is_null())
            .add(Column::ExpiresAtUs.gt(to_sql(self.now_us)))
            .add(Column::LastUsedAtUs.gt(to_sql(self.used_after_us)))
    }
}

/// Notes a use. `false`: the session ended meanwhile.
pub(crate) async fn set_used(
    write: &impl ConnectionTrait,
    id: i64,
    device: &Device,
    now_us: u64,
) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::LastUsedAtUs, to_sql(now_us).into())
        .col_expr(Column::Ip, device.ip.to_string().into())
        .col_expr(Column::Rotations, Expr::col(Column::Rotations).add(1));
    let updated = update.filter(Column::Id.eq(id)).filter(Column::EndedAtUs.is_null()).exec(write).await?;
    Ok(updated.rows_affected == 1)
}

/// Ends a session. `false`: it was at its end.
pub(crate) async fn end(write: &impl ConnectionTrait, id: i64, reason: &str, now_us: u64) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::EndedAtUs, to_sql(now_us).into())
        .col_expr(Column::EndReason, reason.into());
    let updated = update.filter(Column::Id.eq(id)).filter(Column::EndedAtUs.is_null()).exec(write).await?;
    Ok(updated.rows_affected == 1)
}

/// The sids of the user's sessions that were not ended, but one; nobody begins to use them before the transaction ends.
pub(crate) async fn lock_all(
    write: &impl ConnectionTrait,
    user: UserId,
    except: Option<&str>,
) -> Result<Vec<Model>, DbErr> {
    let mut mine = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::EndedAtUs.is_null());
    if let Some(except) = except {
        mine = mine.filter(Column::Sid.ne(except));
    }
    mine.order_by_asc(Column::Id).lock_exclusive().all(write).await
}

/// Numbers of sessions that ended or expired before, at most `limit`.
pub(crate) async fn old(read: &impl ConnectionTrait, before_us: u64, limit: u64) -> Result<Vec<i64>, DbErr> {
    let old =
        Condition::any().add(Column::EndedAtUs.lt(to_sql(before_us))).add(Column::ExpiresAtUs.lt(to_sql(before_us)));
    let rows = Entity::find().filter(old).order_by_asc(Column::Id).limit(limit).all(read).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

pub(crate) async fn delete(write: &impl ConnectionTrait, ids: &[i64]) -> Result<u64, DbErr> {
    let these = Entity::delete_many().filter(Column::Id.is_in(ids.iter().copied()));
    Ok(these.exec(write).await?.rows_affected)
}
