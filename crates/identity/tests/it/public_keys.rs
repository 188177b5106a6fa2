//! Keys that sign with Ed25519 or RSA.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use identity::{Error, KeyKind, MAX_LIVE_KEYS, Permissions, PublicKey};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::api_keys::{NOW_US, execute, process, start};

/// The bytes of a PEM block.
fn der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).unwrap()
}

fn ed25519() -> (PublicKey, Ed25519KeyPair) {
    let private = der(include_str!("../keys/ed25519-private.pem"));
    let public = PublicKey::from_pem(include_str!("../keys/ed25519-public.pem")).unwrap();
    (public, Ed25519KeyPair::from_pkcs8_maybe_unchecked(&private).unwrap())
}

fn rsa() -> (PublicKey, RsaKeyPair) {
    let private = der(include_str!("../keys/rsa-private.pem"));
    let public = PublicKey::from_pem(include_str!("../keys/rsa-public.pem")).unwrap();
    (public, RsaKeyPair::from_pkcs8(&private).unwrap())
}

fn by_rsa(pair: &RsaKeyPair, payload: &[u8]) -> String {
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), payload, &mut signature).unwrap();
    STANDARD.encode(signature)
}

db::on_each_database! {
    async fn a_public_key_is_registered_found_and_checks(test: &TestDb) {
        let keys = start(test).await;
        let ((ed_public, ed), (rsa_public, rsa)) = (ed25519(), rsa());
        let first = keys.register(42, "ed", Permissions::READ_TRADE, &ed_public, NOW_US).await.unwrap();
        let second = keys.register(43, "rsa", Permissions::READ, &rsa_public, NOW_US).await.unwrap();
        assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        let (ed_signature, rsa_signature) = (STANDARD.encode(ed.sign(b"a=1")), by_rsa(&rsa, b"a=1"));
        // A process that starts later reads the same keys.
        for keys in [keys, process(test)] {
            let (ed, rsa) = (keys.find(&first, NOW_US).await.unwrap().unwrap(), keys.find(&second, NOW_US).await.unwrap().unwrap());
            assert_eq!((ed.account_id(), ed.kind(), ed.permissions()), (42, KeyKind::Ed25519, Permissions::READ_TRADE));
            assert_eq!((rsa.account_id(), rsa.kind(), rsa.permissions()), (43, KeyKind::Rsa, Permissions::READ));
            assert!(ed.verify(b"a=1", ed_signature.as_bytes()) && rsa.verify(b"a=1", rsa_signature.as_bytes()));
            assert!(!ed.verify(b"a=2", ed_signature.as_bytes()) && !rsa.verify(b"a=2", rsa_signature.as_bytes()));
            assert!(!ed.verify(b"a=1", rsa_signature.as_bytes()) && !rsa.verify(b"a=1", ed_signature.as_bytes()));
            assert_eq!(keys.list(42).await.unwrap()[0].kind, KeyKind::Ed25519);
        }
    }

    async fn they_are_revoked_and_counted_as_others_are(test: &TestDb) {
        let keys = start(test).await;
        let (public, _) = ed25519();
        for _ in 1..MAX_LIVE_KEYS {
            keys.create(1, "k", Permissions::READ, NOW_US).await.unwrap();
        }
        let last = keys.register(1, "last", Permissions::READ, &public, NOW_US).await.unwrap();
        let more = keys.register(1, "one more", Permissions::READ, &public, NOW_US).await.unwrap_err();
        assert!(matches!(more, Error::TooManyKeys));
        assert!(matches!(keys.register(2, " ", Permissions::READ, &public, NOW_US).await, Err(Error::Label)));
        keys.find(&last, NOW_US).await.unwrap().unwrap();
        assert!(keys.revoke(1, &last, NOW_US).await.unwrap());
        assert!(keys.find(&last, NOW_US).await.unwrap().is_none());
    }

    async fn whoever_writes_to_the_database_cannot_put_in_a_key_of_his_own(test: &TestDb) {
        let keys = start(test).await;
        let ((ed_public, _), (rsa_public, _)) = (ed25519(), rsa());
        let victim = keys.register(1, "victim", Permissions::READ, &ed_public, NOW_US).await.unwrap();
        keys.register(2, "intruder", Permissions::READ, &rsa_public, NOW_US).await.unwrap();
        for change in [
            "public_key = (SELECT public_key FROM identity_api_keys WHERE label = 'intruder')",
            "sealed_secret = (SELECT sealed_secret FROM identity_api_keys WHERE label = 'intruder')",
            "public_key = NULL",
            // What is public must not pass for the secret of an HMAC.
            "kind = 'hmac'",
            "kind = 'rsa'",
        ] {
            let keep = "CREATE TABLE kept AS SELECT * FROM identity_api_keys WHERE label = 'victim'";
            execute(test, keep).await;
            execute(test, &format!("UPDATE identity_api_keys SET {change} WHERE label = 'victim'")).await;
            let error = process(test).find(&victim, NOW_US).await.unwrap_err();
            assert!(matches!(error, Error::Unusable { .. }) && !error.is_callers_fault(), "{change}: {error}");
            let back = "UPDATE identity_api_keys SET public_key = (SELECT public_key FROM kept), \
                        sealed_secret = (SELECT sealed_secret FROM kept), kind = (SELECT kind FROM kept) WHERE label = 'victim'";
            execute(test, back).await;
            execute(test, "DROP TABLE kept").await;
            assert!(process(test).find(&victim, NOW_US).await.unwrap().is_some());
        }
    }
}
