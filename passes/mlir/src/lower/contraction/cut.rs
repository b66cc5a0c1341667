//! Long sums in pieces: a block adds up some hundred products and then adds that to the result, so that the part of B that all
//! rows read stays in the cache, and rounding errors grow with the square root of some hundreds and not of thousands.

use super::shape::Dim;
use super::tile::block_rows;

/// Some products of a sum: those of `inner` are added up in registers, one such sum for each index of `outer`.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Part {
    /// Where it starts in A and B, in elements.
    pub(super) base: [i64; 2],
    pub(super) outer: Vec<Dim>,
    pub(super) inner: Vec<Dim>,
}

/// No more products than this are added up in registers.
const LONGEST_SUM: i64 = 256;

/// The parts of a sum: one, or two where a dimension is cut into pieces that leave a rest.
pub(super) fn cut(sums: &[Dim]) -> Vec<Part> {
    let mut inner = 1;
    let whole = sums.iter().rev().take_while(|dim| {
        inner *= dim.extent;
        inner <= LONGEST_SUM
    });
    let (rest, whole) = sums.split_at(sums.len() - whole.count());
    let Some((&dim, outer)) = rest.split_last() else {
        return vec![Part { base: [0, 0], outer: Vec::new(), inner: whole.to_vec() }];
    };
    let length = block_rows(dim.extent, LONGEST_SUM / extent(whole));
    let full = dim.extent / length;
    let piece = |extent: i64| [Dim { extent, ..dim }].into_iter().chain(whole.iter().copied()).collect();
    let pieces = Dim { extent: full, a: length * dim.a, b: length * dim.b, c: 0 };
    let mut parts =
        vec![Part { base: [0, 0], outer: outer.iter().copied().chain([pieces]).collect(), inner: piece(length) }];
    if full * length < dim.extent {
        let base = [full * length * dim.a, full * length * dim.b];
        parts.push(Part { base, outer: outer.to_vec(), inner: piece(dim.extent - full * length) });
    }
    parts
}

/// How many indices there are.
pub(super) fn extent(dims: &[Dim]) -> i64 {
    dims.iter().map(|dim| dim.extent).product()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::kernel::strides;

    /// Every product of a sum, as places in A and B.
    fn products(parts: &[Part]) -> Vec<[i64; 2]> {
        let mut all = Vec::new();
        for part in parts {
            let mut places = vec![part.base];
            for dim in part.outer.iter().chain(&part.inner) {
                places = (0..dim.extent)
                    .flat_map(|i| places.iter().map(move |[a, b]| [a + i * dim.a, b + i * dim.b]).collect::<Vec<_>>())
                    .collect();
            }
            all.extend(places);
        }
        all.sort_unstable();
        all
    }

    #[test]
    fn cut_sums_have_the_same_products() {
        let sum = |extents: &[i64]| -> Vec<Dim> {
            let steps = strides(extents);
            extents.iter().zip(steps).map(|(&extent, a)| Dim { extent, a, b: -3 * a, c: 0 }).collect()
        };
        for extents in [&[][..], &[7], &[256], &[1024], &[784], &[1031], &[3, 3, 512], &[7, 7, 3], &[2, 300, 2]] {
            let dims = sum(extents);
            let parts = cut(&dims);
            let count: i64 = extents.iter().product();
            let expected: Vec<[i64; 2]> = (0..count).map(|i| [i, -3 * i]).collect();
            assert_eq!(products(&parts), expected, "{extents:?}");
            let longest = parts.iter().map(|part| extent(&part.inner)).max();
            assert!(longest.unwrap_or(0) <= LONGEST_SUM, "{extents:?}: {parts:?}");
        }
        assert_eq!(cut(&sum(&[1024]))[0].outer[0].extent, 4);
    }
}
