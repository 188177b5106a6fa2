//! The recorded exceptions to the limits of length: `xtask/ratchet.toml`.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::length::{Measure, Measures};

/// Where the record lies.
pub(crate) const PATH: &str = "xtask/ratchet.toml";

/// Recorded lengths: files by path, functions by `path::name`.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Ratchet {
    pub(crate) files: BTreeMap<String, usize>,
    pub(crate) functions: BTreeMap<String, usize>,
}

impl Ratchet {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("{PATH} cannot be read"))
    }

    /// The record after `--update` (lower what shrank, drop what is gone or within its limit) and `--add` (record what
    /// is over its limit in these files). Nothing is ever raised, except by naming the file in `add`.
    pub(crate) fn revised(&self, measures: &Measures, update: bool, add: &[String]) -> Result<Self> {
        for path in add {
            if !measures.files.contains_key(path) {
                bail!("{path} is no Rust file of this repository; give its path from the root");
            }
        }
        let revise = |records: &BTreeMap<String, usize>, measured: &BTreeMap<String, Measure>| {
            let mut next = records.clone();
            if update {
                next.retain(|key, _| measured.get(key).is_some_and(Measure::is_over));
                for (key, record) in &mut next {
                    *record = measured.get(key).map_or(*record, |measure| measure.length.min(*record));
                }
            }
            for (key, measure) in measured {
                if measure.is_over() && add.contains(&measure.path) {
                    next.insert(key.clone(), measure.length);
                }
            }
            next
        };
        Ok(Self {
            files: revise(&self.files, &measures.files),
            functions: revise(&self.functions, &measures.functions),
        })
    }
}

impl fmt::Display for Ratchet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "# What is longer than the limits of `cargo xtask tidy`, in lines. Records only shrink:")?;
        writeln!(formatter, "# `cargo xtask tidy --update` lowers them, `--add PATH` makes a new one.")?;
        for (name, records) in [("files", &self.files), ("functions", &self.functions)] {
            writeln!(formatter, "\n[{name}]")?;
            for (key, length) in records {
                writeln!(formatter, "\"{key}\" = {length}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Ratchet;
    use crate::tidy::length::measure;
    use crate::tidy::tree::Tree;

    fn lines(count: usize) -> String {
        "const X: u8 = 1;\n".repeat(count)
    }

    fn record(path: &str, length: usize) -> Ratchet {
        Ratchet::parse(&format!("[files]\n\"{path}\" = {length}\n")).unwrap()
    }

    #[test]
    fn what_is_written_reads_back() {
        let ratchet = Ratchet::parse("[files]\n\"a.rs\" = 600\n[functions]\n\"a.rs::f\" = 80\n").unwrap();
        assert_eq!(Ratchet::parse(&ratchet.to_string()).unwrap(), ratchet);
        assert!(Ratchet::parse("[others]\n").is_err());
    }

    #[test]
    fn an_update_lowers_and_drops_but_never_raises() {
        let measures = |count: usize| measure(&Tree::of(&[("a.rs", &lines(count))]));
        assert_eq!(record("a.rs", 700).revised(&measures(600), true, &[]).unwrap(), record("a.rs", 600));
        assert_eq!(record("a.rs", 700).revised(&measures(500), true, &[]).unwrap(), Ratchet::default());
        assert_eq!(record("a.rs", 600).revised(&measures(700), true, &[]).unwrap(), record("a.rs", 600));
        assert_eq!(record("b.rs", 600).revised(&measures(700), true, &[]).unwrap(), Ratchet::default());
    }

    #[test]
    fn a_new_exception_needs_its_name() {
        let measures = measure(&Tree::of(&[("a.rs", &lines(600)), ("b.rs", &lines(600))]));
        let added = Ratchet::default().revised(&measures, false, &["a.rs".to_owned()]).unwrap();
        assert_eq!(added, record("a.rs", 600));
        assert!(Ratchet::default().revised(&measures, false, &["c.rs".to_owned()]).is_err());
    }
}
