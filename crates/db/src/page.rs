//! Reading a long list in pages, by key: the next page begins after the last key of this one. Unlike an offset this stays right
//! while rows are added, and costs the same on the last page as on the first.

use std::fmt;

use sea_orm::sea_query::{ExprTrait, Value};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

/// How many rows a page has, at most. From 1 to [`Limit::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u32);

impl Limit {
    /// The largest page.
    pub const MAX: u32 = 1000;

    /// The requested number of rows, or `default`, brought between 1 and [`Limit::MAX`].
    pub fn clamp(requested: Option<u32>, default: u32) -> Self {
        Self(requested.unwrap_or(default).clamp(1, Self::MAX))
    }

    /// The number of rows.
    pub fn rows(self) -> u32 {
        self.0
    }
}

/// The direction in which keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest key first.
    Ascending,
    /// Greatest key first.
    Descending,
}

/// A request for one page.
#[derive(Debug, Clone)]
pub struct Keyset<K> {
    /// The key of the last row of the page before; `None` for the first page.
    pub after: Option<K>,
    /// The size of the page.
    pub limit: Limit,
    /// The direction.
    pub order: Order,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, K> {
    /// The rows.
    pub items: Vec<T>,
    /// The key after which the next page begins; `None` on the last page.
    pub next: Option<K>,
}

impl<K: Clone + Into<Value>> Keyset<K> {
    /// Narrows `select` to this page, in the order of `key`, a unique column. It fetches one row more than the page has, by which
    /// [`page`](Self::page) knows whether there is a next one.
    pub fn apply<E: EntityTrait, C: ColumnTrait>(&self, select: Select<E>, key: C) -> Select<E> {
        let beyond = self.after.clone().map(|after| match self.order {
            Order::Ascending => key.into_expr().gt(after.into()),
            Order::Descending => key.into_expr().lt(after.into()),
        });
        let select = match beyond {
            Some(beyond) => select.filter(beyond),
            None => select,
        };
        let order = match self.order {
            Order::Ascending => sea_orm::Order::Asc,
            Order::Descending => sea_orm::Order::Desc,
        };
        select.order_by(key, order).limit(u64::from(self.limit.rows()) + 1)
    }

    /// Makes the page from the rows that [`apply`](Self::apply)'s statement gave; `key` reads a row's key.
    pub fn page<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> K) -> Page<T, K> {
        let limit = usize::try_from(self.limit.rows()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(key);
        Page { items: rows, next }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_clamped() {
        let cases =
            [(None, 100), (Some(0), 1), (Some(1), 1), (Some(1000), 1000), (Some(1001), 1000), (Some(u32::MAX), 1000)];
        for (requested, rows) in cases {
            assert_eq!(Limit::clamp(requested, 100).rows(), rows, "{requested:?}");
        }
    }

    #[test]
    fn the_row_too_many_says_that_there_is_a_next_page() {
        let keyset = Keyset::<i64> { after: None, limit: Limit::clamp(Some(2), 2), order: Order::Ascending };
        assert_eq!(keyset.page(vec![5, 6, 7], |row| *row), Page { items: vec![5, 6], next: Some(6) });
        assert_eq!(keyset.page(vec![5, 6], |row| *row), Page { items: vec![5, 6], next: None });
        assert_eq!(keyset.page(vec![], |row| *row), Page { items: vec![], next: None });
    }
}
