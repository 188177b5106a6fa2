//! What joins crates that do not know each other.

mod accounts;
mod blocks;
mod elsewhere;
mod exchange;
mod gifts;
mod letters;
pub(crate) mod texts;

pub(crate) use accounts::EngineAccounts;
pub(crate) use blocks::KeyBlocks;
pub(crate) use elsewhere::Elsewhere;
pub(crate) use exchange::NodeExchange;
pub(crate) use gifts::Gifts;
pub(crate) use letters::{Letters, deliver};
pub(crate) use texts::{TextGateway, Texts, send_text};
