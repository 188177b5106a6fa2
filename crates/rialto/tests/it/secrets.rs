//! The tools for the sealed file of secrets.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::harness::program;

fn tool(data: &Path, arguments: &[&str], input: &str, passphrase: &str) -> Output {
    let mut child = program()
        .arg("secrets")
        .args(arguments)
        .arg("--data")
        .arg(data)
        .env("RIALTO_SECRETS_PASSPHRASE", passphrase)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn secrets_are_put_in_listed_and_taken_out() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let good = "correct horse battery";
    for name in ["smtp-password", "database"] {
        let set = tool(&data, &["set", name], "hunter2\n", good);
        assert!(set.status.success() && set.stdout.is_empty(), "{}", said(&set));
    }
    let list = tool(&data, &["list"], "", good);
    assert_eq!(said(&list), "database\nsmtp-password\n");
    let wrong = tool(&data, &["set", "database"], "hunter3\n", "correct horse batterz");
    assert!(!wrong.status.success() && said(&wrong).contains("the passphrase is another one"), "{}", said(&wrong));
    assert!(!said(&wrong).contains("hunter"));
    assert!(tool(&data, &["remove", "database"], "", good).status.success());
    assert!(!tool(&data, &["remove", "database"], "", good).status.success());
    assert_eq!(said(&tool(&data, &["list"], "", good)), "smtp-password\n");
    for (name, value) in [("Not A Name", "x"), ("empty", "\n"), ("large", &*"x".repeat(70_000))] {
        let refused = tool(&data, &["set", name], value, good);
        assert!(!refused.status.success(), "{}", said(&refused));
    }
}
