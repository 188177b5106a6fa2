//! The shapes of messages that come at a pace: candles, tickers, averages. Decimals are texts, ids of no trade are -1.

use marketdata::{Average, BookTicker, Frame, Level, MarketView, Ticker as Figures};
use model::TradeId;
use serde::Serialize;

use super::name::Window;
use crate::binance::{TimeUnit, orders};
use crate::json::{Decimal, MIN_DECIMALS};

/// Percentages are shown with three decimals.
const PERCENT_DECIMALS: u8 = 3;
/// The span of the average price, as its event names it.
const AVERAGE_SPAN: &str = "5m";

fn volume(view: &MarketView, figures: &Figures) -> [Decimal; 2] {
    [
        Decimal::wide(figures.volume.0, view.market.quantity_decimals),
        Decimal::wide(figures.quote_volume.0, view.quote.scale),
    ]
}

/// The change, the change in percent, and the average weighted by quantity.
fn change(view: &MarketView, figures: &Figures) -> [Decimal; 3] {
    let average = view.weighted_average(figures.quote_volume, figures.volume, MIN_DECIMALS);
    [
        Decimal::new(figures.change(), view.market.price_decimals),
        Decimal::at_least(figures.change_percent(), PERCENT_DECIMALS, PERCENT_DECIMALS),
        Decimal::wide(average.0, MIN_DECIMALS),
    ]
}

/// Decimals of the average price.
pub(super) fn average_decimals(view: &MarketView) -> u8 {
    view.market.price_decimals.max(MIN_DECIMALS)
}

fn id(id: Option<TradeId>) -> i64 {
    id.and_then(|id| i64::try_from(id.0).ok()).unwrap_or(-1)
}

fn level(view: &MarketView, level: Option<Level>) -> [Decimal; 2] {
    match level {
        Some(level) => [orders::price(view, level.price), orders::quantity(view, level.quantity)],
        None => [Decimal::new(0, MIN_DECIMALS); 2],
    }
}

/// `<symbol>@kline_<interval>`
#[derive(Debug, Serialize)]
pub(super) struct Kline<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    k: Candle<'a>,
}

#[derive(Debug, Serialize)]
struct Candle<'a> {
    t: u64,
    #[serde(rename = "T")]
    close_time: u64,
    s: &'a str,
    i: &'static str,
    f: i64,
    #[serde(rename = "L")]
    last_id: i64,
    o: Decimal,
    c: Decimal,
    h: Decimal,
    l: Decimal,
    v: Decimal,
    n: u64,
    x: bool,
    q: Decimal,
    #[serde(rename = "V")]
    taker_volume: Decimal,
    #[serde(rename = "Q")]
    taker_quote: Decimal,
    #[serde(rename = "B")]
    ignore: &'static str,
}

impl<'a> Kline<'a> {
    pub(super) fn new(
        view: &'a MarketView,
        candle: &marketdata::Candle,
        frame: Frame,
        closed: bool,
        time: u64,
        units: TimeUnit,
    ) -> Self {
        let (base, quote) = (view.market.quantity_decimals, view.quote.scale);
        let first = (candle.trades > 0).then_some(candle.first_trade);
        let last = first.map(|first| TradeId(first.0 + candle.trades - 1));
        let k = Candle {
            t: units.show(candle.open_time),
            close_time: units.show_last_before(frame.next(candle.open_time)),
            s: view.symbol(),
            i: frame.interval.as_str(),
            f: id(first),
            last_id: id(last),
            o: orders::price(view, candle.open),
            c: orders::price(view, candle.close),
            h: orders::price(view, candle.high),
            l: orders::price(view, candle.low),
            v: Decimal::wide(candle.volume.0, base),
            n: candle.trades,
            x: closed,
            q: Decimal::wide(candle.quote_volume.0, quote),
            taker_volume: Decimal::wide(candle.taker_buy_volume.0, base),
            taker_quote: Decimal::wide(candle.taker_buy_quote.0, quote),
            ignore: "0",
        };
        Self { e: "kline", event_time: time, s: view.symbol(), k }
    }
}

/// `<symbol>@miniTicker`
#[derive(Debug, Serialize)]
pub(super) struct MiniTicker<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    c: Decimal,
    o: Decimal,
    h: Decimal,
    l: Decimal,
    v: Decimal,
    q: Decimal,
}

impl<'a> MiniTicker<'a> {
    pub(super) fn new(view: &'a MarketView, figures: &Figures, time: u64) -> Self {
        let [v, q] = volume(view, figures);
        Self {
            e: "24hrMiniTicker",
            event_time: time,
            s: view.symbol(),
            c: orders::price(view, figures.last),
            o: orders::price(view, figures.open),
            h: orders::price(view, figures.high),
            l: orders::price(view, figures.low),
            v,
            q,
        }
    }
}

/// `<symbol>@ticker`
#[derive(Debug, Serialize)]
pub(super) struct Ticker<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    p: Decimal,
    #[serde(rename = "P")]
    percent: Decimal,
    w: Decimal,
    x: Decimal,
    c: Decimal,
    #[serde(rename = "Q")]
    last_quantity: Decimal,
    b: Decimal,
    #[serde(rename = "B")]
    bid_quantity: Decimal,
    a: Decimal,
    #[serde(rename = "A")]
    ask_quantity: Decimal,
    o: Decimal,
    h: Decimal,
    l: Decimal,
    v: Decimal,
    q: Decimal,
    #[serde(rename = "O")]
    open_time: u64,
    #[serde(rename = "C")]
    close_time: u64,
    #[serde(rename = "F")]
    first_id: i64,
    #[serde(rename = "L")]
    last_id: i64,
    n: u64,
}

impl<'a> Ticker<'a> {
    pub(super) fn new(view: &'a MarketView, figures: &Figures, book: &BookTicker, time: u64, units: TimeUnit) -> Self {
        let ([p, percent, w], [v, q]) = (change(view, figures), volume(view, figures));
        let ([b, bid_quantity], [a, ask_quantity]) = (level(view, book.bid), level(view, book.ask));
        Self {
            e: "24hrTicker",
            event_time: time,
            s: view.symbol(),
            p,
            percent,
            w,
            x: orders::price(view, figures.previous_close),
            c: orders::price(view, figures.last),
            last_quantity: orders::quantity(view, figures.last_quantity),
            b,
            bid_quantity,
            a,
            ask_quantity,
            o: orders::price(view, figures.open),
            h: orders::price(view, figures.high),
            l: orders::price(view, figures.low),
            v,
            q,
            open_time: units.show(figures.open_time),
            close_time: units.show(figures.close_time),
            first_id: id(figures.first_id),
            last_id: id(figures.last_id),
            n: figures.count,
        }
    }
}

/// `<symbol>@ticker_<window>`
#[derive(Debug, Serialize)]
pub(super) struct WindowTicker<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    p: Decimal,
    #[serde(rename = "P")]
    percent: Decimal,
    o: Decimal,
    h: Decimal,
    l: Decimal,
    c: Decimal,
    w: Decimal,
    v: Decimal,
    q: Decimal,
    #[serde(rename = "O")]
    open_time: u64,
    #[serde(rename = "C")]
    close_time: u64,
    #[serde(rename = "F")]
    first_id: i64,
    #[serde(rename = "L")]
    last_id: i64,
    n: u64,
}

impl<'a> WindowTicker<'a> {
    pub(super) fn new(view: &'a MarketView, window: Window, figures: &Figures, time: u64, units: TimeUnit) -> Self {
        let ([p, percent, w], [v, q]) = (change(view, figures), volume(view, figures));
        Self {
            e: window.event(),
            event_time: time,
            s: view.symbol(),
            p,
            percent,
            o: orders::price(view, figures.open),
            h: orders::price(view, figures.high),
            l: orders::price(view, figures.low),
            c: orders::price(view, figures.last),
            w,
            v,
            q,
            open_time: units.show(figures.open_time),
            close_time: units.show(figures.close_time),
            first_id: id(figures.first_id),
            last_id: id(figures.last_id),
            n: figures.count,
        }
    }
}

/// `<symbol>@avgPrice`
#[derive(Debug, Serialize)]
pub(super) struct AvgPrice<'a> {
    e: &'static str,
    #[serde(rename = "E")]
    event_time: u64,
    s: &'a str,
    i: &'static str,
    w: Decimal,
    #[serde(rename = "T")]
    trade_time: u64,
}

impl<'a> AvgPrice<'a> {
    pub(super) fn new(view: &'a MarketView, average: &Average, time: u64, units: TimeUnit) -> Self {
        let decimals = average_decimals(view);
        Self {
            e: "avgPrice",
            event_time: time,
            s: view.symbol(),
            i: AVERAGE_SPAN,
            w: Decimal::wide(average.price.0, decimals),
            trade_time: units.show(average.close_time),
        }
    }
}
