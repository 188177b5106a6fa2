//! What the file of version 1 says. An account has no parent there, an order ends at its client id, and a market at its fees:
//! what came later is read as if it were not used.

use model::{
    AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Fees, Filters, HoldId, Market, MarketId,
    OrderId, OrderType, Place, Price, Quantity, Range, ReplaceMode, SelfTrade, Side, Stamped, Target, TimeInForce,
    Volatility, system,
};

use super::{name, symbol};

pub(super) fn bitcoin() -> Market {
    Market {
        id: MarketId(1),
        symbol: symbol("BTCUSDT"),
        base: AssetId(1),
        quote: AssetId(2),
        price_decimals: 2,
        quantity_decimals: 5,
        filters: Filters {
            price: Range { min: 1, max: 100_000_000, step: 1 },
            lot: Range { min: 1, max: 900_000_000, step: 1 },
            market_lot: Range { min: 1, max: 12_000_000, step: 1 },
            min_notional: Amount(500_000_000),
            max_notional: Amount(900_000_000_000_000),
            max_open_orders: 200,
            ..Filters::WIDE
        },
        fees: Some(Fees { maker_ppm: 1_000, taker_ppm: 1_500 }),
        volatility: Volatility::OFF,
    }
}

pub(super) fn limit() -> Place {
    Place {
        account: AccountId(1_000),
        market: MarketId(1),
        side: Side::Buy,
        order_type: OrderType::Limit,
        time_in_force: TimeInForce::Gtc,
        self_trade: SelfTrade::ExpireTaker,
        price: Price(23_647),
        quantity: Quantity(150_000),
        quote_quantity: Amount(0),
        client_id: name("x-R4BD3S82:first_order/1.0"),
        ..Place::BLANK
    }
}

/// What the file says, in its order.
pub(super) fn commands() -> Vec<Stamped> {
    let (account, market) = (AccountId(1_000), MarketId(1));
    let by_quote = Place {
        side: Side::Sell,
        order_type: OrderType::Market,
        time_in_force: TimeInForce::Ioc,
        self_trade: SelfTrade::None,
        price: Price(0),
        quantity: Quantity(0),
        quote_quantity: Amount(1_000_000_000),
        client_id: ClientOrderId::EMPTY,
        ..limit()
    };
    let maker =
        Place { order_type: OrderType::LimitMaker, client_id: name("abcdefghijklmnopqrstuvwxyz0123456789"), ..limit() };
    let all_or_nothing =
        Place { time_in_force: TimeInForce::Fok, price: Price(i64::MAX), quantity: Quantity(-1), ..limit() };
    let replace =
        |mode, target| Command::CancelReplace(CancelReplace { mode, target, cancel_id: name("undo"), place: limit() });
    let cancel = |target, client_id| Command::Cancel { account, market, target, client_id };
    let commands = [
        Command::AddAsset(Asset { id: AssetId(1), symbol: symbol("BTC"), scale: 8 }),
        Command::AddAsset(Asset { id: AssetId(65_535), symbol: symbol("ABCDEFGHIJKLMNOPQRST"), scale: 18 }),
        Command::AddMarket(Box::new(bitcoin())),
        Command::OpenAccount { account, parent: AccountId(0) },
        Command::Transfer { from: system::CUSTODY, to: account, asset: AssetId(2), amount: Amount(1_000_000_000_000) },
        Command::Hold { account, asset: AssetId(2), amount: Amount(i64::MAX) },
        Command::Capture { hold: HoldId(1), to: system::ESCROW, amount: Amount(1) },
        Command::Release { hold: HoldId(u64::MAX) },
        Command::Place(limit()),
        Command::Place(by_quote),
        Command::Place(maker),
        Command::Place(all_or_nothing),
        cancel(Target::Order(OrderId(7)), ClientOrderId::EMPTY),
        cancel(Target::Client(name("first")), name("cancel-1")),
        cancel(Target::Both(OrderId(7), name("first")), name("cancel-2")),
        Command::CancelAll { account, market: None },
        Command::CancelAll { account, market: Some(market) },
        Command::Modify { account, market, order: OrderId(7), price: Price(23_650), quantity: Quantity(1) },
        replace(ReplaceMode::StopOnFailure, Target::Order(OrderId(7))),
        replace(ReplaceMode::AllowFailure, Target::Client(name("first"))),
    ];
    // Client commands have no source, the others come in the order of one.
    super::stamped(commands, |number| number <= 8)
}
