//! Passkeys, with a virtual authenticator that makes keys and signs for real.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::testing::TestDb;
use identity::{
    Error, MAX_ANSWER_BYTES, MAX_PASSKEYS, PASSKEY_CEREMONY_SECONDS, PasskeyError, PasskeyInfo, Passkeys, ProvenPasskey,
};
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData, Origin};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use public_suffix::PublicSuffixList;
use runtime::entropy::SystemRandom;
use runtime::secrets::SealingKey;
use serde_json::{Value, json};

use super::api_keys::{NOW_US, execute};

const HOST: &str = "exchange.example";
const ORIGIN: &str = "https://exchange.example";
const LATE_US: u64 = NOW_US + PASSKEY_CEREMONY_SECONDS * 1_000_000;

// The rules as the library names them.
const ORIGIN_RULE: &str = "the origin sent from the client is not an allowed origin";
const FRAME_RULE: &str = "cross origin was from the client, but it is not allowed";
const SITE_RULE: &str = "the SHA-256 hash of the RP ID doesn't match the hash sent from the client";
const USER_RULE: &str = "user was not verified despite being required to";
const HANDLE_RULE: &str = "the user handle does not match";
const SIGNATURE_RULE: &str = "the signature over the authenticator data and CollectedClientData could not be verified";

/// A process of the site at `host`.
fn process_at(test: &TestDb, host: &str, origin: &str) -> Passkeys {
    let random = Arc::new(SystemRandom::new());
    Passkeys::new(test.db.clone(), SealingKey::from_bytes(&[3; 32]), random, host, origin).unwrap()
}

async fn start(test: &TestDb) -> Passkeys {
    db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
    process_at(test, HOST, ORIGIN)
}

/// A user at his device: he touches it, and shows his finger or not.
#[derive(Clone, Copy)]
struct Person {
    verified: bool,
}

#[sea_orm_migration::async_trait::async_trait]
impl UserValidationMethod for Person {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: self.verified })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }
}

/// A browser with its authenticator, which holds one key.
struct Device {
    client: Client<Option<Passkey>, Person, RustCryptoBackend, PublicSuffixList, ()>,
}

impl Device {
    fn new() -> Self {
        Self::of(None, true)
    }

    fn of(key: Option<Passkey>, verified: bool) -> Self {
        let mut authenticator = Authenticator::new(Aaguid::new_empty(), key, Person { verified }, RustCryptoBackend);
        authenticator.set_make_credentials_with_signature_counter(true);
        Self { client: Client::new(authenticator) }
    }

    /// The same key with the same counter: what a thief would have who copied it.
    fn copy(&self) -> Self {
        Self::of(self.client.authenticator().store().clone(), true)
    }

    /// Answers as a page at `origin` would.
    async fn make_at(&mut self, origin: &str, options: &Value) -> Value {
        let request: CredentialCreationOptions = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let origin = url::Url::parse(origin).unwrap();
        let made = self.client.register(Origin::from(&origin), request, DefaultClientData).await.unwrap();
        serde_json::to_value(made).unwrap()
    }

    async fn sign_at(&mut self, origin: &str, options: &Value) -> Value {
        let mut options = options.clone();
        // An empty list means any key (WebAuthn, section 5.1.4.2); this client takes it for none.
        assert_eq!(options.as_object_mut().unwrap().remove("allowCredentials"), Some(json!([])));
        let request: CredentialRequestOptions = serde_json::from_value(json!({ "publicKey": options })).unwrap();
        let origin = url::Url::parse(origin).unwrap();
        let signed = self.client.authenticate(Origin::from(&origin), request, DefaultClientData).await.unwrap();
        serde_json::to_value(signed).unwrap()
    }

    async fn enrol(&mut self, passkeys: &Passkeys, user_id: i64) -> PasskeyInfo {
        let options = passkeys.start_registration(user_id, "ann@exchange.example", NOW_US).await.unwrap().options;
        let answer = self.make_at(ORIGIN, &options).await;
        passkeys.finish_registration(user_id, "laptop", &bytes(&answer), NOW_US + 1).await.unwrap()
    }

    async fn sign_in(&mut self, passkeys: &Passkeys) -> Result<ProvenPasskey, Error> {
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let answer = self.sign_at(ORIGIN, &options).await;
        passkeys.finish_authentication(&bytes(&answer), NOW_US + 2).await
    }
}

fn bytes(answer: &Value) -> Vec<u8> {
    serde_json::to_vec(answer).unwrap()
}

fn why<T: std::fmt::Debug>(result: Result<T, Error>) -> PasskeyError {
    let error = result.unwrap_err();
    let Error::Passkey(error) = error else { unreachable!("{error}") };
    error
}

/// The rule that was broken.
fn rule<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = why(result);
    let PasskeyError::Refused(rule) = error else { unreachable!("{error}") };
    rule
}

/// Changes what the browser said that it saw.
fn with_client_data(answer: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut answer = answer.clone();
    let text = answer["response"]["clientDataJSON"].as_str().unwrap();
    let mut data: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap();
    change(&mut data);
    answer["response"]["clientDataJSON"] = json!(URL_SAFE_NO_PAD.encode(bytes(&data)));
    answer
}

db::on_each_database! {
    async fn a_passkey_is_made_and_signs_its_user_in(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        let made = device.enrol(&passkeys, 7).await;
        assert_eq!((made.label.as_str(), made.created_at_us, made.last_used_us), ("laptop", NOW_US + 1, None));
        // A process that starts later knows it, too, and the same answer of any process.
        for passkeys in [&passkeys, &process_at(test, HOST, ORIGIN)] {
            let proven = device.sign_in(passkeys).await.unwrap();
            assert_eq!((proven.user_id(), proven.passkey_id()), (7, made.id));
        }
        assert_eq!(passkeys.list(7).await.unwrap()[0].last_used_us, Some(NOW_US + 2));
    }

    async fn the_options_ask_for_what_is_checked(test: &TestDb) {
        let passkeys = start(test).await;
        let making = passkeys.start_registration(7, "ann@exchange.example", NOW_US).await.unwrap();
        assert_eq!(making.expires_at_us, LATE_US);
        let making = making.options;
        assert_eq!((&making["rp"]["id"], &making["attestation"]), (&json!(HOST), &json!("none")));
        assert_eq!(making["user"]["name"], "ann@exchange.example");
        assert_eq!(making["authenticatorSelection"]["userVerification"], "required");
        assert_eq!(making["authenticatorSelection"]["residentKey"], "required");
        let signing = passkeys.start_authentication(NOW_US).await.unwrap().options;
        assert_eq!((&signing["rpId"], &signing["userVerification"]), (&json!(HOST), &json!("required")));
        assert_ne!(making["challenge"], signing["challenge"]);
        // A name that authenticators cannot take does not stand in the way.
        let odd = passkeys.start_registration(8, "two words \u{202e}", NOW_US).await.unwrap().options;
        assert_eq!(odd["user"]["name"], "user");
    }

    async fn an_answer_serves_once(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        let options = passkeys.start_registration(7, "ann", NOW_US).await.unwrap().options;
        let answer = bytes(&device.make_at(ORIGIN, &options).await);
        passkeys.finish_registration(7, "laptop", &answer, NOW_US).await.unwrap();
        assert_eq!(why(passkeys.finish_registration(7, "laptop", &answer, NOW_US).await), PasskeyError::Ceremony);
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let answer = bytes(&device.sign_at(ORIGIN, &options).await);
        passkeys.finish_authentication(&answer, NOW_US).await.unwrap();
        assert_eq!(why(passkeys.finish_authentication(&answer, NOW_US).await), PasskeyError::Ceremony);
    }

    async fn late_answers_are_refused(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        let options = passkeys.start_registration(7, "ann", NOW_US).await.unwrap().options;
        let answer = bytes(&device.make_at(ORIGIN, &options).await);
        assert_eq!(why(passkeys.finish_registration(7, "laptop", &answer, LATE_US).await), PasskeyError::Expired);
        device.enrol(&passkeys, 7).await;
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let answer = bytes(&device.sign_at(ORIGIN, &options).await);
        assert_eq!(why(passkeys.finish_authentication(&answer, LATE_US).await), PasskeyError::Expired);
        // A new attempt ends the user's earlier one.
        let first = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
        passkeys.start_registration(8, "bob", NOW_US).await.unwrap();
        let answer = bytes(&Device::new().make_at(ORIGIN, &first).await);
        assert_eq!(why(passkeys.finish_registration(8, "phone", &answer, NOW_US).await), PasskeyError::Ceremony);
    }

    async fn a_page_of_another_origin_makes_and_opens_nothing(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        device.enrol(&passkeys, 7).await;
        // A browser lets a page of a subdomain use the domain's passkeys; the site takes its own pages' answers alone.
        for origin in ["https://evil.exchange.example", "https://exchange.example:8443"] {
            let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
            let answer = bytes(&device.sign_at(origin, &options).await);
            assert_eq!(rule(passkeys.finish_authentication(&answer, NOW_US).await), ORIGIN_RULE);
            let options = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
            let answer = bytes(&Device::new().make_at(origin, &options).await);
            assert_eq!(rule(passkeys.finish_registration(8, "phone", &answer, NOW_US).await), ORIGIN_RULE);
        }
        // A page in another page's frame. What makes a key is not signed, so it is this rule alone that stops it.
        let options = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
        let answer = Device::new().make_at(ORIGIN, &options).await;
        let framed = with_client_data(&answer, |data| data["crossOrigin"] = json!(true));
        assert_eq!(rule(passkeys.finish_registration(8, "phone", &bytes(&framed), NOW_US).await), FRAME_RULE);
    }

    async fn a_key_for_another_site_opens_nothing(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        device.enrol(&passkeys, 7).await;
        // The phishing site hands on our challenge under its own name, and makes the browser's words ours.
        let mut options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        options["rpId"] = json!("evil.example");
        let answer = device.sign_at("https://evil.example", &options).await;
        let dressed = with_client_data(&answer, |data| data["origin"] = json!(ORIGIN));
        assert_eq!(rule(passkeys.finish_authentication(&bytes(&dressed), NOW_US).await), SIGNATURE_RULE);
        // A passkey that was made for the other site is none of ours, even with our challenge.
        let mut options = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
        options["rp"]["id"] = json!("evil.example");
        let answer = Device::new().make_at("https://evil.example", &options).await;
        let dressed = with_client_data(&answer, |data| data["origin"] = json!(ORIGIN));
        assert_eq!(rule(passkeys.finish_registration(8, "phone", &bytes(&dressed), NOW_US).await), SITE_RULE);
        // Nor does ours open the other site, even if its pages had our address.
        let elsewhere = process_at(test, "evil.example", ORIGIN);
        let mut options = elsewhere.start_authentication(NOW_US).await.unwrap().options;
        options["rpId"] = json!(HOST);
        let answer = bytes(&device.sign_at(ORIGIN, &options).await);
        assert_eq!(rule(elsewhere.finish_authentication(&answer, NOW_US).await), SITE_RULE);
    }

    async fn a_copied_key_is_found_by_its_counter(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        device.enrol(&passkeys, 7).await;
        device.sign_in(&passkeys).await.unwrap();
        let mut copy = device.copy();
        device.sign_in(&passkeys).await.unwrap();
        assert_eq!(why(copy.sign_in(&passkeys).await), PasskeyError::Counter);
        device.sign_in(&passkeys).await.unwrap();
    }

    async fn only_a_verified_user_gets_in(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        device.enrol(&passkeys, 7).await;
        // The page drops the demand, and the authenticator does not ask for the finger.
        let mut careless = Device::of(device.client.authenticator().store().clone(), false);
        let mut options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        options["userVerification"] = json!("discouraged");
        let answer = bytes(&careless.sign_at(ORIGIN, &options).await);
        assert_eq!(rule(passkeys.finish_authentication(&answer, NOW_US).await), USER_RULE);
        let mut options = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
        options["authenticatorSelection"]["userVerification"] = json!("discouraged");
        options["extensions"] = json!({});
        let answer = bytes(&Device::of(None, false).make_at(ORIGIN, &options).await);
        assert_eq!(rule(passkeys.finish_registration(8, "phone", &answer, NOW_US).await), USER_RULE);
    }

    async fn another_users_passkey_opens_only_his_own(test: &TestDb) {
        let passkeys = start(test).await;
        let (mut ann, mut bob) = (Device::new(), Device::new());
        ann.enrol(&passkeys, 7).await;
        bob.enrol(&passkeys, 8).await;
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let hers = ann.sign_at(ORIGIN, &options).await;
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let his = bob.sign_at(ORIGIN, &options).await;
        // Bob signs and says that he is Ann, or that his key is hers.
        let mut as_ann = his.clone();
        as_ann["response"]["userHandle"] = hers["response"]["userHandle"].clone();
        assert_eq!(rule(passkeys.finish_authentication(&bytes(&as_ann), NOW_US).await), HANDLE_RULE);
        let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
        let mut with_her_key = bob.sign_at(ORIGIN, &options).await;
        with_her_key["id"] = hers["id"].clone();
        with_her_key["rawId"] = hers["rawId"].clone();
        with_her_key["response"]["userHandle"] = hers["response"]["userHandle"].clone();
        assert_eq!(rule(passkeys.finish_authentication(&bytes(&with_her_key), NOW_US).await), SIGNATURE_RULE);
        // What Bob began is not Ann's to end.
        let options = passkeys.start_registration(8, "bob", NOW_US).await.unwrap().options;
        let answer = bytes(&Device::new().make_at(ORIGIN, &options).await);
        assert_eq!(why(passkeys.finish_registration(7, "mine", &answer, NOW_US).await), PasskeyError::Ceremony);
        // An answer to making a passkey is none to signing in, and the other way round.
        assert_eq!(why(passkeys.finish_authentication(&answer, NOW_US).await), PasskeyError::Answer);
        assert_eq!(why(passkeys.finish_registration(7, "x", &bytes(&hers), NOW_US).await), PasskeyError::Answer);
    }

    async fn a_changed_answer_is_refused(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        device.enrol(&passkeys, 7).await;
        for field in ["signature", "authenticatorData"] {
            let options = passkeys.start_authentication(NOW_US).await.unwrap().options;
            let mut answer = device.sign_at(ORIGIN, &options).await;
            let mut raw = URL_SAFE_NO_PAD.decode(answer["response"][field].as_str().unwrap()).unwrap();
            let last = raw.len() - 1;
            raw[last] ^= 1;
            answer["response"][field] = json!(URL_SAFE_NO_PAD.encode(raw));
            assert_eq!(rule(passkeys.finish_authentication(&bytes(&answer), NOW_US).await), SIGNATURE_RULE);
        }
        let long = vec![b' '; MAX_ANSWER_BYTES + 1];
        for answer in [&b""[..], b"{}", b"[]", b"\xff", &long] {
            assert_eq!(why(passkeys.finish_authentication(answer, NOW_US).await), PasskeyError::Answer);
            assert_eq!(why(passkeys.finish_registration(7, "x", answer, NOW_US).await), PasskeyError::Answer);
        }
    }

    async fn a_passkey_is_renamed_and_deleted_by_its_owner(test: &TestDb) {
        let passkeys = start(test).await;
        let mut device = Device::new();
        let made = device.enrol(&passkeys, 7).await;
        assert!(!passkeys.rename(8, made.id, "his").await.unwrap() && !passkeys.delete(8, made.id).await.unwrap());
        assert!(passkeys.rename(7, made.id, " phone ").await.unwrap());
        assert_eq!(passkeys.list(7).await.unwrap()[0].label, "phone");
        assert!(matches!(passkeys.rename(7, made.id, "\n").await, Err(Error::Label)));
        assert!(passkeys.delete(7, made.id).await.unwrap() && passkeys.list(7).await.unwrap().is_empty());
        assert_eq!(why(device.sign_in(&passkeys).await), PasskeyError::Unknown);
    }

    async fn a_user_has_a_bounded_number_of_passkeys(test: &TestDb) {
        let passkeys = start(test).await;
        for _ in 0..MAX_PASSKEYS {
            Device::new().enrol(&passkeys, 7).await;
        }
        assert_eq!(why(passkeys.start_registration(7, "ann", NOW_US).await), PasskeyError::TooMany);
    }

    /// Whoever can write to the database cannot put in a key of his own.
    async fn a_key_is_bound_to_its_user(test: &TestDb) {
        let passkeys = start(test).await;
        let (mut ann, mut bob) = (Device::new(), Device::new());
        let hers = ann.enrol(&passkeys, 7).await;
        let his = bob.enrol(&passkeys, 8).await;
        let key = format!(
            "UPDATE identity_passkeys SET sealed_key = (SELECT sealed_key FROM identity_passkeys WHERE id = {}) WHERE id = {}",
            his.id, hers.id
        );
        execute(test, &key).await;
        assert_eq!(why(ann.sign_in(&passkeys).await), PasskeyError::Unusable(hers.id));
        let owner = format!("UPDATE identity_passkeys SET user_id = 7 WHERE id = {}", his.id);
        execute(test, &owner).await;
        assert_eq!(why(bob.sign_in(&passkeys).await), PasskeyError::Unusable(his.id));
    }
}
