//! The record in SQL, on both databases.

use markettime::{Error, Last, MAX_SCHEDULES, Outcome, Pending, Rules, Schedules, Standing, parse_file};
use model::{MarketState, SourceSeq, Timestamp};

use crate::{WALL_STREET, standing, utc};

const NOW: Timestamp = Timestamp(1_795_000_000_000_000);

fn rules(symbol: &str) -> Rules {
    parse_file(&format!("[[market]]\nsymbol = \"{symbol}\"\n{WALL_STREET}")).unwrap().remove(0)
}

async fn opened(test: &db::testing::TestDb) -> Schedules {
    db::migrate(&test.db, &[markettime::migrations()]).await.unwrap();
    Schedules::new(test.db.clone())
}

db::on_each_database! {
    async fn schedules_are_kept_and_replaced(test: &TestDb) {
        let schedules = opened(test).await;
        schedules.import(&[rules("ETHUSDT"), rules("BTCUSDT")], NOW).await.unwrap();
        let listed = schedules.list().await.unwrap();
        let names: Vec<&str> = listed.iter().map(|stored| stored.rules.symbol.as_str()).collect();
        assert_eq!(names, ["BTCUSDT", "ETHUSDT"]);
        assert_eq!((listed[0].rules.clone(), listed[0].imported), (rules("BTCUSDT"), NOW));
        assert_eq!(listed[0].schedule.at(utc("2026-11-25 14:26")).state, MarketState::Auction);

        let other = Rules { zone: "UTC".to_owned(), ..rules("BTCUSDT") };
        schedules.import(std::slice::from_ref(&other), Timestamp(NOW.0 + 5)).await.unwrap();
        let found = schedules.find("BTCUSDT").await.unwrap().unwrap();
        assert_eq!((found.rules, found.imported), (other, Timestamp(NOW.0 + 5)));
        assert!(schedules.remove("BTCUSDT").await.unwrap() && !schedules.remove("BTCUSDT").await.unwrap());
        assert!(schedules.find("BTCUSDT").await.unwrap().is_none());
        // All or none.
        let bad = Rules { zone: "Mars".to_owned(), ..rules("XMRBTC") };
        assert!(matches!(schedules.import(&[rules("SOLUSDT"), bad], NOW).await, Err(Error::Rule { .. })));
        assert_eq!(schedules.list().await.unwrap().len(), 1);
    }

    async fn there_is_a_bound(test: &TestDb) {
        let schedules = opened(test).await;
        let many: Vec<Rules> = (0..MAX_SCHEDULES)
            .map(|number| Rules { sessions: Vec::new(), ..rules(&format!("M{number}")) })
            .collect();
        schedules.import(&many, NOW).await.unwrap();
        assert!(matches!(schedules.import(&[rules("BTCUSDT")], NOW).await, Err(Error::TooManySchedules)));
        schedules.import(&[rules("M7")], NOW).await.unwrap();
        assert_eq!(schedules.list().await.unwrap().len(), MAX_SCHEDULES);
    }

    async fn a_change_has_one_place_among_the_commands(test: &TestDb) {
        let schedules = opened(test).await;
        let other = Schedules::new(test.db.clone());
        let (due, halt) = (utc("2026-11-25 21:00"), standing(MarketState::Halt));
        assert_eq!(schedules.last("BTCUSDT").await.unwrap(), None);
        let seq = schedules.begin("BTCUSDT", due, halt, SourceSeq(0)).await.unwrap();
        assert_eq!(seq, Some(SourceSeq(1)));
        // A second process comes too late for this change, and behind it for another.
        assert_eq!(other.begin("BTCUSDT", due, halt, SourceSeq(0)).await.unwrap(), None);
        assert!(!other.note("BTCUSDT", due, halt, Outcome::Already).await.unwrap());
        assert_eq!(other.begin("ETHUSDT", due, halt, SourceSeq(1)).await.unwrap(), Some(SourceSeq(2)));
        // What became of the first is not known yet.
        let until = utc("2026-11-26 14:30");
        let auction = Standing { state: MarketState::Auction, until };
        let later = utc("2026-11-26 14:25");
        assert_eq!(schedules.begin("BTCUSDT", later, auction, SourceSeq(2)).await.unwrap(), Some(SourceSeq(3)));
        let pending = |symbol: &str, seq, due, standing| {
            Pending { symbol: symbol.to_owned(), source_seq: SourceSeq(seq), due, standing }
        };
        let all = [pending("BTCUSDT", 1, due, halt), pending("ETHUSDT", 2, due, halt), pending("BTCUSDT", 3, later, auction)];
        assert_eq!(schedules.pending().await.unwrap(), all);
        assert_eq!(schedules.last("BTCUSDT").await.unwrap(), None);
        schedules.finish(SourceSeq(1), Outcome::Applied).await.unwrap();
        schedules.finish(SourceSeq(3), Outcome::Refused).await.unwrap();
        assert_eq!(schedules.pending().await.unwrap(), all[1..2]);
        assert_eq!(schedules.last("BTCUSDT").await.unwrap(), Some(Last { due, by_hand: false }));

        // What was passed over counts as dealt with, and needs no place.
        let open = utc("2026-11-26 14:30");
        assert!(schedules.note("BTCUSDT", open, standing(MarketState::Trading), Outcome::ByHand).await.unwrap());
        assert_eq!(schedules.last("BTCUSDT").await.unwrap(), Some(Last { due: open, by_hand: true }));
        // The engine is further than the record: its database was lost and made anew.
        let close = utc("2026-11-26 21:00");
        assert_eq!(schedules.begin("BTCUSDT", close, halt, SourceSeq(40)).await.unwrap(), Some(SourceSeq(41)));
    }

    async fn an_import_comes_into_force_behind_what_was_dealt_with(test: &TestDb) {
        let schedules = opened(test).await;
        let due = Timestamp(NOW.0 + 1_000);
        schedules.note("BTCUSDT", due, standing(MarketState::Halt), Outcome::ByHand).await.unwrap();
        // The clock was set back.
        schedules.import(&[rules("BTCUSDT")], NOW).await.unwrap();
        assert_eq!(schedules.find("BTCUSDT").await.unwrap().unwrap().imported, Timestamp(due.0 + 1));
    }
}

/// Of two that begin the same change at the same moment one gets the place, and the other nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn at_the_same_moment() {
    for test in [db::testing::sqlite().await, db::testing::postgres().await] {
        let schedules = opened(&test).await;
        let due = utc("2026-11-25 21:00");
        let begin = |schedules: Schedules| {
            tokio::spawn(
                async move { schedules.begin("BTCUSDT", due, standing(MarketState::Halt), SourceSeq(0)).await },
            )
        };
        let tasks: Vec<_> = (0..4).map(|_| begin(schedules.clone())).collect();
        let mut places = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(Some(seq)) => {
                    assert_eq!(seq, SourceSeq(1));
                    places += 1;
                }
                Ok(None) | Err(Error::Database(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(places, 1);
    }
}
