//! `GET /sapi/v1/capital/config/getall`: the assets of the exchange, with what the account has of each.

use serde::Serialize;

use crate::call::Caller;
use crate::json::{self, Decimal};
use crate::{Call, Cost, Error, Reply};

/// None.
pub const PARAMETERS: &[&str] = &[];
/// What a request costs.
pub const COST: Cost = Cost::weight(10);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Coin {
    coin: String,
    deposit_all_enable: bool,
    free: Decimal,
    freeze: Decimal,
    ipoable: Decimal,
    ipoing: Decimal,
    is_legal_money: bool,
    locked: Decimal,
    /// An asset has no other name than its symbol.
    name: String,
    network_list: [(); 0],
    storage: Decimal,
    trading: bool,
    withdraw_all_enable: bool,
    withdrawing: Decimal,
}

/// Answers with all assets. None can be deposited or withdrawn yet, so none has a network; `trading` says whether a market has it.
///
/// # Errors
/// [`Error::Behind`].
pub async fn handle(call: Call<Caller>) -> Result<Reply, Error> {
    call.app.caught_up().await?;
    let markets = call.app.market_data.markets();
    let coins: Vec<Coin> = call
        .app
        .market_data
        .assets()
        .into_iter()
        .map(|asset| {
            let balance = call.app.live.balance(call.caller.account, asset.id);
            let none = Decimal::new(0, asset.scale);
            Coin {
                coin: asset.symbol.as_str().to_owned(),
                deposit_all_enable: false,
                free: Decimal::new(balance.available.0, asset.scale),
                freeze: none,
                ipoable: none,
                ipoing: none,
                is_legal_money: false,
                locked: Decimal::new(balance.held.0, asset.scale),
                name: asset.symbol.as_str().to_owned(),
                network_list: [],
                storage: none,
                trading: markets.iter().any(|view| view.base.id == asset.id || view.quote.id == asset.id),
                withdraw_all_enable: false,
                withdrawing: none,
            }
        })
        .collect();
    json::to_string(&coins).map(Reply::json)
}
