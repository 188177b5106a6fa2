//! Order lists and open orders.
//!
//! Orders stand market by market: bids and asks in the order of the book, then those that wait for a rising and for a falling
//! price in the order in which they are met, those that follow a price in the order in which they began, those that wait for
//! their first trade, the queue, and what else waits for its list. To push them in that order is to restore all of it.

use std::ops::ControlFlow;

use model::codec::{Reader, Writer};
use model::{
    AccountId, Fees, ListId, ListKind, MarketId, OrderId, OrderType, SelfTrade, Side, TimeInForce, Trigger, Wait,
};

use super::{RestoreError, sound};
use crate::book::stop_side;
use crate::lists::List;
use crate::orders::{Detail, Extra, Order};
use crate::seats::NONE;
use crate::{Book, Engine};

impl<B: Book> Engine<B> {
    pub(super) fn put_orders(&self, w: &mut Writer<'_>) {
        let lists = self.lists.sorted();
        w.u64(lists.len() as u64);
        for list in lists {
            w.u64(list.id.0);
            w.u32(list.account.0);
            w.u16(list.market.0);
            w.u8(list.kind as u8);
            list.orders.into_iter().for_each(|order| w.u64(order.0));
            w.short(list.client_id.as_bytes());
        }
        w.u64(self.orders.len() as u64);
        let waiting = self.waiting_for_lists();
        for position in self.markets.positions() {
            let state = self.markets.get(position);
            let put = &mut |slot| {
                self.put_order(w, slot);
                ControlFlow::Continue(())
            };
            for side in [Side::Buy, Side::Sell] {
                state.book.walk_orders(&self.orders, side, put);
            }
            for trigger in [Trigger::Rising, Trigger::Falling] {
                state.stops.walk_orders(&self.orders, stop_side(trigger), put);
            }
            state.trailing.sorted(&self.orders).into_iter().for_each(|slot| self.put_order(w, slot));
            state.queue.iter().for_each(|&slot| self.put_order(w, slot));
            let here = waiting.iter().filter(|&&(market, _)| market == state.market.id);
            here.for_each(|&(_, slot)| self.put_order(w, slot));
        }
    }

    /// Orders that stand nowhere, by id: what waits for its working order, and the second of a pair in a queue.
    fn waiting_for_lists(&self) -> Vec<(MarketId, u32)> {
        let slots = self.orders.by_order_id().into_iter();
        let stands_nowhere = |&slot: &u32| match self.orders.get(slot).wait {
            Wait::List => true,
            Wait::Market => self.follows_in_queue(slot),
            Wait::Nothing | Wait::Stop | Wait::Trailing => false,
        };
        slots.filter(stands_nowhere).map(|slot| (self.seats.get(self.orders.get(slot).seat).market, slot)).collect()
    }

    /// Whether an order in a queue enters together with the one that stands there for both.
    fn follows_in_queue(&self, slot: u32) -> bool {
        self.follows(self.orders.get(slot), self.orders.extra(slot))
    }

    fn follows(&self, order: &Order, extra: &Extra) -> bool {
        extra.pending && order.list != NONE && {
            let list = self.lists.get(order.list);
            list.kind == ListKind::Otoco && list.orders[2] == order.id
        }
    }

    fn put_order(&self, w: &mut Writer<'_>, slot: u32) {
        let (order, detail) = (self.orders.get(slot), self.orders.detail(slot));
        let seat = self.seats.get(order.seat);
        w.u64(order.id.0);
        w.u32(seat.account.0);
        w.u16(seat.market.0);
        w.u8(order.side as u8);
        w.u8(order.order_type as u8);
        w.u8(order.wait as u8);
        w.i64(order.price);
        w.i64(order.shown);
        w.i64(order.hidden);
        w.i32(order.maker_ppm);
        w.u64(if order.list == NONE { 0 } else { self.lists.get(order.list).id.0 });
        w.i64(detail.quantity);
        w.i64(detail.filled_quote);
        w.u64(detail.placed);
        w.u64(detail.updated);
        w.i32(detail.taker_ppm);
        w.u8(detail.self_trade as u8);
        w.u8(detail.time_in_force as u8);
        w.short(detail.client_id.as_bytes());
        w.u8(u8::from(detail.extra != NONE));
        if detail.extra != NONE {
            self.put_extra(w, slot);
        }
    }

    fn put_extra(&self, w: &mut Writer<'_>, slot: u32) {
        let extra = self.orders.extra(slot);
        w.i64(extra.stop_price);
        w.i64(extra.limit);
        w.i64(extra.iceberg);
        w.u64(extra.expire_at);
        w.i64(extra.held);
        w.i64(extra.priced_at);
        w.i64(extra.prevented);
        w.u64(extra.activation);
        w.u16(extra.trailing_delta);
        w.u8(u8::from(extra.pending));
        if self.orders.get(slot).wait == Wait::Trailing && extra.activation > 0 {
            let position = self.markets.position(self.seats.get(self.orders.get(slot).seat).market);
            let state = self.markets.get(position.expect("the market of an open order exists"));
            w.i64(state.trailing.tracked(&self.orders, slot));
        }
    }

    pub(super) fn take_orders(&mut self, r: &mut Reader<'_>) -> Result<(), RestoreError> {
        let mut last = None;
        for _ in 0..r.u64()? {
            let list = self.take_list(r)?;
            sound(last.replace(list) < Some(list), "lists out of order")?;
        }
        let mut read = Vec::new();
        for _ in 0..r.u64()? {
            read.push(self.take_order(r)?);
        }
        let in_place = read.windows(2).all(|pair| {
            let places = [self.place_in_file(&pair[0]), self.place_in_file(&pair[1])];
            // Two orders cannot have begun to follow at once.
            places[0] < places[1] || (places[0] == places[1] && pair[0].tracked == 0)
        });
        sound(in_place, "orders out of order")?;
        let mut by_id: Vec<usize> = (0..read.len()).collect();
        by_id.sort_unstable_by_key(|&at| read[at].order.id);
        let rises = by_id.windows(2).all(|pair| read[pair[0]].order.id < read[pair[1]].order.id);
        sound(rises, "two orders of one id")?;
        let mut slots = vec![NONE; read.len()];
        for at in by_id {
            let Read { order, detail, extra, .. } = read[at];
            let account = self.seats.get(order.seat).account;
            let named =
                order.has_client_id && self.orders.find_client(&self.seats, account, &detail.client_id).is_some();
            sound(!named, "two orders of one client id")?;
            slots[at] = self.orders.insert(&mut self.seats, order, detail, extra);
        }
        for (found, &slot) in read.iter().zip(&slots) {
            self.put_in_place(found, slot)?;
        }
        let holds = read.iter().zip(&slots).all(|(found, &slot)| self.holds_enough(found.position, slot));
        sound(holds, "an order that holds too little to enter")?;
        let lists = self.lists.sorted();
        sound(lists.iter().all(|list| self.is_list_sound(list)), "a list whose orders do not hang together")
    }

    /// What the order of the file is by: the market, where in it the order stands, and what it stands there by, if not by
    /// the file's order itself.
    fn place_in_file(&self, found: &Read) -> (usize, u8, i64, u64) {
        let (order, extra) = (&found.order, found.extra.unwrap_or(Extra::PLAIN));
        let rank = |side: Side| if side == Side::Buy { -order.price } else { order.price };
        let (group, rank, last) = match order.wait {
            Wait::Nothing => (order.side as u8, rank(order.side), 0),
            Wait::Stop => {
                let trigger = order.order_type.trigger(order.side);
                (2 + trigger as u8, rank(stop_side(trigger)), 0)
            }
            Wait::Trailing if found.tracked > 0 => (4, 0, extra.activation),
            Wait::Trailing => (5, 0, order.id.0),
            Wait::Market if !self.follows(order, &extra) => (6, 0, 0),
            Wait::Market | Wait::List => (7, 0, order.id.0),
        };
        (found.position, group, rank, last)
    }

    fn take_list(&mut self, r: &mut Reader<'_>) -> Result<ListId, RestoreError> {
        let id = ListId(r.u64()?);
        let (account, market) = (AccountId(r.u32()?), MarketId(r.u16()?));
        let kind = r.code("list kind", ListKind::from_code)?;
        let orders = [OrderId(r.u64()?), OrderId(r.u64()?), OrderId(r.u64()?)];
        let client_id = r.client_id()?;
        sound(id.0 > 0 && id <= self.last_list, "a list that was never taken in")?;
        let known = self.accounts.contains(account) && self.markets.position(market).is_some();
        sound(known, "a list of nobody or nothing")?;
        let named = !client_id.is_empty() && self.lists.find_client(account, &client_id).is_some();
        sound(!named && self.lists.find(id).is_none(), "two lists of one id")?;
        self.lists.insert(List { id, kind, account, market, client_id, orders, legs: [NONE; 3] });
        Ok(id)
    }

    /// Puts an order where it stands, counts what is held for it, and tells its list.
    fn put_in_place(&mut self, found: &Read, slot: u32) -> Result<(), RestoreError> {
        let Read { order, position, tracked, .. } = *found;
        let state = self.markets.get(position);
        let (asset, full) = match order.side {
            Side::Buy => (state.market.quote, state.quote_amount(order.price, order.remaining())),
            Side::Sell => (state.market.base, state.base_amount(order.remaining())),
        };
        let need = if order.wait == Wait::Nothing { full } else { Some(self.orders.extra(slot).held) };
        let seat = self.seats.get(order.seat);
        let balance = if order.side == Side::Buy { seat.quote } else { seat.base };
        let fits = need.is_some_and(|need| self.ledger.restore_need(balance, asset, need));
        sound(fits && self.can_enter(position, slot), "an order whose amounts do not fit")?;
        let began = self.orders.extra(slot).activation <= self.markets.get(position).trailing.activations;
        sound(began, "an order that follows before its time")?;
        if order.list != NONE {
            let at = self.lists.get(order.list).orders.iter().position(|&id| id == order.id);
            let at = at.ok_or(RestoreError::Inconsistent("an order that its list does not know"))?;
            let kind = self.lists.get(order.list).kind;
            let waits_for_it = kind != ListKind::Oco && at > 0;
            let pending = self.orders.extra(slot).pending;
            sound(at < kind.orders() && (!pending || waits_for_it), "an order that waits for no list")?;
            self.lists.get_mut(order.list).legs[at] = slot;
        }
        let follows = order.wait == Wait::Market && self.follows_in_queue(slot);
        let state = self.markets.get_mut(position);
        match order.wait {
            Wait::Nothing => state.book.push(&mut self.orders, slot, order.side),
            Wait::Stop => {
                state.watching += 1;
                state.stops.push(&mut self.orders, slot, stop_side(order.order_type.trigger(order.side)));
            }
            Wait::Trailing if tracked > 0 => {
                state.watching += 1;
                sound(state.trailing.append(&mut self.orders, slot, tracked), "trailing orders out of order")?;
            }
            Wait::Trailing => {
                state.watching += 1;
                state.trailing.fresh.push(slot);
            }
            Wait::Market if !follows => state.queue.push_back(slot),
            Wait::Market | Wait::List => {}
        }
        Ok(())
    }

    /// Whether a list is one that the engine can have: something of it is open, its others wait exactly as long as its
    /// working order is open, and of a pair no two rest.
    fn is_list_sound(&self, list: &List) -> bool {
        let wait = |slot: u32| self.orders.get(slot).wait;
        let working = list.kind != ListKind::Oco && list.legs[0] != NONE;
        let others = || list.open().filter(|&slot| !working || slot != list.legs[0]);
        let pairs = others().filter(|&slot| wait(slot) == Wait::Nothing && list.partner(slot).is_some()).count();
        list.open().next().is_some()
            && (list.orders[2] == OrderId(0)) == (list.kind != ListKind::Otoco)
            && others().all(|slot| (wait(slot) == Wait::List) == working)
            && (!working || others().count() + 1 == list.kind.orders())
            && pairs < 2
    }

    /// Whether what is held for a waiting order, with its partner's if it has one, is what it needs when it is triggered.
    fn holds_enough(&self, position: usize, slot: u32) -> bool {
        let (order, extra) = (self.orders.get(slot), self.orders.extra(slot));
        if order.wait == Wait::Nothing || extra.pending {
            return true;
        }
        let need = self.need_at(position, slot, extra.priced_at);
        let partner = if order.list == NONE { None } else { self.lists.get(order.list).partner(slot) };
        match partner {
            None => need == Some(extra.held),
            Some(partner) => need.is_some_and(|need| need - extra.held <= self.held_of(position, partner)),
        }
    }

    /// What an order needs held at a price; `None` when it does not fit.
    fn need_at(&self, position: usize, slot: u32, price: i64) -> Option<i64> {
        let (order, state) = (self.orders.get(slot), self.markets.get(position));
        match order.side {
            Side::Buy => state.quote_amount(price, order.remaining()),
            Side::Sell => state.base_amount(order.remaining()),
        }
    }

    /// Whether the amounts of an order that is outside of the book fit when it enters, and hold no more than it needs.
    fn can_enter(&self, position: usize, slot: u32) -> bool {
        let (order, extra) = (self.orders.get(slot), self.orders.extra(slot));
        let state = self.markets.get(position);
        let has_limit = order.order_type.has_limit();
        order.wait == Wait::Nothing
            || (self.need_at(position, slot, extra.priced_at).is_some_and(|need| need >= extra.held)
                && (!has_limit || extra.limit > 0)
                && state.quote_amount(extra.limit, order.remaining()).is_some()
                && extra.held % order.remaining() == 0)
    }

    fn take_order(&mut self, r: &mut Reader<'_>) -> Result<Read, RestoreError> {
        let id = OrderId(r.u64()?);
        let (account, market) = (AccountId(r.u32()?), MarketId(r.u16()?));
        let position =
            self.markets.position(market).ok_or(RestoreError::Inconsistent("an order of an unknown market"))?;
        let seat =
            self.seat(account, position).map_err(|_| RestoreError::Inconsistent("an order of an unknown account"))?;
        let side = r.code("side", Side::from_code)?;
        let order_type = r.code("order type", OrderType::from_code)?;
        let wait = r.code("wait", Wait::from_code)?;
        let (price, shown, hidden, maker_ppm) = (r.i64()?, r.i64()?, r.i64()?, r.i32()?);
        let list = match ListId(r.u64()?) {
            ListId(0) => NONE,
            id => self.lists.find(id).ok_or(RestoreError::Inconsistent("an order of an unknown list"))?,
        };
        let detail = Detail {
            quantity: r.i64()?,
            filled_quote: r.i64()?,
            placed: r.u64()?,
            updated: r.u64()?,
            taker_ppm: r.i32()?,
            extra: NONE,
            self_trade: r.code("self-trade mode", SelfTrade::from_code)?,
            time_in_force: r.code("time in force", TimeInForce::from_code)?,
            client_id: r.client_id()?,
        };
        let (extra, tracked) = if r.flag()? { take_extra(r, wait)? } else { (None, 0) };
        let order = Order {
            id,
            price,
            shown,
            hidden,
            seat,
            next: NONE,
            prev: NONE,
            own_next: NONE,
            own_prev: NONE,
            maker_ppm,
            list,
            side,
            order_type,
            wait,
            has_client_id: !detail.client_id.is_empty(),
        };
        sound(id.0 > 0 && id <= self.last_order, "an order that was never taken in")?;
        check_order(&order, &detail, extra.as_ref())?;
        if list != NONE {
            let list = self.lists.get(list);
            sound(list.account == account && list.market == market, "an order of somebody else's list")?;
        }
        Ok(Read { order, detail, extra, position, tracked })
    }
}

/// An order as it was read, before it stands anywhere.
#[derive(Clone, Copy)]
struct Read {
    order: Order,
    detail: Detail,
    extra: Option<Extra>,
    position: usize,
    tracked: i64,
}

fn take_extra(r: &mut Reader<'_>, wait: Wait) -> Result<(Option<Extra>, i64), RestoreError> {
    let extra = Extra {
        stop_price: r.i64()?,
        limit: r.i64()?,
        iceberg: r.i64()?,
        expire_at: r.u64()?,
        held: r.i64()?,
        priced_at: r.i64()?,
        prevented: r.i64()?,
        activation: r.u64()?,
        heap_at: NONE,
        trailing_delta: r.u16()?,
        pending: r.flag()?,
    };
    let tracked = if wait == Wait::Trailing && extra.activation > 0 { r.i64()? } else { 0 };
    let numbers = [extra.stop_price, extra.limit, extra.iceberg, extra.held, extra.priced_at, extra.prevented, tracked];
    sound(numbers.iter().all(|&number| number >= 0), "a number below zero")?;
    Ok((Some(extra), tracked))
}

/// Whether an open order is one that the engine can have.
fn check_order(order: &Order, detail: &Detail, extra: Option<&Extra>) -> Result<(), RestoreError> {
    let rests = order.wait == Wait::Nothing;
    let plain = Extra::PLAIN;
    let special = extra.unwrap_or(&plain);
    let open = order.shown.checked_add(order.hidden).is_some_and(|open| open > 0 && open <= detail.quantity);
    sound(open && order.shown > 0 && order.hidden >= 0 && detail.filled_quote >= 0, "an order that is not open")?;
    sound(order.hidden == 0 || (rests && special.iceberg > 0), "an order that hides what it cannot")?;
    let most = Fees::MAX_PPM;
    let fees = [order.maker_ppm, detail.taker_ppm].iter().all(|ppm| (-most..=most).contains(ppm));
    sound(fees, "an order of impossible fees")?;
    sound(rests || extra.is_some(), "an order that waits for nothing")?;
    sound(!rests || (order.price > 0 && order.order_type.has_limit()), "an order that cannot rest")?;
    sound(!rests || special.held == 0, "a hold beside that of the book")?;
    sound(order.wait != Wait::Stop || (order.price > 0 && order.order_type.is_contingent()), "a stop without a price")?;
    let may_follow = special.trailing_delta > 0 && special.trailing_delta < 10_000 && order.order_type.is_contingent();
    sound(order.wait != Wait::Trailing || may_follow, "an order that cannot follow a price")?;
    sound(order.wait != Wait::List || special.pending, "an order that waits for no list")?;
    let waits = matches!(order.wait, Wait::List | Wait::Market);
    sound(!special.pending || (waits && order.list != NONE && special.held == 0), "an order that waits for no list")?;
    let known = order.order_type.is_contingent() || special.pending || rests;
    sound(known, "an order that waits for nothing it can wait for")?;
    let stops = special.stop_price > 0 || special.trailing_delta > 0;
    sound(!order.order_type.is_contingent() || stops, "a contingent order without a trigger")?;
    sound(special.priced_at.checked_mul(detail.quantity).is_some(), "an order whose amounts do not fit")
}
