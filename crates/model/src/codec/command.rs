//! Commands, by tag.

use super::market::{put_asset, put_fees, put_market, take_asset, take_fees, take_market, take_market_of};
use super::place::{put_optional_market, put_place, put_target, take_optional_market, take_place, take_target};
use super::{DecodeError, Reader, VERSION, Writer};
use crate::{
    AccountId, Amend, Amount, AssetId, CancelReplace, Command, HoldId, ListId, ListKind, ListTarget, MarketId,
    MarketState, OrderId, Place, PlaceList, Price, Quantity, ReplaceMode, TierId, Timestamp,
};

mod tag {
    pub(super) const ADD_ASSET: u8 = 1;
    pub(super) const ADD_MARKET: u8 = 2;
    pub(super) const OPEN_ACCOUNT: u8 = 3;
    pub(super) const TRANSFER: u8 = 4;
    pub(super) const HOLD: u8 = 5;
    pub(super) const CAPTURE: u8 = 6;
    pub(super) const RELEASE: u8 = 7;
    pub(super) const PLACE: u8 = 8;
    pub(super) const CANCEL: u8 = 9;
    pub(super) const CANCEL_ALL: u8 = 10;
    pub(super) const MODIFY: u8 = 11;
    pub(super) const CANCEL_REPLACE: u8 = 12;
    pub(super) const TICK: u8 = 13;
    pub(super) const SET_MARKET: u8 = 14;
    pub(super) const SET_MARKET_STATE: u8 = 15;
    pub(super) const SET_TIER: u8 = 16;
    pub(super) const SET_FEES: u8 = 17;
    pub(super) const PLACE_LIST: u8 = 18;
    pub(super) const CANCEL_LIST: u8 = 19;
    pub(super) const CANCEL_MARKET: u8 = 20;
    pub(super) const SET_COUNTDOWN: u8 = 21;
    pub(super) const AMEND: u8 = 22;
}

pub(super) fn encode_command(w: &mut Writer<'_>, command: &Command) {
    match command {
        Command::Place(place) => {
            w.u8(tag::PLACE);
            put_place(w, place);
        }
        Command::Cancel { account, market, target, client_id } => {
            w.u8(tag::CANCEL);
            w.u32(account.0);
            w.u16(market.0);
            put_target(w, target);
            w.short(client_id.as_bytes());
        }
        Command::Modify { account, market, order, price, quantity } => {
            w.u8(tag::MODIFY);
            w.u32(account.0);
            w.u16(market.0);
            w.u64(order.0);
            w.i64(price.0);
            w.i64(quantity.0);
        }
        Command::CancelReplace(replace) => {
            w.u8(tag::CANCEL_REPLACE);
            w.u8(replace.mode as u8);
            put_target(w, &replace.target);
            w.short(replace.cancel_id.as_bytes());
            put_place(w, &replace.place);
        }
        Command::CancelAll { account, market } => {
            w.u8(tag::CANCEL_ALL);
            w.u32(account.0);
            put_optional_market(w, *market);
        }
        Command::Amend(amend) => {
            w.u8(tag::AMEND);
            w.u32(amend.account.0);
            w.u16(amend.market.0);
            put_target(w, &amend.target);
            w.i64(amend.quantity.0);
            w.short(amend.client_id.as_bytes());
        }
        other => encode_rare_command(w, other),
    }
}

fn encode_rare_command(w: &mut Writer<'_>, command: &Command) {
    match command {
        Command::Tick => w.u8(tag::TICK),
        Command::AddAsset(asset) => {
            w.u8(tag::ADD_ASSET);
            put_asset(w, asset);
        }
        Command::AddMarket(market) => {
            w.u8(tag::ADD_MARKET);
            put_market(w, market);
        }
        Command::SetMarket(market) => {
            w.u8(tag::SET_MARKET);
            put_market(w, market);
        }
        Command::SetMarketState { market, state, until } => {
            w.u8(tag::SET_MARKET_STATE);
            w.u16(market.0);
            w.u8(*state as u8);
            w.u64(until.0);
        }
        Command::OpenAccount { account, parent } => {
            w.u8(tag::OPEN_ACCOUNT);
            w.u32(account.0);
            w.u32(parent.0);
        }
        Command::SetTier { account, tier } => {
            w.u8(tag::SET_TIER);
            w.u32(account.0);
            w.u16(tier.0);
        }
        Command::SetFees { tier, market, fees } => {
            w.u8(tag::SET_FEES);
            w.u8(u8::from(tier.is_some()));
            tier.iter().for_each(|tier| w.u16(tier.0));
            w.u8(u8::from(market.is_some()));
            market.iter().for_each(|market| w.u16(market.0));
            put_fees(w, fees.as_ref());
        }
        other => encode_list_command(w, other),
    }
}

/// Commands over several orders.
fn encode_list_command(w: &mut Writer<'_>, command: &Command) {
    match command {
        Command::PlaceList(list) => {
            w.u8(tag::PLACE_LIST);
            w.u8(list.kind as u8);
            w.short(list.client_id.as_bytes());
            list.orders().iter().for_each(|place| put_place(w, place));
        }
        Command::CancelList { account, market, target, client_id } => {
            w.u8(tag::CANCEL_LIST);
            w.u32(account.0);
            w.u16(market.0);
            match target {
                ListTarget::List(list) => {
                    w.u8(0);
                    w.u64(list.0);
                }
                ListTarget::Client(client) => {
                    w.u8(1);
                    w.short(client.as_bytes());
                }
            }
            w.short(client_id.as_bytes());
        }
        Command::CancelMarket { market } => {
            w.u8(tag::CANCEL_MARKET);
            w.u16(market.0);
        }
        Command::SetCountdown { account, market, timeout_us } => {
            w.u8(tag::SET_COUNTDOWN);
            w.u32(account.0);
            put_optional_market(w, *market);
            w.u64(*timeout_us);
        }
        other => encode_transfer(w, other),
    }
}

/// Commands that move money other than by trading.
fn encode_transfer(w: &mut Writer<'_>, command: &Command) {
    match command {
        Command::Transfer { from, to, asset, amount } => {
            w.u8(tag::TRANSFER);
            w.u32(from.0);
            w.u32(to.0);
            w.u16(asset.0);
            w.i64(amount.0);
        }
        Command::Hold { account, asset, amount } => {
            w.u8(tag::HOLD);
            w.u32(account.0);
            w.u16(asset.0);
            w.i64(amount.0);
        }
        Command::Capture { hold, to, amount } => {
            w.u8(tag::CAPTURE);
            w.u64(hold.0);
            w.u32(to.0);
            w.i64(amount.0);
        }
        Command::Release { hold } => {
            w.u8(tag::RELEASE);
            w.u64(hold.0);
        }
        // The other commands are written by the two functions above, whose matches end here.
        _ => debug_assert!(false, "{command:?} has no form"),
    }
}

pub(super) fn decode_command(r: &mut Reader<'_>, version: u8) -> Result<Command, DecodeError> {
    let tag = r.u8()?;
    Ok(match tag {
        tag::PLACE => Command::Place(take_place(r, version)?),
        tag::CANCEL => Command::Cancel {
            account: AccountId(r.u32()?),
            market: MarketId(r.u16()?),
            target: take_target(r)?,
            client_id: r.client_id()?,
        },
        tag::CANCEL_ALL => Command::CancelAll { account: AccountId(r.u32()?), market: take_optional_market(r)? },
        tag::MODIFY => Command::Modify {
            account: AccountId(r.u32()?),
            market: MarketId(r.u16()?),
            order: OrderId(r.u64()?),
            price: Price(r.i64()?),
            quantity: Quantity(r.i64()?),
        },
        tag::CANCEL_REPLACE => {
            let mode = r.code("replace mode", |code| match code {
                0 => Some(ReplaceMode::StopOnFailure),
                1 => Some(ReplaceMode::AllowFailure),
                _ => None,
            })?;
            let target = take_target(r)?;
            let cancel_id = r.client_id()?;
            Command::CancelReplace(CancelReplace { mode, target, cancel_id, place: take_place(r, version)? })
        }
        tag::AMEND if version >= 2 => Command::Amend(Amend {
            account: AccountId(r.u32()?),
            market: MarketId(r.u16()?),
            target: take_target(r)?,
            quantity: Quantity(r.i64()?),
            client_id: r.client_id()?,
        }),
        other => decode_rare_command(r, version, other)?,
    })
}

fn decode_rare_command(r: &mut Reader<'_>, version: u8, tag: u8) -> Result<Command, DecodeError> {
    Ok(match tag {
        tag::ADD_ASSET => Command::AddAsset(take_asset(r)?),
        tag::ADD_MARKET => Command::AddMarket(Box::new(take_market_of(r, version)?)),
        tag::OPEN_ACCOUNT => {
            let account = AccountId(r.u32()?);
            let parent = if version >= 2 { AccountId(r.u32()?) } else { AccountId(0) };
            Command::OpenAccount { account, parent }
        }
        tag::TRANSFER => Command::Transfer {
            from: AccountId(r.u32()?),
            to: AccountId(r.u32()?),
            asset: AssetId(r.u16()?),
            amount: Amount(r.i64()?),
        },
        tag::HOLD => Command::Hold { account: AccountId(r.u32()?), asset: AssetId(r.u16()?), amount: Amount(r.i64()?) },
        tag::CAPTURE => Command::Capture { hold: HoldId(r.u64()?), to: AccountId(r.u32()?), amount: Amount(r.i64()?) },
        tag::RELEASE => Command::Release { hold: HoldId(r.u64()?) },
        tag if version >= 2 => decode_second(r, tag)?,
        other => return Err(DecodeError::Value { field: "command tag", value: u64::from(other) }),
    })
}

/// Commands that came with version 2.
fn decode_second(r: &mut Reader<'_>, tag: u8) -> Result<Command, DecodeError> {
    Ok(match tag {
        tag::TICK => Command::Tick,
        tag::SET_MARKET => Command::SetMarket(Box::new(take_market(r)?)),
        tag::SET_MARKET_STATE => Command::SetMarketState {
            market: MarketId(r.u16()?),
            state: r.code("market state", MarketState::from_code)?,
            until: Timestamp(r.u64()?),
        },
        tag::SET_TIER => Command::SetTier { account: AccountId(r.u32()?), tier: TierId(r.u16()?) },
        tag::SET_FEES => Command::SetFees {
            tier: r.optional(|r| Ok(TierId(r.u16()?)))?,
            market: r.optional(|r| Ok(MarketId(r.u16()?)))?,
            fees: take_fees(r)?,
        },
        tag::PLACE_LIST => {
            let kind = r.code("list kind", ListKind::from_code)?;
            let client_id = r.client_id()?;
            let mut orders = [Place::BLANK; 3];
            for order in &mut orders[..kind.orders()] {
                *order = take_place(r, VERSION)?;
            }
            Command::PlaceList(Box::new(PlaceList { kind, client_id, orders }))
        }
        tag::CANCEL_LIST => Command::CancelList {
            account: AccountId(r.u32()?),
            market: MarketId(r.u16()?),
            target: match r.u8()? {
                0 => ListTarget::List(ListId(r.u64()?)),
                1 => ListTarget::Client(r.client_id()?),
                other => return Err(DecodeError::Value { field: "list target", value: u64::from(other) }),
            },
            client_id: r.client_id()?,
        },
        tag::CANCEL_MARKET => Command::CancelMarket { market: MarketId(r.u16()?) },
        tag::SET_COUNTDOWN => Command::SetCountdown {
            account: AccountId(r.u32()?),
            market: take_optional_market(r)?,
            timeout_us: r.u64()?,
        },
        other => return Err(DecodeError::Value { field: "command tag", value: u64::from(other) }),
    })
}
