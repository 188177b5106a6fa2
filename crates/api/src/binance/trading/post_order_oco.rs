//! `POST /api/v3/order/oco`: places an OCO in its old form, which Binance has deprecated but clients still send.

use super::post_order_list;
use crate::binance::list_request::{self, ListRequest};
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Those of an OCO in its old form.
pub const PARAMETERS: &[&str] = list_request::OLD_OCO;
/// Two orders; nothing else when it succeeds.
pub const COST: Cost = Cost::change(1, 2);

/// Answers when the list is durable, with what became of its orders at once.
///
/// # Errors
/// As [`post_order_list::place`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let request = ListRequest::read_old_oco(&call.app, call.caller.account, &call.params)?;
    post_order_list::send(call, request).await
}
