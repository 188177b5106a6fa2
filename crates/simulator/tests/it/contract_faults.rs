//! Faults in what waits, shows parts, hangs together, ends by time or meets in an auction: each changes the right answer to
//! the one that an engine with that fault would give, and the auditor names the rule.

use model::{
    Amount, ClientOrderId, CloseReason, Command, Envelope, Event, Fees, ListKind, MarketState, OrderId, OrderType,
    Place, PlaceList, Price, Quantity, Reject, SelfTrade, Side, TimeInForce, Timestamp, Trade, TradeId,
};
use simulator::Rule;

use crate::faults::broken_in;
use crate::market::{ALICE, BOB, CAROL, GOLD, GOLDEUR, limit, opening, sent, transfer};

/// A market that has traded at 10,000, and these orders.
fn after(orders: &[Command]) -> Vec<Command> {
    let mut commands = opening();
    commands.push(Command::Place(limit(ALICE, Side::Sell, 10, 10_000)));
    commands.push(Command::Place(limit(BOB, Side::Buy, 10, 10_000)));
    commands.extend_from_slice(orders);
    commands
}

fn stop(side: Side, quantity: i64, stop_price: i64) -> Place {
    let order_type = OrderType::StopLoss;
    Place { order_type, price: Price(0), stop_price: Price(stop_price), ..limit(CAROL, side, quantity, 0) }
}

fn client(command: Command) -> Envelope {
    Envelope::client(command)
}

fn buys(quantity: i64, price: i64) -> Envelope {
    client(Command::Place(limit(BOB, Side::Buy, quantity, price)))
}

/// Asks that lift the price step by step, and stops that each of the steps triggers.
fn ladder() -> Vec<Command> {
    let ask = |price| Command::Place(limit(ALICE, Side::Sell, 10, price));
    let mut orders: Vec<Command> = [10_010, 10_020, 10_030, 10_040].map(ask).to_vec();
    orders.extend([10_010, 10_020, 10_030].map(|price| Command::Place(stop(Side::Buy, 10, price))));
    after(&orders)
}

fn is_triggered(event: &Event) -> bool {
    matches!(event, Event::Triggered { .. })
}

/// Leaves the first trigger out, with all that follows from it.
fn without_triggers(events: &mut Vec<Event>) {
    let first = events.iter().position(is_triggered).expect("a stop is triggered");
    events.truncate(first);
}

#[test]
fn a_stop_fires_one_command_late() {
    assert_eq!(broken_in(&ladder(), buys(10, 10_010), without_triggers), Some(Rule::Trigger));
    // The answer to the next command would begin with what is left over from this one.
    let early = |events: &mut Vec<Event>| {
        let (order, market) = (OrderId(7), GOLDEUR);
        events.insert(0, Event::Triggered { order, account: CAROL, market, side: Side::Buy, held: Amount(0) });
    };
    assert_eq!(broken_in(&ladder(), client(Command::Tick), early), Some(Rule::Event));
}

#[test]
fn a_stop_fires_after_the_orders_that_the_one_before_it_set_off() {
    // Both are reached by one trade; the second is triggered when the first has traded already.
    let mut scene = ladder();
    scene.push(Command::Place(stop(Side::Buy, 5, 10_010)));
    let fault = |events: &mut Vec<Event>| {
        let second = events.iter().rposition(is_triggered).expect("a stop is triggered");
        let late = events.remove(second);
        events.push(late);
    };
    assert_eq!(broken_in(&scene, buys(10, 10_010), fault), Some(Rule::Trigger));
}

#[test]
fn a_stop_never_fires() {
    let fault = |events: &mut Vec<Event>| {
        // The cascade stops at its second step: the stop that the first stop's own trade reaches stays asleep.
        let second = events.iter().enumerate().filter(|(_, event)| is_triggered(event)).nth(1).map(|(at, _)| at);
        events.truncate(second.expect("a cascade"));
    };
    assert_eq!(broken_in(&ladder(), buys(10, 10_010), fault), Some(Rule::Trigger));
}

#[test]
fn a_cascade_comes_in_the_wrong_order() {
    // One trade reaches three stops, lowest stop price first.
    let sweep = || buys(30, 10_030);
    let swapped = |events: &mut Vec<Event>| {
        let first = events.iter().position(is_triggered).expect("stops are triggered");
        events.swap(first, first + 1);
    };
    assert_eq!(broken_in(&ladder(), sweep(), swapped), Some(Rule::Trigger));
}

#[test]
fn a_trailing_order_follows_from_another_price() {
    let trails = Place { trailing_delta: 10, stop_price: Price(0), ..stop(Side::Sell, 5, 0) };
    let scene = after(&[Command::Place(trails), Command::Place(limit(ALICE, Side::Sell, 10, 10_010))]);
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Tracking { price, .. }) = events.last_mut() {
            price.0 += 1;
        }
    };
    assert_eq!(broken_in(&scene, buys(5, 10_010), fault), Some(Rule::Trigger));
}

/// An iceberg of alice's, older than bob's ask of the same price.
fn iceberg() -> Vec<Command> {
    let parts = Place { iceberg: Quantity(10), ..limit(ALICE, Side::Sell, 40, 10_010) };
    after(&[Command::Place(parts), Command::Place(limit(BOB, Side::Sell, 10, 10_010))])
}

#[test]
fn an_iceberg_refill_keeps_its_priority() {
    let takes = client(Command::Place(limit(CAROL, Side::Buy, 20, 10_010)));
    let fault = |events: &mut Vec<Event>| {
        let mut trades =
            events.iter_mut().filter_map(|event| if let Event::Trade(it) = event { Some(it) } else { None });
        let (Some(first), Some(second)) = (trades.next(), trades.next()) else { return };
        // Alice's next part trades before bob's order.
        let (trade, taker_remaining) = (second.trade, second.taker_remaining);
        *second = Trade { trade, taker_remaining, maker_remaining: Quantity(20), ..*first };
    };
    assert_eq!(broken_in(&iceberg(), takes.clone(), fault), Some(Rule::Priority));
    let silent = |events: &mut Vec<Event>| events.retain(|event| !matches!(event, Event::Refilled { .. }));
    assert_eq!(broken_in(&iceberg(), takes, silent), Some(Rule::Priority));
}

/// An auction with bids and asks that cross.
fn auction() -> Vec<Command> {
    let state = |state| Command::SetMarketState { market: GOLDEUR, state, until: Timestamp::NEVER };
    let mut commands = vec![state(MarketState::Auction)];
    for (side, quantity, price) in
        [(Side::Buy, 20, 10_030), (Side::Buy, 10, 10_020), (Side::Sell, 15, 9_990), (Side::Sell, 15, 10_010)]
    {
        commands.push(Command::Place(limit(if side == Side::Buy { BOB } else { ALICE }, side, quantity, price)));
    }
    after(&commands)
}

#[test]
fn an_auction_trades_at_another_price() {
    let opens = || {
        let (market, state) = (GOLDEUR, MarketState::Trading);
        client(Command::SetMarketState { market, state, until: Timestamp::NEVER })
    };
    let shifted = |events: &mut Vec<Event>| {
        for event in events {
            match event {
                Event::Uncrossed { price, .. } => price.0 += 1,
                Event::Trade(trade) => trade.price.0 += 1,
                _ => {}
            }
        }
    };
    assert_eq!(broken_in(&auction(), opens(), shifted), Some(Rule::Auction));
    let one = |events: &mut Vec<Event>| {
        if let Some(Event::Trade(trade)) = events.get_mut(1) {
            trade.price.0 += 1;
        }
    };
    assert_eq!(broken_in(&auction(), opens(), one), Some(Rule::Price));
}

/// A pair of carol's over 10: take profit at 10,050, or stop at 9,950.
fn pair() -> Vec<Command> {
    let profit = Place { order_type: OrderType::LimitMaker, ..limit(CAROL, Side::Sell, 10, 10_050) };
    let orders = [profit, stop(Side::Sell, 10, 9_950), Place::BLANK];
    let list = PlaceList { kind: ListKind::Oco, client_id: ClientOrderId::EMPTY, orders };
    after(&[Command::PlaceList(Box::new(list))])
}

#[test]
fn the_other_order_of_a_pair_survives() {
    let fault = |events: &mut Vec<Event>| {
        events.retain(|event| !matches!(event, Event::Closed(closed) if closed.reason == CloseReason::ListDone));
    };
    assert_eq!(broken_in(&pair(), buys(4, 10_050), fault), Some(Rule::List));
}

#[test]
fn a_list_is_said_to_be_done_while_one_of_its_orders_is_open() {
    let early = |events: &mut Vec<Event>| {
        let done = Event::ListDone { list: model::ListId(1), account: CAROL, market: GOLDEUR };
        events.push(done);
    };
    assert_eq!(broken_in(&pair(), buys(4, 10_050), early), Some(Rule::Event));
}

/// Makers get 0.025 % back.
fn rebates() -> Vec<Command> {
    let fees = Some(Fees { maker_ppm: -250, taker_ppm: 2_500 });
    let set = Command::SetFees { tier: None, market: Some(GOLDEUR), fees };
    after(&[set, Command::Place(limit(ALICE, Side::Buy, 10, 9_990))])
}

#[test]
fn a_rebate_is_rounded_the_wrong_way() {
    // 3.7 GOLD of 3 decimals: 0.925 units back, of which the exchange keeps the whole.
    let sells = client(Command::Place(limit(CAROL, Side::Sell, 37, 9_990)));
    let scene = || {
        let mut scene = rebates();
        scene.push(Command::Place(limit(ALICE, Side::Buy, 40, 9_990)));
        scene
    };
    let fault = |events: &mut Vec<Event>| {
        for event in events {
            if let Event::Trade(trade) = event
                && trade.rounding[0] == 1
            {
                trade.maker_fee.0 -= 1;
            }
        }
    };
    assert_eq!(broken_in(&scene(), sells, fault), Some(Rule::Fee));
}

#[test]
fn a_fee_is_that_of_the_schedule_of_today() {
    // The resting order keeps the rate that it was placed under.
    let mut scene = rebates();
    let fees = Some(Fees { maker_ppm: 10_000, taker_ppm: 10_000 });
    scene.push(Command::SetFees { tier: None, market: Some(GOLDEUR), fees });
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Trade(trade)) = events.get_mut(1) {
            (trade.maker_fee, trade.rounding[0]) = (Amount(10), 0);
        }
    };
    let sells = client(Command::Place(limit(CAROL, Side::Sell, 10, 9_990)));
    assert_eq!(broken_in(&scene, sells, fault), Some(Rule::Fee));
}

#[test]
fn a_prevented_match_is_not_recorded() {
    let scene = after(&[Command::Place(limit(BOB, Side::Sell, 10, 10_010))]);
    for mode in [SelfTrade::ExpireTaker, SelfTrade::ExpireMaker, SelfTrade::ExpireBoth, SelfTrade::Decrement] {
        let own = client(Command::Place(Place { self_trade: mode, ..limit(BOB, Side::Buy, 15, 10_010) }));
        let fault = |events: &mut Vec<Event>| events.retain(|event| !matches!(event, Event::Prevented(_)));
        assert_eq!(broken_in(&scene, own, fault), Some(Rule::SelfTrade), "{mode:?}");
    }
}

#[test]
fn an_expired_order_trades() {
    let ends = Timestamp((after(&[]).len() as u64 + 2) * 1_000_000);
    let until = Place { time_in_force: TimeInForce::Gtd, expire_at: ends, ..limit(ALICE, Side::Sell, 10, 10_010) };
    // The next command comes just when the order's time is over.
    let scene = after(&[Command::Place(until)]);
    let fault = |events: &mut Vec<Event>| {
        let Some(Event::Rested { order, price, .. }) = events.last().copied() else { return };
        events.remove(0);
        events.pop();
        events.push(Event::Trade(Trade {
            trade: TradeId(2),
            market: GOLDEUR,
            taker_side: Side::Buy,
            auction: false,
            price,
            quantity: Quantity(10),
            quote: Amount(10 * price.0 * 1_000),
            maker_order: OrderId(3),
            taker_order: order,
            maker_account: ALICE,
            taker_account: BOB,
            maker_fee: Amount(100_100),
            taker_fee: Amount(3),
            rounding: [0, 1],
            maker_remaining: Quantity(0),
            taker_remaining: Quantity(0),
            released: Amount(0),
        }));
    };
    assert_eq!(broken_in(&scene, buys(10, 10_010), fault), Some(Rule::Deadline));
}

#[test]
fn a_countdown_does_not_fire() {
    let (market, timeout_us) = (Some(GOLDEUR), 1_500_000);
    let set = Command::SetCountdown { account: ALICE, market, timeout_us };
    let scene = after(&[Command::Place(limit(ALICE, Side::Sell, 10, 10_010)), set, Command::Tick]);
    let fault = |events: &mut Vec<Event>| events.retain(|event| *event == Event::Ticked);
    assert_eq!(broken_in(&scene, client(Command::Tick), fault), Some(Rule::Deadline));
}

#[test]
fn all_orders_are_cancelled_in_no_order() {
    let asks = [10_010, 10_020, 10_030, 10_040].map(|price| Command::Place(limit(ALICE, Side::Sell, 10, price)));
    let fault = |events: &mut Vec<Event>| events[..4].rotate_left(1);
    let all = client(Command::CancelAll { account: ALICE, market: None });
    assert_eq!(broken_in(&after(&asks), all, fault), Some(Rule::Event));
}

#[test]
fn a_transfer_is_applied_twice() {
    let source_seq = model::SourceSeq(after(&[]).len() as u64 + 1);
    let again = Envelope { source_seq, ..sent(&[transfer(ALICE, BOB, GOLD, 5)]).remove(0) };
    let doubled = |events: &mut Vec<Event>| events.push(events[0]);
    assert_eq!(broken_in(&after(&[]), again.clone(), doubled), Some(Rule::Event));
    let more = |events: &mut Vec<Event>| {
        if let Event::Transferred { amount, .. } = &mut events[0] {
            amount.0 *= 2;
        }
    };
    assert_eq!(broken_in(&after(&[]), again, more), Some(Rule::Conservation));
}

#[test]
fn a_market_that_is_halted_takes_an_order() {
    let (market, state) = (GOLDEUR, MarketState::Halt);
    let scene = after(&[Command::SetMarketState { market, state, until: Timestamp::NEVER }]);
    let fault = |events: &mut Vec<Event>| {
        assert_eq!(events[..], [Event::Rejected { account: BOB, reason: Reject::MarketClosed }]);
        events[0] = Event::Rested {
            order: OrderId(3),
            account: BOB,
            market: GOLDEUR,
            side: Side::Buy,
            price: Price(9_000),
            remaining: Quantity(10),
            visible: Quantity(10),
            held: Amount(90_000_000),
        };
    };
    assert_eq!(broken_in(&scene, buys(10, 9_000), fault), Some(Rule::Rejection));
}
