//! `session.logout`: forgets the key of the connection, and ends the subscription that was made with it.

use super::{Done, SessionCall};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &[];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    call.connection.log_out();
    Ok(Done::new(call.connection.status()))
}
