//! The wallet API: what clients ask of it while they load markets, and what this exchange has of the rest. What it does not have is an
//! empty list, or refused by name.

pub mod get_account_status;
pub mod get_all_coins;
pub mod get_convert_pairs;
pub mod get_convert_trades;
pub mod get_deposit_address;
pub mod get_deposits;
pub mod get_margin_pairs;
pub mod get_sub_account_assets;
pub mod get_sub_accounts;
pub mod get_sub_user_history;
pub mod get_system_status;
pub mod get_trade_fee;
pub mod get_transfers;
pub mod get_universal_transfers;
pub mod get_withdrawals;
pub mod post_convert_accept;
pub mod post_convert_quote;
pub mod post_sub_to_master;
pub mod post_sub_to_sub;
pub mod post_transfer;
pub mod post_universal_transfer;
pub mod post_withdraw;
mod sub_accounts;
