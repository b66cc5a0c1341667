//! A gather of what elementwise operations make for it alone is moved up: they run on the elements gathered.
//!
//! ```text
//! gather(subtract(x, broadcast(y)), i)   becomes   subtract(gather(x, i), broadcast(y) along the batch alone)
//! ```
//!
//! An elementwise operation makes each element from those at its place, so it does not matter whether places are chosen before
//! or after it. What is broadcast along the dimension that the index chooses from need not be gathered at all.

use memopt::dialect::stablehlo::attributes::{GatherDimensions, integers};
use memopt::dialect::{Effects, Facts, KernelKind, OpRef, hints_of};
use memopt::ir::{Definition, Function, Module, OpId, OpParts, TensorType, TypeId, ValueId};
use memopt::pass::textual_order;
use rustc_hash::FxHashMap;

use super::Replacement;
use super::build::Builder;
use super::counting::counted_dimension;
use super::inverse::dimensions;
use super::scatter::{MOST_DIMENSIONS, plain};
use super::splat;

/// How many operations one gather is moved past, one above the other.
const MOST_STEPS: usize = 64;

/// How often each value is read.
pub(super) struct Readers(Vec<u32>);

impl Readers {
    pub(super) fn of(module: &Module, function: Function) -> Readers {
        let mut readers = vec![0; module.value_bound()];
        for op in textual_order(module, function) {
            module.op(op).operands().iter().for_each(|operand| readers[operand.index()] += 1);
        }
        Readers(readers)
    }

    /// Counts what stands for operations that are replaced, instead of them.
    pub(super) fn update(&mut self, module: &Module, replacement: &Replacement) {
        for &op in &replacement.made {
            let read = module.op(op).operands().iter();
            read.filter_map(|operand| self.0.get_mut(operand.index()).map(|n| *n += 1)).for_each(drop);
        }
        for &op in &replacement.removed {
            module.op(op).operands().iter().for_each(|operand| self.0[operand.index()] -= 1);
        }
    }

    /// Of values that were made meanwhile nothing is known.
    fn is_single(&self, value: ValueId) -> bool {
        self.0.get(value.index()) == Some(&1)
    }
}

/// A gather about to be moved.
struct Gather<'m> {
    module: &'m Module,
    facts: &'m Facts,
    op: OpId,
    /// For each dimension of the operand, the dimension of the result that has its coordinate, where that is known.
    coordinates: Vec<Option<usize>>,
    result: TensorType,
}

/// How the elements of a value are gathered.
enum Source {
    /// They are all the same.
    Splat(splat::Splat),
    /// From this value, of which each dimension is read at the coordinate of a dimension of the result.
    Spread(ValueId, Vec<Option<usize>>),
    /// By this elementwise operation, from gathered operands.
    Computed(OpId),
    /// By a gather.
    Gathered,
}

impl Source {
    fn computed(&self) -> Option<OpId> {
        match self {
            Source::Computed(op) => Some(*op),
            _ => None,
        }
    }
}

/// Moves a gather up, if this operation is one that can be. It read one large tensor, which had to have bytes; afterwards it
/// reads one at most.
pub(super) fn move_up(module: &mut Module, facts: &Facts, readers: &Readers, op: OpId) -> Option<Replacement> {
    let (sources, x) = {
        let gather = Gather::of(module, facts, op)?;
        let x = module.op(op).operands()[0];
        let many = plain(module, x)?.elements()? > gather.result.elements()?;
        let sources = gather.sources(readers, x);
        let moves = sources.get(&x).and_then(Source::computed).is_some();
        let gathered = sources.values().filter(|source| matches!(source, Source::Gathered)).count();
        (many && moves && gathered <= 1).then_some((sources, x))?
    };
    let mut made =
        Moved { build: Builder { made: Vec::new(), from: op, module }, sources, gathered: FxHashMap::default() };
    let result = made.value(x);
    let (sources, made) = (made.sources, made.build.made);
    let mut removed = vec![op];
    removed.extend(sources.values().filter_map(Source::computed));
    removed.sort_unstable();
    Some(Replacement { made, results: vec![result], removed })
}

impl<'m> Gather<'m> {
    fn of(module: &'m Module, facts: &'m Facts, op: OpId) -> Option<Gather<'m>> {
        let gather = OpRef::new(module, op);
        if gather.name() != "stablehlo.gather" || hints_of(module, op).next().is_some() {
            return None;
        }
        let &[operand, indices] = gather.operands() else { return None };
        let numbers = gather.attr("dimension_numbers").and_then(GatherDimensions::of)?;
        let sizes = integers(gather, "slice_sizes")?;
        let (operand, of_indices) = (plain(module, operand)?, plain(module, indices)?);
        let result = plain(module, gather.op().result(0))?.clone();
        let vector = usize::try_from(numbers.index_vector).ok()?;
        let components = 0..numbers.start_index_map.len().min(MOST_DIMENSIONS);
        let counts: Vec<_> = components.map(|c| counted_dimension(module, indices, vector, c as i64)).collect();
        let shapes = [&operand.shape[..], &of_indices.shape, &result.shape];
        let coordinates = coordinates(shapes, &numbers, &sizes, &counts)?;
        Some(Gather { module, facts, op, coordinates, result })
    }

    /// How `x` is gathered, and all that it is computed from on the way.
    fn sources(&self, readers: &Readers, x: ValueId) -> FxHashMap<ValueId, Source> {
        let mut sources = FxHashMap::default();
        let mut work = vec![(x, 0)];
        while let Some((value, depth)) = work.pop() {
            if sources.contains_key(&value) {
                continue;
            }
            let source = self.source(readers, value, depth);
            if let Source::Computed(op) = source {
                work.extend(self.module.op(op).operands().iter().map(|&operand| (operand, depth + 1)));
            }
            sources.insert(value, source);
        }
        sources
    }

    fn source(&self, readers: &Readers, value: ValueId, depth: usize) -> Source {
        if let Some(splat) = splat::of(self.module, value) {
            return Source::Splat(splat);
        }
        if let Some((from, dimensions)) = self.broadcast(value) {
            return Source::Spread(from, dimensions);
        }
        match self.module.value(value).definition {
            Definition::Result { op, .. } if depth < MOST_STEPS && readers.is_single(value) && self.passes(op) => {
                Source::Computed(op)
            }
            _ => Source::Gathered,
        }
    }

    /// What a broadcast repeats, if no index is needed to find its element.
    fn broadcast(&self, value: ValueId) -> Option<(ValueId, Vec<Option<usize>>)> {
        let Definition::Result { op, .. } = self.module.value(value).definition else { return None };
        let op = OpRef::new(self.module, op);
        if op.name() != "stablehlo.broadcast_in_dim" {
            return None;
        }
        let (from, to) = (plain(self.module, *op.operands().first()?)?, integers(op, "broadcast_dimensions")?);
        let mut is_read = vec![false; self.result.shape.len()];
        let coordinate = |(&extent, &d): (&i64, &i64)| {
            if extent == 1 {
                return Some(None);
            }
            let read = (*self.coordinates.get(usize::try_from(d).ok()?)?)?;
            let is_new = !std::mem::replace(&mut is_read[read], true);
            (is_new && self.result.shape[read] == extent).then_some(Some(read))
        };
        let dimensions = from.shape.iter().zip(&*to).map(coordinate).collect::<Option<Vec<_>>>()?;
        (to.len() == from.shape.len()).then_some((op.operands()[0], dimensions))
    }

    /// Whether an operation can run on gathered elements instead.
    fn passes(&self, op: OpId) -> bool {
        let (operation, gathered) = (self.module.op(op), self.module.op(self.op).operands()[0]);
        let shape = plain(self.module, gathered).map(|tensor| &tensor.shape);
        let has_shape = |value: ValueId| plain(self.module, value).map(|tensor| &tensor.shape) == shape;
        let of = self.facts.op(op);
        operation.parent() == self.module.op(self.op).parent()
            && of.kind == KernelKind::Elementwise
            && of.effects == Effects::None
            && of.says_all
            && of.updates.is_empty()
            && operation.regions().is_empty()
            && operation.result_count() == 1
            && !operation.operands().is_empty()
            && hints_of(self.module, op).next().is_none()
            && operation.operands().iter().copied().chain(operation.results()).all(has_shape)
    }
}

/// For each dimension of a gather's operand, the dimension of its result that has its coordinate, where there is one; `None`
/// where the numbers contradict each other.
fn coordinates(
    [operand, indices, result]: [&[i64]; 3],
    numbers: &GatherDimensions,
    sizes: &[i64],
    counts: &[Option<usize>],
) -> Option<Vec<Option<usize>>> {
    let vector = usize::try_from(numbers.index_vector).ok().filter(|&v| v <= indices.len())?;
    let offset = dimensions(&numbers.offset, result.len()).filter(|offset| offset.is_sorted())?;
    let collapsed = dimensions(&numbers.collapsed_slice, operand.len())?;
    let batching = dimensions(&numbers.operand_batching, operand.len())?;
    let batch_of = dimensions(&numbers.start_indices_batching, indices.len())?;
    let component_for = dimensions(&numbers.start_index_map, operand.len())?;
    let kept: Vec<usize> = (0..operand.len()).filter(|d| !collapsed.contains(d) && !batching.contains(d)).collect();
    let batch: Vec<usize> = (0..indices.len()).filter(|&d| d != vector).collect();
    let outside: Vec<usize> = (0..result.len()).filter(|d| !offset.contains(d)).collect();
    let fits = kept.len() == offset.len()
        && batch.len() == outside.len()
        && batch.iter().zip(&outside).all(|(&b, &p)| indices[b] == result[p])
        && sizes.len() == operand.len()
        && batching.len() == batch_of.len()
        && component_for.len() == counts.len()
        && !batching.iter().any(|d| component_for.contains(d));
    if !fits {
        return None;
    }
    // Where a dimension of the indices is in the result.
    let place = |b: usize| batch.iter().position(|&other| other == b).map(|at| outside[at]);
    let coordinate = |d: usize| {
        if let Some(at) = batching.iter().position(|&other| other == d) {
            return place(batch_of[at]).filter(|&p| result[p] == operand[d]);
        }
        match component_for.iter().position(|&other| other == d) {
            // A component that counts as far as the operand reaches is never moved inside.
            Some(component) => counts[component].and_then(place).filter(|&p| result[p] == operand[d] && sizes[d] == 1),
            None => kept.iter().position(|&other| other == d).map(|at| offset[at]).filter(|_| sizes[d] == operand[d]),
        }
    };
    Some((0..operand.len()).map(coordinate).collect())
}

/// Makes what the sources say.
struct Moved<'m> {
    build: Builder<'m>,
    sources: FxHashMap<ValueId, Source>,
    gathered: FxHashMap<ValueId, ValueId>,
}

impl Moved<'_> {
    /// The gathered elements of a value. As deep as operations were passed: [`MOST_STEPS`].
    fn value(&mut self, x: ValueId) -> ValueId {
        if let Some(&known) = self.gathered.get(&x) {
            return known;
        }
        let gather = self.build.from;
        let shape = self.build.tensor(self.build.module.op(gather).result(0)).shape;
        let element = self.build.tensor(x).element;
        let made = match &self.sources[&x] {
            &Source::Splat(splat) => self.build.splat(splat, x, &shape),
            Source::Spread(from, dimensions) => {
                let (from, dimensions) = (*from, dimensions.clone());
                self.build.spread(from, &dimensions, &shape)
            }
            &Source::Computed(op) => {
                let operands = self.build.module.op(op).operands().to_vec();
                let operands: Vec<ValueId> = operands.into_iter().map(|operand| self.value(operand)).collect();
                self.like(op, &operands, &shape, element)
            }
            Source::Gathered => {
                let indices = self.build.module.op(gather).operands()[1];
                self.like(gather, &[x, indices], &shape, element)
            }
        };
        self.gathered.insert(x, made);
        made
    }

    /// An operation like another one, on other operands.
    fn like(&mut self, op: OpId, operands: &[ValueId], shape: &[i64], element: TypeId) -> ValueId {
        let result_types = smallvec::smallvec![self.build.module.tensor_type(shape, element)];
        let op = self.build.module.op(op);
        let parts = OpParts {
            operands: operands.into(),
            result_types,
            properties: op.properties.clone(),
            attributes: op.attributes.clone(),
            location: op.location,
            span: op.span,
        };
        let name = op.name;
        self.build.add(name, parts)
    }
}
