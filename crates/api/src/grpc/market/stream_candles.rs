//! `Market.StreamCandles`: the running candle, and each that is over.
//!
//! There is no buffer: the candles are looked up when the client can take one, so a slow reader gets fewer states of the running
//! candle, but each that is over.

use std::collections::VecDeque;
use std::time::Duration;

use marketdata::{Candle, Interval, MarketView};
use model::Timestamp;
use tokio::time::{self, MissedTickBehavior};
use tonic::Status;

use crate::grpc::feed::{Messages, messages};
use crate::grpc::{proto, shape, value};
use crate::{App, Error};

/// How often the running candle is looked at.
const PACE: Duration = Duration::from_secs(1);
/// Most candles that are looked up at once.
const MAX_AT_ONCE: usize = 100;

/// What a call is at.
struct Candles {
    app: App,
    symbol: String,
    interval: Interval,
    ticks: time::Interval,
    /// The last one that the client was told, and whether it was over.
    last: Option<(Candle, bool)>,
    waiting: VecDeque<proto::StreamCandlesResponse>,
}

/// Begins the stream, with the running candle.
///
/// # Errors
/// Those of the market, [`Error::InvalidInterval`], [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    request: proto::StreamCandlesRequest,
) -> Result<Messages<proto::StreamCandlesResponse>, Error> {
    value::market(&app, &request.symbol)?;
    let interval = Interval::parse(&request.interval).ok_or(Error::InvalidInterval)?;
    app.caught_up().await?;
    let mut ticks = time::interval(PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let candles = Candles { app, symbol: request.symbol, interval, ticks, last: None, waiting: VecDeque::new() };
    Ok(messages(candles, Candles::next))
}

impl Candles {
    async fn next(mut self) -> Result<(proto::StreamCandlesResponse, Self), Status> {
        loop {
            if let Some(candle) = self.waiting.pop_front() {
                return Ok((candle, self));
            }
            self.ticks.tick().await;
            self.look();
        }
    }

    /// Takes up what has changed since the last look.
    fn look(&mut self) {
        let Some(view) = self.app.market_data.market(&self.symbol) else { return };
        let now = self.app.now();
        let found = match &self.last {
            None => view.candles(self.interval, None, None, 1, now),
            Some((last, _)) => view.candles(self.interval, Some(last.open_time), None, MAX_AT_ONCE, now),
        };
        for candle in found {
            let end = self.interval.next(candle.open_time);
            let told = (candle, end <= now);
            if self.last != Some(told) {
                self.last = Some(told);
                self.waiting.push_back(self.shape(&view, &candle, end, told.1));
            }
        }
    }

    fn shape(
        &self,
        view: &MarketView,
        candle: &Candle,
        end: Timestamp,
        is_closed: bool,
    ) -> proto::StreamCandlesResponse {
        let price = |price: model::Price| shape::number(price.0, view.market.price_decimals);
        proto::StreamCandlesResponse {
            symbol: self.symbol.clone(),
            interval: self.interval.as_str().to_owned(),
            open_us: candle.open_time.0,
            end_us: end.0,
            open: price(candle.open),
            high: price(candle.high),
            low: price(candle.low),
            close: price(candle.close),
            volume: candle.volume.format(view.market.quantity_decimals, 0),
            quote_volume: candle.quote_volume.format(view.quote.scale, 0),
            trades: candle.trades,
            is_closed,
        }
    }
}
