//! A state out of any bytes: refused, or restored so that it is written the same.

use engine::{Book, Engine, Levels, Naive};

/// Any bytes.
pub fn run(data: &[u8]) {
    let fast = Engine::<Levels>::restore(data);
    let naive = Engine::<Naive>::restore(data);
    let (fast, naive) = match (fast, naive) {
        (Ok(fast), Ok(naive)) => (fast, naive),
        (Err(error), Err(other)) => {
            assert!(error == other && !error.to_string().is_empty());
            return;
        }
        (fast, naive) => panic!("only one book takes it: {:?} {:?}", fast.err(), naive.err()),
    };
    assert_eq!(first_difference(&snapshot(&fast), data), None, "what was restored is written in another way");
    assert_eq!(first_difference(&snapshot(&naive), data), None, "what was restored is written in another way");
    assert!(fast.image() == naive.image(), "the images differ");
    assert_eq!(fast.state_hash(), naive.state_hash());
}

fn snapshot<B: Book>(engine: &Engine<B>) -> Vec<u8> {
    let mut bytes = Vec::new();
    engine.snapshot(&mut bytes);
    bytes
}

/// Where two texts begin to differ.
fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let equal = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    (one != other).then_some(equal)
}
