//! Events to words.

use model::{
    Amount, CloseReason, Closed, Event, Fees, MarketId, MarketState, Prevented, Quantity, SelfTrade, Side, StateCause,
    TierId, Timestamp, Trade, Wait,
};

use super::{market_of, moment, money, name, price, quantity};

fn paid(market: MarketId, side: Side, amount: Amount) -> String {
    let market = market_of(market);
    money(if side == Side::Buy { market.quote } else { market.base }, amount)
}

fn symbol(market: MarketId) -> String {
    market_of(market).symbol.to_string()
}

pub(super) const fn state(state: MarketState) -> &'static str {
    match state {
        MarketState::Trading => "trading",
        MarketState::Halt => "halt",
        MarketState::CancelOnly => "cancel-only",
        MarketState::PostOnly => "post-only",
        MarketState::Auction => "auction",
    }
}

pub(super) fn until(time: Timestamp) -> String {
    if time == Timestamp::NEVER { String::new() } else { format!(" until {}", moment(time)) }
}

/// What an order waits for.
pub(super) const fn wait(wait: Wait) -> &'static str {
    match wait {
        Wait::Nothing => "nothing",
        Wait::Stop => "its stop price",
        Wait::Trailing => "a turn",
        Wait::List => "its list",
        Wait::Market => "the market",
    }
}

fn entry(tier: Option<TierId>, market: Option<MarketId>, fees: Option<Fees>) -> String {
    let tier = tier.map_or(String::new(), |tier| format!(" of tier {tier}"));
    let market = market.map_or(String::new(), |market| format!(" on {}", symbol(market)));
    let fees = fees.map_or("none".to_owned(), |fees| format!("{}/{}", fees.maker_ppm, fees.taker_ppm));
    format!("fees{tier}{market}: {fees}")
}

/// What happened, in one line.
pub(crate) fn event(event: &Event) -> String {
    match event {
        Event::Rejected { account, reason } => format!("{}: rejected, {reason:?}", name(*account)),
        Event::CancelRejected { account, reason } => format!("{}: cancel rejected, {reason:?}", name(*account)),
        Event::Duplicate { source, source_seq } => format!("duplicate of {source}/{source_seq}"),
        Event::Ticked => "ticked".to_owned(),
        Event::Accepted(e) => format!("#{} accepted", e.order),
        Event::Trade(e) => trade(e),
        Event::Prevented(e) => prevented(e),
        Event::Closed(e) => closed(e),
        Event::Rested { order, market, side, price: limit, remaining, visible, held, .. } => {
            let shows = if visible == remaining { String::new() } else { format!(", shows {}", quantity(*visible)) };
            let held = paid(*market, *side, *held);
            format!("#{order} rests {} @ {}{shows}, holds {held}", quantity(*remaining), price(*limit))
        }
        Event::Refilled { order, price: limit, visible, .. } => {
            format!("#{order} shows {} more @ {}", quantity(*visible), price(*limit))
        }
        Event::Armed { order, market, side, wait: what, held, .. } => {
            format!("#{order} waits for {}, holds {}", wait(*what), paid(*market, *side, *held))
        }
        Event::Tracking { order, price: from, .. } => format!("#{order} follows from {}", price(*from)),
        Event::Triggered { order, market, side, held, .. } => match held {
            Amount(0) => format!("#{order} triggered"),
            held => format!("#{order} triggered, holds {} more", paid(*market, *side, *held)),
        },
        Event::Entered { order, market, side, released, .. } => {
            format!("#{order} enters, frees {}", paid(*market, *side, *released))
        }
        other => change(other),
    }
}

/// What happens to orders less often.
fn change(event: &Event) -> String {
    match event {
        Event::Amended(e) => {
            let id = if e.client_id.is_empty() { String::new() } else { format!(" as {}", e.client_id.as_str()) };
            let off = if e.visible.0 == 0 { String::new() } else { format!(", shows {} less", quantity(e.visible)) };
            let freed = paid(e.market, e.side, e.released);
            let (total, open) = (quantity(e.quantity), quantity(e.remaining));
            format!("#{} amended to {total}, {open} open @ {}{off}, frees {freed}{id}", e.order, price(e.price))
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
        Event::ListPlaced { list, kind, orders, client_id, .. } => {
            let orders: Vec<String> =
                orders.iter().filter(|order| order.0 != 0).map(|order| format!("#{order}")).collect();
            let name = if client_id.is_empty() { String::new() } else { format!(" {}", client_id.as_str()) };
            format!("L{list}{name} {kind:?} of {}", orders.join(", "))
        }
        Event::ListDone { list, .. } => format!("L{list} is done"),
        Event::AllCancelled { account, count } if account.0 == 0 => format!("{count} cancelled"),
        Event::AllCancelled { account, count } => format!("{}: {count} cancelled", name(*account)),
        Event::CountdownSet { account, market, deadline } => {
            let venue = market.map_or(String::new(), |market| format!(" on {}", symbol(market)));
            let end = if *deadline == Timestamp::NEVER { " off".to_owned() } else { until(*deadline) };
            format!("{}: countdown{venue}{end}", name(*account))
        }
        Event::CountdownFired { account, market } => {
            let venue = market.map_or(String::new(), |market| format!(" on {}", symbol(market)));
            format!("{}: countdown{venue} fires", name(*account))
        }
        other => administered(other),
    }
}

/// What happens to markets, accounts and money.
fn administered(event: &Event) -> String {
    match event {
        Event::AssetAdded(asset) => format!("asset {} {}", asset.id, asset.symbol),
        Event::MarketAdded(market) => format!("market {} {}", market.id, market.symbol),
        Event::MarketSet(market) => format!("{} is set", market.symbol),
        Event::MarketStateSet { market, state: now, until: end, cause } => {
            let cause = match cause {
                StateCause::Operator => "",
                StateCause::Volatility => ", by volatility",
                StateCause::Deadline => ", by time",
            };
            format!("{} {}{}{cause}", symbol(*market), state(*now), until(*end))
        }
        Event::Indicative { market, price: at, volume, imbalance } => {
            let (market, volume, imbalance) = (symbol(*market), quantity(*volume), quantity(*imbalance));
            format!("{market} indicates {volume} @ {}, {imbalance} over", price(*at))
        }
        Event::Uncrossed { market, price: at, volume } => {
            format!("{} uncrosses {} @ {}", symbol(*market), quantity(*volume), price(*at))
        }
        Event::AccountOpened { account, parent } => {
            let parent = if parent.0 == 0 { String::new() } else { format!(" of {}", name(*parent)) };
            format!("account {account}{parent}")
        }
        Event::TierSet { account, tier } => format!("{}: tier {tier}", name(*account)),
        Event::FeesSet { tier, market, fees } => entry(*tier, *market, *fees),
        Event::Transferred { from, to, asset, amount } => {
            format!("{} from {} to {}", money(*asset, *amount), name(*from), name(*to))
        }
        Event::Held { hold, account, asset, amount } => {
            format!("H{hold} holds {} of {}", money(*asset, *amount), name(*account))
        }
        Event::Captured { hold, account, to, asset, amount, remaining } => {
            let (amount, left) = (money(*asset, *amount), money(*asset, *remaining));
            format!("H{hold} pays {amount} from {} to {}, {left} left", name(*account), name(*to))
        }
        Event::Released { hold, account, asset, amount } => {
            format!("H{hold} frees {} of {}", money(*asset, *amount), name(*account))
        }
        other => unreachable!("{other:?} has words above"),
    }
}

fn closed(e: &Closed) -> String {
    let reason = match e.reason {
        CloseReason::Cancelled => "cancelled",
        CloseReason::Expired => "expired",
        CloseReason::SelfTrade => "met itself",
        CloseReason::ListDone => "ends with its list",
        CloseReason::Deadline => "ends by time",
        CloseReason::Countdown => "ends by countdown",
        CloseReason::Refused => "refused",
        CloseReason::Overflow => "overflows",
        CloseReason::MarketCancelled => "ends with its market",
    };
    let request = if e.request_id.is_empty() { String::new() } else { format!(" by {}", e.request_id.as_str()) };
    let freed = paid(e.market, e.side, e.released);
    format!("#{} {reason}{request}: {} @ {}, frees {freed}", e.order, quantity(e.remaining), price(e.price))
}

fn trade(e: &Trade) -> String {
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
    if e.taker_fee.0 != 0 || e.maker_fee.0 != 0 || e.rounding != [0, 0] {
        let unit = |rounding| if rounding == 1 { " (one unit by rounding)" } else { "" };
        let (taker, maker) = (money(taker_gets, e.taker_fee), money(maker_gets, e.maker_fee));
        let [maker_unit, taker_unit] = e.rounding.map(unit);
        text.push_str(&format!("; fees: taker {taker}{taker_unit}, maker {maker}{maker_unit}"));
    }
    if e.auction {
        text.push_str(&format!("; frees {}", money(market.quote, e.released)));
    }
    text
}

fn prevented(e: &Prevented) -> String {
    let mode = match e.mode {
        SelfTrade::None => "none",
        SelfTrade::ExpireTaker => "expire-taker",
        SelfTrade::ExpireMaker => "expire-maker",
        SelfTrade::ExpireBoth => "expire-both",
        SelfTrade::Decrement => "decrement",
    };
    let (taker, maker) = (quantity(e.taker_quantity), quantity(e.maker_quantity));
    let mut text = format!(
        "prevented {} by {mode} @ {}: #{} loses {taker}, #{} {maker}",
        e.prevented,
        price(e.price),
        e.taker_order,
        e.maker_order
    );
    if e.mode == SelfTrade::Decrement {
        let side = e.taker_side.opposite();
        text.push_str(&format!(", {} left, frees {}", quantity(e.maker_remaining), paid(e.market, side, e.released)));
    }
    text
}
