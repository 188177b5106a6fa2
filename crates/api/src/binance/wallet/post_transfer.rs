//! `POST /sapi/v1/asset/transfer`: a transfer between the wallets of an account. There is one wallet.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// What is asked for.
pub const PARAMETERS: &[&str] = &["type", "asset", "amount", "fromSymbol", "toSymbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Refuses.
///
/// # Errors
/// [`Error::Unsupported`], always.
pub async fn handle(_call: Call<Caller>) -> Result<Reply, Error> {
    Err(Error::Unsupported("an account has one wallet, for spot trading."))
}
