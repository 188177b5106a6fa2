//! How much memory the engine needs, in a process of its own so that nothing else is counted.

use engine::Engine;
use model::{
    AccountId, Amount, Asset, AssetId, Command, Envelope, Sequence, SourceId, SourceSeq, Stamped, Symbol, Timestamp,
    system,
};
use serde::Serialize;

use super::ours::account;
use super::workload::MILLION;

const ASSETS: u16 = 5;
/// Resident bytes that it should stay under.
const AIM: u64 = 1 << 30;

/// Resident memory of a million accounts that each have five assets.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Memory {
    accounts: u32,
    assets: u16,
    resident_bytes: u64,
    most_resident_bytes: u64,
    aim_bytes: u64,
}

/// Asks another process of this program; `None` where the system does not tell.
pub(super) fn measure() -> anyhow::Result<Option<Memory>> {
    let output = std::process::Command::new(std::env::current_exe()?).arg("memory").output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut numbers = text.split_whitespace().map_while(|word| word.parse().ok());
    let (Some(resident_bytes), Some(most_resident_bytes)) = (numbers.next(), numbers.next()) else { return Ok(None) };
    Ok(Some(Memory { accounts: MILLION, assets: ASSETS, resident_bytes, most_resident_bytes, aim_bytes: AIM }))
}

impl Memory {
    pub(super) fn print(&self) {
        let mib = |bytes: u64| bytes as f64 / (1 << 20) as f64;
        println!(
            "Memory of the engine with 1,000,000 accounts x {} assets: {:.0} MiB resident, {:.0} MiB at most meanwhile \
             (aim of 1,024 MiB: {}).\n",
            self.assets,
            mib(self.resident_bytes),
            mib(self.most_resident_bytes),
            if self.most_resident_bytes < AIM { "reached" } else { "missed" },
        );
    }
}

/// The other process: fills an engine, and prints what is resident more than before.
pub(crate) fn serve() -> anyhow::Result<()> {
    let before = status("VmRSS:").unwrap_or(0);
    let mut engine: Engine = Engine::new();
    let mut events = Vec::new();
    let mut position = 0;
    let mut send = |command| {
        position += 1;
        let envelope = Envelope { source: SourceId::BOOTSTRAP, source_seq: SourceSeq(position), command };
        events.clear();
        engine.apply(&Stamped { sequence: Sequence(position), time: Timestamp(0), envelope }, &mut events);
    };
    let symbols = ["A", "B", "C", "D", "E"];
    for (id, name) in (1..=ASSETS).zip(symbols) {
        let symbol = Symbol::new(name).expect("these are symbols");
        send(Command::AddAsset(Asset { id: AssetId(id), symbol, scale: 8 }));
    }
    for number in 0..MILLION {
        let to = account(number);
        send(Command::OpenAccount { account: to, parent: AccountId(0) });
        for asset in (1..=ASSETS).map(AssetId) {
            send(Command::Transfer { from: system::CUSTODY, to, asset, amount: Amount(1_000_000) });
        }
    }
    if let (Some(now), Some(most)) = (status("VmRSS:"), status("VmHWM:")) {
        println!("{} {}", now.saturating_sub(before), most.saturating_sub(before));
    }
    std::hint::black_box(&engine);
    Ok(())
}

/// A line of the process's status, in bytes.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let kib: u64 = text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())?;
    Some(kib * 1_024)
}
