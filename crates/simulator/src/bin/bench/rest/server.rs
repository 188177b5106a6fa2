//! A server in a process of its own: started, asked for its address, killed at the end.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::Context as _;

use super::orders::Trader;

/// How long a server may take until it says where it listens.
const START: Duration = Duration::from_secs(60);

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// Where gRPC is, if it is on.
    pub(crate) grpc: Option<SocketAddr>,
    /// Demo accounts by name: key and secret.
    accounts: BTreeMap<String, (String, String)>,
}

/// Builds the exchange as this program was built, and says where it is.
pub(crate) fn build() -> anyhow::Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--package", "rialto", "--bin", "rialto"])
        .status()
        .context("cannot run cargo")?;
    anyhow::ensure!(
        status.success(),
        "the exchange could not be built; --rialto FILE measures one that is built already"
    );
    let folder = std::env::current_exe()?;
    Ok(folder.with_file_name("rialto"))
}

impl Server {
    /// The exchange with its demo accounts, on a fresh folder; `grpc` is where that door listens, nowhere when it is empty.
    pub(crate) fn exchange(program: &Path, data: &Path, grpc: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        // Counted as ever, so that counting is measured, too; but nobody is refused.
        for limit in ["WEIGHT_1M", "ORDERS_10S", "ORDERS_1D"] {
            command.env(format!("RIALTO_LIMITS_{limit}"), "1000000000");
        }
        command.args(["run", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(data).env("RIALTO_GRPC_LISTEN", grpc);
        Self::start(command).with_context(|| format!("cannot measure {}", program.display()))
    }

    /// The bare server.
    pub(crate) fn hello() -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("hello");
        Self::start(command)
    }

    fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().context("the server has no output")?;
        let (lines, said) = mpsc::channel();
        // Reads to the end, so that a server that logs much is not held up.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = lines.send(line);
            }
        });
        let mut server =
            Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), grpc: None, accounts: BTreeMap::new() };
        loop {
            let line = said.recv_timeout(START).context("the server did not say where it listens")?;
            if let Some(account) = line.split_once("demo account ").map(|(_, rest)| rest) {
                server.accounts.extend(credentials(account));
            } else if let Some((_, address)) = line.split_once("gRPC is on http://") {
                server.grpc = Some(address.trim().parse()?);
            } else if let Some((_, address)) = line.split_once("listening on http://") {
                server.address = address.trim().parse()?;
                return Ok(server);
            }
        }
    }

    /// The demo accounts, ready to sign.
    pub(crate) fn traders(&self) -> anyhow::Result<Vec<Trader>> {
        let traders: Vec<Trader> = self.accounts.values().map(|(key, secret)| Trader::new(key, secret)).collect();
        anyhow::ensure!(traders.len() >= 2, "the exchange announced {} demo accounts, two are needed", traders.len());
        Ok(traders)
    }

    /// By how many commands the history in SQL lies behind a second after this call, as the exchange itself says; zero when it
    /// has caught up by then.
    pub(crate) fn history_lag(&self) -> anyhow::Result<u64> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(START))?;
        stream.write_all(
            b"GET /api/v3/aggTrades?symbol=BTCUSDT&limit=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let mut fields = [httparse::EMPTY_HEADER; 32];
        let mut response = httparse::Response::new(&mut fields);
        response.parse(&answer)?;
        anyhow::ensure!(response.code == Some(200), "the exchange did not say how far its history is");
        match response.headers.iter().find(|field| field.name.eq_ignore_ascii_case("x-rialto-lag")) {
            Some(field) => Ok(std::str::from_utf8(field.value)?.parse()?),
            None => Ok(0),
        }
    }

    /// Memory of the process that is not on disk, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let field = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        field.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) << 10
    }

    /// CPU time that the process has used.
    pub(crate) fn cpu_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // After the name in parentheses: state is field 3, user and system time are fields 14 and 15, in ticks of 10 ms.
        let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
        let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `NAME key=KEY secret=SECRET`.
fn credentials(text: &str) -> Option<(String, (String, String))> {
    let mut words = text.split_whitespace();
    let name = words.next()?;
    let key = words.next()?.strip_prefix("key=")?;
    let secret = words.next()?.strip_prefix("secret=")?;
    Some((name.to_owned(), (key.to_owned(), secret.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[test]
    fn credentials_are_read_from_what_the_exchange_prints() {
        let want = Some(("bob".to_owned(), ("k1".to_owned(), "s1".to_owned())));
        assert_eq!(credentials("bob key=k1 secret=s1"), want);
        assert_eq!(credentials("bob: its key was shown at the first start"), None);
    }
}
