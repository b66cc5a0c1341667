//! Searched orders.

mod window;

use memopt::ir::Bytes;
use memopt::analysis::{LeastPeak as Found, PeakLimits as Limits, least_peak, problem_bound};
use memopt::plan::{OrderProblem, OrderProfile, OrderValue, StopReason, evaluate, order_profile};

use super::greedy;
use window::Cutter;

/// How hard to search.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SearchOptions {
    /// 0: greedy only; 1: default; each step more doubles the work.
    pub effort: u32,
}

impl Default for SearchOptions {
    fn default() -> Self {
        SearchOptions { effort: 1 }
    }
}

/// An order, and why the search for it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SearchOutcome {
    /// The kernels, first to last.
    pub order: Vec<u32>,
    /// What it is worth.
    pub value: OrderValue,
    /// Why.
    pub stop: StopReason,
}

/// The best order found.
pub fn search(problem: &OrderProblem, options: &SearchOptions) -> SearchOutcome {
    let start = greedy(problem);
    let mut order = start.order;
    let bound = problem_bound(problem, &order).peak;
    let mut place = vec![0u32; order.len()];
    let mut cutter = Cutter::new(problem);
    let mut work = std::env::var("W").ok().and_then(|x| x.parse().ok()).unwrap_or(2_000_000u64) * u64::from(options.effort);
    let verbose = std::env::var("V").is_ok();
    'outer: loop {
        for (i, &k) in order.iter().enumerate() { place[k as usize] = i as u32; }
        let profile = order_profile(problem, &order);
        let Some(t) = (0..order.len()).max_by_key(|&t| (profile.live[t], std::cmp::Reverse(t))) else { break };
        if profile.live[t] <= bound { break; }
        for size in [16usize, 32, 64, 128, 256, 512, 1024, 2048] {
            let steps = around(&profile, t, size);
            let window = cutter.cut(&order, &place, steps.clone(), profile.between[steps.start]);
            let peak = profile.live[t].saturating_sub(window.base);
            let mut limits = Limits { floor: if std::env::var("DEC").is_ok() { peak.saturating_sub(Bytes(1)) } else { bound.saturating_sub(window.base) }, cap: peak, work: (std::env::var("W1").ok().and_then(|x| x.parse().ok()).unwrap_or(200_000u64)).min(work) };
            let before = limits.work;
            let found = least_peak(&window.problem, &mut limits);
            work -= before - limits.work;
            if verbose { eprintln!("peak {} at {t} size {size} {:?} used {} -> {}", profile.live[t].0, steps, before - limits.work, match &found { Found::Order(_) => "order", Found::None => "none", _ => "work" }); }
            if let Found::Order(inner) = found {
                let old: Vec<u32> = order[steps.clone()].to_vec();
                for (at, &k) in inner[1..].iter().enumerate() { order[steps.start + at] = old[k as usize - 1]; }
                continue 'outer;
            }
            if work == 0 { break 'outer; }
            if size > order.len() { break; }
        }
        break;
    }
    let value = evaluate(problem, &order);
    let stop = if value.peak <= bound { StopReason::BoundMet } else { StopReason::Saturated };
    SearchOutcome { order, value, stop }
}

fn around(profile: &OrderProfile, t: usize, size: usize) -> std::ops::Range<usize> {
    let n = profile.live.len();
    let half = size / 2;
    let lo = (t.saturating_sub(size)..=t.saturating_sub(half)).min_by_key(|&s| (profile.between[s], std::cmp::Reverse(s))).unwrap_or(0);
    let hi = ((t + half + 1).min(n)..=(t + size + 1).min(n)).min_by_key(|&s| (profile.between[s], s)).unwrap_or(n);
    lo..hi
}
