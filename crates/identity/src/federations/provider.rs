//! One other site: where its doors are, with what keys it signs, and how it is asked.

use std::time::Duration;

use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
};
use runtime::config::OidcProvider;
use runtime::http;
use tokio::sync::Mutex;

use super::flow::Away;
use super::{FederationError, Known};
use crate::Error;
use crate::email::Email;

/// How long what a site says of itself is believed.
const FRESH_US: u64 = 3_600_000_000;
/// How soon it is asked again when a token does not verify: its keys may have changed.
const ASK_AGAIN_US: u64 = 60_000_000;
/// Longest answer.
const MAX_ANSWER_BYTES: usize = 256 * 1024;
/// How long a site may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Longest name of a user at the other site (OpenID Connect Core 1.0, section 2).
const MAX_SUBJECT_BYTES: usize = 255;
/// What may sign tokens: nothing symmetric, whose key the client knows, and not nothing.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A client whose three doors are known, those that a site may leave out excepted.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// The program's HTTP client, as the library calls it.
#[derive(Debug)]
struct Bounded(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Bounded {
    type Error = runtime::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<HttpResponse, Self::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let failed = |error: &dyn std::fmt::Display| runtime::Error::Http(error.to_string());
            let request = request.try_into().map_err(|error: reqwest::Error| failed(&error.without_url()))?;
            let answer = self.0.execute(request).await.map_err(|error| failed(&error.without_url()))?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            let mut response = HttpResponse::new(http::body(answer, MAX_ANSWER_BYTES).await?);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }
}

/// What a site said of itself, and when.
#[derive(Debug)]
struct Said {
    metadata: CoreProviderMetadata,
    at_us: u64,
}

/// One other site.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) settings: OidcProvider,
    callback: RedirectUrl,
    http: Bounded,
    said: Mutex<Option<Said>>,
}

impl Provider {
    pub(super) fn new(settings: &OidcProvider, callback: &str) -> Result<Self, Error> {
        let unusable = |error: &dyn std::fmt::Display| Error::Settings(format!("oidc.providers: {error}"));
        Ok(Self {
            settings: settings.clone(),
            callback: RedirectUrl::new(callback.to_owned()).map_err(|error| unusable(&error))?,
            http: Bounded(http::client(TIMEOUT).map_err(|error| unusable(&error))?),
            said: Mutex::default(),
        })
    }

    /// A client by what the site says of itself, asked again when it is older than `fresh_us`. One asks at a time, and the others
    /// wait for its answer.
    async fn client(&self, fresh_us: u64, now_us: u64) -> Result<Client, Error> {
        let mut said = self.said.lock().await;
        if said.as_ref().is_none_or(|said| now_us.saturating_sub(said.at_us) >= fresh_us) {
            let away = |error: &dyn std::fmt::Display| Error::Unavailable(format!("{}: {error}", self.settings.id));
            let issuer = IssuerUrl::new(self.settings.issuer.clone()).map_err(|error| away(&error))?;
            let metadata = CoreProviderMetadata::discover_async(issuer, &self.http).await;
            *said = Some(Said { metadata: metadata.map_err(|error| away(&error))?, at_us: now_us });
        }
        let metadata = said.as_ref().map(|said| said.metadata.clone());
        let metadata = metadata.ok_or_else(|| Error::Internal("nothing is known of the other site".to_owned()))?;
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.expose().clone());
        let client = CoreClient::from_provider_metadata(metadata, id, Some(secret));
        Ok(client.set_redirect_uri(self.callback.clone()))
    }

    /// The address to which the browser goes, with the state, the nonce and the proof key's hash.
    pub(super) async fn address(&self, away: &Away, now_us: u64) -> Result<String, Error> {
        let client = self.client(FRESH_US, now_us).await?;
        let (state, nonce) = (away.state.clone(), away.nonce.clone());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(away.verifier.clone()));
        let mut request = client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || CsrfToken::new(state), || Nonce::new(nonce))
            .set_pkce_challenge(challenge);
        for scope in &self.settings.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, _, _) = request.url();
        Ok(address.into())
    }

    /// Changes the code for what the site says of its user, and verifies that.
    pub(super) async fn user(&self, code: &str, away: Away, now_us: u64) -> Result<Known, Error> {
        let client = self.client(FRESH_US, now_us).await?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|error| Error::Unavailable(format!("{}: {error}", self.settings.id)))?;
        let answer = request.set_pkce_verifier(PkceCodeVerifier::new(away.verifier)).request_async(&self.http).await;
        let answer = answer.map_err(|error| self.refused("the code is not taken", &error))?;
        let token = answer.id_token().ok_or_else(|| self.refused("there is no ID token", &"nothing"))?;
        let nonce = Nonce::new(away.nonce);
        let time = move || openidconnect_time(now_us);
        let verified = |client: &Client| {
            let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(time);
            token.claims(&verifier, &nonce).cloned()
        };
        let claims = match verified(&client) {
            // The keys may have changed since they were read.
            Err(_) => verified(&self.client(ASK_AGAIN_US, now_us).await?),
            good => good,
        };
        let claims = claims.map_err(|error| self.refused("the ID token does not verify", &error))?;
        let subject = claims.subject().as_str().to_owned();
        if subject.is_empty() || subject.len() > MAX_SUBJECT_BYTES {
            return Err(self.refused("the subject is too long", &subject.len()));
        }
        let trusted = self.settings.trust_email && claims.email_verified() == Some(true);
        let email = claims.email().filter(|_| trusted).and_then(|email| Email::parse(email.as_str()).ok());
        Ok(Known { issuer: self.settings.issuer.clone(), subject, email, purpose: away.purpose })
    }

    /// The cause is for the operator, and tells the caller nothing that he could use.
    fn refused(&self, what: &'static str, cause: &dyn std::fmt::Display) -> Error {
        tracing::warn!(provider = self.settings.id, %cause, "{what}");
        FederationError::Token.into()
    }
}

fn openidconnect_time(now_us: u64) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp_micros(now_us.cast_signed()).unwrap_or_default()
}
