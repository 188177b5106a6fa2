//! A private Redis server for tests.

use std::fs;
use std::io::{self, Read};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

/// Starts the server, waits for the end of its own standard input, and ends it. The other end of that pipe is held by the test
/// process alone, and the kernel closes it however that process ends.
const GUARD: &str = r#"
redis-server --port "$1" --bind 127.0.0.1 --save '' --appendonly no --dir "$2" --logfile "$2/log" >"$2/out" 2>&1 </dev/null &
read -r _
kill -9 $!
wait $!
"#;

const START_ATTEMPTS: u32 = 1500;
const START_PAUSE: Duration = Duration::from_millis(20);

/// A Redis server on a port of its own, which lasts as long as this value.
#[derive(Debug)]
pub struct RedisServer {
    guard: Option<Child>,
    port: u16,
    directory: TempDir,
}

impl RedisServer {
    /// Starts one.
    ///
    /// # Panics
    /// With the name of the Debian package if the binary is missing, and with the server's log if it does not start.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory can be made");
        let mut server = Self { guard: None, port: 0, directory };
        // Somebody may take the port between its choice and its use.
        let runs = (0..10).any(|_| {
            server.port = free_port().expect("a port is free");
            server.run()
        });
        assert!(runs, "redis-server does not start:\n{}", server.log());
        server
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it, as a lost machine would.
    pub fn kill(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            drop(guard.stdin.take());
            let _ = guard.wait();
        }
    }

    /// Starts it again on the same port, with nothing of what it held.
    ///
    /// # Panics
    /// With its log if it does not start.
    pub fn restart(&mut self) {
        self.kill();
        assert!(self.run(), "redis-server does not start again:\n{}", self.log());
    }

    /// Starts the server and waits until it is ready; `false` when it ended.
    fn run(&mut self) -> bool {
        let _ = fs::remove_file(self.directory.path().join("log"));
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard"]).arg(self.port.to_string()).arg(self.directory.path());
        // A group of its own: what ends the group of the tests must leave the guard to clean up.
        guard.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        self.guard = Some(guard.spawn().expect("a shell can be started"));
        for _ in 0..START_ATTEMPTS {
            let log = self.log();
            if log.contains("Ready to accept connections") {
                return true;
            }
            assert!(
                !log.contains("not found"),
                "the tests need redis-server: install the Debian package `redis-server`"
            );
            if log.contains("Failed listening") || log.contains("Address already in use") {
                self.kill();
                return false;
            }
            std::thread::sleep(START_PAUSE);
        }
        false
    }

    fn log(&self) -> String {
        let read = |name| read(&self.directory.path().join(name)).unwrap_or_default();
        read("log") + &read("out")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(path)?.read_to_string(&mut text)?;
    Ok(text)
}
