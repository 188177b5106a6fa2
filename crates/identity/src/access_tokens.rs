//! Access tokens: JSON Web Tokens (RFC 7519, RFC 9068) signed with RS256.

use std::collections::HashSet;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header, encode};
use runtime::entropy::alphanumeric;
use runtime::secrets::Secret;
use serde::{Deserialize, Serialize};

use crate::base::Base;
use crate::sessions::SessionInfo;
use crate::signing_keys::SigningKeys;
use crate::user::User;
use crate::{Error, Refusal};

/// A longer text is no access token, and is not even decoded.
pub const MAX_ACCESS_TOKEN_BYTES: usize = 4_096;

/// The type in the header (RFC 9068, section 2.1): what else this exchange may sign one day does not pass for an access token.
const TYPE: &str = "at+jwt";
const JTI_CHARS: usize = 22;
/// How much later than ours another machine's clock may be.
const LEEWAY_SECONDS: u64 = 5;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The user's uid.
    pub sub: String,
    /// The session.
    pub sid: String,
    /// The role when it was issued.
    pub role: String,
    /// The level when it was issued.
    pub level: u8,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// Not before.
    pub nbf: u64,
    /// Until when it is good.
    pub exp: u64,
    /// Its own name.
    pub jti: String,
    /// How the user proved who he is (RFC 8176).
    pub amr: Vec<String>,
}

/// The type, the audience and the life of what programs behind a proxy are told.
const IDENTITY_TYPE: &str = "rialto-identity+jwt";
const IDENTITY_AUDIENCE: &str = "rialto-upstream";
const IDENTITY_SECONDS: u64 = 60;

#[derive(Debug, Serialize)]
struct IdentityClaims {
    iss: String,
    aud: String,
    sub: String,
    account: u32,
    role: String,
    level: u8,
    iat: u64,
    exp: u64,
}

/// A token that was just issued.
#[derive(Debug, Clone)]
pub struct AccessToken {
    /// The text.
    pub token: Secret<String>,
    /// Until when it is good, in microseconds since 1970.
    pub expires_at_us: u64,
}

/// Issues and checks access tokens.
#[derive(Debug)]
pub struct AccessTokens {
    base: Base,
    keys: Arc<SigningKeys>,
    validation: Validation,
}

impl AccessTokens {
    pub(crate) fn new(base: Base, keys: Arc<SigningKeys>) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&base.settings.issuer]);
        validation.set_audience(&[&base.settings.audience]);
        validation.required_spec_claims = HashSet::from(["iss", "aud", "sub", "exp", "nbf"].map(str::to_owned));
        // The library asks the machine for the time; here it is an argument, so `verify` checks both itself.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self { base, keys, validation }
    }

    /// A token for a user in a session.
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed.
    pub fn issue(&self, user: &User, session: &SessionInfo, now_us: u64) -> Result<AccessToken, Error> {
        let now = now_us / 1_000_000;
        // It never outlives its session.
        let exp = (now + self.base.settings.access_token_seconds).min(session.expires_at_us / 1_000_000);
        let claims = Claims {
            iss: self.base.settings.issuer.clone(),
            aud: self.base.settings.audience.clone(),
            sub: user.uid.as_str().to_owned(),
            sid: session.sid.clone(),
            role: user.role.as_str().to_owned(),
            level: user.level,
            iat: now,
            nbf: now,
            exp,
            jti: alphanumeric(&*self.base.random, JTI_CHARS).expose().clone(),
            amr: session.amr.clone(),
        };
        let keys = self.keys.keys();
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(keys.current.kid.clone());
        let token = encode(&header, &claims, &keys.current.key)
            .map_err(|error| Error::Internal(format!("signing an access token: {error}")))?;
        Ok(AccessToken { token: Secret::new(token), expires_at_us: exp * 1_000_000 })
    }

    /// Who a user is, for a program behind a reverse proxy: signed, good for a minute, and no access token, whatever the program does
    /// with it (another `typ`, another `aud`).
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed.
    pub fn identity(&self, user: &User, now_us: u64) -> Result<Secret<String>, Error> {
        let now = now_us / 1_000_000;
        let claims = IdentityClaims {
            iss: self.base.settings.issuer.clone(),
            aud: IDENTITY_AUDIENCE.to_owned(),
            sub: user.uid.as_str().to_owned(),
            account: user.account,
            role: user.role.as_str().to_owned(),
            level: user.level,
            iat: now,
            exp: now + IDENTITY_SECONDS,
        };
        let keys = self.keys.keys();
        let mut header = Header::new(Algorithm::RS256);
        header.typ = Some(IDENTITY_TYPE.to_owned());
        header.kid = Some(keys.current.kid.clone());
        let token = encode(&header, &claims, &keys.current.key)
            .map_err(|error| Error::Internal(format!("signing an identity: {error}")))?;
        Ok(Secret::new(token))
    }

    /// What a token says, if it is one of ours and good now. Whether its session still lives is for [`Sessions`](crate::Sessions).
    ///
    /// # Errors
    /// [`Refusal::AccessToken`], [`Refusal::AccessTokenExpired`]; the database's, if the key is not in memory.
    pub async fn verify(&self, token: &str, now_us: u64) -> Result<Claims, Error> {
        let refused = Error::Refused(Refusal::AccessToken);
        if token.len() > MAX_ACCESS_TOKEN_BYTES {
            return Err(refused);
        }
        let Ok(header) = decode_header(token) else { return Err(refused) };
        let ours = header.alg == Algorithm::RS256 && header.typ.as_deref() == Some(TYPE) && header.crit.is_none();
        let Some(kid) = header.kid.filter(|_| ours) else { return Err(refused) };
        let Some(key) = self.keys.verifying(&kid, now_us).await? else { return Err(refused) };
        let Ok(decoded) = decode::<Claims>(token, &key, &self.validation) else { return Err(refused) };
        let (claims, now) = (decoded.claims, now_us / 1_000_000);
        if claims.exp <= now {
            return Err(Refusal::AccessTokenExpired.into());
        }
        let early = now + LEEWAY_SECONDS;
        if claims.nbf > early || claims.iat > early { Err(refused) } else { Ok(claims) }
    }
}
