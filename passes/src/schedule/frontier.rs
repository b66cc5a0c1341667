//! The kernels that may come next, and which of them does.
//!
//! *Delta* of a kernel: by how many bytes more are live after it than before it, were it chosen now. *Place*: its position
//! in the order that the caller prefers. Kernels that free memory or leave it as it is go first, the largest gain first;
//! those that need more keep to their places, whatever they need. Deltas only fall while kernels wait, so that a heap with
//! lazy deletion does: a kernel is pushed again when its delta fell, and entries of older deltas are skipped.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Which kernels are chosen by their delta.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// Those that do not need more memory.
    Shrinking,
    /// All of them. Worse on most graphs, and the best start on a few.
    All,
}

/// Kernels in the making of an order.
pub(super) struct Frontier<'a> {
    rule: Rule,
    /// Kernel by place, the preferred one first.
    preferred: &'a [u32],
    place: Vec<u32>,
    delta: Vec<i64>,
    /// Number of kernels that must be chosen before this one.
    waiting: Vec<u32>,
    chosen: Vec<bool>,
    /// (delta, place) of ready kernels that are chosen by delta.
    by_delta: BinaryHeap<Reverse<(i64, u32)>>,
    /// Places of the other ready kernels.
    by_place: BinaryHeap<Reverse<u32>>,
}

impl<'a> Frontier<'a> {
    /// No kernel chosen yet; `waiting` and `delta` are as at the start.
    pub(super) fn new(preferred: &'a [u32], rule: Rule, waiting: Vec<u32>, delta: Vec<i64>) -> Frontier<'a> {
        let n = preferred.len();
        let mut place = vec![0; n];
        for (i, &kernel) in preferred.iter().enumerate() {
            place[kernel as usize] = i as u32;
        }
        let (by_delta, by_place) = (BinaryHeap::with_capacity(n), BinaryHeap::with_capacity(n));
        let mut frontier =
            Frontier { rule, preferred, place, delta, waiting, chosen: vec![false; n], by_delta, by_place };
        for kernel in 0..n as u32 {
            frontier.offer(kernel);
        }
        frontier
    }

    /// Whether the kernel is in the order already.
    pub(super) fn is_chosen(&self, kernel: u32) -> bool {
        self.chosen[kernel as usize]
    }

    /// Chooses the next kernel; `None` when all are chosen.
    pub(super) fn choose(&mut self) -> Option<u32> {
        while let Some(Reverse((delta, place))) = self.by_delta.pop() {
            let kernel = self.preferred[place as usize];
            if !self.chosen[kernel as usize] && self.delta[kernel as usize] == delta {
                self.chosen[kernel as usize] = true;
                return Some(kernel);
            }
        }
        while let Some(Reverse(place)) = self.by_place.pop() {
            let kernel = self.preferred[place as usize];
            if !self.chosen[kernel as usize] {
                self.chosen[kernel as usize] = true;
                return Some(kernel);
            }
        }
        None
    }

    /// One of the kernels that this one waits for is chosen.
    pub(super) fn arrive(&mut self, kernel: u32) {
        self.waiting[kernel as usize] -= 1;
        self.offer(kernel);
    }

    /// The kernel would leave `size` bytes less than before.
    pub(super) fn lower(&mut self, kernel: u32, size: i64) {
        let delta = &mut self.delta[kernel as usize];
        let lowered = delta.saturating_sub(size);
        // A growing kernel that still grows is in its heap already, where its delta does not matter.
        let matters = lowered != *delta && (lowered <= 0 || self.rule == Rule::All);
        *delta = lowered;
        if matters {
            self.offer(kernel);
        }
    }

    /// Pushes the kernel if it is ready.
    fn offer(&mut self, kernel: u32) {
        let k = kernel as usize;
        if self.waiting[k] > 0 {
            return;
        }
        if self.delta[k] <= 0 || self.rule == Rule::All {
            self.by_delta.push(Reverse((self.delta[k], self.place[k])));
        } else {
            self.by_place.push(Reverse(self.place[k]));
        }
    }
}
