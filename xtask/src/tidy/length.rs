//! Files and functions fit a reader: limits of length, with exceptions that may only shrink.

use std::collections::{BTreeMap, BTreeSet};

use super::Finding;
use super::ratchet::{self, Ratchet};
use super::source::Source;
use super::tree::{Tree, line_of};

/// Lines that a file and a function may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    file: usize,
    function: usize,
}

const CODE: Limits = Limits { file: 500, function: 70 };
/// Tests are read one at a time, so they may be longer; a file that holds both keeps both limits.
const TESTS: Limits = Limits { file: 900, function: 150 };

/// One length, and whether it is over its limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measure {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) length: usize,
    pub(crate) limit: usize,
}

impl Measure {
    pub(crate) fn is_over(&self) -> bool {
        self.length > self.limit
    }
}

/// What was measured: files by path, functions by `path::name`.
#[derive(Default)]
pub(crate) struct Measures {
    pub(crate) files: BTreeMap<String, Measure>,
    /// Of functions of one name in one file, the one that is furthest over its limit, or else the longest.
    pub(crate) functions: BTreeMap<String, Measure>,
    /// Files that could not be read as Rust.
    unreadable: Vec<Finding>,
}

/// Measures every Rust file.
pub(crate) fn measure(tree: &Tree) -> Measures {
    let mut measures = Measures::default();
    let mut sources = Vec::new();
    for (path, text) in tree.rust("") {
        match Source::parse(text) {
            Ok(source) => sources.push((path, text, source)),
            Err((line, error)) => {
                let sentence = format!("this is not Rust that the checks can read: {error}");
                measures.unreadable.push(Finding::new(path, line, sentence));
            }
        }
    }
    let test_modules: BTreeSet<String> =
        sources.iter().flat_map(|(path, _, source)| files_of_modules(path, &source.test_modules)).collect();
    for (path, text, source) in &sources {
        measures.add(path, text, source, is_test(path, &test_modules));
    }
    measures
}

impl Measures {
    fn add(&mut self, path: &str, text: &str, source: &Source, test: bool) {
        let total = text.lines().count();
        let code = total.saturating_sub(source.test_lines);
        // A file of code with its tests below keeps the limit for code without them, and that for tests with them.
        let (length, limit) = match test {
            true => (total, TESTS.file),
            false if code <= CODE.file && total > TESTS.file => (total, TESTS.file),
            false => (code, CODE.file),
        };
        self.files.insert(path.to_owned(), Measure { path: path.to_owned(), line: 1, length, limit });
        for function in &source.functions {
            let limit = if test || function.test { TESTS.function } else { CODE.function };
            let measure = Measure { path: path.to_owned(), line: function.line, length: function.length, limit };
            let key = format!("{path}::{}", function.name);
            let excess = |measure: &Measure| (measure.is_over(), measure.length);
            let longest = self.functions.get(&key).is_none_or(|other| excess(other) < excess(&measure));
            if longest {
                self.functions.insert(key, measure);
            }
        }
    }
}

/// Directories of tests and benchmarks, and modules that are declared for tests only.
fn is_test(path: &str, modules: &BTreeSet<String>) -> bool {
    let directory = path.split('/').any(|part| ["tests", "benches"].contains(&part));
    let declared = modules.iter().any(|module| path == module || module.ends_with('/') && path.starts_with(module));
    directory || declared || path.ends_with("/tests.rs")
}

/// Where the modules that `path` declares may lie: a file, or all of a directory.
fn files_of_modules(path: &str, modules: &[String]) -> Vec<String> {
    let (directory, file) = path.rsplit_once('/').unwrap_or(("", path));
    let base = match file {
        "lib.rs" | "main.rs" | "mod.rs" => directory.to_owned(),
        other => format!("{directory}/{}", other.trim_end_matches(".rs")),
    };
    modules.iter().flat_map(|name| [format!("{base}/{name}.rs"), format!("{base}/{name}/")]).collect()
}

/// Compares the lengths with the limits and with the recorded exceptions, the text of `xtask/ratchet.toml`.
pub(crate) fn check(measures: &Measures, recorded: &str) -> Vec<Finding> {
    let mut findings = measures.unreadable.clone();
    let ratchet = match Ratchet::parse(recorded) {
        Ok(ratchet) => ratchet,
        Err(error) => {
            findings.push(Finding::new(ratchet::PATH, 1, format!("{error:#}")));
            return findings;
        }
    };
    for (what, measures, records) in
        [("file", &measures.files, &ratchet.files), ("function", &measures.functions, &ratchet.functions)]
    {
        for (key, measure) in measures {
            findings.extend(compare(what, key, measure, records.get(key).copied(), recorded));
        }
        for key in records.keys().filter(|key| !measures.contains_key(*key)) {
            let sentence = format!("the {what} `{key}` is gone; run `cargo xtask tidy --update`");
            findings.push(Finding::new(ratchet::PATH, line_of(recorded, key), sentence));
        }
    }
    findings
}

fn compare(what: &str, key: &str, measure: &Measure, record: Option<usize>, recorded: &str) -> Option<Finding> {
    let length = measure.length;
    let name = key.rsplit("::").next().unwrap_or(key);
    let here = |sentence: String| Some(Finding::new(measure.path.as_str(), measure.line, sentence));
    match record {
        None if measure.is_over() => here(format!(
            "the {what} `{name}` has {length} lines, the limit is {}; split it by what changes together",
            measure.limit
        )),
        Some(record) if length > record => here(format!(
            "the {what} `{name}` grew to {length} lines, {record} are recorded; exceptions only shrink: split it",
        )),
        Some(record) if length < record => {
            let sentence =
                format!("the {what} `{key}` shrank from {record} to {length} lines; run `cargo xtask tidy --update`");
            Some(Finding::new(ratchet::PATH, line_of(recorded, key), sentence))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{check, measure};
    use crate::tidy::tree::Tree;

    fn lines(count: usize) -> String {
        "const X: u8 = 1;\n".repeat(count)
    }

    fn function(name: &str, length: usize) -> String {
        format!("fn {name}() {{\n{}}}\n", "    call();\n".repeat(length - 2))
    }

    fn findings(path: &str, text: &str, recorded: &str) -> Vec<String> {
        check(&measure(&Tree::of(&[(path, text)])), recorded).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn files_have_a_limit_and_tests_a_wider_one() {
        assert_eq!(findings("crates/a/src/lib.rs", &lines(500), ""), [""; 0]);
        assert!(findings("crates/a/src/lib.rs", &lines(501), "")[0].contains("has 501 lines, the limit is 500"));
        assert_eq!(findings("crates/a/tests/it/main.rs", &lines(900), ""), [""; 0]);
        assert_eq!(findings("crates/a/tests/it/main.rs", &lines(901), "").len(), 1);
        let below = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(450), lines(400));
        assert_eq!(findings("crates/a/src/lib.rs", &below, ""), [""; 0]);
        let much = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", lines(450), lines(500));
        assert!(findings("crates/a/src/lib.rs", &much, "")[0].contains("has 953 lines, the limit is 900"));
    }

    #[test]
    fn functions_have_a_limit_and_tests_a_wider_one() {
        assert_eq!(findings("crates/a/src/lib.rs", &function("f", 70), ""), [""; 0]);
        let text = format!("{}{}", function("f", 10), function("g", 71));
        let found = findings("crates/a/src/lib.rs", &text, "");
        assert_eq!(
            found,
            [
                "crates/a/src/lib.rs:11: the function `g` has 71 lines, the limit is 70; split it by what changes together"
            ]
        );
        assert_eq!(findings("crates/a/src/lib.rs", &format!("#[test]\n{}", function("f", 150)), ""), [""; 0]);
        assert_eq!(findings("crates/a/src/lib.rs", &format!("#[test]\n{}", function("f", 151)), "").len(), 1);
    }

    #[test]
    fn a_module_declared_for_tests_counts_as_tests() {
        let tree = Tree::of(&[
            ("crates/a/src/book.rs", "#[cfg(test)]\nmod naive;\n"),
            ("crates/a/src/book/naive.rs", &lines(600)),
            ("crates/a/src/book/fast.rs", &lines(600)),
        ]);
        let found = check(&measure(&tree), "");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/a/src/book/fast.rs");
    }

    #[test]
    fn exceptions_only_shrink() {
        let path = "crates/a/src/lib.rs";
        let record = "[files]\n\"crates/a/src/lib.rs\" = 600\n[functions]\n\"crates/a/src/lib.rs::f\" = 80\n";
        let text = |file: usize, long: usize| format!("{}{}", lines(file - long), function("f", long));
        assert_eq!(findings(path, &text(600, 80), record), [""; 0]);
        assert!(findings(path, &text(601, 80), record)[0].contains("grew to 601 lines, 600 are recorded"));
        assert!(findings(path, &text(600, 81), record)[0].contains("`f` grew to 81 lines"));
        let shrunk = findings(path, &text(590, 80), record);
        assert_eq!(shrunk.len(), 1);
        assert!(shrunk[0].starts_with("xtask/ratchet.toml:2: ") && shrunk[0].contains("--update"), "{shrunk:?}");
        assert!(findings("crates/a/src/new.rs", "", record).iter().all(|found| found.contains("is gone")));
    }

    #[test]
    fn what_cannot_be_read_is_found() {
        assert!(findings("crates/a/src/lib.rs", "fn f( {", "")[0].contains("not Rust"));
    }
}
