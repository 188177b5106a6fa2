use std::collections::VecDeque;

use hashbrown::HashMap;
use model::{ClientOrderId, Event, ListId, ListImage, OrderId, Sequence, Step, Timestamp};

use crate::ListView;

/// All open order lists and the latest done ones.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    by_id: HashMap<ListId, ListView>,
    done: VecDeque<(Sequence, ListId)>,
}

impl Lists {
    /// A list of an image; names of its orders follow by [`Lists::name`].
    pub(crate) fn load(&mut self, image: &ListImage, sequence: Sequence) {
        self.by_id.insert(
            image.list,
            ListView {
                list: image.list,
                account: image.account,
                market: image.market,
                kind: image.kind,
                orders: image.orders,
                order_names: [ClientOrderId::EMPTY; 3],
                client_id: image.client_id,
                is_done: false,
                placed: Timestamp(0),
                updated: Timestamp(0),
                sequence,
            },
        );
    }

    /// The list that an event tells of, after it.
    pub(crate) fn apply(&mut self, event: &Event, step: &Step) -> Result<Option<ListView>, &'static str> {
        match *event {
            Event::ListPlaced { list, .. } => {
                let view = ListView::placed(event, step).ok_or("no list")?;
                self.by_id.insert(list, view);
                Ok(Some(view))
            }
            Event::ListDone { list, .. } => {
                let view = self.by_id.get_mut(&list).ok_or("the order list is not known")?;
                view.finish(step);
                self.done.push_back((step.sequence, list));
                Ok(Some(*view))
            }
            _ => Ok(None),
        }
    }

    /// Says how an order of a list is called. Gives the list, and whether it is its last order.
    pub(crate) fn name(
        &mut self,
        list: ListId,
        order: OrderId,
        name: ClientOrderId,
        placed: Timestamp,
    ) -> Option<(ListView, bool)> {
        let view = self.by_id.get_mut(&list)?;
        let at = view.orders.iter().position(|&known| known == order)?;
        view.order_names[at] = name;
        if view.placed.0 == 0 {
            (view.placed, view.updated) = (placed, placed);
        }
        Some((*view, at + 1 == view.kind.orders()))
    }

    pub(crate) fn get(&self, list: ListId) -> Option<&ListView> {
        self.by_id.get(&list)
    }

    /// Drops done lists up to the sequence, or the oldest beyond a number.
    pub(crate) fn forget(&mut self, until: Sequence, most: usize) {
        while let Some(&(ended, list)) = self.done.front()
            && (ended <= until || self.done.len() > most)
        {
            self.done.pop_front();
            self.by_id.remove(&list);
        }
    }
}
