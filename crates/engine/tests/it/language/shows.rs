//! A state to words.

use model::{Amount, Image, ListId, OpenOrder, Quantity, Side, Wait};

use super::events::{state, until, wait};
use super::{account, market, market_of, moment, money, name, price, quantity};

/// What a line that asks for something is answered; `None` when it asks for nothing.
pub(crate) fn show(image: &Image, words: &[&str]) -> Option<Vec<String>> {
    let mut lines = match words[0] {
        "book" => book(image, words.get(1).copied().unwrap_or("GOLDEUR")),
        "balance" => words[1..].iter().map(|name| balance(image, name)).collect(),
        "orders" => {
            let owner = account(words[1]);
            image.orders.iter().filter(|order| order.account == owner).map(order).collect()
        }
        "market" => vec![venue(image, words.get(1).copied().unwrap_or("GOLDEUR"))],
        "lists" => lists(image),
        "countdowns" => countdowns(image),
        "schedule" => schedule(image),
        _ => return None,
    };
    if lines.is_empty() {
        lines.push("none".to_owned());
    }
    Some(lines)
}

/// A book: asks from the worst to the best, then bids from the best on, with the orders in their turn.
fn book(image: &Image, symbol: &str) -> Vec<String> {
    let id = market(symbol).id;
    let of_order = |order: &OpenOrder| {
        let hidden =
            if order.visible == order.remaining { String::new() } else { format!(" of {}", quantity(order.remaining)) };
        format!("#{} {}{hidden}", order.order, quantity(order.visible))
    };
    let side = |side| {
        let is_here = |order: &&OpenOrder| order.market == id && order.side == side && order.wait == Wait::Nothing;
        let of_side: Vec<_> = image.orders.iter().filter(is_here).collect();
        let levels = of_side.chunk_by(|a, b| a.price == b.price).map(|level| {
            let orders: Vec<String> = level.iter().map(|order| of_order(order)).collect();
            let word = if side == Side::Buy { "bid" } else { "ask" };
            format!("{word} {}: {}", price(level[0].price), orders.join(", "))
        });
        levels.collect::<Vec<_>>()
    };
    let mut lines: Vec<String> = side(Side::Sell).into_iter().rev().chain(side(Side::Buy)).collect();
    if lines.is_empty() {
        lines.push("empty".to_owned());
    }
    lines
}

/// All balances of an account that are not zero.
fn balance(image: &Image, owner: &str) -> String {
    let id = account(owner);
    let balances = image.balances.iter().filter(|balance| balance.account == id).map(|balance| {
        let available = money(balance.asset, balance.available);
        match balance.held {
            Amount(0) => available,
            held => format!("{available} and {} held", money(balance.asset, held)),
        }
    });
    let balances: Vec<String> = balances.collect();
    format!("{owner}: {}", if balances.is_empty() { "nothing".to_owned() } else { balances.join(", ") })
}

/// An open order with what a client may ask of it.
fn order(order: &OpenOrder) -> String {
    let market = market_of(order.market);
    let side = if order.side == Side::Buy { "buy" } else { "sell" };
    let mut text = format!(
        "#{} {side} {} @ {}, {} open, traded for {}, placed at {}, changed at {}",
        order.order,
        quantity(order.quantity),
        price(order.price),
        quantity(order.remaining),
        money(market.quote, order.filled_quote),
        moment(order.placed).trim_end_matches(" ms"),
        moment(order.updated)
    );
    if order.prevented != Quantity(0) {
        text.push_str(&format!(", {} prevented", quantity(order.prevented)));
    }
    if order.iceberg != Quantity(0) {
        text.push_str(&format!(", shows {} by {}", quantity(order.visible), quantity(order.iceberg)));
    }
    if order.list != ListId(0) {
        text.push_str(&format!(", of L{}", order.list));
    }
    text.push_str(&until(order.expire_at));
    if order.wait != Wait::Nothing {
        let asset = if order.side == Side::Buy { market.quote } else { market.base };
        text.push_str(&format!("; waits for {}, holds {}", wait(order.wait), money(asset, order.held)));
    }
    if order.stop_price.0 != 0 {
        text.push_str(&format!(", stop {}", price(order.stop_price)));
    }
    if order.trailing_delta != 0 {
        text.push_str(&format!(", trails {}", order.trailing_delta));
    }
    if order.tracked.0 != 0 {
        text.push_str(&format!(" from {}", price(order.tracked)));
    }
    text
}

fn venue(image: &Image, symbol: &str) -> String {
    let id = market(symbol).id;
    let found = image.markets.iter().find(|found| found.market.id == id).expect("a market of the tables");
    format!(
        "{symbol} {}{}, last trade {} @ {}, last prevented {}",
        state(found.state),
        until(found.until),
        found.last_trade,
        price(found.last_price),
        found.last_prevented
    )
}

fn lists(image: &Image) -> Vec<String> {
    let lists = image.lists.iter().map(|list| {
        let orders: Vec<String> = list.orders.iter().filter(|id| id.0 != 0).map(|id| format!("#{id}")).collect();
        let id = list.client_id.as_str();
        let named = if id.is_empty() { String::new() } else { format!(" {id}") };
        format!("L{}{named} {:?} of {}: {}", list.list, list.kind, name(list.account), orders.join(", "))
    });
    lists.collect()
}

fn countdowns(image: &Image) -> Vec<String> {
    let countdowns = image.countdowns.iter().map(|countdown| {
        let venue = countdown.market.map_or("all".to_owned(), |id| market_of(id).symbol.to_string());
        format!("{} on {venue}{}", name(countdown.account), until(countdown.deadline))
    });
    countdowns.collect()
}

/// The fee schedule: what stands beside the markets, and what stands with them.
fn schedule(image: &Image) -> Vec<String> {
    let entries = image.fees.iter().map(|entry| {
        let tier = entry.tier.map_or("any".to_owned(), |tier| tier.to_string());
        let venue = entry.market.map_or("any".to_owned(), |id| market_of(id).symbol.to_string());
        format!("tier {tier}, market {venue}: {}/{}", entry.fees.maker_ppm, entry.fees.taker_ppm)
    });
    let own = image.markets.iter().filter_map(|found| {
        let fees = found.market.fees?;
        Some(format!("{}: {}/{}", found.market.symbol, fees.maker_ppm, fees.taker_ppm))
    });
    entries.chain(own).collect()
}
