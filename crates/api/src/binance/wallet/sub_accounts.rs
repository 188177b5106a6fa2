//! What the operations on sub-accounts share. An account is named by its number, where Binance has an address of mail.

use model::{AccountId, Amount, Asset, AssetId, Command, Envelope, Event, Receipt, Reject, SourceId, SourceSeq};
use serde::Serialize;
use transfers::{Outcome, Request, Transfer, Turn};

use crate::binance::Params;
use crate::json::Decimal;
use crate::{App, Error};

/// The only kind of wallet that there is.
pub(super) const SPOT: &str = "SPOT";

/// The name of an account.
pub(super) fn name(account: u32) -> String {
    account.to_string()
}

/// The caller, who must be a master account.
///
/// # Errors
/// [`Error::Unsupported`].
pub(super) fn master(app: &App, caller: AccountId) -> Result<AccountId, Error> {
    match app.live.parent(caller) {
        None => Ok(caller),
        Some(_) => Err(Error::Unsupported("only a master account may ask for this.")),
    }
}

/// The master of the caller, who must be a sub-account.
///
/// # Errors
/// [`Error::Unsupported`].
pub(super) fn master_of(app: &App, caller: AccountId) -> Result<AccountId, Error> {
    app.live.parent(caller).ok_or(Error::Unsupported("only a sub-account may ask for this."))
}

/// The account that a parameter names: the master or one of its sub-accounts; `None` when it was not sent.
///
/// # Errors
/// [`Error::InvalidData`] for anything else, so that nobody learns which accounts others have.
pub(super) fn member(
    app: &App,
    params: &Params,
    parameter: &'static str,
    master: AccountId,
) -> Result<Option<AccountId>, Error> {
    let Some(text) = params.get(parameter) else { return Ok(None) };
    let account = text.parse().ok().map(AccountId);
    let is_member = |account: &AccountId| *account == master || app.live.parent(*account) == Some(master);
    account.filter(is_member).map(Some).ok_or(Error::InvalidData(parameter))
}

/// The asset that `asset` names.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::InvalidData`].
pub(super) fn asset(app: &App, params: &Params) -> Result<Asset, Error> {
    let symbol = params.required("asset")?;
    let assets = app.market_data.assets();
    assets.into_iter().find(|asset| asset.symbol.as_str() == symbol).ok_or(Error::InvalidData("asset"))
}

/// `amount` of an asset, above zero.
///
/// # Errors
/// [`Error::Mandatory`], [`Error::IllegalCharacters`], [`Error::TooPrecise`], [`Error::Zero`], [`Error::InvalidData`].
pub(super) fn amount(params: &Params, asset: &Asset) -> Result<i64, Error> {
    params.required("amount")?;
    match params.decimal("amount", asset.scale, asset.scale, "amount") {
        Ok(Some(0)) => Err(Error::Zero("amount")),
        Ok(Some(amount)) => Ok(amount),
        Ok(None) => Err(Error::Mandatory("amount")),
        // It fits in no ledger.
        Err(Error::Filter(_)) => Err(Error::InvalidData("amount")),
        Err(error) => Err(error),
    }
}

/// Moves an asset between two accounts of one master. What was asked for before under the same id of the client's is not done
/// again: its outcome is told again.
///
/// # Errors
/// [`Error::Place`] when the engine refuses, [`Error::InvalidData`] when the id was used for another transfer; [`Error::Busy`],
/// [`Error::Stopped`], [`Error::Behind`]; [`Error::Internal`] when the store fails.
pub(super) async fn transfer(app: &App, request: Request) -> Result<Transfer, Error> {
    let turn = app.transfers.turn().await;
    if let Some(pending) = turn.pending().await.map_err(store)? {
        repeat(app, &turn, pending).await?;
    }
    let done = match turn.known(&request).await.map_err(store)? {
        Some(known) => known,
        None => first(app, &turn, request).await?,
    };
    match done.outcome {
        Outcome::Done => Ok(done),
        Outcome::Refused(reason) => match Reject::from_code(reason) {
            Some(reason) => Err(Error::Place(reason)),
            // Its reason was lost with the process that was told it.
            None => Err(Error::InvalidData("clientTranId")),
        },
        Outcome::Pending => Err(Error::Internal(format!("transfer {} was left pending", done.position))),
    }
}

/// Begins a transfer and sends its command.
async fn first(app: &App, turn: &Turn<'_>, request: Request) -> Result<Transfer, Error> {
    let transfer = turn.begin(request, app.now().0).await.map_err(store)?;
    let receipt = match app.send(envelope(&transfer)).await {
        Ok(receipt) => receipt,
        Err(Error::Busy) => {
            // It was certainly not taken.
            turn.forget(transfer.position).await.map_err(store)?;
            return Err(Error::Busy);
        }
        Err(error) => return Err(error),
    };
    match outcome(&receipt) {
        Some(outcome) => settle(turn, transfer, outcome).await,
        None => {
            // The journal has a command at this position that the table does not: the table is older than the journal.
            let position = transfer.position;
            settle(turn, transfer, Outcome::Refused(0)).await?;
            Err(Error::Internal(format!("the journal knows transfer {position} already")))
        }
    }
}

/// Sends the command of a transfer again whose outcome was lost.
async fn repeat(app: &App, turn: &Turn<'_>, transfer: Transfer) -> Result<Transfer, Error> {
    let receipt = app.send(envelope(&transfer)).await?;
    if let Some(outcome) = outcome(&receipt) {
        return settle(turn, transfer, outcome).await;
    }
    // The engine knows it: the ledger says whether money moved.
    if app.history_lag().await.is_some() {
        return Err(Error::Behind);
    }
    let Request { from, asset, .. } = transfer.request;
    let position = SourceSeq(transfer.position);
    let moved = app.history.has_transferred(AccountId(from), AssetId(asset), SourceId::TRANSFERS, position).await;
    let outcome = if moved.map_err(Error::store)? { Outcome::Done } else { Outcome::Refused(0) };
    settle(turn, transfer, outcome).await
}

fn envelope(transfer: &Transfer) -> Envelope {
    let Request { from, to, asset, amount, .. } = transfer.request;
    let command =
        Command::Transfer { from: AccountId(from), to: AccountId(to), asset: AssetId(asset), amount: Amount(amount) };
    Envelope { source: SourceId::TRANSFERS, source_seq: SourceSeq(transfer.position), command }
}

/// What a receipt says of its transfer; `None` when it is a repeat.
fn outcome(receipt: &Receipt) -> Option<Outcome> {
    receipt.events().iter().find_map(|event| match event {
        Event::Transferred { .. } => Some(Outcome::Done),
        Event::Rejected { reason, .. } => Some(Outcome::Refused(reason.code())),
        _ => None,
    })
}

async fn settle(turn: &Turn<'_>, transfer: Transfer, outcome: Outcome) -> Result<Transfer, Error> {
    turn.settle(transfer.position, outcome).await.map_err(store)?;
    Ok(Transfer { outcome, ..transfer })
}

/// A failure of the store of transfers.
pub(super) fn store(error: transfers::Error) -> Error {
    match error {
        transfers::Error::ClientIdTaken => Error::InvalidData("clientTranId"),
        error => Error::Internal(error.to_string()),
    }
}

/// The symbol and scale of the asset of a transfer.
///
/// # Errors
/// [`Error::Internal`] when there is none, which no transfer has.
pub(super) fn asset_of(assets: &[Asset], transfer: &Transfer) -> Result<(String, Decimal), Error> {
    let asset = assets.iter().find(|asset| asset.id.0 == transfer.request.asset);
    let asset = asset.ok_or_else(|| Error::Internal(format!("transfer {} has no asset", transfer.position)))?;
    Ok((asset.symbol.as_str().to_owned(), Decimal::new(transfer.request.amount, asset.scale)))
}

/// What became of a transfer, in the words of the wallet API.
pub(super) const fn status(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "SUCCESS",
        Outcome::Pending => "PROCESS",
        Outcome::Refused(_) => "FAILURE",
    }
}

/// The answer of a sub-account's own transfer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    txn_id: String,
}

impl Sent {
    /// Of a transfer.
    pub(super) fn new(transfer: &Transfer) -> Self {
        Self { txn_id: transfer.position.to_string() }
    }
}
