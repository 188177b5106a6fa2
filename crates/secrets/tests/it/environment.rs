//! Secrets of the environment. Each test runs in a process of its own, with variables of its own.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use runtime::clock::SystemClock;
use runtime::config::Settings;
use secrets::{Error, Secrets};

/// Runs a test of this binary again, with variables.
fn again(test: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    // Whoever runs the tests may have settings of their own.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RIALTO_")) {
        command.env_remove(name);
    }
    command
        .args([&format!("environment::{test}"), "--exact", "--ignored", "--nocapture"])
        .envs(variables.iter().copied());
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

async fn open(settings: &Settings) -> Secrets {
    Secrets::open(&settings.secrets, Path::new("unused"), Arc::new(SystemClock::new())).await.unwrap()
}

#[test]
fn settings_take_their_secrets_from_variables() {
    again(
        "inner_resolves",
        &[
            ("RIALTO_STORE_DATABASE_URL", "secret:database"),
            ("RIALTO_SECRET_DATABASE", "postgres://u:hunter2@h/d"),
            ("RIALTO_MAIL_PASSWORD", "secret:smtp-password"),
            ("RIALTO_SECRET_SMTP_PASSWORD", "hunter2"),
            ("RIALTO_SECRET_SEALING_KEY", "0707070707070707070707070707070707070707070707070707070707070707"),
        ],
    );
}

#[tokio::test]
#[ignore = "run by settings_take_their_secrets_from_variables, with variables"]
async fn inner_resolves() {
    let mut settings = Settings::load(None).unwrap();
    let secrets = open(&settings).await;
    secrets.resolve(&mut settings).await.unwrap();
    assert_eq!(settings.store.database_url().expose(), "postgres://u:hunter2@h/d");
    assert_eq!(settings.mail.password.as_ref().unwrap().expose(), "hunter2");
    assert!(settings.references().is_empty(), "nothing is left to resolve");
    let key = secrets.sealing_key().await.unwrap().unwrap();
    let sealed =
        runtime::secrets::SealingKey::from_bytes(&[7; 32]).seal(&runtime::entropy::SystemRandom::new(), b"", b"x");
    assert_eq!(key.open(b"", &sealed).unwrap().expose(), b"x");
    assert_eq!(secrets.get("smtp-password").await.unwrap().unwrap().expose(), b"hunter2");
    assert!(secrets.get("nobody").await.unwrap().is_none());
    assert!(secrets.get("../etc/passwd").await.is_err());
}

#[test]
fn what_cannot_be_used_is_named_without_its_value() {
    again(
        "inner_refuses",
        &[
            ("RIALTO_STORE_DATABASE_URL", "secret:database"),
            ("RIALTO_LIMITS_REDIS_URL", "secret:redis"),
            ("RIALTO_SECRET_REDIS", "mysql://hunter2"),
            ("RIALTO_SECRET_SEALING_KEY", "hunter2"),
            ("RIALTO_SECRET_EMPTY", ""),
        ],
    );
}

#[tokio::test]
#[ignore = "run by what_cannot_be_used_is_named_without_its_value, with variables"]
async fn inner_refuses() {
    let mut settings = Settings::load(None).unwrap();
    let secrets = open(&settings).await;
    let missing = secrets.resolve(&mut settings).await.unwrap_err();
    assert!(matches!(missing, Error::Missing { setting: "store.database_url", .. }), "{missing}");
    assert!(missing.to_string().contains("RIALTO_SECRET_<NAME>"), "{missing}");
    settings.store.database_url = None;
    let unfit = secrets.resolve(&mut settings).await.unwrap_err().to_string();
    assert!(unfit.contains("limits.redis_url") && unfit.contains("redis://") && !unfit.contains("hunter2"), "{unfit}");
    let key = secrets.sealing_key().await.unwrap_err().to_string();
    assert!(key.contains("32 bytes") && !key.contains("hunter2"), "{key}");
    assert!(secrets.get("empty").await.unwrap_err().to_string().contains("RIALTO_SECRET_EMPTY"));
    assert!(!format!("{secrets:?} {settings:?}").contains("hunter2"));
}
