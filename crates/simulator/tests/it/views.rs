//! The views follow a real engine under the whole workload: after any command they say what its image says.
#![allow(clippy::unwrap_used, reason = "a test fails where it unwraps")]

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::{Engine, Levels};
use marketdata::{Level, MarketData};
use model::{
    AccountId, AssetId, Batch, Event, Fees, Image, MarketId, OpenOrder, OrderId, Price, Quantity, Sequence, Side,
    Stamped, Step, TierId, Timestamp, Wait,
};
use projections::{History, Live, OrderStatus, OrderView, OrdersQuery, Projector, Subscription, UserEvent};
use simulator::Workload;

/// An engine under a seed's workload, command by command.
struct Source {
    workload: Workload,
    engine: Engine<Levels>,
    sequence: u64,
    now: u64,
}

impl Source {
    fn new(seed: u64) -> Self {
        Self { workload: Workload::new(seed), engine: Engine::new(), sequence: 0, now: 1_700_000_000_000_000 }
    }

    /// The next commands as one batch.
    fn batch(&mut self, commands: usize) -> Batch {
        let mut batch = Batch::default();
        for _ in 0..commands {
            self.now += self.workload.pause();
            self.sequence += 1;
            let (sequence, time) = (Sequence(self.sequence), Timestamp(self.now));
            let envelope = self.workload.command(time);
            let (source, source_seq) = (envelope.source, envelope.source_seq);
            let mut events = Vec::new();
            self.engine.apply(&Stamped { sequence, time, envelope }, &mut events);
            self.workload.observe(&events);
            let count = |length: usize| u32::try_from(length).unwrap();
            let (first_event, event_count) = (count(batch.events.len()), count(events.len()));
            batch.steps.push(Step { sequence, time, source, source_seq, first_event, event_count });
            batch.events.extend(events);
        }
        batch
    }
}

/// The views in memory, from the first command on or from an image.
struct Views {
    live: Live,
    data: MarketData,
    /// The command of the image that they began with.
    since: Sequence,
}

impl Views {
    fn new() -> Self {
        Self { live: Live::new(), data: MarketData::new(), since: Sequence(0) }
    }

    fn of(image: &Image) -> Self {
        let views = Self { since: image.sequence, ..Self::new() };
        views.live.load(image).unwrap();
        views.data.load(image);
        views
    }

    fn apply(&self, batch: &Batch) {
        self.live.apply(batch).unwrap();
        self.data.apply(batch).unwrap();
    }

    fn check(&self, image: &Image) {
        self.check_markets(image);
        self.check_balances(image);
        self.check_orders(image);
        for account in &image.accounts {
            let lists = image.lists.iter().filter(|list| list.account == account.account);
            let wanted: Vec<_> = lists.map(|list| (list.list, list.kind, list.orders, list.client_id)).collect();
            let open = self.live.open_lists(account.account);
            let open: Vec<_> = open.iter().map(|list| (list.list, list.kind, list.orders, list.client_id)).collect();
            assert_eq!(open, wanted);
            assert_eq!(self.live.tier(account.account), account.tier);
            assert_eq!(self.live.parent(account.account), Some(account.parent).filter(|parent| parent.0 != 0));
            for market in &image.markets {
                let id = market.market.id;
                assert_eq!(self.live.fees(account.account, id), fees(image, account.tier, id));
            }
        }
    }

    fn check_markets(&self, image: &Image) {
        for market in &image.markets {
            let view = self.data.market_by_id(market.market.id).unwrap();
            assert_eq!(view.market, market.market);
            let (status, last) = (view.status(), Some(market.last_price).filter(|price| price.is_positive()));
            assert_eq!((status.state, status.until), (market.state, market.until));
            assert_eq!((view.last_trade(), view.last_price()), (market.last_trade, last));
            let (depth, (bids, asks)) = (view.depth(usize::MAX), levels(&image.orders, view.market.id));
            assert_eq!((depth.bids, depth.asks), (bids, asks), "market {}", view.market.symbol);
        }
    }

    fn check_balances(&self, image: &Image) {
        let mut told: BTreeMap<(AccountId, AssetId), (i64, i64)> = BTreeMap::new();
        for account in self.live.accounts() {
            for balance in self.live.balances(account) {
                told.insert((account, balance.asset), (balance.available.0, balance.held.0));
            }
        }
        told.retain(|_, balance| *balance != (0, 0));
        let all = image.balances.iter().map(|b| ((b.account, b.asset), (b.available.0, b.held.0)));
        assert_eq!(told, all.filter(|(_, balance)| *balance != (0, 0)).collect());
    }

    fn check_orders(&self, image: &Image) {
        let mut open: Vec<OrderView> = Vec::new();
        for account in &image.accounts {
            open.extend(self.live.open_orders(account.account, None));
        }
        open.sort_by_key(|view| view.order);
        let mut wanted = image.orders.clone();
        wanted.sort_by_key(|order| order.order);
        let ids: Vec<OrderId> = open.iter().map(|view| view.order).collect();
        assert_eq!(ids, wanted.iter().map(|order| order.order).collect::<Vec<_>>());
        for (view, order) in open.iter().zip(&wanted) {
            let pending = order.wait == Wait::List || (order.wait == Wait::Market && order.held.0 == 0);
            let executed = Quantity(order.quantity.0 - order.remaining.0 - order.prevented.0);
            let status = match (pending, executed.0) {
                (true, _) => OrderStatus::PendingNew,
                (false, 0) => OrderStatus::New,
                (false, _) => OrderStatus::PartiallyFilled,
            };
            let from_image = Views::of(image).live.order(order.account, order.order).unwrap();
            assert_eq!((view.status, view.executed), (status, executed), "{order:?}");
            // What an image does not say of an order is not compared.
            let known = OrderView {
                working: view.working,
                trailing: view.trailing,
                last_prevented: view.last_prevented,
                sequence: view.sequence,
                updated: view.updated,
                ..from_image
            };
            assert_eq!(*view, known);
            assert_eq!(view.working.is_some(), order.wait == Wait::Nothing, "{order:?}");
            assert!(view.trailing.is_some() || !order.tracked.is_positive(), "{order:?}");
            if !order.client_id.is_empty() {
                let named = self.live.order_by_client(order.account, order.market, order.client_id.as_str());
                assert_eq!(named.map(|named| named.order), Some(order.order));
            }
        }
    }
}

/// The levels of a market, from its open orders; bids then asks, best first.
fn levels(orders: &[OpenOrder], market: MarketId) -> (Vec<Level>, Vec<Level>) {
    let mut sides = [BTreeMap::<i64, i64>::new(), BTreeMap::new()];
    for order in orders.iter().filter(|order| order.market == market && order.visible.is_positive()) {
        *sides[usize::from(order.side == Side::Sell)].entry(order.price.0).or_default() += order.visible.0;
    }
    let level = |(&price, &quantity): (&i64, &i64)| Level { price: Price(price), quantity: Quantity(quantity) };
    (sides[0].iter().rev().map(level).collect(), sides[1].iter().map(level).collect())
}

/// What a new order pays, looked up in an image.
fn fees(image: &Image, tier: TierId, market: MarketId) -> Fees {
    let entry = |tier, market| image.fees.iter().find(|fees| (fees.tier, fees.market) == (tier, market));
    let own = image.markets.iter().find(|known| known.market.id == market).and_then(|known| known.market.fees);
    let found = entry(Some(tier), Some(market)).or_else(|| entry(Some(tier), None)).map(|entry| entry.fees);
    found.or(own).or_else(|| entry(None, None).map(|entry| entry.fees)).unwrap_or(Fees::FREE)
}

#[test]
fn views_say_what_the_image_says() {
    for seed in 1..=6 {
        let mut source = Source::new(seed);
        let steady = Views::new();
        let mut restarted = Views::new();
        for round in 0..60 {
            let batch = source.batch(50);
            steady.apply(&batch);
            restarted.apply(&batch);
            let image = source.engine.image();
            steady.check(&image);
            restarted.check(&image);
            if round % 10 == 9 {
                restarted = Views::of(&image);
                restarted.check(&image);
                assert_eq!(restarted.since, source.engine.sequence());
            }
        }
    }
}

#[test]
fn the_streams_say_what_the_views_say() {
    for seed in 1..=4 {
        let mut source = Source::new(seed);
        let live = Live::new();
        live.apply(&source.batch(300)).unwrap();
        let mut streams: Vec<Subscription> =
            live.accounts().into_iter().map(|account| live.subscribe(account, 100_000).unwrap()).collect();
        live.apply(&source.batch(3_000)).unwrap();
        let (mut reports, mut lists) = (0, 0);
        for stream in &mut streams {
            let mut last: BTreeMap<OrderId, OrderView> = BTreeMap::new();
            let mut execution = 0;
            while let Some(event) = stream.try_recv().unwrap() {
                match &*event {
                    UserEvent::Execution(report) => {
                        assert!(report.execution_id > execution, "each has an id of its own, rising");
                        execution = report.execution_id;
                        last.insert(report.order.order, report.order);
                        reports += 1;
                    }
                    UserEvent::List(report) => {
                        let known = live.list(report.list.account, report.list.list).unwrap();
                        assert!(known.sequence >= report.sequence || !report.list.is_done);
                        lists += 1;
                    }
                    _ => {}
                }
            }
            for (order, told) in last {
                let view = live.order(stream.account(), order).unwrap();
                let essence =
                    |view: &OrderView| (view.status, view.executed, view.prevented, view.quantity, view.working);
                assert_eq!(essence(&told), essence(&view), "{view:?}");
            }
        }
        assert!(reports > 500 && lists > 20, "{reports} {lists}");
    }
}

#[tokio::test]
async fn the_tables_say_what_the_image_says() {
    let test = db::testing::sqlite().await;
    db::migrate(&test.db, &[projections::migrations()]).await.unwrap();
    let mut projector = Projector::open(test.db.clone()).await.unwrap();
    let mut source = Source::new(77);
    let live = Live::new();
    let mut quotes: BTreeMap<(AccountId, MarketId), i128> = BTreeMap::new();
    for round in 0..20 {
        let batch = source.batch(300);
        live.apply(&batch).unwrap();
        for event in &batch.events {
            let Event::Trade(trade) = event else { continue };
            let (buyer, seller, seller_fee) = match trade.taker_side {
                Side::Buy => (trade.taker_account, trade.maker_account, trade.maker_fee),
                Side::Sell => (trade.maker_account, trade.taker_account, trade.taker_fee),
            };
            *quotes.entry((buyer, trade.market)).or_default() -= i128::from(trade.quote.0);
            *quotes.entry((seller, trade.market)).or_default() += i128::from(trade.quote.0 - seller_fee.0);
        }
        if round == 10 {
            projector = Projector::open(test.db.clone()).await.unwrap();
        }
        projector.apply(&[Arc::new(batch)]).await.unwrap();
    }
    let (history, image) = (History::new(test.db.clone()), source.engine.image());
    let mut traded = 0;
    for account in &image.accounts {
        let account = account.account;
        assert_eq!(history.balances(account).await.unwrap(), live.balances(account));
        let mut open = Vec::new();
        for market in &image.markets {
            let query = OrdersQuery { from_order: None, start: None, end: None, limit: 1_000 };
            for view in history.orders(account, market.market.id, &query).await.unwrap() {
                assert_eq!(live.order(account, view.order), Some(view));
                open.extend(Some(view).filter(OrderView::is_open));
            }
        }
        open.sort_by_key(|view| view.order);
        assert_eq!(open, live.open_orders(account, None));
        for position in history.positions(account).await.unwrap() {
            let flow = quotes.remove(&(account, position.market)).unwrap();
            assert_eq!(i128::from(position.realised) - i128::from(position.cost), flow);
            traded += 1;
        }
    }
    assert!(traded > 5 && quotes.is_empty(), "{traded} {quotes:?}");
}
