//! Settings from files and from the environment.

use std::path::Path;

use runtime::config::{LogFormat, Settings, reference_markdown, template_toml};

use crate::process::{of_test, text};

fn load(toml: &str) -> Result<Settings, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rialto.toml");
    std::fs::write(&file, toml).unwrap();
    Settings::load(Some(&file)).map_err(|error| error.to_string())
}

#[test]
fn a_file_changes_what_it_names_and_nothing_else() {
    let settings =
        load("[http]\nlisten = \"0.0.0.0:9000\"\n[http.ws]\nmax_subscriptions = 5\n[log]\nformat = \"json\"\n")
            .unwrap();
    assert_eq!(settings.http.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(settings.http.ws.max_subscriptions, 5);
    assert_eq!(settings.log.format, LogFormat::Json);
    assert_eq!(settings.http.max_body_bytes, 64 * 1024);
    assert_eq!(settings.node.queue_commands, 65_536);
}

#[test]
fn what_is_wrong_is_named() {
    let cases = [
        ("[http]\nlisten_on = \"x\"\n", "unknown field `listen_on`"),
        ("[htpp]\n", "unknown field `htpp`"),
        ("[http.ws]\nsubscriptions = 1\n", "unknown field `subscriptions`"),
        ("[http]\nlisten = \"localhost\"\n", "listen = \"localhost\""),
        ("[http]\nmax_connections = 0\n", "must be between 1 and 1000000, but is 0"),
        ("[http]\nmax_connections = \"many\"\n", "max_connections = \"many\""),
        ("[log]\nformat = \"xml\"\n", "unknown variant `xml`, expected `text` or `json`"),
        ("[log]\nfilter = \"api=loud\"\n", "is not a log filter"),
        ("[store]\ndatabase_url = \"mysql://u:hunter2@h/d\"\n", "must begin with one of sqlite://, postgres://"),
        ("[limits]\nredis_url = \"http://:hunter2@h\"\n", "must begin with redis://"),
        ("[http]\ntrusted_proxies = [\"proxy\"]\n", "trusted_proxies = [\"proxy\"]"),
        (
            "[http.ws]\nping_interval_ms = 60000\n",
            "http.ws.pong_timeout_ms (60000) must be greater than http.ws.ping_interval_ms",
        ),
        (
            "[node]\nqueue_commands = 10\n",
            "node.batch_commands (1024) must not be greater than node.queue_commands (10)",
        ),
        ("[http\n", "TOML parse error at line 1"),
    ];
    for (toml, expected) in cases {
        let error = load(toml).unwrap_err();
        assert!(error.contains(expected), "{toml}\n{error}");
    }
}

#[test]
fn a_named_file_must_exist() {
    let error = Settings::load(Some(Path::new("/nowhere/rialto.toml"))).unwrap_err().to_string();
    assert!(error.contains("/nowhere/rialto.toml"), "{error}");
}

#[test]
fn the_database_address_is_not_printed() {
    let settings = load("[store]\ndatabase_url = \"postgres://u:hunter2@h/d\"\n").unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    assert_eq!(settings.store.database_url().expose(), "postgres://u:hunter2@h/d");
    let settings = load("[limits]\nredis_url = \"redis://:hunter2@h\"\n").unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"));
    let settings = load("[store]\ndata_dir = \"/a/b?c\"\n").unwrap();
    assert_eq!(settings.store.database_url().expose(), "sqlite:///a/b%3Fc/rialto.db");
}

/// The template is a settings file: with every line switched on it loads, and gives the defaults.
#[test]
fn the_template_loads_and_means_the_defaults() {
    let template = template_toml();
    let defaults = format!("{:?}", Settings::defaults());
    assert_eq!(format!("{:?}", load(&template).unwrap()), defaults);
    let is_value = |line: &&str| line.starts_with('#') && !line.starts_with("# ") && line.contains(" = ");
    let switched_on: String = template
        .lines()
        .map(|line| if is_value(&line) { &line[1..] } else { line })
        .flat_map(|line| [line, "\n"])
        .collect();
    let with_default = |line: &&str| line.starts_with("| `") && !line.contains("| none |");
    assert_eq!(template.lines().filter(is_value).count(), reference_markdown().lines().filter(with_default).count());
    assert_eq!(format!("{:?}", load(&switched_on).unwrap()), defaults);
}

/// The bounds in a setting's description are those that are enforced.
#[test]
fn described_bounds_are_enforced() {
    let reference = reference_markdown();
    let (mut section, mut checked) = (String::new(), 0);
    for line in reference.lines() {
        if let Some(name) = line.strip_prefix("## `[") {
            section = name.trim_end_matches("]`").to_owned();
        }
        let Some((description, bounds)) = line.rsplit_once("Between ") else { continue };
        let key = description.split('`').nth(1).unwrap();
        let (low, high) = bounds.trim_end_matches(". |").split_once(" and ").unwrap();
        let (low, high): (i64, i64) = (low.parse().unwrap(), high.parse().unwrap());
        let message = |value: i64| load(&format!("[{section}]\n{key} = {value}\n")).err().unwrap_or_default();
        for value in [low, high] {
            assert!(!message(value).contains("between"), "{section}.{key} = {value}: {}", message(value));
        }
        for value in [low - 1, high + 1] {
            // Below zero or above the type's range it is the type that refuses.
            let refused = message(value);
            assert!(
                refused.contains("must be between") || refused.contains("invalid value"),
                "{section}.{key} = {value}"
            );
        }
        checked += 1;
    }
    let is_number = |line: &&str| line.split('`').nth(3).is_some_and(|default| default.parse::<u64>().is_ok());
    assert_eq!(checked, reference.lines().filter(is_number).count(), "every number has bounds");
}

#[test]
fn the_reference_has_every_section_and_variable() {
    let reference = reference_markdown();
    for part in
        ["## `[http.ws]`", "| `listen` | `\"127.0.0.1:8080\"` | `RIALTO_HTTP_LISTEN` |", "| `database_url` | none |"]
    {
        assert!(reference.contains(part), "{part}\n{reference}");
    }
    assert!(template_toml().contains("environment variable `RIALTO_LOG_FORMAT`"));
}

#[test]
#[ignore = "run as a process by the tests below"]
fn child_prints_settings() {
    match Settings::load(None) {
        Ok(settings) => {
            println!("listen={} subscriptions={}", settings.http.listen, settings.http.ws.max_subscriptions)
        }
        Err(error) => println!("refused: {error}"),
    }
}

#[test]
fn the_environment_wins_over_the_file_in_the_working_directory() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("rialto.toml"),
        "[http]\nlisten = \"127.0.0.1:1\"\n[http.ws]\nmax_subscriptions = 7\n",
    )
    .unwrap();
    let output = of_test("config::child_prints_settings")
        .current_dir(dir.path())
        .env("RIALTO_HTTP_LISTEN", "127.0.0.1:2")
        .output()
        .unwrap();
    assert!(text(&output).contains("listen=127.0.0.1:2 subscriptions=7"), "{}", text(&output));
}

#[test]
fn wrong_variables_are_named() {
    for (name, value) in
        [("RIALTO_HTTP_LISTNE", "x"), ("RIALTO_HTTP_MAX_CONNECTIONS", "0"), ("RIALTO_LOG_FORMAT", "xml")]
    {
        let output = of_test("config::child_prints_settings").env(name, value).output().unwrap();
        let text = text(&output);
        assert!(text.contains("refused: ") && text.contains(name), "{text}");
    }
}
