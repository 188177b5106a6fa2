//! Balances, trades and live events: the methods of `rialto.v1.Account`, one a file.

mod get_balances;
mod list_trades;
mod stream_account;

use tonic::{Request, Response, Status};

use stream_account::OpenedBy;

use super::feed::Messages;
use super::{of_user, proto};
use crate::App;

/// The service over the state.
pub(super) struct Service {
    /// The state.
    pub(super) app: App,
    /// Messages that wait for a slow reader.
    pub(super) capacity: usize,
}

#[tonic::async_trait]
impl proto::account_server::Account for Service {
    type StreamAccountStream = Messages<proto::StreamAccountResponse>;

    async fn get_balances(
        &self,
        request: Request<proto::GetBalancesRequest>,
    ) -> Result<Response<proto::GetBalancesResponse>, Status> {
        of_user(&self.app, request, get_balances::handle).await
    }

    async fn list_trades(
        &self,
        request: Request<proto::ListTradesRequest>,
    ) -> Result<Response<proto::ListTradesResponse>, Status> {
        of_user(&self.app, request, list_trades::handle).await
    }

    async fn stream_account(
        &self,
        request: Request<proto::StreamAccountRequest>,
    ) -> Result<Response<Self::StreamAccountStream>, Status> {
        let (capacity, opened_by) = (self.capacity, OpenedBy::of(&request));
        of_user(&self.app, request, |app, caller, _| stream_account::handle(app, caller, opened_by, capacity)).await
    }
}
