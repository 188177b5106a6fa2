//! What the native API works with in tests: everything real, but letters, messages and the engine's accounts, which are recorded.

use std::sync::{Arc, Mutex};

use db::Db;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use idempotency::Answers;
use identity::ports::{AccountBlocks, Accounts, News, Notice, Notices, PortError, Texts};
use identity::{ApiKeys, Captcha, Documents, Federations, Passkeys, People, Ports, SignInSite, Wallets, open_store};
use jobs::Jobs;
use runtime::clock::Clock;
use runtime::config::Settings;
use runtime::entropy::Random;
use runtime::secrets::{SealingKey, Secret};
use sea_orm::DatabaseTransaction;
use tempfile::TempDir;

use super::Parts;

/// What was written and asked for, and the documents' folder, which goes when this goes.
#[derive(Debug)]
pub struct Recorder {
    letters: Mutex<Vec<Notice>>,
    texts: Mutex<Vec<(String, String)>>,
    opened: Mutex<Vec<(u32, Option<u32>)>>,
    documents: TempDir,
}

impl Default for Recorder {
    fn default() -> Self {
        Self {
            letters: Mutex::default(),
            texts: Mutex::default(),
            opened: Mutex::default(),
            documents: tempfile::tempdir().expect("a temporary directory can be made"),
        }
    }
}

impl Recorder {
    /// The letters to an address, the oldest first.
    pub fn letters(&self, address: &str) -> Vec<News> {
        let letters = self.letters.lock().expect("no test panics while it holds this");
        letters.iter().filter(|notice| notice.to == address).map(|notice| notice.news.clone()).collect()
    }

    /// The codes that were sent to a phone, the oldest first.
    pub fn codes(&self, phone: &str) -> Vec<String> {
        let texts = self.texts.lock().expect("no test panics while it holds this");
        texts.iter().filter(|(to, _)| to == phone).map(|(_, code)| code.clone()).collect()
    }

    /// The accounts that were opened, with their masters.
    pub fn opened(&self) -> Vec<(u32, Option<u32>)> {
        self.opened.lock().expect("no test panics while it holds this").clone()
    }
}

impl Notices for Recorder {
    fn send<'a>(&'a self, _: &'a DatabaseTransaction, notice: Notice) -> BoxFuture<'a, Result<(), PortError>> {
        self.letters.lock().expect("no test panics while it holds this").push(notice);
        async { Ok(()) }.boxed()
    }
}

impl Texts for Recorder {
    fn send<'a>(
        &'a self,
        _: &'a DatabaseTransaction,
        phone: &'a str,
        _locale: &'a str,
        code: Secret<String>,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        self.texts.lock().expect("no test panics while it holds this").push((phone.to_owned(), code.expose().clone()));
        async { Ok(()) }.boxed()
    }
}

impl Accounts for Recorder {
    fn open(&self, account: u32, parent: Option<u32>) -> BoxFuture<'_, Result<(), PortError>> {
        self.opened.lock().expect("no test panics while it holds this").push((account, parent));
        async { Ok(()) }.boxed()
    }
}

/// Blocks the API keys of an account.
#[derive(Debug)]
struct Blocks(Arc<ApiKeys>);

impl AccountBlocks for Blocks {
    fn block<'a>(
        &'a self,
        write: &'a DatabaseTransaction,
        account: u32,
        now_us: u64,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        async move {
            let blocked = self.0.block_in(write, account.into(), now_us).await;
            blocked.map(drop).map_err(|error| PortError::new(error, false))
        }
        .boxed()
    }

    fn unblock<'a>(&'a self, write: &'a DatabaseTransaction, account: u32) -> BoxFuture<'a, Result<(), PortError>> {
        async move {
            let unblocked = self.0.unblock_in(write, account.into()).await;
            unblocked.map(drop).map_err(|error| PortError::new(error, false))
        }
        .boxed()
    }

    fn changed(&self, account: u32) -> BoxFuture<'_, ()> {
        self.0.forget(account.into()).boxed()
    }
}

/// The migrations that [`parts`] needs.
pub fn migrations() -> [db::Migrations; 3] {
    [jobs::migrations(), idempotency::migrations(), mail::migrations()]
}

/// The parts over a database with [`migrations`] and those of identity; documents go into the recorder's folder.
pub async fn parts(
    db: &Db,
    keys: &Arc<ApiKeys>,
    clock: &Arc<dyn Clock>,
    random: &Arc<dyn Random>,
    recorder: &Arc<Recorder>,
) -> Parts {
    let settings = Settings::defaults();
    let sealing = SealingKey::from_bytes(&[1; 32]);
    let ports = Ports {
        notices: recorder.clone(),
        accounts: recorder.clone(),
        blocks: Arc::new(Blocks(keys.clone())),
        texts: recorder.clone(),
    };
    let (identity, site) = (&settings.identity, settings.site.clone());
    let people =
        People::start(db.clone(), sealing.clone(), random.clone(), identity, &site.name, ports, clock.now_us());
    let people = people.await.expect("the defaults make people");
    let store = open_store(recorder.documents.path(), None).expect("a folder for documents can be made");
    let wallets = SignInSite {
        name: site.name.clone(),
        domain: site.domain().to_owned(),
        uri: site.url.clone(),
        evm_chains: vec![1],
        solana_chains: vec!["mainnet".to_owned()],
    };
    let passkeys = Passkeys::new(db.clone(), sealing.clone(), random.clone(), site.host(), &site.url);
    Parts {
        federations: Federations::new(&people, &settings.oidc, "http://localhost:8080/callback")
            .expect("there are none"),
        landing: "/".to_owned(),
        wallets: Wallets::new(db.clone(), random.clone(), wallets),
        passkeys: passkeys.ok(),
        documents: Documents::new(db.clone(), store, sealing.clone(), random.clone()),
        captcha: Captcha::new(&settings.captcha).expect("there is none"),
        geo: None,
        answers: Answers::new(db.clone(), sealing.clone(), random.clone(), 30_000_000),
        jobs: Jobs::new(db.clone(), clock.clone(), random.clone()),
        people: Arc::new(people),
        mailbox: None,
        cors_origins: vec!["https://app.example".to_owned()],
        site,
        sealing,
    }
}
