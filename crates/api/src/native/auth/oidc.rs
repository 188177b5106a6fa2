//! Signing in with the word of another site (OpenID Connect): a page asks where to send the browser, and the other site sends it back
//! to [`callback`], which sends it on to a page of the site.

use axum::http::{HeaderName, HeaderValue};
use identity::{Amr, Departure, FEDERATION_SECONDS, FederationPurpose, Known, Refusal, Return};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sign_in::{Entered, Keep, entered};
use crate::native::cookies::{Cookies, Name};
use crate::native::input::{Json, Nothing, Query};
use crate::native::output::{Ok200, SeeOther, WithHeaders};
use crate::native::{Call, Person, Problem};

/// Where the other sites send browsers back to, as a path of the site: the redirect URI that they have to be told.
pub const OIDC_CALLBACK: &str = "/api/v2/auth/oidc/callback";

/// A site by which one can sign in.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct ProviderShape {
    /// The word in paths.
    id: String,
    /// What people know it by.
    name: String,
}

/// The sites by which one can sign in.
pub(in crate::native) async fn providers(call: Call<(), Nothing>) -> Result<Ok200<Vec<ProviderShape>>, Problem> {
    let providers = call.app.native.federations.providers().into_iter();
    Ok(Ok200(providers.map(|one| ProviderShape { id: one.id, name: one.name }).collect()))
}

/// Where to send the browser.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Elsewhere {
    /// An address of the other site.
    url: String,
}

/// Begins to sign in: the answer sets a cookie, without which the way back leads nowhere.
pub(in crate::native) async fn start(call: Call<(), Nothing>) -> Result<WithHeaders<Ok200<Elsewhere>>, Problem> {
    let provider = call.segment("provider");
    let departure = call.app.native.federations.start(provider, FederationPurpose::SignIn, call.now_us).await?;
    Ok(leave(&call.cookies, departure))
}

/// Begins to link a user of another site to the one who is signed in.
pub(in crate::native) async fn start_link(
    call: Call<Person, Nothing>,
) -> Result<WithHeaders<Ok200<Elsewhere>>, Problem> {
    let (provider, purpose) = (call.segment("provider"), FederationPurpose::Link(call.who.user.id.0));
    let departure = call.app.native.federations.start(provider, purpose, call.now_us).await?;
    Ok(leave(&call.cookies, departure))
}

fn leave(cookies: &Cookies, departure: Departure) -> WithHeaders<Ok200<Elsewhere>> {
    let cookie = cookies.set(Name::Federation, departure.cookie.expose(), FEDERATION_SECONDS);
    WithHeaders(Ok200(Elsewhere { url: departure.url }), vec![cookie])
}

/// What the other site sends back with the browser (RFC 6749, RFC 9207); what else it sends is passed over.
#[derive(Debug, Deserialize, JsonSchema)]
pub(in crate::native) struct SentBack {
    /// The code, if the user was let in there.
    code: Option<String>,
    /// What the browser was sent with.
    state: Option<String>,
    /// Who sends it back.
    iss: Option<String>,
    /// Why there is no code.
    error: Option<String>,
}

/// Takes a browser back from another site and sends it on: signed in by cookies, or with `?sign_in=` and the code of the problem. After
/// `code_needed`, a code of the authenticator goes to `POST /api/v2/auth/oidc/code`.
pub(in crate::native) async fn callback(call: Call<(), Query<SentBack>>) -> Result<WithHeaders<SeeOther>, Problem> {
    let landing = call.app.native.landing.clone();
    let gone = call.cookies.set(Name::Federation, "", 0);
    match returned(&call).await {
        Ok((word, headers)) => {
            let to = word.map_or_else(|| landing.clone(), |word| format!("{landing}?sign_in={word}"));
            // The first of two cookies of a name would be overwritten by the second.
            let kept = headers.iter().any(|header| is_federation(header, &gone));
            let gone = (!kept).then_some(gone);
            Ok(WithHeaders(SeeOther(to), headers.into_iter().chain(gone).collect()))
        }
        Err(problem) => {
            let to = format!("{landing}?sign_in={}", problem.code());
            problem.log();
            Ok(WithHeaders(SeeOther(to), vec![gone]))
        }
    }
}

type Header = (HeaderName, HeaderValue);

fn is_federation((_, value): &Header, (_, gone): &Header) -> bool {
    let name = |value: &HeaderValue| value.as_bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec);
    name(value) == name(gone)
}

/// What became of it, as a word for the page if there is one to say, and the cookies.
async fn returned(call: &Call<(), Query<SentBack>>) -> Result<(Option<&'static str>, Vec<Header>), Problem> {
    let (native, Query(sent), now_us) = (&call.app.native, &call.input, call.now_us);
    let cookie = call.cookies.get(Name::Federation).unwrap_or_default();
    let back = Return {
        code: sent.code.as_deref(),
        state: sent.state.as_deref(),
        issuer: sent.iss.as_deref(),
        error: sent.error.as_deref(),
    };
    let known: Known = native.federations.finish(cookie, back, now_us).await?;
    if let FederationPurpose::Link(user) = known.purpose() {
        native.federations.link(user, &known, now_us).await?;
        return Ok((Some("linked"), Vec::new()));
    }
    let user = native.people.user_of_federation(&native.federations, &known, now_us).await?;
    match native.people.enter(user, Amr::Federated, None, &call.device, now_us).await {
        Ok(signed_in) => Ok((None, call.cookies.of_session(&signed_in, &native.sealing, now_us).0)),
        Err(identity::Error::Refused(Refusal::CodeNeeded)) => {
            let proven = native.federations.seal_proven(user, now_us)?;
            let cookie = call.cookies.set(Name::Federation, proven.expose(), FEDERATION_SECONDS);
            Ok((Some("code_needed"), vec![cookie]))
        }
        Err(error) => Err(error.into()),
    }
}

/// A code for whoever came back from another site and has an authenticator.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct OidcCode {
    /// A code of the authenticator, or a recovery code.
    otp: String,
    /// Where the tokens are kept.
    #[serde(default)]
    session: Keep,
}

/// Ends a sign-in by another site with a code.
pub(in crate::native) async fn code(call: Call<(), Json<OidcCode>>) -> Result<Entered, Problem> {
    let Call { app, input: Json(sent), device, cookies, now_us, .. } = call;
    let native = &app.native;
    let user = native.federations.open_proven(cookies.get(Name::Federation).unwrap_or_default(), now_us)?;
    let signed_in = native.people.enter(user, Amr::Federated, Some(&sent.otp), &device, now_us).await?;
    let WithHeaders(body, mut headers) = entered(&app, &cookies, &signed_in, sent.session, now_us);
    headers.push(cookies.set(Name::Federation, "", 0));
    Ok(WithHeaders(body, headers))
}
