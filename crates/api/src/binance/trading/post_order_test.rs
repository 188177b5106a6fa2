//! `POST /api/v3/order/test`: checks an order without placing it.

use crate::binance::order_request::{self, OrderRequest};
use crate::call::Caller;
use crate::{Call, Error, Reply};

/// Those of a new order.
pub const PARAMETERS: &[&str] = order_request::PARAMETERS;

/// Answers `{}` when the parameters and filters let the order through. Balances and the book are not asked.
///
/// # Errors
/// Those of the parameters, [`Error::Place`] with the filter that fails.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    OrderRequest::read(&call.app, call.caller.account, &call.params)?.check_filters()?;
    Ok(Reply::json("{}".to_owned()))
}
