//! Time acts on an exchange to which nobody sends anything.

use std::sync::Arc;
use std::time::Duration;

use model::{CloseReason, Command, Envelope, Event, Place, Price, Quantity, TimeInForce, Timestamp};
use node::{Config, Node, Subscription};
use runtime::clock::{Clock, SystemClock};

use crate::support::{submit, submit_groups, tiny, within};
use crate::workload::{MARKET, scene, user};

fn open(config: Config) -> (Node, Subscription, Arc<dyn Clock>) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let (node, _) = Node::start(config, Arc::clone(&clock)).unwrap();
    let feed = node.subscribe();
    (node, feed, clock)
}

/// An order that ends so much later.
fn dated(clock: &Arc<dyn Clock>, after: Duration) -> Envelope {
    let after_us = u64::try_from(after.as_micros()).unwrap();
    Envelope::client(Command::Place(Place {
        account: user(0),
        market: MARKET,
        time_in_force: TimeInForce::Gtd,
        price: Price(1_000),
        quantity: Quantity(10),
        expire_at: Timestamp(clock.now_us() + after_us),
        ..Place::BLANK
    }))
}

/// Reads on to the end of a dated order, and gives the events of the step that brought it.
async fn end_of_a_dated_order(feed: &mut Subscription) -> Vec<Event> {
    loop {
        let batch = within(feed.recv()).await.unwrap();
        for (_, events) in batch.iter() {
            let ended =
                |event: &Event| matches!(event, Event::Closed(closed) if closed.reason == CloseReason::Deadline);
            if events.iter().any(ended) {
                return events.to_vec();
            }
        }
    }
}

#[tokio::test]
async fn a_dated_order_ends_though_nobody_sends_anything() {
    let directory = tempfile::tempdir().unwrap();
    let (node, mut feed, clock) = open(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    submit(&node, dated(&clock, Duration::from_millis(150))).await;
    let events = end_of_a_dated_order(&mut feed).await;
    assert!(matches!(events[..], [Event::Closed(_), Event::Ticked]), "{events:?}");
    let ticks = node.durable();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(node.durable(), ticks, "it ticks when something is due, and not otherwise");
    node.stop();
}

#[tokio::test]
async fn a_dated_order_ends_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _, clock) = open(tiny(directory.path()));
    submit_groups(&node, &scene(), 28).await;
    submit(&node, dated(&clock, Duration::from_millis(300))).await;
    node.stop();
    drop(node);
    let (node, mut feed, _) = open(tiny(directory.path()));
    assert!(matches!(end_of_a_dated_order(&mut feed).await[..], [Event::Closed(_), Event::Ticked]));
    node.stop();
}
