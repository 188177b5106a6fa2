//! `session.status`: whose key the connection is logged on with.

use super::{Done, SessionCall};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &[];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    Ok(Done::new(call.connection.status()))
}
