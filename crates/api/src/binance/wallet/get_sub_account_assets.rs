//! `GET /sapi/v4/sub-account/assets`: what a sub-account has.

use serde::Serialize;

use super::sub_accounts::{master, member};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// The sub-account.
pub const PARAMETERS: &[&str] = &["email"];
/// What a request costs.
pub const COST: Cost = Cost::weight(60);

#[derive(Debug, Serialize)]
struct Assets {
    balances: Vec<Held>,
}

#[derive(Debug, Serialize)]
struct Held {
    freeze: Decimal,
    withdrawing: Decimal,
    asset: String,
    free: Decimal,
    locked: Decimal,
}

/// Answers to its master with the assets that it has something of.
///
/// # Errors
/// [`Error::Unsupported`] to a sub-account, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    params.required("email")?;
    app.caught_up().await?;
    let master = master(app, call.caller.account)?;
    let account = member(app, params, "email", master)?.ok_or(Error::Mandatory("email"))?;
    let held = app.live.balances(account);
    let balances = app
        .market_data
        .assets()
        .iter()
        .filter_map(|asset| {
            let balance = held.iter().find(|balance| balance.asset == asset.id)?;
            let has_any = balance.available.0 != 0 || balance.held.0 != 0;
            let amount = |amount| Decimal::new(amount, asset.scale);
            has_any.then(|| Held {
                freeze: amount(0),
                withdrawing: amount(0),
                asset: asset.symbol.as_str().to_owned(),
                free: amount(balance.available.0),
                locked: amount(balance.held.0),
            })
        })
        .collect();
    json::to_string(&Assets { balances }).map(Reply::json)
}
