//! What every parameter is: names mean the same in all operations, with the prefix of an order in a list too.

use serde_json::{Map, Value, json};

use crate::binance::terms::{SELF_TRADE_MODES, TYPES};

/// The shared parameters of a signed operation.
pub(super) const SIGNATURE: &[&str] = &["timestamp", "recvWindow", "signature"];

/// Prefixes of the parameters of one order of a list, the longer first.
const PREFIXES: [&str; 6] = ["pendingAbove", "pendingBelow", "above", "below", "working", "pending"];

/// The parameters that many operations refer to.
pub(super) fn shared() -> Map<String, Value> {
    SIGNATURE.iter().map(|&name| (name.to_owned(), describe(name, "query", name != "recvWindow"))).collect()
}

/// A parameter of the operation with this path. `type` is the one name that means something else here and there.
pub(super) fn of(path: &str, name: &str, place: &str, required: bool) -> Value {
    let mut parameter = describe(name, place, required);
    if name == "type" {
        let (values, text) = if path.contains("/order") {
            return parameter;
        } else if path.contains("/ticker") {
            (json!(["FULL", "MINI"]), "Whether changes and averages are shown.")
        } else if path.starts_with("/listings") {
            (json!(["buy", "sell"]), "Only trades whose taker bought, or sold.")
        } else {
            (Value::Null, "A kind of transfer.")
        };
        parameter["description"] = text.into();
        parameter["schema"] = json!({ "type": "string" });
        if !values.is_null() {
            parameter["schema"]["enum"] = values;
        }
    }
    parameter
}

/// A parameter by its name alone.
pub(super) fn describe(name: &str, place: &str, required: bool) -> Value {
    let (schema, text) = known(name).unwrap_or_else(|| (json!({ "type": "string" }), "UNDESCRIBED"));
    json!({ "name": name, "in": place, "required": required, "description": text, "schema": schema })
}

/// Schema and description by name; `None` for a name that nobody has described.
pub(super) fn known(name: &str) -> Option<(Value, &'static str)> {
    if let Some(found) = plain(name) {
        return Some(found);
    }
    let rest = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix))?;
    let mut chars = rest.chars();
    let first = chars.next()?.to_ascii_lowercase();
    match format!("{first}{}", chars.as_str()).as_str() {
        "clientOrderId" => plain("newClientOrderId"),
        own => plain(own),
    }
}

fn plain(name: &str) -> Option<(Value, &'static str)> {
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let symbol = || pattern("^[A-Z0-9-_.]{1,20}$");
    let id = || json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
    let number = || pattern("^([0-9]{1,20})(\\.[0-9]{1,20})?$");
    let client_id = || pattern("^[\\.A-Z\\:/a-z0-9_-]{1,36}$");
    let time = || json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
    let flag = || json!({ "type": "string", "enum": ["true", "false"] });
    let one_of = |names: &[&str]| json!({ "type": "string", "enum": names });
    Some(match name {
        "symbol" => (symbol(), "A market, such as BTCUSDT."),
        "symbols" => (pattern("^\\[.*\\]$"), "Markets, as a JSON array of texts."),
        "limit" => (json!({ "type": "integer", "minimum": 1, "maximum": 5000 }), "How many at most."),
        "orderId" => (id(), "The id of an order."),
        "origClientOrderId" => (client_id(), "The client's id of an order."),
        "newClientOrderId" => (client_id(), "The client's id of this order or cancel; made up when it is left out."),
        "listClientOrderId" => (client_id(), "The client's id of an order list."),
        "orderListId" => (id(), "The id of an order list."),
        "fromId" => (id(), "The id to begin with."),
        "fromPreventedMatchId" | "preventedMatchId" => (id(), "The id of a prevented match."),
        "fromExecutionId" => (id(), "The id of the change to begin with."),
        "startTime" => (time(), "The earliest time, in the time unit of the request."),
        "endTime" => (time(), "The latest time, in the time unit of the request."),
        "timeZone" => (pattern("^[+-]?[0-9]{1,2}(:[0-9]{2})?$"), "Offset from UTC of the days, -12:00 to +14:00."),
        "interval" => (one_of(INTERVALS), "The length of a candle."),
        "windowSize" => (pattern("^[1-9][0-9]?[mhd]$"), "1m to 59m, 1h to 23h, 1d to 7d."),
        "side" => (one_of(&["BUY", "SELL"]), "Which side."),
        "type" => (one_of(&TYPES.map(|(name, _)| name)), "The type of an order."),
        "timeInForce" => (one_of(&["GTC", "IOC", "FOK", "GTD"]), "How long it is good; GTD is an extension."),
        "quantity" | "newQty" => (number(), "An amount of the base asset."),
        "quoteOrderQty" => (number(), "An amount of the quote asset to spend or to get."),
        "price" => (number(), "A limit, in the quote asset."),
        "stopPrice" => (number(), "The trigger, in the quote asset."),
        "trailingDelta" => (json!({ "type": "integer", "minimum": 1, "maximum": 10_000 }), "Basis points."),
        "icebergQty" => (number(), "How much of it is shown at a time."),
        "goodTillDate" => (time(), "When a GTD order ends."),
        "newOrderRespType" => (one_of(&["ACK", "RESULT", "FULL"]), "How much the answer says."),
        "selfTradePreventionMode" => {
            (one_of(&SELF_TRADE_MODES.map(|(name, _)| name)), "What happens when it meets an own order.")
        }
        "cancelReplaceMode" => {
            (one_of(&["STOP_ON_FAILURE", "ALLOW_FAILURE"]), "Whether to place when the cancel failed.")
        }
        "cancelOrderId" => (id(), "The id of the order to cancel."),
        "cancelOrigClientOrderId" => (client_id(), "The client's id of the order to cancel."),
        "cancelNewClientOrderId" => (client_id(), "The client's id of the cancel."),
        "omitZeroBalances" => (flag(), "Whether to leave out balances of nothing."),
        "showPermissionSets" => (flag(), "Whether to show the permissions of markets."),
        "permissions" => (json!({ "type": "string" }), "A permission, or a JSON array of them."),
        "symbolStatus" => (one_of(&["TRADING", "HALT", "BREAK"]), "Only markets of this status."),
        "computeCommissionRates" => (flag(), "Whether to answer with the commission rates."),
        "listenKey" => (json!({ "type": "string", "maxLength": 128 }), "A listen key."),
        "timestamp" => (time(), "When the request was made, in milliseconds or microseconds since 1970."),
        "recvWindow" => (
            json!({ "type": "number", "minimum": 0, "maximum": 60_000 }),
            "Milliseconds that the request is good for; 5000.",
        ),
        "signature" => (
            json!({ "type": "string", "maxLength": 1024 }),
            "Of all other parameters: HMAC-SHA256 in hex, or RSA or Ed25519 in base64.",
        ),
        "stopLimitPrice" => (number(), "The limit of the order that waits for its trigger."),
        "stopLimitTimeInForce" => (one_of(&["GTC", "IOC", "FOK"]), "How long that order is good."),
        "limitClientOrderId" => (client_id(), "The client's id of the limit order of the pair."),
        "stopClientOrderId" => (client_id(), "The client's id of the order that waits for its trigger."),
        "limitIcebergQty" | "stopIcebergQty" => (number(), "How much of that order is shown at a time."),
        _ => return wallet(name),
    })
}

/// Those of the wallet alone.
fn wallet(name: &str) -> Option<(Value, &'static str)> {
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": 128 });
    let number = || json!({ "type": "string", "pattern": "^([0-9]{1,20})(\\.[0-9]{1,20})?$" });
    let count = || json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
    Some(match name {
        "ticker_id" | "market_pair" => (text(), "A market, such as BTC_USDT."),
        "market" => (text(), "A market, such as BTCUSDT."),
        "depth" => (count(), "How many levels, both sides together; 0: all."),
        "level" => (json!({ "type": "integer", "minimum": 1, "maximum": 3 }), "1 the best prices, 2 more, 3 all."),
        "start_time" | "end_time" => (count(), "A time in milliseconds."),
        "coin" | "asset" | "fromAsset" | "toAsset" => (text(), "An asset, such as BTC."),
        "amount" | "fromAmount" | "toAmount" => (number(), "An amount of the asset."),
        "network" => (text(), "The chain that an asset moves on."),
        "address" => (text(), "Where to."),
        "addressTag" => (text(), "A memo that belongs to the address."),
        "name" => (text(), "A note of the client's own."),
        "status" => (count(), "Only those of this status."),
        "offset" | "current" => (count(), "How many, or how many pages, to pass over."),
        "size" => (count(), "How many on a page at most."),
        "fromSymbol" | "toSymbol" => (text(), "A wallet's market."),
        "txId" => (text(), "The id of a transaction on its chain."),
        "includeSource" | "transactionFeeFlag" => (json!({ "type": "string" }), "true or false."),
        "withdrawOrderId" => (text(), "The client's id of a withdrawal."),
        "idList" => (text(), "Ids, with commas between them."),
        "quoteId" => (text(), "The id of an offered price."),
        "walletType" => (text(), "Which wallet."),
        "validTime" => (text(), "How long an offered price is good."),
        "email" | "fromEmail" | "toEmail" => (text(), "The name of a sub-account, as its list shows it."),
        "clientTranId" => (text(), "The client's id of a transfer: asked for again under it, it is not done again."),
        "fromAccountType" | "toAccountType" => (json!({ "type": "string", "enum": ["SPOT"] }), "Which wallet."),
        "page" => (count(), "Which page, from 1."),
        "isFreeze" | "returnFailHistory" => (json!({ "type": "string", "enum": ["true", "false"] }), "Only those."),
        "fromAllocationId" => (count(), "The id of the allocation to begin with."),
        _ => return None,
    })
}

const INTERVALS: &[&str] =
    &["1s", "1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d", "3d", "1w", "1M"];
