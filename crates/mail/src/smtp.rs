//! Letters leave by SMTP.
//!
//! The connections are kept here and not by the library's own pool: that one takes a connection back when a letter is given up
//! in the middle, and the answer that comes late would then be taken for the answer to the next letter.

use std::fs;
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use runtime::config::{Mail, MailTls};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::timeout;

use crate::{Error, SendError};

/// Most characters of a server's words that are repeated.
const MAX_WORDS: usize = 300;

/// A mail server, with a bounded number of connections.
pub struct Smtp {
    server: (String, u16),
    hello: ClientId,
    tls: MailTls,
    parameters: Option<TlsParameters>,
    credentials: Option<Credentials>,
    open_timeout: Duration,
    letter_timeout: Duration,
    permits: Semaphore,
    /// Connections that wait for the next letter; never more than there are permits.
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("server", &self.server).field("tls", &self.tls).finish_non_exhaustive()
    }
}

impl Smtp {
    /// The server of the settings; nothing is opened yet. `hello` is the domain that it is greeted with.
    ///
    /// # Errors
    /// [`Error::Settings`] without a server, and for a file of certificates that cannot be used.
    pub fn new(settings: &Mail, hello: &str) -> Result<Self, Error> {
        let missing = || Error::Settings("mail.server is not set".to_owned());
        let (host, port) = settings.host_and_port().ok_or_else(missing)?;
        let credentials = settings.user.clone().zip(settings.password.as_ref());
        Ok(Self {
            server: (host.to_owned(), port),
            hello: ClientId::Domain(hello.to_owned()),
            tls: settings.tls,
            parameters: if settings.tls == MailTls::None { None } else { Some(parameters(settings, host)?) },
            credentials: credentials.map(|(user, password)| Credentials::new(user, password.expose().clone())),
            open_timeout: settings.timeout(),
            letter_timeout: settings.letter_timeout(),
            permits: Semaphore::new(settings.max_connections as usize),
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Hands a message to the server; gives its words of acceptance. Waits its turn when all connections are in use.
    ///
    /// # Errors
    /// See [`SendError`].
    pub(crate) async fn send(&self, message: &Message) -> Result<String, SendError> {
        let whole = async {
            let _permit = self.permits.acquire().await.expect("the semaphore is never closed");
            let mut connection = self.connection().await?;
            let sent = connection.send(message.envelope(), &message.formatted()).await;
            let response = sent.map_err(|error| classify(&error))?;
            // Only a connection whose last answer was read is used again; any other is closed by being dropped.
            self.idle.lock().await.push(connection);
            Ok(words(&response.message().collect::<Vec<_>>().join(" ")))
        };
        match timeout(self.letter_timeout, whole).await {
            Ok(sent) => sent,
            Err(_) => Err(late("take the letter", self.letter_timeout)),
        }
    }

    /// A connection that answers: one that waits, or a new one.
    async fn connection(&self) -> Result<AsyncSmtpConnection, SendError> {
        let waiting = self.idle.lock().await.pop();
        if let Some(mut waiting) = waiting {
            // The server may have ended it meanwhile.
            if timeout(self.open_timeout, waiting.test_connected()).await.is_ok_and(|answers| answers) {
                return Ok(waiting);
            }
        }
        match timeout(self.open_timeout, self.open()).await {
            Ok(opened) => opened.map_err(|error| classify(&error)),
            Err(_) => Err(late("open a session", self.open_timeout)),
        }
    }

    async fn open(&self) -> Result<AsyncSmtpConnection, smtp::Error> {
        let (host, port) = (self.server.0.as_str(), self.server.1);
        let from_the_first_byte = self.parameters.clone().filter(|_| self.tls == MailTls::Tls);
        let timeout = Some(self.open_timeout);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1((host, port), timeout, &self.hello, from_the_first_byte, None).await?;
        if let (MailTls::Starttls, Some(parameters)) = (self.tls, &self.parameters) {
            connection.starttls(parameters.clone(), &self.hello).await?;
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn late(what: &str, after: Duration) -> SendError {
    SendError::Transient(format!("the mail server did not {what} within {} ms", after.as_millis()))
}

fn parameters(settings: &Mail, host: &str) -> Result<TlsParameters, Error> {
    let unusable = |error: smtp::Error| Error::Settings(format!("mail.tls: {error}"));
    let mut builder = TlsParameters::builder(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    if let Some(file) = &settings.ca_file {
        let pem = fs::read(file)
            .map_err(|error| Error::Settings(format!("mail.ca_file {} cannot be read: {error}", file.display())))?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(unusable)?);
    }
    builder.build_rustls().map_err(unusable)
}

/// A refusal of the letter is final. Whatever has its cause between us and the server, a wrong password or certificate among it,
/// passes when somebody mends it, and so may the letter.
fn classify(error: &smtp::Error) -> SendError {
    let text = words(&error.to_string());
    let code = error.status().map(u16::from);
    if error.is_permanent() && !code.is_some_and(about_access) {
        SendError::Final(text)
    } else {
        SendError::Transient(text)
    }
}

/// 5xx codes that speak of the session, not of the letter: RFC 4954, section 6 (authentication), RFC 3207 (TLS), and commands
/// that a server does not know or not now (RFC 5321, section 4.2.3: 500, 502, 503).
fn about_access(code: u16) -> bool {
    matches!(code, 500 | 502 | 503 | 523 | 530 | 534 | 535 | 538)
}

/// A server's words, bounded and on one line: they go to logs and to the record of the job.
fn words(text: &str) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    line.take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::{about_access, words};

    #[test]
    fn words_of_a_server_stay_on_one_line() {
        assert_eq!(words("a\r\nb\u{1b}[31m"), "a  b [31m");
        assert_eq!(words(&"x".repeat(1_000)).len(), 300);
    }

    #[test]
    fn a_wrong_password_is_not_the_letters_fault() {
        assert!(about_access(535) && about_access(530));
        for code in [550, 551, 552, 553, 554, 501, 555] {
            assert!(!about_access(code), "{code}");
        }
    }
}
