use db::Db;
use model::Mixer;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::{
    Error,
    store::{self, Table},
};

/// Rows that are read in one go.
const PAGE: usize = 5_000;

/// What a table holds, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableFingerprint {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// Hash over all rows in the order of their key.
    pub hash: u64,
}

/// What all tables hold, in short: equal for equal rows, on any database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// Each table.
    pub tables: Vec<TableFingerprint>,
}

impl std::fmt::Display for Fingerprint {
    /// A line for each table: its name, rows and hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, TableFingerprint { table, rows, hash }) in self.tables.iter().enumerate() {
            let end = if index + 1 == self.tables.len() { "" } else { "\n" };
            write!(f, "{table:<28} {rows:>12} {hash:016x}{end}")?;
        }
        Ok(())
    }
}

/// Reads all rows of all tables, page by page. It compares only when nobody writes meanwhile.
///
/// # Errors
/// What the database said.
pub async fn fingerprint(db: &Db) -> Result<Fingerprint, Error> {
    let mut tables = Vec::with_capacity(store::ALL.len());
    for table in store::ALL {
        tables.push(read(db, table).await?);
    }
    Ok(Fingerprint { tables })
}

async fn read(db: &Db, table: &'static Table) -> Result<TableFingerprint, Error> {
    let connection = db.read();
    let (columns, key) = (table.columns.join(", "), table.key.join(", "));
    let mut mixer = Mixer::new();
    let mut rows = 0;
    let mut beyond = String::new();
    loop {
        // Keys are integers, so they can stand in the text.
        let sql = format!("SELECT {columns} FROM {}{beyond} ORDER BY {key} LIMIT {PAGE}", table.name);
        let page = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
        for row in &page {
            take_in(&mut mixer, table, row)?;
        }
        rows += page.len() as u64;
        let Some(last) = page.last().filter(|_| page.len() == PAGE) else { break };
        let values: Result<Vec<String>, DbErr> =
            table.key.iter().map(|column| last.try_get::<i64>("", column).map(|value| value.to_string())).collect();
        beyond = format!(" WHERE ({key}) > ({})", values?.join(", "));
    }
    Ok(TableFingerprint { table: table.name, rows, hash: mixer.value() })
}

fn take_in(mixer: &mut Mixer, table: &Table, row: &QueryResult) -> Result<(), DbErr> {
    for (index, column) in table.columns.iter().enumerate() {
        if table.text.contains(column) {
            let text: String = row.try_get_by_index(index)?;
            mixer.word(text.len() as u64);
            for byte in text.bytes() {
                mixer.word(byte.into());
            }
        } else {
            match row.try_get_by_index::<Option<i64>>(index)? {
                Some(value) => mixer.pair(1, value.cast_unsigned()),
                None => mixer.pair(0, 0),
            }
        }
    }
    Ok(())
}
