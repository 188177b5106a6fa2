//! `rialto keys`: an operator registers keys beside a running exchange, and clients use them.

use std::path::Path;

use ring::signature::Ed25519KeyPair;
use serde_json::json;

use crate::harness::{Exchange, program};

/// The keys of identity's tests.
const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../identity/tests/keys");

/// Runs the tool; gives whether it succeeded, and what it printed.
fn keys(data: &Path, arguments: &[&str]) -> (bool, String) {
    let output = program().arg("keys").args(arguments).arg("--data").arg(data).output().unwrap();
    let text = if output.status.success() { output.stdout } else { output.stderr };
    (output.status.success(), String::from_utf8(text).unwrap())
}

/// The bytes of a PEM block.
fn der(pem: &str) -> Vec<u8> {
    use base64::Engine as _;
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    base64::engine::general_purpose::STANDARD.decode(lines).unwrap()
}

#[test]
fn a_public_key_is_registered_used_and_revoked() {
    use base64::Engine as _;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let exchange = Exchange::start(data);
    let public = format!("{KEYS}/ed25519-public.pem");
    let (done, text) = keys(data, &["add", "--account", "1000", "--label", "robot", "--public-key", &public]);
    assert!(done && text.ends_with(" kind=ed25519\n"), "{text}");
    let key = text.strip_prefix("key=").unwrap().split(' ').next().unwrap().to_owned();
    let private = std::fs::read_to_string(format!("{KEYS}/ed25519-private.pem")).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der(&private)).unwrap();
    let sign = |payload: &str| base64::engine::general_purpose::URL_SAFE.encode(pair.sign(payload.as_bytes()));
    // In a query, plus and slash are written in percent.
    let sign = |payload: &str| sign(payload).replace('-', "%2B").replace('_', "%2F").replace('=', "%3D");
    let (status, account) = exchange.signed_by(&key, sign, "GET", "/api/v3/account", "omitZeroBalances=true");
    assert_eq!((status, &account["uid"]), (200, &json!(1_000)), "{account}");

    let (done, text) = keys(data, &["add", "--account", "1000", "--label", "looks", "--read-only"]);
    assert!(done, "{text}");
    let (reader, secret) = text.trim().strip_prefix("key=").unwrap().split_once(" secret=").unwrap();
    let reader = crate::harness::Key { key: reader.to_owned(), secret: secret.to_owned() };
    assert_eq!(exchange.signed(&reader, "GET", "/api/v3/openOrders", "").0, 200);
    assert_eq!(exchange.signed(&reader, "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").1["code"], -2015);

    let (done, list) = keys(data, &["list", "--account", "1000"]);
    let lines: Vec<&str> = list.lines().collect();
    assert!(done && lines.len() == 3, "the demo's own, and the two: {list}");
    assert!(lines[0].ends_with("kind=hmac may=read live label=\"looks\""), "{list}");
    assert_eq!(lines[1], format!("key={key} kind=ed25519 may=read,trade live label=\"robot\""));
    assert!(!list.contains(secret));
    assert_eq!(keys(data, &["revoke", "--account", "1000", "--key", &key]), (true, "revoked\n".to_owned()));
    assert!(!keys(data, &["revoke", "--account", "1000", "--key", &key]).0, "twice");
    assert!(exchange.stop().success());
    // The next process knows at once; a running one within a minute.
    let exchange = Exchange::start(data);
    assert_eq!(exchange.signed_by(&key, sign, "GET", "/api/v3/account", "").1["code"], -2015);
    assert!(exchange.stop().success());
}

/// A key that may withdraw, of one network, until a time.
#[test]
fn a_key_is_made_with_terms() {
    let folder = tempfile::tempdir().unwrap();
    let add = |more: &[&str]| keys(folder.path(), &[&["add", "--account", "7", "--label", "cold"], more].concat());
    let terms = ["--withdraw", "--expires", "2100-01-31T12:00:00Z", "--ip", "192.0.2.7", "--ip", "10.1.2.3/8"];
    assert!(add(&terms).0);
    let (done, list) = keys(folder.path(), &["list", "--account", "7"]);
    assert!(
        done && list.ends_with("may=read,trade,withdraw live from=192.0.2.7/32,10.0.0.0/8 label=\"cold\"\n"),
        "{list}"
    );
    for (wrong, reason) in [
        (&["--expires", "2001-01-01T00:00:00Z"][..], "must be in the future"),
        (&["--expires", "tomorrow"], "invalid value"),
        (&["--ip", "10.0.0.300"], "is no address and no network"),
        (&["--read-only", "--withdraw"], "cannot be used with"),
    ] {
        let (done, text) = add(wrong);
        assert!(!done && text.contains(reason), "{wrong:?}: {text}");
    }
}

#[test]
fn what_is_no_public_key_is_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (file, reason) in [
        ("ed25519-private.pem", "private key"),
        ("p256-public.pem", "only Ed25519 and RSA"),
        ("rsa-1024-public.pem", "2,048"),
        ("README.md", "PEM block"),
        ("absent.pem", "cannot read"),
    ] {
        let file = format!("{KEYS}/{file}");
        let (done, text) = keys(folder.path(), &["add", "--account", "1", "--label", "x", "--public-key", &file]);
        assert!(!done && text.contains(reason), "{file}: {text}");
    }
    let (done, list) = keys(folder.path(), &["list", "--account", "1"]);
    assert!(done && list.is_empty(), "{list}");
}
