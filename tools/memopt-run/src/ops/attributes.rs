//! Attributes as numbers that kernels can compute with.

use memopt::dialect::stablehlo::attributes::{integers, keyword};
use memopt::ir::{Attr, DenseArray};

use super::{Call, Problem, ensure};

/// Paddings, strides and dilations beyond this belong to no program, and would overflow products of extents.
const MOST: i64 = 1 << 40;

impl<'a> Call<'a> {
    /// A list of so many integers, none absurd.
    ///
    /// # Errors
    /// If it is absent, or another list.
    pub(super) fn list(&self, name: &str, len: usize) -> Result<Vec<i64>, Problem> {
        let list = integers(self.op, name).ok_or_else(|| format!("{name} is no list of integers"))?;
        ensure(list.len() == len, || format!("{name} has {} entries instead of {len}", list.len()))?;
        ensure(list.iter().all(|n| n.abs() <= MOST), || format!("{name} has an entry that is out of range"))?;
        Ok(list.into_owned())
    }

    /// [`Call::list`], or so many times the default where it is absent.
    pub(super) fn list_or(&self, name: &str, len: usize, default: i64) -> Result<Vec<i64>, Problem> {
        if self.op.attr(name).is_some() { self.list(name, len) } else { Ok(vec![default; len]) }
    }

    /// [`Call::list_or`] of numbers above zero, 1 where absent: strides and dilations.
    pub(super) fn positive(&self, name: &str, len: usize) -> Result<Vec<i64>, Problem> {
        let list = self.list_or(name, len, 1)?;
        ensure(list.iter().all(|&n| n >= 1), || format!("{name} has an entry below 1"))?;
        Ok(list)
    }

    /// Pairs of what is added before and after each dimension, zero where absent.
    pub(super) fn padding(&self, rank: usize) -> Result<Vec<[i64; 2]>, Problem> {
        let flat = self.list_or("padding", 2 * rank, 0)?;
        Ok(flat.as_chunks::<2>().0.to_vec())
    }

    /// Distinct dimensions of a tensor of this rank.
    pub(super) fn dimensions(&self, name: &str, rank: usize) -> Result<Vec<usize>, Problem> {
        let list = integers(self.op, name).ok_or_else(|| format!("{name} is no list of integers"))?;
        distinct(&list, rank).ok_or_else(|| format!("{name} does not hold distinct dimensions below {rank}"))
    }

    /// An integer attribute that is a dimension of a tensor of this rank.
    pub(super) fn dimension(&self, name: &str, rank: usize) -> Result<usize, Problem> {
        let found = self.op.integer(name).and_then(|n| usize::try_from(n).ok()).filter(|&n| n < rank);
        found.ok_or_else(|| format!("{name} is no dimension below {rank}"))
    }

    /// An integer attribute from 1 on, 1 where absent.
    pub(super) fn count(&self, name: &str) -> Result<usize, Problem> {
        let found = self.op.integer(name).or(self.op.attr(name).is_none().then_some(1));
        let found = found.filter(|n| (1..=MOST).contains(n));
        found.map(|n| n as usize).ok_or_else(|| format!("{name} is no number above zero"))
    }

    /// Whether a flag is set; `false` where absent.
    pub(super) fn flag(&self, name: &str) -> bool {
        matches!(self.op.attr(name), Some(Attr::Bool(true)))
    }

    /// The float attribute of this name.
    pub(super) fn float(&self, name: &str) -> Option<f64> {
        match self.op.attr(name)? {
            Attr::Float { literal, .. } => literal.parse().ok(),
            _ => None,
        }
    }

    /// Flags for each dimension, `array<i1: ...>`; none set where absent.
    pub(super) fn flags(&self, name: &str, len: usize) -> Result<Vec<bool>, Problem> {
        match self.op.attr(name) {
            None => Ok(vec![false; len]),
            Some(Attr::DenseArray { values: DenseArray::Integers(values), .. }) if values.len() == len => {
                Ok(values.iter().map(|&n| n != 0).collect())
            }
            Some(Attr::DenseElements { literal, .. }) => {
                let flat = literal.replace(['[', ']', ' '], "");
                let words: Vec<bool> = flat.split(',').map(|word| word == "true").collect();
                match words[..] {
                    [all] => Ok(vec![all; len]),
                    _ if words.len() == len => Ok(words),
                    _ => Err(format!("{name} has not {len} entries")),
                }
            }
            Some(_) => Err(format!("{name} is no list of {len} flags")),
        }
    }

    /// The word of an enumeration.
    pub(super) fn word(&self, name: &str, kind: &str) -> Option<&'a str> {
        keyword(self.op, name, kind)
    }
}

/// Dimensions as indices, if they are distinct and below the rank.
pub(super) fn distinct(list: &[i64], rank: usize) -> Option<Vec<usize>> {
    let mut seen = vec![false; rank];
    let mut index = |&d: &i64| {
        let d = usize::try_from(d).ok().filter(|&d| d < rank)?;
        (!std::mem::replace(&mut seen[d], true)).then_some(d)
    };
    list.iter().map(&mut index).collect()
}
