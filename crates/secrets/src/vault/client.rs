//! The client of Vault's API: nothing of it comes from the environment, and TLS is ours.

use std::path::Path;
use std::sync::Arc;

use reqwest::redirect;
use runtime::config;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use vaultrs::api::EndpointMiddleware;
use vaultrs::client::{VaultClient, VaultClientSettings};

use crate::Error;

/// A client without a token. The library's own constructor reads variables of the environment, and takes its TLS from elsewhere.
pub(super) fn client(settings: &config::Vault) -> Result<VaultClient, Error> {
    let unusable = |what: &str| Error::Settings(format!("secrets.vault.{what}"));
    let address = settings.address.as_deref().ok_or_else(|| unusable("address is not set"))?.trim_end_matches('/');
    let url = reqwest::Url::parse(address).map_err(|error| unusable(&format!("address: {error}")))?;
    let http = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(settings.ca_file.as_deref())?)
        .timeout(settings.timeout())
        .connect_timeout(settings.timeout())
        // A token goes to the address that was set, and nowhere else.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| unusable(&format!("address: {error}")))?;
    let namespace = settings.namespace.clone();
    let middle =
        EndpointMiddleware { token: String::new(), version: "v1".to_owned(), wrap: None, namespace: namespace.clone() };
    let settings = VaultClientSettings {
        address: url,
        ca_certs: Vec::new(),
        identity: None,
        timeout: Some(settings.timeout()),
        token: String::new(),
        verify: true,
        version: 1,
        wrapping: false,
        namespace,
        proxy: None,
    };
    let http = rustify::clients::reqwest::Client::new(address, http);
    Ok(VaultClient { http, middle, settings })
}

fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        let failed = |error: String| Error::file(path, format!("holds no certificates that can be used: {error}"));
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(error.to_string()))? {
            let certificate = certificate.map_err(|error| failed(error.to_string()))?;
            roots.add(certificate).map_err(|error| failed(error.to_string()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|error| Error::Settings(format!("TLS: {error}")))?;
    Ok(versions.with_root_certificates(roots).with_no_client_auth())
}
