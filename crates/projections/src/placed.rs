use model::{Event, Market, Step};

use crate::{
    Fill, OrderView,
    change::{Change, Events},
};

/// An order after the command that placed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The order after all events of its step.
    pub order: OrderView,
    /// What it traded at once, in order.
    pub fills: Vec<Fill>,
}

/// The order that a step took in, as it stands after the step: the answer to an order entry, straight from its receipt.
/// `None` when the step took none in: it was refused, or a command of another kind.
///
/// `market` must be the order's market.
pub fn placed(step: &Step, events: &[Event], market: &Market) -> Option<Placed> {
    placed_orders(step, events, market).into_iter().next()
}

/// The orders that a step took in, as [`placed`] tells of one: of a list all, in the list's order.
pub fn placed_orders(step: &Step, events: &[Event], market: &Market) -> Vec<Placed> {
    let events = Events::new(events);
    let mut all: Vec<Placed> = Vec::new();
    for (index, event) in events.iter() {
        let pair = |_: &model::Trade| Ok::<_, std::convert::Infallible>(market.into());
        let Ok(()) = events.changes(index, event, pair, |order, change| {
            if let Change::Accepted { accepted, pending } = change {
                all.push(Placed { order: OrderView::accepted(accepted, pending, step), fills: Vec::new() });
            } else if let Some(placed) = all.iter_mut().find(|placed| placed.order.order == order) {
                change.apply(&mut placed.order, step);
                if let Change::Fill { fill, .. } = change {
                    placed.fills.push(fill);
                }
            }
            Ok(())
        });
    }
    all
}
