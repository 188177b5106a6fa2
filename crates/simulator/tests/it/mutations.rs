//! Any change of any event must be found: answers of a random workload with one thing changed.

use engine::{Engine, Levels};
use model::{CloseReason, Event, Reject, Sequence, Side, Stamped, Timestamp};
use simulator::{Auditor, Random, Workload};

/// Changes one field of an event.
fn change(event: &mut Event, random: &mut Random) {
    let pick = random.below(16);
    match event {
        Event::Rejected { account, reason } | Event::CancelRejected { account, reason } => match pick {
            0..8 => account.0 ^= 1,
            _ => *reason = if *reason == Reject::LotSize { Reject::PriceFilter } else { Reject::LotSize },
        },
        Event::Duplicate { source, source_seq } => match pick {
            0..8 => source.0 ^= 1,
            _ => source_seq.0 ^= 1,
        },
        Event::AssetAdded(asset) => asset.scale ^= 1,
        Event::MarketAdded(market) => market.fees.maker_ppm ^= 1,
        Event::AccountOpened { account } => account.0 ^= 1,
        Event::Transferred { from, to, asset, amount } => match pick % 4 {
            0 => from.0 ^= 1,
            1 => to.0 ^= 1,
            2 => asset.0 ^= 1,
            _ => amount.0 ^= 1,
        },
        Event::Held { hold, account, asset, amount } | Event::Released { hold, account, asset, amount } => {
            match pick % 4 {
                0 => hold.0 ^= 1,
                1 => account.0 ^= 1,
                2 => asset.0 ^= 1,
                _ => amount.0 ^= 1,
            }
        }
        Event::Captured { hold, account, to, asset, amount, remaining } => match pick % 6 {
            0 => hold.0 ^= 1,
            1 => account.0 ^= 1,
            2 => to.0 ^= 1,
            3 => asset.0 ^= 1,
            4 => amount.0 ^= 1,
            _ => remaining.0 ^= 1,
        },
        Event::AllCancelled { account, count } => match pick % 2 {
            0 => account.0 ^= 1,
            _ => *count ^= 1,
        },
        other => change_of_order(other, pick),
    }
}

fn change_of_order(event: &mut Event, pick: u64) {
    match event {
        Event::Accepted(accepted) => match pick % 7 {
            0 => accepted.order.0 ^= 1,
            1 => accepted.account.0 ^= 1,
            2 => accepted.market.0 ^= 1,
            3 => accepted.side = accepted.side.opposite(),
            4 => accepted.price.0 ^= 1,
            5 => accepted.quantity.0 ^= 1,
            _ => accepted.quote_quantity.0 ^= 1,
        },
        Event::Trade(trade) => match pick % 14 {
            0 => trade.trade.0 ^= 1,
            1 => trade.market.0 ^= 1,
            2 => trade.taker_side = trade.taker_side.opposite(),
            3 => trade.price.0 ^= 1,
            4 => trade.quantity.0 ^= 1,
            5 => trade.quote.0 ^= 1,
            6 => trade.maker_order.0 ^= 1,
            7 => trade.taker_order.0 ^= 1,
            8 => trade.maker_account.0 ^= 1,
            9 => trade.taker_account.0 ^= 1,
            10 => trade.maker_fee.0 ^= 1,
            11 => trade.taker_fee.0 ^= 1,
            12 => trade.rounding[usize::from(pick > 13)] ^= 1,
            _ => trade.maker_remaining.0 ^= 1,
        },
        Event::Rested { order, account, market, side, price, remaining, held } => match pick % 7 {
            0 => order.0 ^= 1,
            1 => account.0 ^= 1,
            2 => market.0 ^= 1,
            3 => *side = side.opposite(),
            4 => price.0 ^= 1,
            5 => remaining.0 ^= 1,
            _ => held.0 ^= 1,
        },
        Event::Closed(closed) => match pick % 8 {
            0 => closed.order.0 ^= 1,
            1 => closed.account.0 ^= 1,
            2 => closed.market.0 ^= 1,
            3 => closed.side = closed.side.opposite(),
            4 if closed.reason == CloseReason::Expired => closed.reason = CloseReason::Cancelled,
            4 => closed.reason = CloseReason::Expired,
            5 => closed.price.0 ^= 1,
            6 => closed.remaining.0 ^= 1,
            _ => closed.released.0 ^= 1,
        },
        Event::Modified { order, account, market, side, old_price, old_remaining, price, quantity, released } => {
            match pick % 9 {
                0 => order.0 ^= 1,
                1 => account.0 ^= 1,
                2 => market.0 ^= 1,
                3 => *side = if *side == Side::Buy { Side::Sell } else { Side::Buy },
                4 => old_price.0 ^= 1,
                5 => old_remaining.0 ^= 1,
                6 => price.0 ^= 1,
                7 => quantity.0 ^= 1,
                _ => released.0 ^= 1,
            }
        }
        _ => {}
    }
}

/// Changes, loses, doubles or reorders events; gives whether anything is different now.
fn mutate(events: &mut Vec<Event>, random: &mut Random) -> bool {
    let before = events.clone();
    let at = usize::try_from(random.below(events.len() as u64)).expect("an index fits");
    match random.below(6) {
        0 => {
            events.remove(at);
        }
        1 => events.insert(at, events[at]),
        2 => events.swap(0, at),
        _ => change(&mut events[at], random),
    }
    *events != before
}

#[test]
fn every_change_of_an_answer_is_found() {
    let (mut tried, mut changed_trades) = (0, 0);
    for seed in 1..=4 {
        let (mut workload, mut random) = (Workload::new(seed), Random::new(seed));
        let (mut engine, mut auditor): (Engine<Levels>, _) = (Engine::new(), Auditor::new());
        for number in 1..=700 {
            let envelope = workload.command();
            let input = Stamped { sequence: Sequence(number), time: Timestamp(number), envelope };
            let mut events = Vec::new();
            engine.apply(&input, &mut events);
            workload.observe(&events);
            let mut faulty = events.clone();
            if mutate(&mut faulty, &mut random) {
                tried += 1;
                changed_trades += u32::from(events.iter().any(|event| matches!(event, Event::Trade(_))));
                let found = auditor.clone().check(&input, &faulty);
                assert!(found.is_err(), "seed {seed}, command {number}: {events:?}\nwas taken as {faulty:?}");
            }
            assert_eq!(auditor.check(&input, &events), Ok(()));
        }
    }
    assert!(tried > 2_000 && changed_trades > 100, "{tried} changes, {changed_trades} of them around trades");
}
