//! `cargo xtask clients`: unmodified clients from PyPI against the real binary.
//!
//! Every directory of `tests/clients` is one client: a `requirements.txt` that pins it and the scripts that drive it. Each
//! has a virtual environment of its own, because two of them install a package of the same name, and each is given a
//! fresh exchange with two funded accounts.

mod environment;
mod server;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::machine;
use server::Server;

/// Longest time that a script may take; a healthy one takes well under a minute.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(300);

/// What to run, and with which binary.
#[derive(Default)]
pub(crate) struct Options {
    /// Only these clients; all when empty.
    pub(crate) only: Vec<String>,
    /// Use this binary instead of building one.
    pub(crate) binary: Option<PathBuf>,
    /// Stop after the virtual environments.
    pub(crate) prepare: bool,
}

/// Prepares every client, then runs its scripts; fails at the first script that does.
pub(crate) fn run(options: &Options) -> Result<()> {
    let clients = clients(&options.only)?;
    let target = machine::target_directory()?;
    let mut prepared = Vec::new();
    for client in &clients {
        prepared.push((environment::prepare(client, &target)?, scripts(client)?));
    }
    if options.prepare {
        return Ok(());
    }
    let binary = match &options.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => build(&target)?,
    };
    for (python, scripts) in &prepared {
        for script in scripts {
            run_script(&binary, python, script)?;
        }
    }
    Ok(())
}

/// The directories of the wanted clients.
fn clients(only: &[String]) -> Result<Vec<PathBuf>> {
    let directory = machine::root().join("tests/clients");
    let entries = std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let mut clients: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.join("requirements.txt").is_file()).collect();
    clients.sort();
    let named = |client: &Path, name: &String| client.file_name() == Some(OsStr::new(name));
    if let Some(unknown) = only.iter().find(|name| !clients.iter().any(|client| named(client, name))) {
        bail!("there is no client `{unknown}` in tests/clients");
    }
    if !only.is_empty() {
        clients.retain(|client| only.iter().any(|name| named(client, name)));
    }
    if clients.is_empty() {
        bail!("tests/clients holds no client");
    }
    Ok(clients)
}

/// The scripts of a client, in the order of their names.
fn scripts(client: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(client).with_context(|| format!("cannot read {}", client.display()))?;
    let mut scripts: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    scripts.retain(|path| path.extension() == Some(OsStr::new("py")));
    scripts.sort();
    if scripts.is_empty() {
        bail!("{} holds no script", client.display());
    }
    Ok(scripts)
}

fn build(target: &Path) -> Result<PathBuf> {
    println!("clients: building the exchange");
    machine::execute(machine::cargo(), &["build", "--locked", "-p", "rialto", "--bin", "rialto"])?;
    Ok(target.join("debug").join("rialto"))
}

#[allow(clippy::disallowed_methods, reason = "the time that a script took is for the reader, nothing depends on it")]
fn run_script(binary: &Path, python: &Path, script: &Path) -> Result<()> {
    let name = script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let server = Server::start(binary)?;
    println!("clients: {name} against {}", server.url());
    let start = Instant::now();
    let mut command = Command::new(python);
    // Neither a proxy nor a message about somebody else's deprecation belongs into the result.
    command.arg("-u").arg(script).env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
    command.env("PYTHONWARNINGS", "ignore").env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
    command.env("RIALTO_URL", server.url()).env("RIALTO_GRPC", server.grpc()).env("RIALTO_BINARY", binary);
    command.env("RIALTO_DATA", server.data());
    for (account, suffix) in [("alice", "A"), ("bob", "B")] {
        let credentials = server.account(account)?;
        command.env(format!("RIALTO_KEY_{suffix}"), &credentials.key);
        command.env(format!("RIALTO_SECRET_{suffix}"), &credentials.secret);
    }
    let mut child = command.spawn().with_context(|| format!("cannot run {}", python.display()))?;
    let status = wait(&mut child, SCRIPT_TIMEOUT)?;
    let failure = match status {
        Some(status) if status.success() => None,
        Some(status) => Some(format!("{name} ended with {status}; its output is above")),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            Some(format!("{name} did not end within {} seconds", SCRIPT_TIMEOUT.as_secs()))
        }
    };
    if let Some(failure) = failure {
        println!("clients: the exchange said:\n{}", server.log());
        bail!(failure);
    }
    server.stop()?;
    println!("clients: {name} passed in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// Waits for a process to end; nothing when it did not in time.
#[allow(clippy::disallowed_methods, reason = "a limit of real time for another process")]
fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for a process")? {
            return Ok(Some(status));
        }
        if start.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
