//! `GET /sapi/v1/asset/transfer`: transfers between the wallets of an account. There is one wallet, so there are none.

use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// A filter on a list that is empty.
pub const PARAMETERS: &[&str] = &["type", "startTime", "endTime", "current", "size", "fromSymbol", "toSymbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers with an empty list.
///
/// # Errors
/// Those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    call.params.times()?;
    Ok(Reply::json("{\"total\":0,\"rows\":[]}".to_owned()))
}
