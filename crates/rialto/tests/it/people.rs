//! `rialto people`: an operator makes the first administrator, who then lets himself in.

use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Exchange, program};

/// Runs the tool; gives whether it succeeded, and what it printed.
fn people(data: &Path, arguments: &[&str]) -> (bool, String) {
    let output = program().arg("people").args(arguments).arg("--data").arg(data).output().unwrap();
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn word<'a>(line: &'a str, name: &str) -> &'a str {
    line.split_whitespace().find_map(|word| word.strip_prefix(name)).unwrap()
}

#[test]
fn the_first_administrator_is_made_at_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (done, made) = people(&data, &["add", "root@example.com"]);
    assert!(done, "{made}");
    let password = word(&made, "password=").to_owned();
    assert_eq!(people(&data, &["add", "Root@Example.com"]), (false, "there is a user with this address\n".to_owned()));
    let (done, appointed) = people(&data, &["appoint", "root@example.com"]);
    assert_eq!((done, word(&appointed, "role=")), (true, "superadmin"), "{appointed}");
    assert!(people(&data, &["add", "second@example.com"]).0);
    let (done, said) = people(&data, &["appoint", "second@example.com"]);
    assert!(!done && said.contains("there is a superadmin"), "{said}");
    assert!(!people(&data, &["appoint", "nobody@example.com"]).0);
    assert!(!people(&data, &["show", "no address"]).0);

    // The demo's own administrator is none where there is one.
    let exchange = Exchange::start(&data);
    let entry = json!({ "email": "root@example.com", "password": password });
    let (_, signed_in) = exchange.send("POST", "/api/v2/auth/sign-in", None, &entry);
    assert_eq!(signed_in["user"]["role"], "superadmin", "{signed_in}");
    let token = signed_in["access_token"].as_str();
    let (_, users) = exchange.send("GET", "/api/v2/admin/users", token, &Value::Null);
    let role = |email: &str| users["items"].as_array().unwrap().iter().find(|user| user["email"] == email).unwrap();
    assert_eq!(role("admin@demo.example")["role"], "member");
    let (done, shown) = people(&data, &["show", "second@example.com"]);
    assert_eq!((done, word(&shown, "state="), word(&shown, "level=")), (true, "active", "1"), "{shown}");
    assert!(exchange.stop().success());
}
