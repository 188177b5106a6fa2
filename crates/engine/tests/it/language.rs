//! Words to commands, and events to words.

use model::{
    AccountId, Amount, Asset, AssetId, CancelReplace, ClientOrderId, CloseReason, Command, Envelope, Event, HoldId,
    Image, Market, MarketId, OrderId, OrderType, Place, Price, Quantity, ReplaceMode, SelfTrade, Side, SourceId,
    SourceSeq, Symbol, Target, TimeInForce, decimal,
};

use crate::exchange::{ACCOUNTS, ASSETS, PRICE_DECIMALS, QUANTITY_DECIMALS, markets, open_market};

fn account(name: &str) -> AccountId {
    let found = ACCOUNTS.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("no account {name}")).1
}

fn name(account: AccountId) -> String {
    let found = ACCOUNTS.iter().find(|(_, known)| *known == account);
    found.map_or_else(|| account.to_string(), |(name, _)| (*name).to_owned())
}

fn market(name: &str) -> Market {
    let unknown = open_market(99, "UNKNOWN", AssetId(1), AssetId(2));
    markets().into_iter().find(|market| market.symbol.as_str() == name).unwrap_or(unknown)
}

fn market_of(id: MarketId) -> Market {
    markets().into_iter().find(|market| market.id == id).expect("a market of the tables")
}

fn asset(name: &str) -> (AssetId, u8) {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    found.map_or((AssetId(99), 0), |(_, id, scale)| (*id, *scale))
}

fn number(text: &str, decimals: u8) -> i64 {
    match text {
        "max" => i64::MAX,
        _ => decimal::parse(text, decimals).unwrap_or_else(|error| panic!("{text}: {error}")),
    }
}

fn shown(value: i64, decimals: u8) -> String {
    let text = decimal::format(value, decimals, 0);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

fn price(value: Price) -> String {
    shown(value.0, PRICE_DECIMALS)
}

fn quantity(value: Quantity) -> String {
    shown(value.0, QUANTITY_DECIMALS)
}

fn money(id: AssetId, amount: Amount) -> String {
    let found = ASSETS.iter().find(|(_, known, _)| *known == id);
    let (name, _, scale) = found.expect("an asset of the tables");
    format!("{} {name}", shown(amount.0, *scale))
}

fn target(text: &str) -> Target {
    let client = |text| ClientOrderId::new(text).expect("a client id");
    let order = |text: &str| OrderId(text.trim_start_matches('#').parse().expect("an order id"));
    match text.split_once('/') {
        Some((id, name)) => Target::Both(order(id), client(name)),
        None if text.starts_with('#') => Target::Order(order(text)),
        None => Target::Client(client(text)),
    }
}

fn option<'a>(words: &[&'a str], prefix: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(prefix))
}

fn client_id(text: Option<&str>) -> ClientOrderId {
    text.map_or(ClientOrderId::EMPTY, |text| ClientOrderId::new(text).expect("a client id"))
}

/// The market that a line names after `on`.
fn named_market(words: &[&str]) -> Market {
    let at = words.iter().position(|word| *word == "on");
    at.map_or_else(|| market("GOLDEUR"), |at| market(words[at + 1]))
}

fn place(owner: &str, words: &[&str]) -> Place {
    let venue = named_market(words);
    let side = if words[0] == "buy" { Side::Buy } else { Side::Sell };
    let is = |flag: &str| words.contains(&flag);
    let is_market = is("market");
    let by_quote = is_market && words[2] != "market";
    let order_type = match (is_market, is("maker")) {
        (true, _) => OrderType::Market,
        (false, true) => OrderType::LimitMaker,
        (false, false) => OrderType::Limit,
    };
    let time_in_force = match (is("ioc") || is_market && !is("gtc"), is("fok")) {
        (_, true) => TimeInForce::Fok,
        (true, false) => TimeInForce::Ioc,
        (false, false) => TimeInForce::Gtc,
    };
    let limit = words.iter().position(|word| *word == "@").map_or(0, |at| number(words[at + 1], PRICE_DECIMALS));
    let quote = |text| Amount(number(text, asset("EUR").1));
    let also_quote = option(words, "quote=").map_or(Amount::ZERO, quote);
    Place {
        account: account(owner),
        market: venue.id,
        side,
        order_type,
        time_in_force,
        self_trade: if is("expire-taker") { SelfTrade::ExpireTaker } else { SelfTrade::None },
        price: Price(limit),
        quantity: Quantity(if by_quote { 0 } else { number(words[1], QUANTITY_DECIMALS) }),
        quote_quantity: if by_quote { Amount(number(words[1], asset(words[2]).1)) } else { also_quote },
        client_id: client_id(option(words, "id=")),
    }
}

/// The command of a line.
pub(crate) fn command(words: &[&str]) -> Command {
    let amount = |at: usize| Amount(number(words[at], asset(words[at + 1]).1));
    let hold = |text: &str| HoldId(text.trim_start_matches('H').parse().expect("a hold id"));
    match words[0] {
        "transfer" => Command::Transfer {
            from: account(words[1]),
            to: account(words[2]),
            asset: asset(words[4]).0,
            amount: amount(3),
        },
        "hold" => Command::Hold { account: account(words[1]), asset: asset(words[3]).0, amount: amount(2) },
        "capture" => Command::Capture { hold: hold(words[1]), to: account(words[2]), amount: amount(3) },
        "release" => Command::Release { hold: hold(words[1]) },
        "open" => Command::OpenAccount { account: AccountId(words[1].parse().expect("an account id")) },
        "add-asset" => Command::AddAsset(Asset {
            id: AssetId(words[1].parse().expect("an asset id")),
            symbol: Symbol::new(words[2]).expect("a symbol"),
            scale: words[3].parse().expect("a scale"),
        }),
        "add-market" => Command::AddMarket(listed_market(words)),
        owner => command_of(owner, &words[1..]),
    }
}

fn listed_market(words: &[&str]) -> Market {
    let id = words[1].parse().expect("a market id");
    let mut market = open_market(id, words[2], asset(words[3]).0, asset(words[4]).0);
    if words.contains(&"free-lots") {
        market.filters.lot.step = 0;
    }
    market
}

fn command_of(owner: &str, words: &[&str]) -> Command {
    let market = named_market(words).id;
    match words[0] {
        "buy" | "sell" => Command::Place(place(owner, words)),
        "cancel" => Command::Cancel {
            account: account(owner),
            market,
            target: target(words[1]),
            client_id: client_id(option(words, "as=")),
        },
        "cancel-all" => {
            let market = words.get(1).map(|name| self::market(name).id);
            Command::CancelAll { account: account(owner), market }
        }
        "modify" => {
            let Target::Order(order) = target(words[1]) else { panic!("modify takes an order id") };
            Command::Modify {
                account: account(owner),
                market,
                order,
                price: Price(number(words[4], PRICE_DECIMALS)),
                quantity: Quantity(number(words[2], QUANTITY_DECIMALS)),
            }
        }
        "replace" => {
            let allow = words[2] == "or-not";
            Command::CancelReplace(CancelReplace {
                mode: if allow { ReplaceMode::AllowFailure } else { ReplaceMode::StopOnFailure },
                target: target(words[1]),
                cancel_id: client_id(option(words, "as=")),
                place: place(owner, &words[2 + usize::from(allow)..]),
            })
        }
        other => panic!("no command {other}"),
    }
}

/// A command with the source that `[source/position]` or `[-]` names.
pub(crate) fn sourced(tag: &str, command: Command) -> Envelope {
    let tag = tag.trim_matches(['[', ']']);
    match tag.split_once('/') {
        None => Envelope::client(command),
        Some((source, position)) => Envelope {
            source: SourceId(source.parse().expect("a source")),
            source_seq: SourceSeq(position.parse().expect("a position")),
            command,
        },
    }
}

fn paid(market: MarketId, side: Side, amount: Amount) -> String {
    let market = market_of(market);
    money(if side == Side::Buy { market.quote } else { market.base }, amount)
}

/// What happened, in one line.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Rejected { account, reason } => format!("{}: rejected, {reason:?}", name(*account)),
        Event::CancelRejected { account, reason } => format!("{}: cancel rejected, {reason:?}", name(*account)),
        Event::Duplicate { source, source_seq } => format!("duplicate of {source}/{source_seq}"),
        Event::AssetAdded(asset) => format!("asset {} {}", asset.id, asset.symbol),
        Event::MarketAdded(market) => format!("market {} {}", market.id, market.symbol),
        Event::AccountOpened { account } => format!("account {account}"),
        Event::Transferred { from, to, asset, amount } => {
            format!("{} from {} to {}", money(*asset, *amount), name(*from), name(*to))
        }
        Event::Held { hold, account, asset, amount } => {
            format!("H{hold} holds {} of {}", money(*asset, *amount), name(*account))
        }
        Event::Captured { hold, account, to, asset, amount, remaining } => format!(
            "H{hold} pays {} from {} to {}, {} left",
            money(*asset, *amount),
            name(*account),
            name(*to),
            money(*asset, *remaining)
        ),
        Event::Released { hold, account, asset, amount } => {
            format!("H{hold} frees {} of {}", money(*asset, *amount), name(*account))
        }
        Event::Accepted(e) => format!("#{} accepted", e.order),
        Event::Trade(e) => trade(e),
        Event::Rested { order, market, side, price: limit, remaining, held, .. } => format!(
            "#{order} rests {} @ {}, holds {}",
            quantity(*remaining),
            price(*limit),
            paid(*market, *side, *held)
        ),
        Event::Closed(e) => {
            let reason = match e.reason {
                CloseReason::Cancelled => "cancelled",
                CloseReason::Expired => "expired",
                CloseReason::SelfTrade => "met itself",
            };
            let request =
                if e.request_id.is_empty() { String::new() } else { format!(" by {}", e.request_id.as_str()) };
            let freed = paid(e.market, e.side, e.released);
            format!("#{} {reason}{request}: {} @ {}, frees {freed}", e.order, quantity(e.remaining), price(e.price))
        }
        Event::Modified {
            order,
            market,
            side,
            old_price,
            old_remaining,
            price: limit,
            quantity: size,
            released,
            ..
        } => {
            format!(
                "#{order} from {} @ {} to {} @ {}, frees {}",
                quantity(*old_remaining),
                price(*old_price),
                quantity(*size),
                price(*limit),
                paid(*market, *side, *released)
            )
        }
        Event::AllCancelled { account, count } => format!("{}: {count} cancelled", name(*account)),
    }
}

fn trade(e: &model::Trade) -> String {
    let market = market_of(e.market);
    let (taker_gets, maker_gets) =
        if e.taker_side == Side::Buy { (market.base, market.quote) } else { (market.quote, market.base) };
    let mut text = format!(
        "trade {}: {} @ {} = {}, #{} with #{}",
        e.trade,
        quantity(e.quantity),
        price(e.price),
        money(market.quote, e.quote),
        e.taker_order,
        e.maker_order
    );
    match e.maker_remaining {
        Quantity(0) => text.push_str(", which is filled"),
        left => text.push_str(&format!(", {} left", quantity(left))),
    }
    if e.taker_fee.0 != 0 || e.maker_fee.0 != 0 {
        let unit = |rounding| if rounding == 1 { " (one unit by rounding)" } else { "" };
        let (taker, maker) = (money(taker_gets, e.taker_fee), money(maker_gets, e.maker_fee));
        let [maker_unit, taker_unit] = e.rounding.map(unit);
        text.push_str(&format!("; fees: taker {taker}{taker_unit}, maker {maker}{maker_unit}"));
    }
    text
}

/// A book: asks from the worst to the best, then bids from the best on, with the orders in their turn.
pub(crate) fn book(image: &Image, symbol: &str) -> Vec<String> {
    let id = market(symbol).id;
    let side = |side| {
        let of_side: Vec<_> = image.orders.iter().filter(|order| order.market == id && order.side == side).collect();
        let levels = of_side.chunk_by(|a, b| a.price == b.price).map(|level| {
            let orders: Vec<String> =
                level.iter().map(|order| format!("#{} {}", order.order, quantity(order.remaining))).collect();
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
pub(crate) fn balance(image: &Image, owner: &str) -> String {
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

/// Open orders of an account with what a client may ask of them.
pub(crate) fn orders(image: &Image, owner: &str) -> Vec<String> {
    let id = account(owner);
    let orders = image.orders.iter().filter(|order| order.account == id).map(|order| {
        let market = market_of(order.market);
        let side = if order.side == Side::Buy { "buy" } else { "sell" };
        format!(
            "#{} {side} {} @ {}, {} open, traded for {}, placed at {}, changed at {} ms",
            order.order,
            quantity(order.quantity),
            price(order.price),
            quantity(order.remaining),
            money(market.quote, order.filled_quote),
            order.placed.millis(),
            order.updated.millis()
        )
    });
    let orders: Vec<String> = orders.collect();
    if orders.is_empty() { vec!["none".to_owned()] } else { orders }
}
