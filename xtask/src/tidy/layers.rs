//! The crates, their layers and who may use whom. Edges point only downwards.

use std::collections::BTreeMap;

use super::Finding;
use super::tree::{Tree, line_of};

/// One crate of the plan.
struct Member {
    name: &'static str,
    layer: u8,
    /// The crates of this project that it may depend on.
    uses: &'static [&'static str],
}

const fn member(name: &'static str, layer: u8, uses: &'static [&'static str]) -> Member {
    Member { name, layer, uses }
}

/// What a domain may use: no other domain, and nothing of the money path.
const DOMAIN: &[&str] = &["model", "runtime", "db", "jobs"];

/// Who may use whom; a crate that is not listed here may not exist.
const MEMBERS: &[Member] = &[
    member("model", 0, &[]),
    member("runtime", 0, &[]),
    member("engine", 1, &["model"]),
    member("journal", 1, &["model"]),
    member("marketdata", 1, &["model"]),
    member("flows", 1, &["model"]),
    member("limits", 1, &[]),
    member("secrets", 1, &["runtime"]),
    member("signer", 1, &["model"]),
    member("chains", 1, &["model", "runtime"]),
    member("db", 1, &["model", "runtime"]),
    member("node", 2, &["model", "runtime", "engine", "journal"]),
    member("jobs", 2, &["runtime", "db"]),
    member("projections", 2, &["model", "runtime", "journal", "marketdata", "db"]),
    member("identity", 3, DOMAIN),
    member("mail", 3, DOMAIN),
    member("transfers", 3, DOMAIN),
    member("idempotency", 3, DOMAIN),
    member("custody", 3, &["model", "runtime", "db", "jobs", "chains"]),
    member("payments", 3, DOMAIN),
    member("swaps", 3, DOMAIN),
    member("earn", 3, DOMAIN),
    member("growth", 3, DOMAIN),
    member("content", 3, DOMAIN),
    member("coins", 3, DOMAIN),
    member("markettime", 3, DOMAIN),
    member("compliance", 3, DOMAIN),
    member(
        "api",
        4,
        &[
            "model",
            "runtime",
            "marketdata",
            "projections",
            "jobs",
            "identity",
            "idempotency",
            "mail",
            "limits",
            "transfers",
            "custody",
            "payments",
            "swaps",
            "earn",
            "growth",
            "content",
            "coins",
            "markettime",
            "compliance",
        ],
    ),
    member(
        "rialto",
        5,
        &[
            "model",
            "runtime",
            "journal",
            "marketdata",
            "flows",
            "chains",
            "db",
            "secrets",
            "node",
            "jobs",
            "projections",
            "identity",
            "idempotency",
            "mail",
            "limits",
            "transfers",
            "custody",
            "payments",
            "swaps",
            "earn",
            "growth",
            "content",
            "coins",
            "markettime",
            "compliance",
            "api",
        ],
    ),
    // `api` for the messages of gRPC, which the benchmarks speak.
    member(
        "simulator",
        5,
        &["model", "runtime", "engine", "journal", "flows", "marketdata", "node", "api", "db", "jobs"],
    ),
    // Drives the finished program from outside, and shares no code with it.
    member("soak", 5, &[]),
];

const HERE: &str = "xtask/src/tidy/layers.rs";

/// Compares the manifests of `crates/` with the plan.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let folders = workspace_names(tree);
    let mut findings = Vec::new();
    for name in tree.crates() {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(text) = tree.text(&path) else {
            findings.push(Finding::new(path, 1, "there is no manifest; a directory of crates/ is a crate"));
            continue;
        };
        let Some(member) = find(name) else {
            findings.push(Finding::new(
                path,
                1,
                format!("`{name}` is in no layer; decide on one and add it to {HERE}"),
            ));
            continue;
        };
        match text.parse::<toml::Table>() {
            Ok(manifest) => findings.extend(check_manifest(member, &path, text, &manifest, &folders)),
            Err(error) => findings.push(Finding::new(path, 1, format!("not TOML: {}", error.message()))),
        }
    }
    findings
}

fn check_manifest(
    member: &Member,
    path: &str,
    text: &str,
    manifest: &toml::Table,
    folders: &BTreeMap<String, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = member.name;
    if manifest.get("package").and_then(|package| package.get("name")?.as_str()) != Some(name) {
        findings.push(Finding::new(
            path,
            1,
            format!("the package is not called `{name}` like its directory; rename it"),
        ));
    }
    let for_tests = for_tests(manifest);
    for (section, dependencies) in sections(manifest) {
        for (key, value) in dependencies {
            let package = package_of(key, value, folders);
            let Some(used) = find(&package) else { continue };
            if used.name == name {
                continue;
            }
            let allowed = if section == "dev-dependencies" || for_tests.contains(&key.as_str()) {
                may_test_with(member, used)
            } else {
                member.uses.contains(&used.name)
            };
            if !allowed {
                let line = line_of_key(text, key);
                findings.push(Finding::new(path, line, sentence(member, used)));
            }
        }
    }
    findings
}

/// Optional dependencies that the feature `testing` alone turns on: no program has them.
fn for_tests(manifest: &toml::Table) -> Vec<&str> {
    let features = manifest.get("features").and_then(toml::Value::as_table);
    let named = |wanted: &dyn Fn(&str) -> bool| -> Vec<&str> {
        let features = features.into_iter().flatten().filter(|(name, _)| wanted(name));
        let entries = features.filter_map(|(_, entries)| entries.as_array()).flatten();
        entries.filter_map(|entry| entry.as_str()?.strip_prefix("dep:")).collect()
    };
    let elsewhere = named(&|name| name != "testing");
    named(&|name| name == "testing").into_iter().filter(|name| !elsewhere.contains(name)).collect()
}

/// Tests may reach further than the code, but never upwards, never from domain to domain, and never from the doors to
/// the core.
fn may_test_with(member: &Member, used: &Member) -> bool {
    let core = ["engine", "node"].contains(&used.name);
    let core_allowed = !core
        || ["node", "simulator", "rialto"].contains(&member.name) && used.name != "engine"
        || member.uses.contains(&used.name);
    let downwards = used.layer < member.layer || used.layer == member.layer && member.layer < 3;
    core_allowed && downwards
}

fn sentence(member: &Member, used: &Member) -> String {
    let reason = if member.layer == 3 && used.layer == 3 {
        "domains never import each other: state the need in `ports.rs` and let `rialto/src/adapters/` meet it"
            .to_owned()
    } else if used.name == "engine" {
        "only `node` and `simulator` import the engine: send it commands through the node".to_owned()
    } else if used.layer >= member.layer {
        "edges only point downwards: move the shared part to a lower layer, or define a trait and pass it in".to_owned()
    } else {
        format!("`{}` may use: {}", member.name, member.uses.join(" "))
    };
    format!(
        "`{}` (layer {}) must not depend on `{}` (layer {}); {reason} (table in {HERE})",
        member.name, member.layer, used.name, used.layer
    )
}

/// The tables of dependencies of a manifest, those for one platform among them.
fn sections(manifest: &toml::Table) -> Vec<(&'static str, &toml::Table)> {
    const NAMES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];
    let platforms = manifest
        .get("target")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flat_map(|targets| targets.values().filter_map(toml::Value::as_table));
    std::iter::once(manifest)
        .chain(platforms)
        .flat_map(|table| NAMES.map(|name| (name, table.get(name).and_then(toml::Value::as_table))))
        .filter_map(|(name, table)| Some((name, table?)))
        .collect()
}

/// The keys of the workspace's dependencies that are directories of `crates/`, with the directory's name.
fn workspace_names(tree: &Tree) -> BTreeMap<String, String> {
    let manifest = tree.text("Cargo.toml").and_then(|text| text.parse::<toml::Table>().ok()).unwrap_or_default();
    let dependencies = manifest.get("workspace").and_then(|workspace| workspace.get("dependencies")?.as_table());
    dependencies.into_iter().flatten().filter_map(|(key, value)| Some((key.clone(), folder(value)?))).collect()
}

fn package_of(key: &str, value: &toml::Value, folders: &BTreeMap<String, String>) -> String {
    let renamed = value.get("package").and_then(toml::Value::as_str).map(str::to_owned);
    let inherited = value.get("workspace").is_some().then(|| folders.get(key).cloned()).flatten();
    folder(value).or(inherited).or(renamed).unwrap_or_else(|| key.to_owned())
}

/// The last part of a dependency's `path`.
fn folder(value: &toml::Value) -> Option<String> {
    let path = value.get("path")?.as_str()?;
    path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.starts_with('.')).map(str::to_owned)
}

fn find(name: &str) -> Option<&'static Member> {
    MEMBERS.iter().find(|member| member.name == name)
}

/// The layer of a crate, if it is in the plan.
pub(crate) fn layer(name: &str) -> Option<u8> {
    find(name).map(|member| member.layer)
}

/// The line that declares the dependency `key`, as a key of a table or as a table of its own.
pub(crate) fn line_of_key(text: &str, key: &str) -> usize {
    let declares =
        |line: &str| line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(['=', '.']));
    let index = text.lines().position(declares);
    index.map_or_else(|| line_of(text, &format!(".{key}]")), |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::{MEMBERS, check};
    use crate::tidy::tree::Tree;

    fn manifest(name: &str, rest: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{rest}")
    }

    fn findings(name: &str, rest: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        check(&Tree::of(&[(&path, &manifest(name, rest))])).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_plan_itself_points_downwards() {
        for member in MEMBERS {
            for used in member.uses {
                let used = super::find(used).unwrap();
                assert!(used.layer < member.layer, "{} -> {}", member.name, used.name);
            }
        }
        let users = |name: &str| {
            let users = MEMBERS.iter().filter(|member| member.uses.contains(&name));
            users.map(|member| member.name).collect::<Vec<_>>()
        };
        assert_eq!(users("engine"), ["node", "simulator"]);
        assert_eq!(users("signer"), [""; 0]);
    }

    #[test]
    fn what_the_plan_allows_passes() {
        assert_eq!(findings("node", "[dependencies]\nengine.workspace = true\nthiserror.workspace = true"), [""; 0]);
        assert_eq!(findings("db", "[dev-dependencies]\ndb = { path = \".\", features = [\"testing\"] }"), [""; 0]);
        assert_eq!(findings("projections", "[dev-dependencies]\nmarketdata.workspace = true"), [""; 0]);
    }

    #[test]
    fn an_edge_that_the_plan_forbids_is_found_with_its_line() {
        let found = findings("api", "[dependencies]\nmodel.workspace = true\nengine.workspace = true");
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("crates/api/Cargo.toml:5: `api` (layer 4) must not depend on `engine`"),
            "{found:?}"
        );
        assert!(findings("rialto", "[dependencies.engine]\nworkspace = true")[0].contains(":3: "));
        assert!(findings("earn", "[dependencies]\nidentity = { workspace = true }")[0].contains("ports.rs"));
        assert!(
            findings("model", "[target.'cfg(unix)'.dependencies]\nruntime.workspace = true")[0].contains("downwards")
        );
        assert!(findings("api", "[build-dependencies]\nhidden = { package = \"node\", version = \"1\" }").len() == 1);
        assert!(findings("api", "[dependencies]\nhidden = { path = \"../node\" }").len() == 1);
    }

    #[test]
    fn tests_may_not_reach_the_core_from_a_door_either() {
        assert_eq!(findings("api", "[dev-dependencies]\nnode.workspace = true").len(), 1);
        assert_eq!(findings("rialto", "[dev-dependencies]\nengine.workspace = true").len(), 1);
        assert_eq!(findings("earn", "[dev-dependencies]\nidentity.workspace = true").len(), 1);
        assert_eq!(findings("journal", "[dev-dependencies]\nnode.workspace = true").len(), 1);
    }

    #[test]
    fn what_the_feature_testing_alone_turns_on_counts_as_a_test() {
        let optional = "[dependencies]\ndb = { workspace = true, optional = true }\n[features]\n";
        assert_eq!(findings("api", &format!("{optional}testing = [\"dep:db\"]")), [""; 0]);
        assert_eq!(findings("api", &format!("{optional}testing = [\"dep:db\"]\nother = [\"dep:db\"]")).len(), 1);
        assert_eq!(findings("api", &format!("{optional}other = [\"dep:db\"]")).len(), 1);
    }

    #[test]
    fn a_crate_outside_of_the_plan_is_found() {
        assert!(findings("utils", "")[0].contains("is in no layer"));
        assert!(check(&Tree::of(&[("crates/model/src/lib.rs", "")]))[0].message.contains("no manifest"));
        let other = check(&Tree::of(&[("crates/model/Cargo.toml", &manifest("models", ""))]));
        assert!(other[0].message.contains("not called `model`"));
    }
}
