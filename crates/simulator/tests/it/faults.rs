//! Faulty answers of an engine, one by one: the auditor finds each, and names the rule that it breaks.

use engine::{Engine, Levels};
use model::{
    AccountId, Amount, CloseReason, Command, Envelope, Event, HoldId, Image, Place, Price, Quantity, Reject, SelfTrade,
    Sequence, Side, SourceSeq, Stamped, Target, TimeInForce, Timestamp, Trade, TradeId,
};
use simulator::{Auditor, Rule};

use crate::market::{ALICE, BOB, CAROL, EUR, GOLD, GOLDEUR, limit, opening, sent, transfer};

/// Two asks of one price, the older alice's; one ask above; a bid; a hold.
fn scene() -> Vec<Command> {
    let mut commands = opening();
    for place in [
        limit(ALICE, Side::Sell, 50, 10_000),
        limit(BOB, Side::Sell, 50, 10_000),
        limit(ALICE, Side::Sell, 50, 10_100),
        limit(BOB, Side::Buy, 33, 9_900),
    ] {
        commands.push(Command::Place(place));
    }
    commands.push(Command::Hold { account: ALICE, asset: EUR, amount: Amount(700) });
    commands
}

/// Applies the scene and one command more, whose answer is changed. Gives the rule that the auditor finds broken.
fn broken_by(last: Envelope, fault: impl Fn(&mut Vec<Event>)) -> Option<Rule> {
    broken_in(&scene(), last, fault)
}

/// [`broken_by`] with another scene. Each command comes a second after the one before.
pub(crate) fn broken_in(scene: &[Command], last: Envelope, fault: impl Fn(&mut Vec<Event>)) -> Option<Rule> {
    let mut engine: Engine<Levels> = Engine::new();
    let mut auditor = Auditor::new();
    let mut envelopes = sent(scene);
    envelopes.push(last);
    let count = envelopes.len();
    for (envelope, number) in envelopes.into_iter().zip(1..) {
        let input = Stamped { sequence: Sequence(number), time: Timestamp(number * 1_000_000), envelope };
        let mut events = Vec::new();
        engine.apply(&input, &mut events);
        if number < count as u64 {
            assert_eq!(auditor.check(&input, &events), Ok(()));
            continue;
        }
        assert_eq!(auditor.clone().check(&input, &events), Ok(()), "without the fault it is right");
        let before = events.clone();
        fault(&mut events);
        assert_ne!(before, events, "the fault changes something");
        return auditor.check(&input, &events).err().map(|discrepancy| discrepancy.rule);
    }
    None
}

fn client(place: Place) -> Envelope {
    Envelope::client(Command::Place(place))
}

/// Takes 70 of 100, from alice's 50 first.
fn takes() -> Envelope {
    client(limit(CAROL, Side::Buy, 70, 10_050))
}

fn in_trade(number: usize, change: impl Fn(&mut Trade)) -> impl Fn(&mut Vec<Event>) {
    move |events| {
        let mut trades =
            events.iter_mut().filter_map(|event| if let Event::Trade(trade) = event { Some(trade) } else { None });
        if let Some(trade) = trades.nth(number) {
            change(trade);
        }
    }
}

#[test]
fn a_fee_is_dropped() {
    assert_eq!(broken_by(takes(), in_trade(0, |trade| trade.maker_fee = Amount(0))), Some(Rule::Fee));
    assert_eq!(broken_by(takes(), in_trade(1, |trade| trade.taker_fee = Amount(0))), Some(Rule::Fee));
}

#[test]
fn a_fee_is_rounded_down() {
    // 3.3 GOLD: 8.25 units of fee.
    let sells = client(limit(CAROL, Side::Buy, 33, 10_000));
    let fault = in_trade(0, |trade| {
        assert_eq!((trade.taker_fee, trade.rounding), (Amount(9), [0, 1]));
        (trade.taker_fee, trade.rounding) = (Amount(8), [0, 0]);
    });
    assert_eq!(broken_by(sells.clone(), fault), Some(Rule::Fee));
    assert_eq!(broken_by(sells, in_trade(0, |trade| trade.rounding = [0, 0])), Some(Rule::Fee));
}

#[test]
fn trades_are_reordered() {
    let fault = |events: &mut Vec<Event>| events.swap(1, 2);
    assert_eq!(broken_by(takes(), fault), Some(Rule::Priority));
}

#[test]
fn the_younger_maker_comes_first() {
    let fault = in_trade(0, |trade| (trade.maker_order.0, trade.maker_account) = (2, BOB));
    assert_eq!(broken_by(takes(), fault), Some(Rule::Priority));
}

#[test]
fn a_trade_is_at_the_takers_price() {
    let fault = in_trade(0, |trade| {
        trade.price = Price(10_050);
        trade.quote = Amount(trade.quote.0 / 10_000 * 10_050);
    });
    assert_eq!(broken_by(takes(), fault), Some(Rule::Price));
}

#[test]
fn a_trade_is_beyond_the_takers_limit() {
    // Fills what it wants from the ask above its limit, instead of resting.
    let more = client(limit(CAROL, Side::Buy, 120, 10_050));
    let fault = |events: &mut Vec<Event>| {
        if let (Some(Event::Trade(last)), Some(rest)) = (events.get(2).copied(), events.last_mut()) {
            let (trade, price) = (TradeId(last.trade.0 + 1), Price(10_100));
            *rest = Event::Trade(Trade { trade, price, quantity: Quantity(20), ..last });
        }
    };
    assert_eq!(broken_by(more, fault), Some(Rule::Event));
}

#[test]
fn a_quantity_does_not_add_up() {
    assert_eq!(broken_by(takes(), in_trade(0, |trade| trade.quantity = Quantity(49))), Some(Rule::Quantity));
    assert_eq!(broken_by(takes(), in_trade(1, |trade| trade.maker_remaining = Quantity(31))), Some(Rule::Quantity));
    assert_eq!(broken_by(takes(), in_trade(1, |trade| trade.quote = Amount(1))), Some(Rule::Quantity));
}

#[test]
fn a_trade_over_nothing_follows() {
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Trade(last)) = events.last().copied() {
            let trade = TradeId(last.trade.0 + 1);
            events.push(Event::Trade(Trade { trade, quantity: Quantity(0), quote: Amount(0), ..last }));
        }
    };
    assert_eq!(broken_by(takes(), fault), Some(Rule::Event));
}

#[test]
fn a_trade_is_lost_or_doubled() {
    let lost = |events: &mut Vec<Event>| events.truncate(2);
    assert_eq!(broken_by(takes(), lost), Some(Rule::Event));
    let doubled = |events: &mut Vec<Event>| events.insert(2, events[1]);
    assert_eq!(broken_by(takes(), doubled), Some(Rule::Priority));
    assert_eq!(broken_by(takes(), in_trade(1, |trade| trade.trade = TradeId(1))), Some(Rule::Event));
}

#[test]
fn an_order_rests_crossed_instead_of_trading() {
    let fault = |events: &mut Vec<Event>| {
        events.truncate(1);
        events.push(Event::Rested {
            order: model::OrderId(5),
            account: CAROL,
            market: GOLDEUR,
            side: Side::Buy,
            price: Price(10_050),
            remaining: Quantity(70),
            visible: Quantity(70),
            held: Amount(70 * 10_050 * 1_000),
        });
    };
    assert_eq!(broken_by(takes(), fault), Some(Rule::Event));
}

#[test]
fn an_immediate_order_rests() {
    let place = Place { time_in_force: TimeInForce::Ioc, ..limit(CAROL, Side::Buy, 110, 10_050) };
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Closed(closed)) = events.pop() {
            events.push(Event::Rested {
                order: closed.order,
                account: closed.account,
                market: closed.market,
                side: closed.side,
                price: closed.price,
                remaining: closed.remaining,
                visible: closed.remaining,
                held: Amount(closed.remaining.0 * closed.price.0 * 1_000),
            });
        }
    };
    assert_eq!(broken_by(client(place), fault), Some(Rule::Event));
    assert_eq!(broken_by(client(place), |events| events.truncate(2)), Some(Rule::Event));
}

#[test]
fn an_account_trades_with_itself_though_it_should_not() {
    let place = Place { self_trade: SelfTrade::ExpireTaker, ..limit(BOB, Side::Buy, 70, 10_050) };
    let fault = |events: &mut Vec<Event>| {
        if let (Some(Event::Trade(first)), Some(Event::Closed(closed))) = (events.get(1).copied(), events.pop()) {
            assert_eq!(closed.reason, CloseReason::SelfTrade);
            let trade = Trade { trade: TradeId(2), maker_order: model::OrderId(2), maker_account: BOB, ..first };
            events.push(Event::Trade(Trade { quantity: closed.remaining, ..trade }));
        }
    };
    assert_eq!(broken_by(client(place), fault), Some(Rule::SelfTrade));
}

#[test]
fn too_little_is_held_or_too_much_is_freed() {
    let rests = client(limit(CAROL, Side::Buy, 70, 9_000));
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Rested { held, .. }) = events.last_mut() {
            held.0 -= 1;
        }
    };
    assert_eq!(broken_by(rests, fault), Some(Rule::Held));
    let (account, market, client_id) = (BOB, GOLDEUR, model::ClientOrderId::EMPTY);
    let target = Target::Order(model::OrderId(4));
    let cancel = Envelope::client(Command::Cancel { account, market, target, client_id });
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Closed(closed)) = events.last_mut() {
            closed.released.0 += 1;
        }
    };
    assert_eq!(broken_by(cancel, fault), Some(Rule::Held));
}

#[test]
fn a_command_is_refused_for_nothing_or_for_the_wrong_reason() {
    let refused = |reason| move |events: &mut Vec<Event>| *events = vec![Event::Rejected { account: CAROL, reason }];
    assert_eq!(broken_by(takes(), refused(Reject::InsufficientBalance)), Some(Rule::Rejection));
    let both = client(limit(CAROL, Side::Buy, 0, 0));
    assert_eq!(broken_by(both, refused(Reject::LotSize)), Some(Rule::Rejection));
}

#[test]
fn a_command_is_carried_out_though_it_breaks_a_rule() {
    let too_dear = client(limit(CAROL, Side::Buy, 1_000_000, 9_000));
    let accepted = |events: &mut Vec<Event>| {
        *events = vec![Event::Rested {
            order: model::OrderId(5),
            account: CAROL,
            market: GOLDEUR,
            side: Side::Buy,
            price: Price(9_000),
            remaining: Quantity(1_000_000),
            visible: Quantity(1_000_000),
            held: Amount(9_000_000_000_000),
        }];
    };
    assert_eq!(broken_by(too_dear, accepted), Some(Rule::Rejection));
}

#[test]
fn a_refused_command_changes_something() {
    let refused = client(limit(CAROL, Side::Buy, 0, 9_000));
    let fault = |events: &mut Vec<Event>| {
        events.push(Event::Transferred { from: ALICE, to: CAROL, asset: EUR, amount: Amount(1) });
    };
    assert_eq!(broken_by(refused, fault), Some(Rule::Event));
}

#[test]
fn a_repeat_is_carried_out_again() {
    let command = transfer(ALICE, BOB, GOLD, 5);
    let repeat = Envelope { source_seq: SourceSeq(1), ..sent(&[command]).remove(0) };
    let again = |events: &mut Vec<Event>| {
        *events = vec![Event::Transferred { from: ALICE, to: BOB, asset: GOLD, amount: Amount(5) }];
    };
    assert_eq!(broken_by(repeat, again), Some(Rule::Event));
}

fn next_of_source(command: Command) -> Envelope {
    let source_seq = SourceSeq(scene().len() as u64 + 1);
    Envelope { source_seq, ..sent(&[command]).remove(0) }
}

#[test]
fn money_appears() {
    let fault = |events: &mut Vec<Event>| {
        if let Some(Event::Transferred { amount, .. } | Event::Captured { amount, .. }) = events.last_mut() {
            amount.0 += 1;
        }
    };
    assert_eq!(broken_by(next_of_source(transfer(ALICE, BOB, GOLD, 5)), fault), Some(Rule::Conservation));
    let capture = Command::Capture { hold: HoldId(1), to: BOB, amount: Amount(300) };
    assert_eq!(broken_by(next_of_source(capture), fault), Some(Rule::Conservation));
}

#[test]
fn there_is_no_answer() {
    assert_eq!(broken_by(takes(), Vec::clear), Some(Rule::Sequence));
}

type ImageFault = fn(&mut Image);

/// The engine's and the auditor's picture after the scene, the engine's with a fault.
fn image_broken_by(fault: impl Fn(&mut Image)) -> Option<Rule> {
    let mut engine: Engine<Levels> = Engine::new();
    let mut auditor = Auditor::new();
    for (envelope, number) in sent(&scene()).into_iter().zip(1..) {
        let input = Stamped { sequence: Sequence(number), time: Timestamp(number), envelope };
        let mut events = Vec::new();
        engine.apply(&input, &mut events);
        assert_eq!(auditor.check(&input, &events), Ok(()));
    }
    let mut image = engine.image();
    assert_eq!(auditor.compare(&image), Ok(()));
    fault(&mut image);
    auditor.compare(&image).err().map(|discrepancy| discrepancy.rule)
}

#[test]
fn an_image_shows_something_else() {
    let faults: [(&str, ImageFault); 13] = [
        ("a balance", |image| image.balances[0].available.0 += 1),
        ("a hold too few, as if a snapshot had missed it", |image| {
            let missed = image.balances.iter_mut().find(|balance| balance.account == ALICE && balance.asset == EUR);
            let balance = missed.expect("alice has a hold");
            balance.available.0 += balance.held.0;
            balance.held.0 = 0;
        }),
        ("what is held for an order", |image| image.orders[0].held.0 = 0),
        ("what is held", |image| image.balances[3].held.0 += 1),
        ("a balance too few", |image| image.balances.truncate(3)),
        ("priority", |image| image.orders.swap(1, 2)),
        ("an order too few", |image| image.orders.truncate(1)),
        ("what remains", |image| image.orders[0].remaining.0 -= 1),
        ("when it was placed", |image| image.orders[0].placed.0 -= 1),
        ("the last trade", |image| image.markets[0].last_trade.0 += 1),
        ("an account", |image| image.accounts[0].account = AccountId(2_000)),
        ("an asset", |image| image.assets[0].scale += 1),
        ("the position", |image| image.sequence.0 += 1),
    ];
    for (what, fault) in faults {
        assert_eq!(image_broken_by(fault), Some(Rule::Image), "{what}");
    }
}
