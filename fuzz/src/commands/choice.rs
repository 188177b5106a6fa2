//! One command out of bytes: sensible more often than not, so that the books fill.

use model::{
    AccountId, Amend, Amount, AssetId, CancelReplace, ClientOrderId, Command, Fees, HoldId, ListId, ListKind,
    ListTarget, MarketId, MarketState, OrderId, OrderType, Place, PlaceList, Price, Quantity, ReplaceMode, SelfTrade,
    Side, Target, TierId, TimeInForce, Timestamp, system,
};

use super::bytes::Bytes;
use super::scene::{ACCOUNTS, ASSETS, LOWEST_PRICE, MARKETS, guarded};

/// The numbers that were given out so far, to name what is there, and the time.
#[derive(Default)]
pub(super) struct Known {
    pub(super) last_order: u64,
    pub(super) last_list: u64,
    pub(super) last_hold: u64,
    pub(super) time: u64,
}

const TYPES: [OrderType; 7] = [
    OrderType::Limit,
    OrderType::Market,
    OrderType::LimitMaker,
    OrderType::StopLoss,
    OrderType::StopLossLimit,
    OrderType::TakeProfit,
    OrderType::TakeProfitLimit,
];
const LIVES: [TimeInForce; 4] = [TimeInForce::Gtc, TimeInForce::Ioc, TimeInForce::Fok, TimeInForce::Gtd];
const MODES: [SelfTrade; 5] =
    [SelfTrade::None, SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement];
const STATES: [MarketState; 5] =
    [MarketState::Trading, MarketState::Auction, MarketState::PostOnly, MarketState::Halt, MarketState::CancelOnly];

impl Known {
    /// The next command.
    pub(super) fn command(&self, bytes: &mut Bytes<'_>) -> Command {
        match bytes.below(32) {
            0..=11 => Command::Place(self.place(bytes)),
            12 | 13 => Command::Cancel {
                account: account(bytes),
                market: market(bytes),
                target: self.target(bytes),
                client_id: client_id(bytes),
            },
            14 | 15 => Command::Modify {
                account: account(bytes),
                market: market(bytes),
                order: self.order(bytes),
                price: price(bytes),
                quantity: quantity(bytes),
            },
            16 => Command::Amend(Amend {
                account: account(bytes),
                market: market(bytes),
                target: self.target(bytes),
                quantity: quantity(bytes),
                client_id: client_id(bytes),
            }),
            17 => Command::CancelReplace(CancelReplace {
                mode: bytes.pick(&[ReplaceMode::StopOnFailure, ReplaceMode::AllowFailure]),
                target: self.target(bytes),
                cancel_id: client_id(bytes),
                place: self.place(bytes),
            }),
            18..=20 => Command::PlaceList(Box::new(self.list(bytes))),
            21 => Command::CancelList {
                account: account(bytes),
                market: market(bytes),
                target: match bytes.below(4) {
                    3 => ListTarget::Client(client_id(bytes)),
                    back => ListTarget::List(ListId(self.last_list.saturating_sub(u64::from(back)))),
                },
                client_id: client_id(bytes),
            },
            22 => Command::CancelAll { account: account(bytes), market: some_market(bytes) },
            23 => Command::Tick,
            24 | 25 => self.state(bytes),
            26 => self.countdown(bytes),
            27 | 28 => self.money(bytes),
            _ => rare(bytes),
        }
    }

    fn place(&self, bytes: &mut Bytes<'_>) -> Place {
        let order_type = if bytes.chance(110) { bytes.pick(&TYPES) } else { OrderType::Limit };
        let mut place = Place {
            account: account(bytes),
            market: market(bytes),
            side: if bytes.chance(128) { Side::Sell } else { Side::Buy },
            order_type,
            self_trade: if bytes.chance(128) { bytes.pick(&MODES) } else { SelfTrade::None },
            price: if order_type.has_limit() { price(bytes) } else { Price(0) },
            quantity: quantity(bytes),
            client_id: client_id(bytes),
            ..Place::BLANK
        };
        match order_type {
            OrderType::Market => {
                place.time_in_force = TimeInForce::Ioc;
                if bytes.chance(64) {
                    (place.quantity, place.quote_quantity) =
                        (Quantity(0), Amount(bytes.number(500, 240).saturating_mul(1_000)));
                }
            }
            _ if bytes.chance(64) => place.time_in_force = bytes.pick(&LIVES),
            _ => {}
        }
        if order_type.is_contingent() {
            let with = bytes.below(4);
            if with != 1 {
                place.stop_price = price(bytes);
            }
            if with == 1 || with == 2 {
                place.trailing_delta = u16::from(bytes.byte()) * 8;
            }
        }
        if order_type.has_limit() && bytes.chance(48) {
            place.iceberg = Quantity(bytes.number(1, 12));
        }
        if place.time_in_force == TimeInForce::Gtd {
            place.expire_at = self.later(bytes);
        }
        if bytes.chance(6) {
            self.spoil(bytes, &mut place);
        }
        place
    }

    /// Makes an order that no rule was made for.
    fn spoil(&self, bytes: &mut Bytes<'_>, place: &mut Place) {
        match bytes.below(8) {
            0 => place.quote_quantity = Amount(bytes.number(0, 200)),
            1 => place.stop_price = price(bytes),
            2 => place.trailing_delta = u16::from(bytes.byte()) << bytes.below(9),
            3 => place.iceberg = quantity(bytes),
            4 => place.expire_at = self.later(bytes),
            5 => place.time_in_force = bytes.pick(&LIVES),
            6 => place.order_type = bytes.pick(&TYPES),
            _ => place.price = price(bytes),
        }
    }

    /// A pair or a chain that could be right: the first order's owner, market and quantity for all.
    fn list(&self, bytes: &mut Bytes<'_>) -> PlaceList {
        let kind = bytes.pick(&[ListKind::Oco, ListKind::Oto, ListKind::Otoco]);
        let mut orders = [Place::BLANK; 3];
        for order in &mut orders[..kind.orders()] {
            *order = self.place(bytes);
        }
        let [first, second, third] = &mut orders;
        if !bytes.chance(16) {
            (second.account, second.market) = (first.account, first.market);
            (third.account, third.market) = (first.account, first.market);
        }
        if kind != ListKind::Oco && !bytes.chance(16) {
            first.order_type = OrderType::Limit;
        }
        let (above, below) = if kind == ListKind::Otoco { (second, third) } else { (first, second) };
        if kind != ListKind::Oto && !bytes.chance(16) {
            (below.side, below.quantity) = (above.side, above.quantity);
            pair(bytes, above, below);
        }
        if kind != ListKind::Otoco {
            orders[2] = Place::BLANK;
        }
        PlaceList { kind, client_id: client_id(bytes), orders }
    }

    fn state(&self, bytes: &mut Bytes<'_>) -> Command {
        let state = bytes.pick(&STATES);
        let with_end = state == MarketState::Auction && bytes.chance(128) || bytes.chance(8);
        let until = if with_end { self.later(bytes) } else { Timestamp::NEVER };
        Command::SetMarketState { market: market(bytes), state, until }
    }

    fn countdown(&self, bytes: &mut Bytes<'_>) -> Command {
        let timeout_us = match bytes.byte() {
            255 => Command::MAX_COUNTDOWN_US + u64::from(bytes.byte()),
            byte => u64::from(byte % 16) * 250_000,
        };
        Command::SetCountdown { account: account(bytes), market: some_market(bytes), timeout_us }
    }

    fn money(&self, bytes: &mut Bytes<'_>) -> Command {
        let amount = Amount(bytes.number(1, 200));
        let hold = HoldId(self.last_hold.saturating_sub(u64::from(bytes.below(3))));
        match bytes.below(4) {
            0 => Command::Transfer { from: payer(bytes), to: payer(bytes), asset: asset(bytes), amount },
            1 => Command::Hold { account: payer(bytes), asset: asset(bytes), amount },
            2 => Command::Capture { hold, to: payer(bytes), amount },
            _ => Command::Release { hold },
        }
    }

    /// One of the last orders.
    fn order(&self, bytes: &mut Bytes<'_>) -> OrderId {
        OrderId(self.last_order.saturating_sub(u64::from(bytes.below(12))))
    }

    fn target(&self, bytes: &mut Bytes<'_>) -> Target {
        match bytes.below(8) {
            6 => Target::Client(client_id(bytes)),
            7 => Target::Both(self.order(bytes), client_id(bytes)),
            _ => Target::Order(self.order(bytes)),
        }
    }

    fn later(&self, bytes: &mut Bytes<'_>) -> Timestamp {
        match bytes.byte() {
            254 => Timestamp(u64::MAX),
            255 => Timestamp(self.time),
            byte => Timestamp(self.time + 1 + u64::from(byte % 32) * 150_000),
        }
    }
}

/// Gives the two orders of a pair types and prices that go together.
fn pair(bytes: &mut Bytes<'_>, above: &mut Place, below: &mut Place) {
    let distance = 1 + i64::from(bytes.below(10));
    let away = if above.side == Side::Sell { distance } else { -distance };
    let stop = above.price.0.saturating_sub(away);
    above.order_type = bytes.pick(&[OrderType::LimitMaker, OrderType::TakeProfit, OrderType::TakeProfitLimit]);
    below.order_type = bytes.pick(&[OrderType::StopLoss, OrderType::StopLossLimit]);
    for (place, price) in [(above, above_price(stop, away)), (below, stop)] {
        place.time_in_force = TimeInForce::Gtc;
        (place.expire_at, place.quote_quantity) = (Timestamp::NEVER, Amount(0));
        (place.stop_price, place.trailing_delta) = (Price(0), 0);
        if place.order_type.is_contingent() {
            place.stop_price = Price(price);
        }
        place.price = if place.order_type.has_limit() { Price(price) } else { Price(0) };
        if !place.order_type.has_limit() {
            place.iceberg = Quantity(0);
        }
    }
}

fn above_price(stop: i64, away: i64) -> i64 {
    stop.saturating_add(away)
}

/// What seldom happens.
fn rare(bytes: &mut Bytes<'_>) -> Command {
    let fees = bytes.pick(&[
        None,
        Some(Fees { maker_ppm: 0, taker_ppm: 0 }),
        Some(Fees { maker_ppm: -200, taker_ppm: 300 }),
        Some(Fees { maker_ppm: 100_000, taker_ppm: 100_000 }),
        Some(Fees { maker_ppm: -300, taker_ppm: 200 }),
    ]);
    let tier = TierId(u16::from(bytes.below(3)));
    match bytes.below(6) {
        0 => Command::SetFees { tier: bytes.chance(128).then_some(tier), market: some_market(bytes), fees },
        1 => Command::SetTier { account: account(bytes), tier },
        2 => Command::SetMarket(Box::new(guarded(bytes))),
        3 => Command::CancelMarket { market: market(bytes) },
        4 => Command::OpenAccount {
            account: AccountId(u32::from(bytes.below(6)) + 999),
            parent: bytes.pick(&[AccountId(0), ACCOUNTS[0], ACCOUNTS[2], AccountId(7)]),
        },
        _ => Command::AddMarket(Box::new(guarded(bytes))),
    }
}

fn account(bytes: &mut Bytes<'_>) -> AccountId {
    match bytes.byte() {
        255 => AccountId(4_000),
        byte => ACCOUNTS[usize::from(byte) % ACCOUNTS.len()],
    }
}

fn payer(bytes: &mut Bytes<'_>) -> AccountId {
    if bytes.chance(128) { bytes.pick(&system::ALL) } else { account(bytes) }
}

fn market(bytes: &mut Bytes<'_>) -> MarketId {
    match bytes.byte() {
        255 => MarketId(7),
        byte => MARKETS[usize::from(byte) % MARKETS.len()],
    }
}

fn some_market(bytes: &mut Bytes<'_>) -> Option<MarketId> {
    bytes.chance(128).then(|| market(bytes))
}

fn asset(bytes: &mut Bytes<'_>) -> AssetId {
    match bytes.byte() {
        255 => AssetId(7),
        byte => ASSETS[usize::from(byte) % ASSETS.len()],
    }
}

fn price(bytes: &mut Bytes<'_>) -> Price {
    Price(bytes.number(LOWEST_PRICE, 16))
}

fn quantity(bytes: &mut Bytes<'_>) -> Quantity {
    Quantity(bytes.number(1, 24))
}

/// Most often none; otherwise one of a few, so that they meet again.
fn client_id(bytes: &mut Bytes<'_>) -> ClientOrderId {
    const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "abcdefghijklmnopqrstuvwxyz0123456789"];
    match bytes.byte() {
        byte @ 192.. => ClientOrderId::new(NAMES[usize::from(byte) % NAMES.len()]).unwrap_or_default(),
        _ => ClientOrderId::EMPTY,
    }
}
