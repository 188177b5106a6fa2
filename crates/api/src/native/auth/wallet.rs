//! Signing in with a wallet, at the paths of the seeds: `/auth/signing-msg`, `/auth/sign-in-evm`, `/auth/sign-in-sol`.

use identity::{Amr, ProvenWallet, WalletKind, WalletPurpose, WalletRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sign_in::{Entered, Keep, entered};
use crate::native::input::Json;
use crate::native::output::Ok200;
use crate::native::shapes::time;
use crate::native::{Call, Problem};

/// Which kind of wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::native) enum WalletType {
    /// Ethereum and what works like it.
    Evm,
    /// Solana.
    Sol,
}

impl WalletType {
    pub(in crate::native) const fn domain(self) -> WalletKind {
        match self {
            Self::Evm => WalletKind::Evm,
            Self::Sol => WalletKind::Solana,
        }
    }
}

/// A wallet that wants to sign in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct SigningMessage {
    /// Its address.
    #[schemars(length(max = 64))]
    pub(in crate::native) address: String,
    /// What kind it is.
    #[serde(rename = "type")]
    pub(in crate::native) kind: WalletType,
    /// The chain: a number such as `1`, or a name such as `mainnet`; the first that the site knows if it is left out.
    #[serde(default)]
    pub(in crate::native) chain: Option<String>,
}

/// The message.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct Message {
    /// To be signed as it is, to the last byte (EIP-4361).
    pub(in crate::native) message: String,
    /// It serves once, until then.
    pub(in crate::native) expires_at: String,
}

/// Makes a message for a wallet to sign.
pub(in crate::native) async fn signing_message(
    call: Call<(), Json<SigningMessage>>,
) -> Result<Ok200<Message>, Problem> {
    let Call { app, input: Json(sent), now_us, .. } = call;
    let request = WalletRequest {
        kind: sent.kind.domain(),
        purpose: WalletPurpose::SignIn,
        address: &sent.address,
        chain: sent.chain.as_deref(),
    };
    let made = app.native.wallets.signing_message(request, now_us).await?;
    Ok(Ok200(Message { message: made.message, expires_at: time(made.expires_at_us) }))
}

/// A message that was signed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Signed {
    /// The message.
    #[schemars(length(max = 2048))]
    message: String,
    /// The signature: 65 bytes in hexadecimal (EVM), or 64 in base58 (Solana).
    #[schemars(length(max = 256))]
    signature: String,
    /// A code of the authenticator, or a recovery code, for who has one.
    #[serde(default)]
    otp: Option<String>,
    /// Where the tokens are kept.
    #[serde(default)]
    session: Keep,
}

/// Begins a session for an EVM wallet; its first one makes the user.
pub(in crate::native) async fn sign_in_evm(call: Call<(), Json<Signed>>) -> Result<Entered, Problem> {
    sign_in(call, WalletKind::Evm).await
}

/// The same for a Solana wallet.
pub(in crate::native) async fn sign_in_sol(call: Call<(), Json<Signed>>) -> Result<Entered, Problem> {
    sign_in(call, WalletKind::Solana).await
}

async fn sign_in(call: Call<(), Json<Signed>>, kind: WalletKind) -> Result<Entered, Problem> {
    let Call { app, input: Json(sent), device, cookies, now_us, .. } = call;
    let (native, purpose) = (&app.native, WalletPurpose::SignIn);
    let proven: ProvenWallet = native.wallets.verify(kind, purpose, &sent.message, &sent.signature, now_us).await?;
    let user = native.people.user_of_wallet(&native.wallets, &proven, now_us).await?;
    let otp = sent.otp.as_deref();
    let signed_in = native.people.enter(user, Amr::Wallet, otp, &device, now_us).await?;
    Ok(entered(&app, &cookies, &signed_in, sent.session, now_us))
}
