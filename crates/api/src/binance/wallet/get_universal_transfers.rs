//! `GET /sapi/v1/sub-account/universalTransfer`: transfers between a master account and its sub-accounts.

use serde::Serialize;
use transfers::{MOST_LISTED, Query};

use super::post_universal_transfer::client_id;
use super::sub_accounts::{SPOT, asset_of, master, member, name, status, store};
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Both accounts, the client's own id, span of time, which page, how many of a page.
pub const PARAMETERS: &[&str] = &["fromEmail", "toEmail", "clientTranId", "startTime", "endTime", "page", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    result: Vec<Shape>,
    total_count: u64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    tran_id: u64,
    from_email: String,
    to_email: String,
    asset: String,
    amount: Decimal,
    create_time_stamp: u64,
    from_account_type: &'static str,
    to_account_type: &'static str,
    status: &'static str,
    client_tran_id: String,
}

/// Answers with a page of them, newest first: 500 by default and at most.
///
/// # Errors
/// [`Error::Unsupported`] to a sub-account, [`Error::InvalidCombination`] for both accounts at once, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    if params.get("fromEmail").is_some() && params.get("toEmail").is_some() {
        return Err(Error::InvalidCombination);
    }
    let most = usize::try_from(MOST_LISTED).unwrap_or(500);
    let (start, end) = params.times()?;
    let page = params.integer("page")?.unwrap_or(1).max(1) - 1;
    let limit = params.limit(most, most)?;
    app.caught_up().await?;
    let master = master(app, call.caller.account)?;
    let query = Query {
        from: member(app, params, "fromEmail", master)?.map(|account| account.0),
        to: member(app, params, "toEmail", master)?.map(|account| account.0),
        client_id: client_id(params)?,
        start_us: start.map(|start| start.0),
        end_us: end.map(|end| end.0),
        page: u32::try_from(page).unwrap_or(u32::MAX),
        limit: u32::try_from(limit).unwrap_or(MOST_LISTED),
        ..Query::default()
    };
    let (found, total_count) = app.transfers.list(master.0, &query).await.map_err(store)?;
    let assets = app.market_data.assets();
    let shape = |transfer: &transfers::Transfer| {
        let (asset, amount) = asset_of(&assets, transfer)?;
        Ok(Shape {
            tran_id: transfer.position,
            from_email: name(transfer.request.from),
            to_email: name(transfer.request.to),
            asset,
            amount,
            create_time_stamp: call.units.show(model::Timestamp(transfer.asked_at_us)),
            from_account_type: SPOT,
            to_account_type: SPOT,
            status: status(transfer.outcome),
            client_tran_id: transfer.request.client_id.clone().unwrap_or_default(),
        })
    };
    let result = found.iter().map(shape).collect::<Result<_, Error>>()?;
    json::to_string(&Page { result, total_count }).map(Reply::json)
}
