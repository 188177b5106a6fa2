//! Signing in with wallets at the running program: alloy's signer and a Solana key pair sign what it asks for.

use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

use crate::harness::Exchange;

/// Signs in twice with one wallet; gives the user.
fn sign_in(exchange: &Exchange, kind: &str, path: &str, address: &str, sign: &dyn Fn(&str) -> String) -> Value {
    let mut users = Vec::new();
    for _ in 0..2 {
        let wallet = json!({ "type": kind, "address": address });
        let (status, asked) = exchange.send("POST", "/auth/signing-msg", None, &wallet);
        assert_eq!(status, 200, "{asked}");
        let message = asked["message"].as_str().unwrap();
        assert!(message.starts_with("localhost:8080 wants") && message.contains(address), "{message}");

        // A message of another site, however well it is signed.
        let changed = message.replace("localhost", "evil.example");
        let other = json!({ "message": changed, "signature": sign(&changed) });
        assert_eq!(exchange.send("POST", path, None, &other).0, 401);
        let proof = json!({ "message": message, "signature": sign(message) });
        let (status, entered) = exchange.send("POST", path, None, &proof);
        assert_eq!(status, 200, "{entered}");
        assert_eq!(exchange.send("POST", path, None, &proof).0, 401, "a message serves once");

        let token = entered["access_token"].as_str();
        let (status, me) = exchange.send("GET", "/users/me", token, &Value::Null);
        assert_eq!((status, &me), (200, &entered["user"]));
        users.push(me);
    }
    assert_eq!(users[0]["uid"], users[1]["uid"], "the same wallet is the same user");
    users.swap_remove(0)
}

#[test]
fn wallets_of_both_kinds_sign_their_users_in() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(&folder.path().join("data"));

    let evm = PrivateKeySigner::random();
    let address = evm.address().to_checksum(None);
    let sign = |message: &str| evm.sign_message_sync(message.as_bytes()).unwrap().to_string();
    let first = sign_in(&exchange, "evm", "/auth/sign-in-evm", &address, &sign);

    let random = ring::rand::SystemRandom::new();
    let solana = Ed25519KeyPair::from_pkcs8(Ed25519KeyPair::generate_pkcs8(&random).unwrap().as_ref()).unwrap();
    let address = bs58::encode(solana.public_key().as_ref()).into_string();
    let sign = |message: &str| bs58::encode(solana.sign(message.as_bytes()).as_ref()).into_string();
    let second = sign_in(&exchange, "sol", "/auth/sign-in-sol", &address, &sign);

    assert_ne!(first["uid"], second["uid"]);
    assert!(exchange.stop().success());
}
