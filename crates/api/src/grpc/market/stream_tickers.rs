//! `Market.StreamTickers`: the best bid and ask.

use std::sync::Arc;
use std::vec;

use marketdata::{BookTicker, MarketView};
use tonic::Status;

use crate::binance::ws::{Content, Kind};
use crate::grpc::feed::{Feed, Messages, messages};
use crate::grpc::{proto, shape, value};
use crate::{App, Error};

/// What a call is at.
struct Tickers {
    feed: Feed,
    /// Markets whose ticker as it is the client has not been told.
    first: vec::IntoIter<Arc<MarketView>>,
}

/// Begins the stream.
///
/// # Errors
/// Those of the markets, [`Error::TooManySubscriptions`], [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    request: proto::StreamTickersRequest,
    capacity: usize,
) -> Result<Messages<proto::StreamTickersResponse>, Error> {
    let views = value::markets(&app, &request.symbols)?;
    app.caught_up().await?;
    let feed = Feed::open(&app, Kind::BookTicker, &views, capacity)?;
    Ok(messages(Tickers { feed, first: views.into_iter() }, Tickers::next))
}

impl Tickers {
    async fn next(mut self) -> Result<(proto::StreamTickersResponse, Self), Status> {
        if let Some(view) = self.first.next() {
            return Ok((shape(&view, &view.book_ticker()), self));
        }
        loop {
            let published = self.feed.next().await?;
            if let Some((view, Content::BookTicker(ticker))) = published.parts() {
                return Ok((shape(view, ticker), self));
            }
        }
    }
}

fn shape(view: &MarketView, ticker: &BookTicker) -> proto::StreamTickersResponse {
    proto::StreamTickersResponse {
        symbol: view.symbol().to_owned(),
        update_id: ticker.update_id,
        bid: ticker.bid.map(|level| shape::level(view, &level)),
        ask: ticker.ask.map(|level| shape::level(view, &level)),
    }
}
