//! Readers: followers of the journal that are slow and die, and views of the feed that lose their place.

use marketdata::{Depth, MarketData};
use model::{Batch, Event, MarketId, Sequence, Step};
use node::stepped::Stepped;
use node::{FeedEnd, Follower, Subscription};

use super::balances::Balances;
use super::truth::{Truth, fail_unless};
use crate::Random;

/// Reads the journal, and keeps how far it is only now and then, as a database does.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    follower: Option<Follower>,
    /// The last command that it has, and the last one that it would still have after its death.
    at: u64,
    kept: u64,
    /// How often it died, and how often it had to begin anew with an image.
    pub(crate) deaths: u64,
    pub(crate) resets: u64,
}

impl Slow {
    /// It and its place are gone, but for what it kept.
    pub(crate) fn die(&mut self) {
        self.follower = None;
        self.at = self.kept;
        self.deaths += 1;
    }

    /// Takes some commands. `skips`: the deliberate fault, it leaves one out.
    pub(crate) fn take(
        &mut self,
        node: &Stepped,
        truth: &Truth,
        random: &mut Random,
        skips: bool,
    ) -> Result<(), String> {
        let most = usize::try_from(random.below(40) + 1).unwrap_or(1);
        match self.read(node, most) {
            Ok(batch) => self.check(&batch, truth, random, skips)?,
            Err(error) if error.is_behind() => {
                let (image, _) = node.image_and_feed().map_err(|error| format!("no image: {error}"))?;
                fail_unless(image.sequence.0 <= truth.last(), || "the image is ahead of what is durable".to_owned())?;
                self.follower = None;
                (self.at, self.kept) = (image.sequence.0, image.sequence.0);
                self.resets += 1;
                return Ok(());
            }
            Err(error) => return Err(format!("a follower after command {} cannot go on: {error}", self.at)),
        }
        if random.chance(300) {
            self.kept = self.at;
        }
        if random.chance(60) {
            self.die();
        }
        Ok(())
    }

    fn read(&mut self, node: &Stepped, most: usize) -> Result<Batch, node::Error> {
        let follower = match &mut self.follower {
            Some(follower) => follower,
            none => none.insert(node.follow(Sequence(self.at))?),
        };
        follower.take(most)
    }

    fn check(&mut self, batch: &Batch, truth: &Truth, random: &mut Random, skips: bool) -> Result<(), String> {
        for (step, events) in batch.iter() {
            if skips && random.chance(20) {
                continue;
            }
            fail_unless(step.sequence.0 == self.at + 1, || {
                format!("a follower was given command {} after {}", step.sequence, self.at)
            })?;
            truth.check_step("a follower", step, events)?;
            self.at += 1;
        }
        if let Some(follower) = &self.follower
            && follower.sequence().0 == truth.last()
        {
            fail_unless(follower.replica().state_hash() == truth.engine.state_hash(), || {
                "a follower reached another state".to_owned()
            })?;
        }
        Ok(())
    }

    pub(crate) const fn is_at(&self, last: u64) -> bool {
        self.at == last
    }
}

/// Balances and books that follow the feed.
#[derive(Debug)]
pub(crate) struct View {
    feed: Option<Subscription>,
    at: u64,
    balances: Balances,
    books: MarketData,
    pub(crate) reloads: u64,
}

impl View {
    pub(crate) fn new() -> Self {
        Self { feed: None, at: 0, balances: Balances::default(), books: MarketData::new(), reloads: 0 }
    }

    /// The process ended, and the view with it.
    pub(crate) fn die(&mut self) {
        self.feed = None;
    }

    /// Takes what the feed has, at most so many batches.
    pub(crate) fn take(&mut self, node: &Stepped, truth: &Truth, most: u64) -> Result<(), String> {
        for _ in 0..most {
            let Some(feed) = &mut self.feed else { return self.reload(node, truth) };
            match feed.try_recv() {
                Ok(None) => break,
                Ok(Some(batch)) => self.apply(&batch, truth)?,
                Err(FeedEnd::FellBehind(_)) => {
                    self.reload(node, truth)?;
                    break;
                }
                Err(FeedEnd::Stopped) => return Err("the feed of a running node is at its end".to_owned()),
            }
        }
        if self.at == truth.last() { self.compare(truth) } else { Ok(()) }
    }

    fn reload(&mut self, node: &Stepped, truth: &Truth) -> Result<(), String> {
        let (image, feed) = node.image_and_feed().map_err(|error| format!("no image: {error}"))?;
        fail_unless(image.sequence.0 == truth.last(), || {
            format!("the image is of command {}, {} are durable", image.sequence, truth.last())
        })?;
        truth.compare(&image)?;
        self.balances = Balances::load(&image);
        self.books = MarketData::new();
        self.books.load(&image);
        (self.feed, self.at) = (Some(feed), image.sequence.0);
        self.reloads += 1;
        Ok(())
    }

    fn apply(&mut self, batch: &Batch, truth: &Truth) -> Result<(), String> {
        for (step, events) in batch.iter() {
            if step.sequence.0 > self.at {
                self.step(step, events, truth)?;
            }
        }
        self.books.apply(batch).map(|_| ()).map_err(|error| format!("the books do not follow: {error}"))
    }

    fn step(&mut self, step: &Step, events: &[Event], truth: &Truth) -> Result<(), String> {
        fail_unless(step.sequence.0 == self.at + 1, || format!("the feed gave {} after {}", step.sequence, self.at))?;
        truth.check_step("the feed", step, events)?;
        events.iter().for_each(|event| self.balances.apply(event));
        self.at += 1;
        Ok(())
    }

    fn compare(&self, truth: &Truth) -> Result<(), String> {
        let image = truth.engine.image();
        fail_unless(self.balances.owned() == Balances::load(&image).owned(), || {
            "a view's balances are not the engine's".to_owned()
        })?;
        let fresh = MarketData::new();
        fresh.load(&image);
        for market in image.markets.iter().map(|market| market.market.id) {
            let (ours, theirs) = (levels(&self.books, market), levels(&fresh, market));
            fail_unless(ours == theirs, || format!("a view's book of market {market} is {ours:?}, not {theirs:?}"))?;
        }
        Ok(())
    }
}

/// Both sides of a book, whenever it was changed.
fn levels(books: &MarketData, market: MarketId) -> Option<Depth> {
    let depth = books.market_by_id(market)?.depth(usize::MAX);
    Some(Depth { last_update_id: 0, ..depth })
}
