//! Starts the real program and talks to it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// How long a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A demo account's API key.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// A running exchange. Killed when dropped.
#[derive(Debug)]
pub(crate) struct Exchange {
    child: Child,
    pub(crate) url: String,
    /// Address of the gRPC door.
    pub(crate) grpc: String,
    /// Keys of alice and bob, when this start made them.
    pub(crate) keys: Vec<Key>,
}

/// The program under test.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rialto"));
    // Tests may hurry; the counters stay on.
    for limit in ["WEIGHT_1M", "ORDERS_10S", "ORDERS_1D"] {
        command.env(format!("RIALTO_LIMITS_{limit}"), "1000000000");
    }
    command.env_remove("RUST_LOG").env("RIALTO_LOG_FILTER", "warn").env("RIALTO_GRPC_LISTEN", "127.0.0.1:0");
    command
}

impl Exchange {
    /// Starts the demo on a data folder, with extra environment variables.
    pub(crate) fn start_with(data: &Path, environment: &[(&str, &str)]) -> Self {
        let mut child = program()
            .args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut keys, mut grpc) = (Vec::new(), String::new());
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                panic!("the program ended before it listened: {:?}", child.wait())
            };
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
            if let Some(address) = line.strip_prefix("gRPC is on ") {
                address.clone_into(&mut grpc);
            }
            if let Some((_, rest)) = line.split_once(" key=") {
                let (key, secret) = rest.split_once(" secret=").unwrap();
                keys.push(Key { key: key.to_owned(), secret: secret.to_owned() });
            }
        };
        // The rest is log lines; a full pipe would stop the program.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url, grpc, keys }
    }

    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// Starts it on a data folder; nobody reads what it says once it listens, as when the collector of its log has died.
    pub(crate) fn start_unread(data: &Path) -> Self {
        let mut child = program()
            .args(["run", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .env("RIALTO_LOG_FILTER", "info")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
        drop((lines, child.stderr.take()));
        Self { child, url, grpc: String::new(), keys: Vec::new() }
    }

    /// Sends an unsigned request.
    pub(crate) fn get(&self, path: &str) -> Value {
        answer(ureq::get(format!("{}{path}", self.url)).config().http_status_as_error(false).build().call()).1
    }

    /// Sends a request of the native API, as whoever the access token names; gives the status and the body.
    pub(crate) fn send(&self, method: &str, path: &str, access_token: Option<&str>, body: &Value) -> (u16, Value) {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        if let Some(token) = access_token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.header("Content-Type", "application/json");
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        answer(match method {
            "GET" => agent.run(request.body(()).unwrap()),
            _ => agent.run(request.body(body.to_string()).unwrap()),
        })
    }

    /// Sends a signed request; gives the status and the body.
    pub(crate) fn signed(&self, key: &Key, method: &str, path: &str, parameters: &str) -> (u16, Value) {
        let hmac = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.secret.as_bytes());
        let sign = |query: &str| -> String {
            ring::hmac::sign(&hmac, query.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
        };
        self.signed_by(&key.key, sign, method, path, parameters)
    }

    /// The same for a key that signs in its own way; the signature is percent-encoded already.
    pub(crate) fn signed_by(
        &self,
        key: &str,
        sign: impl Fn(&str) -> String,
        method: &str,
        path: &str,
        parameters: &str,
    ) -> (u16, Value) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let separator = if parameters.is_empty() { "" } else { "&" };
        let query = format!("{parameters}{separator}timestamp={now}");
        let url = format!("{}{path}?{query}&signature={}", self.url, sign(&query));
        let request = ureq::http::Request::builder().method(method).uri(url).header("X-MBX-APIKEY", key);
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).build().into();
        answer(agent.run(request.body(()).unwrap()))
    }

    /// A signed request that must succeed.
    pub(crate) fn call(&self, key: &Key, method: &str, path: &str, parameters: &str) -> Value {
        let (status, body) = self.signed(key, method, path, parameters);
        assert_eq!(status, 200, "{method} {path}?{parameters}: {body}");
        body
    }

    /// Memory of the process that is in use, in KiB.
    pub(crate) fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Asks it to stop, as an operator does, and waits.
    pub(crate) fn stop(mut self) -> ExitStatus {
        signal(&self.child, "TERM");
        let mut waited = Duration::ZERO;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(waited < PATIENCE, "the program did not stop");
            waited += Duration::from_millis(20);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        // Already gone after `stop` and `kill`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, Value) {
    let mut response = response.unwrap();
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The recorded flows, when they are on this machine.
pub(crate) fn shared_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("RIALTO_SHARED_DATA").map_or(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: the recorded flows are absent; set RIALTO_SHARED_DATA to their folder");
    None
}

/// Balance of an asset as `free` and `locked`.
pub(crate) fn balance(account: &Value, asset: &str) -> (String, String) {
    let row = account["balances"].as_array().unwrap().iter().find(|row| row["asset"] == asset).unwrap();
    (row["free"].as_str().unwrap().to_owned(), row["locked"].as_str().unwrap().to_owned())
}
