//! Commission rates, as `account/commission` and a tried order tell them.

use model::Fees;
use serde::Serialize;

use crate::json::Decimal;

/// Fees are parts per million: six decimals.
const PPM_DECIMALS: u8 = 6;

/// A rate in parts per million.
pub(crate) const fn rate(ppm: i32) -> Decimal {
    // The widening cannot lose anything; `From` is not const.
    Decimal::new(ppm as i64, PPM_DECIMALS)
}

/// Rates of makers and takers; a rebate is negative.
#[derive(Debug, Serialize)]
pub(crate) struct Rates {
    maker: Decimal,
    taker: Decimal,
}

impl Rates {
    /// None.
    pub(crate) const NONE: Self = Self { maker: rate(0), taker: rate(0) };

    /// Those of an account in a market.
    pub(crate) const fn of(fees: Fees) -> Self {
        Self { maker: rate(fees.maker_ppm), taker: rate(fees.taker_ppm) }
    }
}

/// The discount for paying in an asset of the exchange's own, which this one does not have.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Discount {
    enabled_for_account: bool,
    enabled_for_symbol: bool,
    discount_asset: Option<&'static str>,
    discount: Decimal,
}

impl Discount {
    /// There is none.
    pub(crate) const NONE: Self =
        Self { enabled_for_account: false, enabled_for_symbol: false, discount_asset: None, discount: rate(0) };
}
