//! Every crate has a README that is its crate doc; decision records are numbered without gaps and linked.

use super::Finding;
use super::tree::Tree;

const RECORDS: &str = "docs/adr/";
const INDEX: &str = "docs/adr/README.md";

/// Checks the READMEs of the crates and the decision records.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        tree.crates().iter().flat_map(|name| check_crate(tree, &format!("crates/{name}"), name)).collect();
    if tree.text("xtask/Cargo.toml").is_some() {
        findings.extend(check_crate(tree, "xtask", "xtask"));
    }
    findings.extend(check_records(tree));
    findings
}

fn check_crate(tree: &Tree, directory: &str, name: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let readme = format!("{directory}/README.md");
    match tree.text(&readme) {
        None => {
            findings.push(Finding::new(readme, 1, "the crate has no README; write what it is for and what it promises"))
        }
        Some(text) => {
            if text.lines().next() != Some(format!("# {name}").as_str()) {
                findings.push(Finding::new(&readme, 1, format!("the README does not begin with `# {name}`")));
            }
            if text.lines().filter(|line| !line.trim().is_empty()).count() < 2 {
                findings.push(Finding::new(&readme, 1, "the README says nothing; write what the crate is for"));
            }
        }
    }
    let roots: Vec<String> = ["lib.rs", "main.rs"]
        .iter()
        .map(|file| format!("{directory}/src/{file}"))
        .filter(|path| tree.text(path).is_some())
        .collect();
    let included =
        |path: &String| tree.text(path).is_some_and(|text| text.contains("#![doc = include_str!(\"../README.md\")]"));
    if let Some(first) = roots.first()
        && !roots.iter().any(included)
    {
        let sentence = "the README is not the crate doc; begin with `#![doc = include_str!(\"../README.md\")]`";
        findings.push(Finding::new(first, 1, sentence));
    }
    findings
}

fn check_records(tree: &Tree) -> Vec<Finding> {
    let index = tree.text(INDEX).unwrap_or_default();
    let mut findings = Vec::new();
    let mut expected = 1;
    for (path, _) in tree.iter() {
        let Some(file) = path.strip_prefix(RECORDS).filter(|file| *file != "README.md") else { continue };
        let Some(number) = number(file) else {
            findings.push(Finding::new(path, 1, "a decision record is called `NNNN-title.md`; rename it"));
            continue;
        };
        if number != expected {
            findings.push(Finding::new(path, 1, format!("the number {expected:04} comes next; renumber it")));
        }
        expected = number + 1;
        if !index.contains(&format!("({file})")) {
            findings.push(Finding::new(path, 1, format!("{INDEX} does not link to it; add `[title]({file})`")));
        }
    }
    findings
}

/// The number in `NNNN-title.md`.
fn number(file: &str) -> Option<u32> {
    let (digits, title) = file.strip_suffix(".md")?.split_once('-')?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) && title.bytes().all(plain);
    if valid { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).iter().map(ToString::to_string).collect()
    }

    const DOC: &str = "#![doc = include_str!(\"../README.md\")]\n";

    #[test]
    fn a_crate_with_its_readme_passes() {
        let found = findings(&[("crates/a/README.md", "# a\n\nPurpose.\n"), ("crates/a/src/lib.rs", DOC)]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_crate_without_its_readme_is_found() {
        assert!(findings(&[("crates/a/src/lib.rs", DOC)])[0].contains("has no README"));
        assert!(
            findings(&[("crates/a/README.md", "# b\n\nPurpose.\n"), ("crates/a/src/lib.rs", DOC)])[0].contains("`# a`")
        );
        assert!(findings(&[("crates/a/README.md", "# a\n"), ("crates/a/src/lib.rs", DOC)])[0].contains("says nothing"));
        let found = findings(&[("crates/a/README.md", "# a\n\nPurpose.\n"), ("crates/a/src/main.rs", "//! Other.\n")]);
        assert!(found[0].starts_with("crates/a/src/main.rs:1: the README is not the crate doc"), "{found:?}");
    }

    #[test]
    fn records_are_numbered_and_linked() {
        let index = ("docs/adr/README.md", "- [one](0001-one.md)\n- [two](0002-two.md)\n- [four](0004-four.md)\n");
        let one = ("docs/adr/0001-one.md", "");
        assert_eq!(findings(&[index, one, ("docs/adr/0002-two.md", "")]), [""; 0]);
        assert!(findings(&[index, one, ("docs/adr/0004-four.md", "")])[0].contains("0002 comes next"));
        assert!(findings(&[index, one, ("docs/adr/0002-other.md", "")])[0].contains("does not link"));
        assert!(findings(&[index, one, ("docs/adr/two.md", "")])[0].contains("`NNNN-title.md`"));
    }
}
