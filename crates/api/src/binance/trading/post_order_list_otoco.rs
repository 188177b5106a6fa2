//! `POST /api/v3/orderList/otoco`: places an order that triggers an OCO pair when it is filled.

use model::ListKind;

use super::post_order_list;
use crate::binance::list_request;
use crate::call::Caller;
use crate::{Call, Cost, Error, Reply};

/// Those of an OTOCO.
pub const PARAMETERS: &[&str] = list_request::OTOCO;
/// Three orders; nothing else when it succeeds.
pub const COST: Cost = Cost::change(1, 3);

/// Answers when the list is durable, with what became of its orders at once.
///
/// # Errors
/// As [`post_order_list::place`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    post_order_list::place(call, ListKind::Otoco).await
}
