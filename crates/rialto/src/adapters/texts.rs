//! Text messages to phones: by a gateway that takes JSON over HTTPS, or, on a development server, into its mailbox.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use identity::ports::{self, PortError};
use jobs::{Failure, Job, Jobs, NewJob, Retry};
use mail::{Data, Locale, Template};
use runtime::entropy::Random;
use runtime::secrets::{SealingKey, Secret};
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

use super::Letters;

/// The queue of text messages.
pub(crate) const QUEUE: &str = "texts";
/// The kind of its jobs.
pub(crate) const KIND: &str = "text";
/// What sealed messages are bound to.
const AAD: &[u8] = b"text message";
const TIMEOUT: Duration = Duration::from_secs(15);
/// A code is good for ten minutes: it is not tried for longer.
const RETRY: Retry = Retry::fixed(10, 30_000_000);

/// How messages go.
#[derive(Debug)]
pub(crate) enum Texts {
    /// Nowhere: there is no gateway.
    None,
    /// As letters in the mailbox of a development server.
    Mailbox(Letters),
    /// By a gateway; a worker sends what is enqueued here.
    Gateway { jobs: Jobs, sealing: SealingKey, random: Arc<dyn Random> },
}

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    to: String,
    text: String,
}

impl ports::Texts for Texts {
    fn send<'a>(
        &'a self,
        write: &'a DatabaseTransaction,
        phone: &'a str,
        locale: &'a str,
        code: Secret<String>,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let locale = Locale::from_tag(locale);
            match self {
                Self::None => Err(PortError::new("there is no gateway for text messages: set texts.url", true)),
                Self::Mailbox(letters) => {
                    let data = Data::new().text("phone", phone).text("code", code.expose().as_str());
                    let to = format!("{}@phone.invalid", phone.trim_start_matches('+'));
                    letters.enqueue(write, &to, Template::PhoneCode, locale, data).await
                }
                Self::Gateway { jobs, sealing, random } => {
                    let text = match locale {
                        Locale::En => format!("Your code is {}. Tell it nobody.", code.expose()),
                        Locale::De => format!("Ihr Code ist {}. Verraten Sie ihn niemandem.", code.expose()),
                    };
                    let message = Message { to: phone.to_owned(), text };
                    let plain = serde_json::to_vec(&message).map_err(|error| PortError::new(error, false))?;
                    let sealed = STANDARD.encode(sealing.seal(&**random, AAD, &plain));
                    let job = NewJob { retry: RETRY, ..NewJob::new(QUEUE, KIND, json!({ "sealed": sealed })) };
                    jobs.enqueue(write, job).await.map(drop).map_err(|error| {
                        let transient = error.is_transient();
                        PortError::new(error, transient)
                    })
                }
            }
        })
    }
}

/// A gateway: it takes `{"to": "+41…", "text": "…"}` with a bearer token, and answers with status 2xx.
#[derive(Debug)]
pub(crate) struct TextGateway {
    url: String,
    token: Option<Secret<String>>,
    client: reqwest::Client,
}

impl TextGateway {
    /// The one of the settings, if there is one.
    pub(crate) fn open(settings: &runtime::config::Texts) -> anyhow::Result<Option<Self>> {
        let Some(url) = settings.url.clone() else { return Ok(None) };
        Ok(Some(Self { url, token: settings.token.clone(), client: runtime::http::client(TIMEOUT)? }))
    }
}

#[derive(Debug, Deserialize)]
struct Payload {
    sealed: String,
}

/// Does a job of the queue: hands its message to the gateway.
pub(crate) async fn send_text(job: Job, gateway: Arc<TextGateway>, sealing: SealingKey) -> Result<(), Failure> {
    let payload: Payload = job.read()?;
    let sealed = STANDARD.decode(payload.sealed).map_err(|_| Failure::last("the message is no base64"))?;
    let body = sealing.open(AAD, &sealed).map_err(Failure::last)?.expose().clone();
    let mut request = gateway.client.post(&gateway.url).header("content-type", "application/json").body(body);
    // The gateway can tell a repetition from a second message.
    request = request.header("idempotency-key", format!("text-{}", job.id));
    if let Some(token) = &gateway.token {
        request = request.bearer_auth(token.expose());
    }
    let answer = request.send().await.map_err(|error| Failure::transient(error.without_url()))?;
    let status = answer.status();
    match status {
        _ if status.is_success() => Ok(()),
        _ if status.is_client_error() && status.as_u16() != 429 => {
            Err(Failure::last(format!("the gateway refuses the message: {status}")))
        }
        _ => Err(Failure::transient(format!("the gateway answers {status}"))),
    }
}
