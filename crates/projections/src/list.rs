use model::{AccountId, ClientOrderId, Event, ListId, ListKind, MarketId, OrderId, Sequence, Step, Timestamp};

/// An order list with everything that its owner may ask of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListView {
    /// Its id.
    pub list: ListId,
    /// Its owner.
    pub account: AccountId,
    /// Its market.
    pub market: MarketId,
    /// How its orders hang together.
    pub kind: ListKind,
    /// Its orders as they were placed; the third is zero when there are two.
    pub orders: [OrderId; 3],
    /// The client's ids of its orders; empty of one that was gone before the image that the list came from.
    pub order_names: [ClientOrderId; 3],
    /// The client's id of the list.
    pub client_id: ClientOrderId,
    /// Whether none of its orders is open any more.
    pub is_done: bool,
    /// When it was placed.
    pub placed: Timestamp,
    /// When it was placed or done.
    pub updated: Timestamp,
    /// The command that placed or ended it.
    pub sequence: Sequence,
}

impl ListView {
    /// The list of a `ListPlaced`, without the names of its orders; `None` for other events.
    pub(crate) const fn placed(event: &Event, step: &Step) -> Option<Self> {
        let Event::ListPlaced { list, account, market, kind, orders, client_id } = *event else { return None };
        Some(Self {
            list,
            account,
            market,
            kind,
            orders,
            order_names: [ClientOrderId::EMPTY; 3],
            client_id,
            is_done: false,
            placed: step.time,
            updated: step.time,
            sequence: step.sequence,
        })
    }

    /// The list of a `ListDone`, which says little of it; `None` for other events.
    pub(crate) const fn ended(event: &Event, step: &Step) -> Option<Self> {
        let Event::ListDone { list, account, market } = *event else { return None };
        let mut view = Self {
            list,
            account,
            market,
            kind: ListKind::Oco,
            orders: [OrderId(0); 3],
            order_names: [ClientOrderId::EMPTY; 3],
            client_id: ClientOrderId::EMPTY,
            is_done: false,
            placed: Timestamp(0),
            updated: Timestamp(0),
            sequence: Sequence(0),
        };
        view.finish(step);
        Some(view)
    }

    pub(crate) const fn finish(&mut self, step: &Step) {
        self.is_done = true;
        self.updated = step.time;
        self.sequence = step.sequence;
    }

    /// Its orders with their names, in the order in which they were placed.
    pub fn members(&self) -> impl Iterator<Item = (OrderId, ClientOrderId)> + '_ {
        self.orders.iter().copied().zip(self.order_names).take(self.kind.orders())
    }

    /// The name of its kind in the Binance API: an OTOCO is an OTO of an OCO there.
    pub const fn contingency(&self) -> &'static str {
        match self.kind {
            ListKind::Oco => "OCO",
            ListKind::Oto | ListKind::Otoco => "OTO",
        }
    }
}
