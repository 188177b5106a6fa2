use model::{Event, Market, Step};

use crate::{
    Fill, OrderView,
    change::{Change, changes, quote_order_end},
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
    let quote_end = quote_order_end(events);
    let mut placed: Option<Placed> = None;
    for (index, event) in events.iter().enumerate() {
        let pair = |_: &model::Trade| Ok::<_, std::convert::Infallible>(market.into());
        let Ok(()) = changes(index, event, quote_end, pair, |order, change| {
            match (&change, &mut placed) {
                (Change::Accepted(accepted), _) => {
                    placed = Some(Placed { order: OrderView::accepted(accepted, step), fills: Vec::new() });
                }
                (_, Some(placed)) if placed.order.order == order => {
                    change.apply(&mut placed.order, step);
                    if let Change::Fill { fill, .. } = change {
                        placed.fills.push(fill);
                    }
                }
                _ => {}
            }
            Ok(())
        });
    }
    placed
}
