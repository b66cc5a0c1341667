//! Problems for tests: a builder, and random ones.

use memopt::ir::Bytes;
use memopt::plan::Csr;
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use super::problem::{Keeper, RecomputeKernel, RecomputeProblem, RecomputeTie, RecomputeValue};

/// A problem in the making.
#[derive(Default)]
pub(super) struct Builder {
    kernels: Vec<RecomputeKernel>,
    values: Vec<RecomputeValue>,
    reads: Vec<(u32, u32)>,
    ties: Vec<RecomputeTie>,
}

impl Builder {
    /// A value that is there from the start.
    pub(super) fn argument(&mut self) -> u32 {
        self.value(0, None)
    }

    /// A repeatable kernel of cost 1 that is not light; its number. Reads are values.
    pub(super) fn kernel(&mut self, reads: &[u32]) -> u32 {
        let kernel = self.kernels.len() as u32;
        self.kernels.push(RecomputeKernel { cost: 1, repeatable: true, ..RecomputeKernel::default() });
        self.reads.extend(reads.iter().map(|&value| (kernel, value)));
        kernel
    }

    /// A result of a kernel.
    pub(super) fn result(&mut self, kernel: u32, size: u64) -> u32 {
        self.value(size, Some(kernel))
    }

    /// A kernel with one result; the value.
    pub(super) fn op(&mut self, reads: &[u32], size: u64) -> u32 {
        let kernel = self.kernel(reads);
        self.result(kernel, size)
    }

    /// The same, light.
    pub(super) fn light(&mut self, reads: &[u32], size: u64) -> u32 {
        let value = self.op(reads, size);
        self.writer(value).is_light = true;
        value
    }

    /// A kernel with one result that overwrites what it reads first.
    pub(super) fn update(&mut self, reads: &[u32]) -> u32 {
        let old = self.values[reads[0] as usize];
        let new = self.op(reads, old.size.0);
        let kernel = self.kernels.len() as u32 - 1;
        self.values[reads[0] as usize].overwritten_by = Some(kernel);
        if old.keeper == Keeper::Arena {
            self.values[reads[0] as usize].keeper = Keeper::Readers;
        }
        self.values[new as usize].updates = Some(reads[0]);
        self.values[new as usize].keeper = old.keeper;
        new
    }

    /// The result may lie in the operand's bytes.
    pub(super) fn tie(&mut self, result: u32, operand: u32) {
        let kernel = self.values[result as usize].writer.expect("a result");
        self.ties.push(RecomputeTie { kernel, result, operand });
    }

    pub(super) fn facts(&mut self, value: u32) -> &mut RecomputeValue {
        &mut self.values[value as usize]
    }

    pub(super) fn writer(&mut self, value: u32) -> &mut RecomputeKernel {
        let kernel = self.values[value as usize].writer.expect("a result");
        &mut self.kernels[kernel as usize]
    }

    fn value(&mut self, size: u64, writer: Option<u32>) -> u32 {
        let keeper = if writer.is_some() { Keeper::Readers } else { Keeper::Caller };
        self.values.push(RecomputeValue { size: Bytes(size), writer, updates: None, overwritten_by: None, keeper });
        self.values.len() as u32 - 1
    }

    pub(super) fn build(mut self) -> RecomputeProblem {
        self.reads.sort_unstable();
        self.reads.dedup();
        self.ties.sort_unstable();
        let mut last_reader = vec![None; self.values.len()];
        for &(kernel, value) in &self.reads {
            last_reader[value as usize] = last_reader[value as usize].max(Some(kernel));
        }
        let writes = self.values.iter().enumerate().filter_map(|(value, facts)| Some((facts.writer?, value as u32)));
        let writes: Vec<(u32, u32)> = writes.collect();
        RecomputeProblem {
            reads: Csr::from_pairs(self.kernels.len(), &self.reads),
            writes: Csr::from_pairs(self.kernels.len(), &writes),
            kernels: self.kernels,
            values: self.values,
            last_reader,
            ties: self.ties,
        }
    }
}

/// The training step of a chain: `layers` heavy kernels, each followed by a light one; then, in reverse, kernels that each
/// read the gradient so far and what the two made. Every value has 10 bytes, each heavy kernel costs 3, each other one 1.
pub(super) fn network(layers: usize) -> RecomputeProblem {
    let mut builder = Builder::default();
    let mut at = builder.argument();
    let mut made = Vec::new();
    for _ in 0..layers {
        let heavy = builder.op(&[at], 10);
        builder.writer(heavy).cost = 3;
        at = builder.light(&[heavy], 10);
        made.push((heavy, at));
    }
    let mut gradient = builder.op(&[at], 10);
    for (heavy, light) in made.into_iter().rev() {
        gradient = builder.light(&[gradient, light], 10);
        gradient = builder.op(&[gradient, heavy], 10);
    }
    builder.facts(gradient).keeper = Keeper::Caller;
    builder.build()
}

/// A random problem: kernels of all sorts that read a few of the latest values, and some early ones late.
pub(super) fn random(seed: u64, kernels: usize) -> RecomputeProblem {
    let mut random = SmallRng::seed_from_u64(seed);
    let mut builder = Builder::default();
    // Values that may still be read.
    let mut open: Vec<u32> = (0..random.random_range(1..3)).map(|_| builder.argument()).collect();
    for step in 0..kernels {
        let mut reads: Vec<u32> = Vec::new();
        for _ in 0..random.random_range(1..=3) {
            // Late kernels read early values, as gradients do.
            let mirror = open.len() - 1 - (step * open.len() / kernels).min(open.len() - 1);
            let near = open.len() - 1 - random.random_range(0..open.len().min(3));
            reads.push(open[if step * 2 > kernels && random.random_bool(0.8) { mirror } else { near }]);
        }
        reads.dedup();
        if random.random_bool(0.15) {
            // An argument can be donated: its new version is the caller's.
            let new = builder.update(&reads);
            open.retain(|&value| value != reads[0]);
            open.push(new);
        } else {
            let kernel = builder.kernel(&reads);
            for _ in 0..if random.random_bool(0.15) { 2 } else { 1 } {
                let result = builder.result(kernel, 64 * random.random_range(1..=4));
                open.push(result);
                if random.random_bool(0.3) {
                    let operand = reads[random.random_range(0..reads.len())];
                    let size = builder.facts(operand).size;
                    if size == builder.facts(result).size {
                        builder.tie(result, operand);
                    }
                }
                match random.random_range(0..12) {
                    0 => builder.facts(result).keeper = Keeper::Caller,
                    1 => builder.facts(result).keeper = Keeper::Arena,
                    _ => {}
                }
            }
        }
        let kernel = builder.kernels.len() - 1;
        let facts = &mut builder.kernels[kernel];
        facts.cost = random.random_range(0..5);
        facts.repeatable = random.random_bool(0.85);
        facts.is_light = random.random_bool(0.6);
        facts.workspace = Bytes(if random.random_bool(0.1) { 64 } else { 0 });
    }
    builder.build()
}
