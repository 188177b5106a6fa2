use model::{Accepted, Event, OrderId, OrderType, Place, Reject, TimeInForce};

use super::matching::{Incoming, Want};
use crate::filters;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(crate) fn place(&mut self, place: &Place, events: &mut Vec<Event>) -> Result<(), Reject> {
        let position = self.markets.position(place.market).ok_or(Reject::UnknownMarket)?;
        let seat = self.seat(place.account, position)?;
        let checked = filters::check(self.markets.get(position), place)?;
        let limit = (place.order_type != OrderType::Market).then_some(place.price.0);
        let want =
            if place.quote_quantity.0 > 0 { Want::Quote(place.quote_quantity.0) } else { Want::Base(place.quantity.0) };
        let mut incoming = Incoming {
            order: OrderId(self.last_order.0 + 1),
            position,
            seat,
            account: place.account,
            side: place.side,
            limit,
            self_trade: place.self_trade,
            want,
            filled_quote: 0,
            executed: 0,
        };
        let cost = if checked.cost > 0 { checked.cost } else { self.market_cost(&incoming)? };
        let may_rest = place.order_type != OrderType::Market && place.time_in_force == TimeInForce::Gtc;
        if may_rest && self.seats.get(seat).open_orders >= self.markets.get(position).market.filters.max_open_orders {
            return Err(Reject::MaxOpenOrders);
        }
        if !place.client_id.is_empty()
            && self.orders.find_client(&self.seats, place.account, &place.client_id).is_some()
        {
            return Err(Reject::DuplicateClientId);
        }
        if place.order_type == OrderType::LimitMaker && self.would_take(position, place.side, place.price.0) {
            return Err(Reject::WouldTake);
        }
        if self.payable(seat, place.side) < cost {
            return Err(Reject::InsufficientBalance);
        }
        self.last_order = incoming.order;
        events.push(Event::Accepted(Accepted {
            order: incoming.order,
            account: place.account,
            market: place.market,
            side: place.side,
            order_type: place.order_type,
            time_in_force: place.time_in_force,
            self_trade: place.self_trade,
            price: place.price,
            quantity: place.quantity,
            quote_quantity: place.quote_quantity,
            client_id: place.client_id,
        }));
        let all_or_nothing = place.time_in_force == TimeInForce::Fok;
        let stopped = if all_or_nothing && !self.can_fill(&incoming) {
            Some(model::CloseReason::Expired)
        } else {
            self.match_incoming(&mut incoming, events)
        };
        match incoming.want {
            Want::Base(0) => {}
            Want::Base(remaining) if stopped.is_none() && may_rest => self.rest(&incoming, place, remaining, events),
            _ => self.expire_rest(&incoming, stopped, events),
        }
        self.assert_market_balanced(position);
        Ok(())
    }
}
