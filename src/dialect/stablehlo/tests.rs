//! What the table says, class by class.

use std::collections::BTreeSet;

use super::CLASSES;
use super::attributes::{ConvDimensions, DotDimensions, GatherDimensions, ScatterDimensions};
use crate::dialect::testing::{Sample, op, op_names, op_reading, reference_texts, tensor, view};
use crate::dialect::{Aliasing, Effects, KernelKind, Regions, Registry, Virtual};
use crate::ir::{Attr, Bytes, ValueId};

const FRESH: Aliasing = Aliasing::Fresh;

fn string(text: &str) -> Attr {
    Attr::String { value: text.as_bytes().into(), ty: None }
}

#[test]
fn no_name_stands_in_two_rows() {
    let all: Vec<&str> = CLASSES.iter().chain(crate::dialect::chlo::CLASSES).flat_map(|c| c.names).copied().collect();
    let of_one_dialect: Vec<&str> = CLASSES.iter().flat_map(|class| class.names).copied().collect();
    let distinct: BTreeSet<&str> = of_one_dialect.iter().copied().collect();
    assert_eq!(of_one_dialect.len(), distinct.len());
    assert!(all.len() > 150, "{} operations", all.len());
}

#[test]
fn what_calls_out_is_not_described() {
    for name in ["stablehlo.custom_call", "stablehlo.composite", "stablehlo.async_start", "func.call"] {
        assert!(Registry::new().get(name).is_none(), "{name}");
    }
}

#[test]
fn elementwise_overwrites_what_has_its_shape_and_width() {
    let add = op("stablehlo.add", &["4x3xf32", "4x3xf32"], &["4x3xf32"]);
    assert_eq!(add.ties(), [(0, 0), (0, 1)]);
    assert_eq!(add.aliasing(0), FRESH);
    assert_eq!(add.virtual_kind(), None);
    assert_eq!(add.op_facts().kind, KernelKind::Elementwise);
    assert_eq!(add.op_facts().effects, Effects::None);
    assert_eq!(add.op_facts().workspace.bytes(), Bytes::ZERO);
    assert_eq!(op("stablehlo.compare", &["4xf32", "4xf32"], &["4xi1"]).ties(), []);
    assert_eq!(op("stablehlo.compare", &["4xi8", "4xi8"], &["4xi1"]).ties(), [(0, 0), (0, 1)], "a byte each");
    assert_eq!(op("stablehlo.select", &["4xi1", "4xf32", "4xf32"], &["4xf32"]).ties(), [(0, 1), (0, 2)]);
    assert_eq!(op("stablehlo.select", &["i1", "4xf32", "4xf32"], &["4xf32"]).ties(), [(0, 1), (0, 2)]);
    assert_eq!(op("stablehlo.select", &["i1", "4xi8", "4xi8"], &["4xi8"]).ties(), [(0, 1), (0, 2)]);
    assert_eq!(op("stablehlo.clamp", &["f32", "4xf32", "f32"], &["4xf32"]).ties(), [(0, 1)]);
    assert_eq!(op("stablehlo.complex", &["4xf32", "4xf32"], &["4xcf32"]).ties(), []);
    assert_eq!(op("stablehlo.real", &["4xcf32"], &["4xf32"]).ties(), []);
    assert_eq!(op("stablehlo.not", &["3xi4"], &["3xi4"]).ties(), [(0, 0)]);
    assert_eq!(op("stablehlo.add", &["?xf32", "?xf32"], &["?xf32"]).ties(), [], "nobody knows the shape");
}

#[test]
fn narrow_elements_are_not_overwritten_by_others_that_fill_as_many_bytes() {
    let convert = op("stablehlo.convert", &["2xi2"], &["2xi4"]);
    assert_eq!(convert.ask().module.type_bytes(convert.ask().operands()[0]), Ok(Bytes(1)));
    assert_eq!(convert.ties(), []);
}

#[test]
fn convert() {
    let widths = |from, to| op("stablehlo.convert", &[from], &[to]);
    assert_eq!(widths("4xf32", "4xi32").ties(), [(0, 0)]);
    assert_eq!(widths("4xf32", "4xi32").aliasing(0), FRESH);
    assert_eq!(widths("4xf32", "4xbf16").ties(), []);
    assert_eq!(widths("4xf32", "4xf32").aliasing(0), view(0, 0));
    assert_eq!(widths("?xf32", "?xf32").aliasing(0), FRESH);
}

#[test]
fn bitcasts_are_views_where_elements_fill_bytes() {
    let cast = |from, to| op("stablehlo.bitcast_convert", &[from], &[to]).aliasing(0);
    assert_eq!(cast("4xf32", "4xui32"), view(0, 0));
    assert_eq!(cast("4xf32", "4x2xui16"), view(0, 0));
    assert_eq!(cast("4x2xui32", "4xui64"), view(0, 0));
    assert_eq!(cast("4xf32", "4xui64"), FRESH);
    assert_eq!(cast("4xui8", "4x2xi4"), FRESH, "the order of halves of a byte is the backend's");
    assert_eq!(cast("4x8xi1", "4xui8"), FRESH, "a boolean takes a byte");
    assert_eq!(cast("4xi1", "4xui8"), FRESH);
    assert_eq!(cast("4xi1", "4xi1"), view(0, 0));
}

#[test]
fn constants() {
    let constant = |ty: &str, literal: &str| op("stablehlo.constant", &[], &[ty]).dense("value", literal);
    for (ty, literal) in [
        ("f32", "0.000000e+00"),
        ("4xf32", "1.0"),
        ("4xf32", "0xFF800000"),
        ("4xf32", "\"0x0000803F\""),
        ("4xi1", "true"),
        ("9xi1", "\"0xFF\""),
        ("1xf32", "[1.0]"),
        ("1x1xf32", "[[1.0]]"),
        ("4xcf32", "(1.0, 2.0)"),
        ("4xcf32", "\"0x0000803F0000803F\""),
    ] {
        let constant = constant(ty, literal);
        assert_eq!((constant.virtual_kind(), constant.aliasing(0)), (Some(Virtual::Nullary), FRESH), "{literal}");
    }
    for (ty, literal) in [
        ("2xf32", "[1.0, 2.0]"),
        ("2xf32", "\"0x0000803F00000040\""),
        ("8xi1", "\"0x0F\""),
        ("0xf32", ""),
        ("2xcf32", "\"0x0000803F\""),
    ] {
        let constant = constant(ty, literal);
        assert_eq!((constant.virtual_kind(), constant.aliasing(0)), (None, Aliasing::Constant), "{literal}");
    }
    let resource = op("stablehlo.constant", &[], &["4xf32"]);
    assert_eq!(resource.aliasing(0), Aliasing::Constant, "elements that are kept elsewhere");
    assert_eq!(op("stablehlo.iota", &[], &["4xi32"]).virtual_kind(), Some(Virtual::Nullary));
    assert_eq!(op("chlo.constant", &[], &["4xf32"]).dense("value", "1.0").virtual_kind(), Some(Virtual::Nullary));
}

#[test]
fn reshapes_are_views() {
    assert_eq!(op("stablehlo.reshape", &["4x3xf32"], &["12xf32"]).aliasing(0), view(0, 0));
    assert_eq!(op("stablehlo.reshape", &["3x1xi4"], &["3xi4"]).aliasing(0), view(0, 0));
    assert_eq!(op("stablehlo.reshape", &["?xf32"], &["12xf32"]).aliasing(0), FRESH);
    assert_eq!(op("stablehlo.dynamic_reshape", &["4x3xf32", "1xi32"], &["12xf32"]).aliasing(0), view(0, 0));
}

#[test]
fn broadcasts_are_views_or_virtual() {
    let broadcast = |from, dimensions: &[i64], to| {
        let sample = op("stablehlo.broadcast_in_dim", &[from], &[to]).ints("broadcast_dimensions", dimensions);
        (sample.aliasing(0), sample.virtual_kind())
    };
    let by_addressing = (FRESH, Some(Virtual::Addressing));
    assert_eq!(broadcast("64xf32", &[3], "1x1x1x64xf32"), (view(0, 0), None));
    assert_eq!(broadcast("f32", &[], "1xf32"), (view(0, 0), None));
    assert_eq!(broadcast("4x3xf32", &[0, 2], "4x1x3xf32"), (view(0, 0), None));
    assert_eq!(broadcast("4x1xf32", &[1, 0], "1x4xf32"), (view(0, 0), None), "only a unit dimension moves");
    assert_eq!(broadcast("4x3xf32", &[1, 0], "3x4xf32"), by_addressing);
    assert_eq!(broadcast("64xf32", &[3], "1x55x55x64xf32"), by_addressing);
    assert_eq!(broadcast("f32", &[], "4xf32"), by_addressing);
    let old = |to| op("stablehlo.broadcast", &["3xf32"], &[to]);
    assert_eq!(old("1x3xf32").aliasing(0), view(0, 0));
    assert_eq!(old("2x3xf32").virtual_kind(), Some(Virtual::Addressing));
    let mute = op("stablehlo.broadcast_in_dim", &["64xf32"], &["4x64xf32"]);
    assert_eq!((mute.aliasing(0), mute.virtual_kind()), (FRESH, None), "no broadcast_dimensions");
    let dynamic = op("stablehlo.broadcast_in_dim", &["?xf32"], &["4x?xf32"]).ints("broadcast_dimensions", &[1]);
    assert_eq!(dynamic.aliasing(0), FRESH);
}

#[test]
fn transposes() {
    let transpose = |from, p: &[i64], to| op("stablehlo.transpose", &[from], &[to]).ints("permutation", p).aliasing(0);
    assert_eq!(transpose("4x3xf32", &[1, 0], "3x4xf32"), FRESH);
    assert_eq!(transpose("4x3xf32", &[0, 1], "4x3xf32"), view(0, 0));
    assert_eq!(transpose("4x1x3xf32", &[1, 0, 2], "1x4x3xf32"), view(0, 0));
    assert_eq!(transpose("4x1x3xf32", &[2, 1, 0], "3x1x4xf32"), FRESH);
    assert_eq!(transpose("4x1x3x1xf32", &[3, 0, 2, 1], "1x4x3x1xf32"), view(0, 0));
    // Dimension 0 of 2x3x4 goes last: its target is read from the inverse permutation, not from the permutation.
    assert_eq!(transpose("2x3x4xf32", &[1, 2, 0], "3x4x2xf32"), FRESH);
    assert_eq!(transpose("1x3x4xf32", &[1, 2, 0], "3x4x1xf32"), view(0, 0));
    assert_eq!(transpose("4x3xf32", &[0, 7], "4x3xf32"), FRESH, "no permutation");
    let mut old = op("stablehlo.transpose", &["4x1xf32"], &["1x4xf32"]);
    let ty = tensor(&mut old.module, "2xi64");
    let old = old.with("permutation", Attr::DenseElements { literal: "[1, 0]".into(), ty });
    assert_eq!(old.aliasing(0), view(0, 0), "as older StableHLO writes lists");
}

#[test]
fn slices() {
    let slice = |from, starts: &[i64], strides: &[i64], to| {
        let sample = op("stablehlo.slice", &[from], &[to]);
        sample.ints("start_indices", starts).ints("strides", strides).aliasing(0)
    };
    // Row 9 of 10x4 starts after 36 elements of 4 bytes.
    assert_eq!(slice("10x4xf32", &[9, 0], &[1, 1], "1x4xf32"), view(0, 144));
    assert_eq!(slice("10x4xf32", &[2, 0], &[1, 1], "3x4xf32"), view(0, 32));
    assert_eq!(slice("10x4xf32", &[2, 1], &[1, 1], "1x2xf32"), view(0, 36));
    assert_eq!(slice("10x4xf32", &[2, 0], &[1, 1], "3x3xf32"), FRESH);
    assert_eq!(slice("10x4xf32", &[0, 0], &[2, 1], "5x4xf32"), FRESH);
    assert_eq!(slice("10x4xf32", &[3, 0], &[2, 1], "1x4xf32"), view(0, 48), "a stride over one index");
    assert_eq!(slice("1x8xf32", &[0, 6], &[1, 1], "1x2xf32"), view(0, 24));
    assert_eq!(slice("2x1x8xf32", &[1, 0, 0], &[1, 1, 1], "1x1x8xf32"), view(0, 32));
    assert_eq!(slice("16xi4", &[4], &[1], "4xi4"), view(0, 2));
    assert_eq!(slice("16xi4", &[3], &[1], "4xi4"), FRESH, "starts inside a byte");
    assert_eq!(slice("16xi4", &[4], &[1], "3xi4"), FRESH, "ends inside a byte");
    assert_eq!(slice("16xi1", &[3], &[1], "4xi1"), view(0, 3), "a boolean takes a byte");
    assert_eq!(slice("4xf32", &[2], &[1], "4xf32"), FRESH, "out of bounds");
    assert_eq!(slice("4xf32", &[2], &[1], "0xf32"), FRESH);
}

#[test]
fn movements_that_move_nothing() {
    let reverse = |ty, d: &[i64]| op("stablehlo.reverse", &[ty], &[ty]).ints("dimensions", d).aliasing(0);
    assert_eq!(reverse("1x3xf32", &[0]), view(0, 0));
    assert_eq!(reverse("1x3xf32", &[0, 1]), FRESH);
    let pad = |low: i64, to| {
        let sample = op("stablehlo.pad", &["4xf32", "f32"], &[to]).ints("edge_padding_low", &[low]);
        sample.ints("edge_padding_high", &[0]).ints("interior_padding", &[0]).aliasing(0)
    };
    assert_eq!(pad(0, "4xf32"), view(0, 0));
    assert_eq!(pad(1, "5xf32"), FRESH);
    assert_eq!(op("stablehlo.concatenate", &["4xf32"], &["4xf32"]).aliasing(0), view(0, 0));
    assert_eq!(op("stablehlo.concatenate", &["4xf32", "4xf32"], &["8xf32"]).aliasing(0), FRESH);
    let barrier = op("stablehlo.optimization_barrier", &["4xf32", "i1"], &["4xf32", "i1"]);
    assert_eq!((barrier.aliasing(0), barrier.aliasing(1)), (view(0, 0), view(1, 0)));
    assert_eq!(barrier.op_facts().kind, KernelKind::Other);
}

#[test]
fn updates_in_part() {
    let types = ["8xf32", "2xf32", "i32"];
    let update = op("stablehlo.dynamic_update_slice", &types, &["8xf32"]);
    assert_eq!(update.ties(), [(0, 0)]);
    assert_eq!(update.op_facts().kind, KernelKind::Movement);
    let same = op_reading("stablehlo.dynamic_update_slice", &["8xf32", "i32"], &[0, 0, 1], &["8xf32"]);
    assert_eq!(same.ties(), [], "the operand is the update too");
    assert_eq!(op("stablehlo.dynamic_slice", &["8xf32", "i32"], &["2xf32"]).ties(), []);
}

#[test]
fn scatters_overwrite_their_inputs() {
    let two = ["8xf32", "8xi32", "2x1xi32", "2xf32", "2xi32"];
    assert_eq!(op("stablehlo.scatter", &two, &["8xf32", "8xi32"]).ties(), [(0, 0), (1, 1)]);
    let same = op_reading("stablehlo.scatter", &["8xf32", "8x1xi32"], &[0, 1, 0], &["8xf32"]);
    assert_eq!(same.ties(), [], "the input is the update too");
}

#[test]
fn kernels_that_read_elsewhere_overwrite_nothing() {
    for name in ["sort", "reverse", "cholesky", "fft", "select_and_scatter", "batch_norm_training", "reduce_window"] {
        let sample = op(&format!("stablehlo.{name}"), &["4x4xf32", "4x4xf32"], &["4x4xf32"]);
        assert_eq!(sample.ties(), [], "{name}");
        assert_eq!(sample.virtual_kind(), None, "{name}");
    }
    for name in ["dot_general", "convolution", "dot"] {
        let sample = op(&format!("stablehlo.{name}"), &["4x4xf32", "4x4xf32"], &["4x4xf32"]);
        assert_eq!((sample.ties(), sample.op_facts().kind), (vec![], KernelKind::Contraction), "{name}");
    }
    assert_eq!(op("stablehlo.rng_bit_generator", &["2xui64"], &["2xui64", "8xui32"]).ties(), []);
    assert_eq!(op("stablehlo.reduce", &["4xf32", "f32"], &["f32"]).op_facts().kind, KernelKind::Reduction);
}

#[test]
fn effects() {
    assert_eq!(op("stablehlo.rng", &["f32", "f32", "1xi64"], &["4xf32"]).effects(), Effects::Random);
    assert_eq!(op("stablehlo.rng_bit_generator", &["2xui64"], &["2xui64", "8xui32"]).effects(), Effects::None);
    assert_eq!(op("stablehlo.all_reduce", &["4xf32"], &["4xf32"]).effects(), Effects::Side);
    assert_eq!(op("stablehlo.outfeed", &["4xf32"], &[]).effects(), Effects::Side);
}

/// A loop over three slots: the first is invariant, the second is computed by `inner`, the third takes the second.
fn loop_with(inner: &str) -> Sample {
    loop_reading(&[0, 1, 2], inner)
}

fn loop_reading(reads: &[usize], inner: &str) -> Sample {
    let ty = ["4xf32"; 3];
    let mut sample = op_reading("stablehlo.while", &ty, reads, &ty);
    let condition = sample.region();
    let operands: Vec<ValueId> = sample.module.block(condition).arguments().to_vec();
    let compare = sample.append(condition, "stablehlo.compare", &operands[..2], &["i1"]);
    let flag = sample.module.op(compare).result(0);
    sample.append(condition, "stablehlo.return", &[flag], &[]);
    let body = sample.region();
    let slots = sample.module.block(body).arguments().to_vec();
    let inner = sample.append(body, inner, &slots[..2], &["4xf32"]);
    let next = sample.module.op(inner).result(0);
    sample.append(body, "stablehlo.return", &[slots[0], next, slots[1]], &[]);
    sample
}

#[test]
fn loops_keep_what_they_yield_unchanged() {
    let sample = loop_with("stablehlo.add");
    assert_eq!([0, 1, 2].map(|slot| sample.aliasing(slot)), [view(0, 0), FRESH, FRESH]);
    assert_eq!(sample.ties(), [(1, 1), (2, 2)]);
    let facts = sample.op_facts();
    assert_eq!(facts.kind, KernelKind::Control);
    assert_eq!(facts.regions, Regions::Loop { condition: 0, body: 1 });
}

#[test]
fn slots_that_start_in_the_same_bytes() {
    assert_eq!(loop_reading(&[0, 1, 1], "stablehlo.add").ties(), [(1, 1)], "one of two takes them over");
    assert_eq!(loop_reading(&[0, 0, 1], "stablehlo.add").ties(), [(2, 2)], "slot 0 must find them unchanged");
}

#[test]
fn an_operation_has_the_effects_of_its_regions() {
    assert_eq!(loop_with("stablehlo.add").effects(), Effects::None);
    assert_eq!(loop_with("chlo.broadcast_add").effects(), Effects::None);
    assert_eq!(loop_with("stablehlo.rng").effects(), Effects::Random);
    assert_eq!(loop_with("stablehlo.all_reduce").effects(), Effects::Side);
    assert_eq!(loop_with("stablehlo.custom_call").effects(), Effects::Unknown);
    assert_eq!(loop_with("client.add").effects(), Effects::Unknown);
    let mut hinted = loop_with("client.add");
    let body = hinted.module.region(hinted.module.op(hinted.op).regions()[1]).blocks()[0];
    let inner = hinted.module.block(body).ops()[0];
    hinted.module.set_attr(inner, "memopt.effects", string("none"));
    assert_eq!(hinted.effects(), Effects::None);
    hinted.module.set_attr(inner, "memopt.effects", string("random"));
    assert_eq!(hinted.effects(), Effects::Random);
}

#[test]
fn branches() {
    let mut sample = op("stablehlo.if", &["i1"], &["4xf32"]);
    sample.region();
    assert_eq!(sample.op_facts().regions, Regions::Branches);
    assert_eq!(sample.op_facts().kind, KernelKind::Control);
    assert_eq!(sample.ties(), []);
}

#[test]
fn flops() {
    let matmul = op("stablehlo.dot_general", &["8x4x5xf32", "8x5x6xf32"], &["8x4x6xf32"]).opaque(
        "dot_dimension_numbers",
        "#stablehlo.dot<lhs_batching_dimensions = [0], rhs_batching_dimensions = [0], \
         lhs_contracting_dimensions = [2], rhs_contracting_dimensions = [1]>",
    );
    assert_eq!(matmul.flops(), Some(2 * 8 * 4 * 5 * 6));
    let conv = op("stablehlo.convolution", &["1x9x9x4xf32", "3x3x2x8xf32"], &["1x7x7x8xf32"])
        .opaque("dimension_numbers", "#stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>");
    // Two groups: each of 7*7*8 results sums over 3*3 places and 2 features of its group.
    assert_eq!(conv.flops(), Some(2 * 7 * 7 * 8 * 9 * 2));
    assert_eq!(op("stablehlo.dot", &["4x5xf32", "5xf32"], &["4xf32"]).flops(), Some(40));
    let einsum = op("stablehlo.einsum", &["4x5xf32", "5x6xf32"], &["4x6xf32"]);
    assert_eq!(einsum.with("einsum_config", string("ab,bc->ac")).flops(), Some(2 * 4 * 5 * 6));
    assert_eq!(op("stablehlo.reduce", &["4x5xf32", "f32"], &["4xf32"]).flops(), Some(20));
    let window = op("stablehlo.reduce_window", &["8x8xf32", "f32"], &["4x4xf32"]);
    assert_eq!(window.ints("window_dimensions", &[2, 2]).flops(), Some(64));
    assert_eq!(op("stablehlo.scatter", &["8xf32", "2x1xi32", "2xf32"], &["8xf32"]).flops(), Some(2));
    assert_eq!(op("stablehlo.add", &["4xf32", "4xf32"], &["4xf32"]).flops(), None);
    assert_eq!(op("stablehlo.transpose", &["4x2xf32"], &["2x4xf32"]).flops(), Some(0));
    assert_eq!(op("stablehlo.gather", &["8xf32", "2x1xi32"], &["2xf32"]).flops(), Some(0));
    assert_eq!(op("stablehlo.dot_general", &["4xf32", "4xf32"], &["f32"]).flops(), None, "no dimension numbers");
}

#[test]
fn inferred_types_are_those_of_operands() {
    let operand = |sample: &Sample, index: usize| sample.module.value(sample.ask().operands()[index]).ty;
    let add = op("stablehlo.add", &["4xf32", "4xf32"], &["4xf32"]);
    assert_eq!(add.infers(), Some(vec![operand(&add, 0)]));
    let select = op("stablehlo.select", &["4xi1", "4xf32", "4xf32"], &["4xf32"]);
    assert_eq!(select.infers(), Some(vec![operand(&select, 1)]));
    let square = op("stablehlo.transpose", &["4x4xf32"], &["4x4xf32"]).ints("permutation", &[1, 0]);
    assert_eq!(square.infers(), Some(vec![operand(&square, 0)]));
    let wide = op("stablehlo.transpose", &["4x2xf32"], &["2x4xf32"]).ints("permutation", &[1, 0]);
    assert_eq!(wide.infers(), None);
    assert_eq!(op("stablehlo.compare", &["4xf32", "4xf32"], &["4xi1"]).infers(), None);
    assert_eq!(op("stablehlo.abs", &["4xcf32"], &["4xf32"]).infers(), None);
    assert_eq!(op("stablehlo.add", &["?xf32", "?xf32"], &["4xf32"]).infers(), None);
    assert_eq!(loop_with("stablehlo.add").infers().map(|types| types.len()), Some(3));
}

/// All `#stablehlo.<kind><...>` of a text.
fn attributes<'a>(text: &'a str, kind: &str) -> BTreeSet<&'a str> {
    let prefix = format!("#stablehlo.{kind}<");
    let starts = text.match_indices(&prefix).map(|(start, _)| &text[start..]);
    let end_of = |rest: &str| rest.match_indices('>').map(|(end, _)| end).find(|&end| !rest[..end].ends_with('-'));
    starts.filter_map(|rest| Some(&rest[..=end_of(rest)?])).collect()
}

#[test]
fn the_reference_graphs_are_described() {
    let registry = Registry::new();
    for text in reference_texts(&["stablehlo", "golden"], ".generic.mlir") {
        let missing: BTreeSet<&str> = op_names(&text).filter(|name| registry.get(name).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
        assert!(op_names(&text).any(|name| name.starts_with("stablehlo.")), "a graph has operations");
        for kind in ["dot", "conv", "gather", "scatter"] {
            for spelled in attributes(&text, kind) {
                assert!(is_read(kind, &Attr::Opaque { text: spelled.into(), ty: None }), "{spelled}");
            }
        }
    }
}

fn is_read(kind: &str, attr: &Attr) -> bool {
    match kind {
        "dot" => DotDimensions::of(attr).is_some(),
        "conv" => ConvDimensions::of(attr).is_some(),
        "gather" => GatherDimensions::of(attr).is_some(),
        _ => ScatterDimensions::of(attr).is_some(),
    }
}
