//! The public keys of access tokens.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::native::input::Nothing;
use crate::native::output::Ok200;
use crate::native::{Call, Problem};

/// The JSON Web Key Set (RFC 7517): the key that signs, the next one, and those whose tokens may still be about.
pub(in crate::native) async fn jwks(call: Call<(), Nothing>) -> Result<Ok200<BTreeMap<String, Value>>, Problem> {
    let keys = call.people().signing_keys.jwks(call.now_us);
    let keys = serde_json::to_value(keys.keys).map_err(Problem::internal)?;
    Ok(Ok200(BTreeMap::from([("keys".to_owned(), keys)])))
}
