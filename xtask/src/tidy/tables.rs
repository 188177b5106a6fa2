//! A crate reads and writes only tables that bear its own prefix: `identity_…` in `identity`.

use super::Finding;
use super::source::{Source, Token};
use super::tree::Tree;

/// Tables that belong to the database or to its migrations, which any crate may name.
const SYSTEM: &[&str] = &["information_schema", "pg_", "seaql_migrations", "sqlite_"];

/// Words of SQL that stand before the name of a table.
const BEFORE_TABLE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS ",
    "DROP TABLE IF EXISTS ",
    "CREATE TABLE ",
    "DROP TABLE ",
    "ALTER TABLE ",
    "INSERT INTO ",
    "REPLACE INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "TRUNCATE ",
    "FROM ",
    "JOIN ",
];

/// Checks every crate that knows a database.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in tree.crates() {
        if !knows_a_database(tree.text(&format!("crates/{name}/Cargo.toml")).unwrap_or_default()) {
            continue;
        }
        for (path, text) in tree.rust(&format!("crates/{name}/src/")) {
            if let Ok(source) = Source::parse(text) {
                findings.extend(check_file(name, path, &source));
            }
        }
    }
    findings
}

/// Whether a manifest names one of the libraries that speak SQL.
fn knows_a_database(manifest: &str) -> bool {
    let manifest = manifest.parse::<toml::Table>().unwrap_or_default();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    dependencies
        .is_some_and(|table| ["sea-orm", "sea-orm-migration", "sqlx"].iter().any(|key| table.contains_key(*key)))
}

fn check_file(name: &str, path: &str, source: &Source) -> Vec<Finding> {
    let prefix = format!("{name}_");
    let tables = tables(source);
    let foreign = tables
        .into_iter()
        .filter(|(_, table)| !table.starts_with(&prefix) && !SYSTEM.iter().any(|system| table.starts_with(system)));
    foreign
        .map(|(line, table)| {
            let sentence = format!(
                "the table `{table}` does not begin with `{prefix}`; a crate reads and writes only its own tables: rename \
                 it, or ask the crate that owns it"
            );
            Finding::new(path, line, sentence)
        })
        .collect()
}

/// The tables that a file names outside of its tests, with their lines.
fn tables(source: &Source) -> Vec<(usize, String)> {
    let tokens: Vec<&Token> = source.tokens.iter().filter(|token| !token.test).collect();
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let rest = tokens.get(index..).unwrap_or_default();
        let texts: Vec<&str> = rest.iter().take(8).map(|token| token.text.as_str()).collect();
        match texts.as_slice() {
            // The attribute of an entity.
            ["table_name", "=", ..] => found.extend(rest.get(2).and_then(|token| literal(token))),
            // A statement of the query builder, with a literal, an alias or a name of an enumeration.
            ["." | ":", "table", "(", "Alias", ":", ":", "new", "("] => {
                found.extend(rest.get(8).and_then(|token| literal(token)))
            }
            [".", "table", "(", enumeration, ":", ":", "Table", ")"] => {
                found.push((token.line, iden(enumeration, &tokens)));
            }
            [".", "table", "(", ..] => found.extend(rest.get(3).and_then(|token| literal(token))),
            _ => {}
        }
        if let Some(sql) = token.string() {
            found.extend(tables_of_sql(sql).into_iter().map(|table| (token.line, table)));
        }
    }
    found
}

fn literal(token: &Token) -> Option<(usize, String)> {
    token.string().map(|text| (token.line, text.to_owned()))
}

/// The table's name that an enumeration of columns stands for: its `iden` attribute, or its own name in snake case.
fn iden(enumeration: &str, tokens: &[&Token]) -> String {
    let declared = tokens
        .windows(2)
        .position(|pair| matches!(pair, [keyword, name] if keyword.text == "enum" && name.text == enumeration));
    let before = declared.map_or(&[][..], |at| tokens.get(at.saturating_sub(12)..at).unwrap_or_default());
    let from = before.iter().rposition(|token| token.text == ";" || token.text == "}").map_or(0, |at| at + 1);
    let attributes = before.get(from..).unwrap_or_default();
    let named = attributes.windows(3).find_map(|window| match window {
        [key, _, value] if key.text == "iden" => value.string(),
        _ => None,
    });
    named.map_or_else(|| snake_case(enumeration), str::to_owned)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for (index, character) in name.char_indices() {
        if character.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

/// The tables in a piece of SQL. Only words in capitals count as SQL, so that prose is not read as a query.
fn tables_of_sql(sql: &str) -> Vec<String> {
    let statement = [
        "SELECT ",
        "INSERT INTO ",
        "UPDATE ",
        "DELETE FROM ",
        "REPLACE INTO ",
        "CREATE ",
        "DROP ",
        "ALTER ",
        "TRUNCATE ",
        "WITH ",
    ];
    if !statement.iter().any(|word| sql.trim_start().starts_with(word)) {
        return Vec::new();
    }
    let mut tables = Vec::new();
    // Only an index names its table after this word; elsewhere it begins a condition.
    let index = ["CREATE INDEX ", "CREATE UNIQUE INDEX "].iter().any(|word| sql.trim_start().starts_with(word));
    for keyword in BEFORE_TABLE.iter().chain(index.then_some(&"ON ")) {
        for (at, _) in sql.match_indices(keyword) {
            let own_word = sql.get(..at).is_some_and(|before| !before.ends_with(|last: char| last.is_alphanumeric()));
            let after = sql.get(at + keyword.len()..).unwrap_or_default().trim_start_matches(['"', '\\', '`', ' ']);
            let name: String = after.chars().take_while(|next| next.is_ascii_alphanumeric() || *next == '_').collect();
            // Lower case is a table; `UPDATE SET`, `(SELECT …)` and parameters are not.
            if own_word && name.starts_with(|first: char| first.is_ascii_lowercase()) && !tables.contains(&name) {
                tables.push(name);
            }
        }
    }
    // A name that the statement itself defines: `WITH name AS (…)`.
    tables.retain(|name| !sql.contains(&format!("{name} AS (")));
    tables
}

#[cfg(test)]
mod tests {
    use super::{check, tables_of_sql};
    use crate::tidy::tree::Tree;

    fn findings(text: &str) -> Vec<String> {
        let manifest = "[package]\nname = \"identity\"\n[dependencies]\nsea-orm.workspace = true\n";
        let tree = Tree::of(&[("crates/identity/Cargo.toml", manifest), ("crates/identity/src/store.rs", text)]);
        check(&tree).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn own_tables_pass() {
        for text in [
            "#[sea_orm(table_name = \"identity_users\")] struct Model;",
            "Table::create().table(\"identity_users\")",
            "Table::create().table(IdentityUsers::Table); enum IdentityUsers { Table, Id }",
            "#[derive(DeriveIden)] #[sea_orm(iden = \"identity_keys\")] enum Keys { Table } fn f() { x.table(Keys::Table) }",
            "execute(\"SELECT 1 FROM sqlite_master\")",
            "#[cfg(test)] mod tests { fn f() { execute(\"DROP TABLE orders\"); } }",
            "error(\"DELETE the row FROM somewhere\")",
        ] {
            assert_eq!(findings(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn tables_of_others_are_found() {
        for text in [
            "#[sea_orm(table_name = \"users\")] struct Model;",
            "Table::create().table(\"projections_orders\")",
            "Table::create().table(Alias::new(\"orders\"))",
            "Table::create().table(Users::Table); enum Users { Table, Id }",
            "#[derive(DeriveIden)] #[sea_orm(iden = \"orders\")] enum Keys { Table } fn f() { x.table(Keys::Table) }",
            "execute(\"CREATE UNIQUE INDEX identity_x ON orders (id)\")",
            "execute(r#\"SELECT * FROM \"orders\" WHERE id = $1\"#)",
        ] {
            let found = findings(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("does not begin with `identity_`"), "{found:?}");
        }
    }

    #[test]
    fn crates_without_a_database_are_left_alone() {
        let tree = Tree::of(&[("crates/api/Cargo.toml", ""), ("crates/api/src/lib.rs", "x.table(\"rows\")")]);
        assert!(check(&tree).is_empty());
    }

    #[test]
    fn sql_is_read_for_its_tables() {
        let sql = "WITH late AS (SELECT id FROM a_x JOIN b_y ON true) INSERT INTO c_z SELECT * FROM late \
                   ON CONFLICT DO UPDATE SET n = 1";
        let mut tables = tables_of_sql(sql);
        tables.sort();
        assert_eq!(tables, ["a_x", "b_y", "c_z"]);
    }
}
