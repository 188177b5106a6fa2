//! Letters to users: what identity has to say becomes a job in its transaction, and a worker lets it be delivered.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use identity::ports::{Device, News, Notice, Notices, PortError};
use jobs::{Failure, Job, Jobs, NewJob};
use mail::{Data, Locale, Mail, Sent, Template};
use sea_orm::DatabaseTransaction;

/// Writes letters into the queue.
#[derive(Debug, Clone)]
pub(crate) struct Letters {
    pub(crate) jobs: Jobs,
    pub(crate) mail: Arc<Mail>,
    /// The site's address, for links.
    pub(crate) site: String,
}

impl Letters {
    /// Enqueues a letter in the caller's transaction.
    pub(crate) async fn enqueue(
        &self,
        write: &DatabaseTransaction,
        to: &str,
        template: Template,
        locale: Locale,
        data: Data,
    ) -> Result<(), PortError> {
        let payload = self.mail.seal(to, template, locale, data).map_err(|error| PortError::new(error, false))?;
        let enqueued = self.jobs.enqueue(write, NewJob::new(mail::QUEUE, mail::KIND, payload)).await;
        enqueued.map(drop).map_err(|error| {
            let transient = error.is_transient();
            PortError::new(error, transient)
        })
    }

    fn link(&self, path: &str, token: &str) -> String {
        // In the fragment, so that it does not stand in any server's log.
        format!("{}/{path}#token={token}", self.site)
    }

    fn told(&self, notice: &Notice) -> (Template, Data) {
        let when = |data: Data| data.number("when_us", notice.at_us.cast_signed());
        let minutes = |until_us: u64| (until_us.saturating_sub(notice.at_us) / 60_000_000).cast_signed();
        let by = |device: &Device| when(Data::new()).text("ip", device.ip.to_string());
        match &notice.news {
            News::VerifyEmail { token, expires_at_us } => {
                let data = Data::new().text("link", self.link("verify-email", token.expose()));
                (Template::VerifyEmail, data.number("valid_minutes", minutes(*expires_at_us)))
            }
            News::AlreadyRegistered => {
                (Template::AlreadyRegistered, Data::new().text("link", format!("{}/forgot-password", self.site)))
            }
            News::ResetPassword { token, expires_at_us } => {
                let data = Data::new().text("link", self.link("reset-password", token.expose()));
                (Template::ResetPassword, data.number("valid_minutes", minutes(*expires_at_us)))
            }
            News::PasswordChanged { device } => {
                (Template::PasswordChanged, by(device).text("device", readable(&device.user_agent)))
            }
            News::NewDevice { device } => {
                let data = by(device).text("device", readable(&device.user_agent));
                let country = device.country.iter().fold(data, |data, country| data.text("country", country));
                (Template::NewDevice, country)
            }
            News::TotpOn => (Template::TotpOn, when(Data::new())),
            News::TotpOff => (Template::TotpOff, when(Data::new())),
            News::RecoveryCodes => (Template::RecoveryCodes, when(Data::new())),
            News::RecoveryCodeUsed { left } => {
                (Template::RecoveryCodeUsed, when(Data::new()).number("left", i64::from(*left)))
            }
            News::Locked { until_us } => (Template::Locked, Data::new().number("until_us", until_us.cast_signed())),
            News::SessionStolen => (Template::SessionStolen, when(Data::new())),
            News::PasskeyAdded { label, device } => (Template::PasskeyAdded, by(device).text("label", label)),
            News::ApiKeyMade { label, permissions, device } => {
                (Template::ApiKeyMade, by(device).text("label", label).text("permissions", permissions))
            }
            News::ApiKeyRevoked { key, device } => {
                // Enough to know which one it was.
                let label: String = key.chars().take(8).collect();
                (Template::ApiKeyRevoked, by(device).text("label", format!("{label}…")))
            }
            News::DocumentApproved { document } => (Template::DocumentApproved, Data::new().text("document", document)),
            News::DocumentRejected { document, reason } => {
                (Template::DocumentRejected, Data::new().text("document", document).text("reason", reason))
            }
            News::Frozen => (Template::Frozen, when(Data::new())),
            News::Unfrozen => (Template::Unfrozen, when(Data::new())),
            News::Deleted => (Template::Deleted, when(Data::new())),
        }
    }
}

/// What a client says of itself, as a letter may hold it.
fn readable(agent: &str) -> String {
    agent.chars().filter(|character| !character.is_control()).take(200).collect()
}

impl Notices for Letters {
    fn send<'a>(&'a self, write: &'a DatabaseTransaction, notice: Notice) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            let (template, data) = self.told(&notice);
            let locale = Locale::from_tag(&notice.locale);
            self.enqueue(write, &notice.to, template, locale, data).await
        })
    }
}

/// Does a job of the queue: delivers its letter.
pub(crate) async fn deliver(job: Job, mail: Arc<Mail>) -> Result<(), Failure> {
    match mail.send(&job.payload).await {
        Sent::Done(delivered) => {
            tracing::info!(job = job.id, answer = delivered.answer, "a letter left");
            Ok(())
        }
        Sent::Later(why) => Err(Failure::transient(why)),
        Sent::Never(why) => Err(Failure::last(why)),
    }
}
