//! The one place that turns causes into gRPC's codes and reasons; the sentences are those of all doors.
//!
//! The reason is the name of the cause in upper case, sent in a `google.rpc.ErrorInfo` and, for clients without a decoder of
//! details, in the trailer `x-rialto-code`. Names of causes are therefore part of the contract: the table in the tests holds them.

use std::collections::HashMap;
use std::time::Duration;

use model::Reject;
use projections::End;
use tonic::metadata::MetadataValue;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::binance::ws::CloseReason;
use crate::{Error, What};

/// Trailer with the reason.
pub(super) const REASON: &str = "x-rialto-code";
/// Whose reasons they are.
const DOMAIN: &str = "rialto";

/// The status of a call that was refused or failed; the cause of a fault of ours goes to the log.
pub(super) fn of(error: &Error) -> Status {
    error.log();
    let wait = match error {
        Error::TooMuch(much) => Some(Duration::from_secs(much.retry_after_s())),
        _ => None,
    };
    build(code(error), error.to_string(), &reason(error), Some(error.code()), wait)
}

/// The status of a stream that the server ends.
pub(super) fn of_end(end: End) -> Status {
    let (code, reason, sentence) = match end {
        End::SlowReader => (
            Code::ResourceExhausted,
            "SLOW_READER",
            "Slow reader: the buffer of outgoing messages is full; call again.",
        ),
        End::Resync => (Code::Aborted, "RESYNC", "Messages were lost on the server; call again."),
        End::Stopped => (Code::Unavailable, "SHUTDOWN", "The server is shutting down; call again."),
    };
    build(code, sentence.to_owned(), reason, None, None)
}

/// The status of a stream that the publication of market data gave up.
pub(super) fn of_close(close: CloseReason) -> Status {
    of_end(match close {
        CloseReason::SlowReader => End::SlowReader,
        CloseReason::Shutdown => End::Stopped,
        _ => End::Resync,
    })
}

fn build(code: Code, sentence: String, reason: &str, number: Option<i32>, wait: Option<Duration>) -> Status {
    // The number of the Binance doors, for clients that speak to both.
    let metadata: HashMap<String, String> =
        number.map(|code| ("code".to_owned(), code.to_string())).into_iter().collect();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata);
    if wait.is_some() {
        details.set_retry_info(wait);
    }
    let mut status = Status::with_error_details(code, sentence, details);
    if let Ok(reason) = MetadataValue::try_from(reason) {
        status.metadata_mut().insert(REASON, reason);
    }
    status
}

/// The code. Retrying is safe exactly after `UNAVAILABLE`: nothing happened. What may have happened is `UNKNOWN` or
/// `DEADLINE_EXCEEDED`.
fn code(error: &Error) -> Code {
    match error {
        Error::Busy | Error::Behind => Code::Unavailable,
        Error::Stopped => Code::Unknown,
        Error::Timeout | Error::BodyIncomplete => Code::DeadlineExceeded,
        Error::UnknownPath | Error::UnknownMethod | Error::UnknownRpc => Code::Unimplemented,
        Error::BodyTooLarge(_) | Error::TooManySubscriptions(_) => Code::ResourceExhausted,
        Error::TooOld | Error::TooNew | Error::InvalidSignature | Error::InvalidKeyFormat => Code::Unauthenticated,
        Error::InvalidKey => Code::PermissionDenied,
        Error::InvalidSymbol | Error::NoSuchOrder => Code::NotFound,
        Error::Place(reject) | Error::Cancel(reject) | Error::Amend(reject) => refused(*reject),
        // Of causes that this door does not know by name, the HTTP status says enough.
        other => match other.status().as_u16() {
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::NotFound,
            409 => Code::Aborted,
            413 | 418 | 429 => Code::ResourceExhausted,
            503 => Code::Unavailable,
            504 => Code::DeadlineExceeded,
            500.. => Code::Internal,
            _ => Code::InvalidArgument,
        },
    }
}

/// The code for what the engine refused: whether the same request can pass another time.
const fn refused(reject: Reject) -> Code {
    match reject {
        Reject::UnknownMarket | Reject::UnknownOrder | Reject::UnknownList => Code::NotFound,
        Reject::DuplicateClientId | Reject::DuplicateListId => Code::AlreadyExists,
        Reject::UnknownAccount => Code::PermissionDenied,
        Reject::MarketClosed
        | Reject::MaxOpenOrders
        | Reject::MaxAlgoOrders
        | Reject::MaxPosition
        | Reject::PercentPrice
        | Reject::WouldTake
        | Reject::StopWouldTrigger
        | Reject::CannotAmend
        | Reject::CannotModify
        | Reject::InsufficientBalance => Code::FailedPrecondition,
        Reject::InvalidTime
        | Reject::InvalidOrder
        | Reject::InvalidList
        | Reject::InvalidAmount
        | Reject::PriceFilter
        | Reject::LotSize
        | Reject::MarketLotSize
        | Reject::Notional
        | Reject::AmountOverflow
        | Reject::IcebergParts
        | Reject::TrailingDelta => Code::InvalidArgument,
        // Not about orders: no client can cause them.
        _ => Code::Internal,
    }
}

/// The stable reason.
pub(super) fn reason(error: &Error) -> String {
    match error {
        Error::Place(reject) | Error::Cancel(reject) | Error::Amend(reject) => upper(&format!("{reject:?}")),
        Error::Pair(pair) => upper(&format!("{pair:?}")),
        Error::TooMuch(much) => match much.what {
            What::Weight(_) => "TOO_MUCH_WEIGHT".to_owned(),
            What::Banned => "BANNED".to_owned(),
            What::Orders(..) => "TOO_MANY_ORDERS".to_owned(),
        },
        Error::Filter(name) => (*name).to_owned(),
        other => upper(&format!("{other:?}")),
    }
}

/// `NoSuchOrder` as `NO_SUCH_ORDER`; what follows the name, as the fields of a variant do, is left out.
fn upper(name: &str) -> String {
    let mut out = String::with_capacity(32);
    for letter in name.chars().take_while(char::is_ascii_alphanumeric) {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use model::Reject;
    use projections::End;
    use tonic_types::StatusExt as _;

    use super::{of, of_end};
    use crate::Error;

    #[test]
    fn every_refusal_of_the_engine_has_its_code_and_reason() {
        let mut table = String::new();
        for &reject in Reject::ALL {
            let error = Error::Place(reject);
            table.push_str(&format!("{:?} {}\n", super::code(&error), super::reason(&error)));
        }
        expect![[r#"
            Internal SOURCE_GAP
            Internal SOURCE_REQUIRED
            Internal INVALID_ASSET
            Internal ASSET_EXISTS
            Internal INVALID_MARKET
            Internal MARKET_EXISTS
            Internal INVALID_ACCOUNT
            Internal ACCOUNT_EXISTS
            Internal INVALID_FEES
            Internal INVALID_PARENT
            Internal MARKET_FIXED
            Internal UNKNOWN_ASSET
            NotFound UNKNOWN_MARKET
            PermissionDenied UNKNOWN_ACCOUNT
            Internal UNKNOWN_HOLD
            NotFound UNKNOWN_ORDER
            NotFound UNKNOWN_LIST
            FailedPrecondition MARKET_CLOSED
            InvalidArgument INVALID_AMOUNT
            Internal SAME_ACCOUNT
            Internal EXCEEDS_HOLD
            InvalidArgument INVALID_TIME
            InvalidArgument INVALID_ORDER
            InvalidArgument PRICE_FILTER
            InvalidArgument LOT_SIZE
            InvalidArgument MARKET_LOT_SIZE
            InvalidArgument NOTIONAL
            InvalidArgument AMOUNT_OVERFLOW
            FailedPrecondition MAX_OPEN_ORDERS
            AlreadyExists DUPLICATE_CLIENT_ID
            FailedPrecondition WOULD_TAKE
            InvalidArgument ICEBERG_PARTS
            InvalidArgument TRAILING_DELTA
            FailedPrecondition PERCENT_PRICE
            FailedPrecondition MAX_ALGO_ORDERS
            FailedPrecondition MAX_POSITION
            FailedPrecondition STOP_WOULD_TRIGGER
            InvalidArgument INVALID_LIST
            AlreadyExists DUPLICATE_LIST_ID
            FailedPrecondition CANNOT_AMEND
            FailedPrecondition CANNOT_MODIFY
            FailedPrecondition INSUFFICIENT_BALANCE
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn causes_of_requests_have_their_codes_and_reasons() {
        let causes = [
            Error::UnknownRpc,
            Error::BodyTooLarge(9),
            Error::BodyIncomplete,
            Error::Timeout,
            Error::Stopped,
            Error::Busy,
            Error::Behind,
            Error::Internal("secret".to_owned()),
            Error::IllegalCharacters { name: "symbol", range: "x" },
            Error::Mandatory("price"),
            Error::MandatoryOneOf("order_id", "client_order_id"),
            Error::NotRequired("price"),
            Error::TooPrecise("price"),
            Error::InvalidTimeInForce,
            Error::InvalidOrderType,
            Error::InvalidSide,
            Error::InvalidInterval,
            Error::InvalidSymbol,
            Error::DuplicateSymbol,
            Error::IntervalTooLong,
            Error::InvalidCombination,
            Error::InvalidData("levels"),
            Error::InvalidWindow,
            Error::InvalidRequest("x"),
            Error::TooManySubscriptions(100),
            Error::TooOld,
            Error::TooNew,
            Error::InvalidSignature,
            Error::InvalidKeyFormat,
            Error::InvalidKey,
            Error::Zero("price"),
            Error::Filter("LOT_SIZE"),
            Error::IcebergTooLarge,
            Error::Pair(crate::error::Pair::NoneContingent),
            Error::NoSuchOrder,
        ];
        let mut table = String::new();
        for error in &causes {
            table.push_str(&format!("{:?} {}\n", super::code(error), super::reason(error)));
        }
        expect![[r#"
            Unimplemented UNKNOWN_RPC
            ResourceExhausted BODY_TOO_LARGE
            DeadlineExceeded BODY_INCOMPLETE
            DeadlineExceeded TIMEOUT
            Unknown STOPPED
            Unavailable BUSY
            Unavailable BEHIND
            Internal INTERNAL
            InvalidArgument ILLEGAL_CHARACTERS
            InvalidArgument MANDATORY
            InvalidArgument MANDATORY_ONE_OF
            InvalidArgument NOT_REQUIRED
            InvalidArgument TOO_PRECISE
            InvalidArgument INVALID_TIME_IN_FORCE
            InvalidArgument INVALID_ORDER_TYPE
            InvalidArgument INVALID_SIDE
            InvalidArgument INVALID_INTERVAL
            NotFound INVALID_SYMBOL
            InvalidArgument DUPLICATE_SYMBOL
            InvalidArgument INTERVAL_TOO_LONG
            InvalidArgument INVALID_COMBINATION
            InvalidArgument INVALID_DATA
            InvalidArgument INVALID_WINDOW
            InvalidArgument INVALID_REQUEST
            ResourceExhausted TOO_MANY_SUBSCRIPTIONS
            Unauthenticated TOO_OLD
            Unauthenticated TOO_NEW
            Unauthenticated INVALID_SIGNATURE
            Unauthenticated INVALID_KEY_FORMAT
            PermissionDenied INVALID_KEY
            InvalidArgument ZERO
            InvalidArgument LOT_SIZE
            InvalidArgument ICEBERG_TOO_LARGE
            InvalidArgument NONE_CONTINGENT
            NotFound NO_SUCH_ORDER
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn a_status_bears_its_reason_twice_and_no_secret() {
        let status = of(&Error::Place(Reject::InsufficientBalance));
        assert_eq!(status.message(), "Account has insufficient balance for requested action.");
        assert_eq!(status.metadata().get("x-rialto-code").unwrap(), "INSUFFICIENT_BALANCE");
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("INSUFFICIENT_BALANCE", "rialto"));
        assert_eq!(info.metadata["code"], "-2010");
        assert!(!format!("{:?}", of(&Error::Internal("hunter2".to_owned()))).contains("hunter2"));
        let ended = of_end(End::SlowReader);
        assert_eq!(
            (ended.code(), ended.metadata().get("x-rialto-code").unwrap().to_str().unwrap()),
            (tonic::Code::ResourceExhausted, "SLOW_READER")
        );
    }
}
