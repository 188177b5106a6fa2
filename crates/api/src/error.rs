//! Every answer that is not a success: one list, with the code, the sentence and the HTTP status of each.
//!
//! Codes and sentences are those of the Binance Spot API (`errors.md` of its public documentation), because clients tell errors
//! apart by both. This is the only file that turns a cause into an answer.

use std::borrow::Cow;

use axum::http::StatusCode;
use model::Reject;

use crate::ports::SubmitError;
use crate::usage::TooMuch;

/// Why a request was refused or failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    // --- the request as a whole -------------------------------------------------------------------------------------
    /// No operation has this path.
    #[error("This operation is not supported: the path is unknown.")]
    UnknownPath,
    /// The path has no operation with this method.
    #[error("This operation is not supported: the path does not take this method.")]
    UnknownMethod,
    /// The body is longer than the limit, in bytes.
    #[error("The request body must not be larger than {0} bytes.")]
    BodyTooLarge(usize),
    /// The body did not arrive in time, or broke off.
    #[error("The request body did not arrive in time.")]
    BodyIncomplete,
    /// The body is not text.
    #[error("The request body must be URL-encoded text in UTF-8.")]
    BodyNotText,
    /// The answer did not come in time; what was sent may have happened.
    #[error("Timeout waiting for response from backend server. Send status unknown; execution status unknown.")]
    Timeout,
    /// The sequencer stopped; what was sent may have happened.
    #[error("An unexpected response was received from the message bus. Execution status unknown.")]
    Stopped,
    /// The sequencer's queue is full; nothing happened.
    #[error("Server is currently overloaded with other requests. Please try again in a few minutes.")]
    Busy,
    /// The views have not caught up with what was acknowledged; nothing happened.
    #[error("Internal error; unable to process your request. Please try again.")]
    Behind,
    /// More than the sender may use of request weight or orders; nothing happened.
    #[error("{0}")]
    TooMuch(TooMuch),
    /// Something that this exchange does not have; the sentence says what.
    #[error("This operation is not supported: {0}")]
    Unsupported(&'static str),
    /// A fault of ours; the cause is for the log alone.
    #[error("An unknown error occurred while processing the request.")]
    Internal(String),

    // --- parameters -------------------------------------------------------------------------------------------------
    /// A value with characters that its kind does not have.
    #[error("Illegal characters found in parameter '{name}'; legal range is '{range}'.")]
    IllegalCharacters {
        /// The parameter.
        name: &'static str,
        /// Regular expression of what is legal.
        range: &'static str,
    },
    /// More parameters than the operation has.
    #[error("Too many parameters; expected '{expected}' and received '{received}'.")]
    TooManyParameters {
        /// How many it has.
        expected: usize,
        /// How many were sent.
        received: usize,
    },
    /// A parameter twice in the query or twice in the body.
    #[error("Duplicate values for a parameter detected.")]
    DuplicateParameter,
    /// A needed parameter is not there or makes no sense.
    #[error("Mandatory parameter '{0}' was not sent, was empty/null, or malformed.")]
    Mandatory(&'static str),
    /// One of two is needed.
    #[error("Param '{0}' or '{1}' must be sent, but both were empty/null!")]
    MandatoryOneOf(&'static str, &'static str),
    /// Parameters that the operation does not know.
    #[error("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.")]
    UnreadParameters {
        /// How many it knows.
        read: usize,
        /// How many were sent.
        sent: usize,
    },
    /// A parameter without a value.
    #[error("Parameter '{0}' was empty.")]
    Empty(Cow<'static, str>),
    /// A parameter that does not go with the others.
    #[error("Parameter '{0}' sent when not required.")]
    NotRequired(&'static str),
    /// More decimals than the asset has.
    #[error("Parameter '{0}' has too much precision.")]
    TooPrecise(&'static str),
    /// No such time in force.
    #[error("Invalid timeInForce.")]
    InvalidTimeInForce,
    /// No such order type.
    #[error("Invalid orderType.")]
    InvalidOrderType,
    /// Neither BUY nor SELL.
    #[error("Invalid side.")]
    InvalidSide,
    /// No such candle interval.
    #[error("Invalid interval.")]
    InvalidInterval,
    /// No such market.
    #[error("Invalid symbol.")]
    InvalidSymbol,
    /// No such status of a market.
    #[error("Invalid symbolStatus.")]
    InvalidSymbolStatus,
    /// The market has another status than the one that was asked for.
    #[error("The symbol's status does not match the requested symbolStatus.")]
    OtherSymbolStatus,
    /// Markets have no reference price here.
    #[error("This symbol doesn't have a reference price.")]
    NoReferencePrice,
    /// More than a day between two times.
    #[error("More than 24 hours between startTime and endTime.")]
    IntervalTooLong,
    /// Optional parameters that exclude each other.
    #[error("Combination of optional parameters invalid.")]
    InvalidCombination,
    /// A value out of its list or bounds.
    #[error("Data sent for parameter '{0}' is not valid.")]
    InvalidData(&'static str),
    /// A longer `recvWindow` than there is.
    #[error("recvWindow must be less than 60000.")]
    InvalidWindow,
    /// A JSON array was expected.
    #[error("JSON sent for parameter '{0}' is not valid")]
    InvalidJson(&'static str),
    /// Neither FULL nor MINI.
    #[error("Invalid ticker type.")]
    InvalidTickerType,
    /// A symbol twice in a list.
    #[error("Symbol is present multiple times in the list.")]
    DuplicateSymbol,
    /// No such unit of time.
    #[error("Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")]
    InvalidTimeUnit,

    // --- the WebSocket API ------------------------------------------------------------------------------------------
    /// A message that is no request: the sentence says what is wrong with it.
    #[error("{0}")]
    InvalidRequest(&'static str),
    /// No method has this name.
    #[error("This operation is not supported: the method is unknown.")]
    UnknownRpc,
    /// The connection is subscribed to this account already.
    #[error("User Data Stream subscription already active.")]
    SubscriptionActive,
    /// There is no subscription to end.
    #[error("User Data Stream subscription not active.")]
    SubscriptionInactive,
    /// More subscriptions than one connection may have.
    #[error("Too many subscriptions. Connection may create up to '{0}' subscriptions at a time.")]
    TooManySubscriptions(usize),
    /// More subscriptions than one connection can number.
    #[error("Maximum subscription ID reached for this connection.")]
    SubscriptionIdsUsedUp,

    // --- who asks ---------------------------------------------------------------------------------------------------
    /// The time of the request is too old.
    #[error("Timestamp for this request is outside of the recvWindow.")]
    TooOld,
    /// The time of the request lies ahead of ours.
    #[error("Timestamp for this request was 1000ms ahead of the server's time.")]
    TooNew,
    /// The signature does not fit the request.
    #[error("Signature for this request is not valid.")]
    InvalidSignature,
    /// No API key, or nothing that could be one.
    #[error("API-key format invalid.")]
    InvalidKeyFormat,
    /// Unknown or revoked key, an address that it does not allow, or a permission that it does not have.
    #[error("Invalid API-key, IP, or permissions for action.")]
    InvalidKey,

    // --- orders -----------------------------------------------------------------------------------------------------
    /// A price or quantity of nothing.
    #[error("Invalid {0}.")]
    Zero(&'static str),
    /// A number outside of what the market allows, seen before the engine: the name of the filter.
    #[error("Filter failure: {0}")]
    Filter(&'static str),
    /// An iceberg that shows more than there is.
    #[error("IcebergQty exceeds QTY.")]
    IcebergTooLarge,
    /// Types of an OCO pair that do not go together, or lie on the wrong side of each other.
    #[error("{}", .0.answer().1)]
    Pair(Pair),
    /// The engine refused the new order.
    #[error("{}", placing(*.0).1)]
    Place(Reject),
    /// The engine refused the cancel.
    #[error("{}", cancelling(*.0).1)]
    Cancel(Reject),
    /// The engine refused the change of an order.
    #[error("{}", amending(*.0).1)]
    Amend(Reject),
    /// No order, or no list, has this id.
    #[error("Order does not exist.")]
    NoSuchOrder,
    /// One half of a cancel-replace failed; `data` says which and why, as JSON.
    #[error("Order cancel-replace partially failed.")]
    ReplacePartlyFailed(String),
    /// Cancel-replace failed; `data` says why, as JSON.
    #[error("Order cancel-replace failed.")]
    ReplaceFailed(String),
}

/// What is wrong with the types of an OCO pair: an order of the pair is called above or below by where its price lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pair {
    /// A type that no order of a pair may have.
    UnsupportedType,
    /// Two orders at a limit.
    NoneContingent,
    /// The limit of a buy is the lower of the two.
    BuyLimitBelow,
    /// The limit of a sell is the higher of the two.
    SellLimitAbove,
    /// The stop of a buy is the higher of the two.
    BuyStopAbove,
    /// The stop of a sell is the lower of the two.
    SellStopBelow,
    /// The take profit of a buy is the lower of the two.
    BuyProfitBelow,
    /// The take profit of a sell is the higher of the two.
    SellProfitAbove,
}

impl Pair {
    const fn answer(self) -> (i32, &'static str) {
        match self {
            Self::UnsupportedType => (-1158, "Order type not supported in OCO."),
            Self::BuyLimitBelow => (-1165, "A limit order in a buy OCO must be below."),
            Self::SellLimitAbove => (-1166, "A limit order in a sell OCO must be above."),
            Self::NoneContingent => (-1168, "At least one OCO order must be contingent."),
            Self::BuyStopAbove => (-1196, "A stop loss order in a buy OCO must be above."),
            Self::SellStopBelow => (-1197, "A stop loss order in a sell OCO must be below."),
            Self::BuyProfitBelow => (-1198, "A take profit order in a buy OCO must be below."),
            Self::SellProfitAbove => (-1199, "A take profit order in a sell OCO must be above."),
        }
    }
}

/// Code and sentence for a new order that the engine refused.
const fn placing(reject: Reject) -> (i32, &'static str) {
    match reject {
        Reject::UnknownMarket => (-1121, "Invalid symbol."),
        Reject::UnknownAccount => (-2010, "This action is disabled on this account."),
        Reject::UnknownOrder | Reject::UnknownList => (-2011, "Unknown order sent."),
        Reject::MarketClosed => (-2010, "Market is closed."),
        Reject::InvalidTime => (-1130, "Data sent for parameter 'goodTillDate' is not valid."),
        Reject::InvalidOrder => (-1014, "Unsupported order combination."),
        Reject::InvalidAmount => (-1013, "Invalid quantity."),
        Reject::PriceFilter => (-1013, "Filter failure: PRICE_FILTER"),
        Reject::LotSize => (-1013, "Filter failure: LOT_SIZE"),
        Reject::MarketLotSize => (-1013, "Filter failure: MARKET_LOT_SIZE"),
        // A notional that does not fit in 63 bits is above every maximum.
        Reject::Notional | Reject::AmountOverflow => (-1013, "Filter failure: NOTIONAL"),
        Reject::MaxOpenOrders => (-1013, "Filter failure: MAX_NUM_ORDERS"),
        Reject::IcebergParts => (-1013, "Filter failure: ICEBERG_PARTS"),
        Reject::TrailingDelta => (-1013, "Filter failure: TRAILING_DELTA"),
        Reject::PercentPrice => (-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        Reject::MaxAlgoOrders => (-1013, "Filter failure: MAX_NUM_ALGO_ORDERS"),
        Reject::MaxPosition => (-1013, "Filter failure: MAX_POSITION"),
        Reject::DuplicateClientId | Reject::DuplicateListId => (-2010, "Duplicate order sent."),
        Reject::StopWouldTrigger => (-2010, "Order would trigger immediately."),
        Reject::InvalidList => (-2010, "The relationship of the prices for the orders is not correct."),
        Reject::CannotAmend | Reject::CannotModify => (-2038, "Order amend (quantity increase) is not supported."),
        Reject::WouldTake => (-2010, "Order would immediately match and take."),
        Reject::InsufficientBalance => (-2010, "Account has insufficient balance for requested action."),
        // Not about orders: no client can cause them.
        Reject::SourceGap
        | Reject::SourceRequired
        | Reject::InvalidAsset
        | Reject::AssetExists
        | Reject::InvalidMarket
        | Reject::MarketExists
        | Reject::InvalidAccount
        | Reject::AccountExists
        | Reject::InvalidFees
        | Reject::InvalidParent
        | Reject::MarketFixed
        | Reject::UnknownAsset
        | Reject::UnknownHold
        | Reject::SameAccount
        | Reject::ExceedsHold => (-1000, "An unknown error occurred while processing the request."),
    }
}

/// Code and sentence for a cancel that the engine refused.
const fn cancelling(reject: Reject) -> (i32, &'static str) {
    match reject {
        Reject::MarketClosed => (-2011, placing(reject).1),
        other => placing(other),
    }
}

/// Code and sentence for a change of an order that the engine refused.
const fn amending(reject: Reject) -> (i32, &'static str) {
    match reject {
        Reject::UnknownOrder | Reject::MarketClosed | Reject::DuplicateClientId => (-2038, placing(reject).1),
        other => placing(other),
    }
}

impl Error {
    /// A read of SQL failed.
    pub fn store(error: projections::Error) -> Self {
        Self::Internal(error.to_string())
    }

    /// The stable number.
    pub const fn code(&self) -> i32 {
        match self {
            Self::Internal(_) => -1000,
            Self::Behind | Self::BodyIncomplete => -1001,
            Self::Stopped => -1006,
            Self::Timeout => -1007,
            Self::Busy => -1008,
            Self::TooMuch(much) => much.code(),
            Self::Zero(_) | Self::Filter(_) => -1013,
            Self::UnknownPath | Self::UnknownMethod | Self::UnknownRpc | Self::Unsupported(_) => -1020,
            Self::TooOld | Self::TooNew => -1021,
            Self::InvalidSignature => -1022,
            Self::IllegalCharacters { .. } | Self::BodyNotText => -1100,
            Self::TooManyParameters { .. } | Self::DuplicateParameter | Self::BodyTooLarge(_) => -1101,
            Self::Mandatory(_) | Self::MandatoryOneOf(..) => -1102,
            Self::UnreadParameters { .. } => -1104,
            Self::Empty(_) => -1105,
            Self::NotRequired(_) => -1106,
            Self::TooPrecise(_) => -1111,
            Self::InvalidTimeInForce => -1115,
            Self::InvalidOrderType => -1116,
            Self::InvalidSide => -1117,
            Self::InvalidInterval => -1120,
            Self::InvalidSymbol => -1121,
            Self::InvalidSymbolStatus => -1122,
            Self::IntervalTooLong => -1127,
            Self::InvalidCombination => -1128,
            Self::InvalidData(_) => -1130,
            Self::InvalidWindow => -1131,
            Self::InvalidJson(_) | Self::InvalidRequest(_) => -1135,
            Self::InvalidTickerType => -1139,
            Self::DuplicateSymbol => -1151,
            Self::TooManySubscriptions(_) => -1191,
            Self::InvalidTimeUnit => -1194,
            Self::OtherSymbolStatus => -1220,
            Self::Place(reject) => placing(*reject).0,
            Self::Cancel(reject) => cancelling(*reject).0,
            Self::Amend(reject) => amending(*reject).0,
            Self::IcebergTooLarge => -2010,
            Self::Pair(pair) => pair.answer().0,
            Self::NoSuchOrder => -2013,
            Self::InvalidKeyFormat => -2014,
            Self::InvalidKey => -2015,
            Self::ReplacePartlyFailed(_) => -2021,
            Self::ReplaceFailed(_) => -2022,
            Self::SubscriptionActive => -2035,
            Self::SubscriptionInactive => -2036,
            Self::SubscriptionIdsUsedUp => -2042,
            Self::NoReferencePrice => -2043,
        }
    }

    /// The HTTP status, also shown in WebSocket answers.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::UnknownMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyIncomplete => StatusCode::REQUEST_TIMEOUT,
            Self::TooMuch(much) => much.status(),
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Stopped | Self::Busy | Self::Behind => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::InvalidKeyFormat | Self::InvalidKey => StatusCode::UNAUTHORIZED,
            Self::ReplacePartlyFailed(_) => StatusCode::CONFLICT,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Further JSON that goes with the error, as text.
    pub fn data(&self) -> Option<&str> {
        match self {
            Self::ReplacePartlyFailed(data) | Self::ReplaceFailed(data) => Some(data),
            _ => None,
        }
    }

    /// Writes the cause of a fault of ours to the log; does nothing for a refusal.
    pub fn log(&self) {
        if let Self::Internal(cause) = self {
            tracing::error!(cause, "a request failed");
        }
    }

    /// The body of the answer: `{"code":…,"msg":…}`, and `data` where there is some.
    pub fn to_json(&self) -> String {
        let mut body = format!("{{\"code\":{},\"msg\":{}", self.code(), crate::json::quoted(&self.to_string()));
        if let Some(data) = self.data() {
            body.push_str(",\"data\":");
            body.push_str(data);
        }
        body.push('}');
        body
    }
}

impl From<SubmitError> for Error {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Busy => Self::Busy,
            SubmitError::Stopped => Self::Stopped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use expect_test::expect;
    use model::Reject;

    #[test]
    fn every_refusal_of_the_engine_has_its_code_and_sentence() {
        let mut table = String::new();
        for &reject in Reject::ALL {
            let place = Error::Place(reject);
            table.push_str(&format!("{reject:?}: {} {place}", place.code()));
            for (what, other) in [("cancel", Error::Cancel(reject)), ("amend", Error::Amend(reject))] {
                if (place.code(), place.to_string()) != (other.code(), other.to_string()) {
                    table.push_str(&format!(" | {what}: {} {other}", other.code()));
                }
            }
            table.push('\n');
        }
        expect![[r#"
            SourceGap: -1000 An unknown error occurred while processing the request.
            SourceRequired: -1000 An unknown error occurred while processing the request.
            InvalidAsset: -1000 An unknown error occurred while processing the request.
            AssetExists: -1000 An unknown error occurred while processing the request.
            InvalidMarket: -1000 An unknown error occurred while processing the request.
            MarketExists: -1000 An unknown error occurred while processing the request.
            InvalidAccount: -1000 An unknown error occurred while processing the request.
            AccountExists: -1000 An unknown error occurred while processing the request.
            InvalidFees: -1000 An unknown error occurred while processing the request.
            InvalidParent: -1000 An unknown error occurred while processing the request.
            MarketFixed: -1000 An unknown error occurred while processing the request.
            UnknownAsset: -1000 An unknown error occurred while processing the request.
            UnknownMarket: -1121 Invalid symbol.
            UnknownAccount: -2010 This action is disabled on this account.
            UnknownHold: -1000 An unknown error occurred while processing the request.
            UnknownOrder: -2011 Unknown order sent. | amend: -2038 Unknown order sent.
            UnknownList: -2011 Unknown order sent.
            MarketClosed: -2010 Market is closed. | cancel: -2011 Market is closed. | amend: -2038 Market is closed.
            InvalidAmount: -1013 Invalid quantity.
            SameAccount: -1000 An unknown error occurred while processing the request.
            ExceedsHold: -1000 An unknown error occurred while processing the request.
            InvalidTime: -1130 Data sent for parameter 'goodTillDate' is not valid.
            InvalidOrder: -1014 Unsupported order combination.
            PriceFilter: -1013 Filter failure: PRICE_FILTER
            LotSize: -1013 Filter failure: LOT_SIZE
            MarketLotSize: -1013 Filter failure: MARKET_LOT_SIZE
            Notional: -1013 Filter failure: NOTIONAL
            AmountOverflow: -1013 Filter failure: NOTIONAL
            MaxOpenOrders: -1013 Filter failure: MAX_NUM_ORDERS
            DuplicateClientId: -2010 Duplicate order sent. | amend: -2038 Duplicate order sent.
            WouldTake: -2010 Order would immediately match and take.
            IcebergParts: -1013 Filter failure: ICEBERG_PARTS
            TrailingDelta: -1013 Filter failure: TRAILING_DELTA
            PercentPrice: -1013 Filter failure: PERCENT_PRICE_BY_SIDE
            MaxAlgoOrders: -1013 Filter failure: MAX_NUM_ALGO_ORDERS
            MaxPosition: -1013 Filter failure: MAX_POSITION
            StopWouldTrigger: -2010 Order would trigger immediately.
            InvalidList: -2010 The relationship of the prices for the orders is not correct.
            DuplicateListId: -2010 Duplicate order sent.
            CannotAmend: -2038 Order amend (quantity increase) is not supported.
            CannotModify: -2038 Order amend (quantity increase) is not supported.
            InsufficientBalance: -2010 Account has insufficient balance for requested action.
        "#]]
        .assert_eq(&table);
    }

    #[test]
    fn an_error_is_json_with_code_and_sentence() {
        expect![[r#"{"code":-1121,"msg":"Invalid symbol."}"#]].assert_eq(&Error::InvalidSymbol.to_json());
        expect![[r#"{"code":-1105,"msg":"Parameter '\"\n' was empty."}"#]]
            .assert_eq(&Error::Empty("\"\n".into()).to_json());
        expect![[r#"{"code":-2022,"msg":"Order cancel-replace failed.","data":{"cancelResult":"FAILURE"}}"#]]
            .assert_eq(&Error::ReplaceFailed("{\"cancelResult\":\"FAILURE\"}".to_owned()).to_json());
        // What went wrong inside stays inside.
        expect![[r#"{"code":-1000,"msg":"An unknown error occurred while processing the request."}"#]]
            .assert_eq(&Error::Internal("secret".to_owned()).to_json());
    }
}
