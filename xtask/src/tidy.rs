//! `cargo xtask tidy`: the rules that the compiler cannot keep, each as a check over the text of the repository.
//!
//! A check is a function from a [`Tree`] to findings, so that its tests feed it a few lines of text.

mod docs;
mod layers;
mod length;
mod map;
mod purity;
mod ratchet;
mod source;
mod tables;
mod tree;
mod words;

use std::fmt;

use anyhow::{Result, bail};

use crate::machine;
use ratchet::Ratchet;
use tree::Tree;

/// One broken rule, at one place, with a sentence on what to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    message: String,
}

impl Finding {
    fn new(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.path, self.line, self.message)
    }
}

/// Checks the repository; `update` lowers the ratchet first, `add` names files whose length becomes an exception.
pub(crate) fn run(update: bool, add: &[String]) -> Result<()> {
    let tree = Tree::read(&machine::root())?;
    let measured = length::measure(&tree);
    if update || !add.is_empty() {
        let recorded = Ratchet::parse(tree.text(ratchet::PATH).unwrap_or_default())?;
        let next = recorded.revised(&measured, update, add)?;
        std::fs::write(machine::root().join(ratchet::PATH), next.to_string())?;
        return run(false, &[]);
    }
    let mut findings = check(&tree);
    findings.extend(length::check(&measured, tree.text(ratchet::PATH).unwrap_or_default()));
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("tidy: {} files keep every rule", tree.len());
            Ok(())
        }
        count => bail!("tidy: {count} places break a rule"),
    }
}

/// Every check but that of the lengths, which needs its record.
fn check(tree: &Tree) -> Vec<Finding> {
    let checks = [layers::check, purity::check, tables::check, map::check, docs::check, words::check];
    checks.iter().flat_map(|check| check(tree)).collect()
}
