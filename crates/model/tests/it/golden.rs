//! Bytes of version 1 as they were first written. A journal of that day must be read for ever, so the file is never written
//! anew: `UPDATE_EXPECT=1` makes it only where there is none. A new version gets a file of its own beside it.

use model::codec;
use model::{
    AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, Command, Envelope, Fees, Filters, HoldId, Market,
    MarketId, OrderId, OrderType, Place, Price, Quantity, Range, ReplaceMode, SelfTrade, Sequence, Side, SourceId,
    SourceSeq, Stamped, Symbol, Target, TimeInForce, Timestamp, system,
};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/commands-v1.bin");

fn name(text: &str) -> ClientOrderId {
    ClientOrderId::new(text).expect("a legal name")
}

fn symbol(text: &str) -> Symbol {
    Symbol::new(text).expect("a legal symbol")
}

fn bitcoin() -> Market {
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
        },
        fees: Fees { maker_ppm: 1_000, taker_ppm: 1_500 },
    }
}

fn limit() -> Place {
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
    }
}

/// What the file says, in its order.
pub(crate) fn commands() -> Vec<Stamped> {
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
        Command::AddMarket(bitcoin()),
        Command::OpenAccount { account },
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
    let stamp = |(command, number): (Command, u64)| Stamped {
        sequence: Sequence(number),
        time: Timestamp(1_430_438_400_000_000 + number),
        // Client commands have no source, the others come in the order of one.
        envelope: if number > 8 {
            Envelope::client(command)
        } else {
            Envelope { source: SourceId::OPERATOR, source_seq: SourceSeq(number), command }
        },
    };
    commands.into_iter().zip(1..).map(stamp).collect()
}

/// Each record after its length.
fn written(commands: &[Stamped]) -> Vec<u8> {
    let mut file = Vec::new();
    for stamped in commands {
        let mut record = Vec::new();
        codec::encode(&mut record, stamped.time, &stamped.envelope);
        let length = u32::try_from(record.len()).expect("records are short");
        file.extend_from_slice(&length.to_le_bytes());
        file.extend_from_slice(&record);
    }
    file
}

#[test]
fn version_1_stays_readable() {
    if std::env::var_os("UPDATE_EXPECT").is_some() && !std::path::Path::new(PATH).exists() {
        std::fs::write(PATH, written(&commands())).expect("the folder can be written to");
    }
    let file = std::fs::read(PATH).expect("the golden file is part of the project");
    let mut rest = &file[..];
    let mut number = 0;
    let mut found = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk() {
        number += 1;
        let (record, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        found.push(codec::decode(Sequence(number), record).expect("a record of version 1"));
        rest = tail;
    }
    assert_eq!(found, commands());
}

/// As long as version 1 is what is written, its bytes are the golden ones.
#[test]
fn version_1_is_written_as_ever() {
    assert_eq!(codec::VERSION, 1, "a new version needs a golden file of its own, and this test goes");
    let file = std::fs::read(PATH).expect("the golden file is part of the project");
    assert!(file == written(&commands()), "the bytes of version 1 changed: give them a new version");
}
