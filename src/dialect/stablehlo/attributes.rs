//! Attributes of StableHLO as data: lists of integers, words of enumerations, and the dimension numbers of dots,
//! convolutions, gathers and scatters, read from their text.
//!
//! The module keeps attributes of dialects as text. The readers here are strict: a field they do not know, a field written
//! twice or a list that does not close gives `None`, so that nobody computes with half an attribute. A field that is not
//! written has its default, an empty list or 0.

use std::borrow::Cow;

use crate::dialect::OpRef;
use crate::ir::{Attr, DenseArray, Type};

/// More integers than any attribute of an operation needs; a splat of more is not spelled out.
const MANY: u64 = 4096;

/// A list of integers: `array<i64: 1, 2>`, or `dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>` row by row, as paddings and all
/// lists of older StableHLO are written; linalg writes a vector. `None` if the attribute is absent or anything else.
pub fn integers<'m>(op: OpRef<'m>, name: &str) -> Option<Cow<'m, [i64]>> {
    match op.attr(name)? {
        Attr::DenseArray { values: DenseArray::Integers(values), .. } => Some(Cow::Borrowed(values)),
        Attr::DenseElements { literal, ty } => {
            let elements = match op.module.ty(*ty) {
                Type::Tensor(tensor) => tensor.elements()?,
                Type::Vector { shape, .. } => {
                    shape.iter().try_fold(1u64, |n, &(extent, _)| n.checked_mul(u64::try_from(extent).ok()?))?
                }
                _ => return None,
            };
            dense_integers(literal, elements).map(Cow::Owned)
        }
        _ => None,
    }
}

/// The word of an enumeration: `GT` of `#stablehlo<comparison_direction GT>`, where `kind` is `comparison_direction`. `None`
/// if the attribute is absent, or one of another enumeration.
pub fn keyword<'m>(op: OpRef<'m>, name: &str, kind: &str) -> Option<&'m str> {
    let body = body_of(op.attr(name)?, "#stablehlo")?;
    let (found, word) = body.trim().split_once(char::is_whitespace)?;
    let word = word.trim();
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (found == kind && is_word).then_some(word)
}

fn dense_integers(literal: &str, elements: u64) -> Option<Vec<i64>> {
    let flat = literal.replace(['[', ']'], "");
    if flat.trim().is_empty() {
        return (elements == 0).then(Vec::new);
    }
    let values: Vec<i64> = flat.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    match values[..] {
        [splat] if !literal.starts_with('[') && elements <= MANY => Some(vec![splat; elements as usize]),
        _ => (values.len() as u64 == elements).then_some(values),
    }
}

/// `#stablehlo.dot<...>`
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct DotDimensions {
    /// Batch dimensions of the left operand.
    pub lhs_batching: Vec<i64>,
    /// Batch dimensions of the right operand, in the same order.
    pub rhs_batching: Vec<i64>,
    /// Dimensions of the left operand that are summed over.
    pub lhs_contracting: Vec<i64>,
    /// Dimensions of the right operand that are summed over, in the same order.
    pub rhs_contracting: Vec<i64>,
}

/// `#stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>`
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ConvDimensions {
    /// Batch dimension of the input.
    pub input_batch: i64,
    /// Feature dimension of the input.
    pub input_feature: i64,
    /// Spatial dimensions of the input, in the order of their numbers.
    pub input_spatial: Vec<i64>,
    /// Input feature dimension of the kernel.
    pub kernel_input_feature: i64,
    /// Output feature dimension of the kernel.
    pub kernel_output_feature: i64,
    /// Spatial dimensions of the kernel, in the order of their numbers.
    pub kernel_spatial: Vec<i64>,
    /// Batch dimension of the output.
    pub output_batch: i64,
    /// Feature dimension of the output.
    pub output_feature: i64,
    /// Spatial dimensions of the output, in the order of their numbers.
    pub output_spatial: Vec<i64>,
}

/// `#stablehlo.gather<...>`
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct GatherDimensions {
    /// Dimensions of the result that lie inside a slice.
    pub offset: Vec<i64>,
    /// Dimensions of the operand that a slice has one element of, and that are dropped.
    pub collapsed_slice: Vec<i64>,
    /// Batch dimensions of the operand.
    pub operand_batching: Vec<i64>,
    /// Batch dimensions of the indices, in the same order.
    pub start_indices_batching: Vec<i64>,
    /// Which operand dimension each component of an index is for.
    pub start_index_map: Vec<i64>,
    /// The dimension of the indices that holds the components of an index.
    pub index_vector: i64,
}

/// `#stablehlo.scatter<...>`
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ScatterDimensions {
    /// Dimensions of the updates that lie inside a window.
    pub update_window: Vec<i64>,
    /// Dimensions of the input that a window has one element of, and that the updates lack.
    pub inserted_window: Vec<i64>,
    /// Batch dimensions of the input.
    pub input_batching: Vec<i64>,
    /// Batch dimensions of the indices, in the same order.
    pub scatter_indices_batching: Vec<i64>,
    /// Which input dimension each component of an index is for.
    pub scatter_dims_to_operand: Vec<i64>,
    /// The dimension of the indices that holds the components of an index.
    pub index_vector: i64,
}

impl DotDimensions {
    /// Reads the attribute; `None` if it is another one, or written in a way not known here.
    pub fn of(attr: &Attr) -> Option<DotDimensions> {
        let mut fields = Fields::of(attr, "#stablehlo.dot")?;
        let all = DotDimensions {
            lhs_batching: fields.list("lhs_batching_dimensions")?,
            rhs_batching: fields.list("rhs_batching_dimensions")?,
            lhs_contracting: fields.list("lhs_contracting_dimensions")?,
            rhs_contracting: fields.list("rhs_contracting_dimensions")?,
        };
        fields.are_all_read().then_some(all)
    }
}

impl GatherDimensions {
    /// Reads the attribute; `None` if it is another one, or written in a way not known here.
    pub fn of(attr: &Attr) -> Option<GatherDimensions> {
        let mut fields = Fields::of(attr, "#stablehlo.gather")?;
        let all = GatherDimensions {
            offset: fields.list("offset_dims")?,
            collapsed_slice: fields.list("collapsed_slice_dims")?,
            operand_batching: fields.list("operand_batching_dims")?,
            start_indices_batching: fields.list("start_indices_batching_dims")?,
            start_index_map: fields.list("start_index_map")?,
            index_vector: fields.number("index_vector_dim")?,
        };
        fields.are_all_read().then_some(all)
    }
}

impl ScatterDimensions {
    /// Reads the attribute; `None` if it is another one, or written in a way not known here.
    pub fn of(attr: &Attr) -> Option<ScatterDimensions> {
        let mut fields = Fields::of(attr, "#stablehlo.scatter")?;
        let all = ScatterDimensions {
            update_window: fields.list("update_window_dims")?,
            inserted_window: fields.list("inserted_window_dims")?,
            input_batching: fields.list("input_batching_dims")?,
            scatter_indices_batching: fields.list("scatter_indices_batching_dims")?,
            scatter_dims_to_operand: fields.list("scatter_dims_to_operand_dims")?,
            index_vector: fields.number("index_vector_dim")?,
        };
        fields.are_all_read().then_some(all)
    }
}

impl ConvDimensions {
    /// Reads the attribute; `None` if it is another one, or written in a way not known here.
    pub fn of(attr: &Attr) -> Option<ConvDimensions> {
        let body = body_of(attr, "#stablehlo.conv")?;
        let (operands, output) = body.split_once("->")?;
        let (input, kernel) = operands.split_once('x')?;
        let [input_batch, input_feature, input_spatial] = places(input, ["b", "f"])?;
        let [kernel_input_feature, kernel_output_feature, kernel_spatial] = places(kernel, ["i", "o"])?;
        let [output_batch, output_feature, output_spatial] = places(output, ["b", "f"])?;
        let spatial = input_spatial.len();
        let all = ConvDimensions {
            input_batch: input_batch[0],
            input_feature: input_feature[0],
            input_spatial,
            kernel_input_feature: kernel_input_feature[0],
            kernel_output_feature: kernel_output_feature[0],
            kernel_spatial,
            output_batch: output_batch[0],
            output_feature: output_feature[0],
            output_spatial,
        };
        (all.kernel_spatial.len() == spatial && all.output_spatial.len() == spatial).then_some(all)
    }
}

/// The places in a list `[b, 0, 1, f]` of two letters, and of the numbers 0, 1, ... in this order. Each letter and each
/// number stands there exactly once.
fn places(list: &str, letters: [&str; 2]) -> Option<[Vec<i64>; 3]> {
    let list = list.trim().strip_prefix('[')?.strip_suffix(']')?;
    let entries: Vec<&str> = list.split(',').map(str::trim).collect();
    let spatial = entries.len().checked_sub(2)?;
    let place = |entry: &str| {
        let mut found = (0i64..).zip(&entries).filter(|(_, other)| **other == entry);
        let (place, _) = found.next()?;
        found.next().is_none().then_some(place)
    };
    let numbers: Option<Vec<i64>> = (0..spatial).map(|n| place(&n.to_string())).collect();
    Some([vec![place(letters[0])?], vec![place(letters[1])?], numbers?])
}

/// What stands between the angle brackets of `#name<...>`.
fn body_of<'a>(attr: &'a Attr, name: &str) -> Option<&'a str> {
    let Attr::Opaque { text, ty: None } = attr else { return None };
    text.trim().strip_prefix(name)?.trim_start().strip_prefix('<')?.strip_suffix('>')
}

/// `name = value` pairs, separated by commas, that are taken out one by one.
struct Fields<'a> {
    left: Vec<(&'a str, &'a str)>,
}

impl<'a> Fields<'a> {
    fn of(attr: &'a Attr, name: &str) -> Option<Fields<'a>> {
        let mut rest = body_of(attr, name)?.trim();
        let mut left = Vec::new();
        while !rest.is_empty() {
            let (field, value) = rest.split_once('=')?;
            let value = value.trim_start();
            let end = match value.strip_prefix('[') {
                Some(list) => list.find(']')? + 2,
                None => value.find(',').unwrap_or(value.len()),
            };
            left.push((field.trim(), value[..end].trim()));
            rest = value[end..].trim_start();
            if !rest.is_empty() {
                rest = rest.strip_prefix(',')?.trim_start();
                // A comma promises another field.
                rest.chars().next()?;
            }
        }
        Some(Fields { left })
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.left.iter().position(|(field, _)| *field == name)?;
        Some(self.left.remove(at).1)
    }

    /// `[0, 1]`, empty where the field is absent.
    fn list(&mut self, name: &str) -> Option<Vec<i64>> {
        let Some(value) = self.take(name) else { return Some(Vec::new()) };
        let list = value.strip_prefix('[')?.strip_suffix(']')?.trim();
        if list.is_empty() {
            return Some(Vec::new());
        }
        list.split(',').map(dimension).collect()
    }

    /// `1`, zero where the field is absent.
    fn number(&mut self, name: &str) -> Option<i64> {
        self.take(name).map_or(Some(0), dimension)
    }

    /// Whether nothing is left: no unknown field, and none written twice.
    fn are_all_read(&self) -> bool {
        self.left.is_empty()
    }
}

/// The number of a dimension: never negative.
fn dimension(text: &str) -> Option<i64> {
    text.trim().parse().ok().filter(|&n: &i64| n >= 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opaque(text: &str) -> Attr {
        Attr::Opaque { text: text.into(), ty: None }
    }

    #[test]
    fn lists() {
        assert_eq!(dense_integers("[[1, 2], [-3, 4]]", 4), Some(vec![1, 2, -3, 4]));
        assert_eq!(dense_integers("2", 3), Some(vec![2, 2, 2]));
        assert_eq!(dense_integers("", 0), Some(vec![]));
        assert_eq!(dense_integers("[2]", 3), None);
        assert_eq!(dense_integers("\"0x00\"", 1), None);
        assert_eq!(dense_integers("2", u64::MAX), None);
    }

    #[test]
    fn keywords() {
        let mut module = crate::ir::Module::new();
        let mut main = crate::ir::FunctionBuilder::new(&mut module, "main", &[]);
        main.op("stablehlo.compare")
            .property("comparison_direction", opaque("#stablehlo<comparison_direction GT>"))
            .property("compare_type", opaque("#stablehlo<comparison_type>"))
            .build();
        let function = main.finish(&[]);
        let op = OpRef::new(&module, module.block(function.body).ops()[0]);
        assert_eq!(keyword(op, "comparison_direction", "comparison_direction"), Some("GT"));
        assert_eq!(keyword(op, "comparison_direction", "comparison_type"), None);
        assert_eq!(keyword(op, "compare_type", "comparison_type"), None);
        assert_eq!(keyword(op, "absent", "comparison_type"), None);
    }

    #[test]
    fn dot() {
        let attr = opaque("#stablehlo.dot<lhs_batching_dimensions = [0, 1], lhs_contracting_dimensions = [3]>");
        let expected = DotDimensions { lhs_batching: vec![0, 1], lhs_contracting: vec![3], ..DotDimensions::default() };
        assert_eq!(DotDimensions::of(&attr), Some(expected));
        assert_eq!(DotDimensions::of(&opaque("#stablehlo.dot<>")), Some(DotDimensions::default()));
    }

    #[test]
    fn convolution() {
        let found = ConvDimensions::of(&opaque("#stablehlo.conv<[b, 1, 0, f]x[0, 1, i, o]->[f, 0, 1, b]>")).unwrap();
        assert_eq!((found.input_batch, found.input_feature), (0, 3));
        assert_eq!(found.input_spatial, [2, 1], "in the order of their numbers");
        assert_eq!((found.kernel_input_feature, found.kernel_output_feature), (2, 3));
        assert_eq!(found.kernel_spatial, [0, 1]);
        assert_eq!((found.output_batch, found.output_feature), (3, 0));
        assert_eq!(found.output_spatial, [1, 2]);
        let scalar = ConvDimensions::of(&opaque("#stablehlo.conv<[b, f]x[i, o]->[b, f]>")).unwrap();
        assert!(scalar.kernel_spatial.is_empty());
    }

    #[test]
    fn gather_and_scatter() {
        let gather = opaque(
            "#stablehlo.gather<offset_dims = [0], collapsed_slice_dims = [1], operand_batching_dims = [2], \
             start_indices_batching_dims = [3], start_index_map = [4, 5], index_vector_dim = 6>",
        );
        let expected = GatherDimensions {
            offset: vec![0],
            collapsed_slice: vec![1],
            operand_batching: vec![2],
            start_indices_batching: vec![3],
            start_index_map: vec![4, 5],
            index_vector: 6,
        };
        assert_eq!(GatherDimensions::of(&gather), Some(expected));
        let scatter = opaque(
            "#stablehlo.scatter<update_window_dims = [0], inserted_window_dims = [1], input_batching_dims = [2], \
             scatter_indices_batching_dims = [3], scatter_dims_to_operand_dims = [4, 5], index_vector_dim = 6>",
        );
        let expected = ScatterDimensions {
            update_window: vec![0],
            inserted_window: vec![1],
            input_batching: vec![2],
            scatter_indices_batching: vec![3],
            scatter_dims_to_operand: vec![4, 5],
            index_vector: 6,
        };
        assert_eq!(ScatterDimensions::of(&scatter), Some(expected));
    }

    #[test]
    fn surprises_are_refused() {
        for text in [
            "#stablehlo.gather<offset_dims = [0]>",
            "#stablehlo.dot<unknown = [1]>",
            "#stablehlo.dot<lhs_contracting_dimensions = [1], lhs_contracting_dimensions = [1]>",
            "#stablehlo.dot<lhs_contracting_dimensions = [1],>",
            "#stablehlo.dot<lhs_contracting_dimensions = [1] rhs_contracting_dimensions = [0]>",
            "#stablehlo.dot<lhs_contracting_dimensions = [-1]>",
            "#stablehlo.dot<lhs_contracting_dimensions = [1>",
            "#stablehlo.dot<lhs_contracting_dimensions = 1>",
            "#stablehlo.dot<lhs_contracting_dimensions>",
        ] {
            assert_eq!(DotDimensions::of(&opaque(text)), None, "{text}");
        }
        for text in [
            "#stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]>",
            "#stablehlo.conv<[b, 0, 0, f]x[0, 1, i, o]->[b, 0, 1, f]>",
            "#stablehlo.conv<[b, 0, 1, f]x[0, i, o]->[b, 0, 1, f]>",
            "#stablehlo.conv<[b, 0, 1, f]x[0, 1, i, i]->[b, 0, 1, f]>",
            "#stablehlo.conv<[b, ?, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>",
            "#stablehlo.conv<raw input_batch_dimension = 0>",
            "#stablehlo.conv<[]x[]->[]>",
        ] {
            assert_eq!(ConvDimensions::of(&opaque(text)), None, "{text}");
        }
    }
}
