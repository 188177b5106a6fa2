//! Wallets that are linked to the user.

use identity::{WalletPurpose, WalletRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::native::auth::wallet::{Message, SigningMessage, WalletType};
use crate::native::input::{Json, Nothing};
use crate::native::output::{Created, Done, Ok200};
use crate::native::shapes::{number, time};
use crate::native::{Call, Person, Problem};

/// A wallet.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::native) struct WalletShape {
    /// Its number.
    id: i64,
    /// `evm` or `sol`.
    #[serde(rename = "type")]
    kind: String,
    /// Its address.
    address: String,
    /// When it was linked.
    linked_at: String,
}

impl From<identity::Wallet> for WalletShape {
    fn from(wallet: identity::Wallet) -> Self {
        let kind = if wallet.kind == identity::WalletKind::Evm { "evm" } else { "sol" };
        Self { id: wallet.id, kind: kind.to_owned(), address: wallet.address, linked_at: time(wallet.linked_at_us) }
    }
}

/// Makes a message by which a wallet is linked.
pub(in crate::native) async fn message(call: Call<Person, Json<SigningMessage>>) -> Result<Ok200<Message>, Problem> {
    let Call { app, who, input: Json(sent), now_us, .. } = call;
    let request = WalletRequest {
        kind: sent.kind.domain(),
        purpose: WalletPurpose::Link(who.user.id.0),
        address: &sent.address,
        chain: sent.chain.as_deref(),
    };
    let made = app.native.wallets.signing_message(request, now_us).await?;
    Ok(Ok200(Message { message: made.message, expires_at: time(made.expires_at_us) }))
}

/// The message, signed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::native) struct Link {
    /// What kind of wallet it is.
    #[serde(rename = "type")]
    kind: WalletType,
    /// The message.
    #[schemars(length(max = 2048))]
    message: String,
    /// The signature.
    #[schemars(length(max = 256))]
    signature: String,
}

/// Links a wallet, which can sign in from now on.
pub(in crate::native) async fn link(call: Call<Person, Json<Link>>) -> Result<Created<WalletShape>, Problem> {
    let Call { app, who, input: Json(sent), now_us, .. } = call;
    let (wallets, user_id) = (&app.native.wallets, who.user.id.0);
    let purpose = WalletPurpose::Link(user_id);
    let proven = wallets.verify(sent.kind.domain(), purpose, &sent.message, &sent.signature, now_us).await?;
    Ok(Created(wallets.link(user_id, &proven, now_us).await?.into()))
}

/// The wallets.
pub(in crate::native) async fn list(call: Call<Person, Nothing>) -> Result<Ok200<Vec<WalletShape>>, Problem> {
    let wallets = call.app.native.wallets.list(call.who.user.id.0).await?;
    Ok(Ok200(wallets.into_iter().map(WalletShape::from).collect()))
}

/// Takes one away. The last way to sign in stays.
pub(in crate::native) async fn unlink(call: Call<Person, Nothing>) -> Result<Done, Problem> {
    let native = &call.app.native;
    let user = &call.who.user;
    let id = number(call.segment("id"))?;
    let wallets = native.wallets.list(user.id.0).await?;
    if user.email.is_none() && wallets.len() == 1 && wallets[0].id == id {
        let detail = "this is the only way to sign in: link another wallet first";
        return Err(Problem::refused(axum::http::StatusCode::CONFLICT, "last_proof", detail));
    }
    let gone = native.wallets.unlink(user.id.0, id).await?;
    if gone { Ok(Done) } else { Err(Problem::not_found()) }
}
