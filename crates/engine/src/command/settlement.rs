//! What a trade does: postings, fees, the maker's order.

use model::{AccountId, Amount, AssetId, Event, OrderId, Price, Quantity, Side, Trade, TradeId};

use super::matching::{Incoming, Want};
use crate::faults::Fault;
use crate::ledger::BalanceSlot;
use crate::orders::Order;
use crate::seats::NONE;
use crate::{Book, Engine};

/// Fee of a received amount: parts per million, rounded up; and whether that added a unit.
#[inline]
pub(super) fn fee_of(received: i64, ppm: i32) -> (i64, u8) {
    const MILLION: i64 = 1_000_000;
    let ppm = i64::from(ppm);
    let (whole, rest) = match received.checked_mul(ppm) {
        Some(product) => (product.div_euclid(MILLION), product.rem_euclid(MILLION)),
        None => {
            let (millions, rest) = (received / MILLION, received % MILLION);
            let product = rest * ppm;
            (millions * ppm + product.div_euclid(MILLION), product.rem_euclid(MILLION))
        }
    };
    (whole + i64::from(rest > 0), u8::from(rest > 0))
}

/// The two orders of a trade and what they trade.
pub(super) struct Deal {
    pub(super) price: i64,
    pub(super) quantity: i64,
    pub(super) quote: i64,
    pub(super) base: i64,
    /// Whether both orders rested.
    pub(super) auction: bool,
    pub(super) maker: (OrderId, u32),
    pub(super) taker: (OrderId, u32),
    pub(super) taker_side: Side,
    pub(super) maker_ppm: i32,
    pub(super) taker_ppm: i32,
    pub(super) maker_remaining: i64,
    pub(super) taker_remaining: i64,
    /// What the buyer held beyond the quote, in an auction.
    pub(super) released: i64,
}

impl<B: Book> Engine<B> {
    /// Trades with a resting order; `false` when a rebate does not fit, and nothing has happened.
    #[inline]
    pub(super) fn trade(&mut self, incoming: &mut Incoming, slot: u32, quantity: i64, events: &mut Vec<Event>) -> bool {
        let state = self.markets.get(incoming.position);
        let maker = *self.orders.get(slot);
        let quote = state.quote_amount(maker.price, quantity).expect("a part of an accepted order's notional fits");
        let base = state.base_amount(quantity).expect("a part of an accepted order's quantity fits");
        let want = match incoming.want {
            Want::Base(left) => Want::Base(left - quantity),
            Want::Quote(left) => Want::Quote(left - quote),
        };
        let deal = Deal {
            price: maker.price,
            quantity,
            quote,
            base,
            auction: false,
            maker: (maker.id, maker.seat),
            taker: (incoming.order, incoming.seat),
            taker_side: incoming.side,
            maker_ppm: maker.maker_ppm,
            taker_ppm: incoming.taker_ppm,
            maker_remaining: maker.remaining() - quantity,
            taker_remaining: if let Want::Base(left) = want { left } else { 0 },
            released: 0,
        };
        if !self.settle(incoming.position, &deal, events) {
            return false;
        }
        incoming.want = want;
        incoming.executed += quantity;
        incoming.filled_quote = incoming.filled_quote.saturating_add(quote);
        incoming.last_price = maker.price;
        if incoming.first_price == 0 {
            incoming.first_price = maker.price;
        }
        self.fill(incoming.position, slot, &maker, quantity, quote, events);
        true
    }

    /// Settles one trade: four postings and two fees. `false` when a rebate does not fit, and nothing has happened.
    pub(super) fn settle(&mut self, position: usize, deal: &Deal, events: &mut Vec<Event>) -> bool {
        let &Deal { quantity, quote, base, .. } = deal;
        let taker_buys = deal.taker_side == Side::Buy;
        let (maker_receives, taker_receives) = if taker_buys { (quote, base) } else { (base, quote) };
        let (mut maker_fee, mut maker_rounding) = fee_of(maker_receives, deal.maker_ppm);
        if deal.maker_ppm < 0 && self.has_fault(Fault::RebateRoundedUp) {
            (maker_fee, maker_rounding) = (maker_fee - i64::from(maker_rounding), 0);
        }
        let (taker_fee, taker_rounding) = fee_of(taker_receives, deal.taker_ppm);
        // Which of [base, quote] each side receives.
        let (maker_asset, taker_asset) = (usize::from(taker_buys), usize::from(!taker_buys));
        let state = self.markets.get(position);
        let assets = [state.market.base, state.market.quote];
        if !self.fits_rebates(
            position,
            [(maker_asset, maker_fee, maker_rounding), (taker_asset, taker_fee, taker_rounding)],
        ) {
            return false;
        }
        let state = self.markets.get_mut(position);
        state.last_trade = TradeId(state.last_trade.0 + 1);
        state.last_price = Price(deal.price);
        let (trade, market) = (state.last_trade, state.market.id);
        let (fees, rounding) = (state.fees, state.rounding);
        let (maker_seat, taker_seat) = (*self.seats.get(deal.maker.1), *self.seats.get(deal.taker.1));
        let (buyer, seller) = if taker_buys { (&taker_seat, &maker_seat) } else { (&maker_seat, &taker_seat) };
        let [base_asset, quote_asset] = assets;
        if taker_buys && !deal.auction {
            self.ledger.pay(buyer.quote, quote_asset, quote);
        } else {
            self.ledger.pay_held(buyer.quote, quote_asset, quote);
            self.ledger.need(quote_asset, -quote);
        }
        if taker_buys || deal.auction {
            self.ledger.pay_held(seller.base, base_asset, base);
            self.ledger.need(base_asset, -base);
        } else {
            self.ledger.pay(seller.base, base_asset, base);
        }
        if deal.released != 0 {
            self.ledger.hold(buyer.quote, quote_asset, -deal.released);
            self.ledger.need(quote_asset, -deal.released);
        }
        let (buyer_fee, seller_fee) = if taker_buys { (taker_fee, maker_fee) } else { (maker_fee, taker_fee) };
        self.ledger.post(buyer.base, base_asset, base - buyer_fee);
        self.ledger.post(seller.quote, quote_asset, quote - seller_fee);
        self.post_fee(fees[maker_asset], rounding[maker_asset], assets[maker_asset], maker_fee, maker_rounding);
        self.post_fee(fees[taker_asset], rounding[taker_asset], assets[taker_asset], taker_fee, taker_rounding);
        let accounts: [AccountId; 2] = [maker_seat.account, taker_seat.account];
        events.push(Event::Trade(Trade {
            trade,
            market,
            taker_side: deal.taker_side,
            auction: deal.auction,
            price: Price(deal.price),
            quantity: Quantity(quantity),
            quote: Amount(quote),
            maker_order: deal.maker.0,
            taker_order: deal.taker.0,
            maker_account: accounts[0],
            taker_account: accounts[1],
            maker_fee: Amount(maker_fee),
            taker_fee: Amount(taker_fee),
            rounding: [maker_rounding, taker_rounding],
            maker_remaining: Quantity(deal.maker_remaining),
            taker_remaining: Quantity(deal.taker_remaining),
            released: Amount(deal.released),
        }));
        true
    }

    /// Whether what FEES gets of each fee, told with its asset (base or quote) and rounding, fits: a rebate that is rounded
    /// away takes a unit too, which ROUNDING has then.
    #[inline]
    fn fits_rebates(&self, position: usize, fees: [(usize, i64, u8); 2]) -> bool {
        let state = self.markets.get(position);
        fees.into_iter().all(|(which, fee, rounding)| {
            let exact = fee - i64::from(rounding);
            let asset = if which == 0 { state.market.base } else { state.market.quote };
            exact >= 0 || self.ledger.fits_rebate(state.fees[which], asset, -exact)
        })
    }

    /// Credits a fee: its exact part, rounded down, to FEES, the unit that rounding up added to ROUNDING.
    #[inline]
    fn post_fee(&mut self, fees: BalanceSlot, rest: BalanceSlot, asset: AssetId, fee: i64, rounding: u8) {
        if (fee == 0 && rounding == 0) || self.has_fault(Fault::LostFee) {
            return;
        }
        self.ledger.post(fees, asset, fee - i64::from(rounding));
        if rounding > 0 {
            self.ledger.post(rest, asset, i64::from(rounding));
        }
    }

    /// Takes a traded quantity off a resting order; a filled one leaves the book, the next part of an iceberg is shown, and
    /// the list that it belongs to hears of it.
    #[inline]
    pub(super) fn fill(
        &mut self,
        position: usize,
        slot: u32,
        order: &Order,
        quantity: i64,
        quote: i64,
        events: &mut Vec<Event>,
    ) {
        let book = &mut self.markets.get_mut(position).book;
        if order.remaining() == quantity {
            book.remove(&mut self.orders, slot, order.side);
            if order.list == NONE {
                self.orders.remove(&mut self.seats, slot);
            } else {
                self.list_executed(order.list, slot, events);
                self.list_filled(position, slot, events);
            }
            return;
        }
        book.reduce(&mut self.orders, slot, order.side, quantity, 0);
        let time = self.time.0;
        let detail = self.orders.detail_mut(slot);
        // Only told, never paid: orders that are modified again and again may trade more than all the money there is.
        detail.filled_quote = detail.filled_quote.saturating_add(quote);
        detail.updated = time;
        if order.list != NONE {
            self.list_executed(order.list, slot, events);
        }
        self.show_next(position, slot, events);
    }

    /// Shows the next part of an iceberg order when nothing of it is shown any more.
    #[inline]
    pub(super) fn show_next(&mut self, position: usize, slot: u32, events: &mut Vec<Event>) {
        let order = *self.orders.get(slot);
        if order.shown > 0 || order.hidden == 0 {
            return;
        }
        let part = self.orders.extra(slot).iceberg.min(order.hidden);
        let keeps = self.has_fault(Fault::RefillKeepsPriority);
        let state = self.markets.get_mut(position);
        if !keeps {
            state.book.remove(&mut self.orders, slot, order.side);
        }
        let node = self.orders.get_mut(slot);
        (node.shown, node.hidden) = (part, order.hidden - part);
        if !keeps {
            state.book.push(&mut self.orders, slot, order.side);
        }
        events.push(Event::Refilled {
            order: order.id,
            market: state.market.id,
            side: order.side,
            price: Price(order.price),
            visible: Quantity(part),
        });
    }
}
