//! All resting orders, in the form that the tester hashes: fields by name, books by symbol.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// All books.
#[derive(Debug, Serialize)]
pub(super) struct State {
    pub(super) books: Vec<Book>,
}

/// Both sides of one book, the order that trades next first.
#[derive(Debug, Serialize)]
pub(super) struct Book {
    pub(super) asks: Vec<Resting>,
    pub(super) bids: Vec<Resting>,
    pub(super) symbol: String,
}

/// One order.
#[derive(Debug, Serialize)]
pub(super) struct Resting {
    pub(super) order_id: u64,
    pub(super) order_type: &'static str,
    pub(super) owner: i64,
    pub(super) price: String,
    pub(super) remaining_quantity: String,
}

impl State {
    /// SHA-256 of the compact JSON.
    pub(super) fn digest(&self) -> serde_json::Result<String> {
        let json = serde_json::to_vec(self)?;
        Ok(hex::encode(Sha256::digest(json)))
    }

    pub(super) fn order_count(&self) -> usize {
        self.books.iter().map(|book| book.asks.len() + book.bids.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::{Book, Resting, State};

    #[test]
    fn the_digest_is_that_of_the_tester() {
        let order = Resting {
            order_id: 1,
            order_type: "LIMIT",
            owner: 10,
            price: "100".to_owned(),
            remaining_quantity: "5".to_owned(),
        };
        let state = State { books: vec![Book { asks: Vec::new(), bids: vec![order], symbol: "TEST".to_owned() }] };
        assert_eq!(state.order_count(), 1);
        assert_eq!(state.digest().unwrap(), "0a82bb78c03050d8a72185eb02f46b0d404251962fc9f726df9fa48907ad0f70");
    }
}
