//! The crate matchcore: matching alone, no accounts.

use matchcore::{
    AmendCmd, AmendPatch, CancelCmd, Command, CommandKind, CommandMeta, CommandOutcome, CommandReport, LimitOrder,
    LimitOrderPatch, NewOrder, OrderBook, OrderFlags, OrderId, OrderKind, OrderOutcome, Price, Quantity,
    QuantityPolicy, SequenceNumber, Side, SubmitCmd, TimeInForce, Timestamp,
};

use super::contest::Contender;
use super::message::{Kind, Message};

/// How a modify is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Modify {
    /// As matchcore's own amend.
    Amend,
    /// As a cancel and, if that was applied, a new order: what the workload means.
    CancelAndSubmit,
}

/// One message: a command, and another that follows when the first was applied.
pub(super) struct Input {
    first: Command,
    then: Option<Command>,
}

/// Its orders are named by the number of the command that brought them, and the numbers may have no gap.
pub(super) struct Matchcore {
    book: OrderBook,
    modify: Modify,
    next: u64,
    ids: Vec<OrderId>,
}

impl Matchcore {
    /// An empty book.
    pub(super) fn new(modify: Modify) -> Self {
        Self { book: OrderBook::new("LOTTICK"), modify, next: 0, ids: Vec::new() }
    }

    fn command(&mut self, kind: CommandKind) -> Command {
        let sequence_number = SequenceNumber(self.next);
        self.next += 1;
        Command { meta: CommandMeta { sequence_number, timestamp: Timestamp(0) }, kind }
    }

    fn submit(&mut self, message: &Message, time_in_force: TimeInForce) -> Command {
        let place_in_list = usize::try_from(message.order).unwrap_or(usize::MAX);
        if self.ids.len() <= place_in_list {
            self.ids.resize(place_in_list + 1, OrderId(u64::MAX));
        }
        self.ids[place_in_list] = OrderId(self.next);
        let side = match message.side {
            model::Side::Buy => Side::Buy,
            model::Side::Sell => Side::Sell,
        };
        let flags = OrderFlags::new(side, false, time_in_force);
        let order = NewOrder::Limit(LimitOrder::new(price(message), quantity(message), flags));
        self.command(CommandKind::Submit(SubmitCmd { order }))
    }

    fn cancel(&mut self, order_id: OrderId) -> Command {
        self.command(CommandKind::Cancel(CancelCmd { order_id, order_kind: OrderKind::Limit }))
    }
}

impl Contender for Matchcore {
    type Message = Message;
    type Input = Input;

    fn input(&mut self, message: &Message) -> Input {
        let place_in_list = usize::try_from(message.order).unwrap_or(usize::MAX);
        let order_id = self.ids.get(place_in_list).copied().unwrap_or(OrderId(u64::MAX));
        match (message.kind, self.modify) {
            (Kind::New { ioc: false }, _) => Input { first: self.submit(message, TimeInForce::Gtc), then: None },
            (Kind::New { ioc: true }, _) => Input { first: self.submit(message, TimeInForce::Ioc), then: None },
            (Kind::Cancel, _) => Input { first: self.cancel(order_id), then: None },
            (Kind::Modify, Modify::Amend) => {
                let patch = LimitOrderPatch::new().with_price(price(message)).with_quantity_policy(quantity(message));
                let amend = AmendCmd { order_id, patch: AmendPatch::Limit(patch) };
                Input { first: self.command(CommandKind::Amend(amend)), then: None }
            }
            (Kind::Modify, Modify::CancelAndSubmit) => {
                let first = self.cancel(order_id);
                Input { first, then: Some(self.submit(message, TimeInForce::Gtc)) }
            }
        }
    }

    fn apply(&mut self, input: &Input) -> u64 {
        let outcome = self.book.execute(&input.first);
        let Some(then) = &input.then else { return trades(&outcome) };
        if matches!(outcome, CommandOutcome::Applied(_)) {
            return trades(&self.book.execute(then));
        }
        // The second number is used up all the same, by the cancel that has failed already.
        let again = Command { meta: then.meta, kind: input.first.kind.clone() };
        trades(&self.book.execute(&again))
    }
}

fn price(message: &Message) -> Price {
    Price(message.price.unsigned_abs())
}

fn quantity(message: &Message) -> QuantityPolicy {
    QuantityPolicy::Standard { quantity: Quantity(message.quantity.unsigned_abs()) }
}

fn trades(outcome: &CommandOutcome) -> u64 {
    let count = |order: &OrderOutcome| order.match_result().map_or(0, |result| result.trades().len() as u64);
    match outcome {
        CommandOutcome::Applied(CommandReport::Submit(effects) | CommandReport::Amend(effects)) => {
            count(effects.target_order()) + effects.triggered_orders().iter().map(count).sum::<u64>()
        }
        _ => 0,
    }
}
