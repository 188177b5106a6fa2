//! Keys of services, for the operations of level Secret.

use identity::ServiceKeyInfo;
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::input::{Json, Nothing};
use crate::native::me::api_key::addresses;
use crate::native::output::{Created, Done, Ok200};
use crate::native::shapes::time;
use crate::native::{Call, Officer, Problem};

/// A key.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct ServiceKeyShape {
    /// The public part.
    key: String,
    /// Whose it is.
    name: String,
    /// What it may do.
    scopes: Vec<String>,
    /// From where; empty: from anywhere.
    addresses: Vec<String>,
    /// When it was made.
    created_at: String,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at: Option<String>,
    /// When it was used last, to about a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<String>,
}

impl From<ServiceKeyInfo> for ServiceKeyShape {
    fn from(info: ServiceKeyInfo) -> Self {
        Self {
            key: info.public,
            name: info.name,
            scopes: info.scopes,
            addresses: info.addresses.iter().map(IpNet::to_string).collect(),
            created_at: time(info.created_at_us),
            revoked_at: info.revoked_at_us.map(time),
            last_used_at: info.last_used_us.map(time),
        }
    }
}

/// The keys, revoked ones too, the newest first.
pub(in crate::native) async fn list(call: Call<Officer, Nothing>) -> Result<Ok200<Vec<ServiceKeyShape>>, Problem> {
    let keys = call.people().services.list().await?;
    Ok(Ok200(keys.into_iter().map(ServiceKeyShape::from).collect()))
}

/// A key to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct CreateServiceKey {
    /// Whose it is.
    #[schemars(length(min = 1, max = 100))]
    name: String,
    /// What it may do, such as `users:read`.
    scopes: Vec<String>,
    /// The addresses and networks that it may be used from; empty: from anywhere.
    #[serde(default)]
    addresses: Vec<String>,
}

/// A key that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct MadeServiceKey {
    /// The public part.
    key: String,
    /// What goes into `X-Service-Key`: shown now and never again.
    service_key: String,
}

/// Makes a key.
pub(in crate::native) async fn create(
    call: Call<Officer, Json<CreateServiceKey>>,
) -> Result<Created<MadeServiceKey>, Problem> {
    let Json(sent) = &call.input;
    let addresses = addresses(&sent.addresses)?;
    let made = call.people().services.create(&sent.name, &sent.scopes, &addresses, call.now_us).await?;
    Ok(Created(MadeServiceKey { key: made.public, service_key: made.text.expose().clone() }))
}

/// Revokes a key for ever.
pub(in crate::native) async fn revoke(call: Call<Officer, Nothing>) -> Result<Done, Problem> {
    let revoked = call.people().services.revoke(call.segment("key"), call.now_us).await?;
    if revoked { Ok(Done) } else { Err(Problem::not_found()) }
}
