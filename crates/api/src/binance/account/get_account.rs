//! `GET /api/v3/account`: balances and what the account may do.

use serde::Serialize;

use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Error, Reply};

/// Whether balances of nothing are left out.
pub const PARAMETERS: &[&str] = &["omitZeroBalances"];

/// Fees are parts per million: six decimals; a hundred of them are a basis point.
const PPM_DECIMALS: u8 = 6;
const PPM_PER_BASIS_POINT: u32 = 100;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    maker_commission: u32,
    taker_commission: u32,
    buyer_commission: u32,
    seller_commission: u32,
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

/// Answers with the account as the views hold it now; `updateTime` is that moment. Fees are set by market; what is shown here for
/// the account is the highest of them (`tradeFee` tells each).
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
    let maker = markets.iter().map(|view| view.market.fees.maker_ppm).max().unwrap_or(0);
    let taker = markets.iter().map(|view| view.market.fees.taker_ppm).max().unwrap_or(0);
    let shape = Account {
        maker_commission: maker.div_ceil(PPM_PER_BASIS_POINT),
        taker_commission: taker.div_ceil(PPM_PER_BASIS_POINT),
        buyer_commission: 0,
        seller_commission: 0,
        commission_rates: CommissionRates {
            maker: Decimal::new(i64::from(maker), PPM_DECIMALS),
            taker: Decimal::new(i64::from(taker), PPM_DECIMALS),
            buyer: Decimal::new(0, PPM_DECIMALS),
            seller: Decimal::new(0, PPM_DECIMALS),
        },
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
