use db::page::{Keyset, Limit, Order};
use db::testing::TestDb;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set};

mod row {
    #![allow(unreachable_pub, reason = "the derives of SeaORM write public items")]

    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "demo_rows")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

async fn insert(test: &TestDb, ids: impl Iterator<Item = i64>) {
    let write = test.db.begin().await.unwrap();
    write.execute_unprepared("CREATE TABLE IF NOT EXISTS demo_rows (id BIGINT PRIMARY KEY)").await.unwrap();
    for id in ids {
        row::ActiveModel { id: Set(id) }.insert(&write).await.unwrap();
    }
    write.commit().await.unwrap();
}

/// Reads all pages, and calls `between` after each.
async fn walk(test: &TestDb, order: Order, between: impl AsyncFn(usize)) -> Vec<i64> {
    let mut keyset = Keyset { after: None, limit: Limit::clamp(Some(10), 10), order };
    let mut seen = Vec::new();
    for page in 1..=100 {
        let rows = keyset.apply(row::Entity::find(), row::Column::Id).all(test.db.read()).await.unwrap();
        let rows = keyset.page(rows, |row| row.id);
        assert!(rows.items.len() <= 10);
        seen.extend(rows.items.iter().map(|row| row.id));
        keyset.after = rows.next;
        if keyset.after.is_none() {
            return seen;
        }
        between(page).await;
    }
    panic!("the pages do not end");
}

db::on_each_database! {
    async fn pages_give_every_row_once_in_order(test: &TestDb) {
        insert(test, 1..=30).await;
        let forward: Vec<i64> = (1..=30).collect();
        assert_eq!(walk(test, Order::Ascending, async |_| {}).await, forward);
        let backward: Vec<i64> = (1..=30).rev().collect();
        assert_eq!(walk(test, Order::Descending, async |_| {}).await, backward);
    }

    async fn rows_added_before_the_place_of_reading_shift_nothing(test: &TestDb) {
        insert(test, 101..=125).await;
        let grow = async |page| insert(test, std::iter::once(i64::try_from(page).unwrap())).await;
        let seen = walk(test, Order::Ascending, grow).await;
        assert_eq!(seen, (101..=125).collect::<Vec<i64>>());
    }
}
