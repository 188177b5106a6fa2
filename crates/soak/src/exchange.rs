//! The program under watch: started, looked at from outside, stopped as an operator stops it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::key::Key;

/// How long it may take until it says where it listens.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end.
const STOP: Duration = Duration::from_secs(30);

/// A running exchange; killed when dropped.
pub(crate) struct Exchange {
    child: Child,
    program: PathBuf,
    data: PathBuf,
    log: PathBuf,
    panics: Arc<Mutex<Vec<String>>>,
    /// Where the HTTP door is.
    pub(crate) http: SocketAddr,
    /// Where the gRPC door is.
    pub(crate) grpc: SocketAddr,
    accounts: BTreeMap<String, Key>,
}

impl Exchange {
    /// Starts it on an empty folder below `folder` called `name`, with these settings.
    pub(crate) fn start(
        program: &Path,
        folder: &Path,
        name: &str,
        settings: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        // It runs in a folder of its own.
        let (program, folder) = (std::path::absolute(program)?, std::path::absolute(folder)?);
        let (data, log) = (folder.join(name), folder.join(format!("{name}.log")));
        if data.exists() {
            std::fs::remove_dir_all(&data)?;
        }
        std::fs::create_dir_all(&data)?;
        let mut command = Command::new(&program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RIALTO_")) {
            // Settings of whoever runs this are not what is watched.
            command.env_remove(name);
        }
        command.args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(&data).current_dir(&data);
        command.env("RIALTO_GRPC_LISTEN", "127.0.0.1:0").envs(settings.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {}", program.display()))?;
        let file = Arc::new(Mutex::new(File::create(&log)?));
        let panics = Arc::new(Mutex::new(Vec::new()));
        let (sender, lines) = channel();
        let outputs: [Option<Box<dyn Read + Send>>; 2] =
            [child.stdout.take().map(|it| Box::new(it) as _), child.stderr.take().map(|it| Box::new(it) as _)];
        for (output, sender) in outputs.into_iter().zip([Some(sender), None]) {
            let (output, file, panics) = (output.context("the exchange has no output")?, file.clone(), panics.clone());
            std::thread::spawn(move || drain(output, &file, &panics, sender));
        }
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut exchange =
            Self { child, program, data, log, panics, http: nowhere, grpc: nowhere, accounts: BTreeMap::new() };
        loop {
            let line = lines.recv_timeout(START);
            let line =
                line.with_context(|| format!("it did not say where it listens; see {}", exchange.log.display()))?;
            if let Some((_, account)) = line.split_once("demo account ") {
                let name = account.split_whitespace().next().unwrap_or_default();
                exchange.accounts.insert(name.to_owned(), credentials(account)?);
            } else if let Some((_, address)) = line.split_once("gRPC is on http://") {
                exchange.grpc = address.trim().parse()?;
            } else if let Some((_, address)) = line.split_once("listening on http://") {
                exchange.http = address.trim().parse()?;
                return Ok(exchange);
            }
        }
    }

    /// The key of a demo account.
    pub(crate) fn account(&self, name: &str) -> anyhow::Result<Key> {
        self.accounts.get(name).cloned().with_context(|| format!("there is no demo account {name}"))
    }

    /// Makes a key for an account, with the operator's tool.
    pub(crate) fn make_key(&self, account: u32) -> anyhow::Result<Key> {
        let number = account.to_string();
        let output = Command::new(&self.program)
            .args(["keys", "add", "--account", &number, "--label", "soak", "--data"])
            .arg(&self.data)
            .current_dir(&self.data)
            .output()?;
        ensure!(output.status.success(), "no key was made: {}", String::from_utf8_lossy(&output.stderr));
        credentials(&String::from_utf8(output.stdout)?)
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where its output is kept.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The bytes of its data folder.
    pub(crate) fn stored_bytes(&self) -> u64 {
        size(&self.data)
    }

    /// Fails when it has ended by itself, or said that something panicked.
    pub(crate) fn check(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the exchange ended by itself with {status}; see {}", self.log.display());
        }
        self.check_log()
    }

    /// Ends it with SIGTERM; it must end by itself, in time and with status 0. Gives how long that took.
    pub(crate) fn stop(mut self) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM).context("cannot send SIGTERM")?;
        let status = loop {
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(begun.elapsed() < STOP, "the exchange did not end within {} s of SIGTERM", STOP.as_secs());
            std::thread::sleep(Duration::from_millis(20));
        };
        let took = begun.elapsed();
        ensure!(status.success(), "the exchange ended with {status} after SIGTERM, 0 is wanted");
        self.check_log()?;
        std::fs::remove_dir_all(&self.data)?;
        Ok(took)
    }

    fn check_log(&self) -> anyhow::Result<()> {
        let panics = self.panics.lock().unwrap_or_else(PoisonError::into_inner);
        ensure!(panics.is_empty(), "the exchange said: {}", panics.join("\n"));
        Ok(())
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps reading, so that the exchange never waits for its reader.
fn drain(output: impl Read, file: &Mutex<File>, panics: &Mutex<Vec<String>>, mut sender: Option<Sender<String>>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        // A disk that takes no log does not stop the soak.
        let _ = writeln!(file.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
        if line.contains("panicked") {
            panics.lock().unwrap_or_else(PoisonError::into_inner).push(line.clone());
        }
        // Nobody listens any more once it has started.
        sender = sender.filter(|sender| sender.send(line).is_ok());
    }
}

/// `… key=KEY secret=SECRET`
fn credentials(text: &str) -> anyhow::Result<Key> {
    let word = |name: &str| text.split_whitespace().find_map(|word| word.strip_prefix(name));
    let (key, secret) = word("key=").zip(word("secret=")).context("the exchange told no key and secret")?;
    Ok(Key::new(key, secret))
}

fn size(folder: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(of) if of.is_dir() => size(&entry.path()),
        Ok(of) => of.len(),
        Err(_) => 0,
    });
    sizes.sum()
}
