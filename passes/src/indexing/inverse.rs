//! The inverse of a scatter: which update an element of the input receives, found from the element's own coordinates.
//!
//! A scatter says where each update goes. With `s` a place in the batch of its indices, `w` a place in the window,
//!
//! ```text
//! dimension d of the input     coordinate of the element that the update at (s, w) goes to
//!   batching                     s_b
//!   window, no component         w_k
//!   anything of extent 1         the component of the index at s for d, or 0
//! ```
//!
//! This can be turned round if each `s_b` can be read off some coordinate: of its batching dimension, or of a dimension whose
//! component *counts* along `b` (an iota). Then at most one update goes to each element. The coordinates that nothing was read
//! off are conditions: the element receives its update where they are what the index says, and none elsewhere. An index
//! outside the input meets no coordinate, as it should: its update is dropped.

use memopt::dialect::stablehlo::attributes::ScatterDimensions;

/// A scatter as numbers. Dimensions count from 0, extents are numbers of elements.
#[derive(Clone, Debug)]
pub struct ScatterShape {
    /// Extents of the input.
    pub input: Vec<i64>,
    /// Extents of the indices.
    pub indices: Vec<i64>,
    /// Extents of the updates.
    pub updates: Vec<i64>,
    /// How they belong together.
    pub numbers: ScatterDimensions,
    /// For each component of an index: the dimension of the indices that it is known to count along.
    pub counts: Vec<Option<usize>>,
}

/// How each element of the input finds its update.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Inverse {
    /// For each dimension of the updates, the dimension of the input that has its coordinate; `None`: it has extent 1.
    pub updates: Vec<Option<usize>>,
    /// The same for each dimension of the indices; `None` for the one of the components, too.
    pub indices: Vec<Option<usize>>,
    /// What must hold for an element to receive its update.
    pub conditions: Vec<Condition>,
}

/// A coordinate of the element has a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Condition {
    /// The dimension of the input.
    pub dimension: usize,
    /// The component of the index that says the value; `None`: it is 0.
    pub component: Option<usize>,
}

/// Turns a scatter round; `None` where two updates might go to one element, where an update's place needs arithmetic, or where
/// the numbers contradict each other.
pub fn invert(scatter: &ScatterShape) -> Option<Inverse> {
    let ScatterShape { input, indices, updates, numbers, counts } = scatter;
    let vector = usize::try_from(numbers.index_vector).ok().filter(|&v| v <= indices.len())?;
    let window = dimensions(&numbers.update_window, updates.len()).filter(|window| window.is_sorted())?;
    let inserted = dimensions(&numbers.inserted_window, input.len())?;
    let batching = dimensions(&numbers.input_batching, input.len())?;
    let batch_of = dimensions(&numbers.scatter_indices_batching, indices.len())?;
    let component_for = dimensions(&numbers.scatter_dims_to_operand, input.len())?;
    let is_alone = |d: &usize| inserted.contains(d) || batching.contains(d);
    let kept: Vec<usize> = (0..input.len()).filter(|d| !is_alone(d)).collect();
    let batch: Vec<usize> = (0..indices.len()).filter(|&d| d != vector).collect();
    let outside: Vec<usize> = (0..updates.len()).filter(|d| !window.contains(d)).collect();
    let extents = |of: &[i64], dimensions: &[usize]| dimensions.iter().map(|&d| of[d]).collect::<Vec<_>>();
    let fits = kept.len() == window.len()
        && extents(indices, &batch) == extents(updates, &outside)
        && extents(input, &batching) == extents(indices, &batch_of)
        && !batch_of.contains(&vector)
        && !batching.iter().any(|d| inserted.contains(d) || component_for.contains(d))
        && component_for.len() as i64 == indices.get(vector).copied().unwrap_or(1)
        && component_for.len() == counts.len()
        && input.iter().chain(indices).chain(updates).all(|&extent| extent > 0);
    if !fits {
        return None;
    }
    let mut inverse =
        Inverse { updates: vec![None; updates.len()], indices: vec![None; indices.len()], conditions: Vec::new() };
    for (&d, &b) in batching.iter().zip(&batch_of) {
        inverse.indices[b] = Some(d);
    }
    for (d, &extent) in input.iter().enumerate().filter(|(d, _)| !batching.contains(d)) {
        let component = component_for.iter().position(|&other| other == d);
        let in_window = kept.iter().position(|&other| other == d).map(|at| window[at]);
        match (component, in_window) {
            (None, Some(w)) if updates[w] == extent => {
                inverse.updates[w] = Some(d);
                continue;
            }
            // A window that starts anywhere but at 0, or ends early, needs a difference of coordinates.
            (_, Some(w)) if updates[w] != 1 => return None,
            _ => {}
        }
        let counted = component.and_then(|c| counts[c]).filter(|&b| b != vector && indices.get(b) == Some(&extent));
        match counted {
            Some(b) if inverse.indices[b].is_none() => inverse.indices[b] = Some(d),
            _ if component.is_none() && extent == 1 => {}
            _ => inverse.conditions.push(Condition { dimension: d, component }),
        }
    }
    for (&b, &u) in batch.iter().zip(&outside) {
        inverse.updates[u] = inverse.indices[b];
    }
    let is_read_off = |&b: &usize| inverse.indices[b].is_some() || indices[b] == 1;
    batch.iter().all(is_read_off).then_some(inverse)
}

/// Different dimensions of a tensor of some rank.
pub(super) fn dimensions(list: &[i64], rank: usize) -> Option<Vec<usize>> {
    let mut is_named = vec![false; rank];
    let each = list.iter().map(|&d| {
        let d = usize::try_from(d).ok().filter(|&d| d < rank)?;
        (!std::mem::replace(&mut is_named[d], true)).then_some(d)
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustc_hash::FxHashMap;

    /// All coordinates of a tensor.
    fn coordinates(extents: &[i64]) -> Vec<Vec<i64>> {
        extents.iter().fold(vec![Vec::new()], |all, &extent| {
            all.iter().flat_map(|outer| (0..extent).map(|i| [&outer[..], &[i]].concat())).collect()
        })
    }

    /// The definition: for each element, the updates that go there, by the formula of the specification.
    fn scattered(
        scatter: &ScatterShape,
        components: &dyn Fn(&[i64], usize) -> i64,
    ) -> FxHashMap<Vec<i64>, Vec<Vec<i64>>> {
        let numbers = &scatter.numbers;
        let vector = numbers.index_vector as usize;
        let batch: Vec<i64> = (0..scatter.indices.len() as i64).filter(|&d| d as usize != vector).collect();
        let alone = [&numbers.inserted_window[..], &numbers.input_batching].concat();
        let kept: Vec<i64> = (0..scatter.input.len() as i64).filter(|d| !alone.contains(d)).collect();
        let mut found: FxHashMap<Vec<i64>, Vec<Vec<i64>>> = FxHashMap::default();
        for update in coordinates(&scatter.updates) {
            let outside = (0..update.len()).filter(|&d| !numbers.update_window.contains(&(d as i64)));
            let at: Vec<i64> = outside.map(|d| update[d]).collect();
            let mut element = vec![0; scatter.input.len()];
            for (component, &d) in numbers.scatter_dims_to_operand.iter().enumerate() {
                element[d as usize] += components(&at, component);
            }
            for (&d, &b) in numbers.input_batching.iter().zip(&numbers.scatter_indices_batching) {
                element[d as usize] += at[batch.iter().position(|&other| other == b).unwrap()];
            }
            for (&d, &w) in kept.iter().zip(&numbers.update_window) {
                element[d as usize] += update[w as usize];
            }
            found.entry(element).or_default().push(update);
        }
        found
    }

    /// Holds the inverse against the definition, with components that count where they are said to, and are anything else
    /// where not.
    fn validate(scatter: &ScatterShape, inverse: &Inverse, seed: u64) {
        let vector = scatter.numbers.index_vector as usize;
        let batch: Vec<usize> = (0..scatter.indices.len()).filter(|&d| d != vector).collect();
        let components = |at: &[i64], component: usize| match scatter.counts[component] {
            Some(b) => at[batch.iter().position(|&other| other == b).unwrap()],
            None => {
                let mixed = at.iter().fold(seed + component as u64, |n, &i| n * 31 + i as u64 + 7);
                (mixed % 7) as i64 - 2
            }
        };
        let expected = scattered(scatter, &components);
        for element in coordinates(&scatter.input) {
            let read = |from: &[Option<usize>]| from.iter().map(|d| d.map_or(0, |d| element[d])).collect::<Vec<i64>>();
            let index = read(&inverse.indices);
            let at: Vec<i64> = batch.iter().map(|&b| index[b]).collect();
            let holds =
                |c: &Condition| element[c.dimension] == c.component.map_or(0, |component| components(&at, component));
            let found = inverse.conditions.iter().all(holds).then(|| read(&inverse.updates));
            let wanted = expected.get(&element).map_or(&[][..], Vec::as_slice);
            assert_eq!(found.as_slice(), wanted, "{element:?} of {scatter:?}");
        }
    }

    fn scatter(shapes: [&[i64]; 3], counts: &[Option<usize>], numbers: ScatterDimensions) -> ScatterShape {
        let [input, indices, updates] = shapes.map(<[i64]>::to_vec);
        ScatterShape { input, indices, updates, numbers, counts: counts.to_vec() }
    }

    /// The label of each token among 5 classes: tokens are batch dimensions, as `take_along_axis` has them.
    fn labels() -> ScatterShape {
        let numbers = ScatterDimensions {
            inserted_window: vec![2],
            input_batching: vec![0, 1],
            scatter_indices_batching: vec![0, 1],
            scatter_dims_to_operand: vec![2],
            index_vector: 3,
            ..ScatterDimensions::default()
        };
        scatter([&[3, 4, 5], &[3, 4, 1, 1], &[3, 4, 1]], &[None], numbers)
    }

    #[test]
    fn the_label_of_each_token() {
        let inverse = invert(&labels()).unwrap();
        assert_eq!(inverse.conditions, [Condition { dimension: 2, component: Some(0) }]);
        assert_eq!(inverse.updates, [Some(0), Some(1), None]);
        (0..20).for_each(|seed| validate(&labels(), &inverse, seed));
    }

    #[test]
    fn a_counted_component_is_a_batch_dimension() {
        // x[arange(4), labels]: the first component counts along the only dimension of the batch.
        let numbers = ScatterDimensions {
            inserted_window: vec![0, 1],
            scatter_dims_to_operand: vec![0, 1],
            index_vector: 1,
            ..ScatterDimensions::default()
        };
        let counted = scatter([&[4, 6], &[4, 2], &[4]], &[Some(0), None], numbers.clone());
        let inverse = invert(&counted).unwrap();
        assert_eq!((&inverse.updates[..], inverse.conditions.len()), (&[Some(0)][..], 1));
        (0..20).for_each(|seed| validate(&counted, &inverse, seed));
        // Nothing counts: two updates may go to one element.
        assert_eq!(invert(&scatter([&[4, 6], &[4, 2], &[4]], &[None, None], numbers.clone())), None);
        // It counts, but not as far as the input reaches.
        assert_eq!(invert(&scatter([&[5, 6], &[4, 2], &[4]], &[Some(0), None], numbers)), None);
    }

    #[test]
    fn rows_of_an_embedding_may_meet() {
        let numbers = ScatterDimensions {
            update_window: vec![1],
            inserted_window: vec![0],
            scatter_dims_to_operand: vec![0],
            index_vector: 1,
            ..ScatterDimensions::default()
        };
        assert_eq!(invert(&scatter([&[7, 3], &[4, 1], &[4, 3]], &[None], numbers.clone())), None);
        // One row alone meets nobody.
        let alone = scatter([&[7, 3], &[1, 1], &[1, 3]], &[None], numbers);
        let inverse = invert(&alone).unwrap();
        assert_eq!(inverse.updates, [None, Some(1)]);
        (0..20).for_each(|seed| validate(&alone, &inverse, seed));
    }

    #[test]
    fn contradictions_are_refused() {
        let spoiled = |spoil: &dyn Fn(&mut ScatterShape)| {
            let mut scatter = labels();
            spoil(&mut scatter);
            invert(&scatter)
        };
        assert!(spoiled(&|_| {}).is_some());
        assert_eq!(spoiled(&|s| s.numbers.index_vector = 9), None);
        assert_eq!(spoiled(&|s| s.numbers.inserted_window = vec![7]), None);
        assert_eq!(spoiled(&|s| s.numbers.input_batching = vec![0, 0]), None);
        assert_eq!(spoiled(&|s| s.numbers.scatter_indices_batching = vec![0, 3]), None);
        assert_eq!(spoiled(&|s| s.numbers.scatter_dims_to_operand = vec![0]), None);
        assert_eq!(spoiled(&|s| s.updates = vec![3, 4, 2]), None);
        assert_eq!(spoiled(&|s| s.input[1] = 5), None);
        assert_eq!(spoiled(&|s| s.indices[3] = 2), None);
        assert_eq!(spoiled(&|s| s.input[2] = 0), None);
        assert_eq!(spoiled(&|s| s.numbers.update_window = vec![1]), None);
    }

    /// All scatters of small shapes over a grid of dimension numbers: whatever is turned round follows the definition.
    #[test]
    fn whatever_is_turned_round_follows_the_definition() {
        let lists: [&[i64]; 5] = [&[], &[0], &[1], &[0, 1], &[1, 0]];
        let shapes: [[&[i64]; 3]; 9] = [
            [&[3, 4], &[3, 1], &[3, 1]],
            [&[3, 4], &[3, 2], &[3]],
            [&[3, 4], &[3], &[3]],
            [&[3, 4], &[2, 1], &[1, 4]],
            [&[3, 4], &[1, 2], &[1]],
            [&[3, 3], &[3, 3, 1], &[3, 3]],
            [&[3, 3], &[2, 3], &[3]],
            [&[2, 3, 4], &[2, 2], &[2, 4]],
            [&[2, 3, 4], &[2, 1], &[2, 4]],
        ];
        let counts: [&[Option<usize>]; 6] = [&[], &[None], &[Some(0)], &[Some(1)], &[Some(0), None], &[None, Some(0)]];
        let mut turned = 0;
        for (shape, counts) in shapes.iter().flat_map(|shape| counts.iter().map(move |counts| (shape, counts))) {
            for choice in 0..5usize.pow(5) {
                let list = |k: u32| lists[choice / 5usize.pow(k) % 5].to_vec();
                for index_vector in 0..=2 {
                    let numbers = ScatterDimensions {
                        update_window: list(0),
                        inserted_window: list(1),
                        input_batching: list(2),
                        scatter_indices_batching: list(3),
                        scatter_dims_to_operand: list(4),
                        index_vector,
                    };
                    let scatter = scatter(*shape, counts, numbers);
                    let counts_fit =
                        counts.iter().flatten().all(|&b| b != index_vector as usize && b < scatter.indices.len());
                    if let Some(inverse) = invert(&scatter).filter(|_| counts_fit) {
                        turned += 1;
                        (0..3).for_each(|seed| validate(&scatter, &inverse, seed));
                    }
                }
            }
        }
        assert!(turned > 30, "{turned} were turned round");
    }
}
