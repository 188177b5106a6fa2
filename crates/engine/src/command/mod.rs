//! One file per command, and the matching that several of them share.

mod add_asset;
mod add_market;
mod cancel;
mod cancel_all;
mod cancel_replace;
mod capture;
mod hold;
mod matching;
mod modify;
mod open_account;
mod place;
mod release;
mod transfer;
