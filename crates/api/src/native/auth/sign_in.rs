//! Signing in with a password.

use identity::{Credentials, Email, SignedIn};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sign_up::Hidden;
use crate::App;
use crate::native::cookies::Cookies;
use crate::native::input::Json;
use crate::native::output::{Ok200, WithHeaders};
use crate::native::shapes::{UserShape, time};
use crate::native::{Call, Problem};

/// Where the tokens of a session are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::native) enum Keep {
    /// By the client: the answer holds them.
    #[default]
    Token,
    /// By the browser, in cookies that scripts cannot read: the answer holds what to repeat in `X-CSRF-Token`.
    Cookie,
}

/// An address and its password.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct SignIn {
    /// The address.
    #[schemars(length(min = 3, max = 254))]
    email: String,
    /// The password.
    #[schemars(length(max = 128))]
    password: Hidden,
    /// A code of the authenticator, or a recovery code, for who has one.
    #[serde(default)]
    otp: Option<String>,
    /// Where the tokens are kept.
    #[serde(default)]
    session: Keep,
    /// The answer of the CAPTCHA, where the exchange asks for one.
    #[serde(default)]
    captcha: Option<String>,
}

/// A session that began or went on.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Tokens {
    /// The session.
    sid: String,
    /// What every request shows, as `Authorization: Bearer …`; absent when the browser keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Until when.
    access_token_expires_at: String,
    /// What refreshes the session, once; absent when the browser keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// What a page repeats in `X-CSRF-Token`; absent when the client keeps the tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
    /// When the session ends at the latest.
    session_expires_at: String,
    /// Who signed in.
    user: UserShape,
}

/// The answer to whoever got in.
pub(in crate::native) type Entered = WithHeaders<Ok200<Tokens>>;

/// Writes the answer to whoever got in, by whatever proof.
pub(in crate::native) fn entered(
    app: &App,
    cookies: &Cookies,
    signed_in: &SignedIn,
    keep: Keep,
    now_us: u64,
) -> Entered {
    let mut tokens = Tokens {
        sid: signed_in.session.sid.clone(),
        access_token: None,
        access_token_expires_at: time(signed_in.access.expires_at_us),
        refresh_token: None,
        csrf_token: None,
        session_expires_at: time(signed_in.session.expires_at_us),
        user: UserShape::from(&signed_in.user),
    };
    let headers = match keep {
        Keep::Token => {
            tokens.access_token = Some(signed_in.access.token.expose().clone());
            tokens.refresh_token = Some(signed_in.refresh.expose().clone());
            Vec::new()
        }
        Keep::Cookie => {
            let (headers, csrf) = cookies.of_session(signed_in, &app.native.sealing, now_us);
            tokens.csrf_token = Some(csrf);
            headers
        }
    };
    WithHeaders(Ok200(tokens), headers)
}

/// Begins a session for an address and its password.
pub(in crate::native) async fn with_password(call: Call<(), Json<SignIn>>) -> Result<Entered, Problem> {
    let Call { app, input: Json(sent), device, cookies, now_us, .. } = call;
    app.native.check_captcha(sent.captcha.as_deref(), &device).await?;
    let email = Email::parse(&sent.email)?;
    let password = sent.password.into_secret();
    let credentials = Credentials { email: &email, password: &password, code: sent.otp.as_deref() };
    let signed_in = app.native.people.sign_in.with_password(&credentials, &device, now_us).await?;
    Ok(entered(&app, &cookies, &signed_in, sent.session, now_us))
}
