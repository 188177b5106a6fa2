//! `session.subscriptions`: the subscriptions of this connection.

use super::{Done, SessionCall};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &[];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    let ids: Vec<String> =
        call.connection.subscription_ids().iter().map(|id| format!("{{\"subscriptionId\":{id}}}")).collect();
    Ok(Done::new(format!("[{}]", ids.join(","))))
}
