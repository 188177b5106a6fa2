//! `GET /sapi/v1/convert/tradeFlow`: swaps of one asset for another. There are none yet.

use serde::Serialize;

use crate::call::Caller;
use crate::json;
use crate::{Call, Cost, Error, Reply};

/// Span of time, number of swaps.
pub const PARAMETERS: &[&str] = &["startTime", "endTime", "limit"];
/// What a request costs.
pub const COST: Cost = Cost::weight(1);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Swaps {
    list: [(); 0],
    start_time: u64,
    end_time: u64,
    limit: usize,
    more_data: bool,
}

/// Answers with an empty list for the span of time.
///
/// # Errors
/// [`Error::Mandatory`] and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let (start, end) = call.params.times()?;
    let swaps = Swaps {
        list: [],
        start_time: call.units.show(start.ok_or(Error::Mandatory("startTime"))?),
        end_time: call.units.show(end.ok_or(Error::Mandatory("endTime"))?),
        limit: call.params.limit(100, 1_000)?,
        more_data: false,
    };
    json::to_string(&swaps).map(Reply::json)
}
