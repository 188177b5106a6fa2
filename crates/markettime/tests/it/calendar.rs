//! What a schedule says, at instants and over their changes.

use model::MarketState::{Auction, CancelOnly, Halt, PostOnly, Trading};
use model::Timestamp;
use proptest::prelude::*;

use crate::{DAY, HOUR, WALL_STREET, changes, check, schedule, standing, utc};

#[test]
fn a_week() {
    let schedule = schedule(WALL_STREET);
    // Friday 2026-11-20 to Tuesday, in New York's winter: five hours behind.
    check(
        &schedule,
        &[
            (Trading, "2026-11-20 15:00"),
            (Halt, "2026-11-20 21:00"),
            (Auction, "2026-11-23 14:25"),
            (Trading, "2026-11-23 14:30"),
            (Halt, "2026-11-23 21:00"),
            (Auction, "2026-11-24 14:25"),
        ],
    );
    let auction = schedule.at(utc("2026-11-23 14:25"));
    assert_eq!((auction.state, auction.until), (Auction, utc("2026-11-23 14:30")));
    assert_eq!(schedule.at(utc("2026-11-23 14:24:59")), standing(Halt));
}

#[test]
fn a_session_keeps_its_local_hours_when_clocks_change() {
    // Spring: Sunday 2026-03-08; autumn: Sunday 2026-11-01.
    let schedule = schedule(WALL_STREET);
    check(
        &schedule,
        &[
            (Trading, "2026-03-06 20:00"),
            (Halt, "2026-03-06 21:00"),
            (Auction, "2026-03-09 13:25"),
            (Trading, "2026-03-09 13:30"),
            (Halt, "2026-03-09 20:00"),
        ],
    );
    check(
        &schedule,
        &[
            (Trading, "2026-10-30 19:00"),
            (Halt, "2026-10-30 20:00"),
            (Auction, "2026-11-02 14:25"),
            (Trading, "2026-11-02 14:30"),
            (Halt, "2026-11-02 21:00"),
        ],
    );
}

#[test]
fn a_session_over_the_change_itself() {
    let nights = schedule(
        r#"
zone = "Europe/Berlin"
[[market.session]]
days = ["sun"]
opens = "01:00"
closes = "04:00"
"#,
    );
    // The night of 2026-03-29 has no hour from two to three: two hours of trading. That of 2026-10-25 has it twice: four.
    check(&nights, &[(Halt, "2026-03-28 12:00"), (Trading, "2026-03-29 00:00"), (Halt, "2026-03-29 02:00")]);
    check(&nights, &[(Halt, "2026-10-24 12:00"), (Trading, "2026-10-24 23:00"), (Halt, "2026-10-25 03:00")]);

    let within = |opens: &str, closes: &str| {
        schedule(&format!(
            "zone = \"Europe/Berlin\"\n[[market.session]]\ndays = [\"sun\"]\nopens = \"{opens}\"\ncloses = \"{closes}\"\n"
        ))
    };
    // Its opening does not exist in spring: it is as late as it lies behind two o'clock.
    check(
        &within("02:30", "05:00"),
        &[(Halt, "2026-03-28 12:00"), (Trading, "2026-03-29 01:30"), (Halt, "2026-03-29 03:00")],
    );
    // Nothing of it exists: the next is a week later.
    check(
        &within("02:00", "03:00"),
        &[(Halt, "2026-03-28 12:00"), (Trading, "2026-04-05 00:00"), (Halt, "2026-04-05 01:00")],
    );
    // It opens at the first of two half past twos, and closes at the first of two half past twos.
    check(
        &within("02:30", "05:00"),
        &[(Halt, "2026-10-24 12:00"), (Trading, "2026-10-25 00:30"), (Halt, "2026-10-25 04:00")],
    );
    check(
        &within("01:00", "02:30"),
        &[(Halt, "2026-10-24 12:00"), (Trading, "2026-10-24 23:00"), (Halt, "2026-10-25 00:30")],
    );
}

#[test]
fn sessions_over_midnight_and_sessions_that_touch() {
    let nights = schedule(
        r#"
zone = "Asia/Tokyo"
closed = "CANCEL_ONLY"
[[market.session]]
days = ["fri"]
opens = "22:00"
closes = "06:00"
auction_s = 60
"#,
    );
    check(
        &nights,
        &[
            (CancelOnly, "2026-11-27 10:00"),
            (Auction, "2026-11-27 12:59"),
            (Trading, "2026-11-27 13:00"),
            (CancelOnly, "2026-11-27 21:00"),
            (Auction, "2026-12-04 12:59"),
        ],
    );
    // Two halves of a day: no change between them, and no auction before the second.
    let all_day = schedule(
        r#"
zone = "UTC"
[[market.session]]
days = ["mon"]
opens = "00:00"
closes = "12:00"
[[market.session]]
days = ["mon"]
opens = "12:00"
closes = "24:00"
auction_s = 600
"#,
    );
    check(&all_day, &[(Halt, "2026-11-22 10:00"), (Trading, "2026-11-23 00:00"), (Halt, "2026-11-24 00:00")]);
}

#[test]
fn holidays() {
    let with = |holiday: &str| schedule(&format!("{WALL_STREET}[[market.holiday]]\nname = \"x\"\n{holiday}"));
    // Thanksgiving: no auction either.
    check(
        &with("date = \"2026-11-26\""),
        &[(Trading, "2026-11-25 20:00"), (Halt, "2026-11-25 21:00"), (Auction, "2026-11-27 14:25")],
    );
    // The day after closes at one.
    check(
        &with("date = \"2026-11-27\"\nfrom = \"13:00\""),
        &[(Trading, "2026-11-27 15:00"), (Halt, "2026-11-27 18:00"), (Auction, "2026-11-30 14:25")],
    );
    // Over midnight, in another zone and state: from 18:00 in Tokyo to 18:00 on the next day.
    let over_midnight = "date = \"2026-12-24\"\nfrom = \"18:00\"\ndays = 2\nuntil = \"18:00\"\nzone = \"Asia/Tokyo\"";
    let always = |holiday: &str| schedule(&format!("zone = \"UTC\"\n[[market.holiday]]\nname = \"x\"\n{holiday}"));
    check(
        &always(&format!("{over_midnight}\nstate = \"POST_ONLY\"")),
        &[(Trading, "2026-12-20 00:00"), (PostOnly, "2026-12-24 09:00"), (Trading, "2026-12-25 09:00")],
    );
    // It begins before the session ends: the holiday's state is stricter than trading, the closing stricter than it.
    check(
        &with("date = \"2026-11-25\"\nfrom = \"15:00\"\ndays = 2\nstate = \"CANCEL_ONLY\""),
        &[
            (Trading, "2026-11-25 19:00"),
            (CancelOnly, "2026-11-25 20:00"),
            (Halt, "2026-11-25 21:00"),
            (CancelOnly, "2026-11-26 14:30"),
            (Halt, "2026-11-26 21:00"),
            (Auction, "2026-11-27 14:25"),
        ],
    );
}

#[test]
fn yearly_holidays_and_the_leap_day() {
    let always =
        |date: &str| schedule(&format!("zone = \"UTC\"\n[[market.holiday]]\nname = \"x\"\ndate = \"{date}\"\n"));
    check(
        &always("12-25"),
        &[
            (Trading, "2026-11-25 00:00"),
            (Halt, "2026-12-25 00:00"),
            (Trading, "2026-12-26 00:00"),
            (Halt, "2027-12-25 00:00"),
        ],
    );
    let leap = always("02-29");
    check(&leap, &[(Trading, "2026-01-01 00:00"), (Halt, "2028-02-29 00:00"), (Trading, "2028-03-01 00:00")]);
    // 2100 is no leap year: eight years lie between two of them.
    check(&leap, &[(Trading, "2096-03-01 00:00"), (Halt, "2104-02-29 00:00"), (Trading, "2104-03-01 00:00")]);
    // New Year's Eve over the end of the year.
    let eve =
        schedule("zone = \"UTC\"\n[[market.holiday]]\nname = \"x\"\ndate = \"12-31\"\nfrom = \"12:00\"\ndays = 2\n");
    check(&eve, &[(Halt, "2027-01-01 03:00"), (Trading, "2027-01-02 00:00"), (Halt, "2027-12-31 12:00")]);
    assert_eq!(leap.at(utc("2026-02-28 23:59:59")), standing(Trading));
}

#[test]
fn of_windows_that_overlap_the_strictest_counts() {
    let schedule = schedule(
        r#"
zone = "UTC"
[[market.maintenance]]
name = "database"
from = "2026-11-25T10:00"
until = "2026-11-25T14:00"
state = "POST_ONLY"
[[market.maintenance]]
name = "network"
from = "2026-11-25T11:00"
until = "2026-11-25T12:00"
[[market.maintenance]]
name = "disks, told in Berlin"
from = "2026-11-25T12:30"
until = "2026-11-25T14:00"
state = "CANCEL_ONLY"
zone = "Europe/Berlin"
"#,
    );
    check(
        &schedule,
        &[
            (Trading, "2026-11-25 00:00"),
            (PostOnly, "2026-11-25 10:00"),
            (Halt, "2026-11-25 11:00"),
            (CancelOnly, "2026-11-25 12:00"),
            (PostOnly, "2026-11-25 13:00"),
            (Trading, "2026-11-25 14:00"),
        ],
    );
    assert_eq!(schedule.next_change(utc("2026-11-25 14:00")), None);
}

#[test]
fn an_auction_begins_when_work_before_it_is_done_and_not_into_work_over_its_end() {
    let with = |from: &str, until: &str| {
        let window = format!("[[market.maintenance]]\nname = \"x\"\nfrom = \"{from}\"\nuntil = \"{until}\"\n");
        schedule(&format!("{WALL_STREET}{window}"))
    };
    check(
        &with("2026-11-25T09:00", "2026-11-25T09:27"),
        &[(Halt, "2026-11-25 13:00"), (Auction, "2026-11-25 14:27"), (Trading, "2026-11-25 14:30")],
    );
    check(
        &with("2026-11-25T09:28", "2026-11-25T10:00"),
        &[(Halt, "2026-11-25 13:00"), (Trading, "2026-11-25 15:00"), (Halt, "2026-11-25 21:00")],
    );
}

#[test]
fn without_rules_it_always_trades() {
    let schedule = schedule("zone = \"UTC\"\n");
    assert_eq!(schedule.at(Timestamp(0)), standing(Trading));
    assert_eq!(schedule.next_change(utc("2026-11-25 00:00")), None);
    assert_eq!(schedule.at(Timestamp(u64::MAX)), standing(Trading));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Between two changes nothing changes, and none is passed over: the calendar agrees with itself minute by minute.
    #[test]
    fn every_minute_agrees_with_the_changes(
        day in 20_500u64..21_500,
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]),
        opens in 0u32..1_440,
        length in 1u32..1_440,
        auction_s in 0u32..7_200,
        from in 0u32..1_440,
    ) {
        let time = |minutes: u32| format!("{:02}:{:02}", minutes % 1_440 / 60, minutes % 60);
        let rules = format!(
            "zone = \"{zone}\"\n[[market.session]]\ndays = [\"mon\", \"thu\", \"sun\"]\nopens = \"{}\"\ncloses = \"{}\"\n\
             auction_s = {}\n[[market.holiday]]\nname = \"x\"\ndate = \"03-29\"\nfrom = \"{}\"\ndays = 2\nstate = \"POST_ONLY\"\n",
            time(opens), time(opens + length), auction_s / 60 * 60, time(from),
        );
        let schedule = schedule(&rules);
        let begin = day * DAY;
        let mut at = Timestamp(begin);
        let mut next = schedule.next_change(at);
        for minute in 0..1_440u64 {
            let now = Timestamp(begin + minute * HOUR / 60);
            if next.is_some_and(|next| next <= now) {
                at = next.unwrap();
                prop_assert_eq!(at, now, "changes lie on whole minutes");
                next = schedule.next_change(at);
            }
            prop_assert_eq!(schedule.at(now), schedule.at(at), "minute {}", minute);
        }
    }
}

#[test]
fn many_rules_are_bounded_work() {
    let mut rules = String::from("zone = \"America/New_York\"\n");
    for number in 0..markettime::MAX_SESSIONS {
        rules += &format!(
            "[[market.session]]\ndays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\", \"sat\", \"sun\"]\nopens = \"00:{number:02}\"\n\
             closes = \"23:{number:02}\"\nauction_s = {number}\n"
        );
    }
    for number in 0..markettime::MAX_HOLIDAYS {
        let (month, day) = (number % 12 + 1, number / 12 % 28 + 1);
        rules += &format!("[[market.holiday]]\nname = \"x\"\ndate = \"{month:02}-{day:02}\"\nfrom = \"23:59\"\n");
    }
    let schedule = schedule(&rules);
    assert_eq!(changes(&schedule, "2026-11-25 00:00", 20).len(), 21);
}
