use std::sync::Arc;

use model::Timestamp;

use crate::{Level, MarketView};

/// The levels that changed since the diff before.
///
/// Whoever holds a [`crate::Depth`] drops diffs with `last_update_id <= depth.last_update_id` and lays the others over
/// it in order. The first of them has `first_update_id <= depth.last_update_id + 1 <= last_update_id`; each further one
/// has `first_update_id == last_update_id + 1` of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookDiff {
    /// The last update id of the diff before, plus one.
    pub first_update_id: u64,
    /// Sequence of the last command that changed the book.
    pub last_update_id: u64,
    /// Time of that command.
    pub time: Timestamp,
    /// Changed bids, highest first, with what is open now; zero when the level is gone.
    pub bids: Vec<Level>,
    /// Changed asks, lowest first, the same way.
    pub asks: Vec<Level>,
}

/// The cursor was not read for so long that more prices changed than are kept for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the changes of the book were not taken for too long")]
pub struct Lost;

/// One reader of a book's changes; each has its own pace.
#[derive(Debug)]
pub struct DiffCursor {
    view: Arc<MarketView>,
    slot: usize,
    previous: u64,
}

impl DiffCursor {
    pub(crate) fn new(view: Arc<MarketView>) -> Self {
        let mut book = view.book.write();
        let (slot, previous) = (book.watch(), book.update_id());
        drop(book);
        Self { view, slot, previous }
    }

    /// The market that is read.
    pub const fn view(&self) -> &Arc<MarketView> {
        &self.view
    }

    /// What changed since the last call, or since the cursor was made; `None` when nothing did.
    ///
    /// # Errors
    /// [`Lost`] when the last call is too long ago; from then on always. Make another cursor, and let its readers load
    /// the book anew.
    pub fn take(&mut self) -> Result<Option<BookDiff>, Lost> {
        let mut book = self.view.book.write();
        let (bids, asks) = book.take(self.slot).ok_or(Lost)?;
        let (last_update_id, time) = (book.update_id(), book.time());
        drop(book);
        if bids.is_empty() && asks.is_empty() {
            return Ok(None);
        }
        let first_update_id = self.previous + 1;
        self.previous = last_update_id;
        Ok(Some(BookDiff { first_update_id, last_update_id, time, bids, asks }))
    }
}

impl Drop for DiffCursor {
    fn drop(&mut self) {
        self.view.book.write().unwatch(self.slot);
    }
}
