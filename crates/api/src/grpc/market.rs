//! Public market data: the methods of `rialto.v1.Market`, one a file.

mod get_depth;
mod get_exchange_info;
mod stream_candles;
mod stream_depth;
mod stream_tickers;
mod stream_trades;

use tonic::{Request, Response, Status};

use super::feed::Messages;
use super::{of_anybody, proto};
use crate::App;

/// The service over the state.
pub(super) struct Service {
    /// The state.
    pub(super) app: App,
    /// Messages that wait for a slow reader.
    pub(super) capacity: usize,
}

#[tonic::async_trait]
impl proto::market_server::Market for Service {
    type StreamDepthStream = Messages<proto::StreamDepthResponse>;
    type StreamTradesStream = Messages<proto::StreamTradesResponse>;
    type StreamTickersStream = Messages<proto::StreamTickersResponse>;
    type StreamCandlesStream = Messages<proto::StreamCandlesResponse>;

    async fn get_exchange_info(
        &self,
        request: Request<proto::GetExchangeInfoRequest>,
    ) -> Result<Response<proto::GetExchangeInfoResponse>, Status> {
        of_anybody(&self.app, request, get_exchange_info::handle).await
    }

    async fn get_depth(
        &self,
        request: Request<proto::GetDepthRequest>,
    ) -> Result<Response<proto::GetDepthResponse>, Status> {
        of_anybody(&self.app, request, get_depth::handle).await
    }

    async fn stream_depth(
        &self,
        request: Request<proto::StreamDepthRequest>,
    ) -> Result<Response<Self::StreamDepthStream>, Status> {
        of_anybody(&self.app, request, |app, request| stream_depth::handle(app, request, self.capacity)).await
    }

    async fn stream_trades(
        &self,
        request: Request<proto::StreamTradesRequest>,
    ) -> Result<Response<Self::StreamTradesStream>, Status> {
        of_anybody(&self.app, request, |app, request| stream_trades::handle(app, request, self.capacity)).await
    }

    async fn stream_tickers(
        &self,
        request: Request<proto::StreamTickersRequest>,
    ) -> Result<Response<Self::StreamTickersStream>, Status> {
        of_anybody(&self.app, request, |app, request| stream_tickers::handle(app, request, self.capacity)).await
    }

    async fn stream_candles(
        &self,
        request: Request<proto::StreamCandlesRequest>,
    ) -> Result<Response<Self::StreamCandlesStream>, Status> {
        of_anybody(&self.app, request, stream_candles::handle).await
    }
}
