//! In steady state the engine allocates nothing, whatever the command.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;

use engine::Engine;
use model::{Command, Envelope, Event, Sequence, Stamped};
use simulator::Traffic;

/// The system's allocator, which counts what each thread asks for: tests run beside each other in one process.
struct Counting;

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is ending has no count any more, and is not measured.
    let _ = COUNT.try_with(|count| count.set(count.get() + 1));
}

#[allow(unsafe_code, reason = "an allocator is unsafe to implement; each call goes to the system's own as it is")]
// SAFETY: the system's allocator does all the work, under the caller's promises.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WARM_UP: usize = 1_000_000;
const MEASURED: usize = 200_000;

#[test]
fn a_command_allocates_nothing_once_the_engine_is_warm() {
    let mut traffic = Traffic::new(5);
    let mut engine: Engine = Engine::new();
    let mut events: Vec<Event> = Vec::with_capacity(1 << 12);
    let mut sent = 0;
    let mut apply = |engine: &mut Engine, traffic: &mut Traffic, envelope: Envelope, events: &mut Vec<Event>| {
        sent += 1;
        let input = Stamped { sequence: Sequence(sent), time: traffic.time(), envelope };
        events.clear();
        let before = COUNT.get();
        engine.apply(&input, events);
        let allocations = COUNT.get() - before;
        traffic.observe(events);
        (kind(&input.envelope.command), allocations)
    };
    for envelope in Traffic::opening() {
        apply(&mut engine, &mut traffic, envelope, &mut events);
    }
    // Room is made for more orders than are open later: a pool that grows to a new height is not what is counted.
    traffic.keep(6_000, 7_000);
    for number in 0..WARM_UP {
        if number == WARM_UP / 2 {
            traffic.keep(0, 4_000);
        }
        let envelope = traffic.command();
        apply(&mut engine, &mut traffic, envelope, &mut events);
    }
    let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let (mut refused, mut seen) = (0, Seen::default());
    for _ in 0..MEASURED {
        let envelope = traffic.command();
        let (kind, allocations) = apply(&mut engine, &mut traffic, envelope, &mut events);
        let (count, sum) = kinds.entry(kind).or_default();
        (*count, *sum) = (*count + 1, *sum + allocations);
        refused += usize::from(events.iter().any(|event| matches!(event, Event::Rejected { .. })));
        seen.note(&events);
    }
    println!("commands and allocations by kind: {kinds:?}; {refused} refused; {seen:?}");
    assert!(kinds.values().all(|(_, allocations)| *allocations == 0), "commands and allocations by kind: {kinds:?}");
    assert!(kinds.len() >= 7, "a kind of command is missing: {kinds:?}");
    assert!(refused < MEASURED / 10, "{refused} of the commands were refused: the traffic is no good measure");
    assert!(seen.is_all(), "something did not happen: {seen:?}");
}

/// What must have happened for the measure to mean anything.
#[derive(Debug, Default)]
struct Seen {
    trades: u64,
    triggered: u64,
    tracking: u64,
    refilled: u64,
    prevented: u64,
    expired: u64,
    lists: u64,
    amended: u64,
}

impl Seen {
    fn note(&mut self, events: &[Event]) {
        for event in events {
            let count = match event {
                Event::Trade(_) => &mut self.trades,
                Event::Triggered { .. } => &mut self.triggered,
                Event::Tracking { .. } => &mut self.tracking,
                Event::Refilled { .. } => &mut self.refilled,
                Event::Prevented(_) => &mut self.prevented,
                Event::Closed(closed) if closed.reason == model::CloseReason::Deadline => &mut self.expired,
                Event::ListDone { .. } => &mut self.lists,
                Event::Amended(_) => &mut self.amended,
                _ => continue,
            };
            *count += 1;
        }
    }

    fn is_all(&self) -> bool {
        let Self { trades, triggered, tracking, refilled, prevented, expired, lists, amended } = *self;
        [trades, triggered, tracking, refilled, prevented, expired, lists, amended].iter().all(|&count| count >= 100)
    }
}

fn kind(command: &Command) -> &'static str {
    match command {
        Command::Place(_) => "place",
        Command::PlaceList(_) => "place list",
        Command::Cancel { .. } => "cancel",
        Command::Modify { .. } => "modify",
        Command::Amend(_) => "amend",
        Command::CancelReplace(_) => "cancel-replace",
        Command::SetCountdown { .. } => "countdown",
        _ => "other",
    }
}
