//! One exchange: started in a directory of its own, on a free port, and stopped as an operator stops it.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longest time from the start to the line that names the address.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Longest time from SIGTERM to the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
/// Lines of output that are kept for the case that something fails.
const LOG_LINES: usize = 2_000;

/// What a demo account signs its requests with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// A running exchange; dropping it kills it.
pub(crate) struct Server {
    child: Child,
    log: Arc<Log>,
    announced: Announced,
    _data: TempDir,
}

impl Server {
    /// Starts `binary` with an empty data directory and waits until it says where it listens.
    pub(crate) fn start(binary: &Path) -> Result<Self> {
        let data = tempfile::tempdir().context("cannot make a directory for the data")?;
        let mut command = Command::new(binary);
        command.args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(data.path().join("data"));
        command.current_dir(data.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RIALTO_")) {
            // Settings of whoever runs the tests are not what is tested.
            command.env_remove(name);
        }
        // Scripts may hurry. The counters stay on, so that clients see their headers.
        for limit in ["WEIGHT_1M", "ORDERS_10S", "ORDERS_1D"] {
            command.env(format!("RIALTO_LIMITS_{limit}"), "1000000000");
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        let log = Arc::new(Log::default());
        let (sender, lines) = channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] =
            [child.stdout.take().map(|it| Box::new(it) as _), child.stderr.take().map(|it| Box::new(it) as _)];
        for (output, sender) in outputs.into_iter().zip([Some(sender), None]) {
            let (output, log) = (output.context("the exchange has no output")?, Arc::clone(&log));
            std::thread::spawn(move || drain(output, &log, sender.as_ref()));
        }
        let mut server = Self { child, log, announced: Announced::default(), _data: data };
        server.announced = match listen(&lines, START_TIMEOUT) {
            Ok(announced) => announced,
            Err(error) => {
                println!("clients: the exchange said:\n{}", server.log());
                return Err(error);
            }
        };
        Ok(server)
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> &str {
        &self.announced.url
    }

    /// The credentials of a demo account.
    pub(crate) fn account(&self, name: &str) -> Result<&Credentials> {
        self.announced.accounts.get(name).with_context(|| format!("the exchange announced no demo account `{name}`"))
    }

    /// The last lines of its output.
    pub(crate) fn log(&self) -> String {
        self.log.text()
    }

    /// Ends it with SIGTERM; it must end by itself, in time and with status 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("cannot send SIGTERM to the exchange")?;
        match super::wait(&mut self.child, STOP_TIMEOUT)? {
            Some(status) if status.success() => Ok(()),
            Some(status) => {
                println!("clients: the exchange said:\n{}", self.log());
                bail!("the exchange ended with {status} after SIGTERM, 0 is wanted")
            }
            None => bail!("the exchange did not end within {} seconds of SIGTERM", STOP_TIMEOUT.as_secs()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the exchange says at its start, line by line.
#[derive(Default)]
struct Announced {
    url: String,
    accounts: BTreeMap<String, Credentials>,
}

impl Announced {
    /// Reads one line; both kinds may come in any order.
    fn read(&mut self, line: &str) {
        if let Some((_, url)) = line.split_once("listening on ") {
            url.split_whitespace().next().unwrap_or_default().trim_end_matches('/').clone_into(&mut self.url);
        }
        if let Some((_, account)) = line.split_once("demo account ") {
            let value =
                |key: &str| account.split_whitespace().find_map(|word| word.strip_prefix(key)).map(str::to_owned);
            if let (Some(name), Some(key), Some(secret)) =
                (account.split_whitespace().next(), value("key="), value("secret="))
            {
                self.accounts.insert(name.to_owned(), Credentials { key, secret });
            }
        }
    }

    fn is_complete(&self) -> bool {
        !self.url.is_empty() && ["alice", "bob"].iter().all(|name| self.accounts.contains_key(*name))
    }
}

/// Reads lines until the address and both accounts are known.
#[allow(clippy::disallowed_methods, reason = "a limit of real time for another process")]
fn listen(lines: &Receiver<String>, limit: Duration) -> Result<Announced> {
    let start = Instant::now();
    let mut announced = Announced::default();
    while !announced.is_complete() {
        match lines.recv_timeout(limit.saturating_sub(start.elapsed())) {
            Ok(line) => announced.read(&line),
            Err(RecvTimeoutError::Disconnected) => bail!("the exchange ended before it said where it listens"),
            Err(RecvTimeoutError::Timeout) => bail!(
                "the exchange did not announce its address and the accounts alice and bob within {} seconds",
                limit.as_secs()
            ),
        }
    }
    Ok(announced)
}

/// Keeps reading, so that the exchange never waits for its reader.
fn drain(output: impl Read, log: &Log, lines: Option<&Sender<String>>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        log.push(line.clone());
        if let Some(lines) = lines {
            let _ = lines.send(line);
        }
    }
}

/// The last lines of both outputs, in the order in which they came.
#[derive(Default)]
struct Log(Mutex<VecDeque<String>>);

impl Log {
    fn push(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn text(&self) -> String {
        let lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(|line| format!("    {line}\n")).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use super::{Announced, Server, listen};

    #[test]
    fn announcements_are_read_in_any_order() {
        let mut announced = Announced::default();
        for line in [
            "noise",
            "demo account bob key=kb secret=sb",
            "listening on http://127.0.0.1:81/",
            "demo account alice key=ka secret=sa",
        ] {
            assert!(!announced.is_complete());
            announced.read(line);
        }
        assert!(announced.is_complete());
        assert_eq!(announced.url, "http://127.0.0.1:81");
        assert_eq!(announced.accounts["alice"].key, "ka");
        assert_eq!(announced.accounts["bob"].secret, "sb");
    }

    #[test]
    fn an_exchange_that_ends_or_keeps_silent_is_an_error() {
        let (sender, lines) = channel();
        sender.send("listening on http://127.0.0.1:1".to_owned()).unwrap();
        assert!(listen(&lines, Duration::from_millis(10)).err().unwrap().to_string().contains("did not announce"));
        drop(sender);
        assert!(listen(&lines, Duration::from_secs(10)).err().unwrap().to_string().contains("ended before"));
    }

    /// A program that announces itself and ends with `status` on SIGTERM.
    fn program(directory: &tempfile::TempDir, status: u8) -> PathBuf {
        let path = directory.path().join("exchange");
        let script = format!(
            "#!/bin/sh\ntrap 'exit {status}' TERM\necho demo account alice key=1 secret=2\n\
             echo demo account bob key=3 secret=4\necho listening on http://127.0.0.1:1\nwhile :; do sleep 0.02; done\n"
        );
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn stopping_wants_status_zero() {
        for (status, good) in [(0, true), (3, false)] {
            let directory = tempfile::tempdir().unwrap();
            let server = Server::start(&program(&directory, status)).unwrap();
            assert_eq!(server.account("bob").unwrap().key, "3");
            assert_eq!(server.stop().is_ok(), good, "status {status}");
        }
    }
}
