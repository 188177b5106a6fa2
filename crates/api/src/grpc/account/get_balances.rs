//! `Account.GetBalances`: what the account has.

use crate::grpc::{proto, shape};
use crate::{App, Caller, Error};

/// Answers with the balances after everything that was acknowledged before the call.
///
/// # Errors
/// [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::GetBalancesRequest,
) -> Result<proto::GetBalancesResponse, Error> {
    app.caught_up().await?;
    Ok(proto::GetBalancesResponse { balances: shape::balances(&app, caller.account, request.include_zero) })
}
