//! The reference of settings, made from their doc comments.

use std::fmt::Write;

use confique::Config;
use confique::meta::{Expr, Field, FieldKind, LeafKind, Meta};

use super::Settings;

/// A commented settings file with every setting and its default: `rialto.example.toml`.
pub fn template_toml() -> String {
    confique::toml::template::<Settings>(confique::toml::FormatOptions::default())
}

/// The same as a page for readers: `docs/settings.md`.
pub fn reference_markdown() -> String {
    let mut page = String::from(
        "# Settings\n\nThis page is generated from the program; change the comments in `crates/runtime/src/config`, not this file.\n\n",
    );
    page.push_str(
        "A value comes from its environment variable, else from the file given by `--config FILE` (`rialto.toml` in the working \
         directory if there is one), else from its default. A key or variable that is not listed here stops the start.\n",
    );
    section(&mut page, &Settings::META, "");
    page
}

fn section(page: &mut String, meta: &Meta, path: &str) {
    let leaves: Vec<&Field> = meta.fields.iter().filter(|field| matches!(field.kind, FieldKind::Leaf { .. })).collect();
    if !leaves.is_empty() {
        page.push_str("\n| setting | default | environment variable | meaning |\n| --- | --- | --- | --- |\n");
    }
    for field in leaves {
        row(page, field);
    }
    for field in meta.fields {
        if let FieldKind::Nested { meta } = field.kind {
            let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
            write!(page, "\n## `[{path}]`\n\n{}\n", text(field)).expect("writing to a string cannot fail");
            section(page, meta, &path);
        }
    }
}

fn row(page: &mut String, field: &Field) {
    let FieldKind::Leaf { env, kind } = field.kind else { return };
    let default = match kind {
        LeafKind::Required { default: Some(value) } => format!("`{}`", value_text(&value)),
        LeafKind::Required { default: None } => "required".into(),
        LeafKind::Optional => "none".into(),
    };
    let env = env.unwrap_or("none");
    writeln!(page, "| `{}` | {default} | `{env}` | {} |", field.name, text(field).replace('|', "\\|"))
        .expect("writing to a string cannot fail");
}

fn value_text(value: &Expr) -> String {
    match value {
        Expr::Str(text) => format!("\"{text}\""),
        Expr::Integer(number) => number.to_string(),
        Expr::Bool(value) => value.to_string(),
        Expr::Array(items) => format!("[{}]", items.iter().map(value_text).collect::<Vec<_>>().join(", ")),
        // No setting has a default of another kind; a new kind shows up in the compared page.
        other => format!("{other:?}"),
    }
}

fn text(field: &Field) -> String {
    field.doc.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}
