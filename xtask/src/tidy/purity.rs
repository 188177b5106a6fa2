//! The core is a pure function: `model` and `engine` reach no runtime, clock, random, SQL, network or float, and what
//! they compute never depends on the order in which a hash map happens to be walked.

use std::collections::BTreeSet;

use super::Finding;
use super::layers::line_of_key;
use super::source::{Source, Token};
use super::tree::Tree;

/// The crates whose results must be the same on every machine and every run.
const PURE: [&str; 2] = ["model", "engine"];

/// What they may depend on. Each computes, allocates or checks, and does nothing else.
const DEPENDENCIES: &[&str] = &[
    "model",
    "ahash",
    "arrayvec",
    "bitflags",
    "bytemuck",
    "crc32c",
    "foldhash",
    "hashbrown",
    "indexmap",
    "itoa",
    "rustc-hash",
    "serde",
    "sha2",
    "slab",
    "smallvec",
    "static_assertions",
    "thiserror",
    "twox-hash",
    "xxhash-rust",
];

/// Words that the code of these crates must not contain.
const WORDS: &[(&str, &str)] = &[
    ("f32", "money and measures are integers"),
    ("f64", "money and measures are integers"),
    ("SystemTime", "time is an argument of `apply`"),
    ("Instant", "time is an argument of `apply`"),
    ("RandomState", "nothing here is random; use a fixed hasher"),
    ("tokio", "the core runs on one thread and waits for nothing"),
    ("async", "the core runs on one thread and waits for nothing"),
    ("rand", "nothing here is random; ids and seeds are passed in"),
    ("sea_orm", "the core knows no database"),
];

/// Modules of the standard library that reach outside of the process.
const MODULES: [&str; 5] = ["env", "fs", "net", "process", "thread"];

/// Methods that walk a map in its own order.
const WALKS: [&str; 9] =
    ["iter", "iter_mut", "into_iter", "keys", "into_keys", "values", "values_mut", "into_values", "drain"];

/// A comment with this word, on the line or the line before, says why the order does not matter.
const EXCUSE: &str = "order-free:";

/// Checks the manifests and sources of the pure crates.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in PURE {
        let path = format!("crates/{name}/Cargo.toml");
        if let Some(text) = tree.text(&path) {
            findings.extend(check_manifest(name, &path, text));
        }
        for (path, text) in tree.rust(&format!("crates/{name}/src/")) {
            if let Ok(source) = Source::parse(text) {
                findings.extend(check_words(path, &source));
                findings.extend(check_walks(path, text, &source));
            }
        }
    }
    findings
}

fn check_manifest(name: &str, path: &str, text: &str) -> Vec<Finding> {
    let manifest = text.parse::<toml::Table>().unwrap_or_default();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    let names = dependencies.into_iter().flat_map(toml::Table::keys);
    names
        .filter(|dependency| !DEPENDENCIES.contains(&dependency.as_str()))
        .map(|dependency| {
            let sentence = format!(
                "`{name}` is a pure function and may not depend on `{dependency}`; do without it, or show that it reaches \
                 no clock, random, network or float and list it in xtask/src/tidy/purity.rs"
            );
            Finding::new(path, line_of_key(text, dependency), sentence)
        })
        .collect()
}

fn check_words(path: &str, source: &Source) -> Vec<Finding> {
    let tokens: Vec<&Token> = source.tokens.iter().filter(|token| !token.test).collect();
    let mut findings = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        if let Some((word, reason)) = WORDS.iter().find(|(word, _)| *word == token.text) {
            findings.push(Finding::new(path, token.line, format!("`{word}` has no place in the core: {reason}")));
        }
        // After a dot these are the fields of nested tuples.
        let nested = index.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|token| token.text == ".");
        if token.is_float() && !nested {
            let sentence = format!("`{}` is a float: money and measures are integers", token.text);
            findings.push(Finding::new(path, token.line, sentence));
        }
        let rest = tokens.get(index..).unwrap_or_default();
        if let Some((line, module)) = outside_module(rest) {
            let sentence = format!("`std::{module}` reaches outside of the core; pass in what is needed");
            findings.push(Finding::new(path, line, sentence));
        }
    }
    findings
}

/// The forbidden module in `std::module` or `std::{…, module, …}` at the head of `tokens`.
fn outside_module(tokens: &[&Token]) -> Option<(usize, String)> {
    let texts: Vec<&str> = tokens.iter().take(40).map(|token| token.text.as_str()).collect();
    let ["std" | "core", ":", ":", rest @ ..] = texts.as_slice() else { return None };
    let end = if rest.first() == Some(&"{") { rest.iter().position(|text| *text == ";")? } else { 1 };
    let first = |index: usize| index == 0 || matches!(rest.get(index - 1), Some(&"{" | &","));
    let index = (0..end).find(|index| first(*index) && rest.get(*index).is_some_and(|text| MODULES.contains(text)))?;
    Some((tokens.get(index + 3)?.line, (*rest.get(index)?).to_owned()))
}

/// Names are all that is known here: a walk over anything that is declared in the same file as a hash map is found.
fn check_walks(path: &str, text: &str, source: &Source) -> Vec<Finding> {
    let tokens: Vec<&Token> = source.tokens.iter().filter(|token| !token.test).collect();
    let maps = hash_maps(&tokens);
    let lines: Vec<&str> = text.lines().collect();
    let excused = |line: usize| {
        let near = lines.get(line.saturating_sub(2)..line).unwrap_or_default();
        near.iter().any(|text| text.contains(EXCUSE))
    };
    let mut findings = Vec::new();
    for index in 0..tokens.len() {
        let Some((line, name)) = walk(tokens.get(index..).unwrap_or_default(), &maps) else { continue };
        if !excused(line) {
            let sentence = format!(
                "`{name}` is a hash map and is walked here in an order of its own; sort first, use an ordered map, or say \
                 why it does not matter in a comment that begins with `{EXCUSE}`"
            );
            findings.push(Finding::new(path, line, sentence));
        }
    }
    findings
}

/// The names that are declared as `name: …HashMap…` or bound as `let name = HashMap…`.
fn hash_maps<'a>(tokens: &[&'a Token]) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for (index, token) in tokens.iter().enumerate() {
        if !["HashMap", "HashSet", "HashTable"].contains(&token.text.as_str()) {
            continue;
        }
        // Back over the type to the single colon, or over the path to the sign of equality.
        let before = tokens.get(index.saturating_sub(12)..index).unwrap_or_default();
        let mut at = before.len();
        while let Some(token) = at.checked_sub(1).and_then(|last| before.get(last)) {
            match token.text.as_str() {
                ":" if at >= 2 && before.get(at - 2).is_some_and(|other| other.text == ":") => at -= 2,
                ":" | "=" => {
                    if let Some(name) = at.checked_sub(2).and_then(|index| before.get(index))
                        && name.is_word()
                    {
                        names.insert(name.text.as_str());
                    }
                    break;
                }
                ";" | "{" | "}" | "(" | ")" | "," => break,
                _ => at -= 1,
            }
        }
    }
    names
}

/// The map that is walked at the head of `tokens`: `map.iter()` and its like, or `for … in &map {`.
fn walk<'a>(tokens: &[&'a Token], maps: &BTreeSet<&str>) -> Option<(usize, &'a str)> {
    let text = |index: usize| tokens.get(index).map_or("", |token| token.text.as_str());
    let first = tokens.first()?;
    if maps.contains(first.text.as_str()) && text(1) == "." && WALKS.contains(&text(2)) && text(3) == "(" {
        return Some((tokens.get(2)?.line, &first.text));
    }
    if first.text != "in" {
        return None;
    }
    let mut index = 1;
    while ["&", "mut", "self", "."].contains(&text(index)) {
        index += 1;
    }
    let name = tokens.get(index)?;
    (maps.contains(name.text.as_str()) && text(index + 1) == "{").then_some((name.line, &name.text))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn findings(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_dependency_that_is_not_listed_is_found() {
        let found =
            findings("crates/engine/Cargo.toml", "[dependencies]\nmodel.workspace = true\ntokio.workspace = true");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/engine/Cargo.toml:3: "), "{found:?}");
        assert!(findings("crates/engine/Cargo.toml", "[dev-dependencies]\nproptest.workspace = true").is_empty());
        assert!(findings("crates/node/Cargo.toml", "[dependencies]\ntokio.workspace = true").is_empty());
    }

    #[test]
    fn floats_clocks_and_the_outside_are_found() {
        for line in [
            "fn price() -> f64 { 0 }",
            "const RATE: Rate = Rate::of(0.5);",
            "fn now() -> std::time::Instant;",
            "use std::fs::File;",
            "use std::{collections::BTreeMap, thread};",
            "async fn apply() {}",
        ] {
            assert_eq!(findings("crates/model/src/lib.rs", line).len(), 1, "{line}");
        }
        for line in [
            "use std::time::Duration;",
            "use std::{fmt, collections::BTreeMap};",
            "const WORD: &str = \"f64\";",
            "#[cfg(test)] mod tests { fn rate() -> f64 { 0.5 } }",
            "fn first() { pair.0.1; }",
        ] {
            assert_eq!(findings("crates/model/src/lib.rs", line), [""; 0], "{line}");
        }
    }

    #[test]
    fn walks_over_hash_maps_are_found_unless_excused() {
        let field = "struct Book { orders: HashMap<Id, Order>, levels: BTreeMap<Price, Level> }\n";
        let walk = |body: &str| findings("crates/engine/src/book.rs", &format!("{field}fn f(&self) {{\n{body}\n}}"));
        assert_eq!(walk("self.orders.values().sum()").len(), 1);
        assert_eq!(walk("for (id, order) in &mut self.orders {}").len(), 1);
        assert_eq!(walk("let seen = std::collections::HashSet::new();\nseen.iter();").len(), 1);
        assert_eq!(walk("// order-free: a sum\nself.orders.values().sum()"), [""; 0]);
        assert_eq!(walk("self.orders.get(&id); self.levels.values(); self.orders.len()"), [""; 0]);
    }
}
