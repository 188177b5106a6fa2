//! `cargo xtask clients`: unmodified clients from PyPI and npm against the real binary.
//!
//! Every directory of `tests/clients` with a `requirements.txt` or a `package-lock.json` is one client: what pins it and the
//! scripts that drive it. Each has an environment of its own, because two of them install a package of the same name, and
//! each script is given a fresh exchange with two funded accounts.

mod environment;
mod server;

pub(crate) use environment::python;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::machine;
use environment::{Environment, Language};
use server::Server;

/// Longest time that a script may take. A healthy one takes some seconds, the one with 100,000 commands up to two minutes on a
/// busy machine.
const SCRIPT_TIMEOUT: Duration = Duration::from_secs(900);

/// What to run, and with which binary.
#[derive(Default)]
pub(crate) struct Options {
    /// Only these clients; all when empty.
    pub(crate) only: Vec<String>,
    /// Use this binary instead of building one.
    pub(crate) binary: Option<PathBuf>,
    /// Stop after the installation.
    pub(crate) prepare: bool,
}

/// Prepares every client, then runs its scripts; fails at the first script that does.
pub(crate) fn run(options: &Options) -> Result<()> {
    let clients = clients(&options.only)?;
    let target = machine::target_directory()?;
    let mut prepared = Vec::new();
    for (client, language) in &clients {
        let scripts = environment::scripts(client, *language)?;
        prepared.push((Environment::prepare(client, *language, &target)?, scripts));
    }
    if options.prepare {
        return Ok(());
    }
    let binary = match &options.binary {
        Some(binary) => std::path::absolute(binary)?,
        None => build(&target)?,
    };
    for (environment, scripts) in &prepared {
        for script in scripts {
            run_script(&binary, environment, script)?;
        }
    }
    Ok(())
}

/// The directories of the wanted clients.
fn clients(only: &[String]) -> Result<Vec<(PathBuf, Language)>> {
    let directory = machine::root().join("tests/clients");
    let entries = std::fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))?;
    let paths = entries.flatten().map(|entry| entry.path());
    let mut clients: Vec<_> = paths.filter_map(|path| Some((Language::of(&path)?, path))).collect();
    clients.sort_by(|(_, left), (_, right)| left.cmp(right));
    let named = |client: &Path, name: &String| client.file_name() == Some(OsStr::new(name));
    if let Some(unknown) = only.iter().find(|name| !clients.iter().any(|(_, client)| named(client, name))) {
        bail!("there is no client `{unknown}` in tests/clients");
    }
    if !only.is_empty() {
        clients.retain(|(_, client)| only.iter().any(|name| named(client, name)));
    }
    if clients.is_empty() {
        bail!("tests/clients holds no client");
    }
    Ok(clients.into_iter().map(|(language, client)| (client, language)).collect())
}

fn build(target: &Path) -> Result<PathBuf> {
    println!("clients: building the exchange");
    machine::execute(machine::cargo(), &["build", "--locked", "-p", "rialto", "--bin", "rialto"])?;
    Ok(target.join("debug").join("rialto"))
}

#[allow(clippy::disallowed_methods, reason = "the time that a script took is for the reader, nothing depends on it")]
fn run_script(binary: &Path, environment: &Environment, script: &Path) -> Result<()> {
    let name = script.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let server = Server::start(binary)?;
    println!("clients: {name} against {}", server.url());
    let start = Instant::now();
    let mut command = environment.command(script)?;
    // A proxy has no part in this.
    command.env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1").stdin(Stdio::null());
    command.env("RIALTO_URL", server.url()).env("RIALTO_GRPC", server.grpc());
    command.env("RIALTO_BINARY", binary).env("RIALTO_DATA", server.data());
    for (account, suffix) in [("alice", "A"), ("bob", "B")] {
        let credentials = server.account(account)?;
        command.env(format!("RIALTO_KEY_{suffix}"), &credentials.key);
        command.env(format!("RIALTO_SECRET_{suffix}"), &credentials.secret);
    }
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
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
