//! Amounts as integers, read from the text of answers.

use anyhow::{Context as _, ensure};

/// Decimals of an [`Amount`]: as many as the finest asset of the demo has.
const DECIMALS: usize = 12;

/// 10^-12 of an asset.
pub(crate) type Amount = i128;

/// Reads `-12.5`.
pub(crate) fn parse(text: &str) -> anyhow::Result<Amount> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    ensure!(part.len() <= DECIMALS, "the amount {text} is finer than any asset");
    let digits = format!("{whole}{part:0<DECIMALS$}");
    digits.parse().with_context(|| format!("{text} is no amount"))
}

/// Writes it for people.
pub(crate) fn show(amount: Amount) -> String {
    let one = 10i128.pow(12);
    let sign = if amount < 0 { "-" } else { "" };
    format!("{sign}{}.{:012}", amount.abs() / one, amount.abs() % one)
}

#[cfg(test)]
mod tests {
    use super::{parse, show};

    #[test]
    fn amounts_are_exact() {
        assert_eq!(parse("1").unwrap(), 1_000_000_000_000);
        assert_eq!(parse("0.00000001").unwrap(), 10_000);
        assert_eq!(show(parse("100000000.060000000000").unwrap()), "100000000.060000000000");
        assert_eq!(show(-1), "-0.000000000001");
        assert!(parse("1.0000000000001").is_err());
        assert!(parse("x").is_err());
    }
}
