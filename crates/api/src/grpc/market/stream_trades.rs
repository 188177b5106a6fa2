//! `Market.StreamTrades`: every trade from now on.

use marketdata::{MarketView, PublicTrade};
use model::Side;
use tonic::Status;

use crate::binance::ws::{Content, Kind};
use crate::grpc::feed::{Feed, Messages, messages};
use crate::grpc::{proto, shape, value};
use crate::{App, Error};

/// Begins the stream.
///
/// # Errors
/// Those of the markets, [`Error::TooManySubscriptions`].
pub(super) async fn handle(
    app: App,
    request: proto::StreamTradesRequest,
    capacity: usize,
) -> Result<Messages<proto::StreamTradesResponse>, Error> {
    let views = value::markets(&app, &request.symbols)?;
    Ok(messages(Feed::open(&app, Kind::Trade, &views, capacity)?, next))
}

async fn next(mut feed: Feed) -> Result<(proto::StreamTradesResponse, Feed), Status> {
    loop {
        let published = feed.next().await?;
        if let Some((view, Content::Trade(trade))) = published.parts() {
            return Ok((shape(view, trade), feed));
        }
    }
}

fn shape(view: &MarketView, trade: &PublicTrade) -> proto::StreamTradesResponse {
    proto::StreamTradesResponse {
        symbol: view.symbol().to_owned(),
        trade_id: trade.id.0,
        price: shape::number(trade.price.0, view.market.price_decimals),
        quantity: shape::number(trade.quantity.0, view.market.quantity_decimals),
        quote: shape::number(trade.quote.0, view.quote.scale),
        time_us: trade.time.0,
        is_buyer_maker: trade.taker_side == Side::Sell,
    }
}
