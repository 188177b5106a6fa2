//! `GET /api/v3/account`: balances and what the account may do.

use serde::Serialize;

use crate::binance::commission::rate;
use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// Whether balances of nothing are left out.
pub const PARAMETERS: &[&str] = &["omitZeroBalances"];
/// What a request costs.
pub const COST: Cost = Cost::weight(20);

/// Fees are parts per million: a hundred of them are a basis point.
const PPM_PER_BASIS_POINT: i32 = 100;

/// Rounded up: a fee is not shown too low, nor a rebate too high.
const fn basis_points(ppm: i32) -> i32 {
    -(-ppm).div_euclid(PPM_PER_BASIS_POINT)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    maker_commission: i32,
    taker_commission: i32,
    buyer_commission: i32,
    seller_commission: i32,
    commission_rates: CommissionRates,
    can_trade: bool,
    can_withdraw: bool,
    can_deposit: bool,
    brokered: bool,
    require_self_trade_prevention: bool,
    prevent_sor: bool,
    update_time: u64,
    account_type: &'static str,
    balances: Vec<AssetBalance>,
    permissions: [&'static str; 1],
    uid: u32,
}

#[derive(Debug, Serialize)]
struct CommissionRates {
    maker: Decimal,
    taker: Decimal,
    buyer: Decimal,
    seller: Decimal,
}

#[derive(Debug, Serialize)]
struct AssetBalance {
    asset: String,
    free: Decimal,
    locked: Decimal,
}

/// Answers with the account as the views hold it now; `updateTime` is that moment. Fees depend on the account's tier
/// and on the market; what is shown here is the highest of them (`tradeFee` tells each).
///
/// # Errors
/// [`Error::Behind`] and those of the parameters.
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    let omit_zero = call.params.flag("omitZeroBalances")?.unwrap_or(false);
    call.app.caught_up().await?;
    let account = call.caller.account;
    let held = call.app.live.balances(account);
    let mut balances = Vec::new();
    for asset in call.app.market_data.assets() {
        let balance = held.iter().find(|balance| balance.asset == asset.id);
        let (free, locked) = balance.map_or((0, 0), |balance| (balance.available.0, balance.held.0));
        if omit_zero && free == 0 && locked == 0 {
            continue;
        }
        balances.push(AssetBalance {
            asset: asset.symbol.as_str().to_owned(),
            free: Decimal::new(free, asset.scale),
            locked: Decimal::new(locked, asset.scale),
        });
    }
    let markets = call.app.market_data.markets();
    let fees = markets.iter().map(|view| call.app.live.fees(account, view.market.id));
    let (maker, taker) =
        fees.fold((i32::MIN, i32::MIN), |(maker, taker), fees| (maker.max(fees.maker_ppm), taker.max(fees.taker_ppm)));
    let (maker, taker) = if markets.is_empty() { (0, 0) } else { (maker, taker) };
    let shape = Account {
        maker_commission: basis_points(maker),
        taker_commission: basis_points(taker),
        buyer_commission: 0,
        seller_commission: 0,
        commission_rates: CommissionRates { maker: rate(maker), taker: rate(taker), buyer: rate(0), seller: rate(0) },
        can_trade: true,
        // There is no operation for either yet.
        can_withdraw: false,
        can_deposit: false,
        brokered: false,
        require_self_trade_prevention: false,
        prevent_sor: false,
        update_time: call.units.show(call.app.now()),
        account_type: "SPOT",
        balances,
        permissions: ["SPOT"],
        uid: account.0,
    };
    json::to_string(&shape).map(Reply::json)
}
