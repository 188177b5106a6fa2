//! Hashes of events as they come and of whole states, the same on every machine.

use model::{Asset, Event, Market, Mixer};

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
        }
        Event::Trade(e) => {
            let kind = u64::from(e.market.0) << 32
                | (e.taker_side as u64) << 16
                | u64::from(e.rounding[0]) << 8
                | u64::from(e.rounding[1]);
            m.pair(2 << 56 | kind, e.trade.0);
            m.pair(e.price.0.cast_unsigned(), e.quantity.0.cast_unsigned());
            m.pair(e.quote.0.cast_unsigned(), e.maker_remaining.0.cast_unsigned());
            m.pair(e.maker_order.0, e.taker_order.0);
            m.pair(u64::from(e.maker_account.0) << 32 | u64::from(e.taker_account.0), e.maker_fee.0.cast_unsigned());
            m.signed(e.taker_fee.0);
        }
        Event::Rested { order, account, market, side, price, remaining, held } => {
            m.pair(3 << 56 | u64::from(market.0) << 32 | *side as u64, order.0);
            m.pair(u64::from(account.0), price.0.cast_unsigned());
            m.pair(remaining.0.cast_unsigned(), held.0.cast_unsigned());
        }
        Event::Closed(e) => {
            m.pair(4 << 56 | u64::from(e.market.0) << 32 | (e.side as u64) << 8 | e.reason as u64, e.order.0);
            m.pair(u64::from(e.account.0), e.price.0.cast_unsigned());
            m.pair(e.remaining.0.cast_unsigned(), e.released.0.cast_unsigned());
            if !e.request_id.is_empty() {
                e.request_id.words().into_iter().for_each(|word| m.word(word));
            }
        }
        Event::Modified { order, account, market, side, old_price, old_remaining, price, quantity, released } => {
            m.pair(5 << 56 | u64::from(market.0) << 32 | *side as u64, order.0);
            m.pair(u64::from(account.0), old_price.0.cast_unsigned());
            m.pair(old_remaining.0.cast_unsigned(), price.0.cast_unsigned());
            m.pair(quantity.0.cast_unsigned(), released.0.cast_unsigned());
        }
        other => hash_rare_event(m, other),
    }
}

#[cold]
fn hash_rare_event(m: &mut Mixer, event: &Event) {
    match *event {
        Event::Rejected { account, reason } => m.pair(6 << 56 | u64::from(reason.code()), u64::from(account.0)),
        Event::CancelRejected { account, reason } => m.pair(7 << 56 | u64::from(reason.code()), u64::from(account.0)),
        Event::Duplicate { source, source_seq } => m.pair(8 << 56 | u64::from(source.0), source_seq.0),
        Event::AssetAdded(ref asset) => {
            m.word(9 << 56);
            hash_asset(m, asset);
        }
        Event::MarketAdded(ref market) => {
            m.word(10 << 56);
            hash_market(m, market);
        }
        Event::AccountOpened { account } => m.pair(11 << 56, u64::from(account.0)),
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
        Event::Accepted(_) | Event::Trade(_) | Event::Rested { .. } | Event::Closed(_) | Event::Modified { .. } => {}
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
