//! `userDataStream.subscribe.signature`: the events of the account whose key signed the request.

use super::{Done, SessionCall, Signer};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &[];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall, signer: Signer) -> Result<Done, Error> {
    let (id, started) = call.connection.subscribe(signer.caller.account, signer.key.key(), false)?;
    Ok(Done { result: format!("{{\"subscriptionId\":{id}}}"), queued: Some(started) })
}
