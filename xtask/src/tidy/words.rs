//! Nothing that was meant to be temporary, and nobody's own machine, is left in the repository.

use super::Finding;
use super::tree::Tree;

/// What must not stand in any tracked text, with what to do. Split, so that this file keeps its own rule.
const WORDS: &[(&[&str], &str)] = &[
    (&["TO", "DO"], "finish it, or open an issue and say what stands today"),
    (&["FIX", "ME"], "fix it, or open an issue and say what stands today"),
    (&["db", "g!("], "remove it, or log what is worth logging"),
    (&["to", "do!("], "write it, or leave the item out until it is wanted"),
    (&["unimple", "mented!("], "write it, or leave the item out until it is wanted"),
];

/// Beginnings of absolute paths that exist only on somebody's machine.
const PLACES: &[&[&str]] = &[&["/ro", "ot/"], &["/ho", "me/"], &["/Us", "ers/"], &["/wo", "rk/"], &["C:", "\\Users\\"]];

/// Files that others write.
const OTHERS: &[&str] = &["Cargo.lock", "package-lock.json", "LICENSE-APACHE", "LICENSE-MIT"];

/// Searches every tracked text.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let words: Vec<(String, &str)> = WORDS.iter().map(|(parts, advice)| (parts.concat(), *advice)).collect();
    let places: Vec<String> = PLACES.iter().map(|parts| parts.concat()).collect();
    let mut findings = Vec::new();
    for (path, text) in tree.iter() {
        if OTHERS.iter().any(|other| path.ends_with(other)) {
            continue;
        }
        for (index, line) in text.lines().enumerate() {
            for (word, advice) in &words {
                if stands_in(line, word) {
                    findings.push(Finding::new(path, index + 1, format!("`{word}` is left here; {advice}")));
                }
            }
            for place in &places {
                if begins_path(line, place) {
                    let sentence =
                        format!("`{place}…` exists on one machine only; use a path relative to the root or a setting");
                    findings.push(Finding::new(path, index + 1, sentence));
                }
            }
        }
    }
    findings
}

/// Whether `word` stands in `line` as a word of its own.
fn stands_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        let part = |character: Option<char>| character.is_some_and(|it| it.is_alphanumeric() || it == '_');
        !part(before) && (word.ends_with('(') || !part(after))
    })
}

/// Whether an absolute path that begins with `place` stands in `line`: one that continues another path does not count.
fn begins_path(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|it| it.is_alphanumeric() || "._-/~}*".contains(it))
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn findings(line: &str) -> usize {
        check(&Tree::of(&[("crates/a/src/lib.rs", &format!("first\n{line}\n"))])).len()
    }

    #[test]
    fn left_over_words_are_found() {
        for parts in [["// TO", "DO: later"], ["# FIX", "ME"], ["    db", "g!(x);"], ["    to", "do!()"]] {
            assert_eq!(findings(&parts.concat()), 1, "{parts:?}");
        }
        for line in ["a mastodont", "METHODO", "fn todos()", "Todo is a word"] {
            assert_eq!(findings(line), 0, "{line}");
        }
    }

    #[test]
    fn paths_of_one_machine_are_found() {
        for parts in [["include!(\"/ho", "me/anna/x.rs\")"], ["cd /wo", "rk/main"], ["see /Us", "ers/bob"]] {
            assert_eq!(findings(&parts.concat()), 1, "{parts:?}");
        }
        for line in ["https://example.org/home/page", "src/work/item.rs", "target/work/", "${HOME}/work/x"] {
            assert_eq!(findings(line), 0, "{line}");
        }
    }

    #[test]
    fn a_finding_names_its_line() {
        let tree = Tree::of(&[("a.md", &["x\ny TO", "DO\n"].concat())]);
        assert!(check(&tree)[0].to_string().starts_with("a.md:2: "));
    }
}
