//! `POST /sapi/v1/capital/withdraw/apply`: a withdrawal to a chain. There are none yet.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// What is asked for.
pub const PARAMETERS: &[&str] = &[
    "coin",
    "withdrawOrderId",
    "network",
    "address",
    "addressTag",
    "amount",
    "transactionFeeFlag",
    "name",
    "walletType",
];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Refuses.
///
/// # Errors
/// [`Error::Unsupported`], always.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Err(Error::Unsupported("there are no withdrawals to chains."))
}
