//! `Account.StreamAccount`: the account as it is, and everything that happens to it.

use std::net::IpAddr;

use model::{AccountId, Sequence};
use projections::{ExecutionKind, ExecutionReport, ListChange, ListReport, Subscription, UserEvent};
use proto::stream_account_response::Event;
use tonic::{Request, Status};

use crate::binance::signature::still_reads;
use crate::grpc::feed::{Messages, messages};
use crate::grpc::{proto, shape, signature, status};
use crate::server::Peer;
use crate::{App, Caller, Error};

/// The API key that the door has checked, and where it is used from. The stream ends when the key may not be used there any more.
pub(super) struct OpenedBy {
    key: String,
    address: Option<IpAddr>,
}

impl OpenedBy {
    pub(super) fn of<Q>(request: &Request<Q>) -> Self {
        // Without a key nothing is told: there is no key of this name.
        let key = request.metadata().get(signature::KEY).and_then(|key| key.to_str().ok()).unwrap_or_default();
        let address = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
        Self { key: key.to_owned(), address }
    }
}

/// What a call is at.
struct Events {
    app: App,
    account: AccountId,
    opened_by: OpenedBy,
    events: Subscription,
    /// What the snapshot holds at least; `None` before it.
    snapshot: Option<Sequence>,
}

/// Begins the stream; its snapshot holds what was acknowledged before the call. At most `capacity` events wait.
///
/// # Errors
/// [`Error::TooManySubscriptions`], [`Error::Behind`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    opened_by: OpenedBy,
    capacity: usize,
) -> Result<Messages<proto::StreamAccountResponse>, Error> {
    app.caught_up().await?;
    // It listens before it looks, so that nothing falls in between.
    let events = app
        .live
        .subscribe(caller.account, capacity)
        .map_err(|_| Error::TooManySubscriptions(Subscription::MAX_PER_ACCOUNT))?;
    Ok(messages(Events { app, account: caller.account, opened_by, events, snapshot: None }, Events::next))
}

impl Events {
    async fn next(mut self) -> Result<(proto::StreamAccountResponse, Self), Status> {
        let Some(held) = self.snapshot else {
            let snapshot = self.look().map_err(|error| status::of(&error))?;
            return Ok((snapshot, self));
        };
        loop {
            let event = self.events.recv().await.map_err(status::of_end)?;
            if event.sequence() <= held {
                continue;
            }
            let OpenedBy { key, address } = &self.opened_by;
            still_reads(&self.app, key, *address).await.map_err(|error| status::of(&error))?;
            let shape = shape(&self.app, &event).map_err(|error| status::of(&error))?;
            let (sequence, time) = (event.sequence(), event.time());
            let response = proto::StreamAccountResponse { sequence: sequence.0, time_us: time.0, event: Some(shape) };
            return Ok((response, self));
        }
    }

    fn look(&mut self) -> Result<proto::StreamAccountResponse, Error> {
        // The position is taken first: what happens from here on is told as an event, even if the snapshot has it already.
        let sequence = self.app.live.sequence();
        self.snapshot = Some(sequence);
        let open = self.app.live.open_orders(self.account, None);
        let snapshot = proto::AccountSnapshot {
            sequence: sequence.0,
            balances: shape::balances(&self.app, self.account, true),
            open_orders: shape::orders_of(&self.app, &open)?,
        };
        Ok(proto::StreamAccountResponse {
            sequence: sequence.0,
            time_us: self.app.now().0,
            event: Some(Event::Snapshot(snapshot)),
        })
    }
}

fn shape(app: &App, event: &UserEvent) -> Result<Event, Error> {
    Ok(match event {
        UserEvent::Execution(report) => Event::Execution(execution(app, report)?),
        UserEvent::Balances(balances) => {
            let shapes = balances.changed.iter().map(|balance| {
                let asset = asset(app, balance.asset)?;
                Ok(proto::Balance {
                    asset: asset.symbol.as_str().to_owned(),
                    available: shape::number(balance.available.0, asset.scale),
                    held: shape::number(balance.held.0, asset.scale),
                })
            });
            Event::Balances(proto::BalancesChanged { balances: shapes.collect::<Result<_, Error>>()? })
        }
        UserEvent::BalanceUpdate(update) => {
            let asset = asset(app, update.asset)?;
            Event::MoneyMoved(proto::MoneyMoved {
                asset: asset.symbol.as_str().to_owned(),
                delta: shape::number(update.delta.0, asset.scale),
            })
        }
        UserEvent::LockUpdate(update) => {
            let asset = asset(app, update.asset)?;
            Event::MoneyHeld(proto::MoneyHeld {
                asset: asset.symbol.as_str().to_owned(),
                delta: shape::number(update.delta.0, asset.scale),
            })
        }
        UserEvent::List(report) => Event::List(list(app, report)?),
    })
}

fn execution(app: &App, report: &ExecutionReport) -> Result<proto::Execution, Error> {
    let view = shape::view_of(app, report.order.market)?;
    let kind = match report.kind {
        ExecutionKind::New => proto::ExecutionKind::New,
        ExecutionKind::Canceled => proto::ExecutionKind::Canceled,
        ExecutionKind::Replaced => proto::ExecutionKind::Replaced,
        ExecutionKind::Trade => proto::ExecutionKind::Trade,
        ExecutionKind::Expired => proto::ExecutionKind::Expired,
        ExecutionKind::TradePrevention => proto::ExecutionKind::TradePrevention,
    };
    Ok(proto::Execution {
        order: Some(shape::order(&report.order, &view)),
        kind: kind.into(),
        fill: report.fill.as_ref().map(|fill| shape::fill(fill, &view)),
        cancel_id: report.request_id.as_str().to_owned(),
        previous_client_order_id: report.previous_id.as_str().to_owned(),
        execution_id: report.execution_id,
    })
}

fn list(app: &App, report: &ListReport) -> Result<proto::OrderListChanged, Error> {
    let view = shape::view_of(app, report.list.market)?;
    let change = match report.change {
        ListChange::Placed => proto::OrderListChange::Placed,
        ListChange::Renamed => proto::OrderListChange::Renamed,
        ListChange::Done => proto::OrderListChange::Done,
    };
    Ok(proto::OrderListChanged { list: Some(shape::list(&report.list, &view)), change: change.into() })
}

fn asset(app: &App, asset: model::AssetId) -> Result<model::Asset, Error> {
    app.market_data
        .asset(asset)
        .ok_or_else(|| Error::Internal(format!("asset {asset} of a balance is not in market data")))
}
