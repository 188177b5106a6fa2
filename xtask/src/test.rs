//! `cargo xtask test`: every check and every test, in the order in which they are cheap.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::machine;
use crate::{clients, servers, setup, soak, tidy};

/// Runs everything and fails at the first step that does.
pub(crate) fn run(skip_clients: bool) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("packages of the machine", setup::packages)?;
    steps.run("servers of the tests", servers::install)?;
    steps.run("tidy", || tidy::run(false, &[]))?;
    steps.run("format", || cargo(&["fmt", "--all", "--check"]).context("run `make fmt`"))?;
    steps.run("tests", tests)?;
    steps.run("doc tests", || cargo(&["test", "--workspace", "--doc", "--locked", "--quiet"]))?;
    if skip_clients {
        println!("xtask: client scripts left out, as asked");
    } else {
        steps.run("clients", || clients::run(&clients::Options::default()))?;
    }
    steps.run("soak, the short form", || soak::run(None, None))?;
    steps.summary();
    Ok(())
}

fn tests() -> Result<()> {
    if !setup::nextest() {
        return cargo(&["test", "--workspace", "--locked", "--lib", "--bins", "--tests"]);
    }
    let profile = if machine::variable("CI").is_some() { "ci" } else { "default" };
    cargo(&["nextest", "run", "--workspace", "--locked", "--profile", profile])
}

fn cargo(arguments: &[&str]) -> Result<()> {
    machine::execute(machine::cargo(), arguments)
}

/// The steps that ran, with the time that each took.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration)>);

impl Steps {
    #[allow(clippy::disallowed_methods, reason = "the time that a step took is for the reader, nothing depends on it")]
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
        println!("==> {name}");
        let start = std::time::Instant::now();
        step().with_context(|| format!("{name} failed"))?;
        self.0.push((name, start.elapsed()));
        Ok(())
    }

    fn summary(&self) {
        println!("==> all passed");
        for (name, took) in &self.0 {
            println!("{:>8.1} s  {name}", took.as_secs_f32());
        }
    }
}
