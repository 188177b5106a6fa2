//! `session.logon`: requests that follow may leave out key and signature.

use std::sync::Arc;

use identity::ApiKey;

use super::{Done, SessionCall};
use crate::{Cost, Error};

pub(super) const PARAMETERS: &[&str] = &[];
pub(super) const COST: Cost = Cost::weight(2);

pub(super) async fn handle(call: SessionCall, key: Arc<ApiKey>) -> Result<Done, Error> {
    call.connection.session.log_on(key.key(), call.connection.app.now());
    Ok(Done::new(call.connection.status()))
}
