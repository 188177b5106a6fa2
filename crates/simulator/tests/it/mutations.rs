//! Any change of any event must be found: answers of a random workload with one thing changed.

use engine::{Engine, Levels};
use model::{CloseReason, Event, Fees, Reject, Sequence, Stamped, Timestamp, Wait};
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
        Event::MarketAdded(market) | Event::MarketSet(market) => market.filters.price.max ^= 1,
        Event::AccountOpened { account, parent } => match pick % 2 {
            0 => account.0 ^= 1,
            _ => parent.0 ^= 1,
        },
        Event::TierSet { account, tier } => match pick % 2 {
            0 => account.0 ^= 1,
            _ => tier.0 ^= 1,
        },
        Event::FeesSet { fees, .. } => *fees = if fees.is_none() { Some(Fees::FREE) } else { None },
        Event::CountdownSet { deadline, .. } => deadline.0 ^= 1,
        Event::CountdownFired { account, .. } => account.0 ^= 1,
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
        Event::Accepted(accepted) => match pick % 12 {
            7 => accepted.stop_price.0 ^= 1,
            8 => accepted.trailing_delta ^= 1,
            9 => accepted.iceberg.0 ^= 1,
            10 => accepted.expire_at.0 ^= 1,
            11 => accepted.list.0 ^= 1,
            0 => accepted.order.0 ^= 1,
            1 => accepted.account.0 ^= 1,
            2 => accepted.market.0 ^= 1,
            3 => accepted.side = accepted.side.opposite(),
            4 => accepted.price.0 ^= 1,
            5 => accepted.quantity.0 ^= 1,
            _ => accepted.quote_quantity.0 ^= 1,
        },
        Event::Trade(trade) => match pick % 16 {
            14 => trade.taker_remaining.0 ^= 1,
            15 => trade.released.0 ^= 1,
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
            12 => trade.rounding[1] ^= 1,
            _ => trade.maker_remaining.0 ^= 1,
        },
        Event::Rested { order, account, market, side, price, remaining, visible, held } => match pick % 8 {
            7 => visible.0 ^= 1,
            0 => order.0 ^= 1,
            1 => account.0 ^= 1,
            2 => market.0 ^= 1,
            3 => *side = side.opposite(),
            4 => price.0 ^= 1,
            5 => remaining.0 ^= 1,
            _ => held.0 ^= 1,
        },
        Event::Closed(closed) => match pick % 9 {
            8 => closed.visible.0 ^= 1,
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
        Event::Modified { order, old_price, old_remaining, old_visible, price, quantity, released, .. } => {
            match pick % 7 {
                0 => order.0 ^= 1,
                1 => old_price.0 ^= 1,
                2 => old_remaining.0 ^= 1,
                3 => old_visible.0 ^= 1,
                4 => price.0 ^= 1,
                5 => quantity.0 ^= 1,
                _ => released.0 ^= 1,
            }
        }
        other => change_of_waiting(other, pick),
    }
}

fn change_of_waiting(event: &mut Event, pick: u64) {
    match event {
        Event::Armed { order, held, wait, .. } => match pick % 3 {
            0 => order.0 ^= 1,
            1 => held.0 ^= 1,
            _ => *wait = if *wait == Wait::Stop { Wait::List } else { Wait::Stop },
        },
        Event::Triggered { order, held, .. } => match pick % 2 {
            0 => order.0 ^= 1,
            _ => held.0 ^= 1,
        },
        Event::Entered { order, released, .. } => match pick % 2 {
            0 => order.0 ^= 1,
            _ => released.0 ^= 1,
        },
        Event::Tracking { price, .. } => price.0 ^= 1,
        Event::Refilled { visible, .. } => visible.0 ^= 1,
        Event::ListPlaced { orders, .. } => orders.swap(0, 1),
        Event::ListDone { list, .. } => list.0 ^= 1,
        Event::Uncrossed { price, volume, .. } => match pick % 2 {
            0 => price.0 ^= 1,
            _ => volume.0 ^= 1,
        },
        Event::Indicative { imbalance, .. } => imbalance.0 ^= 1,
        Event::MarketStateSet { until, .. } => until.0 ^= 1,
        Event::Prevented(prevented) => match pick % 6 {
            0 => prevented.maker_quantity.0 ^= 1,
            1 => prevented.taker_quantity.0 ^= 1,
            2 => prevented.maker_visible.0 ^= 1,
            3 => prevented.released.0 ^= 1,
            4 => prevented.maker_remaining.0 ^= 1,
            _ => prevented.prevented.0 ^= 1,
        },
        Event::Amended(amended) => match pick % 4 {
            0 => amended.quantity.0 ^= 1,
            1 => amended.remaining.0 ^= 1,
            2 => amended.visible.0 ^= 1,
            _ => amended.released.0 ^= 1,
        },
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
        let mut time = 1_000_000;
        for number in 1..=700 {
            time += workload.pause();
            let envelope = workload.command(Timestamp(time));
            let input = Stamped { sequence: Sequence(number), time: Timestamp(time), envelope };
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
