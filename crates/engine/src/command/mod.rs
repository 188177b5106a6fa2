//! One file per command, and what several of them share: matching, settlement, closing, triggers.

mod account;
mod add_asset;
mod amend;
mod cancel;
mod cancel_all;
mod cancel_replace;
mod capture;
mod close;
mod countdown;
mod hold;
mod market;
mod market_state;
mod matching;
mod modify;
mod place;
mod place_list;
mod release;
mod settlement;
mod transfer;
mod triggers;

pub(crate) use countdown::{Countdowns, Switch};
