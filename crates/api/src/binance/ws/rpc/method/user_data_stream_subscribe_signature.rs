//! `userDataStream.subscribe.signature`: the events of the account whose key signed the request.

use super::{Done, SessionCall};
use crate::{Caller, Error};

pub(super) const PARAMETERS: &[&str] = &[];

pub(super) async fn handle(call: SessionCall, caller: Caller) -> Result<Done, Error> {
    let (id, started) = call.connection.subscribe(caller.account, false)?;
    Ok(Done { result: format!("{{\"subscriptionId\":{id}}}"), queued: Some(started) })
}
