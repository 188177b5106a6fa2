//! `GET /api/v3/ticker`: what a market did in the last minutes, hours or days.

use super::statistics::answer;
use super::{some_markets, window_weight};
use crate::binance::Params;
use crate::{Call, Cost, Error, Reply};

/// Markets, the status that they must have, length of the window; `FULL` or `MINI`.
pub const PARAMETERS: &[&str] = &["symbol", "symbols", "symbolStatus", "windowSize", "type"];
/// By number of markets.
pub const COST: Cost = Cost::of(window_weight);

/// Answers with an object for `symbol`, else with a list. The window begins with a minute, and is up to a minute longer than asked for.
///
/// # Errors
/// [`Error::MandatoryOneOf`] when no market is named, [`Error::InvalidData`] for a length that there is not, those of the parameters.
pub async fn handle(call: Call) -> Result<Reply, Error> {
    let markets = some_markets(&call.params, &call.app)?;
    let minutes = window_minutes(&call.params)?;
    let now = call.app.now();
    answer(&call, &markets, |view| view.window(now, minutes)).await
}

/// `windowSize`: 1m to 59m, 1h to 23h, 1d to 7d; a day by default.
fn window_minutes(params: &Params) -> Result<u32, Error> {
    const DAY: u32 = 24 * 60;
    let Some(text) = params.get("windowSize") else { return Ok(DAY) };
    let units = [('m', 1, 59), ('h', 60, 23), ('d', DAY, 7)];
    let read = units.into_iter().find_map(|(unit, minutes, most)| {
        let number = text.strip_suffix(unit).filter(|number| !number.starts_with(['0', '+']))?;
        let number: u32 = number.parse().ok().filter(|number| *number <= most)?;
        Some(number * minutes)
    });
    read.ok_or(Error::InvalidData("windowSize"))
}

#[cfg(test)]
mod tests {
    use super::{Params, window_minutes};

    #[test]
    fn windows_are_minutes_hours_or_days() {
        let read = |text: &str| {
            let mut params = Params::new();
            params.push("windowSize", text).unwrap();
            window_minutes(&params).map_err(|error| error.code())
        };
        assert_eq!(window_minutes(&Params::new()).unwrap(), 1_440);
        for (text, minutes) in [("1m", 1), ("59m", 59), ("1h", 60), ("23h", 1_380), ("1d", 1_440), ("7d", 10_080)] {
            assert_eq!(read(text), Ok(minutes), "{text}");
        }
        for text in ["0m", "60m", "24h", "8d", "1d2h", "1w", "m", "01m", "+1m", "-1m", "1", "99999999999d", "1M"] {
            assert_eq!(read(text), Err(-1130), "{text}");
        }
    }
}
