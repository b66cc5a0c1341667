//! A lower bound on what any plan needs, whatever it computes on the fly or runs again.
//!
//! *Cheap* operations are those that readers could compute (`fusible`): any number of times, anywhere, at no cost and with no
//! bytes. All others are *heavy*; to run one of them again costs its flops, if it may run again at all.
//!
//! Take the moment when a heavy operation X first runs. Every operation has run before, or runs from then on, or both. Of a
//! value that is made before and not again, and read from then on, the bytes are in memory. What is least in memory, is a
//! minimum cut (Picard 1976) between, for each operation, *before* (it has run) and *over* (it does not run any more):
//!
//! ```text
//!   before(reader) -> before(writer)   unlimited   what has run has had its operands
//!   over(op) -> before(op)             unlimited   it runs at least once
//!   before(op) -> over(op)             heavy: price x flops to run it on both sides; unlimited where it may run once only
//!   over(writer) -> held(value)        bytes       the value is kept: paid once, for all that read it later
//!   held(value) -> over(reader)        unlimited
//!   before(w), SOURCE                              w heavy, an operand of X by cheap operations only: it has run
//!   before(X), over(X) -> SINK         unlimited
//! ```
//!
//! With a price p for a flop, `cut + bytes of what X surely holds - p x flops` bounds the peak of every plan that adds at most
//! so many flops of heavy operations; the best price is searched for, since the bound is concave in it.
//!
//! Not seen, and each may only leave the bound too low: where results lie on operands (a result of X that could is not
//! counted), the order among what is before, the cost of cheap operations, regions (their arenas count for X alone).

use rustc_hash::FxHashMap;

use super::bounds::LowerBound;
use super::max_flow::{Network, UNLIMITED};
use super::order::runs;
use super::ties::possible_ties;
use super::{Analysis, inner_first};
use crate::cost;
use crate::dialect::{Effects, OpFacts, Recompute, Regions};
use crate::ir::{Bytes, Function, Module, OpId, ValueId};
use crate::plan::{Home, ValueStorage};

/// At most so many moments are looked at, those where the plan holds most first.
const MOMENTS: usize = 24;
/// What the cuts may look at, in arcs: near-linear in the operations.
const WORK: (u64, u64) = (50_000_000, 2_000);
/// Prices tried at the moment that needs most: each narrows the range of the best one by a third.
const PRICES: usize = 12;

/// The bound on the arena of any plan of a prepared function that adds at most `added` flops of heavy operations to it. `moments` are operations
/// of the function, those near the peak of the best plan known first; those that are heavy are looked at.
pub fn plan_bound(
    module: &Module,
    function: Function,
    analysis: &Analysis,
    moments: &[OpId],
    added: u64,
) -> LowerBound {
    let program = Program::of(module, function, analysis);
    let mut work = WORK.0 + WORK.1 * program.ops.len() as u64;
    let mut bound = LowerBound::default();
    let mut best = None;
    let heavy = moments.iter().filter_map(|op| program.op_index.get(op)).filter(|&&op| !program.ops[op as usize].cheap);
    for &moment in heavy.take(MOMENTS) {
        let Some(cut) = program.cut(moment, None, &mut work) else { break };
        // Without a price nothing heavy runs twice: right if nothing may, and the guide to the best moment else.
        if best.is_none_or(|(most, _)| cut.needed > most) {
            best = Some((cut.needed, moment));
            if added == 0 {
                bound = program.witness(moment, &cut);
            }
        }
    }
    let Some((needed, moment)) = best.filter(|_| added > 0) else { return bound };
    // Bytes for 2^20 flops.
    let scale = ((u128::from(needed.0) << 20) / u128::from(added)).max(1) as f64;
    let (mut low, mut high) = ((scale / 4096.0).ln(), (scale * 4096.0).ln());
    let mut at = |price: f64, bound: &mut LowerBound| {
        let cut = program.cut(moment, Some(price), &mut work)?;
        let paid = (price * added as f64 / (1u64 << 20) as f64).ceil();
        let found = Bytes((cut.needed.0 as f64 - paid).max(0.0) as u64);
        if found > bound.arena {
            *bound = LowerBound { arena: found, ..program.witness(moment, &cut) };
        }
        Some(found)
    };
    // Free of charge, what runs once or is read directly still counts.
    _ = at(0.0, &mut bound);
    for _ in 0..PRICES {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        match (at(left.exp(), &mut bound), at(right.exp(), &mut bound)) {
            (Some(a), Some(b)) if a < b => low = left,
            (Some(_), Some(_)) => high = right,
            _ => break,
        }
    }
    bound
}

/// An operation, as the bound sees it.
struct Op {
    id: OpId,
    /// Whether readers could compute it.
    cheap: bool,
    /// Flops of running it again; `None` if it runs once.
    again: Option<u64>,
    /// The values that it reads, without duplicates.
    reads: Vec<u32>,
    /// Bytes that it needs for itself while it runs: scratch, regions, results that lie over no operand.
    own: Bytes,
}

/// What an operation makes and others read.
struct Value {
    id: ValueId,
    writer: u32,
    /// Bytes of the arena; none if they are the caller's.
    size: Bytes,
    /// Whether it is kept to the end.
    kept: bool,
}

#[derive(Default)]
struct Program {
    ops: Vec<Op>,
    values: Vec<Value>,
    op_index: FxHashMap<OpId, u32>,
    value_index: FxHashMap<ValueId, u32>,
}

/// A smallest cut.
struct Cut {
    /// Bytes and prices paid.
    needed: Bytes,
    /// Values that are in memory.
    held: Vec<u32>,
}

impl Program {
    fn of(module: &Module, function: Function, analysis: &Analysis) -> Program {
        let inner = inner_bytes(module, analysis);
        let mut program = Program::default();
        for &op in module.block(function.body).ops() {
            let is_source = |value| source(analysis, value) == Some(value);
            if runs(module, analysis, op) || module.op(op).results().any(is_source) {
                program.add(module, analysis, op, inner.get(&op).copied().unwrap_or_default());
            }
        }
        program
    }

    fn add(&mut self, module: &Module, analysis: &Analysis, op: OpId, inner: Bytes) {
        let facts = analysis.facts.op(op);
        let writer = self.ops.len() as u32;
        let read = module.op(op).operands().iter().chain(analysis.scopes.captures(op));
        let mut reads: Vec<u32> = read.filter_map(|&value| self.made(analysis, value)).collect();
        reads.sort_unstable();
        reads.dedup();
        let mut fresh = Bytes::ZERO;
        for id in module.op(op).results() {
            let (size, kept) = match analysis.aliases.value(id) {
                ValueStorage::In { storage, version, .. } if version == id => {
                    let storage = analysis.aliases.storage(storage);
                    let is_arena = matches!(storage.home, Home::Arena | Home::ArenaUntilEnd) && storage.root == id;
                    let size = if is_arena { storage.size } else { Bytes::ZERO };
                    fresh += size;
                    (size, storage.home == Home::ArenaUntilEnd)
                }
                _ if source(analysis, id) == Some(id) => (analysis.facts.bytes(id).align_to(analysis.alignment), false),
                _ => continue,
            };
            self.value_index.insert(id, self.values.len() as u32);
            self.values.push(Value { id, writer, size, kept });
        }
        let may_repeat = facts.effects == Effects::None
            && facts.recompute != Recompute::Never
            && facts.regions == Regions::Scalar
            && facts.updates.is_empty();
        let scratch = inner.max(facts.workspace.bytes().align_to(analysis.alignment));
        let is_plain = possible_ties(module, analysis, op).is_empty();
        self.op_index.insert(op, writer);
        self.ops.push(Op {
            id: op,
            cheap: may_repeat && is_cheap(facts),
            again: may_repeat.then(|| cost::flops(module, &analysis.facts, op)),
            reads,
            own: if is_plain { scratch + fresh } else { scratch },
        });
    }

    /// What an operation made where `value` is read.
    fn made(&self, analysis: &Analysis, value: ValueId) -> Option<u32> {
        let made = match analysis.aliases.value(value) {
            ValueStorage::In { version, .. } => version,
            ValueStorage::Virtual { source, .. } | ValueStorage::Joined { source, .. } => source,
            ValueStorage::Nothing | ValueStorage::Constant => return None,
        };
        self.value_index.get(&made).copied()
    }

    fn writer(&self, value: u32) -> u32 {
        self.values[value as usize].writer
    }

    /// The heavy operations whose results an operation reads, through cheap ones: they have run when it runs.
    fn before(&self, op: u32) -> Vec<u32> {
        let mut seen = vec![false; self.ops.len()];
        let (mut heavy, mut work) = (Vec::new(), vec![op]);
        while let Some(next) = work.pop() {
            for &value in &self.ops[next as usize].reads {
                let writer = self.writer(value);
                if std::mem::replace(&mut seen[writer as usize], true) {
                    continue;
                }
                let into = if self.ops[writer as usize].cheap { &mut work } else { &mut heavy };
                into.push(writer);
            }
        }
        heavy
    }

    /// The smallest cut for the moment when `moment` runs. With a price, in bytes for 2^20 flops, heavy operations may run
    /// again; without, only those that cost nothing. `None` once the work is spent.
    fn cut(&self, moment: u32, price: Option<f64>, work: &mut u64) -> Option<Cut> {
        let (ops, values) = (self.ops.len() as u32, self.values.len() as u32);
        let (before, over, held) = (|op: u32| op, |op: u32| ops + op, |value: u32| 2 * ops + value);
        let (source, sink) = (2 * ops + values, 2 * ops + values + 1);
        // What the moment's operation reads from heavy ones directly is in memory.
        let is_heavy = |&value: &u32| !self.ops[self.writer(value) as usize].cheap;
        let direct: Vec<u32> = self.ops[moment as usize].reads.iter().copied().filter(is_heavy).collect();
        let mut network = Network::new();
        for (index, op) in (0..).zip(&self.ops) {
            for &read in &op.reads {
                network.arc(before(index), before(self.writer(read)), UNLIMITED);
                network.arc(held(read), over(index), UNLIMITED);
            }
            network.arc(over(index), before(index), UNLIMITED);
            let again = match (op.again, price) {
                _ if op.cheap => 0,
                (Some(0), _) => 0,
                (Some(flops), Some(price)) => ((flops as f64 * price / (1u64 << 20) as f64) as u64).min(UNLIMITED),
                _ => UNLIMITED,
            };
            if again > 0 {
                network.arc(before(index), over(index), again);
            }
        }
        for (index, value) in (0..).zip(&self.values) {
            if !direct.contains(&index) {
                network.arc(over(value.writer), held(index), value.size.0);
                if value.kept {
                    network.arc(held(index), sink, UNLIMITED);
                }
            }
        }
        self.before(moment).into_iter().for_each(|op| network.arc(source, before(op), UNLIMITED));
        network.arc(before(moment), sink, UNLIMITED);
        network.arc(over(moment), sink, UNLIMITED);
        network.build(sink as usize + 1);
        *work = work.checked_sub(network.arcs() as u64)?;
        let flow = network.max_flow(source, sink, work).ok()?;
        if flow >= UNLIMITED {
            return None;
        }
        let side = network.source_side(source);
        let is_held = |&value: &u32| side[over(self.writer(value)) as usize] && !side[held(value) as usize];
        let size = |value: u32| self.values[value as usize].size;
        let in_memory = (0..values).filter(|value| direct.contains(value) || is_held(value));
        let surely: Bytes = direct.iter().map(|&value| size(value)).sum();
        let held = in_memory.filter(|&value| !size(value).is_zero()).collect();
        Some(Cut { needed: Bytes(flow) + surely + self.ops[moment as usize].own, held })
    }

    fn witness(&self, moment: u32, cut: &Cut) -> LowerBound {
        let live = cut.held.iter().map(|&value| self.values[value as usize].id).collect();
        LowerBound { arena: cut.needed, at: Some(self.ops[moment as usize].id), live }
    }
}

/// The result whose readers compute it, or find it in its parts, of which `value` is all or a part.
fn source(analysis: &Analysis, value: ValueId) -> Option<ValueId> {
    match analysis.aliases.value(value) {
        ValueStorage::Virtual { source, .. } | ValueStorage::Joined { source, .. } => Some(source),
        _ => None,
    }
}

/// Whether readers could compute the results of an operation.
pub fn is_cheap(facts: &OpFacts) -> bool {
    !facts.results.is_empty() && facts.results.iter().all(|result| result.fusible.is_some())
}

/// What each operation needs for its regions, with its scratch bytes: the most that one of their operations needs alone.
fn inner_bytes(module: &Module, analysis: &Analysis) -> FxHashMap<OpId, Bytes> {
    let mut needed: FxHashMap<OpId, Bytes> = FxHashMap::default();
    let done = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
        let order = super::ScopeOrder::extract(module, analysis, scope, inner, super::TieSource::Legal);
        let (arena, _) = super::step_bound(&order.problem);
        let most = needed.entry(scope.owner).or_default();
        *most = (*most).max(arena);
        Ok::<_, std::convert::Infallible>(arena)
    });
    let Ok(_) = done;
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Registry;
    use crate::target::Target;
    use crate::text::{self, ParseLimits};

    /// The bound at an operation of a function on 64-byte values, whose result is the caller's.
    fn bound(ops: &str, moment: usize, added: u64) -> LowerBound {
        let ops = ops.replace(" : ", " {memopt.effects = \"none\", memopt.flops = 10 : i64} : ");
        let text = format!(
            r#""func.func"() <{{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}}> ({{
            ^bb0(%x: tensor<16xf32>):
              {ops}
              "func.return"(%y) : (tensor<16xf32>) -> ()
            }}) : () -> ()"#
        )
        .replace("T1", "(tensor<16xf32>) -> tensor<16xf32>")
        .replace("T2", "(tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>");
        let module = text::parse(&text, &ParseLimits::default()).expect("a module");
        let function = module.functions()[0];
        let analysis = Analysis::of(&module, function, &Registry::new(), &Target::default()).expect("a valid function");
        let ops = module.block(function.body).ops();
        plan_bound(&module, function, &analysis, &[ops[moment]], added)
    }

    #[test]
    fn what_is_cheap_is_kept_or_what_it_is_made_from() {
        // While %y is made, %c is in memory, and one of %a and %b: two values.
        let ops = r#"
            %a = "x.heavy"(%x) : T1
            %b = "stablehlo.exponential"(%a) : T1
            %c = "x.heavy"(%b) : T1
            %y = "x.heavy"(%c, %b) : T2"#;
        assert_eq!(bound(ops, 3, 0).arena, Bytes(128));
        // From an argument, %b costs nothing.
        assert_eq!(bound(&ops.replace("(%a)", "(%x)"), 3, 0).arena, Bytes(64));
    }

    #[test]
    fn one_cheap_value_stands_for_many() {
        // Of %a, and of all that is made from it, one is enough; %d is read directly.
        let ops = r#"
            %a = "x.heavy"(%x) : T1
            %b = "stablehlo.exponential"(%a) : T1
            %c = "stablehlo.tanh"(%a) : T1
            %d = "x.heavy"(%b, %c) : T2
            %e = "stablehlo.add"(%b, %c) : T2
            %y = "x.heavy"(%d, %e) : T2"#;
        assert_eq!(bound(ops, 5, 0).arena, Bytes(128));
    }

    #[test]
    fn heavy_work_is_held_or_paid_for() {
        // While %c is made from %b, both take 64 bytes, and %a is held for %y; or it runs again, for 10 flops.
        let ops = r#"
            %a = "x.heavy"(%x) : T1
            %b = "x.heavy"(%a) : T1
            %c = "x.heavy"(%b) : T1
            %d = "x.heavy"(%c) : T1
            %y = "x.heavy"(%d, %a) : T2"#;
        assert_eq!((bound(ops, 2, 0).arena, bound(ops, 2, 10).arena), (Bytes(192), Bytes(128)));
        // Half of the work buys half of the bytes at most, less what rounding the price up takes.
        let half = bound(ops, 2, 5).arena;
        assert!(Bytes(158) <= half && half <= Bytes(160), "{half}");
        // What %y reads is in memory, whatever is paid.
        assert_eq!((bound(ops, 4, 0).arena, bound(ops, 4, 10).arena), (Bytes(128), Bytes(128)));
    }
}
