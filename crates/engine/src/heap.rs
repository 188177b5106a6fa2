//! A binary heap of slots, the least key first, that knows where each slot stands: one that goes early leaves it at once, and
//! nothing is allocated while slots come and go.

/// What keeps slots in a heap. It gives out the heap, the keys and the slots' places; the trait keeps them in order.
pub(crate) trait Heap {
    /// No two slots have the same.
    type Key: Ord;

    fn heap(&self) -> &[u32];
    fn heap_mut(&mut self) -> &mut Vec<u32>;
    fn key(&self, slot: u32) -> Self::Key;
    /// Where in the heap a slot stands, as it was told last.
    fn place(&self, slot: u32) -> u32;
    fn set_place(&mut self, slot: u32, at: u32);

    /// The slot with the least key.
    fn least(&self) -> Option<u32> {
        self.heap().first().copied()
    }

    fn enter(&mut self, slot: u32) {
        self.heap_mut().push(slot);
        let last = self.heap().len() - 1;
        put(self, last, slot);
        rise(self, last);
    }

    /// Takes a slot out; it must be in.
    fn leave(&mut self, slot: u32) {
        let at = self.place(slot) as usize;
        let Some(last) = self.heap_mut().pop() else { return };
        if last != slot {
            put(self, at, last);
            sink(self, at);
            rise(self, at);
        }
    }

    /// Moves a slot whose key has changed; it must be in.
    fn reorder(&mut self, slot: u32) {
        let at = self.place(slot) as usize;
        sink(self, at);
        rise(self, at);
    }
}

fn put<H: Heap + ?Sized>(heap: &mut H, at: usize, slot: u32) {
    heap.heap_mut()[at] = slot;
    heap.set_place(slot, u32::try_from(at).expect("memory ends before 2^32 slots"));
}

fn swap<H: Heap + ?Sized>(heap: &mut H, a: usize, b: usize) {
    let (first, second) = (heap.heap()[a], heap.heap()[b]);
    put(heap, a, second);
    put(heap, b, first);
}

fn key_at<H: Heap + ?Sized>(heap: &H, at: usize) -> H::Key {
    heap.key(heap.heap()[at])
}

fn rise<H: Heap + ?Sized>(heap: &mut H, mut at: usize) {
    while at > 0 {
        let parent = (at - 1) / 2;
        if key_at(heap, parent) < key_at(heap, at) {
            return;
        }
        swap(heap, at, parent);
        at = parent;
    }
}

fn sink<H: Heap + ?Sized>(heap: &mut H, mut at: usize) {
    loop {
        let children = (2 * at + 1)..(2 * at + 3).min(heap.heap().len());
        let Some(least) = children.min_by_key(|&child| key_at(heap, child)) else { return };
        if key_at(heap, at) < key_at(heap, least) {
            return;
        }
        swap(heap, at, least);
        at = least;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::Heap;

    #[derive(Default)]
    struct Slots {
        heap: Vec<u32>,
        keys: Vec<(u64, u32)>,
        places: Vec<u32>,
    }

    impl Heap for Slots {
        type Key = (u64, u32);

        fn heap(&self) -> &[u32] {
            &self.heap
        }

        fn heap_mut(&mut self) -> &mut Vec<u32> {
            &mut self.heap
        }

        fn key(&self, slot: u32) -> (u64, u32) {
            self.keys[slot as usize]
        }

        fn place(&self, slot: u32) -> u32 {
            self.places[slot as usize]
        }

        fn set_place(&mut self, slot: u32, at: u32) {
            self.places[slot as usize] = at;
        }
    }

    #[test]
    fn the_least_is_that_of_an_ordered_set_whatever_comes_goes_and_moves() {
        const SLOTS: u32 = 40;
        let mut slots = Slots { keys: vec![(0, 0); 40], places: vec![0; 40], ..Slots::default() };
        let mut set = BTreeSet::new();
        for step in 0..20_000_u64 {
            let chance = model::spread(step);
            let slot = u32::try_from(chance % u64::from(SLOTS)).unwrap();
            let key = (chance >> 32 & 31, slot);
            let before = slots.keys[slot as usize];
            if !set.contains(&before) {
                slots.keys[slot as usize] = key;
                slots.enter(slot);
                set.insert(key);
            } else if chance & 1 << 60 == 0 {
                slots.leave(slot);
                set.remove(&before);
            } else {
                slots.keys[slot as usize] = key;
                slots.reorder(slot);
                set.remove(&before);
                set.insert(key);
            }
            assert_eq!(slots.least().map(|least| slots.key(least)), set.first().copied());
            assert_eq!(slots.heap.len(), set.len());
        }
    }
}
