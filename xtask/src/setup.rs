//! `cargo xtask setup`: what the tests need from the machine.
//!
//! Debian packages are installed when this runs as root, or as somebody who may `sudo` without a password; anybody else
//! is told what to install. Nothing is installed that is there already.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::machine;

/// The release that the fallback installs: the one the project is tested with.
const NEXTEST: &str = "0.9.143";

/// The oldest major release of Node.js that runs the scripts of clients from npm.
const NODE: u32 = 18;

/// Installs or names everything that is missing.
pub(crate) fn run() -> Result<()> {
    packages()?;
    crate::servers::install()?;
    nextest();
    Ok(())
}

/// Installs the Debian packages that the tests need.
pub(crate) fn packages() -> Result<()> {
    let mut missing = Vec::new();
    if !has_postgresql() {
        missing.push("postgresql");
    }
    if machine::find("redis-server", &["/opt/homebrew/bin".into(), "/usr/local/bin".into()]).is_none() {
        missing.push("redis-server");
    }
    if !machine::succeeds("python3", &["-c", "import ensurepip, venv"]) {
        missing.extend(["python3", "python3-venv"]);
    }
    if !has_node() {
        missing.extend(["nodejs", "npm"]);
    }
    // Not on everybody's path: /usr/sbin is the administrator's.
    if machine::find("nginx", &["/usr/sbin".into(), "/opt/homebrew/bin".into(), "/usr/local/bin".into()]).is_none() {
        missing.push("nginx");
    }
    if missing.is_empty() { Ok(()) } else { install(&missing) }
}

fn install(missing: &[&str]) -> Result<()> {
    let names = missing.join(" ");
    let root = rustix::process::geteuid().is_root();
    let sudo = !root && machine::succeeds("sudo", &["-n", "true"]);
    if machine::find("apt-get", &[]).is_none() || !(root || sudo) {
        bail!(
            "the tests need {names}; on Debian and Ubuntu: `sudo apt-get install {names}`, elsewhere install \
             PostgreSQL's server binaries (initdb, pg_ctl, postgres), redis-server, nginx, Python 3 with venv, and Node.js \
             {NODE} or later with npm, then run this again"
        );
    }
    println!("xtask: installing {names}");
    // The servers that Debian starts are of no use here: the tests start their own.
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let environment = words("env DEBIAN_FRONTEND=noninteractive apt-get");
    for step in ["update -q", &format!("install -q -y --no-install-recommends {names}")] {
        let mut line = environment.clone();
        if sudo {
            line.splice(0..0, words("sudo -n"));
        }
        line.extend(words(step));
        let program = line.remove(0);
        machine::execute(program, &line).with_context(|| format!("cannot install {names}"))?;
    }
    Ok(())
}

fn has_node() -> bool {
    let recent = format!("process.exit(parseInt(process.versions.node) >= {NODE} ? 0 : 1)");
    machine::succeeds("node", &["-e", &recent]) && machine::succeeds("npm", &["--version"])
}

/// PostgreSQL's server binaries lie outside of `PATH` on Debian, one directory per major release.
fn has_postgresql() -> bool {
    let mut places = vec![PathBuf::from("/opt/homebrew/opt/postgresql/bin"), PathBuf::from("/usr/local/pgsql/bin")];
    if let Ok(releases) = std::fs::read_dir("/usr/lib/postgresql") {
        places.extend(releases.flatten().map(|release| release.path().join("bin")));
    }
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| machine::find(program, &places).is_some())
}

/// Whether cargo-nextest can be used: found, or installed from source, which takes several minutes once.
///
/// Without it the tests still run, with cargo's own runner and without limits of time.
pub(crate) fn nextest() -> bool {
    let present = || machine::succeeds(machine::cargo(), &["nextest", "--version"]);
    if present() {
        return true;
    }
    println!("xtask: cargo-nextest is missing; installing it from source (5 to 10 minutes on two cores, once)");
    let version = format!("cargo-nextest@{NEXTEST}");
    let installed = machine::execute(machine::cargo(), &["install", "--locked", &version]);
    if let Err(error) = installed {
        println!("xtask: {error:#}; using `cargo test` instead");
        return false;
    }
    present()
}
