//! `POST /sapi/v1/sub-account/transfer/subToSub`: moves an asset from a sub-account to another one of the same master.

use transfers::Request;

use super::sub_accounts::{Sent, amount, asset, master_of, member, transfer};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// The other one, asset and amount.
pub const PARAMETERS: &[&str] = &["toEmail", "asset", "amount"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers when the transfer is durable.
///
/// # Errors
/// [`Error::Unsupported`] to a master account, [`Error::Place`] when the engine refuses, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    params.required("toEmail")?;
    let asset = asset(app, params)?;
    let amount = amount(params, &asset)?;
    app.caught_up().await?;
    let from = call.caller.account;
    let master = master_of(app, from)?;
    let to = member(app, params, "toEmail", master)?.ok_or(Error::Mandatory("toEmail"))?;
    if to == from || to == master {
        return Err(Error::InvalidData("toEmail"));
    }
    let request = Request { master: master.0, from: from.0, to: to.0, asset: asset.id.0, amount, client_id: None };
    let done = transfer(app, request).await?;
    json::to_string(&Sent::new(&done)).map(Reply::json)
}
