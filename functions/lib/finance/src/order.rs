//! Sorting, compiled once: the standard library's would be compiled for every type that is sorted, 4 KB each in an agent.
//! To collect a `BTreeMap` or a `BTreeSet` sorts too; to extend one does not.

use std::cmp::Ordering;

/// Sorts; what compares equal stays in its order.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let swaps = swaps(items.len(), &|a, b| compare(&items[a], &items[b]));
    for (a, b) in swaps {
        items.swap(a, b);
    }
}

/// The swaps that bring items into order, of which only the positions are known here.
fn swaps(len: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<(usize, usize)> {
    let mut order: Vec<usize> = (0..len).collect();
    order.sort_by(|a, b| compare(*a, *b));
    let mut swaps = Vec::new();
    // Along each cycle: every item to its place, the one that stood there to the place it comes from.
    for start in 0..len {
        let mut at = start;
        while order[at] != start {
            let next = order[at];
            swaps.push((at, next));
            order[at] = at;
            at = next;
        }
        order[at] = at;
    }
    swaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sorts_as_the_standard_library_does(mut items: Vec<(u8, u16)>) {
            let mut expect = items.clone();
            expect.sort_by_key(|item| item.0);
            sort_by(&mut items, |a, b| a.0.cmp(&b.0));
            prop_assert_eq!(items, expect);
        }
    }
}
