//! What the operations share that place order lists.

use model::{Command, ListKind};

use crate::binance::cancel::{refusal, step_of};
use crate::binance::list_request::ListRequest;
use crate::binance::lists::placed_list_json;
use crate::call::Caller;
use crate::{Call, Error, Reply};

/// Places a list of this kind.
///
/// # Errors
/// Those of the parameters, [`Error::Place`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn place(call: Call<Caller>, kind: ListKind) -> Result<Reply, Error> {
    let request = ListRequest::read(&call.app, call.caller.account, &call.params, kind)?;
    send(call, request).await
}

/// Places a list that was read.
///
/// # Errors
/// [`Error::Place`] when the engine refuses, [`Error::Busy`], [`Error::Stopped`].
pub(super) async fn send(call: Call<Caller>, request: ListRequest) -> Result<Reply, Error> {
    let ListRequest { list, view, respond } = request;
    let receipt = call.app.submit(Command::PlaceList(Box::new(list))).await?;
    match placed_list_json(&receipt, step_of(&receipt)?, &view, respond, call.units)? {
        Some(body) => Ok(Reply::json(body)),
        None => Err(refusal(&receipt, Error::Place)),
    }
}
