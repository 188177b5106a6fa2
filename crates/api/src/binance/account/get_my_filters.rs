//! `GET /api/v3/myFilters`: the filters that an account meets in a market.

use serde::Serialize;

use crate::binance::filters::{Filter, filters_of};
use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// The market.
pub const PARAMETERS: &[&str] = &["symbol"];
/// What a request costs.
pub const COST: Cost = Cost::weight(40);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct MyFilters {
    exchange_filters: [(); 0],
    symbol_filters: Vec<Filter>,
    asset_filters: [(); 0],
}

/// Answers with the market's filters: they are the same for all accounts, and there are none of the exchange or of an asset.
///
/// # Errors
/// Those of the parameters, [`Error::Behind`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let view = call.params.market(&call.app)?;
    call.app.caught_up().await?;
    let symbol_filters = filters_of(&view.market, view.base.scale, view.quote.scale);
    json::to_string(&MyFilters { exchange_filters: [], symbol_filters, asset_filters: [] }).map(Reply::json)
}
