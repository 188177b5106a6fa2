//! What the file of version 2 says: all of version 1 in its new form, then what came with version 2.

use model::{
    AccountId, Amend, Amount, CancelReplace, ClientOrderId, Command, Fees, Filters, ListId, ListKind, ListTarget,
    Market, MarketId, MarketState, OrderId, OrderType, PercentPrice, Place, PlaceList, Price, Quantity, ReplaceMode,
    SelfTrade, Side, Stamped, Target, TierId, TimeInForce, Timestamp, Volatility,
};

use super::first::{bitcoin, limit};
use super::name;

const ACCOUNT: AccountId = AccountId(1_000);
const MARKET: MarketId = MarketId(1);

/// A market that uses all that version 2 added to it.
fn full_market() -> Market {
    let percent_price =
        PercentPrice { bid_up_ppm: 5_000_000, bid_down_ppm: 200_000, ask_up_ppm: 4_000_000, ask_down_ppm: 100_000 };
    Market {
        filters: Filters {
            max_algo_orders: 5,
            iceberg_parts: 10,
            max_position: Amount(1_000_000_000_000),
            percent_price,
            trailing_delta: [10, 2_000],
            ..bitcoin().filters
        },
        fees: Some(Fees { maker_ppm: -100, taker_ppm: 100_000 }),
        volatility: Volatility { move_ppm: 50_000, window_ms: 300_000, auction_ms: 60_000 },
        ..bitcoin()
    }
}

fn bare_market() -> Market {
    let bare = Filters { max_algo_orders: 0, iceberg_parts: 0, trailing_delta: [0, 0], ..bitcoin().filters };
    Market { filters: bare, fees: None, volatility: Volatility::OFF, ..bitcoin() }
}

/// One order for each of the parts that stand behind a flag, and one with all of them.
fn special_orders() -> [Place; 6] {
    let stop = Place { order_type: OrderType::StopLossLimit, stop_price: Price(24_000), ..limit() };
    [
        stop,
        Place { order_type: OrderType::TakeProfit, price: Price(0), trailing_delta: 150, ..limit() },
        Place { iceberg: Quantity(10_000), self_trade: SelfTrade::Decrement, ..limit() },
        Place { time_in_force: TimeInForce::Gtd, expire_at: Timestamp(1_430_438_500_000_000), ..limit() },
        Place {
            side: Side::Sell,
            order_type: OrderType::TakeProfitLimit,
            time_in_force: TimeInForce::Gtd,
            self_trade: SelfTrade::ExpireBoth,
            stop_price: Price(i64::MIN),
            trailing_delta: u16::MAX,
            iceberg: Quantity(-1),
            expire_at: Timestamp(u64::MAX),
            ..limit()
        },
        Place {
            order_type: OrderType::StopLoss,
            price: Price(0),
            stop_price: Price(24_000),
            self_trade: SelfTrade::ExpireMaker,
            ..limit()
        },
    ]
}

fn lists() -> [PlaceList; 3] {
    let [stop, trailing, iceberg, ..] = special_orders();
    let profit = Place { order_type: OrderType::LimitMaker, client_id: name("profit"), ..limit() };
    let list = |kind, client_id, orders| PlaceList { kind, client_id, orders };
    [
        list(ListKind::Oco, name("pair"), [profit, stop, Place::BLANK]),
        list(ListKind::Oto, ClientOrderId::EMPTY, [iceberg, trailing, Place::BLANK]),
        list(ListKind::Otoco, name("three"), [limit(), profit, stop]),
    ]
}

/// Commands over many orders, and changes of orders.
fn changes() -> Vec<Command> {
    let (account, market) = (ACCOUNT, MARKET);
    let cancel_list = |target, client_id| Command::CancelList { account, market, target, client_id };
    let countdown = |market, timeout_us| Command::SetCountdown { account, market, timeout_us };
    let amend = |target, quantity, client_id| {
        Command::Amend(Amend { account, market, target, quantity: Quantity(quantity), client_id })
    };
    let [stop, ..] = special_orders();
    vec![
        cancel_list(ListTarget::List(ListId(3)), ClientOrderId::EMPTY),
        cancel_list(ListTarget::Client(name("pair")), name("cancel-3")),
        Command::CancelMarket { market },
        countdown(None, Command::MAX_COUNTDOWN_US),
        countdown(Some(market), 0),
        amend(Target::Order(OrderId(7)), 1, ClientOrderId::EMPTY),
        amend(Target::Both(OrderId(7), name("first")), i64::MAX, name("second")),
        Command::CancelReplace(CancelReplace {
            mode: ReplaceMode::AllowFailure,
            target: Target::Client(name("first")),
            cancel_id: ClientOrderId::EMPTY,
            place: stop,
        }),
    ]
}

/// What only the operator and the node send.
fn administration() -> Vec<Command> {
    let state = |state, until| Command::SetMarketState { market: MARKET, state, until };
    let fees = |tier, market, fees| Command::SetFees { tier, market, fees };
    let rates = Fees { maker_ppm: -100_000, taker_ppm: 100_000 };
    vec![
        Command::Tick,
        Command::AddMarket(Box::new(bare_market())),
        Command::SetMarket(Box::new(full_market())),
        state(MarketState::Trading, Timestamp::NEVER),
        state(MarketState::Halt, Timestamp::NEVER),
        state(MarketState::CancelOnly, Timestamp::NEVER),
        state(MarketState::PostOnly, Timestamp::NEVER),
        state(MarketState::Auction, Timestamp(1_430_438_500_000_000)),
        Command::OpenAccount { account: AccountId(u32::MAX), parent: ACCOUNT },
        Command::SetTier { account: ACCOUNT, tier: TierId(3) },
        fees(None, None, Some(rates)),
        fees(Some(TierId(3)), None, None),
        fees(None, Some(MARKET), Some(Fees::FREE)),
        fees(Some(TierId(u16::MAX)), Some(MarketId(u16::MAX)), Some(rates)),
    ]
}

/// What the file says, in its order.
pub(super) fn commands() -> Vec<Stamped> {
    let before = super::first::commands();
    let sourced = before.len() as u64;
    let commands = before
        .into_iter()
        .map(|stamped| stamped.envelope.command)
        .chain(special_orders().map(Command::Place))
        .chain(lists().map(|list| Command::PlaceList(Box::new(list))))
        .chain(changes())
        .chain(administration());
    super::stamped(commands, |number| number <= 8 || number > sourced + 17)
}
