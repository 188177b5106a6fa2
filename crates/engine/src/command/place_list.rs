//! Order lists: their rules and how their orders come in.

use model::{Event, ListId, ListKind, OrderId, OrderType, Place, PlaceList, Reject, Side, Wait};

use super::place::{Before, accepted};
use crate::filters;
use crate::lists::List;
use crate::markets::MarketState;
use crate::seats::NONE;
use crate::{Book, Engine};

/// Whether the order takes the profit of a pair, and not the loss.
const fn takes_profit(place: &Place) -> bool {
    matches!(place.order_type, OrderType::LimitMaker | OrderType::TakeProfit | OrderType::TakeProfitLimit)
}

/// Rule 57 of a pair. The last price is asked only of one that comes in now.
fn pair_fits<B>(state: &MarketState<B>, pair: &[Place], now: bool) -> bool {
    let (first, second) = (&pair[0], &pair[1]);
    let (profit, loss) = if takes_profit(first) { (first, second) } else { (second, first) };
    let is_loss = matches!(loss.order_type, OrderType::StopLoss | OrderType::StopLossLimit);
    if !takes_profit(profit) || !is_loss || first.side != second.side || first.quantity != second.quantity {
        return false;
    }
    let beyond = |a: i64, b: i64| if first.side == Side::Sell { a > b } else { a < b };
    let is_maker = profit.order_type == OrderType::LimitMaker;
    let target = if is_maker { profit.price.0 } else { profit.stop_price.0 };
    let apart = target == 0 || loss.stop_price.0 == 0 || beyond(target, loss.stop_price.0);
    let last = state.last_price.0;
    apart && !(now && is_maker && last > 0 && !beyond(target, last))
}

impl<B: Book> Engine<B> {
    pub(crate) fn place_list(&mut self, command: &PlaceList, events: &mut Vec<Event>) -> Result<(), Reject> {
        let places = command.orders();
        let (account, market) = (places[0].account, places[0].market);
        let position = self.markets.position(market).ok_or(Reject::UnknownMarket)?;
        let seat = self.seat(account, position)?;
        let costs = self.check_list(position, seat, command)?;
        let of_now = if command.kind == ListKind::Oco { costs[0].max(costs[1]) } else { costs[0] };
        if self.payable(seat, places[0].side) < of_now {
            return Err(Reject::InsufficientBalance);
        }
        self.last_list = ListId(self.last_list.0 + 1);
        let mut orders = [OrderId(0); 3];
        for order in &mut orders[..places.len()] {
            self.last_order = OrderId(self.last_order.0 + 1);
            *order = self.last_order;
        }
        let (kind, client_id) = (command.kind, command.client_id);
        let list = self.last_list;
        let list_slot = self.lists.insert(List { id: list, kind, account, market, client_id, orders, legs: [NONE; 3] });
        events.push(Event::ListPlaced { list, account, market, kind, orders, client_id });
        for (at, (place, &order)) in places.iter().zip(&orders).enumerate() {
            events.push(accepted(order, place, list));
            let slot = self.insert_waiting(position, seat, order, place, list_slot);
            self.lists.get_mut(list_slot).legs[at] = slot;
        }
        let legs = self.lists.get(list_slot).legs;
        if kind == ListKind::Oco {
            self.take_in_pair(position, [legs[0], legs[1]], costs, events);
        } else {
            for &slot in &legs[1..places.len()] {
                self.wait_for_list(position, slot, events);
            }
            self.take_in_again(position, legs[0], false, events);
        }
        self.settle_market(position, events);
        Ok(())
    }

    /// The lowest rule that one of the orders, or the list, breaks; or what each order needs.
    fn check_list(&mut self, position: usize, seat: u32, command: &PlaceList) -> Result<[i64; 3], Reject> {
        let places = command.orders();
        let mut costs = [0; 3];
        let mut broken: Option<Reject> = None;
        let mut note = |reject: Reject| broken = Some(broken.map_or(reject, |other| other.min(reject)));
        let mut before = Before::default();
        for (at, place) in places.iter().enumerate() {
            let pending = command.kind != ListKind::Oco && at > 0;
            match self.check_leg(position, seat, place, before, pending) {
                Ok(cost) => costs[at] = cost,
                Err(reject) => note(reject),
            }
            before.open_orders += 1;
            before.algo_orders += u32::from(place.order_type.is_contingent());
            before.buys += if place.side == Side::Buy { i128::from(place.quantity.0) } else { 0 };
            let named_before = |other: &Place| !place.client_id.is_empty() && other.client_id == place.client_id;
            if places[..at].iter().any(named_before) {
                note(Reject::DuplicateClientId);
            }
        }
        if !self.list_fits(position, command) {
            note(Reject::InvalidList);
        }
        let named = !command.client_id.is_empty();
        if named && self.lists.find_client(places[0].account, &command.client_id).is_some() {
            note(Reject::DuplicateListId);
        }
        broken.map_or(Ok(costs), Err)
    }

    fn check_leg(
        &mut self,
        position: usize,
        seat: u32,
        place: &Place,
        before: Before,
        pending: bool,
    ) -> Result<i64, Reject> {
        let state = self.markets.get(position);
        if pending { filters::check_open(state) } else { filters::check_state(state, place) }?;
        self.check_order(position, seat, place, before, pending)
    }

    /// Rule 57.
    fn list_fits(&self, position: usize, command: &PlaceList) -> bool {
        let places = command.orders();
        let state = self.markets.get(position);
        let one_owner =
            places.iter().all(|place| (place.account, place.market) == (places[0].account, places[0].market));
        let works = matches!(places[0].order_type, OrderType::Limit | OrderType::LimitMaker);
        one_owner
            && match command.kind {
                ListKind::Oco => pair_fits(state, places, true),
                ListKind::Oto => works && places[1].quote_quantity.0 == 0,
                ListKind::Otoco => works && pair_fits(state, &places[1..], false),
            }
    }

    /// A pair comes in: the one that rests, or else the first, holds what it needs, the other what it needs beyond that.
    pub(super) fn take_in_pair(&mut self, position: usize, slots: [u32; 2], needs: [i64; 3], events: &mut Vec<Event>) {
        let waits = |slot: u32| self.orders.get(slot).order_type.is_contingent();
        let first = usize::from(!waits(slots[1]));
        let beyond = (needs[1 - first] - needs[first]).max(0);
        for (at, slot) in slots.into_iter().enumerate() {
            self.take_in_pending(position, slot, if at == first { needs[first] } else { beyond }, events);
        }
    }

    fn wait_for_list(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        self.orders.extra_mut(slot).pending = true;
        let order = self.orders.get_mut(slot);
        order.wait = Wait::List;
        let order = *order;
        events.push(Event::Armed {
            order: order.id,
            account: self.seats.get(order.seat).account,
            market: self.markets.get(position).market.id,
            side: order.side,
            wait: Wait::List,
            held: model::Amount::ZERO,
        });
    }
}
