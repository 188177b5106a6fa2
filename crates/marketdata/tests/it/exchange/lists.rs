//! Order lists.

use model::{ClientOrderId, CloseReason, Event, ListId, ListImage, ListKind, OpenOrder, OrderId, Wait};

use super::{Exchange, Want};

impl Exchange {
    /// Emits the events of an order list: of an OCO the resting order and the contingent one, of the others the working
    /// order, then the pending ones.
    pub(crate) fn place_list(&mut self, kind: ListKind, wants: &[Want], name: &str) -> ListId {
        assert_eq!(wants.len(), kind.orders());
        let (list, client_id) = (ListId(self.next_list), ClientOrderId::new(name).unwrap());
        self.next_list += 1;
        let mut orders = [OrderId(0); 3];
        for (at, order) in orders.iter_mut().take(wants.len()).enumerate() {
            *order = OrderId(self.next_order + at as u64);
        }
        let (account, market) = (wants[0].account, wants[0].market);
        self.emit(Event::ListPlaced { list, account, market, kind, orders, client_id });
        self.lists.insert(list, ListImage { list, account, market, kind, orders, client_id });
        let open: Vec<OpenOrder> = wants.iter().map(|want| self.accept(want, list)).collect();
        if kind == ListKind::Oco {
            // The first holds what it needs, the second what it needs beyond that.
            let more = (Self::need(&open[1]) - Self::need(&open[0])).max(0);
            let more = if open[0].side == model::Side::Sell { 0 } else { more };
            self.rest(open[0]);
            self.arm(open[1], Wait::Stop, more);
        } else {
            for &pending in &open[1..] {
                self.arm(pending, Wait::List, 0);
            }
            self.enter(open[0], 0);
        }
        self.run_queue();
        list
    }

    /// The open ones of its list beside an order.
    pub(super) fn others(&self, open: &OpenOrder) -> Vec<OrderId> {
        let Some(list) = self.lists.get(&open.list) else { return Vec::new() };
        let others = list.orders.into_iter().filter(|&other| other != open.order);
        others.filter(|other| self.orders.contains_key(other)).collect()
    }

    /// A resting order of a list traded: the other of its pair ends, and when it is filled, what waits for it may come in.
    pub(super) fn traded(&mut self, open: &OpenOrder) {
        let Some(list) = self.lists.get(&open.list).copied() else { return };
        let works = list.kind != ListKind::Oco && open.order == list.orders[0];
        let others = self.others(open);
        if works && open.remaining.0 == 0 {
            self.queue.extend(others);
        } else if !works && list.kind != ListKind::Oto {
            for other in others {
                self.close(other, CloseReason::ListDone, ClientOrderId::EMPTY);
            }
        }
        if open.remaining.0 == 0 {
            self.end_list(open);
        }
    }

    /// An order of a list ended without being filled: the others end too.
    pub(super) fn ended(&mut self, open: &OpenOrder, reason: CloseReason, request_id: ClientOrderId) {
        if reason == CloseReason::ListDone {
            // Another order of the list ended it, and goes on or is gone.
            self.end_list(open);
            return;
        }
        let reason = if reason == CloseReason::Cancelled { reason } else { CloseReason::ListDone };
        for other in self.others(open) {
            let (_, other) = self.orders.remove(&other).unwrap();
            self.release(&other, other.held.0);
            self.emit(Event::Closed(model::Closed {
                order: other.order,
                account: other.account,
                market: other.market,
                side: other.side,
                reason,
                price: other.price,
                remaining: other.remaining,
                visible: other.visible,
                released: other.held,
                request_id,
            }));
        }
        self.end_list(open);
    }

    /// Emits the end of a list when none of its orders is open.
    fn end_list(&mut self, open: &OpenOrder) {
        if open.list.0 == 0 || self.orders.values().any(|(_, other)| other.list == open.list) {
            return;
        }
        if self.lists.remove(&open.list).is_some() {
            self.emit(Event::ListDone { list: open.list, account: open.account, market: open.market });
        }
    }
}
