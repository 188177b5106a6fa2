//! What a client in Rust needs beside the generated stubs: signed requests.
//!
//! ```no_run
//! use api::grpc::client::Credentials;
//! use api::grpc::proto::{GetBalancesRequest, account_client::AccountClient};
//!
//! # async fn example(channel: tonic::transport::Channel) -> Result<(), tonic::Status> {
//! let credentials = Credentials::new("the key", "its secret");
//! let now_us = 1_700_000_000_000_000; // the time of day
//! let request = credentials.sign("/rialto.v1.Account/GetBalances", GetBalancesRequest { include_zero: false }, now_us);
//! let balances = AccountClient::new(channel).get_balances(request).await?.into_inner();
//! # Ok(())
//! # }
//! ```

use prost::Message;
use ring::hmac;
use tonic::Request;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

use super::signature::{self, KEY, SIGNATURE, TIMESTAMP};

/// An API key and its secret.
#[derive(Clone)]
pub struct Credentials {
    key: String,
    signing: hmac::Key,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("key", &self.key).finish_non_exhaustive()
    }
}

impl Credentials {
    /// As the exchange gave them out.
    pub fn new(key: &str, secret: &str) -> Self {
        Self { key: key.to_owned(), signing: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) }
    }

    /// The HMAC-SHA256 of a payload, in hexadecimal.
    pub fn signature(&self, payload: &str) -> String {
        hmac::sign(&self.signing, payload.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A request to the method of this path (`/rialto.v1.Trading/PlaceOrder`), signed for a time in microseconds since 1970.
    ///
    /// The message is serialized once here and once more on its way; both give the same bytes, because the messages of this
    /// contract have no maps.
    pub fn sign<M: Message>(&self, path: &str, message: M, now_us: u64) -> Request<M> {
        let timestamp = now_us.to_string();
        let payload = signature::payload(&timestamp, path, &message.encode_to_vec(), None);
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        insert(metadata, KEY, &self.key);
        insert(metadata, TIMESTAMP, &timestamp);
        insert(metadata, SIGNATURE, &self.signature(&payload));
        request
    }
}

/// A key that is no text of a header is left out; the exchange then says so.
fn insert(metadata: &mut MetadataMap, name: &'static str, value: &str) {
    if let Ok(value) = AsciiMetadataValue::try_from(value) {
        metadata.insert(name, value);
    }
}
