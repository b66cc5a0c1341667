//! What the table says, class by class, and what the traces of PyTorch say of the same operations.

use std::collections::BTreeSet;

use super::CLASSES;
use crate::dialect::interface::{Aliasing, Effects, Extent, KernelKind, OpRef, Virtual};
use crate::dialect::testing::{Sample, op, op_names, op_reading, reference_texts, view};
use crate::dialect::{Facts, Registry, Tie, Workspace};
use crate::ir::{Attr, Bytes};
use crate::text::{self, ParseLimits};

const FRESH: Aliasing = Aliasing::Fresh;
const OPAQUE: Aliasing = Aliasing::View { operand: 0, extent: Extent::Opaque };

fn string(text: &str) -> Attr {
    Attr::String { value: text.as_bytes().into(), ty: None }
}

#[test]
fn no_name_stands_in_two_rows() {
    let names: Vec<&str> = CLASSES.iter().flat_map(|class| class.names).copied().collect();
    let distinct: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
    assert!(names.iter().all(|name| name.split('.').count() == 2), "each has its overload");
}

#[test]
fn no_operation_says_all() {
    assert!(CLASSES.iter().all(|class| !class.says_all));
    assert!(!op("aten.mul.Scalar", &["4xf32"], &["4xf32"]).op_facts().says_all, "by how much?");
    assert!(op("stablehlo.multiply", &["4xf32", "4xf32"], &["4xf32"]).op_facts().says_all);
}

#[test]
fn elementwise_overwrites_what_has_its_shape_and_width() {
    let add = op("aten.add.Tensor", &["4x3xf32", "4x3xf32"], &["4x3xf32"]);
    assert_eq!((add.ties(), add.aliasing(0), add.virtual_kind()), (vec![(0, 0), (0, 1)], FRESH, None));
    assert_eq!(add.op_facts().kind, KernelKind::Elementwise);
    assert_eq!(op("aten.add.Tensor", &["4x3xf32", "3xf32"], &["4x3xf32"]).ties(), [(0, 0)], "repeated");
    assert_eq!(op("aten.add.Tensor", &["4x1xf32", "1x3xf32"], &["4x3xf32"]).ties(), []);
    assert_eq!(op("aten.mul.Tensor", &["4xf32"], &["4xf32"]).ties(), [(0, 0)], "a square mentions its operand once");
    assert_eq!(op("aten.where.self", &["4xi1", "4xf32", "f32"], &["4xf32"]).ties(), [(0, 1)]);
    assert_eq!(op("aten.eq.Tensor", &["4xi64", "4xi64"], &["4xi1"]).ties(), []);
    assert_eq!(op("aten.threshold_backward.default", &["4xf32", "4xf32"], &["4xf32"]).ties(), [(0, 0), (0, 1)]);
    assert_eq!(op("aten.clone.default", &["4xf32"], &["4xf32"]).ties(), [(0, 0)]);
    assert_eq!(op("aten._to_copy.default", &["4xf32"], &["4xbf16"]).ties(), []);
}

#[test]
fn kernels_that_read_rows_overwrite_none_of_them() {
    for name in ["_softmax", "cumsum", "_softmax_backward_data", "mm", "cat", "native_layer_norm", "scatter_add"] {
        let sample = op(&format!("aten.{name}.default"), &["4x4xf32", "4x4xf32"], &["4x4xf32"]);
        assert_eq!((sample.ties(), sample.virtual_kind()), (vec![], None), "{name}");
    }
    let backward = |reads| {
        op_reading("aten._log_softmax_backward_data.default", &["4x4xf32", "4x4xf32"], reads, &["4x4xf32"]).ties()
    };
    assert_eq!(backward(&[0, 1]), [(0, 1)], "the gradient is summed up over its row, the output is not");
    assert_eq!(backward(&[0]), [], "gradient and output are one");
}

#[test]
fn an_underscore_changes_the_first_operand() {
    let relu = op("aten.relu_.default", &["4xf32"], &["4xf32"]).op_facts();
    assert_eq!(relu.updates.to_vec(), [Tie { result: 0, operand: 0 }]);
    assert!(relu.ties.is_empty());
    let bernoulli = op("aten.bernoulli_.float", &["4xf32"], &["4xf32"]).op_facts();
    assert_eq!((bernoulli.updates.len(), bernoulli.effects), (1, Effects::Random));
    let add = op("aten.add_.Tensor", &["4xf32", "4xf32"], &["4xf32"]).op_facts();
    assert_eq!((add.updates.len(), add.updates[0].operand), (1, 0));
}

#[test]
fn splats_are_made_from_nothing_whatever_gives_them_their_shape() {
    for (name, operands) in [
        ("zeros.default", &[][..]),
        ("arange.start", &[]),
        ("scalar_tensor.default", &[]),
        ("zeros_like.default", &["4xf32"]),
        ("new_ones.default", &["i64"]),
    ] {
        let sample = op(&format!("aten.{name}"), operands, &["4xf32"]);
        assert_eq!((sample.virtual_kind(), sample.flops()), (Some(Virtual::Nullary), Some(0)), "{name}");
    }
    assert_eq!(op("aten.full.default", &["f32"], &["4xf32"]).virtual_kind(), None, "with the operand");
    assert_eq!(op("aten.full_like.default", &["4xf32", "f32"], &["4xf32"]).virtual_kind(), None, "with the second");
    let empty = op("aten.empty_like.default", &["4xf32"], &["4xf32"]);
    assert_eq!(empty.virtual_kind(), None, "somebody writes into it");
    assert_eq!(crate::cost::bytes_moved(&empty.module, &empty.facts(), empty.op), Bytes::ZERO);
}

#[test]
fn views_are_exact_where_the_types_tell() {
    let of = |name: &str, from, to| op(&format!("aten.{name}"), &[from], &[to]).aliasing(0);
    assert_eq!(of("view.default", "4x3xf32", "12xf32"), view(0, 0));
    assert_eq!(of("view.default", "?xf32", "12xf32"), OPAQUE);
    assert_eq!(of("unsqueeze.default", "4x3xf32", "4x1x3xf32"), view(0, 0));
    assert_eq!(of("t.default", "4x3xf32", "3x4xf32"), OPAQUE);
    assert_eq!(of("t.default", "4x4xf32", "4x4xf32"), OPAQUE);
    assert_eq!(of("t.default", "4x1xf32", "1x4xf32"), view(0, 0));
    assert_eq!(of("permute.default", "1x4x1xf32", "1x1x4xf32"), view(0, 0));
    assert_eq!(of("select.int", "4x3xf32", "3xf32"), OPAQUE, "which row?");
    assert_eq!(of("select.int", "1x3xf32", "3xf32"), view(0, 0));
    assert_eq!(of("slice.Tensor", "4x3xf32", "4x3xf32"), view(0, 0));
    assert_eq!(of("expand.default", "1x3xf32", "4x3xf32"), OPAQUE);
    assert_eq!(of("expand.default", "1x3xf32", "1x1x3xf32"), view(0, 0));
    assert_eq!(of("as_strided.default", "4xf32", "4xf32"), OPAQUE);
    assert_eq!(of("view.dtype", "4xf32", "4xi32"), OPAQUE);
    let split = op("aten.split.Tensor", &["4x6xf32"], &["4x3xf32", "4x3xf32"]);
    assert_eq!([0, 1].map(|result| split.aliasing(result)), [OPAQUE, OPAQUE]);
    assert_eq!(op("aten.view.default", &[], &["4xf32"]).aliasing(0), FRESH, "of what?");
    assert!(Registry::new().get("aten.reshape.default").is_none(), "sometimes it copies");
}

/// The facts where the function promises that hints say all.
fn complete(mut sample: Sample) -> Facts {
    sample.module.set_attr(sample.function.op, "memopt.hints", string("complete"));
    sample.facts()
}

#[test]
fn batch_norm_may_change_its_statistics_unless_the_producer_says_otherwise() {
    let norm = || op("aten.native_batch_norm.default", &["2x4xf32"; 5], &["2x4xf32", "4xf32", "4xf32"]);
    assert_eq!(norm().op_facts().effects, Effects::Unknown);
    assert_eq!(complete(norm()).op(norm().op).effects, Effects::None);
    let functional = op("aten._native_batch_norm_legit_functional.default", &["2x4xf32"; 5], &["2x4xf32"]);
    assert_eq!(functional.effects(), Effects::None);
}

#[test]
fn a_promise_of_complete_hints_leaves_alone_what_is_known() {
    let rand = op("aten.rand.default", &[], &["4xf32"]);
    let id = rand.op;
    assert_eq!(complete(rand).op(id).effects, Effects::Random);
    let add = op("aten.add.Tensor", &["4xf32", "4xf32"], &["4xf32"]);
    let id = add.op;
    assert_eq!(complete(add).op(id).ties.len(), 2);
    let client = op("client.op", &["4xf32"], &["4xf32"]);
    let (id, facts) = (client.op, complete(client));
    assert_eq!((facts.op(id).effects, facts.op(id).workspace), (Effects::None, Workspace::Known(Bytes::ZERO)));
    let mut loops = op("stablehlo.while", &["4xf32"], &["4xf32"]);
    for inner in ["client.op", "stablehlo.rng"] {
        let body = loops.region();
        loops.append(body, inner, &[], &["4xf32"]);
    }
    let id = loops.op;
    assert_eq!(complete(loops).op(id).effects, Effects::Unknown, "it draws random numbers, whatever else it does");
}

fn pairs(sample: &mut Sample, rows: &[[i64; 2]]) -> Attr {
    let mut list = |row: &[i64; 2]| {
        let row = row.iter().map(|&n| sample.module.integer_attr(n)).collect::<Vec<_>>();
        Attr::Array(row.into_iter().map(|n| sample.module.intern_attr(n)).collect())
    };
    let rows: Vec<Attr> = rows.iter().map(&mut list).collect();
    Attr::Array(rows.into_iter().map(|row| sample.module.intern_attr(row)).collect())
}

#[test]
fn a_hint_that_says_view_does_not_hide_where_it_lies() {
    let hinted = |name, types: &[&str], operand| {
        let mut sample = op(name, types, &["12xf32"]);
        let hint = pairs(&mut sample, &[[0, operand]]);
        sample.hint("memopt.alias", hint).op_facts().results[0].aliasing
    };
    assert_eq!(hinted("aten.view.default", &["4x3xf32"], 0), view(0, 0));
    assert_eq!(hinted("aten.as_strided.default", &["4x3xf32"], 0), OPAQUE);
    assert_eq!(hinted("client.view", &["4x3xf32"], 0), OPAQUE);
    let other = Aliasing::View { operand: 1, extent: Extent::Opaque };
    assert_eq!(hinted("aten.view.default", &["4x3xf32", "4x3xf32"], 1), other, "the hint wins");
}

#[test]
fn a_layout_that_the_type_does_not_tell_makes_views_opaque() {
    let mut padded = op("aten.relu.default", &["4x3xf32"], &["4x3xf32"]);
    let bytes = pairs(&mut padded, &[[0, 64]]);
    let mut padded = padded.hint("memopt.bytes", bytes);
    let (body, value) = (padded.function.body, padded.module.op(padded.op).result(0));
    let reshaped = padded.append(body, "aten.view.default", &[value], &["12xf32"]);
    let alias = pairs(&mut padded, &[[0, 0]]);
    padded.module.set_attr(reshaped, "memopt.alias", alias);
    assert_eq!(padded.facts().op(reshaped).results[0].aliasing, OPAQUE);
}

#[test]
fn flops() {
    assert_eq!(op("aten.mm.default", &["4x5xf32", "5x6xf32"], &["4x6xf32"]).flops(), Some(2 * 4 * 5 * 6));
    assert_eq!(op("aten.addmm.default", &["6xf32", "4x5xf32", "5x6xf32"], &["4x6xf32"]).flops(), Some(2 * 4 * 5 * 6));
    assert_eq!(op("aten.sum.dim_IntList", &["4x5xf32"], &["5xf32"]).flops(), Some(20));
    assert_eq!(op("aten.relu.default", &["4x5xf32"], &["4x5xf32"]).flops(), None, "one for each result element");
    assert_eq!(op("aten.embedding.default", &["9x5xf32", "4xi64"], &["4x5xf32"]).flops(), Some(0));
    let types = ["2x3x4x5xf32", "2x3x6x5xf32", "2x3x6x7xf32"];
    let attention = op("aten._scaled_dot_product_flash_attention_for_cpu.default", &types, &["2x3x4x7xf32"]);
    assert_eq!(attention.flops(), Some(2 * (2 * 3 * 4 * 6) * (5 + 7)));
    let types = ["2x3x4x7xf32", "2x3x4x5xf32", "2x3x6x5xf32", "2x3x6x7xf32"];
    let backward = op("aten._scaled_dot_product_flash_attention_for_cpu_backward.default", &types, &["2x3x4x5xf32"]);
    assert_eq!(backward.flops(), Some(2 * (2 * 3 * 4 * 6) * (3 * 5 + 2 * 7)));
    assert_eq!(op("aten.mm.default", &[], &["4x6xf32"]).flops(), None);
    assert_eq!(op("aten.convolution.default", &["4xf32", "4xf32"], &["4xf32"]).flops(), None);
}

#[test]
fn convolutions_count_each_gradient_that_is_wanted() {
    let (image, kernel, output) = ("2x4x9x9xf32", "8x4x3x3xf32", "2x8x7x7xf32");
    let once = 2 * (2 * 8 * 7 * 7) * (4 * 3 * 3);
    assert_eq!(op("aten.convolution.default", &[image, kernel], &[output]).flops(), Some(once));
    let backward = |results: &[&str]| {
        op("aten.convolution_backward.default", &[output, image, kernel], results).flops().map(|flops| flops / once)
    };
    assert_eq!(backward(&[image, kernel, "8xf32"]), Some(2));
    assert_eq!(backward(&[kernel, "8xf32"]), Some(1));
    assert_eq!(backward(&[kernel]), Some(1));
    // Transposed: each of 2*8*7*7 inputs meets 4*3*3 elements.
    assert_eq!(op("aten.convolution.default", &[output, kernel], &[image]).flops(), Some(once));
}

#[test]
fn the_traces_are_described() {
    let registry = Registry::new();
    for text in reference_texts(&["torch"], ".b1.mlir") {
        let names = op_names(&text).filter(|name| name.starts_with("aten."));
        let missing: BTreeSet<&str> = names.filter(|name| registry.get(name).is_none()).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
fn flops_are_those_that_pytorch_counts() {
    let (registry, mut compared) = (Registry::new(), BTreeSet::new());
    let texts = ["unet.train.b1.", "resnet18.train.b1.", "bert.train.b1.", "bert_base_sdpa512.eval.b1."];
    let texts: Vec<String> = texts.iter().flat_map(|name| reference_texts(&["torch"], name)).collect();
    for text in &texts {
        let module = text::parse(text, &ParseLimits::default()).expect("a reference graph");
        for &id in module.functions().iter().flat_map(|function| module.block(function.body).ops()) {
            let op = OpRef::new(&module, id);
            let (Some(hint), Some(description)) = (op.integer("memopt.flops"), registry.get(op.name())) else {
                continue;
            };
            assert_eq!(description.cost.flops(op), u64::try_from(hint).ok(), "{}", op.name());
            compared.insert(op.name().to_owned());
        }
    }
    assert!(texts.is_empty() || compared.len() >= 6, "{compared:?}");
}
