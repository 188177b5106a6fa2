//! Starts the mail server of `smtp_server.py`.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use runtime::config::{Mail, MailTls, Settings};
use runtime::secrets::Secret;
use tempfile::TempDir;

/// How the server is protected and who may use it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Protection {
    pub(crate) tls: MailTls,
    pub(crate) password: Option<&'static str>,
}

pub(crate) const OPEN: Protection = Protection { tls: MailTls::None, password: None };

/// A running mail server. It ends with this value.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    port: u16,
    protection: Protection,
    folder: TempDir,
}

/// A letter that the server took.
#[derive(Debug)]
pub(crate) struct Taken {
    /// What the server says of the session.
    pub(crate) said: serde_json::Value,
    /// The letter, byte for byte.
    pub(crate) raw: Vec<u8>,
}

impl Server {
    pub(crate) fn start(protection: Protection) -> Self {
        let folder = tempfile::tempdir().unwrap();
        make_certificates(folder.path());
        let (child, port) = run(folder.path(), protection, 0);
        Self { child, port, protection, folder }
    }

    /// Starts it again at the same port, with the letters and the memory of the one before.
    pub(crate) fn start_again(&mut self) {
        self.stop();
        (self.child, _) = run(self.folder.path(), self.protection, self.port);
    }

    /// Ends it, as a power cut does.
    pub(crate) fn stop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Settings that fit it.
    pub(crate) fn settings(&self) -> Mail {
        let name = if self.protection.tls == MailTls::None { "127.0.0.1" } else { "localhost" };
        Mail {
            server: Some(format!("{name}:{}", self.port)),
            tls: self.protection.tls,
            ca_file: Some(self.folder.path().join("authority.pem")),
            user: self.protection.password.map(|_| "rialto".to_owned()),
            password: self.protection.password.map(|password| Secret::new(password.to_owned())),
            from: Some("Börse Beispiel <no-reply@exchange.example>".to_owned()),
            reply_to: Some("help@exchange.example".to_owned()),
            site_name: "Börse Beispiel".to_owned(),
            ..Settings::defaults().mail
        }
    }

    /// Everything that it took, in order.
    pub(crate) fn letters(&self) -> Vec<Taken> {
        let file = |number: usize, ending: &str| self.folder.path().join(format!("{number}.{ending}"));
        let numbers = (0..).take_while(|number| file(*number, "json").exists());
        let read = |path: PathBuf| std::fs::read(path).unwrap();
        numbers
            .map(|number| Taken {
                said: serde_json::from_slice(&read(file(number, "json"))).unwrap(),
                raw: read(file(number, "eml")),
            })
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(folder: &Path, protection: Protection, port: u16) -> (Child, u16) {
    let tls = match protection.tls {
        MailTls::None => "none",
        MailTls::Starttls => "starttls",
        MailTls::Tls => "tls",
    };
    let mut command = Command::new(python());
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/smtp_server.py"));
    command.arg("--letters").arg(folder).args(["--tls", tls, "--port", &port.to_string()]);
    command.arg("--certificate").arg(folder.join("server.pem")).arg("--key").arg(folder.join("server.key"));
    if let Some(password) = protection.password {
        command.args(["--user", "rialto", "--password", password]);
    }
    // It ends when the pipe to it is closed, also when this process is killed.
    let mut child = command
        .env("PYTHONWARNINGS", "ignore")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let port = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("the mail server said {line:?}"));
    (child, port.parse().unwrap())
}

/// The Python with the packages of `tests/servers`, which `cargo xtask setup` installs below cargo's target directory.
fn python() -> PathBuf {
    let python = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("servers").join("bin/python");
    assert!(python.exists(), "{} is missing: run `cargo xtask setup`", python.display());
    python
}

/// A certificate for `localhost`, and the authority that signed it.
fn make_certificates(folder: &Path) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    std::fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    std::fs::write(folder.join("server.pem"), server.pem()).unwrap();
    std::fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
}
