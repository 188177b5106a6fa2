//! `Market.StreamDepth`: the book of a market and its changes.

use std::sync::Arc;

use marketdata::{BookDiff, MarketView};
use projections::End;
use proto::stream_depth_response::Message;
use tonic::Status;

use super::get_depth::{self, MAX_LEVELS};
use crate::binance::ws::{Content, Kind};
use crate::grpc::feed::{Feed, Messages, messages};
use crate::grpc::{proto, shape, status, value};
use crate::{App, Error};

/// What a call is at.
struct Book {
    feed: Feed,
    view: Arc<MarketView>,
    levels: usize,
    /// Up to where the client knows the book; `None` before the snapshot.
    last: Option<u64>,
}

/// Begins the stream; the client's book begins with what was acknowledged before the call.
///
/// # Errors
/// Those of the market, [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    request: proto::StreamDepthRequest,
    capacity: usize,
) -> Result<Messages<proto::StreamDepthResponse>, Error> {
    let view = value::market(&app, &request.symbol)?;
    let levels = value::limit(request.levels, 1_000, MAX_LEVELS);
    app.caught_up().await?;
    // It listens before it looks, so that nothing falls in between.
    let feed = Feed::open(&app, Kind::Depth100, &[Arc::clone(&view)], capacity)?;
    Ok(messages(Book { feed, view, levels, last: None }, Book::next))
}

impl Book {
    async fn next(mut self) -> Result<(proto::StreamDepthResponse, Self), Status> {
        let Some(last) = self.last else {
            let depth = self.view.depth(self.levels);
            self.last = Some(depth.last_update_id);
            let snapshot = get_depth::shape(&self.view, &depth);
            return Ok((proto::StreamDepthResponse { message: Some(Message::Snapshot(snapshot)) }, self));
        };
        loop {
            let published = self.feed.next().await?;
            let Some((_, Content::Depth(diff))) = published.parts() else { continue };
            // The snapshot has it already.
            if diff.last_update_id <= last {
                continue;
            }
            if diff.first_update_id > last + 1 {
                return Err(status::of_end(End::Resync));
            }
            self.last = Some(diff.last_update_id);
            let change = change(&self.view, diff, last + 1);
            return Ok((proto::StreamDepthResponse { message: Some(Message::Change(change)) }, self));
        }
    }
}

fn change(view: &MarketView, diff: &BookDiff, first: u64) -> proto::DepthChange {
    proto::DepthChange {
        symbol: view.symbol().to_owned(),
        first_update_id: first,
        last_update_id: diff.last_update_id,
        time_us: diff.time.0,
        bids: shape::levels(view, &diff.bids),
        asks: shape::levels(view, &diff.asks),
    }
}
