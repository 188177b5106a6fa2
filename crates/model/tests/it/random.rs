//! Commands of every kind, with any numbers in them.

use model::{
    AccountId, Amend, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, HoldId,
    ListId, ListKind, ListTarget, Market, MarketId, MarketState, OrderId, OrderType, PercentPrice, Place, PlaceList,
    Price, Quantity, Range, ReplaceMode, SelfTrade, Sequence, Side, SourceId, SourceSeq, Stamped, Symbol, Target,
    TierId, TimeInForce, Timestamp, Volatility,
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
    let kinds = (any::<bool>(), 0u8..7, 0u8..4, 0u8..5);
    let numbers = (any::<i64>(), any::<i64>(), any::<i64>());
    // What stands behind a flag is absent as often as not.
    let some = prop_oneof![Just(0), any::<i64>()];
    let parts = (some.clone(), prop_oneof![Just(0), any::<u16>()], some, prop_oneof![Just(0), any::<u64>()]);
    (ids, kinds, numbers, parts).prop_map(|(ids, (buys, kind, lives, guards), numbers, parts)| Place {
        account: AccountId(ids.0),
        market: MarketId(ids.1),
        side: if buys { Side::Buy } else { Side::Sell },
        order_type: OrderType::from_code(kind).expect("there are seven"),
        time_in_force: TimeInForce::from_code(lives).expect("there are four"),
        self_trade: SelfTrade::from_code(guards).expect("there are five"),
        price: Price(numbers.0),
        quantity: Quantity(numbers.1),
        quote_quantity: Amount(numbers.2),
        stop_price: Price(parts.0),
        trailing_delta: parts.1,
        iceberg: Quantity(parts.2),
        expire_at: Timestamp(parts.3),
        client_id: ids.2,
    })
}

fn place_list() -> impl Strategy<Value = PlaceList> {
    (0u8..3, client_id(), place(), place(), place()).prop_map(|(kind, client_id, first, second, third)| {
        let kind = ListKind::from_code(kind).expect("there are three");
        let third = if kind.orders() == 3 { third } else { Place::BLANK };
        PlaceList { kind, client_id, orders: [first, second, third] }
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

fn fees() -> impl Strategy<Value = Fees> {
    (any::<i32>(), any::<i32>()).prop_map(|(maker_ppm, taker_ppm)| Fees { maker_ppm, taker_ppm })
}

fn filters() -> impl Strategy<Value = Filters> {
    let ranges = (range(), range(), range());
    let amounts = (any::<i64>(), any::<i64>(), any::<i64>());
    let counts = (any::<u32>(), any::<u32>(), any::<u32>());
    let percents = (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>());
    (ranges, amounts, counts, percents, any::<[u16; 2]>()).prop_map(
        |(ranges, amounts, counts, percents, trailing_delta)| Filters {
            price: ranges.0,
            lot: ranges.1,
            market_lot: ranges.2,
            min_notional: Amount(amounts.0),
            max_notional: Amount(amounts.1),
            max_open_orders: counts.0,
            max_algo_orders: counts.1,
            iceberg_parts: counts.2,
            max_position: Amount(amounts.2),
            percent_price: PercentPrice {
                bid_up_ppm: percents.0,
                bid_down_ppm: percents.1,
                ask_up_ppm: percents.2,
                ask_down_ppm: percents.3,
            },
            trailing_delta,
        },
    )
}

fn market() -> impl Strategy<Value = Market> {
    let ids = (any::<u16>(), symbol(), any::<u16>(), any::<u16>(), any::<u8>(), any::<u8>());
    let limits = (any::<u32>(), any::<u32>(), any::<u32>());
    (ids, filters(), prop::option::of(fees()), limits).prop_map(|(ids, filters, fees, limits)| Market {
        id: MarketId(ids.0),
        symbol: ids.1,
        base: AssetId(ids.2),
        quote: AssetId(ids.3),
        price_decimals: ids.4,
        quantity_decimals: ids.5,
        filters,
        fees,
        volatility: Volatility { move_ppm: limits.0, window_ms: limits.1, auction_ms: limits.2 },
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

fn orders() -> impl Strategy<Value = Command> {
    let owner = || (any::<u32>().prop_map(AccountId), any::<u16>().prop_map(MarketId));
    prop_oneof![
        place().prop_map(Command::Place),
        place_list().prop_map(|list| Command::PlaceList(Box::new(list))),
        (owner(), target(), client_id()).prop_map(|((account, market), target, client_id)| {
            Command::Cancel { account, market, target, client_id }
        }),
        (owner(), any::<u64>(), any::<i64>(), any::<i64>()).prop_map(|((account, market), order, price, quantity)| {
            let (price, quantity) = (Price(price), Quantity(quantity));
            Command::Modify { account, market, order: OrderId(order), price, quantity }
        }),
        (owner(), target(), any::<i64>(), client_id()).prop_map(|((account, market), target, quantity, client_id)| {
            Command::Amend(Amend { account, market, target, quantity: Quantity(quantity), client_id })
        }),
        (any::<bool>(), target(), client_id(), place()).prop_map(|(allows, target, cancel_id, place)| {
            let mode = if allows { ReplaceMode::AllowFailure } else { ReplaceMode::StopOnFailure };
            Command::CancelReplace(CancelReplace { mode, target, cancel_id, place })
        }),
    ]
}

/// Commands over many orders at once.
fn many() -> impl Strategy<Value = Command> {
    let account = || any::<u32>().prop_map(AccountId);
    let market = || any::<u16>().prop_map(MarketId);
    let list =
        prop_oneof![any::<u64>().prop_map(|id| ListTarget::List(ListId(id))), client_id().prop_map(ListTarget::Client)];
    prop_oneof![
        (account(), prop::option::of(market())).prop_map(|(account, market)| Command::CancelAll { account, market }),
        (account(), market(), list, client_id()).prop_map(|(account, market, target, client_id)| {
            Command::CancelList { account, market, target, client_id }
        }),
        market().prop_map(|market| Command::CancelMarket { market }),
        (account(), prop::option::of(market()), any::<u64>())
            .prop_map(|(account, market, timeout_us)| Command::SetCountdown { account, market, timeout_us }),
    ]
}

/// What the operator and the node send.
fn administration() -> impl Strategy<Value = Command> {
    let market_id = || any::<u16>().prop_map(MarketId);
    let tier = || any::<u16>().prop_map(TierId);
    prop_oneof![
        Just(Command::Tick),
        (any::<u16>(), symbol(), any::<u8>())
            .prop_map(|(id, symbol, scale)| { Command::AddAsset(Asset { id: AssetId(id), symbol, scale }) }),
        market().prop_map(|market| Command::AddMarket(Box::new(market))),
        market().prop_map(|market| Command::SetMarket(Box::new(market))),
        (market_id(), 0u8..5, any::<u64>()).prop_map(|(market, state, until)| {
            let state = MarketState::from_code(state).expect("there are five");
            Command::SetMarketState { market, state, until: Timestamp(until) }
        }),
        (any::<u32>(), any::<u32>()).prop_map(|(account, parent)| {
            Command::OpenAccount { account: AccountId(account), parent: AccountId(parent) }
        }),
        (any::<u32>(), tier()).prop_map(|(account, tier)| Command::SetTier { account: AccountId(account), tier }),
        (prop::option::of(tier()), prop::option::of(market_id()), prop::option::of(fees()))
            .prop_map(|(tier, market, fees)| Command::SetFees { tier, market, fees }),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![1 => money(), 3 => orders(), 1 => many(), 2 => administration()]
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
