//! `userDataStream.unsubscribe`: ends one subscription of this connection, or all.

use super::{Done, SessionCall};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &["subscriptionId"];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    let id = match call.params.integer("subscriptionId")? {
        // A number that no subscription can have is that of none.
        Some(id) => Some(u32::try_from(id).map_err(|_| Error::SubscriptionInactive)?),
        None => None,
    };
    call.connection.unsubscribe(id)?;
    Ok(Done::new("{}".to_owned()))
}
