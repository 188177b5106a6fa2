//! Words to orders and lists.

use model::{Amount, ListKind, OrderType, Place, PlaceList, Price, Quantity, SelfTrade, Side, TimeInForce, Timestamp};

use super::{account, asset, client_id, named_market, number, option, time};
use crate::exchange::{PRICE_DECIMALS, QUANTITY_DECIMALS};

/// The number after a word, if the word is there and a number follows.
fn after(words: &[&str], word: &str) -> Option<i64> {
    let at = words.iter().position(|other| *other == word)?;
    let text = words.get(at + 1)?;
    let is_number = *text == "max" || text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
    is_number.then(|| number(text, PRICE_DECIMALS))
}

fn order_type(words: &[&str]) -> OrderType {
    let is = |flag: &str| words.contains(&flag);
    match (is("stop-loss"), is("take-profit"), is("@")) {
        (true, _, false) => OrderType::StopLoss,
        (true, _, true) => OrderType::StopLossLimit,
        (_, true, false) => OrderType::TakeProfit,
        (_, true, true) => OrderType::TakeProfitLimit,
        _ if is("market") => OrderType::Market,
        _ if is("maker") => OrderType::LimitMaker,
        _ => OrderType::Limit,
    }
}

fn time_in_force(words: &[&str]) -> TimeInForce {
    let is = |flag: &str| words.contains(&flag);
    match () {
        () if is("fok") => TimeInForce::Fok,
        () if is("gtc") => TimeInForce::Gtc,
        () if is("ioc") => TimeInForce::Ioc,
        () if is("gtd") || option(words, "gtd=").is_some() && !is("market") => TimeInForce::Gtd,
        () if is("market") => TimeInForce::Ioc,
        () => TimeInForce::Gtc,
    }
}

fn self_trade(words: &[&str]) -> SelfTrade {
    let modes = [
        ("expire-taker", SelfTrade::ExpireTaker),
        ("expire-maker", SelfTrade::ExpireMaker),
        ("expire-both", SelfTrade::ExpireBoth),
        ("decrement", SelfTrade::Decrement),
    ];
    modes.into_iter().find(|(word, _)| words.contains(word)).map_or(SelfTrade::None, |(_, mode)| mode)
}

/// `buy 2 @ 100 …`: see the table in `exchange`.
pub(super) fn place(owner: &str, words: &[&str]) -> Place {
    let by_quote = words.contains(&"market") && words[2] != "market";
    let quote = |text| Amount(number(text, asset("EUR").1));
    let optional = |prefix, decimals| option(words, prefix).map(|text| number(text, decimals));
    let stop = after(words, "stop-loss").or_else(|| after(words, "take-profit"));
    Place {
        account: account(owner),
        market: named_market(words).id,
        side: if words[0] == "buy" { Side::Buy } else { Side::Sell },
        order_type: order_type(words),
        time_in_force: time_in_force(words),
        self_trade: self_trade(words),
        price: Price(after(words, "@").or_else(|| optional("price=", PRICE_DECIMALS)).unwrap_or(0)),
        quantity: Quantity(if by_quote { 0 } else { number(words[1], QUANTITY_DECIMALS) }),
        quote_quantity: if by_quote {
            Amount(number(words[1], asset(words[2]).1))
        } else {
            option(words, "quote=").map_or(Amount::ZERO, quote)
        },
        stop_price: Price(stop.or_else(|| optional("stop=", PRICE_DECIMALS)).unwrap_or(0)),
        trailing_delta: option(words, "trail=").map_or(0, |text| text.parse().expect("a trailing delta")),
        iceberg: Quantity(optional("iceberg=", QUANTITY_DECIMALS).unwrap_or(0)),
        expire_at: option(words, "gtd=").map_or(Timestamp::NEVER, time),
        client_id: client_id(option(words, "id=")),
    }
}

/// `oco id=NAME | sell 1 @ 110 maker | sell 1 stop-loss 90`, and `oto` and `otoco` in the same way.
pub(super) fn place_list(owner: &str, words: &[&str]) -> PlaceList {
    let mut parts = words.split(|word| *word == "|");
    let head = parts.next().unwrap_or_default();
    let kind = match head[0] {
        "oco" => ListKind::Oco,
        "oto" => ListKind::Oto,
        _ => ListKind::Otoco,
    };
    let mut orders = [Place::BLANK; 3];
    for (order, part) in orders.iter_mut().zip(parts) {
        // One of another account names it.
        let foreign = !matches!(part[0], "buy" | "sell");
        *order = if foreign { place(part[0], &part[1..]) } else { place(owner, part) };
    }
    PlaceList { kind, client_id: client_id(option(head, "id=")), orders }
}
