//! `place`: the offset of every buffer, and with them the whole plan written on the IR.
//!
//! Blocks are placed from the inside out: what a region needs is one buffer of the operation that holds it, alive in its
//! step. Then offsets become absolute from the outside in.

use std::borrow::Cow;

use memopt::analysis::{ScopeKind, ScopeOrder, TieSource, inner_first};
use memopt::diag::Diagnostic;
use memopt::dialect::Tie;
use memopt::ir::{Bytes, OpId};
use memopt::pass::{Gap, OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassKind, PassOptions, PassOutcome};
use memopt::plan::{LayoutProblem, LayoutSolution, StopReason, validate_layout};
use rustc_hash::FxHashMap;

use super::chosen::lower_of;
use super::donated::{Donated, donated, sizes_of_guests};
use super::extract::extract;
use super::host::{Guest, Host, host};
use super::rigid::as_one;
use super::write::{Placed, Writer};
use super::{SearchOptions, best_fit, no_reuse, search};

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "place",
    help: "gives every buffer its offset in the arena",
    kind: PassKind::Plan,
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "no-reuse: every buffer in bytes of its own; best-fit: a portfolio of greedy placements; \
                   search: the same, then branch and bound and local search until the lower bound is met",
            values: OptionValues::OneOf(&["no-reuse", "best-fit", "search"]),
            default: "search",
        },
        OptionInfo {
            name: "effort",
            help: "how hard to search: each step up is four times the work",
            values: OptionValues::Integer { min: 0, max: 12 },
            default: "1",
        },
        OptionInfo {
            name: "time-limit",
            help: "ends the search of each block; plans then depend on the machine",
            values: OptionValues::Seconds,
            default: "",
        },
        OptionInfo {
            name: "host",
            help: "whether temporaries may lie in donated arguments while these are dead or not yet written",
            values: OptionValues::OneOf(&["no", "yes"]),
            default: "yes",
        },
        OptionInfo {
            name: "capacity",
            help: "an arena that needs more is an error",
            values: OptionValues::Bytes,
            default: "",
        },
    ],
    not_before: &[
        ("inplace", "offsets follow from the ties that are taken"),
        ("schedule", "offsets follow from lifetimes, and these from the order"),
        ("fuse", "offsets are given to what has bytes"),
        ("place", "offsets are assigned once"),
    ],
};

/// Makes the pass.
pub fn build(options: &PassOptions) -> Box<dyn Pass> {
    let search = SearchOptions {
        effort: options.integer("effort").map_or(1, |effort| effort as u32),
        time_limit: options.seconds("time-limit"),
        ..SearchOptions::default()
    };
    let algorithm = match options.word("algorithm") {
        "no-reuse" => Algorithm::NoReuse,
        "best-fit" => Algorithm::BestFit,
        _ => Algorithm::Search(search),
    };
    Box::new(Place { algorithm, hosts: options.word("host") == "yes", capacity: options.bytes("capacity") })
}

struct Place {
    algorithm: Algorithm,
    /// Whether donated arguments take guests.
    hosts: bool,
    /// What the arena has.
    capacity: Option<Bytes>,
}

enum Algorithm {
    NoReuse,
    BestFit,
    Search(SearchOptions),
}

impl Place {
    fn solve(&self, problem: &LayoutProblem, capacity: Option<Bytes>) -> LayoutSolution {
        match &self.algorithm {
            Algorithm::NoReuse => as_one(problem, no_reuse),
            Algorithm::BestFit => as_one(problem, best_fit),
            Algorithm::Search(options) => {
                // Plain buffers can always be placed; what the search will not take is the portfolio's affair.
                let solution = search(problem, options).unwrap_or_else(|_| as_one(problem, best_fit));
                match capacity {
                    Some(capacity) => fit(problem, solution, capacity, options),
                    None => solution,
                }
            }
        }
    }

    /// Moves buffers into donated arguments, and places the others. Never a higher arena than without guests.
    fn solve_with_guests(
        &self,
        problem: &LayoutProblem,
        bytes: &[Option<Bytes>],
        donated: &[Donated],
        capacity: Option<Bytes>,
    ) -> (LayoutSolution, Vec<Guest>) {
        let hosts: Vec<Host> = donated.iter().map(|donated| donated.host.clone()).collect();
        let guests = host(problem, bytes, &hosts);
        let solution = self.solve(&without(problem, &guests), capacity);
        if !guests.is_empty() && solution.height > solution.lower_bound {
            let alone = self.solve(problem, capacity);
            if alone.height < solution.height {
                return (alone, Vec::new());
            }
        }
        (solution, guests)
    }

    /// The arena against the capacity.
    fn fits(&self, context: &PassContext<'_>, arena: Bytes, bound: Bytes) -> Result<(), Vec<Diagnostic>> {
        let Some(capacity) = self.capacity.filter(|&capacity| arena > capacity) else { return Ok(()) };
        let span = context.module.op(context.function.op).span;
        let verdict = if bound > capacity { "no placement can be lower than" } else { "the lower bound is" };
        let text = format!(
            "the arena needs {} bytes, and the capacity is {}; for this order {verdict} {}",
            arena.0, capacity.0, bound.0
        );
        Err(vec![Diagnostic::error(span, text)])
    }
}

/// Effort beyond the usual to meet a capacity that the usual effort leads above.
const HARDER: u32 = 1;

/// The solution, or where it is above a capacity that may be met, one below it: whether there is one is easier to search
/// than the lowest.
fn fit(problem: &LayoutProblem, solution: LayoutSolution, capacity: Bytes, options: &SearchOptions) -> LayoutSolution {
    if solution.height <= capacity || capacity < solution.lower_bound {
        return solution;
    }
    let effort = options.effort + HARDER;
    let harder = SearchOptions { effort, fit_only: true, hint: Some(solution.offsets.clone()), ..options.clone() };
    let limited = LayoutProblem { capacity: Some(capacity), ..problem.clone() };
    search(&limited, &harder).unwrap_or(solution)
}

/// The problem that guests leave to the arena: they need no bytes of it.
fn without<'p>(problem: &'p LayoutProblem, guests: &[Guest]) -> Cow<'p, LayoutProblem> {
    let mut rest = Cow::Borrowed(problem);
    for guest in guests {
        rest.to_mut().buffers[guest.buffer].size = Bytes::ZERO;
    }
    rest
}

/// The ties by which guests take over an argument's bytes, or a result takes over theirs.
fn ties_of_guests(guests: &[Guest], donated: &[Donated], problem: &LayoutProblem) -> impl Iterator<Item = (OpId, Tie)> {
    guests.iter().flat_map(|guest| {
        let of_argument = donated.iter().find(|donated| donated.host.argument == guest.argument);
        let buffer = &problem.buffers[guest.buffer];
        let enters = of_argument.filter(|d| buffer.start < d.host.start).and_then(|d| d.enters);
        let leaves = of_argument.filter(|d| buffer.end > d.host.end).and_then(|d| d.leaves);
        enters.into_iter().chain(leaves)
    })
}

impl Pass for Place {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = context.analysis()?;
        let scopes = &analysis.scopes.scopes;
        let (mut placed, mut fixed_ties) = (Placed::default(), FxHashMap::<OpId, Vec<_>>::default());
        let mut stop = StopReason::BoundMet;
        // The outermost block is the last.
        let mut bound = Bytes::ZERO;
        let height = inner_first(scopes, |scope, inner| {
            let order = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::MayReuse);
            let extracted = extract(context, &analysis, &order, inner);
            let donated = match scope.kind {
                ScopeKind::Function if self.hosts => donated(context, &analysis, &order, &extracted.buffer_of),
                _ => Vec::new(),
            };
            let bytes = sizes_of_guests(context, &analysis, &order, &extracted.buffer_of, extracted.contents.len());
            let capacity = match scope.kind {
                ScopeKind::Function => self.capacity.into_iter().chain(context.capacity).min(),
                _ => None,
            };
            let (solution, guests) = self.solve_with_guests(&extracted.problem, &bytes, &donated, capacity);
            // Guests lie elsewhere, which the schedule did not know.
            let solution = match guests.is_empty() {
                true => lower_of(&extracted, context.module, &analysis, solution),
                false => solution,
            };
            bound = solution.lower_bound;
            validate_layout(&without(&extracted.problem, &guests), &solution).map_err(|error| {
                let span = context.module.op(scope.owner).span;
                vec![Diagnostic::error(span, format!("internal error: the placement is wrong: {error:?}"))]
            })?;
            placed.record(&extracted, &solution, &guests);
            ties_of_guests(&guests, &donated, &extracted.problem)
                .for_each(|(op, tie)| fixed_ties.entry(op).or_default().push(tie));
            order.fixed_ties.iter().for_each(|&(op, tie)| fixed_ties.entry(op).or_default().push(tie));
            stop = stop.max(solution.stop);
            Ok::<_, Vec<Diagnostic>>(solution.height)
        })?;
        self.fits(context, height, bound)?;
        let Ok(arena) = i64::try_from(height.0) else {
            let span = context.module.op(context.function.op).span;
            return Err(vec![Diagnostic::error(span, "the arena would be larger than 2^63 bytes")]);
        };
        let bases = placed.bases(context.module, scopes);
        let writer = Writer { analysis: &analysis, placed: &placed, bases, fixed_ties };
        for scope in scopes {
            for op in context.module.block(scope.block).ops().to_vec() {
                writer.write(context.module, op, scope.block);
            }
        }
        let arena = context.module.integer_attr(arena);
        context.module.set_attr(context.function.op, "memopt.arena_size", arena);
        Ok(PassOutcome { gap: Some(Gap { bytes: height, lower_bound: bound }), ..PassOutcome::new(stop) })
    }
}
