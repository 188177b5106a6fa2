//! Rows of `identity_documents`.

use db::page::Keyset;
use sea_orm::sea_query::Condition;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Set,
};

use crate::documents::{DocumentState, MAX_DOCUMENTS};
use entity::{ActiveModel, Column, Entity};

/// States that nobody is shown: the file is on its way into the store, or out of it.
const ARRIVING: &str = "arriving";
const LEAVING: &str = "leaving";

mod entity {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "identity_documents")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(column_type = "Text")]
        pub kind: String,
        pub sealed_number: Option<Vec<u8>>,
        #[sea_orm(column_type = "Text", nullable)]
        pub country: Option<String>,
        #[sea_orm(column_type = "Text", nullable)]
        pub expires_on: Option<String>,
        #[sea_orm(column_type = "Text")]
        pub file_name: String,
        #[sea_orm(column_type = "Text")]
        pub media_type: String,
        pub bytes: i64,
        #[sea_orm(column_type = "Text", unique)]
        pub object: String,
        #[sea_orm(column_type = "Text")]
        pub state: String,
        pub uploaded_at_us: i64,
        pub reviewer_id: Option<i64>,
        #[sea_orm(column_type = "Text", nullable)]
        pub reason: Option<String>,
        pub reviewed_at_us: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use entity::Model;

/// A row to be written, of a file that is on its way.
pub(crate) struct New<'a> {
    pub(crate) user_id: i64,
    pub(crate) kind: &'a str,
    pub(crate) sealed_number: Option<Vec<u8>>,
    pub(crate) country: Option<&'a str>,
    pub(crate) expires_on: Option<String>,
    pub(crate) file_name: String,
    pub(crate) media_type: &'a str,
    pub(crate) bytes: u64,
    pub(crate) object: String,
    pub(crate) uploaded_at_us: i64,
}

/// A reviewer's verdict.
pub(crate) struct Judged<'a> {
    pub(crate) state: &'a str,
    pub(crate) reviewer_id: i64,
    pub(crate) reason: Option<&'a str>,
    pub(crate) at_us: i64,
}

/// The number of the new row.
pub(crate) async fn insert(write: &impl ConnectionTrait, new: New<'_>) -> Result<i64, DbErr> {
    let row = ActiveModel {
        user_id: Set(new.user_id),
        kind: Set(new.kind.to_owned()),
        sealed_number: Set(new.sealed_number),
        country: Set(new.country.map(str::to_owned)),
        expires_on: Set(new.expires_on),
        file_name: Set(new.file_name),
        media_type: Set(new.media_type.to_owned()),
        bytes: Set(new.bytes.cast_signed()),
        object: Set(new.object),
        state: Set(ARRIVING.to_owned()),
        uploaded_at_us: Set(new.uploaded_at_us),
        ..Default::default()
    };
    Ok(row.insert(write).await?.id)
}

/// The file lies in the store now.
pub(crate) async fn arrived(write: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::State, DocumentState::Pending.name().into());
    update.filter(Column::Id.eq(id)).filter(Column::State.eq(ARRIVING)).exec(write).await.map(drop)
}

/// The row, unless its file is on its way.
pub(crate) async fn find(read: &impl ConnectionTrait, id: i64) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(id).filter(shown()).one(read).await
}

pub(crate) async fn count(read: &impl ConnectionTrait, user_id: i64) -> Result<u64, DbErr> {
    Entity::find().filter(Column::UserId.eq(user_id)).count(read).await
}

pub(crate) async fn list(read: &impl ConnectionTrait, user_id: i64) -> Result<Vec<Model>, DbErr> {
    let of_user = Entity::find().filter(Column::UserId.eq(user_id)).filter(shown());
    // A little more than the bound, which two uploads at the same moment may pass.
    of_user.order_by_desc(Column::Id).limit(MAX_DOCUMENTS * 2).all(read).await
}

pub(crate) async fn page(
    read: &impl ConnectionTrait,
    state: Option<&str>,
    keyset: &Keyset<i64>,
) -> Result<Vec<Model>, DbErr> {
    let wanted = match state {
        Some(state) => Condition::all().add(Column::State.eq(state)),
        None => shown(),
    };
    keyset.apply(Entity::find().filter(wanted), Column::Id).all(read).await
}

/// Whether it waited for a verdict.
pub(crate) async fn judge(write: &impl ConnectionTrait, id: i64, judged: &Judged<'_>) -> Result<bool, DbErr> {
    let update = Entity::update_many()
        .col_expr(Column::State, judged.state.into())
        .col_expr(Column::ReviewerId, judged.reviewer_id.into())
        .col_expr(Column::Reason, judged.reason.map(str::to_owned).into())
        .col_expr(Column::ReviewedAtUs, judged.at_us.into());
    let waiting = update.filter(Column::Id.eq(id)).filter(Column::State.eq(DocumentState::Pending.name()));
    Ok(waiting.exec(write).await?.rows_affected == 1)
}

/// Hides the row because its file will be deleted, unless it is in one of the states `kept`.
pub(crate) async fn leave(write: &impl ConnectionTrait, id: i64, kept: &[&str]) -> Result<bool, DbErr> {
    let update = Entity::update_many().col_expr(Column::State, LEAVING.into()).filter(Column::Id.eq(id));
    let update = update.filter(Column::State.is_not_in(kept.iter().copied()));
    Ok(update.exec(write).await?.rows_affected == 1)
}

pub(crate) async fn delete(write: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    Entity::delete_by_id(id).exec(write).await.map(drop)
}

/// Makes approved documents expired whose last day is before `today`, and says how many.
pub(crate) async fn expire(write: &impl ConnectionTrait, today: &str, limit: u64) -> Result<u64, DbErr> {
    let due = Entity::find()
        .filter(Column::State.eq(DocumentState::Approved.name()))
        .filter(Column::ExpiresOn.lt(today))
        .limit(limit);
    let ids: Vec<i64> = due.all(write).await?.into_iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let update = Entity::update_many().col_expr(Column::State, DocumentState::Expired.name().into());
    Ok(update.filter(Column::Id.is_in(ids)).exec(write).await?.rows_affected)
}

/// Rows whose file has been on its way since before that time, and all whose file is to be deleted.
pub(crate) async fn lost(read: &impl ConnectionTrait, before_us: i64, limit: u64) -> Result<Vec<Model>, DbErr> {
    let arriving = Condition::all().add(Column::State.eq(ARRIVING)).add(Column::UploadedAtUs.lt(before_us));
    let lost = Condition::any().add(arriving).add(Column::State.eq(LEAVING));
    Entity::find().filter(lost).limit(limit).all(read).await
}

fn shown() -> Condition {
    Condition::all().add(Column::State.is_not_in([ARRIVING, LEAVING]))
}
