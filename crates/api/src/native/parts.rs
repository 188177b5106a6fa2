//! What the native API works with.

use std::sync::Arc;

use idempotency::Answers;
use identity::{Captcha, Device, Documents, Federations, GeoIp, Passkeys, People, Wallets};
use jobs::Jobs;
use mail::Mailbox;
use runtime::config::Site;
use runtime::secrets::SealingKey;

use super::Problem;

/// What the program hands over at its start.
#[derive(Debug)]
pub struct Parts {
    /// People: users, sessions, roles and all that.
    pub people: Arc<People>,
    /// Wallets that sign in.
    pub wallets: Wallets,
    /// Other sites whose word is taken.
    pub federations: Federations,
    /// Where a browser goes that comes back from one, as a path of the site.
    pub landing: String,
    /// Passkeys; none where the site has no domain.
    pub passkeys: Option<Passkeys>,
    /// KYC documents.
    pub documents: Documents,
    /// What keeps programs out.
    pub captcha: Captcha,
    /// Countries of addresses, if there is a file of them.
    pub geo: Option<GeoIp>,
    /// Answers under idempotency keys.
    pub answers: Answers,
    /// The queues.
    pub jobs: Jobs,
    /// The mailbox of a development server.
    pub mailbox: Option<Mailbox>,
    /// Name and address of the site.
    pub site: Site,
    /// Origins of other sites whose pages may use the API with a bearer token.
    pub cors_origins: Vec<String>,
    /// What tokens of pages are made with.
    pub sealing: SealingKey,
}

impl Parts {
    /// Checks the answer of a CAPTCHA, where one is asked for.
    pub(super) async fn check_captcha(&self, answer: Option<&str>, device: &Device) -> Result<(), Problem> {
        Ok(self.captcha.check(answer, device.ip).await?)
    }

    /// Passkeys, where the site has a domain.
    pub(super) fn passkeys(&self) -> Result<&Passkeys, Problem> {
        self.passkeys.as_ref().ok_or_else(|| {
            let detail = "passkeys need a site with a domain: ask the operator to set site.url";
            Problem::refused(axum::http::StatusCode::NOT_IMPLEMENTED, "passkeys_unavailable", detail)
        })
    }
}
