//! Where KYC documents lie.

use std::path::PathBuf;

use confique::Config;

use super::bounds::any_or_name;
use crate::Error;
use crate::secrets::Secret;

/// KYC documents: sealed files in a folder, or in a bucket of S3 or of what speaks like it.
#[derive(Debug, Clone, Config)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Documents {
    /// The folder; without it, `documents` in the data directory.
    #[config(env = "RIALTO_DOCUMENTS_DIR")]
    pub dir: Option<PathBuf>,
    /// Name of a bucket, in the place of the folder.
    #[config(env = "RIALTO_DOCUMENTS_BUCKET")]
    pub bucket: Option<String>,
    /// Region of the bucket.
    #[config(env = "RIALTO_DOCUMENTS_REGION", default = "us-east-1")]
    pub region: String,
    /// Address of the service, if it is not Amazon's.
    #[config(env = "RIALTO_DOCUMENTS_ENDPOINT")]
    pub endpoint: Option<String>,
    /// Public part of the key.
    #[config(env = "RIALTO_DOCUMENTS_ACCESS_KEY_ID")]
    pub access_key_id: Option<String>,
    /// Secret part of the key, or the name of the secret: `secret:NAME`.
    #[config(env = "RIALTO_DOCUMENTS_SECRET_ACCESS_KEY", validate = any_or_name)]
    pub secret_access_key: Option<Secret<String>>,
}

impl Documents {
    /// The rules between these settings.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.bucket.is_some() && (self.access_key_id.is_none() || self.secret_access_key.is_none()) {
            let text = "documents.bucket needs documents.access_key_id and documents.secret_access_key";
            return Err(Error::Settings(text.to_owned()));
        }
        Ok(())
    }
}
