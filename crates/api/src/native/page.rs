//! Long lists in parts: a cursor is the key of the last row, and opaque to clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::page::{Keyset, Limit, Order, Page as Rows};

use super::Problem;
use super::output::Page;
use super::shapes::PageQuery;

const DEFAULT_ROWS: u32 = 50;
const MAX_ROWS: u32 = 100;

/// The part that a query asks for, newest rows first.
pub(super) fn keyset(query: &PageQuery) -> Result<Keyset<i64>, Problem> {
    let after = query.cursor.as_deref().map(read_cursor).transpose()?;
    let limit = query.limit.unwrap_or(DEFAULT_ROWS);
    if !(1..=MAX_ROWS).contains(&limit) {
        return Err(Problem::bad_request("limit_invalid", format!("limit must be 1 to {MAX_ROWS}")));
    }
    Ok(Keyset { after, limit: Limit::clamp(Some(limit), DEFAULT_ROWS), order: Order::Descending })
}

/// The part as it is answered.
pub(super) fn page<T, S>(rows: Rows<T, i64>, shape: impl Fn(T) -> S) -> Page<S> {
    Page { items: rows.items.into_iter().map(shape).collect(), next: rows.next.map(cursor) }
}

fn cursor(key: i64) -> String {
    URL_SAFE_NO_PAD.encode(key.to_be_bytes())
}

fn read_cursor(text: &str) -> Result<i64, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let key = bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
    key.ok_or_else(|| Problem::bad_request("cursor_invalid", "take the cursor from `next` of the part before"))
}

#[cfg(test)]
mod tests {
    use super::{cursor, read_cursor};

    #[test]
    fn a_cursor_reads_back() {
        for key in [0, 1, i64::MAX, i64::MIN] {
            assert_eq!(read_cursor(&cursor(key)).unwrap(), key);
        }
        for wrong in ["", "1", "AAAA", "!!!!!!!!!!!", "AAAAAAAAAAAA"] {
            assert!(read_cursor(wrong).is_err(), "{wrong}");
        }
    }
}
