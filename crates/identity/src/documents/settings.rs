//! Where files lie: a folder, or a bucket of S3 or of what speaks like it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::client::{ClientOptions, HttpClient, HttpConnector};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, RetryConfig};
use runtime::secrets::Secret;

use super::DocumentError;

/// How long one request to S3 may take, and all its repetitions together.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// A store of files.
#[derive(Debug, Clone)]
pub struct DocumentStore(pub(super) Arc<dyn ObjectStore>);

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3Store {
    /// Its name.
    pub bucket: String,
    /// Its region.
    pub region: String,
    /// The address of the service; `None` for that of Amazon. An address with `http://` is taken as well.
    pub endpoint: Option<String>,
    /// The public part of the key.
    pub access_key_id: String,
    /// The secret part of the key.
    pub secret_access_key: Secret<String>,
}

/// Opens a bucket, or a folder when there is none, which is made when it is not there.
///
/// # Errors
/// [`DocumentError::Settings`] with what is wrong.
pub fn open_store(folder: &Path, bucket: Option<&S3Store>) -> Result<DocumentStore, DocumentError> {
    let wrong = |error: String| DocumentError::Settings(format!("the store of documents cannot be opened: {error}"));
    let Some(s3) = bucket else {
        std::fs::create_dir_all(folder).map_err(|error| wrong(format!("{}: {error}", folder.display())))?;
        let local = LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
        // A document that was taken survives a loss of power, and so must its file.
        return Ok(DocumentStore(Arc::new(local.with_fsync(true))));
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&s3.bucket)
        .with_region(&s3.region)
        .with_access_key_id(&s3.access_key_id)
        .with_secret_access_key(s3.secret_access_key.expose())
        .with_http_connector(Connector)
        .with_retry(RetryConfig { max_retries: 3, retry_timeout: REQUEST_TIMEOUT, ..RetryConfig::default() });
    if let Some(endpoint) = &s3.endpoint {
        builder = builder.with_endpoint(endpoint).with_allow_http(endpoint.starts_with("http://"));
    }
    let store = builder.build().map_err(|error| wrong(error.to_string()))?;
    Ok(DocumentStore(Arc::new(store)))
}

/// Requests go through the project's own HTTP client, which has the TLS that everything else has.
#[derive(Debug)]
struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = runtime::http::client(REQUEST_TIMEOUT)
            .map_err(|error| object_store::Error::Generic { store: "S3", source: Box::new(error) })?;
        Ok(HttpClient::new(client))
    }
}
