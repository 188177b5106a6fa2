//! The tables against the events, on both databases.

use std::{sync::Arc, time::Duration};

use db::{Db, testing::TestDb};
use model::{Batch, Sequence};
use projections::{Error, FollowError, Live, Projector, fingerprint};
use sea_orm::{ConnectionTrait, QueryResult, Statement};

use crate::exchange::Exchange;

/// Opens the tables.
pub(crate) async fn opened(test: &TestDb) -> Projector {
    db::migrate(&test.db, &[projections::migrations()]).await.unwrap();
    Projector::open(test.db.clone()).await.unwrap()
}

/// A whole journal in batches, and the exchange after it.
pub(crate) fn journal(seed: u64, batches: usize, commands: usize) -> (Exchange, Vec<Arc<Batch>>) {
    let (mut exchange, first) = Exchange::open(seed, 6);
    let mut journal = vec![Arc::new(first)];
    journal.extend((0..batches).map(|_| Arc::new(exchange.batch(commands))));
    (exchange, journal)
}

fn live(journal: &[Arc<Batch>]) -> Live {
    let live = Live::new();
    for batch in journal {
        live.apply(batch).unwrap();
    }
    live
}

async fn rows(db: &Db, sql: &str) -> Vec<QueryResult> {
    let read = db.read();
    read.query_all_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap()
}

async fn number(db: &Db, sql: &str) -> i64 {
    rows(db, sql).await[0].try_get_by_index(0).unwrap()
}

db::on_each_database! {
    async fn the_ledger_balances(test: &TestDb) {
        let mut projector = opened(test).await;
        let (exchange, journal) = journal(1, 10, 300);
        projector.apply(&journal).await.unwrap();
        // The entries of each event sum to zero for each asset.
        let unbalanced = "SELECT COUNT(*) FROM (SELECT sequence, event, asset_id FROM projections_ledger_entries \
            GROUP BY sequence, event, asset_id HAVING SUM(available + held) <> 0) AS unbalanced";
        assert_eq!(number(&test.db, unbalanced).await, 0);
        // Auctions, rebates and what is given back were among them.
        for (what, sql) in [
            ("auction trades", "SELECT COUNT(*) FROM projections_trades WHERE auction = 1"),
            ("rebates", "SELECT COUNT(*) FROM projections_trades WHERE maker_fee < 0"),
            ("paid rebates", "SELECT COUNT(*) FROM projections_ledger_entries WHERE kind = 7 AND available < 0"),
            ("holds of orders that wait", "SELECT COUNT(*) FROM projections_orders WHERE stop_price > 0"),
        ] {
            assert!(number(&test.db, sql).await > 0, "{what}");
        }
        // Those of each account sum to its balance.
        let off = "SELECT COUNT(*) FROM projections_balances AS b WHERE (b.available, b.held) <> \
            (SELECT CAST(SUM(e.available) AS BIGINT), CAST(SUM(e.held) AS BIGINT) FROM projections_ledger_entries AS e \
            WHERE e.account_id = b.account_id AND e.asset_id = b.asset_id)";
        assert_eq!(number(&test.db, off).await, 0);
        assert!(number(&test.db, "SELECT COUNT(*) FROM projections_ledger_entries").await > 3_000);
        // And they are the exchange's own.
        let stored = rows(&test.db, "SELECT account_id, asset_id, available, held FROM projections_balances").await;
        assert_eq!(stored.len(), exchange.balances.values().filter(|balance| **balance != (0, 0)).count());
        for row in stored {
            let field = |index: usize| row.try_get_by_index::<i64>(index).unwrap();
            let key = (model::AccountId(field(0) as u32), model::AssetId(field(1) as u16));
            assert_eq!(exchange.balances[&key], (field(2), field(3)));
        }
    }

    async fn the_size_of_transactions_is_not_to_be_seen(test: &TestDb) {
        let (_, journal) = journal(2, 20, 40);
        let mut projector = opened(test).await;
        projector.apply(&journal).await.unwrap();
        let whole = fingerprint(&test.db).await.unwrap();
        assert!(whole.tables.iter().all(|table| table.rows > 0), "{whole}");

        // Rebuilt with one command per transaction, and a new projector now and then.
        projector.clear().await.unwrap();
        assert_eq!((projector.checkpoint(), Sequence(0)), (Sequence(0), projector.progress().sequence()));
        let empty = fingerprint(&test.db).await.unwrap();
        assert_eq!(empty.tables.iter().map(|table| table.rows).sum::<u64>(), 1, "only the checkpoint is left");
        for batch in &journal {
            projector = Projector::with_batch_commands(test.db.clone(), 1).await.unwrap();
            projector.apply(std::slice::from_ref(batch)).await.unwrap();
        }
        let rebuilt = fingerprint(&test.db).await.unwrap();
        assert_eq!(rebuilt, whole, "\n{rebuilt}\n{whole}");
        assert_ne!(rebuilt, empty);
    }

    async fn a_crash_between_batches_repeats_nothing(test: &TestDb) {
        let (_, journal) = journal(3, 6, 50);
        let mut projector = opened(test).await;
        let progress = projector.progress();
        projector.apply(&journal[..4]).await.unwrap();
        let checkpoint = journal[3].last_sequence().unwrap();
        assert_eq!((projector.checkpoint(), progress.sequence()), (checkpoint, checkpoint));
        let before = fingerprint(&test.db).await.unwrap();
        drop(projector);

        // The feed begins again from the start, or from anywhere before the checkpoint.
        let mut projector = Projector::open(test.db.clone()).await.unwrap();
        assert_eq!(projector.checkpoint(), checkpoint);
        assert_eq!(projector.apply(&journal[1..4]).await.unwrap(), checkpoint);
        assert_eq!(fingerprint(&test.db).await.unwrap(), before);
        projector.apply(&journal).await.unwrap();
        let all = fingerprint(&test.db).await.unwrap();
        projector.clear().await.unwrap();
        projector.apply(&journal).await.unwrap();
        assert_eq!(fingerprint(&test.db).await.unwrap(), all);
    }

    async fn what_fails_leaves_nothing_and_may_be_repeated(test: &TestDb) {
        let (_, journal) = journal(4, 4, 50);
        let mut projector = opened(test).await;
        projector.apply(&journal[..2]).await.unwrap();
        let before = fingerprint(&test.db).await.unwrap();

        let gap = projector.apply(&journal[3..]).await.unwrap_err();
        let expected = Sequence(journal[1].last_sequence().unwrap().0 + 1);
        let found = journal[3].steps[0].sequence;
        assert!(matches!(gap, Error::Follow(FollowError::Gap { expected: e, found: f }) if (e, f) == (expected, found)));
        assert!(!gap.is_transient());

        // A transaction that fails at its end: a trade that is there already.
        let trade = journal[2].events.iter().find_map(|event| match event {
            model::Event::Trade(trade) => Some(trade),
            _ => None,
        }).unwrap();
        let write = test.db.begin().await.unwrap();
        let squatter = format!("INSERT INTO projections_trades VALUES ({}, {}{})", trade.market, trade.trade, ", 0".repeat(13));
        write.execute_unprepared(&squatter).await.unwrap();
        write.commit().await.unwrap();
        assert!(matches!(projector.apply(&journal).await, Err(Error::Database(error)) if error.is_unique_violation()));
        let write = test.db.begin().await.unwrap();
        write.execute_unprepared("DELETE FROM projections_trades WHERE price = 0").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(fingerprint(&test.db).await.unwrap(), before);
        projector.apply(&journal).await.unwrap();

        let stepwise = fingerprint(&test.db).await.unwrap();
        projector.clear().await.unwrap();
        projector.apply(&journal).await.unwrap();
        assert_eq!(fingerprint(&test.db).await.unwrap(), stepwise);
    }

    async fn a_second_projector_is_refused(test: &TestDb) {
        let (_, journal) = journal(5, 3, 50);
        let mut first = opened(test).await;
        first.apply(&journal[..1]).await.unwrap();
        let mut second = Projector::open(test.db.clone()).await.unwrap();
        second.apply(&journal[..2]).await.unwrap();
        let refused = first.apply(&journal).await.unwrap_err();
        assert!(matches!(refused, Error::Contended { .. }) && refused.is_transient(), "{refused}");
        assert_eq!(first.apply(&journal).await.unwrap(), journal[3].last_sequence().unwrap(), "it goes on where they are");
    }

    async fn readers_can_wait_for_a_command(test: &TestDb) {
        let (_, journal) = journal(6, 2, 50);
        let mut projector = opened(test).await;
        let progress = projector.progress();
        let target = journal[2].last_sequence().unwrap();
        assert!(!progress.wait_for(target, Duration::from_millis(20)).await);
        let waiting = tokio::spawn(async move { progress.wait_for(target, Duration::from_secs(20)).await });
        projector.apply(&journal).await.unwrap();
        assert!(waiting.await.unwrap());
        let progress = projector.progress();
        assert!(progress.wait_for(target, Duration::ZERO).await);
        drop(projector);
        assert!(!progress.wait_for(Sequence(target.0 + 1), Duration::from_secs(20)).await, "nobody will come");
        assert_eq!(progress.sequence(), target);
    }

    async fn stored_orders_are_the_live_ones(test: &TestDb) {
        let (exchange, journal) = journal(7, 10, 100);
        let mut projector = opened(test).await;
        for batches in journal.chunks(3) {
            projector.apply(batches).await.unwrap();
        }
        let live = live(&journal);
        let history = projections::History::new(test.db.clone());
        let mut seen = 0;
        for account in (1_000..1_006).map(model::AccountId) {
            for market in [1, 2].map(model::MarketId) {
                let query = projections::OrdersQuery { from_order: None, start: None, end: None, limit: 1_000 };
                for view in history.orders(account, market, &query).await.unwrap() {
                    assert_eq!(live.order(account, view.order), Some(view));
                    seen += 1;
                }
            }
            assert_eq!(history.balances(account).await.unwrap(), live.balances(account));
        }
        assert_eq!(seen, number(&test.db, "SELECT COUNT(*) FROM projections_orders").await);
        let open = number(&test.db, "SELECT COUNT(*) FROM projections_orders WHERE status < 2").await;
        assert_eq!(open, exchange.orders.len() as i64);
    }

    /// Tables from before candles of seconds, 15 minutes and 4 hours were stored get them from their trades.
    async fn an_older_database_gets_the_candles_that_it_lacks(test: &TestDb) {
        let (mut exchange, first) = Exchange::open(8, 6);
        exchange.pace = 20_000_000;
        let mut projector = opened(test).await;
        projector.apply(&[Arc::new(first), Arc::new(exchange.batch(600))]).await.unwrap();
        let before = fingerprint(&test.db).await.unwrap();
        let write = test.db.begin().await.unwrap();
        for sql in [
            "DELETE FROM projections_candles WHERE seconds IN (1, 900, 14400)",
            "DELETE FROM projections_migrations WHERE version = 'm20261125_000005_more_candles'",
        ] {
            assert!(write.execute_unprepared(sql).await.unwrap().rows_affected() > 0);
        }
        write.commit().await.unwrap();
        assert_ne!(fingerprint(&test.db).await.unwrap(), before);
        drop(projector);
        let mut projector = opened(test).await;
        assert_eq!(fingerprint(&test.db).await.unwrap(), before);
        // And they go on from there.
        projector.apply(&[Arc::new(exchange.batch(600))]).await.unwrap();
        let after = fingerprint(&test.db).await.unwrap();
        let (mut again, first) = Exchange::open(8, 6);
        again.pace = 20_000_000;
        projector.clear().await.unwrap();
        projector.apply(&[Arc::new(first), Arc::new(again.batch(600)), Arc::new(again.batch(600))]).await.unwrap();
        assert_eq!(fingerprint(&test.db).await.unwrap(), after);
    }

    async fn candles_are_those_of_the_trades(test: &TestDb) {
        let (mut exchange, first) = Exchange::open(8, 6);
        exchange.pace = 20_000_000;
        let mut projector = opened(test).await;
        projector.apply(&[Arc::new(first)]).await.unwrap();
        for _ in 0..5 {
            projector.apply(&[Arc::new(exchange.batch(200))]).await.unwrap();
        }
        // Candles made by SQL from the trades; the first and last price by their ids.
        for seconds in [1i64, 60, 900, 3_600, 14_400, 86_400] {
            let length = seconds * 1_000_000;
            let recomputed = format!(
                "WITH grouped AS (SELECT market_id, time / {length} * {length} AS open_time, MAX(price) AS high, \
                 MIN(price) AS low, CAST(SUM(quantity) AS BIGINT) AS volume, CAST(SUM(quote) AS BIGINT) AS quote_volume, \
                 COUNT(*) AS trades, MIN(trade_id) AS first_trade, MAX(trade_id) AS last_trade, \
                 CAST(SUM(CASE taker_side WHEN 0 THEN quantity ELSE 0 END) AS BIGINT) AS bought, \
                 CAST(SUM(CASE taker_side WHEN 0 THEN quote ELSE 0 END) AS BIGINT) AS bought_quote \
                 FROM projections_trades GROUP BY market_id, time / {length} * {length}) \
                 SELECT g.market_id, g.open_time, f.price, g.high, g.low, l.price, g.volume, g.quote_volume, g.trades, \
                 g.bought, g.bought_quote, g.first_trade FROM grouped AS g \
                 JOIN projections_trades AS f ON f.market_id = g.market_id AND f.trade_id = g.first_trade \
                 JOIN projections_trades AS l ON l.market_id = g.market_id AND l.trade_id = g.last_trade \
                 ORDER BY 1, 2"
            );
            let stored = format!(
                "SELECT market_id, open_time, open, high, low, close, volume, quote_volume, trades, taker_buy_volume, \
                 taker_buy_quote, first_trade FROM projections_candles WHERE seconds = {seconds} ORDER BY 1, 2"
            );
            let numbers = |rows: Vec<QueryResult>| -> Vec<Vec<i64>> {
                rows.iter().map(|row| (0..12).map(|index| row.try_get_by_index(index).unwrap()).collect()).collect()
            };
            let (want, got) = (numbers(rows(&test.db, &recomputed).await), numbers(rows(&test.db, &stored).await));
            assert!(!want.is_empty());
            assert_eq!(got, want, "{seconds} s");
        }
    }
}

/// Equal rows have equal fingerprints, whatever the database.
#[tokio::test]
async fn both_databases_hold_the_same() {
    let (_, journal) = journal(9, 5, 200);
    let (sqlite, postgres) = (db::testing::sqlite().await, db::testing::postgres().await);
    for test in [&sqlite, &postgres] {
        opened(test).await.apply(&journal).await.unwrap();
    }
    assert_eq!(fingerprint(&sqlite.db).await.unwrap(), fingerprint(&postgres.db).await.unwrap());
    let write = postgres.db.begin().await.unwrap();
    write.execute_unprepared("UPDATE projections_orders SET client_id = 'other' WHERE order_id = 3").await.unwrap();
    write.commit().await.unwrap();
    let (one, other) = (fingerprint(&sqlite.db).await.unwrap(), fingerprint(&postgres.db).await.unwrap());
    let differ: Vec<_> = one.tables.iter().zip(&other.tables).filter(|(a, b)| a != b).map(|(a, _)| a.table).collect();
    assert_eq!(differ, ["projections_orders"]);
}
