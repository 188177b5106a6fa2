//! `Market.GetDepth`: the book of a market.

use marketdata::{Depth, MarketView};

use crate::grpc::{proto, shape, value};
use crate::{App, Error};

/// Most levels of each side.
pub(super) const MAX_LEVELS: usize = 5_000;

/// Answers with the book as it is after everything that was acknowledged before the call.
///
/// # Errors
/// Those of the market, [`Error::Behind`].
pub(super) async fn handle(app: App, request: proto::GetDepthRequest) -> Result<proto::GetDepthResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    app.caught_up().await?;
    let depth = view.depth(value::limit(request.levels, 100, MAX_LEVELS));
    Ok(proto::GetDepthResponse { depth: Some(shape(&view, &depth)) })
}

/// A book.
pub(super) fn shape(view: &MarketView, depth: &Depth) -> proto::Depth {
    proto::Depth {
        symbol: view.symbol().to_owned(),
        last_update_id: depth.last_update_id,
        bids: shape::levels(view, &depth.bids),
        asks: shape::levels(view, &depth.asks),
    }
}
