//! The private PostgreSQL server ends with its process.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[tokio::test]
#[ignore = "run as a process by the test below"]
async fn child_starts_a_server() {
    let test = db::testing::postgres().await;
    println!("\nserver {}", test.url().split_once("host=").unwrap().1.replace("%2F", "/"));
    std::future::pending::<()>().await;
}

#[test]
fn a_killed_test_process_leaves_neither_server_nor_files() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "server::child_starts_a_server", "--nocapture"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.map(Result::unwrap).find(|line| line.starts_with("server ")).unwrap();
    let directory = Path::new(line.trim_start_matches("server "));
    assert!(directory.join(".s.PGSQL.5432").exists());
    let pid = std::fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    let process = Path::new("/proc").join(pid.lines().next().unwrap());
    assert!(process.exists());
    child.kill().unwrap();
    child.wait().unwrap();
    for _ in 0..1000 {
        if !directory.exists() && !process.exists() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{} or {} is still there", directory.display(), process.display());
}
