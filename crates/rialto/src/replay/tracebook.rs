//! The adapter of PyPI's `tracebook-conformance`: lines of JSON in, lines of JSON out.
//!
//! The tester sends `hello` with its settings, then one `event` after another, and compares each answer (outcome, trades,
//! hash of the resting orders) with that of its own engine. The protocol is version 1 of `tracebook.conformance`.

mod exchange;
mod number;
mod state;

use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use exchange::{Exchange, Fill, Refusal};
use state::State;

const PROTOCOL: &str = "tracebook.conformance";
const VERSION: u64 = 1;

/// Any message of the tester.
#[derive(Deserialize)]
struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    protocol: Option<&'a str>,
    protocol_version: Option<u64>,
    #[serde(borrow)]
    config: Option<&'a RawValue>,
    index: Option<u64>,
    #[serde(borrow)]
    event: Option<&'a RawValue>,
    event_count: Option<u64>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Answer<'a> {
    Ready { protocol: &'a str, protocol_version: u64, engine: Identity<'a> },
    Observation(Observation),
    Snapshot { index: u64, state: State },
    Complete { event_count: u64 },
    Error { code: &'a str, message: String },
}

#[derive(Serialize)]
struct Identity<'a> {
    name: &'a str,
    version: &'a str,
    language: &'a str,
}

#[derive(Serialize)]
struct Observation {
    index: u64,
    outcome: Outcome,
    trades: Vec<Fill>,
    state_hash: String,
    resting_order_count: usize,
}

#[derive(Serialize)]
struct Outcome {
    status: &'static str,
    reason: Option<&'static str>,
    message: Option<String>,
}

impl Outcome {
    fn of(result: Result<(), Refusal>) -> Self {
        match result {
            Ok(()) => Self { status: "applied", reason: None, message: None },
            Err(refusal) => Self { status: "rejected", reason: Some(refusal.reason), message: Some(refusal.message) },
        }
    }
}

/// Answers until the tester says that it is finished; `true` when it did, `false` when something was not understood, which
/// the tester was told.
pub(super) fn run(input: impl BufRead, mut output: impl Write) -> anyhow::Result<bool> {
    let mut session = Session::default();
    for line in input.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = session.answer(&line);
        let is_end = matches!(answer, Ok(Answer::Complete { .. }));
        let is_error = answer.is_err();
        let answer =
            answer.unwrap_or_else(|error| Answer::Error { code: "PROTOCOL_ERROR", message: format!("{error:#}") });
        writeln!(output, "{}", serde_json::to_string(&answer)?)?;
        output.flush()?;
        if is_end || is_error {
            return Ok(is_end);
        }
    }
    Ok(false)
}

#[derive(Default)]
struct Session {
    exchange: Option<Exchange>,
    /// Events so far.
    count: u64,
}

impl Session {
    fn answer(&mut self, line: &str) -> anyhow::Result<Answer<'static>> {
        let message: Message<'_> = serde_json::from_str(line)?;
        let Some(exchange) = &mut self.exchange else {
            anyhow::ensure!(message.kind == "hello", "the first message must be hello");
            let known = message.protocol == Some(PROTOCOL) && message.protocol_version == Some(VERSION);
            anyhow::ensure!(known, "the protocol must be {PROTOCOL}, version {VERSION}");
            let config = message.config.ok_or_else(|| anyhow::anyhow!("hello has no config"))?;
            self.exchange = Some(Exchange::new(&serde_json::from_str(config.get())?)?);
            let engine = Identity { name: "rialto", version: env!("CARGO_PKG_VERSION"), language: "Rust" };
            return Ok(Answer::Ready { protocol: PROTOCOL, protocol_version: VERSION, engine });
        };
        match (message.kind, message.event) {
            ("event", Some(event)) => {
                let index = self.count + 1;
                anyhow::ensure!(message.index == Some(index), "event {index} comes next");
                self.count = index;
                let (result, trades) = exchange.apply(&serde_json::from_str(event.get())?)?;
                let state = exchange.state();
                let (state_hash, resting_order_count) = (state.digest()?, state.order_count());
                let outcome = Outcome::of(result);
                Ok(Answer::Observation(Observation { index, outcome, trades, state_hash, resting_order_count }))
            }
            ("snapshot", _) => {
                anyhow::ensure!(message.index == Some(self.count), "the last event was {}", self.count);
                Ok(Answer::Snapshot { index: self.count, state: exchange.state() })
            }
            ("finish", _) => {
                anyhow::ensure!(message.event_count == Some(self.count), "there were {} events", self.count);
                Ok(Answer::Complete { event_count: self.count })
            }
            (kind, _) => anyhow::bail!("a message {kind} is not known"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    /// The answers to these lines, and whether the tester was finished.
    fn answers(lines: &[&str]) -> (Vec<Value>, bool) {
        let mut output = Vec::new();
        let finished = super::run(lines.join("\n").as_bytes(), &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), finished)
    }

    fn hello(algorithm: &str, policy: &str) -> String {
        let config = serde_json::json!({
            "matching_algorithm": algorithm, "tick_size": "0.01", "self_trade_policy": policy, "quantity_decimal_places": 12
        });
        let hello = serde_json::json!({
            "type": "hello", "protocol": "tracebook.conformance", "protocol_version": 1, "config": config
        });
        hello.to_string()
    }

    fn new(index: u64, id: u64, side: &str, order_type: &str, price: f64, quantity: f64) -> String {
        let event = serde_json::json!({
            "op": "new", "symbol": "TEST", "order_id": id, "side": side, "order_type": order_type, "price": price,
            "quantity": quantity, "owner": id, "timestamp_ns": index
        });
        serde_json::json!({"type": "event", "index": index, "event": event}).to_string()
    }

    #[test]
    fn orders_trade_and_what_rests_is_shown() {
        let hello = hello("fifo", "NONE");
        let (sell, buy) = (new(1, 7, "SELL", "LIMIT", 100.006, 1.5), new(2, 8, "BUY", "MARKET", 0.0, 0.25));
        let twice = new(3, 7, "SELL", "LIMIT", 100.0, 1.0);
        let snapshot = r#"{"type":"snapshot","index":3}"#;
        let finish = r#"{"type":"finish","event_count":3}"#;
        let (answers, finished) = answers(&[&hello, &sell, &buy, &twice, snapshot, finish]);
        assert!(finished);
        assert_eq!(answers[0]["engine"]["name"], "rialto");
        assert_eq!(
            (&answers[1]["outcome"]["status"], &answers[1]["trades"]),
            (&"applied".into(), &Value::Array(vec![]))
        );
        let trade = serde_json::json!({
            "symbol": "TEST", "buy_order_id": 8, "sell_order_id": 7, "price": "100.01", "quantity": "0.25"
        });
        assert_eq!(answers[2]["trades"], Value::Array(vec![trade]));
        assert_eq!(answers[3]["outcome"]["reason"], "DUPLICATE_ORDER_ID");
        let order = serde_json::json!({
            "order_id": 7, "order_type": "LIMIT", "owner": 7, "price": "100.01", "remaining_quantity": "1.25"
        });
        let book = serde_json::json!({"symbol": "TEST", "bids": [], "asks": [order]});
        assert_eq!(answers[4]["state"]["books"], Value::Array(vec![book]));
        assert_eq!((&answers[5]["type"], answers[3]["resting_order_count"].as_u64()), (&"complete".into(), Some(1)));
    }

    #[test]
    fn what_is_not_understood_ends_the_session_with_a_word() {
        let fifo = hello("fifo", "NONE");
        let order = new(2, 1, "BUY", "LIMIT", 1.0, 1.0);
        for (lines, word) in [
            (vec!["{"], "EOF"),
            (vec![r#"{"type":"event"}"#], "hello"),
            (vec![r#"{"type":"hello","protocol":"other","protocol_version":1}"#], "protocol"),
            (vec![hello("pro_rata", "NONE").as_str()], "pro_rata"),
            (vec![hello("fifo", "OTHER").as_str()], "OTHER"),
            (vec![&fifo, &order], "event 1"),
            (vec![&fifo, r#"{"type":"snapshot","index":5}"#], "the last event was 0"),
            (vec![&fifo, r#"{"type":"finish","event_count":1}"#], "0 events"),
            (vec![&fifo, r#"{"type":"dance"}"#], "dance"),
            (vec![&fifo, r#"{"type":"event","index":1,"event":{"op":"dance","symbol":"TEST"}}"#], "dance"),
        ] {
            let (answers, finished) = answers(&lines);
            let last = answers.last().unwrap();
            assert!(!finished, "{lines:?}");
            assert!(last.to_string().contains(word), "{lines:?}: {last}");
        }
    }
}
