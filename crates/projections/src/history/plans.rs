//! No question reads more than it answers: each finds its rows by an index, in the order in which it wants them.

use marketdata::Interval;
use model::{AccountId, AssetId, MarketId, OrderId, PreventedId, Sequence, Timestamp};
use sea_orm::{ConnectionTrait, DbBackend, QueryTrait, Statement};

use super::{LedgerQuery, Window, candles, ledger, order_events, orders, positions, trades};
use crate::store::entity::prevented::Column;

async fn plan(db: &db::Db, select: &impl QueryTrait) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", select.build(DbBackend::Sqlite));
    let rows = db.read().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn every_question_has_its_index() {
    let test = db::testing::sqlite().await;
    db::migrate(&test.db, &[crate::migrations()]).await.unwrap();
    let (account, market, order) = (AccountId(1_000), MarketId(1), Some(OrderId(7)));
    let latest = Window { from: None, until: Some(9), first: false, limit: 500 };
    let first = Window { from: Some(3), until: None, first: true, limit: 500 };
    let entries = |asset, before| LedgerQuery { asset, before, limit: 100 };
    let db = &test.db;
    for window in [latest, first] {
        for (plan, index) in [
            (plan(db, &orders::in_market(account, market, &window)).await, "projections_orders_account"),
            (plan(db, &order_events::lists_of(account, &window)).await, "order_lists_account"),
            (plan(db, &trades::in_market(market, &window)).await, "PRIMARY KEY"),
            (plan(db, &trades::of_account(account, market, trades::Role::Taker, None, &window)).await, "trades_taker"),
            (plan(db, &trades::of_account(account, market, trades::Role::Maker, None, &window)).await, "trades_maker"),
        ] {
            assert!(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{index}: {plan}");
        }
        for (role, index) in [(Column::TakerOrder, "prevented_taker"), (Column::MakerOrder, "prevented_maker")] {
            let select = order_events::prevented_of_order(role, OrderId(7), market, PreventedId(1), 100);
            let plan = plan(db, &select).await;
            assert!(plan.contains(index) && !plan.contains("SCAN"), "{index}: {plan}");
        }
        // An order has few trades, so that sorting them costs nothing.
        let by_order = [(trades::Role::Taker, "trades_taker_order"), (trades::Role::Maker, "trades_maker_order")];
        for (role, index) in by_order {
            let plan = plan(db, &trades::of_account(account, market, role, order, &window)).await;
            assert!(plan.contains(index) && !plan.contains("SCAN"), "{index}: {plan}");
        }
    }
    for (plan, index) in [
        (plan(db, &orders::first_at(5)).await, "projections_orders_placed"),
        (plan(db, &order_events::first_list_at(5)).await, "order_lists_placed"),
        (plan(db, &order_events::named_list(account, "name")).await, "order_lists_client"),
        (plan(db, &order_events::amendments_of(OrderId(7), Sequence(3), 100)).await, "PRIMARY KEY"),
        (plan(db, &orders::named(account, market, "name")).await, "projections_orders_client"),
        (plan(db, &trades::first_at(market, 5)).await, "projections_trades_time"),
        (plan(db, &ledger::of_account(account, &entries(None, None))).await, "PRIMARY KEY (account_id=?"),
        (
            plan(db, &ledger::of_account(account, &entries(Some(AssetId(1)), Some((Sequence(5), 2))))).await,
            "PRIMARY KEY (account_id=? AND sequence<?",
        ),
        (plan(db, &candles::stored(market, Interval::M1, None, Some(Timestamp(9)), 10)).await, "PRIMARY KEY"),
        (plan(db, &candles::stored(market, Interval::D1, Some(Timestamp(9)), None, 10)).await, "PRIMARY KEY"),
    ] {
        assert!(plan.contains(index) && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{index}: {plan}");
    }
    // The keys themselves are rows that are scanned.
    let plan = plan(db, &positions::of(&[(account, market), (AccountId(1_001), market)])).await;
    assert!(plan.contains("SEARCH projections_positions USING PRIMARY KEY (account_id=? AND market_id=?)"), "{plan}");
}
