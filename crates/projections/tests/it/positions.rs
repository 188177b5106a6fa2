//! Profit and loss by average cost, recomputed from the trades in another way.

use std::{collections::BTreeMap, sync::Arc};

use model::{AccountId, Batch, Event, MarketId, Price, Side, Trade};
use projections::{History, Position, Projector};

use crate::{
    exchange::{SCALES, market},
    projector::{journal, opened},
};

fn scale(asset: model::AssetId) -> u8 {
    SCALES[usize::from(asset.0 - 1)].2
}

/// What one account gets of base and quote by its side of a trade; negative: pays.
fn changes(trade: &Trade, side: Side) -> (i64, i64) {
    let market = market(trade.market.0);
    let base = trade.quantity.0 * market.base_unit(scale(market.base));
    let fee = if side == trade.taker_side { trade.taker_fee.0 } else { trade.maker_fee.0 };
    match side {
        Side::Buy => (base - fee, -trade.quote.0),
        Side::Sell => (-base, trade.quote.0 - fee),
    }
}

/// Every side of every trade of an account in a market, in order.
fn sides(journal: &[Arc<Batch>]) -> BTreeMap<(AccountId, MarketId), Vec<(i64, i64)>> {
    let mut sides: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in journal.iter().flat_map(|batch| &batch.events) {
        let Event::Trade(trade) = event else { continue };
        for (account, side) in
            [(trade.taker_account, trade.taker_side), (trade.maker_account, trade.taker_side.opposite())]
        {
            sides.entry((account, trade.market)).or_default().push(changes(trade, side));
        }
    }
    sides
}

/// The position piece by piece: each lot that is held carries its own cost, and closing takes the same share of every lot.
/// Gives quantity, cost and profit as fractions rounded at the end, so that the two differ by what rounding each step does.
fn by_lots(sides: &[(i64, i64)]) -> (i64, i128, i128) {
    // Costs in 10^-9 of a unit.
    const FINE: i128 = 1_000_000_000;
    let (mut quantity, mut cost, mut profit) = (0i128, 0i128, 0i128);
    for &(base, quote) in sides {
        let (base, quote) = (i128::from(base), i128::from(quote) * FINE);
        if quantity == 0 || (quantity > 0) == (base > 0) {
            quantity += base;
            cost -= quote;
            continue;
        }
        let average = cost / quantity;
        let price = -quote / base;
        let closed = if base.abs() <= quantity.abs() { -base } else { quantity };
        profit += closed * price - closed * average;
        quantity += base;
        cost = if (quantity > 0) == (closed > 0) { quantity * average } else { quantity * price };
    }
    (quantity as i64, cost / FINE, profit / FINE)
}

async fn stored(history: &History, account: AccountId) -> Vec<Position> {
    history.positions(account).await.unwrap()
}

db::on_each_database! {
    async fn positions_are_those_of_the_trades(test: &TestDb) {
        let (_, journal) = journal(1, 12, 200);
        let mut projector = opened(test).await;
        for batches in journal.chunks(5) {
            projector.apply(batches).await.unwrap();
            // Another one knows no more than the tables.
            projector = Projector::open(test.db.clone()).await.unwrap();
        }
        let history = History::new(test.db.clone());
        let sides = sides(&journal);
        assert_eq!(sides.len(), 12, "six accounts in two markets");
        let (mut closed, mut short) = (0, 0);
        for (&(account, market_id), sides) in &sides {
            let position = history.position(account, market_id).await.unwrap().unwrap();
            assert!(stored(&history, account).await.contains(&position));
            // Exactly: nothing that came or went is missing.
            assert_eq!(position.quantity, sides.iter().map(|side| side.0).sum::<i64>());
            assert_eq!(position.realised - position.cost, sides.iter().map(|side| side.1).sum::<i64>());
            // Within the rounding of each trade: the average.
            let (quantity, cost, profit) = by_lots(sides);
            let near = |a: i64, b: i128| (i128::from(a) - b).abs() <= 2 * sides.len() as i128 + b.abs() / 1_000_000;
            assert_eq!(position.quantity, quantity);
            assert!(near(position.cost, cost) && near(position.realised, profit), "{position:?}, {cost}, {profit}");
            closed += usize::from(position.realised != 0);
            short += usize::from(position.quantity < 0);

            let settings = market(market_id.0);
            let units = (settings.base_unit(scale(settings.base)), settings.quote_unit(scale(settings.quote)));
            let mark = Price(10_000);
            let value = i128::from(position.quantity) * 10_000 * i128::from(units.1);
            let value = value.div_euclid(i128::from(units.0));
            assert_eq!(position.unrealised(mark, units.0, units.1), value - i128::from(position.cost));
        }
        assert!(closed > 6 && short > 0 && short < 12);
        assert!(stored(&history, AccountId(77)).await.is_empty());
        assert_eq!(history.position(AccountId(1_000), MarketId(9)).await.unwrap(), None);
    }
}
