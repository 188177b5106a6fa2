//! Schedules and the coin list beside a running exchange, by the operator's tools.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::harness::{Exchange, program};

/// Longer than the exchange takes to notice an import, by far.
const PATIENCE: Duration = Duration::from_secs(60);
const ORDER: &str = "symbol=BTCUSDT&type=LIMIT&timeInForce=GTC&side=SELL&quantity=1&price=60000";

/// Runs a tool on a data folder; gives whether it succeeded, and what it printed.
fn tool(data: &Path, arguments: &[&str]) -> (bool, String, String) {
    let output = program().args(arguments).arg("--data").arg(data).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

fn import(data: &Path, what: &str, text: &str) -> (bool, String, String) {
    let file = data.join("import.toml");
    std::fs::write(&file, text).unwrap();
    tool(data, &[what, "import", file.to_str().unwrap()])
}

/// Asks until the answer is the wanted one.
fn until(exchange: &Exchange, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let mut waited = Duration::ZERO;
    loop {
        let answer = exchange.get(path);
        if holds(&answer) {
            return answer;
        }
        assert!(waited < PATIENCE, "{path} stays {answer}");
        waited += Duration::from_millis(50);
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Work on the market from an hour ago to an hour from now.
fn work() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let day = |seconds: u64| {
        let output = std::process::Command::new("date")
            .args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    format!(
        "[[market]]\nsymbol = \"BTCUSDT\"\nzone = \"UTC\"\n[[market.maintenance]]\nname = \"disks\"\nfrom = \"{}\"\nuntil = \"{}\"\n",
        day(now - 3_600),
        day(now + 3_600)
    )
}

#[test]
fn a_schedule_is_carried_out_while_the_exchange_runs() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let alice = exchange.keys[0].clone();
    let path = "/api/v2/public/markettime/BTCUSDT";
    assert_eq!(exchange.get(path)["state"], "TRADING");

    let (done, printed, _) = import(data.path(), "markettime", &work());
    assert_eq!((done, printed.as_str()), (true, "1 schedules imported\n"));
    let told = until(&exchange, path, |answer| answer["state"] == "HALT");
    assert_eq!((told["scheduled"].as_str(), told["nextState"].as_str()), (Some("HALT"), Some("TRADING")));
    let (status, refusal) = exchange.signed(&alice, "POST", "/api/v3/order", ORDER);
    assert_eq!((status, refusal["msg"].as_str()), (400, Some("Market is closed.")));
    let (done, printed, _) = tool(data.path(), &["markettime", "next", "BTCUSDT"]);
    assert!(done && printed.starts_with("BTCUSDT HALT now\nBTCUSDT TRADING from 20"), "{printed}");
    assert!(tool(data.path(), &["markettime", "show"]).1.contains("name = \"disks\""));

    // It stays over a kill, and ends with a schedule that says so.
    exchange.kill();
    let exchange = Exchange::start(data.path());
    assert_eq!(exchange.get(path)["state"], "HALT");
    let (done, _, said) = import(data.path(), "markettime", "[[market]]\nsymbol = \"BTCUSDT\"\nzone = \"Mars\"\n");
    assert!(!done && said.contains("BTCUSDT: `Mars` is no IANA time zone"), "{said}");
    assert!(import(data.path(), "markettime", "[[market]]\nsymbol = \"BTCUSDT\"\nzone = \"UTC\"\n").0);
    until(&exchange, path, |answer| answer["state"] == "TRADING");
    exchange.call(&alice, "POST", "/api/v3/order", ORDER);
    assert!(tool(data.path(), &["markettime", "remove", "BTCUSDT"]).0);
    assert!(!tool(data.path(), &["markettime", "show", "BTCUSDT"]).0);
    assert!(exchange.stop().success());
}

#[test]
fn coins_are_seeded_and_imported() {
    let data = tempfile::tempdir().unwrap();
    let exchange = Exchange::start(data.path());
    let listed = exchange.get("/listings/coins");
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|coin| coin["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Bitcoin", "Ethereum", "Solana", "Tether", "Monero"]);
    let file = "[[coin]]\nsymbol = \"BTC\"\nname = \"Bitcoin Core\"\nprecision = 5\n";
    assert!(import(data.path(), "coins", file).0);
    let listed = until(&exchange, "/listings/coins", |coins| coins[0]["name"] == "Bitcoin Core");
    assert_eq!(listed[0]["precisionText"], "0.00001");
    assert_eq!(exchange.get("/listings/coinmarketcap/assets")["XMR"]["unified_cryptoasset_id"], 328);
    assert!(tool(data.path(), &["coins", "show"]).1.contains("Bitcoin Core (5 decimals: 0.00001)"));
    assert!(exchange.stop().success());
    // The next start of the demo leaves what was imported.
    let exchange = Exchange::start(data.path());
    assert_eq!(exchange.get("/listings/coins")[0]["name"], "Bitcoin Core");
    assert!(exchange.stop().success());
}
