//! Recorded flows through the whole engine, in memory and durable, whole and after a kill in the middle.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{program, shared_data};

fn flash1(scenario: &str, durable: Option<&Path>) -> Option<std::process::Command> {
    let folder = shared_data()?;
    let mut command = program();
    command.arg("replay").arg("flash1").arg(folder.join(format!("orders_{scenario}_s23_n1000000.bin.zst")));
    command.arg("--expect").arg(folder.join(format!("reports_{scenario}_s23_n1000000.txt.zst")));
    if let Some(directory) = durable {
        command.args(["--group", "1024", "--durable"]).arg(directory);
    }
    Some(command)
}

fn finish(mut command: std::process::Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn check(scenario: &str, trades: u64) {
    let Some(command) = flash1(scenario, None) else { return };
    let memory = finish(command);
    assert_eq!((memory["mismatches"].as_u64(), memory["compared"].as_bool()), (Some(0), Some(true)));
    assert_eq!(memory["trades"], trades);

    let folder = tempfile::tempdir().unwrap();
    let mut killed =
        flash1(scenario, Some(folder.path())).unwrap().stdout(std::process::Stdio::null()).spawn().unwrap();
    // Somewhere in the middle: as soon as the second segment has begun.
    let mut waited = 0;
    while std::fs::read_dir(folder.path()).unwrap().count() < 4 && waited < 3_000 {
        std::thread::sleep(Duration::from_millis(10));
        waited += 1;
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let durable = finish(flash1(scenario, Some(folder.path())).unwrap());
    for field in ["commands", "trades", "mismatches", "state_hash", "events_hash", "rejections", "open_orders"] {
        assert_eq!(memory[field], durable[field], "{field}");
    }
}

#[test]
fn flash1_normal_matches_in_memory_and_durable_after_a_kill() {
    check("normal", 62_474);
}

#[test]
fn flash1_static_matches_in_memory_and_durable_after_a_kill() {
    check("static", 827);
}

#[test]
fn a_real_day_keeps_the_ledger_balanced() {
    let Some(folder) = shared_data() else { return };
    let run = |durable: Option<&Path>| {
        let mut command = program();
        command.args(["replay", "bitstamp"]).arg(folder.join("bitstamp-2015"));
        if let Some(directory) = durable {
            command.arg("--durable").arg(directory);
        }
        finish(command)
    };
    let memory = run(None);
    assert_eq!(memory["ledger_balanced"], true);
    assert!(memory["trades"].as_u64().unwrap() > 500);
    assert!(memory["rejections"].is_object());
    assert_eq!(memory["state_hash"], run(None)["state_hash"]);
}

#[test]
fn a_wrong_report_is_a_mismatch_and_exit_status_1() {
    let Some(folder) = shared_data() else { return };
    let output = program()
        .args(["replay", "flash1"])
        .arg(folder.join("orders_normal_s23_n1000000.bin.zst"))
        .arg("--expect")
        .arg(folder.join("reports_static_s23_n1000000.txt.zst"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
}
