//! `GET /sapi/v1/sub-account/list`: the sub-accounts of a master account.

use serde::Serialize;

use super::sub_accounts::{master, member, name};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// One of them, which page, how many of a page.
pub const PARAMETERS: &[&str] = &["email", "isFreeze", "page", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    sub_accounts: Vec<SubAccount>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SubAccount {
    sub_user_id: u32,
    email: String,
    remark: &'static str,
    is_freeze: bool,
    is_managed_sub_account: bool,
    is_asset_management_sub_account: bool,
}

/// Answers with a page of them in the order in which they were opened: 1 by default, at most 200. None can be frozen.
///
/// # Errors
/// [`Error::Unsupported`] to a sub-account, and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (app, params) = (&call.app, &call.params);
    let page = params.integer("page")?.unwrap_or(1).max(1);
    let limit = params.limit(1, 200)?;
    let frozen = params.flag("isFreeze")?.unwrap_or(false);
    app.caught_up().await?;
    let master = master(app, call.caller.account)?;
    let from = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(limit);
    let found = match member(app, params, "email", master)? {
        Some(account) if account != master => vec![account],
        Some(_) => return Err(Error::InvalidData("email")),
        None => app.live.sub_accounts(master, from, limit).0,
    };
    let shape = |account: &model::AccountId| SubAccount {
        sub_user_id: account.0,
        email: name(account.0),
        remark: "",
        is_freeze: false,
        is_managed_sub_account: false,
        is_asset_management_sub_account: false,
    };
    let sub_accounts = if frozen { Vec::new() } else { found.iter().map(shape).collect() };
    json::to_string(&List { sub_accounts }).map(Reply::json)
}
