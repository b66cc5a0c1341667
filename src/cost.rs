//! What operations cost: floating-point operations, bytes moved, nanoseconds.
//!
//! The one cost model of the project. Every pass that weighs work against memory asks here, and so do the reports.
//!
//! - *Flops* of an operation: `memopt.flops`, else what its dialect says, else one for each result element; nothing for
//!   views and for moving elements.
//! - *Bytes*: what it reads and writes, in a plan where every value that always can do without bytes does, and those that a
//!   pass made virtual: a virtual value is never written, and reading it reads the values it is made from.
//! - What a kernel computes of virtual values while it reads is work of the kernel; the operation that a virtual value comes
//!   from costs nothing by itself.
//! - *Nanoseconds*: `memopt.cost_ns`, else the roofline of the target's machine, the longer of the time for the flops and the
//!   time for the bytes, and on top what starting any operation takes. What neither computes nor moves anything takes none.
//!
//! An operation with planned regions costs what they cost: a loop its condition and its body once, since nobody knows how
//! often it runs, branches all alternatives together. This keeps loops comparable to each other and is too little for a
//! loop, too much for branches.

use crate::dialect::{Aliasing, Facts, KernelKind, OpFacts, Regions, ResultFacts, Virtual};
use crate::ir::{Bytes, Definition, Module, OpId, Type, ValueId};
use crate::target::Target;

use rustc_hash::FxHashSet;

/// What a planner keeps small when it adds work.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Objective {
    /// Nanoseconds.
    #[default]
    Time,
    /// Floating-point operations.
    Flops,
}

/// What operations cost on a machine.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct CostModel {
    /// The target whose machine counts where no time was measured.
    pub target: Target,
    /// What [`CostModel::cost`] counts.
    pub objective: Objective,
}

impl CostModel {
    /// The cost of running an operation once, in the unit of the objective.
    pub fn cost(&self, module: &Module, facts: &Facts, op: OpId) -> f64 {
        match self.objective {
            Objective::Time => self.nanoseconds(module, facts, op),
            Objective::Flops => flops(module, facts, op) as f64,
        }
    }

    /// The time that running an operation once takes, in nanoseconds.
    pub fn nanoseconds(&self, module: &Module, facts: &Facts, op: OpId) -> f64 {
        let one = |op| match facts.op(op).cost_ns {
            Some(measured) => measured as f64,
            None => self.estimate(own_flops(module, facts, op), own_bytes(module, facts, op)),
        };
        let measured = |facts: &OpFacts| facts.cost_ns.is_some();
        parts(module, facts, op, measured).into_iter().map(one).sum()
    }

    /// The time of one kernel with so many floating-point operations and bytes, in nanoseconds.
    fn estimate(&self, flops: u64, bytes: Bytes) -> f64 {
        let machine = &self.target.machine;
        let runs = flops > 0 || !bytes.is_zero();
        if runs { machine.roofline(flops, bytes) + machine.op_overhead_ns } else { 0.0 }
    }
}

/// Floating-point operations of running an operation once.
pub fn flops(module: &Module, facts: &Facts, op: OpId) -> u64 {
    let known = |facts: &OpFacts| facts.flops.is_some();
    let parts = parts(module, facts, op, known).into_iter();
    parts.fold(0, |sum: u64, op| sum.saturating_add(own_flops(module, facts, op)))
}

/// Bytes that running an operation once reads and writes. Ties do not count: an operation that changes a part of its
/// operand is taken to copy the rest.
pub fn bytes_moved(module: &Module, facts: &Facts, op: OpId) -> Bytes {
    let known = |facts: &OpFacts| facts.bytes_moved.is_some();
    parts(module, facts, op, known).into_iter().map(|op| own_bytes(module, facts, op)).sum()
}

/// The operations whose costs add up to that of `op`: itself, unless it only stands for its planned regions. An operation
/// whose cost `is_known` as a whole stands for itself.
fn parts(module: &Module, facts: &Facts, op: OpId, is_known: impl Fn(&OpFacts) -> bool) -> Vec<OpId> {
    let mut parts = Vec::new();
    let mut work = vec![op];
    while let Some(op) = work.pop() {
        let known = facts.op(op);
        let regions = module.op(op).regions();
        let opens = matches!(known.regions, Regions::Loop { .. } | Regions::Branches) && !regions.is_empty();
        if !opens || is_known(known) {
            parts.push(op);
            continue;
        }
        let blocks = regions.iter().flat_map(|&region| module.region(region).blocks());
        work.extend(blocks.flat_map(|&block| module.block(block).ops()));
    }
    parts
}

/// Floating-point operations of an operation, with those of the virtual values that it computes while it reads. An operation
/// whose results are virtual runs in its readers only.
fn own_flops(module: &Module, facts: &Facts, op: OpId) -> u64 {
    if is_virtual(module, facts, op) {
        return 0;
    }
    let in_readers = demands(module, facts, op).into_iter().map(|demand| {
        let (once, elements) = (flops_once(module, facts, demand.op), elements(module, module.op(demand.op).result(0)));
        // Of `once` flops for all elements, those for the elements that are asked for.
        let share = u128::from(once) * u128::from(demand.elements) / u128::from(elements.max(1));
        u64::try_from(share).unwrap_or(u64::MAX)
    });
    in_readers.fold(flops_once(module, facts, op), u64::saturating_add)
}

/// Floating-point operations that compute each result element of an operation once.
fn flops_once(module: &Module, facts: &Facts, op: OpId) -> u64 {
    let known = facts.op(op);
    let is_view = |result: &ResultFacts| matches!(result.aliasing, Aliasing::View { .. });
    let moves = known.kind == KernelKind::Movement || known.results.iter().all(is_view);
    match known.flops {
        Some(flops) => flops,
        None if moves => 0,
        None => module.op(op).results().fold(0, |sum: u64, value| sum.saturating_add(elements(module, value))),
    }
}

/// Whether the results of an operation are computed by their readers.
fn is_virtual(module: &Module, facts: &Facts, op: OpId) -> bool {
    let known = facts.op(op);
    let results = 0..module.op(op).result_count();
    !results.is_empty() && known.updates.is_empty() && results.into_iter().all(|r| known.virtual_kind(r).is_some())
}

/// So many elements of a virtual value that a kernel computes.
struct Demand {
    op: OpId,
    elements: u64,
}

/// How often the kernel `op` computes elements of the virtual values that it reads, those made from nothing left out.
///
/// Elements that are asked for at the same index are computed once: an operation that is read in step is asked at the index at
/// which its reader is asked itself. Anything else asks at indices of its own: where only the index changes, for as many
/// elements as it is asked for, so that a broadcast has its operand computed again for each of its elements; where it chooses
/// among operands, for the part that comes from each.
fn demands(module: &Module, facts: &Facts, op: OpId) -> Vec<Demand> {
    /// Who asks at indices of its own, and for which of its operands; `None` for the kernel's own indices.
    type At = Option<(OpId, u32)>;
    let mut demands: Vec<Demand> = Vec::new();
    let mut seen: FxHashSet<(OpId, At)> = FxHashSet::default();
    let mut work: Vec<(OpId, At, u64)> = Vec::new();
    // `reader` computes `asked` elements, of the `all` that a run of it computes.
    let ask = |work: &mut Vec<_>, reader: OpId, at: At, asked: u64, all: u64| {
        let known = facts.op(reader);
        let only_index = known.results.first().is_some_and(|result| result.fusible == Some(Virtual::Addressing));
        for (operand, &value) in (0..).zip(module.op(reader).operands()) {
            let Some(source) = virtual_source(module, facts, value) else { continue };
            if known.in_step.contains(&operand) {
                work.push((source, at, asked));
                continue;
            }
            let available = if only_index { all } else { elements(module, value).min(all) };
            let part = u128::from(asked) * u128::from(available) / u128::from(all.max(1));
            work.push((source, Some((reader, operand)), u64::try_from(part).unwrap_or(u64::MAX)));
        }
    };
    let most =
        |values: &mut dyn Iterator<Item = ValueId>| values.map(|value| elements(module, value)).max().unwrap_or(0);
    let operation = module.op(op);
    let all = match facts.op(op).kind {
        KernelKind::Reduction => most(&mut operation.operands().iter().copied()),
        _ => most(&mut operation.results()),
    };
    ask(&mut work, op, None, all, all);
    while let Some((source, at, asked)) = work.pop() {
        if demands.len() == MOST_DEMANDS || !seen.insert((source, at)) {
            continue;
        }
        demands.push(Demand { op: source, elements: asked });
        ask(&mut work, source, at, asked, elements(module, module.op(source).result(0)));
    }
    demands
}

/// A kernel with more demands than this costs at least what these do.
const MOST_DEMANDS: usize = 4096;

fn own_bytes(module: &Module, facts: &Facts, op: OpId) -> Bytes {
    let known = facts.op(op);
    let is_written =
        |&index: &usize| known.results[index].aliasing == Aliasing::Fresh && known.virtual_kind(index).is_none();
    let mut written = (0..known.results.len()).filter(is_written).peekable();
    let works = written.peek().is_some() || known.results.is_empty();
    if known.kind == KernelKind::Control || !works {
        return Bytes::ZERO;
    }
    let reads_virtual = || module.op(op).operands().iter().any(|&v| virtual_source(module, facts, v).is_some());
    if let Some(bytes) = known.bytes_moved.filter(|_| !reads_virtual()) {
        return bytes;
    }
    let read: Bytes = sources(module, facts, op).into_iter().map(|value| facts.bytes(value)).sum();
    written.fold(read, |sum, index| sum + known.results[index].bytes)
}

/// The values whose bytes an operation reads, each once: its operands, or what virtual ones are made from.
fn sources(module: &Module, facts: &Facts, op: OpId) -> Vec<ValueId> {
    let mut sources = Vec::new();
    let mut seen: FxHashSet<OpId> = FxHashSet::default();
    let mut work = module.op(op).operands().to_vec();
    while let Some(value) = work.pop() {
        match virtual_source(module, facts, value) {
            None if !is_made_from_nothing(module, facts, value) => sources.push(value),
            Some(source) if seen.insert(source) => work.extend(module.op(source).operands()),
            _ => {}
        }
    }
    sources.sort_unstable();
    sources.dedup();
    sources
}

/// The operation whose readers compute `value`, or what it views; none for a value with bytes and for one that is made from
/// nothing.
fn virtual_source(module: &Module, facts: &Facts, value: ValueId) -> Option<OpId> {
    let (op, result) = viewed(module, facts, value)?;
    facts.op(op).virtual_kind(result).filter(|&kind| kind != Virtual::Nullary).map(|_| op)
}

fn is_made_from_nothing(module: &Module, facts: &Facts, value: ValueId) -> bool {
    viewed(module, facts, value).is_some_and(|(op, result)| facts.op(op).virtual_kind(result) == Some(Virtual::Nullary))
}

/// The result that `value` is, or that it views.
fn viewed(module: &Module, facts: &Facts, mut value: ValueId) -> Option<(OpId, usize)> {
    while let Definition::Result { op, index } = module.value(value).definition {
        match facts.op(op).results[index as usize].aliasing {
            Aliasing::View { operand, .. } => value = module.op(op).operands()[operand],
            _ => return Some((op, index as usize)),
        }
    }
    None
}

/// Elements of a tensor; one for anything else.
fn elements(module: &Module, value: ValueId) -> u64 {
    match module.type_of(value) {
        Type::Tensor(tensor) => tensor.elements().unwrap_or(0),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Registry;
    use crate::dialect::testing::{Sample, op, reference_texts};
    use crate::ir::Attr;
    use crate::target::Machine;
    use crate::text::{self, ParseLimits};

    fn costs(sample: &Sample) -> (u64, Bytes) {
        let facts = sample.facts();
        (flops(&sample.module, &facts, sample.op), bytes_moved(&sample.module, &facts, sample.op))
    }

    fn number(sample: &mut Sample, n: i64) -> Attr {
        sample.module.integer_attr(n)
    }

    #[test]
    fn each_operand_is_read_once_and_each_result_written() {
        assert_eq!(costs(&op("stablehlo.add", &["8xf32", "8xf32"], &["8xf32"])), (8, Bytes(96)));
        let square = crate::dialect::testing::op_reading("stablehlo.multiply", &["8xf32"], &[0, 0], &["8xf32"]);
        assert_eq!(costs(&square), (8, Bytes(64)));
        assert_eq!(costs(&op("client.op", &["8xf32"], &["8xf32"])), (8, Bytes(64)), "nobody knows better");
    }

    #[test]
    fn what_has_no_bytes_moves_none() {
        assert_eq!(costs(&op("stablehlo.reshape", &["8xf32"], &["4x2xf32"])), (0, Bytes::ZERO));
        assert_eq!(costs(&op("stablehlo.convert", &["8xf32"], &["8xf32"])), (0, Bytes::ZERO));
        assert_eq!(costs(&op("stablehlo.iota", &[], &["8xi32"])), (0, Bytes::ZERO));
        let constant = op("stablehlo.constant", &[], &["2xf32"]).dense("value", "[1.0, 2.0]");
        assert_eq!(costs(&constant), (0, Bytes::ZERO));
        let broadcast = op("stablehlo.broadcast_in_dim", &["f32"], &["8xf32"]).ints("broadcast_dimensions", &[]);
        assert_eq!(costs(&broadcast), (0, Bytes::ZERO));
    }

    #[test]
    fn a_virtual_operand_costs_what_it_is_made_from() {
        let mut sample = op("stablehlo.broadcast_in_dim", &["2xf32"], &["8x2xf32"]).ints("broadcast_dimensions", &[1]);
        let (body, broadcast) = (sample.function.body, sample.op);
        let repeated = sample.module.op(broadcast).result(0);
        let negate = sample.append(body, "stablehlo.negate", &[repeated], &["8x2xf32"]);
        let facts = sample.facts();
        assert_eq!(bytes_moved(&sample.module, &facts, negate), Bytes(8 + 64));
    }

    #[test]
    fn a_view_of_a_splat_is_read_from_nowhere() {
        let mut sample = op("stablehlo.constant", &[], &["8xf32"]).dense("value", "1.0");
        let (body, splat) = (sample.function.body, sample.module.op(sample.op).result(0));
        let reshape = sample.append(body, "stablehlo.reshape", &[splat], &["4x2xf32"]);
        let reshaped = sample.module.op(reshape).result(0);
        let negate = sample.append(body, "stablehlo.negate", &[reshaped], &["4x2xf32"]);
        let facts = sample.facts();
        assert_eq!(bytes_moved(&sample.module, &facts, negate), Bytes(32));
    }

    #[test]
    fn a_part_of_an_operand() {
        assert_eq!(costs(&op("stablehlo.dynamic_slice", &["1024xf32", "i32"], &["8xf32"])), (0, Bytes(64)));
        assert_eq!(costs(&op("stablehlo.gather", &["1024xf32", "2x1xi32"], &["2xf32"])), (0, Bytes(24)));
    }

    #[test]
    fn hints_come_first() {
        let mut sample = op("stablehlo.add", &["8xf32", "8xf32"], &["8xf32"]);
        let (flops, time) = (number(&mut sample, 1000), number(&mut sample, 77));
        let sample = sample.hint("memopt.flops", flops).hint("memopt.cost_ns", time);
        assert_eq!(costs(&sample), (1000, Bytes(96)));
        let model = CostModel::default();
        assert_eq!(model.cost(&sample.module, &sample.facts(), sample.op), 77.0);
        let model = CostModel { objective: Objective::Flops, ..model };
        assert_eq!(model.cost(&sample.module, &sample.facts(), sample.op), 1000.0);
    }

    #[test]
    fn the_roofline_is_the_longer_time() {
        let machine = Machine { flops_per_second: 1e9, bytes_per_second: 2e9, ..Machine::default() };
        assert_eq!(machine.roofline(10, Bytes(10)), 10.0);
        assert_eq!(machine.roofline(10, Bytes(100)), 50.0);
    }

    #[test]
    fn starting_an_operation_takes_time_if_it_does_anything() {
        let machine =
            Machine { flops_per_second: 1e9, bytes_per_second: 1e9, op_overhead_ns: 7.0, ..Machine::default() };
        let model = CostModel { target: Target::generic_on(machine), objective: Objective::Time };
        let time = |sample: &Sample| model.cost(&sample.module, &sample.facts(), sample.op);
        assert_eq!(time(&op("stablehlo.add", &["8xf32", "8xf32"], &["8xf32"])), 96.0 + 7.0);
        assert_eq!(time(&op("stablehlo.reshape", &["8xf32"], &["4x2xf32"])), 0.0, "a view");
        assert_eq!(time(&op("stablehlo.iota", &[], &["8xi32"])), 0.0, "virtual");
        let mut measured = op("stablehlo.add", &["8xf32", "8xf32"], &["8xf32"]);
        let time_of = number(&mut measured, 20);
        assert_eq!(time(&measured.hint("memopt.cost_ns", time_of)), 20.0, "a measured time has it already");
    }

    /// The sum of a cost over the operations of the reference graphs of this name; `None` where they are absent.
    fn total(folder: &str, name: &str, cost: impl Fn(&Module, &Facts, OpId) -> f64) -> Option<f64> {
        let texts = reference_texts(&[folder], name);
        let module = text::parse(texts.first()?, &ParseLimits::default()).expect("a reference graph");
        let function = module.functions()[0];
        let facts = Facts::of(&module, function.op, &Registry::new()).expect("a valid graph");
        Some(module.block(function.body).ops().iter().map(|&op| cost(&module, &facts, op)).sum())
    }

    #[test]
    fn measured_times_are_those_of_the_trace() {
        let model = CostModel::default();
        // Milliseconds of the published traces, as far as their operations are in the text.
        for (name, milliseconds) in [("unet", 435.2), ("resnet32", 291.9), ("transformer", 274.3)] {
            let found = total("dtr", name, |module, facts, op| model.nanoseconds(module, facts, op));
            assert!(found.is_none_or(|found| (found / 1e6 - milliseconds).abs() < 0.06), "{name}: {found:?}");
        }
    }

    #[test]
    fn flops_of_a_trace_are_those_that_were_counted_and_one_for_each_element_besides() {
        // Convolutions and products by hints; the rest is less than one for each element of each result.
        let hinted = |module: &Module, _: &Facts, op: OpId| match module.find_attr(op, "memopt.flops") {
            Some(&Attr::Integer { value, .. }) => value as f64,
            _ => 0.0,
        };
        let name = "resnet18.train.b1.";
        let (Some(all), Some(counted)) =
            (total("torch", name, |m, f, op| flops(m, f, op) as f64), total("torch", name, hinted))
        else {
            return;
        };
        assert!(counted > 10e9 && all > counted && all < 1.01 * counted, "{all} of which {counted}");
    }

    #[test]
    fn a_loop_costs_its_regions_once() {
        let mut sample = op("stablehlo.while", &["8xf32"], &["8xf32"]);
        let condition = sample.region();
        let carried = sample.module.block(condition).arguments().to_vec();
        let test = sample.append(condition, "stablehlo.is_finite", &carried, &["8xi1"]);
        let flag = sample.module.op(test).result(0);
        sample.append(condition, "stablehlo.return", &[flag], &[]);
        let body = sample.region();
        let carried = sample.module.block(body).arguments().to_vec();
        let negate = sample.append(body, "stablehlo.negate", &carried, &["8xf32"]);
        let next = sample.module.op(negate).result(0);
        sample.append(body, "stablehlo.return", &[next], &[]);
        // Condition: 8 flops, reads 32 and writes 8 bytes. Body: 8 flops, reads and writes 32 bytes.
        assert_eq!(costs(&sample), (16, Bytes(40 + 64)));
        let whole = number(&mut sample, 5);
        let sample = sample.hint("memopt.flops", whole);
        assert_eq!(costs(&sample), (5, Bytes(40 + 64)));
    }
}
