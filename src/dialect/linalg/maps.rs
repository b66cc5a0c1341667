//! Affine maps of linalg operations as data: each result a sum of dimensions times whole numbers.

use crate::dialect::OpRef;
use crate::ir::{Attr, Type};

/// `d0 * 2 + d3 + 1`: the factor of each dimension, and the constant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Linear {
    /// One factor for each dimension of the map.
    pub factors: Vec<i64>,
    /// What is added.
    pub constant: i64,
}

/// `affine_map<(d0, d1) -> (d0 * 2 + d1, 0)>`
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AffineMap {
    /// Number of dimensions.
    pub dimensions: usize,
    /// The results.
    pub results: Vec<Linear>,
}

impl AffineMap {
    /// The map of an attribute's text; `None` if it is none, has symbols, or divides.
    pub fn parse(text: &str) -> Option<AffineMap> {
        let body = text.trim().strip_prefix("affine_map<")?.strip_suffix('>')?.trim();
        let (dimensions, results) = body.split_once("->")?;
        let list = |text: &str| text.trim().strip_prefix('(').and_then(|t| t.strip_suffix(')')).map(str::to_owned);
        let names: Vec<String> = split(&list(dimensions)?);
        let results = split(&list(results)?).iter().map(|text| Linear::parse(text, &names)).collect::<Option<_>>()?;
        Some(AffineMap { dimensions: names.len(), results })
    }

    /// The maps of an operation's `indexing_maps`, one for each operand.
    pub fn of(op: OpRef<'_>) -> Option<Vec<AffineMap>> {
        let Attr::Array(all) = op.attr("indexing_maps")? else { return None };
        let one = |&attr| match op.module.attr(attr) {
            Attr::Opaque { text, .. } => AffineMap::parse(text),
            _ => None,
        };
        all.iter().map(one).collect()
    }

    /// Whether it is `(d0, d1, ...) -> (d0, d1, ...)`.
    pub fn is_identity(&self) -> bool {
        let unit = |(d, linear): (usize, &Linear)| {
            linear.constant == 0 && linear.factors.iter().enumerate().all(|(k, &f)| f == i64::from(k == d))
        };
        self.results.len() == self.dimensions && self.results.iter().enumerate().all(unit)
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
}

impl Linear {
    fn parse(text: &str, names: &[String]) -> Option<Linear> {
        let mut linear = Linear { factors: vec![0; names.len()], constant: 0 };
        let spaced = text.replace('-', "+-").replace(['(', ')'], "");
        if text.contains("mod") || text.contains("div") || text.contains('(') {
            return None;
        }
        for term in spaced.split('+').map(str::trim).filter(|term| !term.is_empty()) {
            let (mut factor, mut dimension) = (1i64, None);
            for part in term.split('*').map(str::trim) {
                let (sign, name) = part.strip_prefix('-').map_or((1, part), |rest| (-1, rest.trim()));
                factor = factor.checked_mul(sign)?;
                match names.iter().position(|known| known == name) {
                    Some(d) if dimension.is_none() => dimension = Some(d),
                    Some(_) => return None,
                    None => factor = factor.checked_mul(name.parse().ok()?)?,
                }
            }
            let sum = dimension.map_or(&mut linear.constant, |d| &mut linear.factors[d]);
            *sum = sum.checked_add(factor)?;
        }
        Some(linear)
    }
}

/// The extent of each dimension of the iteration space: that of an operand's dimension which it indexes alone. `None` where
/// an operand does not say.
pub fn extents(op: OpRef<'_>, maps: &[AffineMap]) -> Option<Vec<i64>> {
    let mut extents = vec![None; maps.first()?.dimensions];
    for (map, &operand) in maps.iter().zip(op.operands()) {
        let shape: &[i64] = match op.module.type_of(operand) {
            Type::Tensor(tensor) => &tensor.shape,
            _ => &[],
        };
        for (linear, &extent) in map.results.iter().zip(shape) {
            let mut moved = linear.factors.iter().enumerate().filter(|(_, factor)| **factor != 0);
            if let (Some((d, 1)), None, 0) = (moved.next(), moved.next(), linear.constant) {
                extents[d] = Some(extent);
            }
        }
    }
    extents.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_as_sums() {
        let map = AffineMap::parse("affine_map<(d0, d1, d2) -> (d0, d1 * 2 + d2 - 1, 0)>").unwrap();
        assert_eq!(map.dimensions, 3);
        assert_eq!(map.results[1], Linear { factors: vec![0, 2, 1], constant: -1 });
        assert_eq!(map.results[2], Linear { factors: vec![0, 0, 0], constant: 0 });
        assert!(AffineMap::parse("affine_map<(d0, d1) -> (d0, d1)>").unwrap().is_identity());
        assert!(!AffineMap::parse("affine_map<(d0, d1) -> (d1, d0)>").unwrap().is_identity());
        assert_eq!(AffineMap::parse("affine_map<(d0) -> (d0 floordiv 2)>"), None);
        assert_eq!(AffineMap::parse("affine_map<(d0)[s0] -> (d0 + s0)>"), None);
    }
}
