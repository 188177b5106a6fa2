//! A command has one form only: other bytes for the same command are refused, though they could be read.

use model::codec::{self, DecodeError};
use model::{
    AccountId, Command, Envelope, MarketId, OrderType, Place, Price, Quantity, Sequence, TimeInForce, Timestamp,
};

fn bytes_of(command: Command) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::encode(&mut bytes, Timestamp(1), &Envelope::client(command));
    bytes
}

fn refused(bytes: &[u8], field: &'static str, value: u64) {
    assert_eq!(codec::decode(Sequence(1), bytes), Err(DecodeError::Value { field, value }));
}

/// An order with everything that stands behind a flag; they are the last 26 bytes, the flags the one before.
fn special() -> Place {
    Place {
        account: AccountId(1_000),
        market: MarketId(1),
        order_type: OrderType::StopLossLimit,
        time_in_force: TimeInForce::Gtd,
        price: Price(10),
        quantity: Quantity(10),
        stop_price: Price(9),
        trailing_delta: 100,
        iceberg: Quantity(2),
        expire_at: Timestamp(77),
        ..Place::BLANK
    }
}

#[test]
fn a_flagged_part_of_an_order_is_not_zero() {
    let bytes = bytes_of(Command::Place(special()));
    let end = bytes.len();
    assert_eq!(bytes[end - 27], 0b1111);
    for part in [end - 26..end - 18, end - 18..end - 16, end - 16..end - 8, end - 8..end] {
        let mut bytes = bytes.clone();
        bytes[part].fill(0);
        refused(&bytes, "flagged part of an order", 0b1111);
    }
}

#[test]
fn an_order_has_four_flags() {
    let bytes = bytes_of(Command::Place(Place::BLANK));
    let flags = bytes.len() - 1;
    assert_eq!(bytes[flags], 0);
    for value in [16, 32, 128, 255] {
        let mut bytes = bytes.clone();
        bytes[flags] = value;
        refused(&bytes, "flags of an order", u64::from(value));
    }
    // A flag says that something follows.
    let mut bytes = bytes;
    bytes[flags] = 1;
    assert_eq!(codec::decode(Sequence(1), &bytes), Err(DecodeError::Short));
}

#[test]
fn no_market_stands_beside_a_flag_that_says_none() {
    let (account, market) = (AccountId(1_000), None);
    for (command, before_end) in
        [(Command::CancelAll { account, market }, 2), (Command::SetCountdown { account, market, timeout_us: 5 }, 10)]
    {
        let mut bytes = bytes_of(command);
        let at = bytes.len() - before_end;
        bytes[at] = 7;
        refused(&bytes, "market beside a flag that says none", 7);
    }
}

#[test]
fn a_flag_is_zero_or_one() {
    let mut bytes = bytes_of(Command::SetFees { tier: None, market: None, fees: None });
    let end = bytes.len();
    for at in end - 3..end {
        let before = std::mem::replace(&mut bytes[at], 2);
        refused(&bytes, "flag", 2);
        bytes[at] = before;
    }
}

/// Tags that came with version 2 are none in version 1, whatever follows.
#[test]
fn version_1_has_no_newer_commands() {
    for tag in 13..=22 {
        let mut bytes = bytes_of(Command::Tick);
        (bytes[0], bytes[19]) = (1, tag);
        refused(&bytes, "command tag", u64::from(tag));
    }
    for tag in [0, 23, 255] {
        let mut bytes = bytes_of(Command::Tick);
        bytes[19] = tag;
        refused(&bytes, "command tag", u64::from(tag));
    }
}
