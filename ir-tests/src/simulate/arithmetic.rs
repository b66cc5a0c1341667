//! What operations compute: hashes in place of arithmetic.

use std::collections::BTreeMap;

use memopt::ir::{OpId, ValueId};

use super::digest::Digest;
use super::held::{Held, Part, Range, Source};
use super::machine::{Done, Machine};
use super::meaning::{self, Effects, Kind, Meaning};

impl Machine<'_> {
    /// What an operation without arithmetic makes.
    pub(super) fn generated(&self, op: OpId, meaning: &Meaning) -> Done<Option<Vec<u8>>> {
        let Some(result) = self.module.op(op).results().next() else { return Ok(None) };
        let len = meaning::bytes(self.module, result);
        let width = meaning::width(self.module, result).max(1);
        let digest = meaning::digest(self.module, op);
        Ok(Some(match &meaning.kind {
            Kind::Splat => digest.stream(width).repeat(len.div_ceil(width)),
            Kind::Constant | Kind::Iota => digest.stream(len),
            Kind::Copy => self.content(self.module.op(op).operands()[0])?,
            Kind::Moved(map) => {
                let content = self.content(self.module.op(op).operands()[0])?;
                let element = |&at: &usize| content.get(at * width..(at + 1) * width).unwrap_or_default().to_vec();
                map.iter().flat_map(element).collect()
            }
            _ => return Ok(None),
        }))
    }

    /// All that the results follow from, but for the operands that are read element by element.
    pub(super) fn operands_digest(&self, op: OpId, meaning: &Meaning) -> Done<Digest> {
        let mut digest = meaning::digest(self.module, op);
        if meaning.opaque || meaning.effects != Effects::None {
            let id = if self.places.is_some() { meaning::id(self.module, op) } else { self.ids.get(&op).copied() };
            digest = digest.number(id.unwrap_or(usize::MAX) as u64);
        }
        for (index, &operand) in self.module.op(op).operands().iter().enumerate() {
            if meaning.in_step.iter().all(|(o, _)| *o != index) {
                digest = digest.bytes(&self.content(operand)?);
            }
        }
        let mut names = BTreeMap::new();
        self.regions_digest(op, digest, &mut names)
    }

    /// Scalar bodies: every operation, values of the body by number, others by content.
    pub(super) fn regions_digest(
        &self,
        op: OpId,
        mut digest: Digest,
        names: &mut BTreeMap<ValueId, u64>,
    ) -> Done<Digest> {
        for &region in self.module.op(op).regions() {
            for &block in self.module.region(region).blocks() {
                for &argument in self.module.block(block).arguments() {
                    names.insert(argument, names.len() as u64);
                }
                for &inner in self.module.block(block).ops() {
                    digest = digest.number(meaning::digest(self.module, inner).value());
                    for value in self.module.op(inner).operands() {
                        digest = match names.get(value) {
                            Some(&name) => digest.number(name),
                            None => digest.bytes(&self.content(*value)?),
                        };
                    }
                    digest = self.regions_digest(inner, digest, names)?;
                    for result in self.module.op(inner).results() {
                        names.insert(result, names.len() as u64);
                    }
                }
            }
        }
        Ok(digest)
    }

    /// Computes all results together, element by element.
    pub(super) fn compute(&mut self, op: OpId, meaning: &Meaning, digest: Digest, outs: &[(usize, Range)]) -> Done {
        let operands = self.module.op(op).operands();
        let Some(longest) = outs.iter().map(|(_, range)| range.len).max() else { return Ok(()) };
        if meaning.in_step.is_empty() {
            for &(index, range) in outs {
                let content = digest.number(index as u64).stream(range.len);
                self.write(range, &content);
            }
            return Ok(());
        }
        // Values that are not in memory cannot change meanwhile.
        let mut fixed: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
        let lying = self.in_step(op, meaning);
        for &(operand, _) in &meaning.in_step {
            if lying.iter().all(|(o, _)| *o != operand) {
                fixed.insert(operand, self.content(operands[operand])?);
            }
        }
        for at in 0..longest.div_ceil(meaning.step) {
            let mut element = digest.number(at as u64);
            for &(operand, width) in &meaning.in_step {
                let (from, to) = (at * width, (at + 1) * width);
                let bytes = match lying.iter().find(|(o, _)| *o == operand) {
                    Some((_, range)) if from >= range.len => Vec::new(),
                    Some((_, range)) => self.read(range.part(from, width.min(range.len - from))),
                    None => fixed[&operand].get(from..to).unwrap_or_default().to_vec(),
                };
                element = element.bytes(&bytes);
            }
            for &(index, range) in outs {
                let from = at * meaning.step;
                if from < range.len {
                    let len = meaning.step.min(range.len - from);
                    self.write(range.part(from, len), &element.number(index as u64).stream(len));
                }
            }
        }
        Ok(())
    }

    /// The new content of every storage that is updated.
    pub(super) fn updated(&mut self, op: OpId, meaning: &Meaning, digest: Digest) -> Done<Vec<(Range, Vec<u8>)>> {
        let mut updates = Vec::new();
        for &[result, operand] in &meaning.updates {
            let operand = self.module.op(op).operands()[operand];
            if meaning::bytes(self.module, operand) == 0 {
                continue;
            }
            let Some(Held { source: Source::Memory(range), .. }) = self.held.get(&operand).cloned() else {
                return Err(format!("{} has no bytes to update", self.module.display_value(operand)));
            };
            let target = match self.places {
                Some(_) => range,
                None => self.place(operand, range.len)?,
            };
            updates.push((target, digest.number(result as u64).stream(range.len)));
            if let Some(held) = self.held.get(&operand).cloned() {
                let part = match held.part {
                    Part::Opaque { tag, len } => Part::Opaque { tag: tag.number(1), len },
                    exact => exact,
                };
                let value = self.module.op(op).result(result);
                self.held.insert(value, Held { source: Source::Memory(target), part });
            }
        }
        Ok(updates)
    }

    pub(super) fn observe(&mut self, meaning: &Meaning, digest: Digest) {
        match meaning.effects {
            Effects::None => {}
            Effects::Random => self.drawn.push(digest.value()),
            Effects::Ordered => self.observed.push(digest.value()),
        }
    }
}
