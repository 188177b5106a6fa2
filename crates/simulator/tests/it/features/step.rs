//! One step of a feature file, found by its words.

use engine::Book;
use gherkin::Table;
use model::{ClientOrderId, Command, Event, Place, Price, Quantity, Reject, Side, Target, TimeInForce};

use super::world::{World, asset, market};

/// How a step was played.
pub(crate) enum Note {
    AsItStands,
    Adapted(&'static str),
    Skipped(&'static str),
}

type Outcome = Result<Note, String>;

const HOLDS_ITS_PRICE: &str =
    "exchange-core holds a bid's reservePrice x size, this engine its price x size; the difference is added";
const NO_RESERVE: &str = "it is refused for its reservePrice alone, which this engine does not have";
const IS_FUTURES: &str =
    "EUR_USD is a futures symbol there and a spot market here, so each client is given 1000000 EUR";
const NO_RESERVE_COLUMN: &str = "the column reservePrice is not compared";
const NO_HOLD_PRICE: &str = "bidderHoldPrice is not compared";

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim().trim_end_matches([',', '.']).parse().map_err(|_| format!("{text:?} is no number"))
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str, String> {
    let (_, rest) = text.split_once(before).ok_or(format!("no {before:?}"))?;
    if after.is_empty() {
        return Ok(rest);
    }
    rest.split_once(after).map(|(found, _)| found).ok_or(format!("no {after:?}"))
}

fn rows(table: Option<&Table>) -> Result<&[Vec<String>], String> {
    table.map(|table| &table.rows[..]).ok_or("it needs a table".to_owned())
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Outcome {
    if found == wanted { Ok(Note::AsItStands) } else { Err(format!("expected {wanted:?}, found {found:?}")) }
}

/// Plays a step; an error is a step that does not hold or is not known.
pub(crate) fn play<B: Book>(world: &mut World<B>, text: &str, table: Option<&Table>) -> Outcome {
    if text.starts_with("New client ") {
        return new_client(world, between(text, "New client ", " has")?, rows(table)?);
    }
    if text.contains(" is added to the balance of a client ") {
        return deposit(world, text);
    }
    if text.contains(" could not place an ") {
        return could_not_place(world, text);
    }
    if text.contains(" places an ") {
        return places(world, text);
    }
    if text.contains(" could not move a price to ") {
        return match between(text, "due to ", "")? {
            "MATCHING_MOVE_FAILED_PRICE_OVER_RISK_LIMIT" => Ok(Note::Skipped(NO_RESERVE)),
            other => Err(format!("no code {other}")),
        };
    }
    if text.contains(" moves a price to ") {
        return moves(world, text);
    }
    if text.contains(" cancels the remaining size ") {
        return cancels(world, text);
    }
    shows(world, text, table)
}

fn shows<B: Book>(world: &World<B>, text: &str, table: Option<&Table>) -> Outcome {
    if text == "No trade events" {
        return same(world.last.iter().filter(|event| matches!(event, Event::Trade(_))).count(), 0);
    }
    if let Some(rest) = text.strip_prefix("The order ") {
        return is_matched(world, rest);
    }
    if text.ends_with(" order book is:") {
        return book(world, between(text, "An ", " order book")?, rows(table)?);
    }
    if let Some(name) = text.strip_suffix(" does not have active orders") {
        let account = world.client(between(name, "A client ", "")?)?;
        return same(world.open_orders().iter().filter(|order| order.account == account).count(), 0);
    }
    if text.starts_with("A balance of a client ") {
        return balance(world, between(text, "A balance of a client ", ":")?, rows(table)?);
    }
    if text.starts_with("A client ") && text.ends_with(" orders:") {
        return orders(world, between(text, "A client ", " orders:")?, rows(table)?);
    }
    Err("the step is not known".to_owned())
}

fn new_client<B: Book>(world: &mut World<B>, name: &str, rows: &[Vec<String>]) -> Outcome {
    let account = world.open_client(name)?;
    for row in rows {
        world.fund(account, asset(&row[0])?, number(&row[1])?)?;
    }
    if rows.iter().any(|row| row[0] == "USD") {
        world.fund(account, asset("EUR")?, 1_000_000)?;
        return Ok(Note::Adapted(IS_FUTURES));
    }
    Ok(Note::AsItStands)
}

fn deposit<B: Book>(world: &mut World<B>, text: &str) -> Outcome {
    let (amount, rest) = text.split_once(' ').ok_or("no amount")?;
    let (name, client) = rest.split_once(" is added to the balance of a client ").ok_or("no client")?;
    world.fund(world.client(client)?, asset(name)?, number(amount)?)?;
    Ok(Note::AsItStands)
}

/// The order's number in the file, its reserve price, and the command.
fn order<B: Book>(world: &World<B>, text: &str) -> Result<(u64, i64, Place), String> {
    let verb = if text.contains(" places an ") { " places an " } else { " could not place an " };
    let account = world.client(between(text, "A client ", verb)?)?;
    let (side, rest) = between(text, verb, "")?.split_once(" order ").ok_or("no side")?;
    let (id, rest) = rest.split_once(" at ").ok_or("no number")?;
    let (price, rest) = rest.split_once('@').ok_or("no price")?;
    let (size, options) = rest.split_once(" (").ok_or("no size")?;
    let symbol = between(options, "symbol: ", "")?.split([',', ')']).next().unwrap_or_default();
    let reserve = match options.split_once("reservePrice: ") {
        Some((_, rest)) => number(rest.split(')').next().unwrap_or_default())?,
        None => number(price)?,
    };
    let time_in_force = match between(options, "type: ", ",")? {
        "GTC" => TimeInForce::Gtc,
        "IOC" => TimeInForce::Ioc,
        other => return Err(format!("no type {other}")),
    };
    let place = Place {
        account,
        market: market(symbol)?,
        side: if side == "ASK" { Side::Sell } else { Side::Buy },
        time_in_force,
        price: Price(number(price)?),
        quantity: Quantity(number(size)?),
        ..Place::BLANK
    };
    Ok((number(id)?, reserve, place))
}

fn places<B: Book>(world: &mut World<B>, text: &str) -> Outcome {
    let (id, reserve, place) = order(world, text)?;
    world.send(Command::Place(place));
    let Some(Event::Accepted(accepted)) = world.last.first() else { return Err(format!("{:?}", world.last)) };
    let ours = accepted.order;
    world.orders.insert(id, (ours, reserve));
    Ok(Note::AsItStands)
}

fn could_not_place<B: Book>(world: &mut World<B>, text: &str) -> Outcome {
    let (_, reserve, place) = order(world, text)?;
    same(between(text, "due to ", "")?, "RISK_NSF")?;
    let quote = asset("XBT")?;
    let cost = |price: i64| price * place.quantity.0 * 10;
    if place.side == Side::Buy && cost(place.price.0) <= world.available(place.account, quote) {
        // The file is right by its own rule only.
        return if cost(reserve) > world.available(place.account, quote) {
            Ok(Note::Skipped(NO_RESERVE))
        } else {
            Err("there is enough for it".to_owned())
        };
    }
    world.send(Command::Place(place));
    let account = place.account;
    same(&world.last[..], &[Event::Rejected { account, reason: Reject::InsufficientBalance }])
}

fn moves<B: Book>(world: &mut World<B>, text: &str) -> Outcome {
    let account = world.client(between(text, "A client ", " moves")?)?;
    let price = number(between(text, "moves a price to ", " of")?)?;
    let id = world.order(number(between(text, "of the order ", "")?)?)?;
    let open = world.open_orders().into_iter().find(|open| open.order == id).ok_or("it is not open")?;
    let (market, quantity) = (open.market, open.remaining);
    world.send(Command::Modify { account, market, order: id, price: Price(price), quantity });
    match world.last.first() {
        Some(Event::Modified { .. }) => Ok(Note::AsItStands),
        other => Err(format!("{other:?}")),
    }
}

fn cancels<B: Book>(world: &mut World<B>, text: &str) -> Outcome {
    let account = world.client(between(text, "A client ", " cancels")?)?;
    let size: i64 = number(between(text, "the remaining size ", " of")?)?;
    let id = world.order(number(between(text, "of the order ", "")?)?)?;
    let open = world.open_orders().into_iter().find(|open| open.order == id).ok_or("it is not open")?;
    let (market, target) = (open.market, Target::Order(id));
    world.send(Command::Cancel { account, market, target, client_id: ClientOrderId::EMPTY });
    match world.last[..] {
        [Event::Closed(closed)] => same(closed.remaining, Quantity(size)),
        _ => Err(format!("{:?}", world.last)),
    }
}

/// `101 is partially matched. LastPx: 1600, LastQty: 2`: the last trade of the order in the answer to the last command.
fn is_matched<B: Book>(world: &World<B>, rest: &str) -> Outcome {
    let id = world.order(number(rest.split_whitespace().next().unwrap_or_default())?)?;
    let fully = rest.contains(" is fully matched.");
    let price = number(between(rest, "LastPx: ", ",")?)?;
    let quantity = number(between(rest, "LastQty: ", "")?.split(',').next().unwrap_or_default())?;
    let last = world.last.iter().rev().find_map(|event| match event {
        Event::Trade(trade) if trade.maker_order == id || trade.taker_order == id => Some(trade),
        _ => None,
    });
    let last = last.ok_or_else(|| format!("it did not trade: {:?}", world.last))?;
    let is_open = world.open_orders().iter().any(|open| open.order == id);
    same((last.price, last.quantity, is_open), (Price(price), Quantity(quantity), !fully))?;
    Ok(if rest.contains("bidderHoldPrice") { Note::Adapted(NO_HOLD_PRICE) } else { Note::AsItStands })
}

fn book<B: Book>(world: &World<B>, symbol: &str, rows: &[Vec<String>]) -> Outcome {
    let id = market(symbol)?;
    // Asks from the highest to the lowest, then bids from the highest on: bid, price, ask.
    let mut found: Vec<(i64, i64, i64)> = Vec::new();
    for open in world.open_orders().iter().filter(|open| open.market == id) {
        let (bid, ask) = if open.side == Side::Buy { (open.remaining.0, 0) } else { (0, open.remaining.0) };
        match found.iter_mut().find(|level| level.1 == open.price.0) {
            Some(level) => (level.0, level.2) = (level.0 + bid, level.2 + ask),
            None => found.push((bid, open.price.0, ask)),
        }
    }
    found.sort_by_key(|level| std::cmp::Reverse(level.1));
    let cell = |text: &String| if text.trim().is_empty() { Ok(0) } else { number(text) };
    let mut wanted = Vec::new();
    for row in rows.iter().filter(|row| row[1].trim() != "price") {
        wanted.push((cell(&row[0])?, cell(&row[1])?, cell(&row[2])?));
    }
    same(found, wanted)
}

fn balance<B: Book>(world: &World<B>, client: &str, rows: &[Vec<String>]) -> Outcome {
    let account = world.client(client)?;
    let mut note = Note::AsItStands;
    for row in rows {
        let id = asset(&row[0])?;
        let difference = world.held_more(account, id);
        if difference != 0 {
            note = Note::Adapted(HOLDS_ITS_PRICE);
        }
        same((&row[0], world.available(account, id)), (&row[0], number::<i64>(&row[1])? + difference))?;
    }
    Ok(note)
}

fn orders<B: Book>(world: &World<B>, client: &str, rows: &[Vec<String>]) -> Outcome {
    let account = world.client(client)?;
    let head = ["id", "price", "size", "filled", "reservePrice", "side"];
    same(rows[0].iter().map(|cell| cell.trim()).collect::<Vec<_>>(), head.to_vec())?;
    let mut wanted = Vec::new();
    for row in &rows[1..] {
        let side = if row[5].trim() == "ASK" { Side::Sell } else { Side::Buy };
        let (price, size, filled): (i64, i64, i64) = (number(&row[1])?, number(&row[2])?, number(&row[3])?);
        wanted.push((world.order(number(&row[0])?)?, price, size, filled, side == Side::Sell));
    }
    let own = world.open_orders().into_iter().filter(|open| open.account == account);
    let mut found: Vec<_> = own
        .map(|open| {
            let filled = open.quantity.0 - open.remaining.0;
            (open.order, open.price.0, open.quantity.0, filled, open.side == Side::Sell)
        })
        .collect();
    found.sort_unstable();
    wanted.sort_unstable();
    same(found, wanted)?;
    Ok(if rows.len() > 1 { Note::Adapted(NO_RESERVE_COLUMN) } else { Note::AsItStands })
}
