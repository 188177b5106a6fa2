//! `POST /api/v3/orderList/oto`: places an order that triggers another when it is filled.

use model::ListKind;

use super::post_order_list;
use crate::binance::list_request;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Those of an OTO.
pub const PARAMETERS: &[&str] = list_request::OTO;
/// Two orders; nothing else when it succeeds.
pub const COST: Cost = Cost::change(1, 2);

/// Answers when the list is durable, with what became of its orders at once.
///
/// # Errors
/// As [`post_order_list::place`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    post_order_list::place(call, ListKind::Oto).await
}
