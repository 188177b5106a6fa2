//! A message of a market stream: one for all subscribers, written once for each form that any of them asked for.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use model::MarketId;

use super::payload::Payload;
use crate::binance::TimeUnit;

/// How a connection wants its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    /// Wrapped with the name of the stream.
    pub(crate) combined: bool,
    /// Unit of times.
    pub(crate) units: TimeUnit,
}

impl Form {
    const COUNT: usize = 4;

    /// A number below [`Form::COUNT`].
    pub(crate) const fn code(self) -> u8 {
        let units = match self.units {
            TimeUnit::Millisecond => 0,
            TimeUnit::Microsecond => 2,
        };
        units + self.combined as u8
    }

    /// The form with this number.
    pub(crate) const fn from_code(code: u8) -> Self {
        let units = if code & 2 == 0 { TimeUnit::Millisecond } else { TimeUnit::Microsecond };
        Self { combined: code & 1 == 1, units }
    }
}

/// A message of a market stream.
#[derive(Debug)]
pub(crate) struct Published {
    stream: Arc<str>,
    body: Body,
    texts: [OnceLock<Utf8Bytes>; Form::COUNT],
}

#[derive(Debug)]
enum Body {
    One(Payload),
    /// Several markets, ascending by id: an array, also when it is of one.
    Many(Vec<Arc<Payload>>),
}

/// What a message may make worthless: one of the same stream, about the same market unless the stream shows all in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot {
    /// Address of the stream's name, which a message that waits keeps alive.
    stream: usize,
    market: Option<MarketId>,
}

impl Published {
    /// A message of the stream with this name, about one market.
    pub(crate) fn new(stream: &Arc<str>, payload: Payload) -> Arc<Self> {
        Self::of(stream, Body::One(payload))
    }

    /// A message of the stream with this name, about several markets, ascending by id.
    pub(crate) fn array(stream: &Arc<str>, payloads: Vec<Arc<Payload>>) -> Arc<Self> {
        Self::of(stream, Body::Many(payloads))
    }

    fn of(stream: &Arc<str>, body: Body) -> Arc<Self> {
        Arc::new(Self { stream: Arc::clone(stream), body, texts: Default::default() })
    }

    /// What it says, when it is about one market.
    pub(crate) const fn payload(&self) -> Option<&Payload> {
        match &self.body {
            Body::One(payload) => Some(payload),
            Body::Many(_) => None,
        }
    }

    /// Whether the message shows a whole state, so that a later one makes it worthless.
    pub(crate) const fn is_state(&self) -> bool {
        match &self.body {
            Body::One(payload) => payload.is_state(),
            Body::Many(_) => true,
        }
    }

    /// Where a message waits that this one may replace; `None` when it replaces none.
    pub(crate) fn slot(&self) -> Option<Slot> {
        let stream = Arc::as_ptr(&self.stream).addr();
        match &self.body {
            Body::One(payload) => {
                payload.may_supersede().then(|| Slot { stream, market: Some(payload.view.market.id) })
            }
            Body::Many(_) => Some(Slot { stream, market: None }),
        }
    }

    /// What is to be sent instead of `earlier`, which still waits: this message, with what only the earlier one says. `None` when
    /// both have to be sent.
    pub(crate) fn instead_of(self: &Arc<Self>, earlier: &Self) -> Option<Arc<Self>> {
        if !Arc::ptr_eq(&self.stream, &earlier.stream) {
            return None;
        }
        match (&self.body, &earlier.body) {
            (Body::One(new), Body::One(old)) => new.supersedes(old).then(|| Arc::clone(self)),
            (Body::Many(new), Body::Many(old)) => Some(self.with(new, old)),
            _ => None,
        }
    }

    /// Arrays have only the markets that changed, so that those which the newer one lacks are taken over.
    fn with(self: &Arc<Self>, new: &[Arc<Payload>], old: &[Arc<Payload>]) -> Arc<Self> {
        let market = |payload: &Arc<Payload>| payload.view.market.id;
        let is_new = |id: MarketId| new.binary_search_by_key(&id, market).is_ok();
        let missing: Vec<_> = old.iter().filter(|payload| !is_new(market(payload))).cloned().collect();
        if missing.is_empty() {
            return Arc::clone(self);
        }
        let mut all: Vec<_> = new.iter().cloned().chain(missing).collect();
        all.sort_unstable_by_key(market);
        Self::array(&self.stream, all)
    }

    /// The message in one form. Whoever asks first writes it; the others share the text.
    pub(crate) fn text(&self, form: Form) -> Utf8Bytes {
        let write = || {
            let mut out = String::with_capacity(256);
            if form.combined {
                let _ = write!(out, "{{\"stream\":\"{}\",\"data\":", self.stream);
            }
            match &self.body {
                Body::One(payload) => payload.write(&mut out, form.units),
                Body::Many(payloads) => {
                    out.push('[');
                    for (index, payload) in payloads.iter().enumerate() {
                        if index > 0 {
                            out.push(',');
                        }
                        payload.write(&mut out, form.units);
                    }
                    out.push(']');
                }
            }
            if form.combined {
                out.push('}');
            }
            Utf8Bytes::from(out)
        };
        self.texts.get(usize::from(form.code())).map_or_else(write, |text| text.get_or_init(write).clone())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use expect_test::expect;
    use marketdata::{
        AggTrade, BookDiff, BookTicker, Candle, Interval, Level, MarketData, MarketView, PublicTrade, Total,
    };
    use model::{
        Amount, Asset, AssetId, Filters, Image, Market, MarketId, MarketImage, MarketState, OrderId, PreventedId,
        Price, Quantity, Sequence, Side, Symbol, Timestamp, TradeId, Volatility,
    };

    use super::{Form, Published};
    use crate::binance::TimeUnit;
    use crate::binance::ws::streams::payload::{Content, Payload};

    fn market(id: u16, symbol: &str) -> MarketImage {
        let market = Market {
            id: MarketId(id),
            symbol: Symbol::new(symbol).unwrap(),
            base: AssetId(1),
            quote: AssetId(2),
            price_decimals: 2,
            quantity_decimals: 4,
            filters: Filters::WIDE,
            fees: None,
            volatility: Volatility::OFF,
        };
        MarketImage {
            market,
            last_trade: TradeId(0),
            last_price: Price(0),
            last_prevented: PreventedId(0),
            state: MarketState::Trading,
            until: Timestamp::NEVER,
        }
    }

    /// Three markets: ETHUSDT, AAAUSDT, BBBUSDT.
    pub(crate) fn market_data() -> MarketData {
        let asset = |id, symbol, scale| Asset { id: AssetId(id), symbol: Symbol::new(symbol).unwrap(), scale };
        let data = MarketData::new();
        data.load(&Image {
            sequence: Sequence(5),
            assets: vec![asset(1, "ETH", 9), asset(2, "USDT", 8)],
            markets: vec![market(1, "ETHUSDT"), market(2, "AAAUSDT"), market(3, "BBBUSDT")],
            ..Image::default()
        });
        data
    }

    /// The first of them.
    pub(crate) fn view() -> Arc<MarketView> {
        market_data().market("ETHUSDT").unwrap()
    }

    /// The other two.
    pub(crate) fn other_views() -> [Arc<MarketView>; 2] {
        ["AAAUSDT", "BBBUSDT"].map(|symbol| market_data().market(symbol).unwrap())
    }

    const NOW: Timestamp = Timestamp(1_700_000_000_123_456);
    const RAW: Form = Form { combined: false, units: TimeUnit::Millisecond };
    const COMBINED: Form = Form { combined: true, units: TimeUnit::Microsecond };

    /// The best bid and ask of [`view`], published under a name.
    pub(crate) fn ticker(name: &Arc<str>, view: &Arc<MarketView>, update_id: u64) -> Arc<Published> {
        let bid = Some(Level { price: Price(200_001), quantity: Quantity(15_000) });
        one(name, view, Content::BookTicker(BookTicker { update_id, bid, ask: None }))
    }

    /// A trade, published under a name.
    pub(crate) fn trade(name: &Arc<str>, view: &Arc<MarketView>, id: u64) -> Arc<Published> {
        let trade = PublicTrade {
            id: TradeId(id),
            market: MarketId(1),
            price: Price(200_050),
            quantity: Quantity(1),
            quote: Amount(20_005_000),
            time: Timestamp(1_700_000_000_000_999),
            taker_side: Side::Buy,
            maker_order: OrderId(1),
            taker_order: OrderId(2),
        };
        one(name, view, Content::Trade(trade))
    }

    /// An aggregate, published under a name.
    pub(crate) fn agg_trade(name: &Arc<str>, view: &Arc<MarketView>, id: u64) -> Arc<Published> {
        let trade = AggTrade {
            id: TradeId(id),
            first: TradeId(id),
            last: TradeId(id + 2),
            market: MarketId(1),
            price: Price(200_050),
            quantity: Quantity(3),
            quote: Amount(60_015_000),
            time: Timestamp(1_700_000_000_000_999),
            taker_side: Side::Sell,
        };
        one(name, view, Content::AggTrade(trade))
    }

    /// A change of a book, published under a name.
    pub(crate) fn diff(name: &Arc<str>, view: &Arc<MarketView>, id: u64) -> Arc<Published> {
        let level = |price, quantity| Level { price: Price(price), quantity: Quantity(quantity) };
        let diff = BookDiff {
            first_update_id: id,
            last_update_id: id + 2,
            time: NOW,
            bids: vec![level(200_000, 0), level(199_999, 12_345)],
            asks: vec![],
        };
        one(name, view, Content::Depth(diff))
    }

    /// A candle of a minute, published under a name.
    pub(crate) fn candle(
        name: &Arc<str>,
        view: &Arc<MarketView>,
        minute: u64,
        trades: u64,
        closed: bool,
    ) -> Arc<Published> {
        let mut candle = Candle::empty(Timestamp(1_699_999_980_000_000 + minute * 60_000_000), Price(200_050));
        (candle.trades, candle.first_trade, candle.volume) = (trades, TradeId(7), Total(12_345));
        one(name, view, Content::Kline { candle, frame: Interval::M1.into(), closed })
    }

    /// Tickers of some markets that never traded, published under a name, with this last price.
    pub(crate) fn mini_tickers(name: &Arc<str>, views: &[&Arc<MarketView>], last: i64) -> Arc<Published> {
        let payload = |view: &&Arc<MarketView>| {
            let ticker = marketdata::Ticker { last: Price(last), ..view.ticker(NOW) };
            Arc::new(Payload { view: Arc::clone(view), content: Content::MiniTicker(ticker), time: NOW })
        };
        Published::array(name, views.iter().map(payload).collect())
    }

    fn one(name: &Arc<str>, view: &Arc<MarketView>, content: Content) -> Arc<Published> {
        Published::new(name, Payload { view: Arc::clone(view), content, time: NOW })
    }

    #[test]
    fn the_shapes() {
        let view = view();
        let name: Arc<str> = "ethusdt@trade".into();
        expect![[r#"{"e":"trade","E":1700000000123,"s":"ETHUSDT","t":9,"p":"2000.50000000","q":"0.00010000","T":1700000000000,"m":false,"M":true}"#]]
            .assert_eq(&trade(&name, &view, 9).text(RAW));
        expect![[r#"{"stream":"ethusdt@trade","data":{"e":"trade","E":1700000000123456,"s":"ETHUSDT","t":9,"p":"2000.50000000","q":"0.00010000","T":1700000000000999,"m":false,"M":true}}"#]]
            .assert_eq(&trade(&name, &view, 9).text(COMBINED));
        let name: Arc<str> = "ethusdt@bookTicker".into();
        expect![[r#"{"u":7,"s":"ETHUSDT","b":"2000.01000000","B":"1.50000000","a":"0.00000000","A":"0.00000000"}"#]]
            .assert_eq(&ticker(&name, &view, 7).text(RAW));
        let name: Arc<str> = "ethusdt@depth".into();
        expect![[r#"{"stream":"ethusdt@depth","data":{"e":"depthUpdate","E":1700000000123456,"s":"ETHUSDT","U":6,"u":8,"b":[["2000.00000000","0.00000000"],["1999.99000000","1.23450000"]],"a":[]}}"#]]
            .assert_eq(&diff(&name, &view, 6).text(COMBINED));
        let name: Arc<str> = "!miniTicker@arr".into();
        expect![[r#"{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker","E":1700000000123456,"s":"ETHUSDT","c":"0.00000000","o":"0.00000000","h":"0.00000000","l":"0.00000000","v":"0.00000000","q":"0.00000000"},{"e":"24hrMiniTicker","E":1700000000123456,"s":"AAAUSDT","c":"0.00000000","o":"0.00000000","h":"0.00000000","l":"0.00000000","v":"0.00000000","q":"0.00000000"}]}"#]]
            .assert_eq(&mini_tickers(&name, &[&view, &other_views()[0]], 0).text(COMBINED));
    }

    #[test]
    fn each_form_is_written_once() {
        let message = trade(&"ethusdt@trade".into(), &view(), 1);
        for form in (0..4).map(Form::from_code) {
            let (first, second) = (message.text(form), message.text(form));
            assert!(std::ptr::eq(first.as_str(), second.as_str()), "the text is shared");
            assert_eq!(Form::from_code(form.code()), form);
        }
        assert_ne!(message.text(RAW), message.text(COMBINED));
    }

    #[test]
    fn only_a_later_state_of_the_same_stream_and_market_is_sent_instead() {
        let view = view();
        let (name, other): (Arc<str>, Arc<str>) = ("ethusdt@bookTicker".into(), "ethusdt@trade".into());
        let (first, second) = (ticker(&name, &view, 1), ticker(&name, &view, 2));
        let is_instead = |new: &Arc<Published>, old: &Published| new.instead_of(old).is_some();
        assert!(is_instead(&second, &first));
        assert!(!is_instead(&ticker(&other, &view, 2), &first));
        assert!(!is_instead(&ticker(&name, &other_views()[0], 2), &first));
        for message in [trade, agg_trade, diff] {
            assert!(!is_instead(&message(&name, &view, 2), &message(&name, &view, 1)));
            assert_eq!(message(&name, &view, 1).slot(), None);
        }
        let candle = |minute, trades, closed| candle(&name, &view, minute, trades, closed);
        assert!(is_instead(&candle(1, 2, false), &candle(1, 1, false)));
        assert!(is_instead(&candle(1, 2, true), &candle(1, 1, false)));
        assert!(!is_instead(&candle(2, 1, false), &candle(1, 1, true)));
        assert!(!is_instead(&candle(2, 1, false), &candle(1, 1, false)));
    }
}
