//! What tests of people share: the ports, as recorders.

use std::sync::{Arc, Mutex};

use db::testing::TestDb;
use futures_util::future::BoxFuture;
use identity::ports::{AccountBlocks, Accounts, Device, News, Notice, Notices, PortError, Texts};
use identity::{Credentials, Email, Error, People, Ports, Refusal, SignedIn, User, Users};
use runtime::entropy::SystemRandom;
use runtime::secrets::{SealingKey, Secret};
use sea_orm::DatabaseTransaction;

use super::api_keys::NOW_US;

/// Letters that were written.
#[derive(Debug, Default)]
pub(crate) struct Letters(Mutex<Vec<Notice>>);

impl Letters {
    /// The letters to an address, the oldest first.
    pub(crate) fn to(&self, address: &str) -> Vec<News> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|notice| notice.to == address).map(|notice| notice.news.clone()).collect()
    }

    /// The names of the letters to an address.
    pub(crate) fn names(&self, address: &str) -> Vec<&'static str> {
        self.to(address).iter().map(News::name).collect()
    }
}

impl Notices for Letters {
    fn send<'a>(&'a self, _write: &'a DatabaseTransaction, notice: Notice) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.0.lock().unwrap().push(notice);
            Ok(())
        })
    }
}

/// Text messages that were written.
#[derive(Debug, Default)]
pub(crate) struct Messages(Mutex<Vec<(String, String)>>);

impl Messages {
    /// The codes that were sent to a phone, the oldest first.
    pub(crate) fn to(&self, phone: &str) -> Vec<String> {
        let all = self.0.lock().unwrap();
        all.iter().filter(|(to, _)| to == phone).map(|(_, code)| code.clone()).collect()
    }
}

impl Texts for Messages {
    fn send<'a>(
        &'a self,
        _write: &'a DatabaseTransaction,
        phone: &'a str,
        _locale: &'a str,
        code: Secret<String>,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.0.lock().unwrap().push((phone.to_owned(), code.expose().clone()));
            Ok(())
        })
    }
}

/// Accounts that were opened.
#[derive(Debug, Default)]
pub(crate) struct Opened {
    pub(crate) accounts: Mutex<Vec<(u32, Option<u32>)>>,
    /// Whether the engine is away.
    pub(crate) away: std::sync::atomic::AtomicBool,
}

impl Accounts for Opened {
    fn open(&self, account: u32, parent: Option<u32>) -> BoxFuture<'_, Result<(), PortError>> {
        Box::pin(async move {
            if self.away.load(std::sync::atomic::Ordering::SeqCst) {
                return Err(PortError::new("the engine is away", true));
            }
            self.accounts.lock().unwrap().push((account, parent));
            Ok(())
        })
    }
}

/// Accounts that were blocked.
#[derive(Debug, Default)]
pub(crate) struct Blocked(pub(crate) Mutex<Vec<u32>>);

impl AccountBlocks for Blocked {
    fn block<'a>(
        &'a self,
        _write: &'a DatabaseTransaction,
        account: u32,
        _now_us: u64,
    ) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.0.lock().unwrap().push(account);
            Ok(())
        })
    }

    fn unblock<'a>(&'a self, _write: &'a DatabaseTransaction, account: u32) -> BoxFuture<'a, Result<(), PortError>> {
        Box::pin(async move {
            self.0.lock().unwrap().retain(|one| *one != account);
            Ok(())
        })
    }

    fn changed(&self, _account: u32) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A process that serves people, and what it told others.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) people: People,
    pub(crate) letters: Arc<Letters>,
    pub(crate) opened: Arc<Opened>,
    pub(crate) blocked: Arc<Blocked>,
    pub(crate) texts: Arc<Messages>,
}

pub(crate) const PASSWORD: &str = "seven tall giraffes hum";

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

pub(crate) fn email(address: &str) -> Email {
    Email::parse(address).unwrap()
}

pub(crate) fn device() -> Device {
    Device::new("192.0.2.7".parse().unwrap(), "Mozilla/5.0 (test)")
}

/// A device at another place of the network.
pub(crate) fn device_at(ip: &str) -> Device {
    Device::new(ip.parse().unwrap(), "Mozilla/5.0 (test)")
}

/// Settings whose hashes are quick.
pub(crate) fn settings() -> runtime::config::Identity {
    let mut settings = runtime::config::Settings::defaults().identity;
    settings.passwords.memory_kib = 8_192;
    settings.passwords.passes = 1;
    settings
}

/// Why something was refused.
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> Refusal {
    match result.unwrap_err() {
        Error::Refused(refusal) => refusal,
        other => unreachable!("{other}"),
    }
}

impl World {
    /// The first process of an empty database.
    pub(crate) async fn start(test: &TestDb) -> Self {
        db::migrate(&test.db, &[identity::migrations()]).await.unwrap();
        Self::process(test, &settings()).await
    }

    /// A process on this database. All of them have the same sealing key, as they share the data directory.
    pub(crate) async fn process(test: &TestDb, settings: &runtime::config::Identity) -> Self {
        let (letters, opened): (Arc<Letters>, Arc<Opened>) = Default::default();
        let (blocked, texts): (Arc<Blocked>, Arc<Messages>) = Default::default();
        let ports =
            Ports { notices: letters.clone(), accounts: opened.clone(), blocks: blocked.clone(), texts: texts.clone() };
        let (sealing, random) = (SealingKey::from_bytes(&[3; 32]), Arc::new(SystemRandom::new()));
        let people = People::start(test.db.clone(), sealing, random, settings, "Rialto", ports, NOW_US).await.unwrap();
        Self { people, letters, opened, blocked, texts }
    }

    /// The token of the newest letter to an address.
    pub(crate) fn token(&self, address: &str) -> Secret<String> {
        match self.letters.to(address).pop() {
            Some(News::VerifyEmail { token, .. } | News::ResetPassword { token, .. }) => token,
            other => unreachable!("the newest letter brings no token: {other:?}"),
        }
    }

    /// A user who signed up and verified the address.
    pub(crate) async fn member(&self, address: &str) -> User {
        self.people.sign_up.request(&email(address), &secret(PASSWORD), "en", &device(), NOW_US).await.unwrap();
        self.people.sign_up.verify(&self.token(address), &device(), NOW_US).await.unwrap()
    }

    /// A superadmin.
    pub(crate) async fn superadmin(&self, address: &str) -> User {
        let user = self.member(address).await;
        self.people.roles.appoint_first(user.id, NOW_US).await.unwrap();
        self.people.users.by_id(user.id).await.unwrap().unwrap()
    }

    /// Signs in with a password.
    pub(crate) async fn sign_in(
        &self,
        address: &str,
        password: &str,
        code: Option<&str>,
        device: &Device,
        now_us: u64,
    ) -> Result<SignedIn, Error> {
        let (email, password) = (email(address), secret(password));
        let credentials = Credentials { email: &email, password: &password, code };
        self.people.sign_in.with_password(&credentials, device, now_us).await
    }

    /// Signs in as it should go.
    pub(crate) async fn enter(&self, address: &str, now_us: u64) -> SignedIn {
        self.sign_in(address, PASSWORD, None, &device(), now_us).await.unwrap()
    }
}

/// The users of a database.
pub(crate) fn users(test: &TestDb, opened: &Arc<Opened>) -> Users {
    Users::new(test.db.clone(), Arc::new(SystemRandom::new()), opened.clone())
}

/// Makes a user that signed up by e-mail.
pub(crate) async fn pending(test: &TestDb, users: &Users, address: &str, now_us: u64) -> User {
    let email = Email::parse(address).unwrap();
    let write = test.db.begin().await.unwrap();
    let user = users.create(&write, identity::NewUser::pending(&email, "en"), now_us).await.unwrap();
    write.commit().await.unwrap();
    user
}
