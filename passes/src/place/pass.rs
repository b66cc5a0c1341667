//! `place`: the offset of every buffer, and with them the whole plan written on the IR.
//!
//! Blocks are placed from the inside out: what a region needs is one buffer of the operation that holds it, alive in its
//! step. Then offsets become absolute from the outside in.

use memopt::analysis::{Analysis, Scope, ScopeOrder, TieSource, inner_first};
use memopt::diag::Diagnostic;
use memopt::dialect::{OpRef, Regions};
use memopt::ir::{Attr, BlockId, Bytes, Definition, Module, OpId, Step, ValueId};
use memopt::pass::{OptionInfo, OptionValues, Pass, PassContext, PassInfo, PassOptions, PassOutcome};
use memopt::plan::{
    Home, LayoutBuffer, LayoutProblem, LayoutSolution, Part, StopReason, StorageId, ValueStorage, validate_layout,
};
use rustc_hash::FxHashMap;

use super::{SearchOptions, best_fit, no_reuse, search};
use crate::attributes::set_ties;

/// The table entry.
pub static INFO: PassInfo = PassInfo {
    name: "place",
    help: "gives every buffer its offset in the arena",
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
            name: "capacity",
            help: "an arena that needs more is an error",
            values: OptionValues::Bytes,
            default: "",
        },
    ],
    not_before: &[
        ("inplace", "offsets follow from the ties that are taken"),
        ("schedule", "offsets follow from lifetimes, and these from the order"),
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
    Box::new(Place { algorithm, capacity: options.bytes("capacity") })
}

struct Place {
    algorithm: Algorithm,
    /// What the arena has.
    capacity: Option<Bytes>,
}

enum Algorithm {
    NoReuse,
    BestFit,
    Search(SearchOptions),
}

impl Place {
    fn solve(&self, problem: &LayoutProblem) -> LayoutSolution {
        match &self.algorithm {
            Algorithm::NoReuse => no_reuse(problem),
            Algorithm::BestFit => best_fit(problem),
            // Plain buffers can always be placed; what the search will not take is the portfolio's affair.
            Algorithm::Search(options) => search(problem, options).unwrap_or_else(|_| best_fit(problem)),
        }
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

/// What a buffer of the problem is.
#[derive(Clone, Copy, Debug)]
enum Content {
    /// A storage with all that is tied to it.
    Storages,
    /// Scratch bytes of an operation.
    Workspace(OpId),
    /// All that the regions of an operation need.
    Regions(OpId),
}

/// The placement problem of one block.
struct Extracted {
    problem: LayoutProblem,
    contents: Vec<Content>,
    /// The buffer of each storage.
    buffer_of: FxHashMap<StorageId, usize>,
}

/// Offsets within the block that holds the buffer.
#[derive(Default)]
struct Placed {
    storages: FxHashMap<StorageId, Bytes>,
    workspaces: FxHashMap<OpId, Bytes>,
    regions: FxHashMap<OpId, Bytes>,
}

fn extract(
    context: &PassContext<'_>,
    analysis: &Analysis,
    order: &ScopeOrder,
    inner: &FxHashMap<OpId, Bytes>,
) -> Extracted {
    let last = order.kernels.len();
    let mut tied = tied_storages(context.module, analysis, order);
    let mut buffer_of = FxHashMap::default();
    let (mut buffers, mut contents) = (Vec::new(), Vec::new());
    for (index, buffer) in order.problem.buffers.iter().enumerate() {
        let root = tied.find(index);
        let readers = order.problem.readers.row(index).iter().copied();
        let end = if buffer.until_end { last } else { 1 + readers.fold(buffer.writer, u32::max) as usize };
        let at = *buffer_of.entry(order.storages[root]).or_insert_with(|| {
            contents.push(Content::Storages);
            buffers.push(LayoutBuffer::new(buffer.size, Step(u32::MAX), Step(0)));
            buffers.len() - 1
        });
        buffer_of.insert(order.storages[index], at);
        let merged: &mut LayoutBuffer = &mut buffers[at];
        merged.size = merged.size.max(buffer.size);
        merged.start = merged.start.min(Step(buffer.writer));
        merged.end = merged.end.max(Step::new(end));
    }
    for (step, &op) in order.kernels.iter().enumerate() {
        let own = analysis.facts.op(op).workspace.bytes();
        let of_regions = inner.get(&op).copied().unwrap_or_default();
        for (size, content) in [(own, Content::Workspace(op)), (of_regions, Content::Regions(op))] {
            if !size.is_zero() {
                buffers.push(LayoutBuffer::new(size, Step::new(step), Step::new(step + 1)));
                contents.push(content);
            }
        }
    }
    Extracted { problem: LayoutProblem::new(buffers, context.target.alignment), contents, buffer_of }
}

impl Extracted {
    /// The solution, or the offsets that the schedule chose with the order, if they need less.
    fn planned(&self, module: &Module, analysis: &Analysis, solution: LayoutSolution) -> LayoutSolution {
        if solution.height == solution.lower_bound {
            return solution;
        }
        let mut offsets: Vec<Option<i64>> = vec![None; self.contents.len()];
        for (&storage, &buffer) in &self.buffer_of {
            let Definition::Result { op, index } = module.value(analysis.aliases.storage(storage).root).definition
            else {
                continue;
            };
            let of_op = OpRef::new(module, op).integers("memopt.offsets");
            let offset = of_op.and_then(|offsets| offsets.get(index as usize)).copied();
            // Tied storages are one buffer, at one offset.
            offsets[buffer] = offsets[buffer].or(offset);
        }
        for (offset, content) in offsets.iter_mut().zip(&self.contents) {
            if let Content::Workspace(op) = *content {
                *offset = OpRef::new(module, op).integer("memopt.workspace_offset");
            }
        }
        let offsets: Option<Vec<Bytes>> =
            offsets.into_iter().map(|offset| offset.and_then(|o| u64::try_from(o).ok()).map(Bytes)).collect();
        let Some(offsets) = offsets else { return solution };
        let ends = offsets.iter().zip(&self.problem.buffers).map(|(&offset, buffer)| offset + buffer.size);
        let height = ends.max().unwrap_or_default();
        let stop = if height == solution.lower_bound { StopReason::BoundMet } else { solution.stop };
        let chosen = LayoutSolution { offsets, height, lower_bound: solution.lower_bound, stop };
        let is_better = chosen.height < solution.height && validate_layout(&self.problem, &chosen).is_ok();
        if is_better { chosen } else { solution }
    }
}

/// Buffers of a block joined by the ties that `memopt.reuse` takes.
struct Tied {
    parent: Vec<usize>,
}

impl Tied {
    fn find(&mut self, mut at: usize) -> usize {
        while self.parent[at] != at {
            self.parent[at] = self.parent[self.parent[at]];
            at = self.parent[at];
        }
        at
    }
}

fn tied_storages(module: &Module, analysis: &Analysis, order: &ScopeOrder) -> Tied {
    let index: FxHashMap<StorageId, usize> = order.storages.iter().enumerate().map(|(i, &s)| (s, i)).collect();
    let mut tied = Tied { parent: (0..order.storages.len()).collect() };
    for &op in &order.kernels {
        for tie in memopt::analysis::taken_ties(module, op) {
            let buffer = |value: Option<ValueId>| {
                value.and_then(|v| analysis.aliases.value(v).storage()).and_then(|s| index.get(&s)).copied()
            };
            let result = module.op(op).results().nth(tie.result as usize);
            let operand = module.op(op).operands().get(tie.operand as usize).copied();
            if let (Some(result), Some(operand)) = (buffer(result), buffer(operand)) {
                let (a, b) = (tied.find(result), tied.find(operand));
                tied.parent[a] = b;
            }
        }
    }
    tied
}

impl Placed {
    fn record(&mut self, extracted: &Extracted, solution: &LayoutSolution) {
        for (&storage, &buffer) in &extracted.buffer_of {
            self.storages.insert(storage, solution.offsets[buffer]);
        }
        for (content, &offset) in extracted.contents.iter().zip(&solution.offsets) {
            match *content {
                Content::Storages => {}
                Content::Workspace(op) => _ = self.workspaces.insert(op, offset),
                Content::Regions(op) => _ = self.regions.insert(op, offset),
            }
        }
    }

    /// Where each block's bytes begin in the arena: scopes come after the one around them.
    fn bases(&self, module: &Module, scopes: &[Scope]) -> FxHashMap<BlockId, Bytes> {
        let mut bases: FxHashMap<BlockId, Bytes> = FxHashMap::default();
        for scope in scopes {
            let outer = module.op(scope.owner).parent().and_then(|block| bases.get(&block)).copied();
            let inside = self.regions.get(&scope.owner).copied().unwrap_or_default();
            bases.insert(scope.block, outer.unwrap_or_default() + inside);
        }
        bases
    }
}

/// Writes the plan on the operations of all blocks.
struct Writer<'a> {
    analysis: &'a Analysis,
    placed: &'a Placed,
    bases: FxHashMap<BlockId, Bytes>,
    /// Ties that the homes of results imply, whatever the schedule.
    fixed_ties: FxHashMap<OpId, Vec<memopt::dialect::Tie>>,
}

impl Writer<'_> {
    /// Absolute offset of a value in the arena; -1 where it has none.
    fn offset(&self, value: ValueId) -> i64 {
        let ValueStorage::In { storage, part, .. } = self.analysis.aliases.value(value) else { return -1 };
        let storage = self.analysis.aliases.resolve_slot(storage);
        let of = self.analysis.aliases.storage(storage);
        let within = match part {
            Part::Whole => Bytes::ZERO,
            Part::Exact { offset } => offset,
            Part::Opaque => return -1,
        };
        match (of.home, self.placed.storages.get(&storage)) {
            (Home::Arena | Home::ArenaUntilEnd, Some(&offset)) => (self.bases[&of.block] + offset + within).0 as i64,
            _ => -1,
        }
    }

    fn write(&self, module: &mut Module, op: OpId, block: BlockId) {
        let results: Vec<ValueId> = module.op(op).results().collect();
        if !results.is_empty() {
            self.write_offsets(module, op, "memopt.offsets", &results);
        }
        let is_virtual = |v: &ValueId| matches!(self.analysis.aliases.value(*v), ValueStorage::Virtual { source, .. } if source == *v);
        if !results.is_empty() && results.iter().all(is_virtual) {
            module.set_attr(op, "memopt.virtual", Attr::Unit);
        }
        if let Some(&offset) = self.placed.workspaces.get(&op) {
            let offset = module.integer_attr((self.bases[&block] + offset).0 as i64);
            module.set_attr(op, "memopt.workspace_offset", offset);
        }
        if matches!(self.analysis.facts.op(op).regions, Regions::Loop { .. }) {
            let regions = module.op(op).regions().iter();
            let blocks = regions.flat_map(|&r| module.region(r).blocks());
            let arguments: Vec<ValueId> = blocks.flat_map(|&b| module.block(b).arguments()).copied().collect();
            self.write_offsets(module, op, "memopt.arg_offsets", &arguments);
        }
        if let Some(fixed) = self.fixed_ties.get(&op) {
            let taken = memopt::analysis::taken_ties(module, op).into_iter().chain(fixed.iter().copied());
            let taken = taken.collect();
            set_ties(module, op, "memopt.reuse", taken);
        }
    }

    fn write_offsets(&self, module: &mut Module, op: OpId, name: &str, values: &[ValueId]) {
        let offsets: Vec<i64> = values.iter().map(|&v| self.offset(v)).collect();
        let attr = module.i64_array_attr(&offsets);
        module.set_attr(op, name, attr);
    }
}

impl Pass for Place {
    fn info(&self) -> &'static PassInfo {
        &INFO
    }

    fn run(&self, context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        let analysis = Analysis::of(context.module, context.function, context.registry, context.target)?;
        let scopes = &analysis.scopes.scopes;
        let (mut placed, mut fixed_ties) = (Placed::default(), FxHashMap::<OpId, Vec<_>>::default());
        let mut stop = StopReason::BoundMet;
        // The outermost block is the last.
        let mut bound = Bytes::ZERO;
        let height = inner_first(scopes, |scope, inner| {
            let order = ScopeOrder::extract(context.module, &analysis, scope, inner, TieSource::MayReuse);
            let extracted = extract(context, &analysis, &order, inner);
            let solution = extracted.planned(context.module, &analysis, self.solve(&extracted.problem));
            bound = solution.lower_bound;
            validate_layout(&extracted.problem, &solution).map_err(|error| {
                let span = context.module.op(scope.owner).span;
                vec![Diagnostic::error(span, format!("internal error: the placement is wrong: {error:?}"))]
            })?;
            placed.record(&extracted, &solution);
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
        Ok(PassOutcome { stop })
    }
}
