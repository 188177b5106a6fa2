//! Hashes of events as they come and of whole states, the same on every machine.

use model::{Accepted, Asset, Event, ListId, Market, MarketId, Mixer, Side, Timestamp};

use crate::{Book, Engine};

/// Takes one event into the rolling hash. Every field counts.
#[inline]
pub(crate) fn hash_event(m: &mut Mixer, event: &Event) {
    match event {
        Event::Accepted(e) => {
            let kind = u64::from(e.market.0) << 32
                | (e.side as u64) << 24
                | (e.order_type as u64) << 16
                | (e.time_in_force as u64) << 8
                | e.self_trade as u64;
            m.pair(1 << 56 | kind, e.order.0);
            m.pair(u64::from(e.account.0), e.price.0.cast_unsigned());
            m.pair(e.quantity.0.cast_unsigned(), e.quote_quantity.0.cast_unsigned());
            if !e.client_id.is_empty() {
                let words = e.client_id.words();
                m.pair(words[0], words[1]);
                m.pair(words[2], words[3]);
                m.word(words[4]);
            }
            let is_plain = e.stop_price.0 == 0 && e.trailing_delta == 0 && e.iceberg.0 == 0;
            if !is_plain || e.expire_at != Timestamp::NEVER || e.list != ListId(0) {
                hash_special(m, e);
            }
        }
        Event::Trade(e) => {
            let kind = u64::from(e.market.0) << 32
                | u64::from(e.auction) << 24
                | (e.taker_side as u64) << 16
                | u64::from(e.rounding[0]) << 8
                | u64::from(e.rounding[1]);
            m.pair(2 << 56 | kind, e.trade.0);
            m.pair(e.price.0.cast_unsigned(), e.quantity.0.cast_unsigned());
            m.pair(e.quote.0.cast_unsigned(), e.maker_remaining.0.cast_unsigned());
            m.pair(e.maker_order.0, e.taker_order.0);
            m.pair(u64::from(e.maker_account.0) << 32 | u64::from(e.taker_account.0), e.maker_fee.0.cast_unsigned());
            m.pair(e.taker_fee.0.cast_unsigned(), e.taker_remaining.0.cast_unsigned());
            if e.auction {
                m.signed(e.released.0);
            }
        }
        Event::Rested { order, account, market, side, price, remaining, visible, held } => {
            m.pair(3 << 56 | u64::from(market.0) << 32 | *side as u64, order.0);
            m.pair(u64::from(account.0), price.0.cast_unsigned());
            m.pair(remaining.0.cast_unsigned(), held.0.cast_unsigned());
            if visible != remaining {
                m.signed(visible.0);
            }
        }
        Event::Closed(e) => {
            m.pair(4 << 56 | u64::from(e.market.0) << 32 | (e.side as u64) << 8 | e.reason as u64, e.order.0);
            m.pair(u64::from(e.account.0), e.price.0.cast_unsigned());
            m.pair(e.remaining.0.cast_unsigned(), e.released.0.cast_unsigned());
            m.signed(e.visible.0);
            if !e.request_id.is_empty() {
                e.request_id.words().into_iter().for_each(|word| m.word(word));
            }
        }
        other => hash_rare_event(m, other),
    }
}

/// What an order asks for beyond the plain ones.
#[cold]
fn hash_special(m: &mut Mixer, e: &Accepted) {
    m.pair(e.stop_price.0.cast_unsigned(), u64::from(e.trailing_delta));
    m.pair(e.iceberg.0.cast_unsigned(), e.expire_at.0);
    m.word(e.list.0);
}

fn hash_rare_event(m: &mut Mixer, event: &Event) {
    match *event {
        Event::Modified {
            order,
            account,
            market,
            side,
            old_price,
            old_remaining,
            old_visible,
            price,
            quantity,
            released,
        } => {
            m.pair(5 << 56 | u64::from(market.0) << 32 | side as u64, order.0);
            m.pair(u64::from(account.0), old_price.0.cast_unsigned());
            m.pair(old_remaining.0.cast_unsigned(), price.0.cast_unsigned());
            m.pair(quantity.0.cast_unsigned(), released.0.cast_unsigned());
            m.signed(old_visible.0);
        }
        Event::Rejected { account, reason } => m.pair(6 << 56 | u64::from(reason.code()), u64::from(account.0)),
        Event::CancelRejected { account, reason } => m.pair(7 << 56 | u64::from(reason.code()), u64::from(account.0)),
        Event::Duplicate { source, source_seq } => m.pair(8 << 56 | u64::from(source.0), source_seq.0),
        Event::Transferred { from, to, asset, amount } => {
            m.pair(12 << 56 | u64::from(asset.0), amount.0.cast_unsigned());
            m.pair(u64::from(from.0), u64::from(to.0));
        }
        Event::Held { hold, account, asset, amount } => {
            m.pair(13 << 56 | u64::from(asset.0), amount.0.cast_unsigned());
            m.pair(hold.0, u64::from(account.0));
        }
        Event::Captured { hold, account, to, asset, amount, remaining } => {
            m.pair(14 << 56 | u64::from(asset.0), amount.0.cast_unsigned());
            m.pair(hold.0, u64::from(account.0) << 32 | u64::from(to.0));
            m.signed(remaining.0);
        }
        Event::Released { hold, account, asset, amount } => {
            m.pair(15 << 56 | u64::from(asset.0), amount.0.cast_unsigned());
            m.pair(hold.0, u64::from(account.0));
        }
        Event::AllCancelled { account, count } => m.pair(16 << 56 | u64::from(count), u64::from(account.0)),
        _ => hash_order_event(m, event),
    }
}

/// The ways of orders outside of the book, and what befalls them in it.
fn hash_order_event(m: &mut Mixer, event: &Event) {
    let head = |tag: u64, market: MarketId, side: Side| tag << 56 | u64::from(market.0) << 32 | (side as u64) << 8;
    match *event {
        Event::Armed { order, account, market, side, wait, held } => {
            m.pair(head(17, market, side) | wait as u64, order.0);
            m.pair(u64::from(account.0), held.0.cast_unsigned());
        }
        Event::Tracking { order, account, market, price } => {
            m.pair(18 << 56 | u64::from(market.0) << 32 | u64::from(account.0), order.0);
            m.signed(price.0);
        }
        Event::Triggered { order, account, market, side, held } => {
            m.pair(head(19, market, side), order.0);
            m.pair(u64::from(account.0), held.0.cast_unsigned());
        }
        Event::Entered { order, account, market, side, released } => {
            m.pair(head(20, market, side), order.0);
            m.pair(u64::from(account.0), released.0.cast_unsigned());
        }
        Event::Refilled { order, market, side, price, visible } => {
            m.pair(head(21, market, side), order.0);
            m.pair(price.0.cast_unsigned(), visible.0.cast_unsigned());
        }
        Event::Prevented(ref e) => {
            m.pair(head(22, e.market, e.taker_side) | e.mode as u64, e.prevented.0);
            m.pair(e.maker_order.0, e.taker_order.0);
            m.pair(u64::from(e.maker_account.0) << 32 | u64::from(e.taker_account.0), e.price.0.cast_unsigned());
            m.pair(e.maker_quantity.0.cast_unsigned(), e.taker_quantity.0.cast_unsigned());
            m.pair(e.maker_visible.0.cast_unsigned(), e.released.0.cast_unsigned());
            m.signed(e.maker_remaining.0);
        }
        Event::Amended(ref e) => {
            m.pair(head(23, e.market, e.side), e.order.0);
            m.pair(u64::from(e.account.0), e.price.0.cast_unsigned());
            m.pair(e.quantity.0.cast_unsigned(), e.remaining.0.cast_unsigned());
            m.pair(e.visible.0.cast_unsigned(), e.released.0.cast_unsigned());
            e.client_id.words().into_iter().for_each(|word| m.word(word));
        }
        Event::ListPlaced { list, account, market, kind, orders, ref client_id } => {
            m.pair(24 << 56 | u64::from(market.0) << 32 | kind as u64, list.0);
            m.pair(u64::from(account.0), orders[0].0);
            m.pair(orders[1].0, orders[2].0);
            client_id.words().into_iter().for_each(|word| m.word(word));
        }
        Event::ListDone { list, account, market } => {
            m.pair(25 << 56 | u64::from(market.0) << 32, list.0);
            m.word(u64::from(account.0));
        }
        _ => hash_admin_event(m, event),
    }
}

/// What the operator, the clock and the markets do.
fn hash_admin_event(m: &mut Mixer, event: &Event) {
    // One more than a number that may be absent.
    let number = |id: Option<u16>| id.map_or(0, |id| u64::from(id) + 1);
    match *event {
        Event::AssetAdded(ref asset) => {
            m.word(9 << 56);
            hash_asset(m, asset);
        }
        Event::MarketAdded(ref market) => {
            m.word(10 << 56);
            hash_market(m, market);
        }
        Event::AccountOpened { account, parent } => m.pair(11 << 56 | u64::from(account.0), u64::from(parent.0)),
        Event::MarketSet(ref market) => {
            m.word(26 << 56);
            hash_market(m, market);
        }
        Event::MarketStateSet { market, state, until, cause } => {
            m.pair(27 << 56 | u64::from(market.0) << 32 | (state as u64) << 8 | cause as u64, until.0);
        }
        Event::Indicative { market, price, volume, imbalance } => {
            m.pair(28 << 56 | u64::from(market.0) << 32, price.0.cast_unsigned());
            m.pair(volume.0.cast_unsigned(), imbalance.0.cast_unsigned());
        }
        Event::Uncrossed { market, price, volume } => {
            m.pair(29 << 56 | u64::from(market.0) << 32, price.0.cast_unsigned());
            m.signed(volume.0);
        }
        Event::TierSet { account, tier } => m.pair(30 << 56 | u64::from(tier.0), u64::from(account.0)),
        Event::FeesSet { tier, market, fees } => {
            m.pair(31 << 56 | number(tier.map(|id| id.0)) << 24, number(market.map(|id| id.0)));
            let rates = fees.map(|fees| [fees.maker_ppm, fees.taker_ppm].map(|ppm| u64::from(ppm.cast_unsigned())));
            let [maker, taker] = rates.unwrap_or([u64::MAX; 2]);
            m.pair(maker, taker);
        }
        Event::CountdownSet { account, market, deadline } => {
            m.pair(32 << 56 | number(market.map(|id| id.0)) << 32 | u64::from(account.0), deadline.0);
        }
        Event::CountdownFired { account, market } => {
            m.pair(33 << 56 | number(market.map(|id| id.0)), u64::from(account.0));
        }
        // The others are taken in by the functions above, whose matches end here.
        _ => {
            debug_assert!(*event == Event::Ticked, "{event:?} is not hashed");
            m.word(34 << 56);
        }
    }
}

fn hash_bytes(m: &mut Mixer, bytes: &[u8]) {
    m.word(bytes.len() as u64);
    for chunk in bytes.chunks(8) {
        let mut word = [0u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        m.word(u64::from_le_bytes(word));
    }
}

fn hash_asset(m: &mut Mixer, asset: &Asset) {
    m.pair(u64::from(asset.id.0), u64::from(asset.scale));
    hash_bytes(m, asset.symbol.as_str().as_bytes());
}

fn hash_market(m: &mut Mixer, market: &Market) {
    let mut bytes = Vec::new();
    model::codec::put_market(&mut model::codec::Writer(&mut bytes), market);
    hash_bytes(m, &bytes);
}

impl<B: Book> Engine<B> {
    /// Hash of the whole state, events so far included: equal states have equal hashes on every machine.
    ///
    /// It reads everything, so it is for snapshots, tests and comparisons, not for every command.
    pub fn state_hash(&self) -> u64 {
        let mut bytes = Vec::new();
        self.snapshot(&mut bytes);
        let mut mixer = Mixer::new();
        hash_bytes(&mut mixer, &bytes);
        mixer.value()
    }
}
