//! Signing in with wallets: an Ethereum signer and a Solana key pair sign for real.

use std::sync::Arc;

use alloy_primitives::{B256, U256, hex};
use alloy_signer::SignerSync as _;
use alloy_signer_local::PrivateKeySigner;
use db::testing::TestDb;
use identity::{
    Error, MAX_MESSAGE_BYTES, MAX_MESSAGES_PER_ADDRESS, MAX_WALLETS, ProvenWallet, SignInSite, SigningMessage,
    WALLET_MESSAGE_SECONDS, WalletError, WalletKind, WalletPurpose, WalletRequest, Wallets,
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use runtime::entropy::SystemRandom;

use super::api_keys::NOW_US;

const EXPIRES_US: u64 = NOW_US + WALLET_MESSAGE_SECONDS * 1_000_000;

fn site(domain: &str) -> SignInSite {
    SignInSite {
        name: "Rialto".into(),
        domain: domain.into(),
        uri: format!("https://{domain}"),
        evm_chains: vec![1, 137],
        solana_chains: vec!["mainnet".into()],
    }
}

fn process(test: &TestDb, domain: &str) -> Wallets {
    Wallets::new(test.db.clone(), Arc::new(SystemRandom::new()), site(domain))
}

async fn start(test: &TestDb) -> Wallets {
    db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
    process(test, "rialto.example")
}

/// Somebody's wallet.
enum Signer {
    Evm(PrivateKeySigner),
    Solana(Ed25519KeyPair),
}

impl Signer {
    fn evm(seed: u8) -> Self {
        Self::Evm(PrivateKeySigner::from_bytes(&B256::repeat_byte(seed)).unwrap())
    }

    fn solana(seed: u8) -> Self {
        Self::Solana(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn kind(&self) -> WalletKind {
        match self {
            Self::Evm(_) => WalletKind::Evm,
            Self::Solana(_) => WalletKind::Solana,
        }
    }

    fn address(&self) -> String {
        match self {
            Self::Evm(signer) => signer.address().to_checksum(None),
            Self::Solana(pair) => bs58::encode(pair.public_key().as_ref()).into_string(),
        }
    }

    fn sign(&self, message: &str) -> String {
        match self {
            Self::Evm(signer) => signer.sign_message_sync(message.as_bytes()).unwrap().to_string(),
            Self::Solana(pair) => bs58::encode(pair.sign(message.as_bytes()).as_ref()).into_string(),
        }
    }

    async fn ask(&self, wallets: &Wallets, purpose: WalletPurpose) -> SigningMessage {
        let address = self.address();
        let request = WalletRequest { kind: self.kind(), address: &address, chain: None, purpose };
        wallets.signing_message(request, NOW_US).await.unwrap()
    }

    async fn prove(&self, wallets: &Wallets, purpose: WalletPurpose) -> ProvenWallet {
        let asked = self.ask(wallets, purpose).await;
        let signature = self.sign(&asked.message);
        wallets.verify(self.kind(), purpose, &asked.message, &signature, NOW_US).await.unwrap()
    }
}

fn why<T: std::fmt::Debug>(result: Result<T, Error>) -> WalletError {
    let error = result.unwrap_err();
    let Error::Wallet(error) = error else { unreachable!("{error}") };
    error
}

async fn enter(wallets: &Wallets, kind: WalletKind, message: &str, signature: &str) -> Result<ProvenWallet, Error> {
    wallets.verify(kind, WalletPurpose::SignIn, message, signature, NOW_US + 1).await
}

db::on_each_database! {
    async fn a_signature_proves_an_address_once(test: &TestDb) {
        let wallets = start(test).await;
        for signer in [Signer::evm(7), Signer::solana(7)] {
            let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
            assert!(asked.message.starts_with("rialto.example wants you to sign in with your "), "{}", asked.message);
            assert!(asked.message.contains(&signer.address()) && asked.message.contains(&asked.nonce));
            assert_eq!(asked.expires_at_us, EXPIRES_US);
            let signature = signer.sign(&asked.message);
            // Another process may be asked: the message is in the database.
            let proven = enter(&process(test, "rialto.example"), signer.kind(), &asked.message, &signature).await.unwrap();
            assert_eq!((proven.kind(), proven.address()), (signer.kind(), signer.address().as_str()));
            assert_eq!(why(enter(&wallets, signer.kind(), &asked.message, &signature).await), WalletError::Message);
        }
    }

    async fn of_two_who_hand_it_in_at_once_one_gets_in(test: &TestDb) {
        let wallets = Arc::new(start(test).await);
        let signer = Signer::evm(7);
        let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
        let signature = signer.sign(&asked.message);
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let (wallets, message, signature) = (wallets.clone(), asked.message.clone(), signature.clone());
            tries.spawn(async move { enter(&wallets, WalletKind::Evm, &message, &signature).await.is_ok() });
        }
        assert_eq!(tries.join_all().await.into_iter().filter(|entered| *entered).count(), 1);
    }

    async fn nothing_but_what_was_made_here_is_taken(test: &TestDb) {
        let wallets = start(test).await;
        let elsewhere = process(test, "evil.example");
        for signer in [Signer::evm(7), Signer::solana(7)] {
            let kind = signer.kind();
            let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
            let message = &asked.message;
            for changed in [
                message.replace("rialto.example", "evil.example"),
                message.replace("Chain ID: 1", "Chain ID: 137").replace("mainnet", "devnet"),
                message.replace("Expiration Time: 2023", "Expiration Time: 2033"),
                message.replace(&asked.nonce, "abcdefghabcdefghabcdefgh"),
                message.replace(&signer.address(), &signer.address().to_lowercase()),
                format!("{message}\n"),
                format!("{message}\nResources:\n- https://evil.example"),
                String::new(),
                "x".repeat(MAX_MESSAGE_BYTES + 1),
                "x".repeat(1 << 20),
            ] {
                let signature = signer.sign(&changed);
                assert_eq!(why(enter(&wallets, kind, &changed, &signature).await), WalletError::Message, "{changed}");
            }
            // A site with another domain has messages of its own, in its own database; here both share one, and the text still tells.
            let theirs = signer.ask(&elsewhere, WalletPurpose::SignIn).await;
            assert!(theirs.message.starts_with("evil.example"));
            // The true one is still alive.
            enter(&wallets, kind, message, &signer.sign(message)).await.unwrap();
        }
    }

    async fn a_message_expires(test: &TestDb) {
        let wallets = start(test).await;
        let signer = Signer::solana(7);
        for (after_us, expected) in [(EXPIRES_US - 1, None), (EXPIRES_US, Some(WalletError::Expired))] {
            let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
            let signature = signer.sign(&asked.message);
            let result = wallets.verify(WalletKind::Solana, WalletPurpose::SignIn, &asked.message, &signature, after_us).await;
            assert_eq!(result.is_ok().then_some(()), expected.is_none().then_some(()));
            if let Some(expected) = expected {
                assert_eq!(why(result), expected);
            }
        }
        // The next message sweeps out the expired ones.
        let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
        let address = signer.address();
        let request = WalletRequest { kind: WalletKind::Solana, address: &address, chain: None, purpose: WalletPurpose::SignIn };
        wallets.signing_message(request, EXPIRES_US).await.unwrap();
        let late = enter(&wallets, WalletKind::Solana, &asked.message, &signer.sign(&asked.message)).await;
        assert_eq!(why(late), WalletError::Message);
    }

    async fn signatures_of_others_and_bent_ones_are_refused(test: &TestDb) {
        let wallets = start(test).await;
        let (evm, solana) = (Signer::evm(7), Signer::solana(7));
        let bent_evm = |signature: &str| {
            let bytes = hex::decode(signature).unwrap();
            let order = U256::from_str_radix("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16).unwrap();
            let s = U256::from_be_slice(&bytes[32..64]);
            let v = if bytes[64] == 27 { 28 } else { 27 };
            // The same point with the other value of s: right by mathematics, and another text for the same signature.
            let high = [&bytes[..32], &(order - s).to_be_bytes::<32>(), &[v]].concat();
            let other_v = [&bytes[..64], &[v]].concat();
            let chain_v = [&bytes[..64], &[37]].concat();
            let zero = [&[0; 64], &bytes[64..]].concat();
            [high, other_v, chain_v, zero, bytes[..64].to_vec(), [&bytes[..], &[0]].concat()].map(hex::encode).to_vec()
        };
        for attempt in 0..12 {
            let asked = evm.ask(&wallets, WalletPurpose::SignIn).await;
            let signature = evm.sign(&asked.message);
            let mut wrong = bent_evm(&signature);
            wrong.extend([Signer::evm(8).sign(&asked.message), evm.sign("another message"), String::new(), "0x".into(),
                "zz".repeat(65), "0".repeat(1 << 20)]);
            assert_eq!(wrong.len(), 12);
            assert_eq!(why(enter(&wallets, WalletKind::Evm, &asked.message, &wrong[attempt]).await), WalletError::Signature, "{attempt}");
            // A wrong one uses the message up.
            assert_eq!(why(enter(&wallets, WalletKind::Evm, &asked.message, &signature).await), WalletError::Message);
        }
        for attempt in 0..6 {
            let asked = solana.ask(&wallets, WalletPurpose::SignIn).await;
            let bytes = bs58::decode(solana.sign(&asked.message)).into_vec().unwrap();
            let mut flipped = bytes.clone();
            flipped[0] ^= 1;
            let wrong = [
                Signer::solana(8).sign(&asked.message),
                solana.sign("another message"),
                bs58::encode(flipped).into_string(),
                bs58::encode(malleated(&bytes)).into_string(),
                bs58::encode(&bytes[..63]).into_string(),
                "1".repeat(1 << 20),
            ];
            let result = enter(&wallets, WalletKind::Solana, &asked.message, &wrong[attempt]).await;
            assert_eq!(why(result), WalletError::Signature, "{attempt}");
        }
    }

    async fn both_ways_to_write_v_are_taken_with_and_without_0x(test: &TestDb) {
        let wallets = start(test).await;
        let signer = Signer::evm(7);
        for (shift, prefix) in [(0, "0x"), (27, "0x"), (27, "")] {
            let asked = signer.ask(&wallets, WalletPurpose::SignIn).await;
            let mut bytes = hex::decode(signer.sign(&asked.message)).unwrap();
            bytes[64] -= shift;
            let signature = format!("{prefix}{}", hex::encode(bytes));
            enter(&wallets, WalletKind::Evm, &asked.message, &signature).await.unwrap();
        }
    }

    async fn what_is_asked_for_is_checked(test: &TestDb) {
        let wallets = start(test).await;
        let evm = Signer::evm(7).address();
        let other_case = evm.replace("0x", "").to_lowercase();
        let ask = |kind, address, chain| WalletRequest { kind, address, chain, purpose: WalletPurpose::SignIn };
        let mixed = format!("0x{}", other_case.replacen(|c: char| c.is_ascii_lowercase(), "F", 1));
        for (request, expected) in [
            (ask(WalletKind::Evm, "0x12", None), WalletError::Address),
            (ask(WalletKind::Evm, &mixed, None), WalletError::Address),
            (ask(WalletKind::Solana, &evm, None), WalletError::Address),
            (ask(WalletKind::Evm, &evm, Some("10")), WalletError::Chain),
            (ask(WalletKind::Evm, &evm, Some("1\nNonce: x")), WalletError::Chain),
        ] {
            assert_eq!(why(wallets.signing_message(request, NOW_US).await), expected, "{request:?}");
        }
        let lower = format!("0x{other_case}");
        let message = wallets.signing_message(ask(WalletKind::Evm, &lower, Some("137")), NOW_US).await.unwrap().message;
        assert!(message.contains(&evm) && message.contains("Chain ID: 137\n"), "{message}");
    }

    async fn only_the_newest_messages_of_an_address_live(test: &TestDb) {
        let wallets = start(test).await;
        let (signer, other) = (Signer::solana(7), Signer::solana(8));
        let others = other.ask(&wallets, WalletPurpose::SignIn).await;
        let mut asked = Vec::new();
        for _ in 0..=MAX_MESSAGES_PER_ADDRESS {
            asked.push(signer.ask(&wallets, WalletPurpose::SignIn).await);
        }
        for (number, asked) in asked.iter().enumerate() {
            let result = enter(&wallets, WalletKind::Solana, &asked.message, &signer.sign(&asked.message)).await;
            assert_eq!(result.is_ok(), number > 0, "{number}");
        }
        enter(&wallets, WalletKind::Solana, &others.message, &other.sign(&others.message)).await.unwrap();
    }

    async fn a_wallet_belongs_to_one_user(test: &TestDb) {
        let wallets = start(test).await;
        let signer = Signer::evm(7);
        let proven = signer.prove(&wallets, WalletPurpose::SignIn).await;
        assert_eq!(wallets.find(&proven).await.unwrap(), None);
        let linked = wallets.link(1, &proven, NOW_US).await.unwrap();
        assert_eq!((linked.user_id, linked.kind, linked.linked_at_us), (1, WalletKind::Evm, NOW_US));
        assert_eq!(wallets.find(&proven).await.unwrap().as_ref(), Some(&linked));
        assert_eq!(wallets.link(1, &proven, NOW_US + 5).await.unwrap(), linked, "once more is the same");
        assert_eq!(why(wallets.link(2, &proven, NOW_US).await), WalletError::Taken);
        assert!(!wallets.unlink(2, linked.id).await.unwrap());
        assert_eq!(wallets.list(1).await.unwrap(), std::slice::from_ref(&linked));
        assert!(wallets.unlink(1, linked.id).await.unwrap() && wallets.list(1).await.unwrap().is_empty());
        wallets.link(2, &proven, NOW_US).await.unwrap();
    }

    async fn a_signature_for_one_purpose_serves_no_other(test: &TestDb) {
        let wallets = start(test).await;
        let signer = Signer::evm(7);
        let uses = [WalletPurpose::SignIn, WalletPurpose::Link(1), WalletPurpose::Link(2)];
        for meant in uses {
            for used in uses {
                let asked = signer.ask(&wallets, meant).await;
                let signature = signer.sign(&asked.message);
                let result = wallets.verify(WalletKind::Evm, used, &asked.message, &signature, NOW_US).await;
                assert_eq!(result.is_ok(), meant == used, "{meant:?} {used:?}");
            }
        }
        let proven = signer.prove(&wallets, WalletPurpose::Link(1)).await;
        assert_eq!(why(wallets.link(2, &proven, NOW_US).await), WalletError::Message);
        wallets.link(1, &proven, NOW_US).await.unwrap();
    }

    async fn a_user_has_a_bounded_number_of_wallets(test: &TestDb) {
        let wallets = start(test).await;
        for seed in 1..=u8::try_from(MAX_WALLETS).unwrap() {
            let proven = Signer::solana(seed).prove(&wallets, WalletPurpose::Link(1)).await;
            wallets.link(1, &proven, NOW_US).await.unwrap();
        }
        let proven = Signer::solana(99).prove(&wallets, WalletPurpose::Link(1)).await;
        assert_eq!(why(wallets.link(1, &proven, NOW_US).await), WalletError::TooMany);
        assert_eq!(wallets.list(1).await.unwrap().len() as u64, MAX_WALLETS);
    }
}

/// The same Ed25519 signature with s + L instead of s: right by the equation, refused by RFC 8032 (section 5.1.7).
fn malleated(signature: &[u8]) -> Vec<u8> {
    let order =
        U256::from_str_radix("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
            .unwrap();
    let s = U256::from_le_slice(&signature[32..]) + order;
    [&signature[..32], &s.to_le_bytes::<32>()].concat()
}
