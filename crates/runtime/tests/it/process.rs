//! Runs one ignored test of this binary as a process of its own, where environment, standard output and signals belong to it.

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use runtime::clock::{Clock, SystemClock};
use runtime::config::Settings;
use runtime::shutdown::Shutdown;

/// A process that will run the ignored test `name`, without any setting of ours in its environment.
pub(crate) fn of_test(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", name, "--nocapture", "--test-threads=1"]);
    for (variable, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("RIALTO_")) {
        command.env_remove(variable);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
#[ignore = "run as a process by the tests below"]
fn child_logs() {
    let settings = Settings::load(None).unwrap();
    let metrics = runtime::telemetry::init(&settings.log).unwrap();
    tracing::info!(order = 7, "accepted");
    tracing::debug!("not shown");
    metrics::counter!("accepted_total").increment(2);
    assert!(metrics.render().contains("accepted_total 2"));
    assert!(runtime::telemetry::init(&settings.log).is_err(), "a second initialisation is an error");
}

#[test]
fn logs_are_one_json_object_a_line() {
    let output = of_test("process::child_logs").env("RIALTO_LOG_FORMAT", "json").output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let line = stdout.lines().find(|line| line.contains("accepted")).unwrap();
    let object = line.find('{').map(|start| &line[start..]).unwrap();
    assert!(object.ends_with('}') && object.contains("\"order\":7") && object.contains("\"level\":\"INFO\""), "{line}");
    assert!(!stdout.contains("not shown"));
}

#[test]
fn the_filter_lets_debug_lines_through() {
    let output = of_test("process::child_logs").env("RIALTO_LOG_FILTER", "debug").output().unwrap();
    assert!(text(&output).contains("not shown"), "{}", text(&output));
}

#[tokio::test]
#[ignore = "run as a process by the tests below"]
async fn child_waits_for_signals() {
    let shutdown = Shutdown::new();
    shutdown.listen_for_signals().unwrap();
    if std::env::var_os("STUCK").is_some() {
        shutdown.spawn("stuck", std::future::pending::<()>());
    }
    println!("ready");
    shutdown.requested().await;
    println!("requested");
    match shutdown.drain(Duration::from_secs(60)).await {
        Ok(()) => println!("drained"),
        Err(error) => println!("{error}"),
    }
}

fn wait_for_line(child: &mut Child, line: &str) {
    use std::io::Read;
    let mut seen = Vec::new();
    let stdout = child.stdout.as_mut().unwrap();
    while !String::from_utf8_lossy(&seen).contains(line) {
        let mut byte = [0];
        stdout.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn sigterm_and_sigint_drain_and_end_the_process() {
    for name in ["-TERM", "-INT"] {
        let mut child = of_test("process::child_waits_for_signals").spawn().unwrap();
        wait_for_line(&mut child, "ready");
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success() && text(&output).contains("drained"), "{name}: {}", text(&output));
    }
}

#[test]
fn a_second_signal_ends_the_wait_for_a_stuck_task() {
    let clock = SystemClock::new();
    let mut child = of_test("process::child_waits_for_signals").env("STUCK", "1").spawn().unwrap();
    wait_for_line(&mut child, "ready");
    signal(&child, "-TERM");
    wait_for_line(&mut child, "requested");
    signal(&child, "-TERM");
    let output = child.wait_with_output().unwrap();
    assert!(text(&output).contains("not ended in time: stuck"), "{}", text(&output));
    assert!(clock.monotonic_us() < 30_000_000, "it must not wait for the whole minute");
}
