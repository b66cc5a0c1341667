//! Searched orders: what the bound leads to, then windows around the peak, ordered anew until none gives way.
//!
//! Phases:
//! 1. the best of program order and greedy orders (`alternation.rs`), its series-parallel parts merged
//!    ([`merged`](super::merged)): where the whole graph is one such part, that is the end;
//! 2. *refinement*: the lower bound by cuts and walks past milestones, which leads to better orders
//!    ([`memopt::analysis::cut_bound`]). It follows each order that is better than those before. Most training steps end here,
//!    with bound and order equal;
//! 3. *restarts* (`restart.rs`): orders far from the one at hand;
//! 4. *windows*: the steps around the peak are cut out as a problem of their own (`cutter.rs`), and an order of them with a
//!    lower peak is sought among their downsets ([`memopt::analysis::least_peak`]), in small windows first, then in larger
//!    ones, up to the whole. Where one is found, the search goes on at what is the peak then; several peaks are lowered one
//!    after the other. Where a window has provably no better order, nothing was lost; the proof for the whole ends it all;
//! 5. *programs*, at higher efforts: small windows by integer programming, until none gives way.
//!
//! Work is counted in kernels run and taken back and in arcs of cuts, so that the same problem gets the same answer. Measured
//! on one core, in seconds of CPU time: 0.001 for a ResNet-50 step of 628 kernels (PyTorch), 0.03 for one of 3,845 (JAX), 0.2
//! for a GPT-2 XL step of 23,000. A synthetic step (`benches/kernels.rs`) takes 0.08 for 10,000 kernels, 0.23 for 50,000.
//!
//! Merging pays on no graph of a training step: values that several kernels read keep all but chains out of its parts.
//!
//! Not good yet: the rules that keep states few work from the front; a valley seen from the back is not used. Where the
//! downsets between two cuts are many, the larger windows run out of work, and which valley is found is chance.

mod alternation;
mod restart;

use std::cmp::Reverse;
use std::ops::Range;
use std::time::{Duration, Instant};

use memopt::analysis::{LeastPeak, PeakLimits, cut_bound, least_peak};
use memopt::ir::Bytes;
use memopt::plan::{OrderProblem, OrderProfile, OrderValue, StopReason, evaluate, order_profile, peak_and_area};

use super::cutter::{Cut, Cutter};
use super::ilp::IlpOptions;
use super::merge::merged;
use super::window::ilp_window;
use alternation::alternation;

/// How hard to search.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SearchOptions {
    /// 0: no restarts and windows. 1: the default. Each one more doubles the work for windows; from 2 on by integer programs, too.
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

/// From this effort on, integer programs order windows that the search over downsets leaves as they are: so many of them, of
/// so many steps, with so many nodes each.
const PROGRAM_EFFORT: u32 = 2;
const PROGRAMS: usize = 64;
const PROGRAM_STEPS: usize = 64;
const PROGRAM_NODES: u64 = 100;

/// Rounds: what a window has to gain, as a part of the gap to the bound, the steps it may have, and the variant of its search.
/// Many small gains, one after the other, would take all the work, and so would large windows where small ones do.
const ROUNDS: [(u64, usize, u64); 5] =
    [(32, 64, 0), (32, 128, 8), (32, 512, 0), (1024, 512, 1), (u64::MAX, usize::MAX, 0)];

/// The best order found; never worse than [`greedy`](super::greedy), and program order itself where that is not beaten.
pub fn search(problem: &OrderProblem, options: &SearchOptions) -> SearchOutcome {
    let deadline = options.time_limit.map(|limit| Instant::now() + limit);
    let start = alternation(problem);
    let mut best = Incumbent { problem, peak: start.value.peak, order: start.order.clone(), bound: Bytes::ZERO };
    let mut stop = start.stop;
    if stop == StopReason::BoundMet {
        best.bound = best.peak;
    } else {
        let merged = merged(problem, &best.order);
        best.offer(merged.order);
        if merged.is_optimal {
            (best.bound, stop) = (best.peak, StopReason::Proven);
        } else {
            best.refine();
        }
    }
    let is_late = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
    if options.effort > 0
        && best.is_open()
        && !is_late()
        && let Some(order) = restart::from_afar(problem, &best.order, best.bound)
    {
        best.offer(order);
        best.refine();
    }
    // Windows may get further from the greedy order than from one that is better already. Each effort goes on from the answer
    // of the one below, so that more effort never gives a worse one.
    let greedy = (options.effort > 0 && best.order != start.order).then_some((1, Some(start.order)));
    for (effort, from) in greedy.into_iter().chain((1..=options.effort).map(|effort| (effort, None))) {
        if !best.is_open() {
            break;
        }
        if is_late() {
            stop = StopReason::TimeLimit;
            break;
        }
        let from = from.unwrap_or_else(|| best.order.clone());
        let mut search = Search::new(problem, from, effort, best.bound, deadline);
        stop = search.run();
        // What they left as it was at the last effort they leave again.
        let is_new = effort == PROGRAM_EFFORT || (effort > PROGRAM_EFFORT && search.order != best.order);
        if is_new && stop != StopReason::Proven {
            search.lower_by_programs();
        }
        if best.offer(search.order) && !is_late() {
            best.refine();
        }
        if stop == StopReason::Proven {
            best.bound = best.peak;
        }
    }
    let stop = if stop == StopReason::Proven || best.is_open() { stop } else { StopReason::BoundMet };
    SearchOutcome { value: evaluate(problem, &best.order), order: best.order, stop, lower_bound: best.bound }
}

/// The best order so far, and what is known of all others.
struct Incumbent<'p> {
    problem: &'p OrderProblem,
    order: Vec<u32>,
    peak: Bytes,
    /// No order has a lower peak.
    bound: Bytes,
}

impl Incumbent<'_> {
    fn is_open(&self) -> bool {
        self.peak > self.bound
    }

    /// Takes the order if its peak is lower.
    fn offer(&mut self, order: Vec<u32>) -> bool {
        let peak = peak_and_area(self.problem, &order).0;
        let is_better = peak < self.peak;
        if is_better {
            (self.order, self.peak) = (order, peak);
        }
        is_better
    }

    /// Bounds all orders by cuts, which may lead to a better one.
    fn refine(&mut self) {
        let found = cut_bound(self.problem, &self.order);
        self.bound = self.bound.max(found.peak);
        if let Some(order) = found.order {
            self.offer(order);
        }
    }
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
    fn new(
        problem: &'p OrderProblem,
        order: Vec<u32>,
        effort: u32,
        bound: Bytes,
        deadline: Option<Instant>,
    ) -> Search<'p> {
        let work = WORK + WORK_PER_KERNEL * problem.kernels() as u64;
        let work = work.saturating_mul(1 << (effort - 1).min(30));
        let mut search = Search {
            problem,
            bound,
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
        for (part, longest, variant) in ROUNDS {
            self.variant = variant;
            let Some(peak) = self.peak() else { return StopReason::BoundMet };
            let gap = self.profile.live[peak].saturating_sub(self.bound);
            if let Some(stop) = self.lower_peaks(Bytes(gap.0 / part).max(Bytes(1)), longest) {
                return stop;
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

    /// Lowers the peak by integer programs in small windows, until none gives way.
    fn lower_by_programs(&mut self) {
        for _ in 0..PROGRAMS {
            let Some(peak) = self.peak() else { return };
            let lowered = windows(&self.profile, peak, PROGRAM_STEPS).into_iter().find_map(|steps| {
                let time_limit = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
                let options = IlpOptions { nodes: PROGRAM_NODES, time_limit, ..IlpOptions::default() };
                let mut order = self.order.clone();
                let found = ilp_window(self.problem, &mut order, steps, &options);
                (found.value.peak < self.profile.live[peak]).then_some(order)
            });
            match lowered {
                Some(order) => self.take(order),
                None => return,
            }
        }
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
