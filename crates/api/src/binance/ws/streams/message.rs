//! A message of a market stream: one for all subscribers, written once for each form that any of them asked for.

use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use marketdata::{BookDiff, BookTicker, Level, MarketView, PublicTrade};
use model::{Side, Timestamp, decimal};

use crate::binance::TimeUnit;
use crate::json::MIN_DECIMALS;

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

/// What a message says.
#[derive(Debug)]
pub(crate) enum Content {
    /// Levels that changed.
    Depth(BookDiff),
    /// A trade.
    Trade(PublicTrade),
    /// The best bid and ask.
    BookTicker(BookTicker),
}

/// A message of a market stream.
#[derive(Debug)]
pub(crate) struct Published {
    stream: Arc<str>,
    view: Arc<MarketView>,
    content: Content,
    /// When it was published.
    time: Timestamp,
    texts: [OnceLock<Utf8Bytes>; Form::COUNT],
}

impl Published {
    /// A message of the stream with this name, about this market.
    pub(crate) fn new(stream: &Arc<str>, view: &Arc<MarketView>, content: Content, time: Timestamp) -> Arc<Self> {
        let texts = Default::default();
        Arc::new(Self { stream: Arc::clone(stream), view: Arc::clone(view), content, time, texts })
    }

    /// What it says, and of which market; `None` of a message about several, which a reader of single ones passes over.
    pub(crate) fn parts(&self) -> Option<(&MarketView, &Content)> {
        Some((&self.view, &self.content))
    }

    /// Whether the message shows a whole state, so that a later one makes it worthless.
    pub(crate) const fn is_state(&self) -> bool {
        matches!(self.content, Content::BookTicker(_))
    }

    /// Whether `earlier` is worth nothing beside this message.
    pub(crate) fn supersedes(&self, earlier: &Self) -> bool {
        self.is_state() && Arc::ptr_eq(&self.stream, &earlier.stream)
    }

    /// The message in one form. Whoever asks first writes it; the others share the text.
    pub(crate) fn text(&self, form: Form) -> Utf8Bytes {
        let write = || {
            let mut out = String::with_capacity(256);
            if form.combined {
                let _ = write!(out, "{{\"stream\":\"{}\",\"data\":", self.stream);
            }
            self.write_payload(&mut out, form.units);
            if form.combined {
                out.push('}');
            }
            Utf8Bytes::from(out)
        };
        self.texts.get(usize::from(form.code())).map_or_else(write, |text| text.get_or_init(write).clone())
    }

    /// Writes the payload. Fields and their order are those of the Binance page "WebSocket Streams"; every text in it is a number
    /// or a symbol, so nothing needs escaping. Writing to a `String` cannot fail.
    fn write_payload(&self, out: &mut String, units: TimeUnit) {
        let symbol = self.view.symbol();
        let time = units.show(self.time);
        match &self.content {
            Content::Depth(diff) => {
                let (first, last) = (diff.first_update_id, diff.last_update_id);
                let _ = write!(
                    out,
                    "{{\"e\":\"depthUpdate\",\"E\":{time},\"s\":\"{symbol}\",\"U\":{first},\"u\":{last},\"b\":"
                );
                self.write_levels(out, &diff.bids);
                out.push_str(",\"a\":");
                self.write_levels(out, &diff.asks);
                out.push('}');
            }
            Content::Trade(trade) => {
                let _ = write!(out, "{{\"e\":\"trade\",\"E\":{time},\"s\":\"{symbol}\",\"t\":{},\"p\":\"", trade.id);
                self.write_price(out, trade.price.0);
                out.push_str("\",\"q\":\"");
                self.write_quantity(out, trade.quantity.0);
                let buyer_is_maker = trade.taker_side == Side::Sell;
                let _ = write!(out, "\",\"T\":{},\"m\":{buyer_is_maker},\"M\":true}}", units.show(trade.time));
            }
            Content::BookTicker(ticker) => {
                let _ = write!(out, "{{\"u\":{},\"s\":\"{symbol}\",\"b\":\"", ticker.update_id);
                // An empty side is shown as zeros.
                let empty = Level { price: model::Price::ZERO, quantity: model::Quantity::ZERO };
                let (bid, ask) = (ticker.bid.unwrap_or(empty), ticker.ask.unwrap_or(empty));
                self.write_price(out, bid.price.0);
                out.push_str("\",\"B\":\"");
                self.write_quantity(out, bid.quantity.0);
                out.push_str("\",\"a\":\"");
                self.write_price(out, ask.price.0);
                out.push_str("\",\"A\":\"");
                self.write_quantity(out, ask.quantity.0);
                out.push_str("\"}");
            }
        }
    }

    fn write_levels(&self, out: &mut String, levels: &[Level]) {
        out.push('[');
        for (index, level) in levels.iter().enumerate() {
            out.push_str(if index == 0 { "[\"" } else { ",[\"" });
            self.write_price(out, level.price.0);
            out.push_str("\",\"");
            self.write_quantity(out, level.quantity.0);
            out.push_str("\"]");
        }
        out.push(']');
    }

    fn write_price(&self, out: &mut String, units: i64) {
        decimal::write(out, units, self.view.market.price_decimals, MIN_DECIMALS);
    }

    fn write_quantity(&self, out: &mut String, units: i64) {
        decimal::write(out, units, self.view.market.quantity_decimals, MIN_DECIMALS);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;

    use expect_test::expect;
    use marketdata::{BookDiff, BookTicker, Level, MarketData, MarketView, PublicTrade};
    use model::{
        Amount, Asset, AssetId, Filters, Image, Market, MarketId, MarketImage, MarketState, OrderId, PreventedId,
        Price, Quantity, Sequence, Side, Symbol, Timestamp, TradeId, Volatility,
    };

    use super::{Content, Form, Published};
    use crate::binance::TimeUnit;

    /// One market: ETHUSDT.
    pub(crate) fn market_data() -> MarketData {
        let asset = |id, symbol, scale| Asset { id: AssetId(id), symbol: Symbol::new(symbol).unwrap(), scale };
        let market = Market {
            id: MarketId(1),
            symbol: Symbol::new("ETHUSDT").unwrap(),
            base: AssetId(1),
            quote: AssetId(2),
            price_decimals: 2,
            quantity_decimals: 4,
            filters: Filters::WIDE,
            fees: None,
            volatility: Volatility::OFF,
        };
        let data = MarketData::new();
        data.load(&Image {
            sequence: Sequence(5),
            assets: vec![asset(1, "ETH", 9), asset(2, "USDT", 8)],
            markets: vec![MarketImage {
                market,
                last_trade: TradeId(0),
                last_price: Price(0),
                last_prevented: PreventedId(0),
                state: MarketState::Trading,
                until: Timestamp::NEVER,
            }],
            ..Image::default()
        });
        data
    }

    /// That market.
    pub(crate) fn view() -> Arc<MarketView> {
        market_data().market("ETHUSDT").unwrap()
    }

    const NOW: Timestamp = Timestamp(1_700_000_000_123_456);
    const RAW: Form = Form { combined: false, units: TimeUnit::Millisecond };
    const COMBINED: Form = Form { combined: true, units: TimeUnit::Microsecond };

    /// The best bid and ask of [`view`], published under a name.
    pub(crate) fn ticker(name: &Arc<str>, view: &Arc<MarketView>, update_id: u64) -> Arc<Published> {
        let bid = Some(Level { price: Price(200_001), quantity: Quantity(15_000) });
        Published::new(name, view, Content::BookTicker(BookTicker { update_id, bid, ask: None }), NOW)
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
        Published::new(name, view, Content::Trade(trade), NOW)
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
        let level = |price, quantity| Level { price: Price(price), quantity: Quantity(quantity) };
        let diff = BookDiff {
            first_update_id: 6,
            last_update_id: 8,
            time: NOW,
            bids: vec![level(200_000, 0), level(199_999, 12_345)],
            asks: vec![],
        };
        expect![[r#"{"stream":"ethusdt@depth","data":{"e":"depthUpdate","E":1700000000123456,"s":"ETHUSDT","U":6,"u":8,"b":[["2000.00000000","0.00000000"],["1999.99000000","1.23450000"]],"a":[]}}"#]]
            .assert_eq(&Published::new(&name, &view, Content::Depth(diff), NOW).text(COMBINED));
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
    fn only_a_later_ticker_of_the_same_stream_supersedes() {
        let view = view();
        let (name, other): (Arc<str>, Arc<str>) = ("ethusdt@bookTicker".into(), "ethusdt@trade".into());
        let (first, second) = (ticker(&name, &view, 1), ticker(&name, &view, 2));
        assert!(second.supersedes(&first));
        assert!(!trade(&other, &view, 2).supersedes(&trade(&other, &view, 1)));
        assert!(!second.supersedes(&ticker(&other, &view, 1)));
    }
}
