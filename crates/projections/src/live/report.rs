use model::{Amount, ClientOrderId, CloseReason, Step};

use super::{BalanceUpdate, ExecutionKind, ExecutionReport, LockUpdate, execution_id};
use crate::{
    OrderView,
    change::Change,
    posting::{LedgerKind, Posting},
};

/// Money that came or went other than by trading. Setting it aside and back is no such thing.
pub(super) fn balance_update(posting: &Posting, step: &Step) -> Option<BalanceUpdate> {
    let delta = posting.available + posting.held;
    let moves = matches!(posting.kind, LedgerKind::Transfer | LedgerKind::Capture) && delta != 0;
    moves.then_some(BalanceUpdate {
        account: posting.account,
        asset: posting.asset,
        delta: Amount(delta),
        time: step.time,
        sequence: step.sequence,
    })
}

/// Money that was set aside by a hold, or is free again because the hold ended unpaid.
pub(super) fn lock_update(posting: &Posting, step: &Step) -> Option<LockUpdate> {
    matches!(posting.kind, LedgerKind::Hold | LedgerKind::Release).then_some(LockUpdate {
        account: posting.account,
        asset: posting.asset,
        delta: Amount(posting.held),
        time: step.time,
        sequence: step.sequence,
    })
}

/// What the owner's streams tell of a change; nothing of those that come with another one. `before` is what an amended order
/// was called before.
pub(super) fn report(
    index: usize,
    view: &OrderView,
    change: &Change<'_>,
    before: ClientOrderId,
    step: &Step,
) -> Option<ExecutionReport> {
    let (mut fill, mut prevention) = (None, None);
    let kind = match *change {
        // What waits is new once more when it meets the book.
        Change::Accepted { .. } | Change::Entered { .. } => ExecutionKind::New,
        Change::Armed { .. } | Change::Tracking | Change::Triggered => return None,
        Change::Fill { fill: traded, .. } => {
            fill = Some(traded);
            ExecutionKind::Trade
        }
        Change::Prevented { prevention: lost, closes, .. } => {
            if closes || lost.quantity.0 == 0 {
                return None;
            }
            prevention = Some(lost);
            ExecutionKind::TradePrevention
        }
        Change::Modified { .. } | Change::Amended(_) => ExecutionKind::Replaced,
        Change::Closed { closed, prevention: lost } => {
            prevention = lost;
            match closed.reason {
                CloseReason::Cancelled | CloseReason::Countdown => ExecutionKind::Canceled,
                CloseReason::SelfTrade => ExecutionKind::TradePrevention,
                CloseReason::Expired
                | CloseReason::ListDone
                | CloseReason::Deadline
                | CloseReason::Refused
                | CloseReason::Overflow
                | CloseReason::MarketCancelled => ExecutionKind::Expired,
            }
        }
    };
    Some(ExecutionReport {
        order: *view,
        kind,
        fill,
        prevention,
        trade_group: view.account,
        request_id: change.request_id(),
        previous_id: before,
        execution_id: execution_id(step.sequence, index, change.is_makers()),
        time: step.time,
        sequence: step.sequence,
    })
}
