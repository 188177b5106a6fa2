//! Flows out of a seed. The engine keeps the book while they are made, so that they name what is open.

use std::collections::HashMap;

use model::{Event, OrderId, Side};
use simulator::Random;

use super::contest::Contender;
use super::message::{Flow, Kind, Message};
use super::ours::Ours;
use super::owners::Owners;

/// Where the books' two sides meet.
const MIDDLE: i64 = 34_000;

/// Makes messages and follows what becomes of the orders.
struct Maker {
    ours: Ours,
    random: Random,
    placed: u64,
    open: Vec<Open>,
    /// Place in `open` of each open order, by the engine's id.
    places: HashMap<OrderId, usize>,
    messages: Vec<Message>,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    id: OrderId,
    order: u64,
    side: Side,
    quantity: i64,
}

impl Maker {
    fn new(seed: u64, owners: Owners) -> Self {
        Self {
            ours: Ours::new(owners),
            random: Random::new(seed),
            placed: 0,
            open: Vec::new(),
            places: HashMap::new(),
            messages: Vec::new(),
        }
    }

    /// The messages since the last call.
    fn take(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.messages)
    }

    fn side(&mut self) -> Side {
        if self.random.chance(500) { Side::Buy } else { Side::Sell }
    }

    /// A new order so many ticks behind the middle; beyond it when negative.
    fn place(&mut self, side: Side, behind: i64, quantity: i64, ioc: bool) {
        let price = if side == Side::Buy { MIDDLE - behind } else { MIDDLE + behind };
        let order = self.placed;
        self.placed += 1;
        self.send(Message { kind: Kind::New { ioc }, side, order, price, quantity });
    }

    fn cancel(&mut self, at: usize) {
        let Open { order, side, .. } = self.open[at];
        self.send(Message { kind: Kind::Cancel, side, order, price: 0, quantity: 0 });
    }

    fn shift(&mut self, at: usize, behind: i64) {
        let Open { order, side, quantity, .. } = self.open[at];
        let price = if side == Side::Buy { MIDDLE - behind } else { MIDDLE + behind };
        self.send(Message { kind: Kind::Modify, side, order, price, quantity });
    }

    /// One of the open orders, if there is any.
    fn some(&mut self) -> Option<usize> {
        let at = usize::try_from(self.random.below(self.open.len() as u64)).ok()?;
        (at < self.open.len()).then_some(at)
    }

    fn send(&mut self, message: Message) {
        self.messages.push(message);
        let input = self.ours.input(&message);
        let events: Vec<Event> = self.ours.events(&input).to_vec();
        for event in events {
            match event {
                Event::Rested { order: id, side, remaining, .. } => {
                    let open = Open { id, order: message.order, side, quantity: remaining.0 };
                    match self.places.get(&id) {
                        Some(&at) => self.open[at] = open,
                        None => {
                            self.places.insert(id, self.open.len());
                            self.open.push(open);
                        }
                    }
                }
                Event::Trade(trade) => {
                    self.left(trade.maker_order, trade.maker_remaining.0);
                    self.left(trade.taker_order, trade.taker_remaining.0);
                }
                Event::Closed(closed) => self.left(closed.order, 0),
                Event::Rejected { reason, .. } => unreachable!("{message:?} was refused: {reason:?}"),
                _ => {}
            }
        }
    }

    fn left(&mut self, id: OrderId, quantity: i64) {
        let Some(&at) = self.places.get(&id) else { return };
        self.open[at].quantity = quantity;
        if quantity == 0 {
            self.places.remove(&id);
            self.open.swap_remove(at);
            if let Some(moved) = self.open.get(at) {
                self.places.insert(moved.id, at);
            }
        }
    }
}

/// The mix of exchange-core's own benchmark: 82 % move, 9 % GTC, 6 % cancel, 3 % IOC over about 1,000 open orders on
/// about 750 prices; some 6 % of the messages trade.
pub(super) fn exchange_core(owners: Owners, messages: usize) -> Flow {
    let mut maker = Maker::new(1, owners);
    // Most orders of a book lie near its middle: the square of a chance does that.
    let distance = |random: &mut Random| 1 + random.below(20).pow(2).cast_signed() + random.between(0, 12);
    for _ in 0..1_000 {
        let (side, behind) = (maker.side(), distance(&mut maker.random));
        let quantity = maker.random.between(1, 100);
        maker.place(side, behind, quantity, false);
    }
    let opening = maker.take();
    while maker.messages.len() < messages {
        let (side, behind) = (maker.side(), distance(&mut maker.random));
        let quantity = maker.random.between(1, 100);
        match maker.random.below(100) {
            0..82 => {
                let beyond = maker.random.chance(20);
                if let Some(at) = maker.some() {
                    maker.shift(at, if beyond { -1 } else { behind });
                }
            }
            // Orders trade, or fill the book up again.
            82..91 => {
                let trades = maker.open.len() > 1_000;
                maker.place(side, if trades { -behind } else { behind }, quantity, false);
            }
            91..97 => {
                if let Some(at) = maker.some() {
                    maker.cancel(at);
                }
            }
            _ => maker.place(side, -behind, quantity, true),
        }
    }
    Flow { opening, messages: maker.take() }
}

/// A million orders on 20,000 prices a side; then orders come, go, move and trade near the best price and far from it.
pub(super) fn deep(owners: Owners, resting: usize, messages: usize) -> Flow {
    const LEVELS: i64 = 20_000;
    let mut maker = Maker::new(2, owners);
    for _ in 0..resting {
        let (side, behind) = (maker.side(), maker.random.between(1, LEVELS));
        let quantity = maker.random.between(1, 10);
        maker.place(side, behind, quantity, false);
    }
    let opening = maker.take();
    while maker.messages.len() < messages {
        let far = maker.random.chance(500);
        let side = maker.side();
        let behind = if far { maker.random.between(1, LEVELS) } else { maker.random.between(1, 20) };
        let quantity = maker.random.between(1, 10);
        // Near the best price the newest orders are cancelled and moved, as those who quote do.
        let at = if far {
            maker.some()
        } else {
            let newest = usize::try_from(maker.random.below(64)).unwrap_or(0);
            maker.open.len().checked_sub(newest + 1)
        };
        match (maker.random.below(100), at) {
            (0..30, Some(at)) => maker.shift(at, behind),
            (30..62, Some(at)) => maker.cancel(at),
            (62..68, _) => {
                let beyond = maker.random.between(0, 20);
                maker.place(side, -beyond, quantity * 3, true);
            }
            _ => maker.place(side, behind, quantity, false),
        }
    }
    Flow { opening, messages: maker.take() }
}

/// Takers that cross many levels and orders: for every 20 small orders, one that takes them all at once.
pub(super) fn sweeps(owners: Owners, messages: usize) -> Flow {
    let mut maker = Maker::new(3, owners);
    for _ in 0..4_000 {
        let (side, behind) = (maker.side(), maker.random.between(1, 400));
        maker.place(side, behind, 10, false);
    }
    let opening = maker.take();
    while maker.messages.len() < messages {
        let side = maker.side();
        for _ in 0..20 {
            let behind = maker.random.between(1, 400);
            maker.place(side, behind, 10, false);
        }
        maker.place(side.opposite(), -500, 200, true);
    }
    Flow { opening, messages: maker.take() }
}
