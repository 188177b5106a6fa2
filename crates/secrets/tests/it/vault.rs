//! Secrets of a real OpenBao.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use runtime::clock::ManualClock;
use runtime::config::{SecretsSource, Settings, Vault};
use runtime::secrets::Secret;
use secrets::{Error, Secrets};
use tracing_subscriber::fmt::MakeWriter;

use crate::bao::Bao;

async fn open(settings: &SecretsSource, clock: &Arc<ManualClock>) -> Result<Secrets, Error> {
    Secrets::open(settings, Path::new("unused"), Arc::<ManualClock>::clone(clock) as _).await
}

async fn text(secrets: &Secrets, name: &str) -> Option<String> {
    secrets.text(name).await.unwrap().map(|secret| secret.expose().clone())
}

/// Everything that is logged, at every level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn secrets_are_read_sealed_and_never_logged() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    let spans = tracing_subscriber::fmt::format::FmtSpan::FULL;
    let _guard = tracing_subscriber::util::SubscriberInitExt::set_default(
        subscriber.with_span_events(spans).with_writer(log.clone()),
    );

    let bao = Bao::start(false);
    bao.put("smtp-password", "hunter2-ü");
    bao.put("sealing-key", &"07".repeat(32));
    let clock = Arc::new(ManualClock::at(0));
    let token = bao.token("1h");
    let secrets = open(&bao.with_token(token.clone()), &clock).await.unwrap();
    assert_eq!(text(&secrets, "smtp-password").await.as_deref(), Some("hunter2-ü"));
    assert_eq!(text(&secrets, "nobody").await, None);
    assert!(secrets.sealing_key().await.unwrap().is_some());

    let mut settings = Settings::defaults();
    settings.mail.password = Some(Secret::new("secret:smtp-password".to_owned()));
    secrets.resolve(&mut settings).await.unwrap();
    assert_eq!(settings.mail.password.unwrap().expose(), "hunter2-ü");

    let vault = secrets.vault().unwrap();
    let sealed = vault.seal(b"plain-hunter2").await.unwrap();
    assert!(sealed.starts_with("vault:v1:"), "{sealed}");
    assert_eq!(vault.open(&sealed).await.unwrap().expose(), b"plain-hunter2");
    let changed = format!("{}AAAA", &sealed[..sealed.len() - 4]);
    let refused = vault.open(&changed).await.unwrap_err();
    assert!(!refused.is_transient(), "{refused}");

    // Another value is seen at once, a deleted one is none, and one of another shape is named.
    bao.put("smtp-password", "hunter3");
    assert_eq!(text(&secrets, "smtp-password").await.as_deref(), Some("hunter3"));
    bao.run(&["kv", "delete", "secret/rialto/smtp-password"]);
    assert_eq!(text(&secrets, "smtp-password").await, None);
    bao.run(&["kv", "put", "secret/rialto/odd", "password=hunter2"]);
    assert!(secrets.text("odd").await.unwrap_err().to_string().contains("no text under `value`"));
    bao.run(&["kv", "put", "secret/rialto/empty", "value="]);
    assert!(secrets.text("empty").await.unwrap_err().to_string().contains("is empty"));

    let (role_id, secret_id) = bao.role("1h");
    let by_role = open(&bao.with_role((role_id, secret_id.clone())), &clock).await.unwrap();
    assert!(text(&by_role, "sealing-key").await.is_some());
    // Wrong ways to sign in fail without a word of what was tried.
    let refused = open(&bao.with_token(Secret::new("hunter2-token".to_owned())), &clock).await.unwrap_err();
    assert!(matches!(refused, Error::Vault { transient: false, .. }), "{refused}");
    assert!(!format!("{refused} {refused:?} {secrets:?} {by_role:?}").contains("hunter2"), "{refused:?}");

    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/v1/secret/data/rialto/smtp-password"), "the log is there: {logged}");
    for value in ["hunter", &"07".repeat(32), token.expose(), secret_id.expose(), "cGxhaW4taHVudGVy"] {
        assert!(!logged.contains(value), "{value} in {logged}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_and_a_role_signs_in_again() {
    let bao = Bao::start(false);
    bao.put("a", "1");
    let clock = Arc::new(ManualClock::at(0));

    // Renewed after two thirds of its life, by the next call: its time on the server begins anew.
    let token = bao.token("1h");
    let left = |token: &Secret<String>| -> u64 {
        bao.run(&["token", "lookup", "-field=ttl", token.expose()]).trim_end_matches('s').parse().unwrap()
    };
    let secrets = open(&bao.with_token(token.clone()), &clock).await.unwrap();
    std::thread::sleep(std::time::Duration::from_secs(3));
    let before = left(&token);
    assert!(before < 3_599, "{before}");
    clock.advance_us(2_000_000_000);
    text(&secrets, "a").await.unwrap();
    assert!(left(&token) <= before, "not yet");
    clock.advance_us(500_000_000);
    text(&secrets, "a").await.unwrap();
    assert!(left(&token) > before, "{} after {before}", left(&token));

    // A revoked token of a role is replaced when it is refused; many calls at once sign in once.
    let role = open(&bao.with_role(bao.role("1h")), &clock).await.unwrap();
    assert_eq!(text(&role, "a").await.as_deref(), Some("1"));
    bao.run(&["token", "revoke", "-mode=path", "auth/approle"]);
    let calls: [_; 4] = std::array::from_fn(|_| text(&role, "a"));
    for value in futures(calls).await {
        assert_eq!(value.as_deref(), Some("1"));
    }
    let accessors = bao.run(&["list", "-format=json", "auth/token/accessors"]);
    let accessors: Vec<String> = serde_json::from_str(&accessors).unwrap();
    let lookup = |accessor: &String| bao.run(&["token", "lookup", "-accessor", "-field=path", accessor]);
    let of_roles = accessors.iter().filter(|accessor| lookup(accessor) == "auth/approle/login").count();
    assert_eq!(of_roles, 1, "one sign-in for all calls");

    // A plain token cannot be replaced: this is told.
    bao.run(&["token", "revoke", token.expose()]);
    let refused = secrets.text("a").await.unwrap_err();
    assert!(matches!(&refused, Error::Vault { transient: false, reason } if reason.contains("403")), "{refused}");
}

async fn futures<T>(all: [impl Future<Output = T>; 4]) -> [T; 4] {
    let [a, b, c, d] = all;
    tokio::join!(a, b, c, d).into()
}

#[tokio::test]
async fn tls_is_checked_and_an_outage_passes() {
    let bao = Bao::start(true);
    bao.put("a", "1");
    let (clock, settings) = (Arc::new(ManualClock::at(0)), bao.with_token(bao.token("1h")));
    let secrets = open(&settings, &clock).await.unwrap();
    assert_eq!(text(&secrets, "a").await.as_deref(), Some("1"));
    let unknown = SecretsSource { vault: Vault { ca_file: None, ..settings.vault.clone() }, ..settings.clone() };
    assert!(open(&unknown, &clock).await.unwrap_err().is_transient());
    bao.run(&["operator", "seal"]);
    let refused = secrets.text("a").await.unwrap_err();
    assert!(refused.is_transient() && refused.to_string().contains("503"), "{refused}");
    drop(bao);
    let gone = secrets.text("a").await.unwrap_err();
    assert!(gone.is_transient() && gone.to_string().contains("cannot be reached"), "{gone}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let defaults = Settings::defaults().secrets;
    let vault = Vault {
        address: Some(format!("http://{}", silent.local_addr().unwrap())),
        token: Some(Secret::new("t".to_owned())),
        timeout_ms: 200,
        ..defaults.vault
    };
    let settings = SecretsSource { source: runtime::config::SourceKind::Vault, vault, ..defaults };
    let given_up = open(&settings, &Arc::new(ManualClock::at(0))).await.unwrap_err();
    assert!(given_up.is_transient(), "{given_up}");
}
