//! Environment variables that look like settings but are none.

use std::ffi::OsString;

use confique::meta::{FieldKind, Meta};

use crate::Error;

const PREFIX: &str = "RIALTO_";

/// Refuses a variable that begins like one of our sections but names no setting: most likely a misspelt one.
///
/// Variables of other words after `RIALTO_` are left alone, because container platforms set some for every service they run
/// (`RIALTO_SERVICE_HOST`, `RIALTO_PORT_8080_TCP`).
pub(super) fn refuse_unknown(meta: &Meta, variables: impl Iterator<Item = (OsString, OsString)>) -> Result<(), Error> {
    let mut known = Vec::new();
    collect(meta, &mut known);
    let sections: Vec<String> =
        meta.fields.iter().map(|section| format!("{PREFIX}{}_", section.name.to_uppercase())).collect();
    for (name, _) in variables {
        let Some(name) = name.to_str() else { continue };
        let ours = sections.iter().any(|section| name.starts_with(section)) && !set_by_a_platform(name);
        if ours && !known.contains(&name) {
            return Err(Error::Settings(format!(
                "the environment variable {name} names no setting: see docs/settings.md"
            )));
        }
    }
    Ok(())
}

/// A service called `rialto-http` gets `RIALTO_HTTP_SERVICE_HOST`, `RIALTO_HTTP_PORT`, `RIALTO_HTTP_PORT_8080_TCP_ADDR` and so on.
fn set_by_a_platform(name: &str) -> bool {
    name.ends_with("_PORT") || ["_SERVICE_HOST", "_SERVICE_PORT", "_PORT_"].iter().any(|part| name.contains(part))
}

fn collect(meta: &Meta, known: &mut Vec<&'static str>) {
    for field in meta.fields {
        match field.kind {
            FieldKind::Leaf { env, .. } => known.extend(env),
            FieldKind::Nested { meta } => collect(meta, known),
        }
    }
}

#[cfg(test)]
mod tests {
    use confique::Config;

    use super::*;
    use crate::config::Settings;

    fn check(name: &str) -> Result<(), Error> {
        refuse_unknown(&Settings::META, std::iter::once((name.into(), "1".into())))
    }

    #[test]
    fn a_misspelt_variable_is_named() {
        let error = check("RIALTO_HTTP_LISTNE").unwrap_err().to_string();
        assert!(error.contains("RIALTO_HTTP_LISTNE"), "{error}");
    }

    #[test]
    fn settings_and_foreign_variables_pass() {
        for name in ["RIALTO_HTTP_LISTEN", "RIALTO_HTTP_WS_MAX_SUBSCRIPTIONS", "PATH", "RIALTO_SERVICE_HOST"] {
            check(name).unwrap();
        }
        for name in ["RIALTO_HTTP_SERVICE_PORT", "RIALTO_HTTP_PORT", "RIALTO_HTTP_PORT_8080_TCP"] {
            check(name).unwrap();
        }
    }

    /// Guards both the naming rule and the exception for platforms' variables.
    #[test]
    fn every_setting_has_the_variable_that_its_path_says() {
        fn walk(meta: &Meta, path: &str) {
            for field in meta.fields {
                let path = format!("{path}_{}", field.name.to_uppercase());
                match field.kind {
                    FieldKind::Leaf { env, .. } => {
                        assert_eq!(env, Some(path.as_str()));
                        assert!(!set_by_a_platform(&path), "{path}");
                    }
                    FieldKind::Nested { meta } => walk(meta, &path),
                }
            }
        }
        walk(&Settings::META, "RIALTO");
    }
}
