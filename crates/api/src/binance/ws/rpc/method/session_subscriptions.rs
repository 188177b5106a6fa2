//! `session.subscriptions`: the subscriptions of this connection.

use super::{Done, SessionCall};
use crate::Error;

pub(super) const PARAMETERS: &[&str] = &[];

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    let ids: Vec<String> =
        call.connection.subscription_ids().iter().map(|id| format!("{{\"subscriptionId\":{id}}}")).collect();
    Ok(Done::new(format!("[{}]", ids.join(","))))
}
