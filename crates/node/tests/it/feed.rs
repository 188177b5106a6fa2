//! Readers of the feed: a slow one is told, and catches up.

use std::time::Duration;

use node::{Config, FeedEnd};

use crate::support::{start, submit, submit_groups, tiny, within};
use crate::view::View;
use crate::workload::{Traffic, commands, scene};

fn narrow(directory: &std::path::Path) -> Config {
    Config { fan_out_batches: 4, snapshot_every_commands: 100, ..tiny(directory) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_told_and_catches_up_with_one_that_never_lagged() {
    let directory = tempfile::tempdir().unwrap();
    let (node, report) = start(narrow(directory.path()));
    let mut slow = node.subscribe();
    let mut slow_view = View::load(&report.image);
    let mut prompt_view = View::load(&report.image);
    let mut prompt = node.subscribe();
    let mut traffic = Traffic::new(6, "t");
    submit_groups(&node, &scene(), 28).await;
    prompt_view.apply(&within(prompt.recv()).await.unwrap());
    slow_view.apply(&within(slow.recv()).await.unwrap());

    // Each command is a batch, so the slow reader's four places are long gone; nobody waits for it.
    for _ in 0..600 {
        submit(&node, traffic.next()).await;
        prompt_view.apply(&within(prompt.recv()).await.unwrap());
    }
    let FeedEnd::FellBehind(batches) = within(slow.recv()).await.unwrap_err() else { panic!("it did fall behind") };
    assert_eq!(batches, 596);
    let blocking = node.clone();
    slow_view = View::load(&tokio::task::spawn_blocking(move || blocking.image()).await.unwrap().unwrap());
    assert_eq!(slow_view, prompt_view);

    for _ in 0..3 {
        submit(&node, traffic.next()).await;
        prompt_view.apply(&within(prompt.recv()).await.unwrap());
    }
    // What the image has already comes once more, and is passed over.
    while slow_view.sequence < prompt_view.sequence {
        match within(slow.recv()).await {
            Ok(batch) => slow_view.apply(&batch),
            Err(end) => assert!(matches!(end, FeedEnd::FellBehind(_)) && slow_view.sequence > 600, "{end}"),
        }
    }
    assert_eq!(slow_view, prompt_view);
    assert!(slow_view.open_orders() > 10);
    node.stop();
    assert_eq!(within(slow.recv()).await.unwrap_err(), FeedEnd::Stopped);
    assert_eq!(View::load(&node.image().unwrap()), prompt_view);
}

/// An image and a subscription that was made before it fit together, whatever happens between the two.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_image_and_the_feed_before_it_leave_no_gap() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(Config { snapshot_every_commands: 300, ..tiny(directory.path()) });
    submit_groups(&node, &scene(), 28).await;
    let load = {
        let node = node.clone();
        tokio::spawn(async move {
            let mut traffic = Traffic::new(7, "t");
            for _ in 0..400 {
                submit_groups(&node, &traffic.take(9), 3).await;
            }
        })
    };
    let mut readers = Vec::new();
    while !load.is_finished() {
        let node = node.clone();
        let together = readers.len() % 2 == 0;
        readers.push(tokio::task::spawn_blocking(move || {
            if together {
                let (image, feed) = node.image_and_feed().unwrap();
                return (View::load(&image), feed);
            }
            let feed = node.subscribe();
            (View::load(&node.image().unwrap()), feed)
        }));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    within(load).await.unwrap();
    let last = node.durable().0;
    let mut ends = Vec::new();
    for reader in readers {
        let (mut view, mut feed) = reader.await.unwrap();
        while view.sequence < last {
            match within(feed.recv()).await {
                Ok(batch) => view.apply(&batch),
                Err(FeedEnd::FellBehind(_)) => {
                    let (image, fresh) = node.image_and_feed().unwrap();
                    (view, feed) = (View::load(&image), fresh);
                }
                Err(end) => panic!("{end}"),
            }
        }
        ends.push(view);
    }
    assert!(ends.len() > 1 && ends.windows(2).all(|pair| pair[0] == pair[1]));
    node.stop();
}

/// Dropping a reader, or a submission after it was queued, disturbs nobody.
#[tokio::test]
async fn readers_and_submitters_may_leave() {
    let directory = tempfile::tempdir().unwrap();
    let (node, _) = start(narrow(directory.path()));
    drop(node.subscribe());
    let all = commands(8, 50);
    for command in &all {
        drop(crate::support::enqueue(node.submit(command.clone())));
    }
    let receipt = submit(&node, Traffic::new(9, "u").next()).await;
    assert_eq!(receipt.step().unwrap().sequence.0, all.len() as u64 + 1, "a queued command happens all the same");
    node.stop();
}
