//! `POST /sapi/v1/sub-account/transfer/subToMaster`: moves an asset from a sub-account to its master.

use transfers::Request;

use super::sub_accounts::{Sent, amount, asset, master_of, transfer};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Asset and amount.
pub const PARAMETERS: &[&str] = &["asset", "amount"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

/// Answers when the transfer is durable.
///
/// # Errors
/// [`Error::Unsupported`] to a master account, [`Error::Place`] when the engine refuses, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    let asset = asset(app, params)?;
    let amount = amount(params, &asset)?;
    app.caught_up().await?;
    let from = call.caller.account;
    let master = master_of(app, from)?;
    let to = master;
    let request = Request { master: master.0, from: from.0, to: to.0, asset: asset.id.0, amount, client_id: None };
    let done = transfer(app, request).await?;
    json::to_string(&Sent::new(&done)).map(Reply::json)
}
