//! Clients that stall, reset, flood and lie. Each kind has an address of its own and a documented answer; each round ends with it.

mod bodies;
mod calls;
mod floods;
mod garbage;
mod heads;
mod messages;
mod orders;
mod readers;
mod refusals;
mod resets;
mod sockets;

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Context as _;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::world::World;

/// One kind of client.
pub(crate) struct Kind {
    /// What it does.
    pub(crate) name: &'static str,
    /// How many do it at the same time.
    lanes: u8,
    /// Between two rounds of one of them.
    pause: Duration,
    /// Whether a round needs more time than the short form has.
    is_long: bool,
    round: fn(World, Ipv4Addr) -> BoxFuture<'static, anyhow::Result<()>>,
}

macro_rules! kinds {
    ($($name:literal $module:ident::$round:ident $lanes:literal $pause_ms:literal $form:ident;)+) => {
        [$(Kind {
            name: $name,
            lanes: $lanes,
            pause: Duration::from_millis($pause_ms),
            is_long: kinds!(@ $form),
            round: |world, from| $module::$round(world, from).boxed(),
        }),+]
    };
    (@ any) => { false };
    (@ long) => { true };
}

/// All kinds: name, where it is written, how many at the same time, milliseconds between rounds, and in which form of the soak a round
/// comes to its end. Of an address that is not to be refused, less than `WEIGHT_1M` a minute is asked.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &kinds! {
    "heads that never end"              heads::stalls            4   100 any;
    "heads that are too long"           heads::too_long          1   300 any;
    "connections that say nothing"      heads::says_nothing      4   100 long;
    "bodies that never end"             bodies::stalls           4   100 any;
    "bodies that are too long"          bodies::too_long         1   500 any;
    "bodies of another length"          bodies::lies             2   100 any;
    "requests within requests"          bodies::smuggles         1   200 any;
    "answers that nobody takes"         bodies::takes_nothing    2   200 any;
    "garbage in place of requests"      garbage::sends           2   100 any;
    "malformed numbers and names"       refusals::malformed      1   500 any;
    "wrong keys, times and signatures"  refusals::forged         1   300 any;
    "resets in the middle"              resets::breaks           4   100 any;
    "too much weight, then bans"        floods::weight           1   100 any;
    "another address in a header"       floods::spoofs           1   500 any;
    "too many orders"                   orders::floods           1  1000 any;
    "streams: too many messages"        sockets::too_many        2   100 any;
    "streams: broken frames"            sockets::broken          2    50 any;
    "streams: nonsense in JSON"         sockets::nonsense        1   100 any;
    "streams: too many streams"         sockets::too_greedy      1   500 any;
    "streams: no answer to a ping"      sockets::never_pongs     3   100 any;
    "streams: reads nothing"            readers::reads_nothing   2   100 any;
    "API: nonsense and forgery"         messages::lies           1  2000 any;
    "API: too much weight"              messages::floods         1   100 any;
    "API: answers that nobody takes"    messages::takes_nothing  1 60000 any;
    "gRPC: broken messages"             calls::broken            1  3000 any;
    "gRPC: half-open connections"       calls::half_open         4   100 any;
    "gRPC: calls that are reset"        calls::resets            1   300 any;
    "gRPC: many streams"                calls::many              1  5000 any;
    "gRPC: reads nothing"               calls::reads_nothing     1   100 any;
    "gRPC: too much weight"             calls::floods            1   100 any;
};

/// The address of a kind.
fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).unwrap_or(u8::MAX))
}

/// Lets all whose name contains a text go on until the world stops, each at least once; gives how many rounds each came to the end of.
pub(crate) async fn run(world: World, only: &str) -> anyhow::Result<BTreeMap<&'static str, u64>> {
    let mut lanes = JoinSet::new();
    for (number, kind) in KINDS.iter().enumerate().filter(|(_, kind)| kind.name.contains(only)) {
        for _ in 0..kind.lanes {
            lanes.spawn(go_on(world.clone(), kind, address(number)));
        }
    }
    let mut rounds = BTreeMap::new();
    while let Some(ended) = lanes.join_next().await {
        let (name, count) = ended??;
        *rounds.entry(name).or_insert(0) += count;
    }
    for kind in KINDS.iter().filter(|kind| kind.name.contains(only) && !(kind.is_long && world.terms.is_short)) {
        let count = rounds.get(kind.name).copied().unwrap_or(0);
        anyhow::ensure!(count > 0, "{}: no round came to its end", kind.name);
    }
    Ok(rounds)
}

async fn go_on(world: World, kind: &'static Kind, from: Ipv4Addr) -> anyhow::Result<(&'static str, u64)> {
    let mut count = 0;
    loop {
        tokio::select! {
            // What it was doing is dropped: the connection closes in the middle of it.
            () = world.stop.cancelled() => return Ok((kind.name, count)),
            round = (kind.round)(World { round: count, ..world.clone() }, from) => round.with_context(|| format!("{} (from {from})", kind.name))?,
        }
        count += 1;
        tokio::select! {
            () = world.stop.cancelled() => return Ok((kind.name, count)),
            () = sleep(kind.pause) => {}
        }
    }
}
