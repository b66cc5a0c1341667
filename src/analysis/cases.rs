//! Bounds by case distinction: of two kernels that no edge orders, one runs first.
//!
//! A minimum cut (`downset`) at kernel x finds the cheapest moment for x, and takes no notice of what it costs to get there.
//! Where the peak is a hump of several steps, each of its kernels has a cheap moment, but not all of them in one order.
//! So two kernels x and y are picked, and both cases are bounded:
//!
//! ```text
//! x before y:  the cuts at x with y on the late side, at y with x on the early side; the larger one
//! y before x:  the same the other way round
//! bound:       the smaller of the two cases
//! ```
//!
//! Cases are split again, the one with the smallest bound first, until it reaches the peak of the best order known, or no
//! pair raises it, or the work is spent. Example: a cross-entropy holds three tensors of the size of the logits in every
//! order, the exponentials with the gradient and its negation, or the exponentials and the logits with the gradient; single
//! cuts see two.
//!
//! *x* is the kernel at the peak of the best order. *y* is one with many live bytes in that order, on the other side of x
//! than in the smallest downset of x: their orders relative to each other are what the cut at x is wrong about.

use super::downset::Cuts;
use super::max_flow::OutOfWork;
use crate::ir::Bytes;

/// Pairs tried for each case.
const PAIRS: usize = 8;

/// Kernels near the peak that a case looks at for a pair.
const PEAKS: usize = 4;

/// Cases looked at.
const CASES: usize = 48;

/// Some orders: those in which the first kernel of each pair comes before the second.
#[derive(Clone, Debug)]
struct Case {
    pairs: Vec<(u32, u32)>,
    bound: Bytes,
    /// The kernel that needs so much.
    at: Option<u32>,
}

/// Raises `bound`, which holds for every order, towards the largest of `live`, the bytes at each step of `order`.
pub(super) fn sharpen(
    cuts: &mut Cuts<'_>,
    order: &[u32],
    live: &[Bytes],
    bound: (Bytes, Option<u32>),
) -> (Bytes, Option<u32>) {
    let peak = live.iter().copied().max().unwrap_or_default();
    let mut splitter = Splitter { order, live, cuts, peak };
    let mut cases = vec![Case { pairs: Vec::new(), bound: bound.0, at: bound.1 }];
    for _ in 0..CASES {
        let least = (0..cases.len()).min_by_key(|&index| (cases[index].bound, index)).unwrap_or(0);
        if cases[least].bound >= peak {
            break;
        }
        match splitter.split(&cases[least]) {
            Ok(Some(parts)) => {
                cases.swap_remove(least);
                cases.extend(parts);
            }
            Ok(None) | Err(OutOfWork) => break,
        }
    }
    let least = cases.iter().min_by_key(|case| case.bound);
    least.map_or(bound, |case| (case.bound.min(peak), case.at))
}

struct Splitter<'s, 'p> {
    order: &'s [u32],
    live: &'s [Bytes],
    cuts: &'s mut Cuts<'p>,
    peak: Bytes,
}

impl Splitter<'_, '_> {
    /// The two parts of a case that bound it best; `None` if no pair raises it.
    fn split(&mut self, case: &Case) -> Result<Option<[Case; 2]>, OutOfWork> {
        let mut best: Option<[Case; 2]> = None;
        for (x, y) in self.pairs(case)? {
            let parts = [self.part(case, x, y)?, self.part(case, y, x)?];
            let worth = |parts: &[Case; 2]| (parts[0].bound.min(parts[1].bound), parts[0].bound.max(parts[1].bound));
            let (least, most) = worth(&parts);
            if most > case.bound && best.as_ref().is_none_or(|best| worth(best) < (least, most)) {
                best = Some(parts);
            }
            if least >= self.peak {
                break;
            }
        }
        Ok(best)
    }

    /// The case in which also `before` comes before `after`.
    fn part(&mut self, case: &Case, before: u32, after: u32) -> Result<Case, OutOfWork> {
        let mut part = case.clone();
        part.pairs.push((before, after));
        for kernel in [before, after].into_iter().chain(case.at) {
            let needed = self.cuts.least_at(kernel, &part.pairs)?;
            if needed > part.bound {
                (part.bound, part.at) = (needed, Some(kernel));
            }
            if part.bound >= self.peak {
                break;
            }
        }
        Ok(part)
    }

    /// Pairs to split a case by, the most promising first.
    fn pairs(&mut self, case: &Case) -> Result<Vec<(u32, u32)>, OutOfWork> {
        // The first and the last kernel of a level stand for those between them.
        let live = |step: usize| self.live.get(step).copied().unwrap_or_default();
        let is_edge = |&step: &usize| step == 0 || live(step) > live(step - 1) || live(step) > live(step + 1);
        let mut steps: Vec<usize> = (0..self.order.len()).filter(is_edge).collect();
        steps.sort_by_key(|&step| (std::cmp::Reverse(self.live[step]), step));
        for &step in steps.iter().take_while(|&&step| self.live[step] > case.bound).take(PEAKS) {
            let x = self.order[step];
            if self.cuts.least_at(x, &case.pairs)? >= self.peak {
                continue;
            }
            let downset = self.cuts.downset();
            let kernels = steps.iter().map(|&other| (other, self.order[other]));
            let moved = kernels.filter(|&(other, y)| downset[y as usize] != (other < step) && self.cuts.is_free(y));
            // The kernel that has the bound, too, has a say in what comes before it.
            let witness = case.at.filter(|&at| at != x && self.cuts.is_free(at));
            let moved = witness.into_iter().chain(moved.map(|(_, y)| y).filter(|&y| Some(y) != witness));
            let pairs: Vec<(u32, u32)> = moved.map(|y| (x, y)).take(PAIRS).collect();
            if !pairs.is_empty() {
                return Ok(pairs);
            }
        }
        Ok(Vec::new())
    }
}
