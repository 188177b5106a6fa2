//! People and their access: built from the settings, with the workers and the upkeep that they need.

use std::sync::Arc;
use std::time::Duration;

use api::native::{OIDC_CALLBACK, Parts};
use api::ports::Exchange;
use db::Db;
use idempotency::Answers;
use identity::{
    ApiKeys, Captcha, DocumentStore, Documents, Federations, GeoIp, Passkeys, People, Ports, S3Store, SignInSite,
    Wallets, open_store,
};
use jobs::{Failure, Job, Jobs, NewJob, NewSchedule, Options, Worker};
use mail::{Mail, Mailbox, Postman};
use runtime::clock::Clock;
use runtime::config::Settings;
use runtime::entropy::Random;
use runtime::secrets::SealingKey;
use runtime::shutdown::Shutdown;
use serde_json::json;

use crate::adapters::{EngineAccounts, KeyBlocks, Letters, TextGateway, Texts, deliver, send_text, texts};

/// The queue of what is done again and again.
const UPKEEP: &str = "upkeep";
/// Its kinds, and when each is due. Every process sets the same schedules, and one of them carries each out.
const SCHEDULES: [(&str, &str); 3] =
    [("open-accounts", "* * * * *"), ("identity", "7 * * * *"), ("idempotency", "*/5 * * * *")];

/// How old what a process knows of permissions and signing keys may be.
const RELOAD_EVERY: Duration = Duration::from_secs(5);

/// What people are built from.
pub(super) struct Ground {
    pub(super) db: Db,
    pub(super) sealing: SealingKey,
    pub(super) random: Arc<dyn Random>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keys: Arc<ApiKeys>,
    pub(super) exchange: Arc<dyn Exchange>,
    pub(super) accounts: Arc<EngineAccounts>,
    /// Whether this is a development server, whose letters go into a mailbox for everybody to read.
    pub(super) demo: bool,
}

/// What is built, and what has to run beside it.
pub(super) struct Built {
    pub(super) parts: Parts,
    workers: Vec<Worker>,
    clock: Arc<dyn Clock>,
}

/// Builds it all.
pub(super) async fn build(settings: &Settings, ground: &Ground) -> anyhow::Result<Built> {
    let Ground { db, sealing, random, clock, keys, .. } = ground;
    let jobs = Jobs::new(db.clone(), clock.clone(), random.clone());
    let site = settings.site.clone();
    let mail = mail(settings, ground)?;
    let letters = Letters { jobs: jobs.clone(), mail: mail.clone(), site: site.url.clone() };
    let gateway = TextGateway::open(&settings.texts)?.map(Arc::new);
    let ports = Ports {
        texts: Arc::new(texts(gateway.is_some(), &letters, ground)),
        notices: Arc::new(letters),
        accounts: ground.accounts.clone(),
        blocks: Arc::new(KeyBlocks(keys.clone())),
    };
    let now_us = clock.now_us();
    let people =
        People::start(db.clone(), sealing.clone(), random.clone(), &settings.identity, &site.name, ports, now_us);
    let people = Arc::new(people.await?);
    let store = store(settings)?;
    let new_documents = || Documents::new(db.clone(), store.clone(), sealing.clone(), random.clone());
    let longest_us = u64::try_from(settings.http.request_timeout().as_micros()).unwrap_or(u64::MAX);
    let answers = Answers::new(db.clone(), sealing.clone(), random.clone(), longest_us.saturating_add(5_000_000));
    let mut workers = vec![upkeep(&jobs, &people, new_documents(), &answers, clock)];
    workers.extend(senders(settings, &jobs, &mail, gateway, sealing));
    schedule(&jobs).await?;
    let passkeys = Passkeys::new(db.clone(), sealing.clone(), random.clone(), site.host(), &site.url);
    let passkeys = passkeys.inspect_err(|error| tracing::warn!(%error, "there are no passkeys")).ok();
    let parts = Parts {
        federations: Federations::new(&people, &settings.oidc, &format!("{}{OIDC_CALLBACK}", site.url))?,
        landing: settings.oidc.landing.clone(),
        wallets: Wallets::new(db.clone(), random.clone(), wallet_site(settings)),
        passkeys,
        documents: new_documents(),
        captcha: Captcha::new(&settings.captcha)?,
        geo: settings.identity.geoip_file.as_deref().map(GeoIp::open).transpose()?,
        answers,
        jobs,
        mailbox: mail.mailbox().cloned(),
        site,
        cors_origins: settings.http.cors_origins.clone(),
        sealing: sealing.clone(),
        people,
    };
    Ok(Built { parts, workers, clock: clock.clone() })
}

/// How letters go: by the mail server of the settings or, on a development server without one, into its mailbox.
fn mail(settings: &Settings, ground: &Ground) -> anyhow::Result<Arc<Mail>> {
    let Ground { db, sealing, random, clock, demo, .. } = ground;
    let postman = match (&settings.mail.server, demo) {
        (Some(_), _) => Some(Postman::smtp(&settings.mail)?),
        (None, true) => {
            let mailbox = Mailbox::new(db.clone(), clock.clone(), settings.mail.mailbox_letters);
            Some(Postman::development(&settings.mail, mailbox)?)
        }
        (None, false) => {
            tracing::warn!(
                "there is no mail server (mail.server): letters wait in the queue, and nobody can verify an address"
            );
            None
        }
    };
    Ok(Arc::new(Mail::new(postman, sealing.clone(), clock.clone(), random.clone())))
}

/// How text messages go.
fn texts(gateway: bool, letters: &Letters, ground: &Ground) -> Texts {
    if gateway {
        let (jobs, sealing, random) = (letters.jobs.clone(), ground.sealing.clone(), ground.random.clone());
        Texts::Gateway { jobs, sealing, random }
    } else if ground.demo {
        Texts::Mailbox(letters.clone())
    } else {
        Texts::None
    }
}

/// The workers that send what waits in the queues of letters and text messages.
fn senders(
    settings: &Settings,
    jobs: &Jobs,
    mail: &Arc<Mail>,
    gateway: Option<Arc<TextGateway>>,
    sealing: &SealingKey,
) -> Vec<Worker> {
    let mut workers = Vec::new();
    if mail.delivers() {
        let mail = mail.clone();
        let worker = Worker::new(jobs.clone(), mail::QUEUE, options(settings.mail.letter_timeout()));
        workers.push(worker.handle(mail::KIND, move |job| deliver(job, mail.clone())));
    }
    if let Some(gateway) = gateway {
        let sealing = sealing.clone();
        let worker = Worker::new(jobs.clone(), texts::QUEUE, options(Duration::from_secs(30)));
        workers.push(worker.handle(texts::KIND, move |job| send_text(job, gateway.clone(), sealing.clone())));
    }
    workers
}

/// Sets the schedules of the upkeep.
async fn schedule(jobs: &Jobs) -> Result<(), jobs::Error> {
    for (kind, cron) in SCHEDULES {
        let job = NewJob { unique_key: Some(kind.to_owned()), ..NewJob::new(UPKEEP, kind, json!({})) };
        let schedule = NewSchedule { name: kind.to_owned(), cron: cron.to_owned(), zone: "UTC".to_owned(), job };
        jobs.set_schedule(&schedule).await?;
    }
    Ok(())
}

fn wallet_site(settings: &Settings) -> SignInSite {
    let site = &settings.site;
    SignInSite {
        name: site.name.clone(),
        domain: site.domain().to_owned(),
        uri: site.url.clone(),
        evm_chains: settings.wallets.evm_chains.clone(),
        solana_chains: settings.wallets.solana_chains.clone(),
    }
}

impl Built {
    /// The people.
    pub(super) fn people(&self) -> &People {
        &self.parts.people
    }

    /// Lets the workers run until the shutdown; gives what the API works with.
    pub(super) fn start(self, shutdown: &Shutdown) -> Parts {
        for worker in self.workers {
            let stop = shutdown.token();
            shutdown.spawn("worker", async move {
                if let Err(error) = worker.run(stop).await {
                    tracing::error!(%error, "a worker of the queues does not run");
                }
            });
        }
        shutdown.spawn("people", reload(self.parts.people.clone(), self.clock, shutdown.clone()));
        self.parts
    }
}

/// Reads again and again what other processes may have changed: permissions, and the keys that sign tokens.
async fn reload(people: Arc<People>, clock: Arc<dyn Clock>, shutdown: Shutdown) {
    let mut every = tokio::time::interval(RELOAD_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = shutdown.requested() => return,
        }
        let read = tokio::try_join!(people.roles.reload(), people.signing_keys.reload(clock.now_us()));
        if let Err(error) = read {
            tracing::warn!(%error, "permissions and signing keys were not read again; it is tried in some seconds");
        }
    }
}

fn options(timeout: Duration) -> Options {
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    Options { timeout, slots: 4, ..Options::new(format!("{host}-{}", std::process::id())) }
}

fn store(settings: &Settings) -> anyhow::Result<DocumentStore> {
    let documents = &settings.documents;
    let folder = documents.dir.clone().unwrap_or_else(|| settings.store.data_dir.join("documents"));
    let keys = documents.access_key_id.clone().zip(documents.secret_access_key.clone());
    let bucket = documents.bucket.clone().zip(keys).map(|(bucket, (access_key_id, secret_access_key))| S3Store {
        bucket,
        region: documents.region.clone(),
        endpoint: documents.endpoint.clone(),
        access_key_id,
        secret_access_key,
    });
    Ok(open_store(&folder, bucket.as_ref())?)
}

/// The worker of what is done again and again.
fn upkeep(
    jobs: &Jobs,
    people: &Arc<People>,
    documents: Documents,
    answers: &Answers,
    clock: &Arc<dyn Clock>,
) -> Worker {
    let worker = Worker::new(jobs.clone(), UPKEEP, options(Duration::from_secs(120)));
    let (accounts, time) = (people.clone(), clock.clone());
    let worker = worker.handle("open-accounts", move |_: Job| {
        let (people, now_us) = (accounts.clone(), time.now_us());
        async move { people.users.open_accounts(now_us).await.map(drop).map_err(failed) }
    });
    let (people, time, documents) = (people.clone(), clock.clone(), Arc::new(documents));
    let worker = worker.handle("identity", move |_: Job| {
        let (people, documents, now_us) = (people.clone(), documents.clone(), time.now_us());
        async move {
            people.signing_keys.rotate_if_due(now_us).await.map_err(failed)?;
            people.purge(now_us).await.map_err(failed)?;
            documents.sweep(now_us).await.map_err(failed)?;
            for user in people.deletions.erase(now_us).await.map_err(failed)? {
                documents.delete_all(user.0).await.map_err(failed)?;
                people.deletions.erased(user, now_us).await.map_err(failed)?;
            }
            Ok(())
        }
    });
    let (answers, time) = (answers.clone(), clock.clone());
    worker.handle("idempotency", move |_: Job| {
        let (answers, now_us) = (answers.clone(), time.now_us());
        async move { answers.purge(now_us).await.map(drop).map_err(Failure::transient) }
    })
}

fn failed(error: identity::Error) -> Failure {
    Failure::transient(error)
}
