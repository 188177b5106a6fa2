//! `session.status`: whose key the connection is logged on with.

use super::{Done, SessionCall};
use crate::Error;

pub(super) const PARAMETERS: &[&str] = &[];

pub(super) async fn handle(call: SessionCall) -> Result<Done, Error> {
    Ok(Done::new(call.connection.status()))
}
