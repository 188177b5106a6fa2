//! `userDataStream.subscribe`: the events of the account whose key the connection is logged on with.

use super::{Done, SessionCall};
use crate::{Caller, Error};

pub(super) const PARAMETERS: &[&str] = &[];

pub(super) async fn handle(call: SessionCall, caller: Caller) -> Result<Done, Error> {
    let (id, started) = call.connection.subscribe(caller.account, true)?;
    Ok(Done { result: format!("{{\"subscriptionId\":{id}}}"), queued: Some(started) })
}
