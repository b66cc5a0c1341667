//! Scopes: the blocks of a function that are planned, each as a graph of its own, from the inside out.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::dialect::{Facts, Regions};
use crate::ir::{BlockId, Function, Module, OpId, ValueId};

/// What a scope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeKind {
    /// The body of the function.
    Function,
    /// The condition of a loop.
    Condition,
    /// The body of a loop.
    Body,
    /// One alternative of a branch.
    Branch,
}

/// A block that is planned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scope {
    /// The block.
    pub block: BlockId,
    /// The operation that holds it: the function, a loop, a branch.
    pub owner: OpId,
    /// What it is.
    pub kind: ScopeKind,
}

/// The scopes of a function, and what the regions of its operations read from outside.
#[derive(Clone, Debug)]
pub struct Scopes {
    /// All scopes, each after the one around it.
    pub scopes: Vec<Scope>,
    captures: FxHashMap<OpId, SmallVec<[ValueId; 4]>>,
    /// By operation: its number, counted through the scopes in their order.
    numbers: Vec<u32>,
    /// By block: the number of its first operation.
    firsts: Vec<u32>,
}

impl Scopes {
    /// Walks the planned regions of a function.
    pub fn of(module: &Module, function: Function, facts: &Facts) -> Scopes {
        let mut scopes = vec![Scope { block: function.body, owner: function.op, kind: ScopeKind::Function }];
        let mut captures = FxHashMap::default();
        let mut inside = vec![0u32; module.value_bound()];
        let (mut numbers, mut firsts) = (vec![u32::MAX; module.op_bound()], vec![u32::MAX; module.block_bound()]);
        let mut stamp = 0;
        let (mut next, mut number) = (0, 0);
        while let Some(&scope) = scopes.get(next) {
            next += 1;
            firsts[scope.block.index()] = number;
            for &op in module.block(scope.block).ops() {
                numbers[op.index()] = number;
                number += 1;
                if module.op(op).regions().is_empty() {
                    continue;
                }
                stamp += 1;
                let read = captured(module, op, &mut inside, stamp);
                if !read.is_empty() {
                    captures.insert(op, read);
                }
                scopes.extend(planned_regions(module, op, facts));
            }
        }
        Scopes { scopes, captures, numbers, firsts }
    }

    /// Which operation of its block `op` was when the function was analysed: for tables of a block. For operations of other
    /// blocks it is none of the block.
    pub fn index_in(&self, block: BlockId, op: OpId) -> usize {
        self.numbers[op.index()].wrapping_sub(self.firsts[block.index()]) as usize
    }

    /// The values defined outside `op` that operations inside its regions read; without duplicates.
    pub fn captures(&self, op: OpId) -> &[ValueId] {
        self.captures.get(&op).map_or(&[], |values| values.as_slice())
    }
}

/// The scopes that are regions of `op`.
pub fn planned_regions(module: &Module, op: OpId, facts: &Facts) -> SmallVec<[Scope; 2]> {
    let kind_of = |region: usize| match facts.op(op).regions {
        Regions::Loop { condition, .. } if condition == region => Some(ScopeKind::Condition),
        Regions::Loop { body, .. } if body == region => Some(ScopeKind::Body),
        Regions::Branches => Some(ScopeKind::Branch),
        _ => None,
    };
    let regions = module.op(op).regions().iter().enumerate();
    let scope = |(index, &region): (usize, &_)| {
        let block = *module.region(region).blocks().first()?;
        Some(Scope { block, owner: op, kind: kind_of(index)? })
    };
    regions.filter_map(scope).collect()
}

/// Marks what `op` defines inside with `stamp`, and collects what is read there but not marked.
fn captured(module: &Module, op: OpId, inside: &mut [u32], stamp: u32) -> SmallVec<[ValueId; 4]> {
    let mut found: SmallVec<[ValueId; 4]> = SmallVec::new();
    let mut reads: Vec<ValueId> = Vec::new();
    let mut work: Vec<OpId> = vec![op];
    while let Some(op) = work.pop() {
        for &region in module.op(op).regions() {
            for &block in module.region(region).blocks() {
                let content = module.block(block);
                content.arguments().iter().for_each(|v| inside[v.index()] = stamp);
                for &inner in content.ops() {
                    module.op(inner).results().for_each(|v| inside[v.index()] = stamp);
                    reads.extend_from_slice(module.op(inner).operands());
                    work.push(inner);
                }
            }
        }
    }
    reads.sort_unstable();
    reads.dedup();
    found.extend(reads.into_iter().filter(|v| inside[v.index()] != stamp));
    found
}
