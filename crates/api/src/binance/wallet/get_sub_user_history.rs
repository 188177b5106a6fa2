//! `GET /sapi/v1/sub-account/transfer/subUserHistory`: the transfers of a sub-account.

use serde::Serialize;
use transfers::{MOST_LISTED, Query};

use super::sub_accounts::{self, SPOT, asset_of, master_of, name, status, store};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Asset, 1 for those into it or 2 for those out of it, span of time, number of transfers, whether failed ones are told.
pub const PARAMETERS: &[&str] = &["asset", "type", "startTime", "endTime", "limit", "returnFailHistory"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    counter_party: &'static str,
    email: String,
    #[serde(rename = "type")]
    direction: u8,
    asset: String,
    qty: Decimal,
    from_account_type: &'static str,
    to_account_type: &'static str,
    status: &'static str,
    tran_id: u64,
    time: u64,
}

/// Into the account.
const IN: u64 = 1;
/// Out of it.
const OUT: u64 = 2;

/// Answers with transfers, newest first: 500 by default and at most, and those out of the account unless `type` is 1.
///
/// # Errors
/// [`Error::Unsupported`] to a master account, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params, account) = (&call.app, &call.params, call.caller.account);
    let most = usize::try_from(MOST_LISTED).unwrap_or(500);
    let is_out = match params.integer("type")? {
        Some(IN) => false,
        None | Some(OUT) => true,
        Some(_) => return Err(Error::InvalidData("type")),
    };
    let asset = if params.get("asset").is_some() { Some(sub_accounts::asset(app, params)?.id.0) } else { None };
    let (start, end) = params.times()?;
    let limit = params.limit(most, most)?;
    let with_failed = params.flag("returnFailHistory")?.unwrap_or(false);
    app.caught_up().await?;
    let master = master_of(app, account)?;
    let query = Query {
        from: is_out.then_some(account.0),
        to: (!is_out).then_some(account.0),
        asset,
        start_us: start.map(|start| start.0),
        end_us: end.map(|end| end.0),
        done_only: !with_failed,
        limit: u32::try_from(limit).unwrap_or(MOST_LISTED),
        ..Query::default()
    };
    let (found, _) = app.transfers.list(master.0, &query).await.map_err(store)?;
    let assets = app.market_data.assets();
    let shape = |transfer: &transfers::Transfer| {
        let (asset, qty) = asset_of(&assets, transfer)?;
        let other = if is_out { transfer.request.to } else { transfer.request.from };
        Ok(Shape {
            counter_party: if other == master.0 { "master" } else { "subAccount" },
            email: name(other),
            direction: if is_out { 2 } else { 1 },
            asset,
            qty,
            from_account_type: SPOT,
            to_account_type: SPOT,
            status: status(transfer.outcome),
            tran_id: transfer.position,
            time: call.units.show(model::Timestamp(transfer.asked_at_us)),
        })
    };
    let shapes = found.iter().map(shape).collect::<Result<Vec<_>, Error>>()?;
    json::to_string(&shapes).map(Reply::json)
}
