//! `POST /sapi/v1/sub-account/universalTransfer`: moves an asset between a master account and its sub-accounts, or between these.

use serde::Serialize;
use transfers::Request;

use super::sub_accounts::{SPOT, amount, asset, master, member, transfer};
use crate::binance::Params;
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Both accounts and their wallets, asset, amount, the client's own id.
pub const PARAMETERS: &[&str] =
    &["fromEmail", "toEmail", "fromAccountType", "toAccountType", "clientTranId", "asset", "amount"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sent {
    tran_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_tran_id: Option<String>,
}

/// Answers when the transfer is durable. An account that is not named is the master. The same transfer under the same
/// `clientTranId` is done once.
///
/// # Errors
/// [`Error::Unsupported`] to a sub-account and for wallets that there are not, [`Error::Place`] when the engine refuses, and those of
/// the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    for wallet in ["fromAccountType", "toAccountType"] {
        if params.required(wallet)? != SPOT {
            return Err(Error::Unsupported("an account has one wallet, for spot trading."));
        }
    }
    let asset = asset(app, params)?;
    let amount = amount(params, &asset)?;
    let client_id = client_id(params)?;
    if params.get("fromEmail").is_none() && params.get("toEmail").is_none() {
        return Err(Error::MandatoryOneOf("fromEmail", "toEmail"));
    }
    app.caught_up().await?;
    let master = master(app, call.caller.account)?;
    let from = member(app, params, "fromEmail", master)?.unwrap_or(master);
    let to = member(app, params, "toEmail", master)?.unwrap_or(master);
    if from == to {
        return Err(Error::InvalidData("toEmail"));
    }
    let request =
        Request { master: master.0, from: from.0, to: to.0, asset: asset.id.0, amount, client_id: client_id.clone() };
    let done = transfer(app, request).await?;
    json::to_string(&Sent { tran_id: done.position, client_tran_id: client_id }).map(Reply::json)
}

/// `clientTranId`: 1 to 64 printable characters.
pub(super) fn client_id(params: &Params) -> Result<Option<String>, Error> {
    const NAME: &str = "clientTranId";
    let Some(text) = params.get(NAME) else { return Ok(None) };
    let is_legal = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_legal { Ok(Some(text.to_owned())) } else { Err(Error::InvalidData(NAME)) }
}
