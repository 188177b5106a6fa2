//! Statements that are written out, because the query builder has no `SKIP LOCKED` within an update, and because conditions on
//! states must be numbers in the text for the partial indexes to be used.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};

/// A statement under construction: text and parameters in the order in which they stand.
#[derive(Debug)]
pub(super) struct Sql {
    backend: DbBackend,
    text: String,
    values: Vec<Value>,
}

impl Sql {
    pub(super) fn new(on: &impl ConnectionTrait, text: &str) -> Self {
        Self { backend: on.get_database_backend(), text: text.to_owned(), values: Vec::new() }
    }

    /// Adds text.
    pub(super) fn text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// Adds text on PostgreSQL alone: what locks rows. On SQLite a transaction holds the only lock there is.
    pub(super) fn on_postgres(self, text: &str) -> Self {
        if self.backend == DbBackend::Postgres { self.text(text) } else { self }
    }

    /// Adds a number, as text.
    pub(super) fn number(self, number: impl Into<i64>) -> Self {
        let number: i64 = number.into();
        self.text(&number.to_string())
    }

    /// Adds a parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        if self.backend == DbBackend::Postgres {
            self.text.push('$');
            self.text.push_str(&self.values.len().to_string());
        } else {
            self.text.push('?');
        }
        self
    }

    /// Adds a parameter for each value, with commas between them.
    pub(super) fn bind_all<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        for (index, value) in values.into_iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            self = self.bind(value);
        }
        self
    }

    pub(super) fn build(self) -> Statement {
        Statement::from_sql_and_values(self.backend, self.text, self.values)
    }
}
