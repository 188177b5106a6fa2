//! The binary form of commands in the journal. Little-endian, one version byte first.
//!
//! `version u8, time u64, source u16, source_seq u64, tag u8, fields`. The sequence is the journal record's own. A symbol or
//! client id is `length u8, bytes`; what may be absent stands behind a flag, and a command has one form only.
//!
//! Version 2 added contingent and iceberg orders, deadlines, lists, market states, sub-accounts and the fee schedule. In
//! version 1 an account has no parent, a place ends at its client id, and a market at its fees.

use crate::{
    AccountId, Amend, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, HoldId,
    ListId, ListKind, ListTarget, Market, MarketId, MarketState, OrderId, OrderType, PercentPrice, Place, PlaceList,
    Price, Quantity, Range, ReplaceMode, SelfTrade, Sequence, Side, SourceId, SourceSeq, Stamped, Symbol, Target,
    TierId, TimeInForce, Timestamp, Volatility,
};

/// The version that is written.
pub const VERSION: u8 = 2;

/// Why bytes are not a command. The journal's checksum held, so this is a version mismatch or a defect, not a torn write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A version that this program does not know; a newer program wrote it.
    #[error("record version {0} is not known to this program; it was written by a newer one")]
    Version(u8),
    /// The bytes end inside a field.
    #[error("the record is too short")]
    Short,
    /// Bytes are left over.
    #[error("the record has {0} bytes too many")]
    Trailing(usize),
    /// A number that stands for nothing.
    #[error("{value} is no valid {field}")]
    Value {
        /// Which field.
        field: &'static str,
        /// What it says.
        value: u64,
    },
}

/// Appends fields to a byte buffer.
#[derive(Debug)]
pub struct Writer<'a>(pub &'a mut Vec<u8>);

macro_rules! put {
    ($($name:ident: $type:ty),+) => {
        impl Writer<'_> {
            $(
                /// Appends the number, little-endian.
                #[inline]
                pub fn $name(&mut self, value: $type) {
                    self.0.extend_from_slice(&value.to_le_bytes());
                }
            )+
        }
    };
}
put!(u8: u8, u16: u16, u32: u32, u64: u64, i32: i32, i64: i64);

impl Writer<'_> {
    /// Appends a short text: its length in one byte, then its bytes.
    #[inline]
    pub fn short(&mut self, bytes: &[u8]) {
        debug_assert!(bytes.len() <= 255);
        self.u8(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.0.extend_from_slice(bytes);
    }
}

/// Takes fields off a byte slice.
#[derive(Debug)]
pub struct Reader<'a>(pub &'a [u8]);

macro_rules! take {
    ($($name:ident: $type:ty),+) => {
        impl Reader<'_> {
            $(
                /// Takes the number, little-endian.
                #[inline]
                pub fn $name(&mut self) -> Result<$type, DecodeError> {
                    let (head, tail) = self.0.split_first_chunk().ok_or(DecodeError::Short)?;
                    self.0 = tail;
                    Ok(<$type>::from_le_bytes(*head))
                }
            )+
        }
    };
}
take!(u8: u8, u16: u16, u32: u32, u64: u64, i32: i32, i64: i64);

impl<'a> Reader<'a> {
    /// Takes a short text.
    #[inline]
    pub fn short(&mut self) -> Result<&'a [u8], DecodeError> {
        let len = usize::from(self.u8()?);
        let (head, tail) = self.0.split_at_checked(len).ok_or(DecodeError::Short)?;
        self.0 = tail;
        Ok(head)
    }

    /// Ends the reading; bytes left over are an error.
    pub fn end(&self) -> Result<(), DecodeError> {
        if self.0.is_empty() { Ok(()) } else { Err(DecodeError::Trailing(self.0.len())) }
    }

    /// Takes a code byte and turns it into its enum.
    #[inline]
    pub fn code<T>(&mut self, field: &'static str, from: impl FnOnce(u8) -> Option<T>) -> Result<T, DecodeError> {
        let code = self.u8()?;
        from(code).ok_or(DecodeError::Value { field, value: u64::from(code) })
    }

    /// Takes a client order id.
    #[inline]
    pub fn client_id(&mut self) -> Result<ClientOrderId, DecodeError> {
        let bytes = self.short()?;
        if bytes.is_empty() {
            return Ok(ClientOrderId::EMPTY);
        }
        let bad = DecodeError::Value { field: "client order id", value: bytes.len() as u64 };
        std::str::from_utf8(bytes).ok().and_then(|text| ClientOrderId::new(text).ok()).ok_or(bad)
    }

    /// Takes the flag before something that may be absent.
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        self.code("flag", |code| (code <= 1).then_some(code == 1))
    }

    /// Takes something that may be absent.
    pub fn optional<T>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.flag()? { take(self).map(Some) } else { Ok(None) }
    }

    fn symbol(&mut self) -> Result<Symbol, DecodeError> {
        let bytes = self.short()?;
        let bad = DecodeError::Value { field: "symbol", value: bytes.len() as u64 };
        std::str::from_utf8(bytes).ok().and_then(Symbol::new).ok_or(bad)
    }
}

/// Appends a command without its sequence.
pub fn encode(out: &mut Vec<u8>, time: Timestamp, envelope: &Envelope) {
    let mut w = Writer(out);
    w.u8(VERSION);
    w.u64(time.0);
    w.u16(envelope.source.0);
    w.u64(envelope.source_seq.0);
    encode_command(&mut w, &envelope.command);
}

/// Reads a command that [`encode`] wrote, in any version that was ever written.
pub fn decode(sequence: Sequence, bytes: &[u8]) -> Result<Stamped, DecodeError> {
    let mut r = Reader(bytes);
    let version = r.u8()?;
    if version == 0 || version > VERSION {
        return Err(DecodeError::Version(version));
    }
    let time = Timestamp(r.u64()?);
    let source = SourceId(r.u16()?);
    let source_seq = SourceSeq(r.u64()?);
    let command = decode_command(&mut r, version)?;
    r.end()?;
    Ok(Stamped { sequence, time, envelope: Envelope { source, source_seq, command } })
}

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

fn encode_command(w: &mut Writer<'_>, command: &Command) {
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

fn decode_command(r: &mut Reader<'_>, version: u8) -> Result<Command, DecodeError> {
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

fn put_place(w: &mut Writer<'_>, place: &Place) {
    w.u32(place.account.0);
    w.u16(place.market.0);
    w.u8(place.side as u8);
    w.u8(place.order_type as u8);
    w.u8(place.time_in_force as u8);
    w.u8(place.self_trade as u8);
    w.i64(place.price.0);
    w.i64(place.quantity.0);
    w.i64(place.quote_quantity.0);
    w.short(place.client_id.as_bytes());
    let has = [place.stop_price.0 != 0, place.trailing_delta != 0, place.iceberg.0 != 0, place.expire_at.0 != 0];
    w.u8(has.iter().rev().fold(0, |flags, &has| flags << 1 | u8::from(has)));
    if has[0] {
        w.i64(place.stop_price.0);
    }
    if has[1] {
        w.u16(place.trailing_delta);
    }
    if has[2] {
        w.i64(place.iceberg.0);
    }
    if has[3] {
        w.u64(place.expire_at.0);
    }
}

fn take_place(r: &mut Reader<'_>, version: u8) -> Result<Place, DecodeError> {
    let mut place = Place {
        stop_price: Price(0),
        trailing_delta: 0,
        iceberg: Quantity(0),
        expire_at: Timestamp::NEVER,
        account: AccountId(r.u32()?),
        market: MarketId(r.u16()?),
        side: r.code("side", Side::from_code)?,
        order_type: r.code("order type", OrderType::from_code)?,
        time_in_force: r.code("time in force", TimeInForce::from_code)?,
        self_trade: r.code("self-trade mode", SelfTrade::from_code)?,
        price: Price(r.i64()?),
        quantity: Quantity(r.i64()?),
        quote_quantity: Amount(r.i64()?),
        client_id: r.client_id()?,
    };
    let flags = if version >= 2 { r.u8()? } else { 0 };
    if flags >= 16 {
        return Err(DecodeError::Value { field: "flags of an order", value: u64::from(flags) });
    }
    if flags & 1 != 0 {
        place.stop_price = Price(r.i64()?);
    }
    if flags & 2 != 0 {
        place.trailing_delta = r.u16()?;
    }
    if flags & 4 != 0 {
        place.iceberg = Quantity(r.i64()?);
    }
    if flags & 8 != 0 {
        place.expire_at = Timestamp(r.u64()?);
    }
    let present = [place.stop_price.0 != 0, place.trailing_delta != 0, place.iceberg.0 != 0, place.expire_at.0 != 0];
    let found = present.iter().rev().fold(0, |flags, &has| flags << 1 | u8::from(has));
    // What is flagged must be there: one command has one form.
    if found == flags {
        Ok(place)
    } else {
        Err(DecodeError::Value { field: "flagged part of an order", value: u64::from(flags) })
    }
}

fn put_fees(w: &mut Writer<'_>, fees: Option<&Fees>) {
    w.u8(u8::from(fees.is_some()));
    if let Some(fees) = fees {
        w.i32(fees.maker_ppm);
        w.i32(fees.taker_ppm);
    }
}

fn take_fees(r: &mut Reader<'_>) -> Result<Option<Fees>, DecodeError> {
    r.optional(|r| Ok(Fees { maker_ppm: r.i32()?, taker_ppm: r.i32()? }))
}

fn take_optional_market(r: &mut Reader<'_>) -> Result<Option<MarketId>, DecodeError> {
    let some = r.flag()?;
    let market = r.u16()?;
    if !some && market != 0 {
        return Err(DecodeError::Value { field: "market beside a flag that says none", value: u64::from(market) });
    }
    Ok(some.then_some(MarketId(market)))
}

fn put_optional_market(w: &mut Writer<'_>, market: Option<MarketId>) {
    w.u8(u8::from(market.is_some()));
    w.u16(market.unwrap_or_default().0);
}

fn put_target(w: &mut Writer<'_>, target: &Target) {
    match target {
        Target::Order(order) => {
            w.u8(0);
            w.u64(order.0);
        }
        Target::Client(client) => {
            w.u8(1);
            w.short(client.as_bytes());
        }
        Target::Both(order, client) => {
            w.u8(2);
            w.u64(order.0);
            w.short(client.as_bytes());
        }
    }
}

fn take_target(r: &mut Reader<'_>) -> Result<Target, DecodeError> {
    match r.u8()? {
        0 => Ok(Target::Order(OrderId(r.u64()?))),
        1 => Ok(Target::Client(r.client_id()?)),
        2 => Ok(Target::Both(OrderId(r.u64()?), r.client_id()?)),
        other => Err(DecodeError::Value { field: "target", value: u64::from(other) }),
    }
}

/// Appends an asset.
pub fn put_asset(w: &mut Writer<'_>, asset: &Asset) {
    w.u16(asset.id.0);
    w.short(asset.symbol.as_str().as_bytes());
    w.u8(asset.scale);
}

/// Takes an asset.
pub fn take_asset(r: &mut Reader<'_>) -> Result<Asset, DecodeError> {
    Ok(Asset { id: AssetId(r.u16()?), symbol: r.symbol()?, scale: r.u8()? })
}

fn put_range(w: &mut Writer<'_>, range: &Range) {
    w.i64(range.min);
    w.i64(range.max);
    w.i64(range.step);
}

fn take_range(r: &mut Reader<'_>) -> Result<Range, DecodeError> {
    Ok(Range { min: r.i64()?, max: r.i64()?, step: r.i64()? })
}

/// Appends a market.
pub fn put_market(w: &mut Writer<'_>, market: &Market) {
    let filters = &market.filters;
    w.u16(market.id.0);
    w.short(market.symbol.as_str().as_bytes());
    w.u16(market.base.0);
    w.u16(market.quote.0);
    w.u8(market.price_decimals);
    w.u8(market.quantity_decimals);
    put_range(w, &filters.price);
    put_range(w, &filters.lot);
    put_range(w, &filters.market_lot);
    w.i64(filters.min_notional.0);
    w.i64(filters.max_notional.0);
    w.u32(filters.max_open_orders);
    w.u32(filters.max_algo_orders);
    w.u32(filters.iceberg_parts);
    w.i64(filters.max_position.0);
    let PercentPrice { bid_up_ppm, bid_down_ppm, ask_up_ppm, ask_down_ppm } = filters.percent_price;
    [bid_up_ppm, bid_down_ppm, ask_up_ppm, ask_down_ppm].into_iter().for_each(|ppm| w.u32(ppm));
    filters.trailing_delta.into_iter().for_each(|delta| w.u16(delta));
    put_fees(w, market.fees.as_ref());
    w.u32(market.volatility.move_ppm);
    w.u32(market.volatility.window_ms);
    w.u32(market.volatility.auction_ms);
}

/// Takes a market that [`put_market`] wrote.
pub fn take_market(r: &mut Reader<'_>) -> Result<Market, DecodeError> {
    take_market_of(r, VERSION)
}

fn take_market_of(r: &mut Reader<'_>, version: u8) -> Result<Market, DecodeError> {
    let mut market = Market {
        id: MarketId(r.u16()?),
        symbol: r.symbol()?,
        base: AssetId(r.u16()?),
        quote: AssetId(r.u16()?),
        price_decimals: r.u8()?,
        quantity_decimals: r.u8()?,
        filters: Filters {
            price: take_range(r)?,
            lot: take_range(r)?,
            market_lot: take_range(r)?,
            min_notional: Amount(r.i64()?),
            max_notional: Amount(r.i64()?),
            max_open_orders: r.u32()?,
            ..Filters::WIDE
        },
        fees: None,
        volatility: Volatility::OFF,
    };
    if version < 2 {
        let ppm = |ppm: u32| i32::try_from(ppm).map_err(|_| DecodeError::Value { field: "fee", value: u64::from(ppm) });
        market.fees = Some(Fees { maker_ppm: ppm(r.u32()?)?, taker_ppm: ppm(r.u32()?)? });
        return Ok(market);
    }
    let filters = &mut market.filters;
    filters.max_algo_orders = r.u32()?;
    filters.iceberg_parts = r.u32()?;
    filters.max_position = Amount(r.i64()?);
    filters.percent_price =
        PercentPrice { bid_up_ppm: r.u32()?, bid_down_ppm: r.u32()?, ask_up_ppm: r.u32()?, ask_down_ppm: r.u32()? };
    filters.trailing_delta = [r.u16()?, r.u16()?];
    market.fees = take_fees(r)?;
    market.volatility = Volatility { move_ppm: r.u32()?, window_ms: r.u32()?, auction_ms: r.u32()? };
    Ok(market)
}
