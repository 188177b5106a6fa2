//! Commands of every kind, with any numbers in them.

use model::{
    AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, HoldId, Market,
    MarketId, OrderId, OrderType, Place, Price, Quantity, Range, ReplaceMode, SelfTrade, Sequence, Side, SourceId,
    SourceSeq, Stamped, Symbol, Target, TimeInForce, Timestamp,
};
use proptest::prelude::*;

fn client_id() -> impl Strategy<Value = ClientOrderId> {
    "[a-zA-Z0-9_./:-]{0,36}".prop_map(|text| ClientOrderId::new(&text).expect("made of legal characters"))
}

fn symbol() -> impl Strategy<Value = Symbol> {
    "[A-Z0-9]{1,20}".prop_map(|text| Symbol::new(&text).expect("made of legal characters"))
}

fn place() -> impl Strategy<Value = Place> {
    let ids = (any::<u32>(), any::<u16>(), client_id());
    let kinds = (any::<bool>(), 0u8..3, 0u8..3, any::<bool>());
    let numbers = (any::<i64>(), any::<i64>(), any::<i64>());
    (ids, kinds, numbers).prop_map(|((account, market, client_id), (buys, kind, lives, guards), numbers)| Place {
        account: AccountId(account),
        market: MarketId(market),
        side: if buys { Side::Buy } else { Side::Sell },
        order_type: OrderType::from_code(kind).expect("there are three"),
        time_in_force: TimeInForce::from_code(lives).expect("there are three"),
        self_trade: if guards { SelfTrade::ExpireTaker } else { SelfTrade::None },
        price: Price(numbers.0),
        quantity: Quantity(numbers.1),
        quote_quantity: Amount(numbers.2),
        client_id,
    })
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        any::<u64>().prop_map(|id| Target::Order(OrderId(id))),
        client_id().prop_map(Target::Client),
        (any::<u64>(), client_id()).prop_map(|(id, name)| Target::Both(OrderId(id), name)),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    (any::<i64>(), any::<i64>(), any::<i64>()).prop_map(|(min, max, step)| Range { min, max, step })
}

fn market() -> impl Strategy<Value = Market> {
    let ids = (any::<u16>(), symbol(), any::<u16>(), any::<u16>(), any::<u8>(), any::<u8>());
    let limits = (range(), range(), range(), any::<i64>(), any::<i64>(), any::<u32>());
    (ids, limits, any::<u32>(), any::<u32>()).prop_map(|(ids, limits, maker_ppm, taker_ppm)| Market {
        id: MarketId(ids.0),
        symbol: ids.1,
        base: AssetId(ids.2),
        quote: AssetId(ids.3),
        price_decimals: ids.4,
        quantity_decimals: ids.5,
        filters: Filters {
            price: limits.0,
            lot: limits.1,
            market_lot: limits.2,
            min_notional: Amount(limits.3),
            max_notional: Amount(limits.4),
            max_open_orders: limits.5,
        },
        fees: Fees { maker_ppm, taker_ppm },
    })
}

fn money() -> impl Strategy<Value = Command> {
    prop_oneof![
        (any::<u32>(), any::<u32>(), any::<u16>(), any::<i64>()).prop_map(|(from, to, asset, amount)| {
            Command::Transfer {
                from: AccountId(from),
                to: AccountId(to),
                asset: AssetId(asset),
                amount: Amount(amount),
            }
        }),
        (any::<u32>(), any::<u16>(), any::<i64>()).prop_map(|(account, asset, amount)| {
            Command::Hold { account: AccountId(account), asset: AssetId(asset), amount: Amount(amount) }
        }),
        (any::<u64>(), any::<u32>(), any::<i64>()).prop_map(|(hold, to, amount)| {
            Command::Capture { hold: HoldId(hold), to: AccountId(to), amount: Amount(amount) }
        }),
        any::<u64>().prop_map(|hold| Command::Release { hold: HoldId(hold) }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    let owner = || (any::<u32>(), any::<u16>());
    prop_oneof![
        money(),
        (any::<u16>(), symbol(), any::<u8>()).prop_map(|(id, symbol, scale)| Command::AddAsset(Asset {
            id: AssetId(id),
            symbol,
            scale
        })),
        market().prop_map(Command::AddMarket),
        any::<u32>().prop_map(|account| Command::OpenAccount { account: AccountId(account) }),
        place().prop_map(Command::Place),
        (owner(), target(), client_id()).prop_map(|((account, market), target, client_id)| {
            Command::Cancel { account: AccountId(account), market: MarketId(market), target, client_id }
        }),
        (any::<u32>(), any::<Option<u16>>()).prop_map(|(account, market)| {
            Command::CancelAll { account: AccountId(account), market: market.map(MarketId) }
        }),
        (owner(), any::<u64>(), any::<i64>(), any::<i64>()).prop_map(|((account, market), order, price, quantity)| {
            Command::Modify {
                account: AccountId(account),
                market: MarketId(market),
                order: OrderId(order),
                price: Price(price),
                quantity: Quantity(quantity),
            }
        }),
        (any::<bool>(), target(), client_id(), place()).prop_map(|(allows, target, cancel_id, place)| {
            let mode = if allows { ReplaceMode::AllowFailure } else { ReplaceMode::StopOnFailure };
            Command::CancelReplace(CancelReplace { mode, target, cancel_id, place })
        }),
    ]
}

/// Any command with any stamp.
pub(crate) fn stamped() -> impl Strategy<Value = Stamped> {
    (any::<u64>(), any::<u64>(), any::<u16>(), any::<u64>(), command()).prop_map(
        |(sequence, time, source, source_seq, command)| Stamped {
            sequence: Sequence(sequence),
            time: Timestamp(time),
            envelope: Envelope { source: SourceId(source), source_seq: SourceSeq(source_seq), command },
        },
    )
}
