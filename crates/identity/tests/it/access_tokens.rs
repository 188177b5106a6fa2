//! Access tokens, and those who would make their own.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use identity::{MAX_ACCESS_TOKEN_BYTES, Refusal};
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};

use super::api_keys::{NOW_US, execute};
use super::world::{World, refusal, settings};

const SECOND_US: u64 = 1_000_000;

/// The parts of a token, as JSON.
fn parts(token: &str) -> (serde_json::Value, serde_json::Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}

fn signed_text(header: &serde_json::Value, claims: &serde_json::Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn by_hmac(header: &serde_json::Value, claims: &serde_json::Value, secret: &[u8]) -> String {
    let text = signed_text(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn by_rsa(header: &serde_json::Value, claims: &serde_json::Value, private_der: &[u8]) -> String {
    let pair = RsaKeyPair::from_der(private_der).unwrap();
    let text = signed_text(header, claims);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// The private key of the name, as a process with the sealing key reads it: for tokens that only the exchange could sign.
async fn private_key(test: &db::testing::TestDb, kid: &str) -> Vec<u8> {
    use sea_orm::{ConnectionTrait, Statement};
    let read = test.db.read();
    let sql = format!("SELECT sealed_private_key FROM identity_signing_keys WHERE kid = '{kid}'");
    let row = read.query_one_raw(Statement::from_string(read.get_database_backend(), sql)).await.unwrap().unwrap();
    let sealed: Vec<u8> = row.try_get_by_index(0).unwrap();
    let sealing = runtime::secrets::SealingKey::from_bytes(&[3; 32]);
    sealing.open(format!("signing key:{kid}").as_bytes(), &sealed).unwrap().expose().clone()
}

/// Public keys of a set in the forms that somebody would take for an HMAC's secret.
fn public_forms(jwks: &serde_json::Value, kid: &str) -> Vec<Vec<u8>> {
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid).unwrap();
    let n = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
    let e = URL_SAFE_NO_PAD.decode(key["e"].as_str().unwrap()).unwrap();
    let integer = |bytes: &[u8]| {
        let mut padded = vec![0];
        padded.extend_from_slice(bytes);
        let padded = if bytes[0] & 0x80 == 0 { bytes.to_vec() } else { padded };
        tlv(0x02, &padded)
    };
    let pkcs1 = tlv(0x30, &[integer(&n), integer(&e)].concat());
    let algorithm = tlv(0x30, &[tlv(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1]), vec![5, 0]].concat());
    let spki = tlv(0x30, &[algorithm, tlv(0x03, &[&[0], pkcs1.as_slice()].concat())].concat());
    let pem = |label: &str, der: &[u8], end: &str| {
        let base64 = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----{end}", lines.join("\n")).into_bytes()
    };
    let mut forms = vec![n, key["n"].as_str().unwrap().as_bytes().to_vec(), key.to_string().into_bytes(), Vec::new()];
    for end in ["", "\n"] {
        forms.push(pem("PUBLIC KEY", &spki, end));
        forms.push(pem("RSA PUBLIC KEY", &pkcs1, end));
    }
    forms.extend([pkcs1, spki]);
    forms
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 128 => der.push(short),
        Ok(short) => der.extend([0x81, short]),
        Err(_) => der.extend([&[0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat()),
    }
    der.extend_from_slice(content);
    der
}

db::on_each_database! {
    async fn a_token_says_who_when_and_for_whom(test: &TestDb) {
        let world = World::start(test).await;
        let user = world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let claims = world.people.tokens.verify(entered.access.token.expose(), NOW_US).await.unwrap();
        let now = NOW_US / SECOND_US;
        assert_eq!((claims.iss.as_str(), claims.aud.as_str(), claims.sub.as_str()), ("rialto", "rialto", user.uid.as_str()));
        assert_eq!((claims.sid, claims.role.as_str(), claims.level), (entered.session.sid, "member", 1));
        assert_eq!((claims.iat, claims.nbf, claims.exp, claims.amr), (now, now, now + 600, vec!["pwd".to_owned()]));
        let (header, _) = parts(entered.access.token.expose());
        assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("at+jwt")));
        let jwks = serde_json::to_value(world.people.signing_keys.jwks(NOW_US)).unwrap();
        let keys: HashMap<_, _> = jwks["keys"].as_array().unwrap().iter().map(|key| (key["kid"].clone(), key)).collect();
        let key = keys[&header["kid"]];
        assert_eq!((keys.len(), key["kty"].as_str(), key["use"].as_str(), key["alg"].as_str(), key["e"].as_str()), (2, Some("RSA"), Some("sig"), Some("RS256"), Some("AQAB")));
        assert!(!jwks.to_string().contains("\"d\""), "no private part: {jwks}");
        assert!(!format!("{:?}", entered.access).contains(entered.access.token.expose()));
    }

    async fn tokens_are_good_in_their_time_alone(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let token = entered.access.token.expose();
        world.people.tokens.verify(token, NOW_US + 599 * SECOND_US).await.unwrap();
        assert_eq!(refusal(world.people.tokens.verify(token, NOW_US + 600 * SECOND_US).await), Refusal::AccessTokenExpired);
        world.people.tokens.verify(token, NOW_US - 5 * SECOND_US).await.unwrap();
        assert_eq!(refusal(world.people.tokens.verify(token, NOW_US - 6 * SECOND_US).await), Refusal::AccessToken);
    }

    async fn nothing_but_rs256_of_our_own_key_is_believed(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let token = entered.access.token.expose();
        let (header, claims) = parts(token);
        let kid = header["kid"].as_str().unwrap().to_owned();
        let with = |changes: &[(&str, serde_json::Value)]| {
            let mut header = header.clone();
            for (key, value) in changes {
                header[*key] = value.clone();
            }
            header
        };
        let mut forged = Vec::new();
        // No signature, in every way of writing it.
        for none in ["none", "None", "NONE", "nOnE", ""] {
            let text = signed_text(&with(&[("alg", none.into())]), &claims);
            forged.extend([format!("{text}."), text.clone(), format!("{text}.{}", token.rsplit('.').next().unwrap())]);
        }
        // The public key as the secret of an HMAC.
        let jwks = serde_json::to_value(world.people.signing_keys.jwks(NOW_US)).unwrap();
        for secret in public_forms(&jwks, &kid) {
            for algorithm in ["HS256", "RS256", "HS384", "HS512"] {
                forged.push(by_hmac(&with(&[("alg", algorithm.into())]), &claims, &secret));
            }
        }
        // A key of the forger's, under our name, his own, none, and brought along.
        let own = rsa_der(include_str!("../keys/rsa-private.pem"));
        let foreign = serde_json::json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "x" });
        for changes in [
            vec![],
            vec![("kid", "AAAAAAAAAAAAAAAA".into())],
            vec![("kid", "../../secret".into())],
            vec![("kid", serde_json::Value::Null)],
            vec![("jwk", foreign)],
            vec![("jku", "https://attacker.example/jwks".into())],
        ] {
            forged.push(by_rsa(&with(&changes), &claims, &own));
        }
        // Our own signature over something else.
        let signature = token.rsplit('.').next().unwrap();
        let mut superadmin = claims.clone();
        superadmin["role"] = "superadmin".into();
        forged.push(format!("{}.{signature}", signed_text(&header, &superadmin)));
        forged.extend([String::new(), ".".into(), "..".into(), "a.b.c".into(), format!("{token}."), format!("{token}.x"), "€".into()]);
        forged.push("A".repeat(MAX_ACCESS_TOKEN_BYTES + 1));
        forged.push(format!("{token}{}", "A".repeat(MAX_ACCESS_TOKEN_BYTES)));
        for token in &forged {
            assert_eq!(refusal(world.people.tokens.verify(token, NOW_US).await), Refusal::AccessToken, "{token}");
        }
        world.people.tokens.verify(token, NOW_US).await.unwrap();
    }

    /// What the exchange's own key signed, but not as an access token of this exchange.
    async fn our_own_signature_is_not_enough(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let entered = world.enter("alice@example.com", NOW_US).await;
        let (header, claims) = parts(entered.access.token.expose());
        let private = private_key(test, header["kid"].as_str().unwrap()).await;
        let now = NOW_US / SECOND_US;
        world.people.tokens.verify(&by_rsa(&header, &claims, &private), NOW_US).await.unwrap();
        let wrong: [(&str, &str, serde_json::Value, Refusal); 15] = [
            ("header", "typ", "JWT".into(), Refusal::AccessToken),
            ("header", "typ", serde_json::Value::Null, Refusal::AccessToken),
            ("header", "kid", serde_json::Value::Null, Refusal::AccessToken),
            ("header", "crit", serde_json::json!(["x"]), Refusal::AccessToken),
            ("claims", "aud", "another".into(), Refusal::AccessToken),
            ("claims", "aud", serde_json::Value::Null, Refusal::AccessToken),
            ("claims", "iss", "another".into(), Refusal::AccessToken),
            ("claims", "iss", serde_json::Value::Null, Refusal::AccessToken),
            ("claims", "exp", (now - 1).into(), Refusal::AccessTokenExpired),
            ("claims", "exp", "9999999999".into(), Refusal::AccessToken),
            ("claims", "exp", serde_json::Value::Null, Refusal::AccessToken),
            ("claims", "nbf", (now + 60).into(), Refusal::AccessToken),
            ("claims", "nbf", serde_json::Value::Null, Refusal::AccessToken),
            ("claims", "iat", (now + 60).into(), Refusal::AccessToken),
            ("claims", "sid", serde_json::Value::Null, Refusal::AccessToken),
        ];
        for (part, key, value, expected) in wrong {
            let (mut header, mut claims) = (header.clone(), claims.clone());
            let changed = if part == "header" { &mut header } else { &mut claims };
            if value.is_null() {
                changed.as_object_mut().unwrap().remove(key);
            } else {
                changed[key] = value.clone();
            }
            let token = by_rsa(&header, &claims, &private);
            assert_eq!(refusal(world.people.tokens.verify(&token, NOW_US).await), expected, "{part} {key} {value}");
        }
        // A live session, but another user's name.
        let mut other = claims.clone();
        other["sub"] = "IDAAAAAAAAAAAA".into();
        let token = by_rsa(&header, &other, &private);
        assert_eq!(refusal(world.people.sign_in.authenticate(&token, NOW_US).await), Refusal::SessionEnded);
    }

    async fn keys_rotate_and_old_tokens_live_out(test: &TestDb) {
        let world = World::start(test).await;
        world.member("alice@example.com").await;
        let other = World::process(test, &settings()).await;
        let kid = |token: &str| parts(token).0["kid"].as_str().unwrap().to_owned();
        let day_us = 24 * 3_600 * SECOND_US;
        let due_us = NOW_US + 30 * day_us;
        let keys = &world.people.signing_keys;
        assert!(!keys.rotate_if_due(due_us - 1).await.unwrap());
        let old = world.enter("alice@example.com", due_us).await;
        assert!(keys.rotate_if_due(due_us).await.unwrap());
        assert!(!keys.rotate_if_due(due_us + 1).await.unwrap(), "once");
        let new = world.enter("alice@example.com", due_us).await;
        assert_ne!(kid(old.access.token.expose()), kid(new.access.token.expose()));
        // Both count, here and in a process that was not told.
        for process in [&world, &other] {
            for one in [&old, &new] {
                process.people.sign_in.authenticate(one.access.token.expose(), due_us).await.unwrap();
            }
        }
        assert!(!other.people.signing_keys.rotate_if_due(due_us + 1).await.unwrap(), "another process sees that it was done");
        assert_eq!(keys.jwks(due_us).keys.len(), 3);
        let over_us = due_us + 661 * SECOND_US;
        assert_eq!(keys.jwks(over_us).keys.len(), 2);
        assert_eq!(refusal(world.people.tokens.verify(old.access.token.expose(), over_us).await), Refusal::AccessToken);
        // What was retired is deleted at the next rotation.
        assert!(keys.rotate(over_us).await.unwrap());
        assert_eq!(keys.jwks(over_us).keys.len(), 3);
    }

    async fn two_processes_that_rotate_at_once_do_it_once(test: &TestDb) {
        let (world, other) = (World::start(test).await, World::process(test, &settings()).await);
        let due_us = NOW_US + 31 * 24 * 3_600 * SECOND_US;
        let (first, second) = tokio::join!(
            world.people.signing_keys.rotate_if_due(due_us),
            other.people.signing_keys.rotate_if_due(due_us)
        );
        assert!(first.unwrap() != second.unwrap());
        let (first, second) = (world.people.signing_keys.jwks(due_us), other.people.signing_keys.jwks(due_us));
        assert_eq!((first.keys.len(), second.keys.len()), (3, 3));
    }

    async fn whoever_writes_to_the_database_cannot_put_in_a_key_of_his_own(test: &TestDb) {
        let world = World::start(test).await;
        execute(test, "UPDATE identity_signing_keys SET sealed_private_key = (SELECT sealed_private_key FROM identity_signing_keys WHERE slot = 'next')").await;
        let error = world.people.signing_keys.reload(NOW_US).await.unwrap_err();
        assert!(!error.is_callers_fault() && error.to_string().contains("signing key"), "{error}");
    }
}

/// The `RSAPrivateKey` within the PKCS#8 of a PEM block.
fn rsa_der(pem: &str) -> Vec<u8> {
    let lines: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let pkcs8 = base64::engine::general_purpose::STANDARD.decode(lines).unwrap();
    // SEQUENCE { INTEGER 0, AlgorithmIdentifier, OCTET STRING { RSAPrivateKey } }: 26 bytes stand before the inner one of 2,048 bits.
    pkcs8[26..].to_vec()
}
