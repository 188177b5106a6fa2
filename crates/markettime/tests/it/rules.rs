//! What an operator may write.

use markettime::{MAX_SESSIONS, Schedule, parse_file, write_file};

use crate::WALL_STREET;

fn refusal(rules: &str) -> String {
    parse_file(&format!("[[market]]\nsymbol = \"BTCUSDT\"\n{rules}")).unwrap_err().to_string()
}

#[test]
fn what_cannot_be_is_named() {
    let session = |line: &str| {
        let mut lines = vec!["days = [\"mon\"]", "opens = \"09:30\"", "closes = \"16:00\""];
        let key = line.split(' ').next().unwrap();
        lines.retain(|other| !other.starts_with(&format!("{key} ")));
        lines.push(line);
        refusal(&format!("zone = \"UTC\"\n[[market.session]]\n{}", lines.join("\n")))
    };
    let holiday = |lines: &str| refusal(&format!("zone = \"UTC\"\n[[market.holiday]]\nname = \"New Year\"\n{lines}"));
    let work = |lines: &str| refusal(&format!("zone = \"UTC\"\n[[market.maintenance]]\nname = \"disks\"\n{lines}"));
    for (found, want) in [
        (
            refusal("zone = \"Mars/Olympus\""),
            "BTCUSDT: `Mars/Olympus` is no IANA time zone such as `Europe/Berlin` or `UTC`",
        ),
        (session("days = []"), "BTCUSDT: a session has no days, such as [\"mon\", \"tue\"]"),
        (session("opens = \"9:30\""), "BTCUSDT: `9:30` is no time of day: write it as HH:MM, up to 24:00"),
        (session("opens = \"24:00\""), "BTCUSDT: a session opens at 24:00: write 00:00 of the next day"),
        (session("auction_s = 86401"), "BTCUSDT: an auction lasts 86401 seconds, and may last at most 86400"),
        (
            holiday("date = \"2026-02-29\""),
            "BTCUSDT: holiday `New Year`: `2026-02-29` is no date: write it as YYYY-MM-DD",
        ),
        (holiday("date = \"02-30\""), "BTCUSDT: holiday `New Year`: `02-30` is no day: write it as MM-DD"),
        (holiday("date = \"01-01\"\ndays = 0"), "BTCUSDT: holiday `New Year`: it lasts 0 days, and may last 1 to 366"),
        (
            holiday("date = \"01-01\"\nfrom = \"12:00\"\nuntil = \"11:00\""),
            "BTCUSDT: holiday `New Year`: it ends before it begins",
        ),
        (
            work("from = \"2026-01-01\"\nuntil = \"2026-01-02T00:00\""),
            "BTCUSDT: maintenance `disks`: `2026-01-01` is no date and time: write it as YYYY-MM-DDTHH:MM",
        ),
        (
            work("from = \"2026-01-02T00:00\"\nuntil = \"2026-01-01T00:00\""),
            "BTCUSDT: maintenance `disks`: it ends before it begins",
        ),
    ] {
        assert_eq!(found, want);
    }
    assert!(refusal("zone = \"UTC\"\ncolour = 1").contains("unknown field `colour`"));
    assert!(refusal("zone = \"UTC\"\nclosed = \"TRADING\"").contains("unknown variant `TRADING`"));
    let twice = format!("[[market]]\nsymbol = \"A\"\n{WALL_STREET}\n[[market]]\nsymbol = \"A\"\n{WALL_STREET}");
    assert_eq!(parse_file(&twice).unwrap_err().to_string(), "A: the market stands in the file twice");
    let name = parse_file("[[market]]\nsymbol = \"btc/usdt\"\nzone = \"UTC\"").unwrap_err().to_string();
    assert_eq!(name, "btc/usdt: the symbol is no name of a market such as BTCUSDT");
}

#[test]
fn rules_are_bounded() {
    let one = "[[market.session]]\ndays = [\"mon\"]\nopens = \"09:30\"\ncloses = \"16:00\"\n";
    let rules = |count: usize| format!("zone = \"UTC\"\n{}", one.repeat(count));
    assert!(parse_file(&format!("[[market]]\nsymbol = \"A\"\n{}", rules(MAX_SESSIONS))).is_ok());
    assert_eq!(refusal(&rules(MAX_SESSIONS + 1)), "BTCUSDT: it has 33 sessions, and may have at most 32");
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let text = format!(
        "[[market]]\nsymbol = \"BTCUSDT\"\n{WALL_STREET}[[market.holiday]]\nname = \"New Year\"\ndate = \"01-01\"\n\
         state = \"CANCEL_ONLY\"\n[[market.maintenance]]\nname = \"disks\"\nfrom = \"2026-01-01T00:00\"\n\
         until = \"2026-01-01T01:00\"\nzone = \"UTC\"\n[[market]]\nsymbol = \"ETHUSDT\"\nzone = \"UTC\"\n"
    );
    let rules = parse_file(&text).unwrap();
    assert_eq!(parse_file(&write_file(rules.clone()).unwrap()).unwrap(), rules);
    assert!(rules.iter().all(|rules| Schedule::new(rules).is_ok()));
    assert_eq!(parse_file(&write_file(Vec::new()).unwrap()).unwrap(), []);
}
