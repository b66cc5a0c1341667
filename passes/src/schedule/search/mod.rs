//! Searched orders: windows around the peak, ordered anew until none gives way.
//!
//! Phases:
//! 1. the better of program order and the `greedy` orders;
//! 2. the lower bound of that order ([`memopt::analysis::cut_bound`]); if it is met, all is done;
//! 3. *windows*: the steps around the peak are cut out as a problem of their own (`cutter.rs`), and an order of them with a
//!    lower peak is sought among their downsets ([`memopt::analysis::least_peak`]), in small windows first, then in larger
//!    ones, up to the whole. Where one is found, the search goes on at what is the peak then; several peaks are lowered one
//!    after the other. Where a window has provably no better order, nothing was lost; the proof for the whole ends it all;
//! 4. *restarts* (`restart.rs`), where no window helps: the order is bent around the kernel at the peak, so that first runs
//!    what has run at the cheapest moment for that kernel. If that lowers the peak, windows follow again.
//!
//! Work is counted in kernels run and taken back, so that the same problem gets the same answer. Measured on one core, with
//! the bound: 0.2 s for 1,600 kernels of a randomly wired net, whose peak falls by 28 %; 0.3 s for a ResNet-50 step of 3,800
//! kernels; 0.4 s for a GPT-2 XL step of 23,000, where the greedy order meets the bound.
//!
//! Not good yet: the rules that keep states few work from the front; a valley seen from the back is not used. Where the
//! downsets between two cuts of a training step are many, the larger windows run out of work.

mod restart;

use std::cmp::Reverse;
use std::ops::Range;
use std::time::{Duration, Instant};

use memopt::analysis::{LeastPeak, PeakLimits, cut_bound, least_peak};
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderProfile, OrderValue, StopReason, evaluate, order_profile};

use super::cutter::{Cut, Cutter};
use super::greedy;

/// How hard to search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchOptions {
    /// 0: the greedy orders only. 1: the default. Each one more doubles the work for windows and restarts.
    pub effort: u32,
    /// Ends the search after that time; without it, the same problem gets the same answer on every machine.
    pub time_limit: Option<Duration>,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions { effort: 1, time_limit: None }
    }
}

/// An order, and why the search for it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What the order is worth.
    pub value: OrderValue,
    /// [`StopReason::BoundMet`] or [`StopReason::Proven`] if no order is better.
    pub stop: StopReason,
    /// No order has a lower peak.
    pub lower_bound: Bytes,
}

/// Kernels that may be run at effort 1: so many, and for each kernel of the problem so many more.
const WORK: u64 = 300_000;
const WORK_PER_KERNEL: u64 = 8;

/// One window may use this part of the work.
const SHARE: u64 = 40;

/// Steps of the windows that are tried, besides the whole.
const SIZES: [usize; 8] = [16, 32, 64, 128, 256, 512, 1024, 2048];

/// Rounds: what a window has to gain, as a part of the gap to the bound, the steps it may have, and the variant of its search.
/// Many small gains, one after the other, would take all the work, and so would large windows where small ones do.
const ROUNDS: [(u64, usize, u64); 5] =
    [(32, 64, 0), (32, 128, 8), (32, 512, 0), (1024, 512, 1), (u64::MAX, usize::MAX, 0)];

/// Restarts at most.
const RESTARTS: usize = 8;

/// The best order found; never worse than [`greedy`], and program order itself where that is not beaten.
pub fn search(problem: &OrderProblem, options: &SearchOptions) -> SearchOutcome {
    let deadline = options.time_limit.map(|limit| Instant::now() + limit);
    let start = greedy(problem);
    if options.effort == 0 || start.stop == StopReason::BoundMet {
        let lower_bound = cut_bound(problem, &start.order);
        let stop = if lower_bound == start.value.peak { StopReason::BoundMet } else { start.stop };
        return SearchOutcome { order: start.order, value: start.value, stop, lower_bound };
    }
    // Each effort goes on from the answer of the one below, so that more effort never gives a worse one.
    let (mut order, mut lower_bound, mut stop) = (start.order, Bytes::ZERO, start.stop);
    for effort in 1..=options.effort {
        let mut search = Search::new(problem, order, effort, deadline);
        stop = search.run();
        lower_bound = lower_bound.max(search.bound);
        order = search.order;
        if matches!(stop, StopReason::Proven | StopReason::BoundMet | StopReason::TimeLimit) {
            break;
        }
    }
    let value = evaluate(problem, &order);
    let lower_bound = if stop == StopReason::Proven { value.peak } else { lower_bound };
    SearchOutcome { order, value, stop, lower_bound }
}

struct Search<'p> {
    problem: &'p OrderProblem,
    order: Vec<u32>,
    /// Kernel -> its step.
    place: Vec<u32>,
    profile: OrderProfile,
    /// No order has a lower peak.
    bound: Bytes,
    cutter: Cutter<'p>,
    work: u64,
    /// The work for one window.
    share: u64,
    variant: u64,
    deadline: Option<Instant>,
}

/// What became of a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tried {
    /// Its peak is lower now.
    Lowered,
    /// It has no better order.
    NoBetter,
    /// The work for it was spent.
    OutOfWork,
}

impl<'p> Search<'p> {
    fn new(problem: &'p OrderProblem, order: Vec<u32>, effort: u32, deadline: Option<Instant>) -> Search<'p> {
        let work = WORK + WORK_PER_KERNEL * problem.kernels() as u64;
        let work = work.saturating_mul(1 << (effort - 1).min(30));
        let mut search = Search {
            problem,
            bound: cut_bound(problem, &order),
            place: vec![0; order.len()],
            order: Vec::new(),
            profile: OrderProfile::default(),
            cutter: Cutter::new(problem),
            work,
            share: work / SHARE,
            variant: 0,
            deadline,
        };
        search.take(order);
        search
    }

    fn run(&mut self) -> StopReason {
        let n = self.order.len();
        if self.peak().is_some_and(|peak| self.try_window(0..n, peak, Bytes(1)) == Tried::NoBetter) {
            return StopReason::Proven;
        }
        let mut restarts = 0;
        for (part, longest, variant) in ROUNDS {
            self.variant = variant;
            loop {
                let Some(peak) = self.peak() else { return StopReason::BoundMet };
                let gap = self.profile.live[peak].saturating_sub(self.bound);
                if let Some(stop) = self.lower_peaks(Bytes(gap.0 / part).max(Bytes(1)), longest) {
                    return stop;
                }
                restarts += 1;
                match restart::around_the_peak(self.problem, &self.order, &self.profile) {
                    Some(better) if restarts <= RESTARTS => self.take(better),
                    _ => break,
                }
            }
        }
        StopReason::Saturated
    }

    /// The first step with the most live bytes, if these are above the bound.
    fn peak(&self) -> Option<usize> {
        let live = &self.profile.live;
        (0..live.len()).max_by_key(|&step| (live[step], Reverse(step))).filter(|&step| live[step] > self.bound)
    }

    /// Takes another order.
    fn take(&mut self, order: Vec<u32>) {
        for (step, &kernel) in order.iter().enumerate() {
            self.place[kernel as usize] = step as u32;
        }
        self.profile = order_profile(self.problem, &order);
        self.order = order;
    }

    /// Lowers the peak, the first one if there are several, for as long as some window of at most `longest` steps lowers it by
    /// `gain`. `None` if none does, though nothing shows that none could.
    fn lower_peaks(&mut self, gain: Bytes, longest: usize) -> Option<StopReason> {
        'peaks: while let Some(peak) = self.peak() {
            for steps in windows(&self.profile, peak, longest) {
                if self.work == 0 {
                    return Some(StopReason::WorkLimit);
                }
                if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                    return Some(StopReason::TimeLimit);
                }
                let is_whole = steps.len() == self.order.len();
                match self.try_window(steps, peak, gain) {
                    Tried::Lowered => continue 'peaks,
                    Tried::NoBetter if is_whole && gain == Bytes(1) => return Some(StopReason::Proven),
                    Tried::NoBetter | Tried::OutOfWork => {}
                }
            }
            return None;
        }
        Some(StopReason::BoundMet)
    }

    /// Orders a window anew if that lowers its peak by `gain` or more; once it does, by twice as much again and again.
    fn try_window(&mut self, steps: Range<usize>, peak: usize, mut gain: Bytes) -> Tried {
        let window = self.cutter.cut(&self.order, &self.place, steps.clone(), self.profile.between[steps.start]);
        let mut cap = self.profile.live[peak].saturating_sub(window.base);
        let lowest = self.bound.saturating_sub(window.base);
        let (mut best, mut end) = (None, Tried::NoBetter);
        while lowest < cap && self.work > 0 {
            let floor = cap.saturating_sub(gain).max(lowest);
            let allowed = self.work.min(self.share);
            let mut limits = PeakLimits { floor, cap: floor + Bytes(1), work: allowed, variant: self.variant };
            let found = least_peak(&window.problem, &mut limits);
            self.work = self.work.saturating_sub(allowed - limits.work);
            match found {
                LeastPeak::Order(order) => {
                    cap = evaluate(&window.problem, &order).peak;
                    gain = gain + gain;
                    best = Some(order);
                }
                LeastPeak::None => break,
                LeastPeak::OutOfWork => {
                    end = Tried::OutOfWork;
                    break;
                }
            }
        }
        match best {
            Some(order) => {
                self.exchange(&window, &order);
                Tried::Lowered
            }
            None => end,
        }
    }

    /// Puts another order of a window in its place.
    fn exchange(&mut self, window: &Cut, order: &[u32]) {
        let start = window.steps.start;
        let profile = order_profile(&window.problem, order);
        let kernels: Vec<u32> = self.order[window.steps.clone()].to_vec();
        // Kernel 0 of the window stands for what comes before it.
        for (index, &kernel) in order.iter().enumerate().skip(1) {
            let (step, kernel) = (start + index - 1, kernels[kernel as usize - 1]);
            self.order[step] = kernel;
            self.place[kernel as usize] = step as u32;
            self.profile.live[step] = profile.live[index] + window.base;
            self.profile.between[step + 1] = profile.between[index + 1] + window.base;
        }
    }
}

/// Windows around a step, each once, the smaller ones first; the whole, if `longest` allows it, last. They end where little
/// is live, since what is live at their ends they cannot change.
fn windows(profile: &OrderProfile, peak: usize, longest: usize) -> Vec<Range<usize>> {
    let n = profile.live.len();
    let lowest = |from: usize, to: usize| (from..=to).min_by_key(|&step| profile.between[step]).unwrap_or(from);
    let mut windows: Vec<Range<usize>> = Vec::new();
    let mut add = |range: Range<usize>| {
        if !windows.contains(&range) {
            windows.push(range);
        }
    };
    for size in SIZES.into_iter().take_while(|&size| size < n.min(longest.saturating_add(1))) {
        // Before and after the peak: as much, more, less.
        for (before, after) in [(size / 2, size / 2), (size * 3 / 4, size / 4), (size / 4, size * 3 / 4)] {
            let start = lowest(peak.saturating_sub(before), peak.saturating_sub(before / 2));
            let end = lowest((peak + 1 + after / 2).min(n), (peak + 1 + after).min(n));
            add(start..end);
        }
    }
    if longest >= n {
        add(0..n);
    }
    windows
}
