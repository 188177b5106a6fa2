use std::collections::HashMap;

use db::Backend;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, Value};

use super::Table;
use crate::Error;

/// Most rows of one statement. 256 rows of 28 columns are far from the most parameters of a statement: 32,766 on SQLite
/// and 65,535 on PostgreSQL.
const ROWS: usize = 256;

/// Writes many rows with few statements, each of which the database has to understand only once.
///
/// SQL text of every size would be another prepared statement, so the sizes are powers of two.
#[derive(Debug)]
pub(crate) struct Inserts {
    backend: Backend,
    /// By table, whether its rows may be there already, and number of rows.
    texts: HashMap<(&'static str, bool, usize), String>,
}

impl Inserts {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, texts: HashMap::new() }
    }

    /// Inserts rows that lie one after the other in `values`.
    pub(crate) async fn insert(
        &mut self,
        write: &DatabaseTransaction,
        table: &'static Table,
        values: Vec<Value>,
    ) -> Result<(), Error> {
        let width = table.columns.len();
        debug_assert_eq!(values.len() % width, 0, "whole rows of {}", table.name);
        let mut left = values.len() / width;
        let mut values = values.into_iter();
        while left > 0 {
            let rows = if left >= ROWS { ROWS } else { 1 << left.ilog2() };
            left -= rows;
            let chunk: Vec<Value> = values.by_ref().take(rows * width).collect();
            let dialect = self.dialect();
            let sql = self.text(table, rows);
            write.execute_raw(Statement::from_sql_and_values(dialect, sql, chunk)).await?;
        }
        Ok(())
    }

    pub(crate) const fn dialect(&self) -> DbBackend {
        match self.backend {
            Backend::Sqlite => DbBackend::Sqlite,
            Backend::Postgres => DbBackend::Postgres,
        }
    }

    fn text(&mut self, table: &'static Table, rows: usize) -> &str {
        let backend = self.backend;
        self.texts.entry((table.name, table.on_conflict.is_empty(), rows)).or_insert_with(|| {
            // A statement that can be undone alone keeps a copy of every page that it changes. After an error the whole
            // transaction is given up, so there is no need: `OR FAIL` leaves what the statement did until then.
            let verb = match backend {
                Backend::Sqlite if table.on_conflict.is_empty() => "INSERT OR FAIL INTO",
                Backend::Sqlite | Backend::Postgres => "INSERT INTO",
            };
            let mut sql = format!("{verb} {} ({}) VALUES ", table.name, table.columns.join(", "));
            let width = table.columns.len();
            for row in 0..rows {
                sql.push_str(if row == 0 { "(" } else { ", (" });
                for column in 0..width {
                    if column > 0 {
                        sql.push_str(", ");
                    }
                    match backend {
                        // A numbered parameter would be looked up among all others.
                        Backend::Sqlite => sql.push('?'),
                        Backend::Postgres => {
                            sql.push('$');
                            sql.push_str(&(row * width + column + 1).to_string());
                        }
                    }
                }
                sql.push(')');
            }
            sql + table.on_conflict
        })
    }
}
