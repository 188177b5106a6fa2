//! Tables for people.

use super::Spread;

/// Rows under a head; the first column is flush left, the others right.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with this head.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|&cell| cell.to_owned()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Prints it under a title.
    pub(crate) fn print(&self, title: &str) {
        println!("{title}");
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let text = if column == 0 { format!(" {cell:<width$}") } else { format!("  {cell:>width$}") };
                line.push_str(&text);
            }
            println!("{}", line.trim_end());
        }
        println!();
    }
}

/// A rate as thousands, with its spread: `median (min-max)`.
pub(crate) fn rate(spread: &Spread) -> String {
    let text = |value: f64| match value {
        1e6.. => format!("{:.2} M", value / 1e6),
        1e4.. => format!("{:.1} k", value / 1e3),
        _ => format!("{value:.0}"),
    };
    format!("{} ({} - {})", text(spread.median), text(spread.min), text(spread.max))
}

/// A ratio: `12.3 x`.
pub(crate) fn times(ratio: f64) -> String {
    format!("{ratio:.2} x")
}
