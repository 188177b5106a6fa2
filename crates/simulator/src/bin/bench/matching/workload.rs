//! The messages that every contender gets.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::{Path, PathBuf};

use flows::flash1::{Expected, Kind, Message, Stream};
use model::Side;
use simulator::Random;

use super::contest::Contender;
use super::ours::Ours;

/// New orders of the synthetic workload, as in the recorded one.
const ORDERS: u64 = 1_000_000;

/// A workload, and what is known of the right answer.
pub(super) struct Workload {
    pub(super) name: String,
    pub(super) stream: Stream,
    expected: Option<PathBuf>,
}

/// What the engine did with a workload, message by message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Verdict {
    /// Trades, the same as those expected when there is no mismatch.
    pub(super) trades: u64,
    /// Messages whose reports differ from those expected; none when nothing is expected.
    pub(super) mismatches: Option<u64>,
}

impl Workload {
    /// The two recorded workloads; a synthetic one, said plainly, when they are not there.
    pub(super) fn all(folder: &Path) -> anyhow::Result<Vec<Self>> {
        let orders = |name: &str| folder.join(format!("orders_{name}_s23_n1000000.bin.zst"));
        let names = ["normal", "static"];
        if names.iter().any(|name| !orders(name).exists()) {
            println!(
                "The recorded flash1 flows are not in {}: a synthetic flow of the same shape stands in for them.\n\
                 Its figures compare the contenders with each other, not with figures published for flash1.\n",
                folder.display()
            );
            return Ok(vec![Self { name: "synthetic".into(), stream: Stream::new(synthetic()), expected: None }]);
        }
        let read = |name: &str| {
            let reports = folder.join(format!("reports_{name}_s23_n1000000.txt.zst"));
            let stream = Stream::read(&orders(name))?;
            Ok(Self { name: format!("flash1 {name}"), stream, expected: reports.exists().then_some(reports) })
        };
        names.into_iter().map(read).collect()
    }

    /// Runs the engine once, apart from the measurements, and compares each message's reports with those expected.
    pub(super) fn verify(&self, accounts: u32) -> anyhow::Result<Verdict> {
        let mut expected = self.expected.as_deref().map(Expected::open).transpose()?;
        let mut ours = Ours::new(accounts, 0);
        let (mut trades, mut lines) = (0, String::new());
        for message in &self.stream.messages {
            let input = ours.input(message);
            let events = ours.events(&input);
            trades += events.iter().filter(|event| matches!(event, model::Event::Trade(_))).count() as u64;
            if let Some(expected) = &mut expected {
                lines.clear();
                self.stream.reports(message, events, &mut lines);
                expected.compare(message.sequence, &lines)?;
            }
        }
        let mismatches = expected.as_mut().map(Expected::finish).transpose()?;
        Ok(Verdict { trades, mismatches })
    }
}

/// What is due at a later step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Modify,
    Cancel,
}

/// A flow with flash1's proportions: 15 % immediate orders, a modify of every fifth other one, a cancel of nearly all, most of
/// them soon; a mid price that wanders, and thousands of live orders.
fn synthetic() -> Vec<Message> {
    let mut random = Random::new(23);
    let mut messages: Vec<Message> = Vec::with_capacity(2_000_000);
    let mut later: BinaryHeap<Reverse<(u64, Due, u64)>> = BinaryHeap::new();
    let mut orders: Vec<(Side, i64, u32)> = Vec::new();
    let mut mid = 34_000;
    for id in 0..ORDERS {
        while let Some(&Reverse((step, due, of))) = later.peek().filter(|Reverse((step, ..))| *step <= id) {
            later.pop();
            let Some((side, price, quantity)) = usize::try_from(of).ok().and_then(|at| orders.get_mut(at)) else {
                continue;
            };
            if due == Due::Modify {
                (*price, *quantity) = (*price + 1, *quantity + 1);
                later.push(Reverse((step + lifetime(&mut random), Due::Cancel, of)));
            }
            let kind = if due == Due::Modify { Kind::Modify } else { Kind::Cancel };
            let (side, quantity, price) = (*side, *quantity, *price);
            messages.push(Message { kind, side, quantity, sequence: messages.len() as u64, order_id: of, price });
        }
        mid += if random.chance(20) { random.between(-1, 1) } else { 0 };
        let side = if random.chance(500) { Side::Buy } else { Side::Sell };
        let quantity = u32::try_from(random.between(1, 100)).unwrap_or(1);
        let ioc = random.chance(150);
        // An immediate order may reach over the mid, another one stays behind it.
        let away = if ioc { random.between(-10, 14) } else { -random.between(8, 40) };
        let price = if side == Side::Buy { mid + away } else { mid - away };
        orders.push((side, price, quantity));
        let kind = Kind::New { ioc };
        messages.push(Message { kind, side, quantity, sequence: messages.len() as u64, order_id: id, price });
        if !ioc && random.chance(970) {
            let due = if random.chance(210) { Due::Modify } else { Due::Cancel };
            later.push(Reverse((id + lifetime(&mut random), due, id)));
        }
    }
    messages
}

/// Steps until something is due: mostly the next one, at times thousands.
fn lifetime(random: &mut Random) -> u64 {
    if random.chance(700) { 1 } else { 1 + random.below(30_000) }
}
