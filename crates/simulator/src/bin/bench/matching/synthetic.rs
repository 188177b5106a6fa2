//! A flow that stands in for flash1 where its files are not there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use flows::flash1::{Kind, Message};
use model::Side;
use simulator::Random;

/// New orders, as in the recorded one.
const ORDERS: u64 = 1_000_000;

/// What is due at a later step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Modify,
    Cancel,
}

/// A flow with flash1's proportions: 15 % immediate orders, a modify of every fifth other one, a cancel of nearly all, most of
/// them soon; a mid price that wanders, and thousands of live orders.
pub(super) fn messages() -> Vec<Message> {
    let mut random = Random::new(23);
    let mut messages: Vec<Message> = Vec::with_capacity(2_000_000);
    let mut later: BinaryHeap<Reverse<(u64, Due, u64)>> = BinaryHeap::new();
    let mut orders: Vec<(Side, i64, u32)> = Vec::new();
    let mut mid = 34_000;
    for id in 0..ORDERS {
        while let Some(&Reverse((step, due, of))) = later.peek().filter(|Reverse((step, ..))| *step <= id) {
            later.pop();
            let Some((side, price, quantity)) = usize::try_from(of).ok().and_then(|at| orders.get_mut(at)) else {
                continue;
            };
            if due == Due::Modify {
                (*price, *quantity) = (*price + 1, *quantity + 1);
                later.push(Reverse((step + lifetime(&mut random), Due::Cancel, of)));
            }
            let kind = if due == Due::Modify { Kind::Modify } else { Kind::Cancel };
            let (side, quantity, price) = (*side, *quantity, *price);
            messages.push(Message { kind, side, quantity, sequence: messages.len() as u64, order_id: of, price });
        }
        mid += if random.chance(20) { random.between(-1, 1) } else { 0 };
        let side = if random.chance(500) { Side::Buy } else { Side::Sell };
        let quantity = u32::try_from(random.between(1, 100)).unwrap_or(1);
        let ioc = random.chance(150);
        // An immediate order may reach over the mid, another one stays behind it.
        let away = if ioc { random.between(-10, 14) } else { -random.between(8, 40) };
        let price = if side == Side::Buy { mid + away } else { mid - away };
        orders.push((side, price, quantity));
        let kind = Kind::New { ioc };
        messages.push(Message { kind, side, quantity, sequence: messages.len() as u64, order_id: id, price });
        if !ioc && random.chance(970) {
            let due = if random.chance(210) { Due::Modify } else { Due::Cancel };
            later.push(Reverse((id + lifetime(&mut random), due, id)));
        }
    }
    messages
}

/// Steps until something is due: mostly the next one, at times thousands.
fn lifetime(random: &mut Random) -> u64 {
    if random.chance(700) { 1 } else { 1 + random.below(30_000) }
}
