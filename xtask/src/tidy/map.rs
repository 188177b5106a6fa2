//! The crate map of `ARCHITECTURE.md` names exactly the crates that stand, each in its layer.

use super::Finding;
use super::layers;
use super::tree::Tree;

const PATH: &str = "ARCHITECTURE.md";

/// Compares the rows `| layer | `crate` | …` of the map with `crates/`.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let crates = tree.crates();
    let Some(text) = tree.text(PATH) else {
        return vec![Finding::new(PATH, 1, "the map is missing; write it, with a row for every crate")];
    };
    let rows: Vec<(usize, &str, &str)> = text
        .lines()
        .enumerate()
        .filter_map(|(index, line)| row(line).map(|(layer, name)| (index + 1, layer, name)))
        .collect();
    let mut findings = Vec::new();
    for name in &crates {
        if !rows.iter().any(|(_, _, mapped)| mapped == name) {
            let sentence = format!("the map has no row for `{name}`; add `| layer | \\`{name}\\` | …`");
            findings.push(Finding::new(PATH, 1, sentence));
        }
    }
    for (index, (line, layer, name)) in rows.iter().enumerate() {
        if !crates.contains(name) {
            findings.push(Finding::new(
                PATH,
                *line,
                format!("the map names `{name}`, which is not in crates/; remove it"),
            ));
        } else if rows.iter().take(index).any(|(_, _, other)| other == name) {
            findings.push(Finding::new(PATH, *line, format!("the map names `{name}` twice; keep one row")));
        } else if let Some(planned) = layers::layer(name)
            && planned.to_string() != *layer
        {
            let sentence =
                format!("the map puts `{name}` in layer {layer}, xtask/src/tidy/layers.rs in {planned}; agree");
            findings.push(Finding::new(PATH, *line, sentence));
        }
    }
    findings
}

/// The layer and the crate of a row of the map; nothing for any other line.
fn row(line: &str) -> Option<(&str, &str)> {
    let mut cells = line.strip_prefix('|')?.split('|').map(str::trim);
    let layer = cells.next().filter(|cell| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()))?;
    let name = cells.next()?.strip_prefix('`')?.strip_suffix('`')?;
    Some((layer, name))
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::tree::Tree;

    fn findings(map: &str) -> Vec<String> {
        let tree =
            Tree::of(&[("ARCHITECTURE.md", map), ("crates/model/Cargo.toml", ""), ("crates/node/Cargo.toml", "")]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    const HEAD: &str = "# Map\n| layer | crate | purpose |\n| --- | --- | --- |\n";

    #[test]
    fn a_map_that_agrees_passes() {
        assert_eq!(findings(&format!("{HEAD}| 0 | `model` | x |\n| 2 | `node` | y |\n")), [""; 0]);
    }

    #[test]
    fn a_map_that_disagrees_is_found() {
        let found = |rows: &str| findings(&format!("{HEAD}{rows}")).join("\n");
        assert!(found("| 0 | `model` | x |\n").contains("no row for `node`"));
        let gone = found("| 0 | `model` | x |\n| 2 | `node` | y |\n| 1 | `engine` | z |\n");
        assert!(
            gone.starts_with("ARCHITECTURE.md:6: ") && gone.contains("`engine`, which is not in crates/"),
            "{gone}"
        );
        assert!(found("| 0 | `model` | x |\n| 2 | `node` | y |\n| 2 | `node` | y |\n").contains("twice"));
        assert!(found("| 1 | `model` | x |\n| 2 | `node` | y |\n").contains("in layer 1"));
        assert!(check(&Tree::of(&[]))[0].message.contains("missing"));
    }
}
