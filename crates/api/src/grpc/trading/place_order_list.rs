//! `Trading.PlaceOrderList`: places two or three orders that hang together.

use marketdata::MarketView;
use model::{Command, ListKind, Place, PlaceList};
use proto::place_order_list_request::Orders;

use super::new_order::{read_in_list, request_id};
use crate::binance::cancel::{refusal, step_of};
use crate::binance::list_request::{pair, working};
use crate::binance::lists::placed_list;
use crate::grpc::{proto, shape, value};
use crate::{App, Caller, Error};

/// Answers when the list is durable, with what became of its orders at once.
///
/// # Errors
/// Those of the values, [`Error::Pair`], [`Error::Place`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn handle(
    app: App,
    caller: Caller,
    request: proto::PlaceOrderListRequest,
) -> Result<proto::PlaceOrderListResponse, Error> {
    let view = value::market(&app, &request.symbol)?;
    let (kind, orders) = read(&app, caller, &view, request.orders.as_ref())?;
    let client_id = request_id(&app, "client_list_id", &request.client_list_id)?;
    let list = PlaceList { kind, client_id, orders };
    let receipt = app.submit(Command::PlaceList(Box::new(list))).await?;
    let step = step_of(&receipt)?;
    match placed_list(&receipt, step, &view) {
        Some((list, placed)) => Ok(proto::PlaceOrderListResponse {
            list: Some(shape::list(&list, &view)),
            orders: placed.iter().map(|placed| shape::order(&placed.order, &view)).collect(),
            sequence: step.sequence.0,
        }),
        None => Err(refusal(&receipt, Error::Place)),
    }
}

/// Kind and orders, in the engine's order.
fn read(
    app: &App,
    caller: Caller,
    view: &MarketView,
    orders: Option<&Orders>,
) -> Result<(ListKind, [Place; 3]), Error> {
    let one = |name, order: Option<&_>| read_in_list(app, caller.account, view, name, order);
    let both =
        |oco: &proto::OneCancelsOther| pair(one("above", oco.above.as_ref())?, one("below", oco.below.as_ref())?);
    let first = |order: Option<&_>| working(one("working", order)?);
    Ok(match orders.ok_or(Error::Mandatory("orders"))? {
        Orders::Oco(oco) => {
            let [first, second] = both(oco)?;
            (ListKind::Oco, [first, second, Place::BLANK])
        }
        Orders::Oto(oto) => {
            (ListKind::Oto, [first(oto.working.as_ref())?, one("pending", oto.pending.as_ref())?, Place::BLANK])
        }
        Orders::Otoco(otoco) => {
            let working = first(otoco.working.as_ref())?;
            let [second, third] = both(otoco.pending.as_ref().ok_or(Error::Mandatory("pending"))?)?;
            (ListKind::Otoco, [working, second, third])
        }
    })
}
