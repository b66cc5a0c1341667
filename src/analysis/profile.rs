//! The memory profile of a function in its current order: how much is live when, and what holds it.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;

use super::Analysis;
use super::downset::reached;
use super::order::{ScopeOrder, TieSource, inner_first};
use crate::ir::{Bytes, Module, OpId, ValueId};
use crate::plan::{OrderValue, evaluate};

/// Live bytes of the arena, step by step, of a function's body.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct MemoryProfile {
    /// The kernels, in the order they run.
    pub kernels: Vec<OpId>,
    /// Live bytes while each runs; what its regions need included.
    pub live: Vec<Bytes>,
    /// The step with most of them.
    pub peak: Option<usize>,
    /// What is live in that step, largest first.
    pub holders: Vec<Holder>,
    /// Bytes that the kernel at the peak needs for itself: workspace, and what its regions hold.
    pub scratch: Bytes,
}

/// A buffer that is live at the peak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The value that it was made for.
    pub value: ValueId,
    /// Its bytes, rounded to the alignment.
    pub size: Bytes,
    /// The operation that writes it first.
    pub writer: OpId,
    /// The operation that reads it last; `None` where it lives to the end.
    pub last_reader: Option<OpId>,
    /// Why it is live.
    pub hold: Hold,
}

/// Why a buffer is live at the peak.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hold {
    /// The operation at the peak writes it.
    Written,
    /// The operation at the peak reads it.
    Read,
    /// Every order holds it while that operation runs: what makes it must run before, and a reader, or the end, comes after.
    EveryOrder,
    /// Another order can have read it before, or make it later.
    ThisOrder,
}

impl MemoryProfile {
    /// The profile of the order in which the function stands, with the ties that `memopt.may_reuse` offers.
    pub fn of(module: &Module, analysis: &Analysis) -> MemoryProfile {
        let mut profile = MemoryProfile::default();
        let done = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
            let order = ScopeOrder::extract(module, analysis, scope, inner, TieSource::MayReuse);
            profile = MemoryProfile::of_scope(analysis, &order);
            let peak = profile.peak.map_or(Bytes::ZERO, |step| profile.live[step]);
            Ok::<_, std::convert::Infallible>(peak)
        });
        let Ok(_) = done;
        profile
    }

    /// The kernels, those with most live bytes while they run first.
    pub fn fullest(&self) -> Vec<OpId> {
        let mut steps: Vec<usize> = (0..self.kernels.len()).collect();
        steps.sort_by_key(|&step| Reverse(self.live[step]));
        steps.into_iter().map(|step| self.kernels[step]).collect()
    }

    fn of_scope(analysis: &Analysis, order: &ScopeOrder) -> MemoryProfile {
        let problem = &order.problem;
        let program: Vec<u32> = (0..order.kernels.len() as u32).collect();
        let value = evaluate(problem, &program);
        // The first of equal ones.
        let peak = (0..value.live.len()).rev().max_by_key(|&step| value.live[step]);
        let mut profile = MemoryProfile { kernels: order.kernels.clone(), peak, ..MemoryProfile::default() };
        if let Some(step) = peak {
            profile.holders = holders(analysis, order, &value, step as u32);
            profile.scratch = problem.workspace[step];
        }
        profile.live = value.live;
        profile
    }
}

/// What is live in a step of the order of the kernels' numbers, largest first.
fn holders(analysis: &Analysis, order: &ScopeOrder, value: &OrderValue, step: u32) -> Vec<Holder> {
    let problem = &order.problem;
    let (mut runs_before, mut runs_after) = (vec![false; order.kernels.len()], vec![false; order.kernels.len()]);
    reached(&problem.predecessors, step).into_iter().for_each(|kernel| runs_before[kernel as usize] = true);
    reached(&problem.successors, step).into_iter().for_each(|kernel| runs_after[kernel as usize] = true);
    let hold = |index: usize| {
        let (buffer, readers) = (&problem.buffers[index], problem.readers.row(index));
        let is_needed_after = buffer.until_end || readers.iter().any(|&reader| runs_after[reader as usize]);
        match () {
            () if buffer.writer == step => Hold::Written,
            () if readers.contains(&step) => Hold::Read,
            () if runs_before[buffer.writer as usize] && is_needed_after => Hold::EveryOrder,
            () => Hold::ThisOrder,
        }
    };
    let mut holders = Vec::new();
    for (index, buffer) in problem.buffers.iter().enumerate().filter(|(_, buffer)| !buffer.size.is_zero()) {
        let last = problem.readers.row(index).iter().copied().fold(buffer.writer, u32::max);
        let until = if buffer.until_end { u32::MAX } else { last };
        // A tied operand's bytes are those of the result in the step where it dies.
        let handed_on = || value.ties.iter().any(|tie| tie.operand == index as u32 && tie.kernel == step);
        if buffer.writer <= step && (step < until || (step == until && !handed_on())) {
            holders.push(Holder {
                value: analysis.aliases.storage(order.storages[index]).root,
                size: buffer.size,
                writer: order.kernels[buffer.writer as usize],
                last_reader: (!buffer.until_end).then(|| order.kernels[last as usize]),
                hold: hold(index),
            });
        }
    }
    holders.sort_by_key(|holder| (Reverse(holder.size), holder.value));
    holders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Registry;
    use crate::ir::{FloatKind, FunctionBuilder, Type};
    use crate::target::Target;

    #[test]
    fn holders_are_what_is_live_at_the_peak() {
        let mut module = Module::new();
        let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").unwrap()));
        let (small, large) = (module.tensor_type(&[16], f32), module.tensor_type(&[4, 16], f32));
        let mut main = FunctionBuilder::new(&mut module, "main", &[small]);
        let x = main.argument(0);
        // a (64 bytes) is kept while b and c (256 bytes each) are live: the peak is 64 + 256 + 256 at c.
        let a = main.op("t.small").operands(&[x]).results(&[small]).build()[0];
        let b = main.op("t.grow").operands(&[x]).results(&[large]).build()[0];
        let c = main.op("t.same").operands(&[b]).results(&[large]).build()[0];
        let d = main.op("t.shrink").operands(&[c, a]).results(&[small]).build()[0];
        let function = main.finish(&[d]);
        let analysis = Analysis::of(&module, function, &Registry::new(), &Target::default()).unwrap();
        let profile = MemoryProfile::of(&module, &analysis);
        assert_eq!(profile.peak, Some(2));
        assert_eq!(profile.live, [64, 320, 576, 320].map(Bytes));
        let held: Vec<_> = profile.holders.iter().map(|holder| (holder.value, holder.size, holder.hold)).collect();
        // Nobody described these operations, so every order keeps theirs.
        assert_eq!(
            held,
            [(b, Bytes(256), Hold::Read), (c, Bytes(256), Hold::Written), (a, Bytes(64), Hold::EveryOrder)]
        );
    }
}
