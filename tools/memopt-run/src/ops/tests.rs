//! What operations compute, against numbers worked out by hand.

use memopt::text::{ParseLimits, parse};

use crate::machine::{Limits, run_on_values};
use crate::tensor::{Tensor, TensorSpec, parse_dense};

/// Runs one operation: `op` is its text up to the types, reading `%0`, `%1`, ...; operands are types and literals.
fn run(op: &str, operands: &[(&str, &str)], results: &[&str]) -> Result<Vec<Tensor>, String> {
    let tensor = |ty: &str| format!("tensor<{ty}>");
    let list = |types: Vec<String>| types.join(", ");
    let inputs = list(operands.iter().map(|(ty, _)| tensor(ty)).collect());
    let outputs = list(results.iter().map(|ty| tensor(ty)).collect());
    let arguments = list(operands.iter().enumerate().map(|(i, (ty, _))| format!("%{i}: {}", tensor(ty))).collect());
    let returned = list((0..results.len()).map(|i| format!("%r#{i}")).collect());
    let text = format!(
        "\"func.func\"() <{{function_type = ({inputs}) -> ({outputs}), sym_name = \"main\"}}> ({{ ^bb0({arguments}): \
         %r:{} = {op} : ({inputs}) -> ({outputs}) \"func.return\"({returned}) : ({outputs}) -> () }}) : () -> ()",
        results.len()
    );
    let module = parse(&text, &ParseLimits::default()).map_err(|errors| format!("{errors:?}\n{text}"))?;
    let function = module.functions()[0];
    let values: Result<Vec<Tensor>, String> = function
        .arguments(&module)
        .iter()
        .zip(operands)
        .map(|(&value, (_, literal))| parse_dense(literal, &TensorSpec::of(&module, module.value(value).ty)?))
        .collect();
    run_on_values(&module, function, &values?, Limits::default()).map_err(|stop| stop.message.clone())
}

#[track_caller]
fn floats(op: &str, operands: &[(&str, &str)], result: &str) -> Vec<f64> {
    run(op, operands, &[result]).unwrap().remove(0).floats()
}

#[track_caller]
fn ints(op: &str, operands: &[(&str, &str)], result: &str) -> Vec<i64> {
    run(op, operands, &[result]).unwrap().remove(0).ints()
}

#[track_caller]
fn refused(op: &str, operands: &[(&str, &str)], result: &str, why: &str) {
    let found = run(op, operands, &[result]).expect_err("it cannot be evaluated");
    assert!(found.contains(why), "{found}");
}

/// A region of one operation on two scalars.
fn region(op: &str, ty: &str) -> String {
    format!(
        "({{ ^bb0(%a: tensor<{ty}>, %b: tensor<{ty}>): %c = \"stablehlo.{op}\"(%a, %b) : (tensor<{ty}>, tensor<{ty}>) \
         -> tensor<{ty}> \"stablehlo.return\"(%c) : (tensor<{ty}>) -> () }})"
    )
}

#[test]
fn integer_division() {
    let divide =
        |op: &str, ty: &str, a: &str, b: &str| ints(&format!("\"stablehlo.{op}\"(%0, %1)"), &[(ty, a), (ty, b)], ty);
    assert_eq!(divide("divide", "4xi32", "[7, -7, 7, -2147483648]", "[2, 2, 0, -1]"), [3, -3, -1, -2147483648]);
    assert_eq!(divide("remainder", "4xi32", "[7, -7, 7, -2147483648]", "[2, 2, 0, -1]"), [1, -1, 7, 0]);
    assert_eq!(divide("divide", "2xui8", "[200, 9]", "[3, 0]"), [66, 255]);
    assert_eq!(divide("divide", "1xui64", "[18446744073709551615]", "[2]"), [i64::MAX]);
    assert_eq!(divide("power", "4xi32", "[2, -1, 3, 1]", "[5, -3, -1, -9]"), [32, -1, 0, 1]);
}

#[test]
fn shifts_by_the_width_and_more() {
    let shift =
        |op: &str, ty: &str, a: &str, b: &str| ints(&format!("\"stablehlo.{op}\"(%0, %1)"), &[(ty, a), (ty, b)], ty);
    assert_eq!(shift("shift_left", "3xi8", "[3, 3, 3]", "[6, 8, -1]"), [-64, 0, 0]);
    assert_eq!(shift("shift_right_logical", "2xi8", "[-1, -1]", "[4, 9]"), [15, 0]);
    assert_eq!(shift("shift_right_arithmetic", "2xi8", "[-128, -128]", "[4, 9]"), [-8, -1]);
}

#[test]
fn booleans_are_added_as_they_are_joined() {
    let (t, f) = ("[true, true, false]", "[true, false, false]");
    assert_eq!(ints("\"stablehlo.add\"(%0, %1)", &[("3xi1", t), ("3xi1", f)], "3xi1"), [1, 1, 0]);
    assert_eq!(ints("\"stablehlo.multiply\"(%0, %1)", &[("3xi1", t), ("3xi1", f)], "3xi1"), [1, 0, 0]);
    assert_eq!(ints("\"stablehlo.not\"(%0)", &[("3xi1", f)], "3xi1"), [0, 1, 1]);
}

#[test]
fn nan_wins_and_zeros_have_signs() {
    let operands = [("4xf32", "[0x7FC00000, 1.0, -0.0, 2.0]"), ("4xf32", "[1.0, 0x7FC00000, 0.0, 1.0]")];
    let found = floats("\"stablehlo.maximum\"(%0, %1)", &operands, "4xf32");
    assert!(found[0].is_nan() && found[1].is_nan() && found[2].is_sign_positive() && found[3] == 2.0);
    let found = floats("\"stablehlo.minimum\"(%0, %1)", &operands, "4xf32");
    assert!(found[0].is_nan() && found[1].is_nan() && found[2].is_sign_negative() && found[3] == 1.0);
    let compare = |direction: &str, kind: &str| {
        let op = format!(
            "\"stablehlo.compare\"(%0, %1) <{{compare_type = #stablehlo<comparison_type {kind}>, \
             comparison_direction = #stablehlo<comparison_direction {direction}>}}>"
        );
        ints(&op, &operands, "4xi1")
    };
    assert_eq!(compare("NE", "FLOAT"), [1, 1, 0, 1]);
    assert_eq!(compare("LT", "FLOAT"), [0, 0, 0, 0]);
    assert_eq!(compare("LT", "TOTALORDER"), [0, 1, 1, 0], "-0 before +0, NaN last");
}

#[test]
fn conversions() {
    let convert = |from: &str, literal: &str, to: &str| ints("\"stablehlo.convert\"(%0)", &[(from, literal)], to);
    assert_eq!(convert("5xf32", "[2.9, -2.9, 1.0e10, -1.0e10, 0x7FC00000]", "5xi8"), [2, -2, 127, -128, 0]);
    assert_eq!(convert("3xf32", "[-1.0, 300.0, 0x7F800000]", "3xui8"), [0, 255, 255]);
    assert_eq!(convert("3xf32", "[0.5, 0.0, -0.0]", "3xi1"), [1, 0, 0]);
    assert_eq!(convert("2xi32", "[300, -1]", "2xui8"), [44, 255], "modulo 256");
    // 1 + 2^-24 is the middle of two f32; 2049 that of two f16.
    assert_eq!(floats("\"stablehlo.convert\"(%0)", &[("1xf64", "[1.000000059604644775390625]")], "1xf32"), [1.0]);
    assert_eq!(floats("\"stablehlo.convert\"(%0)", &[("2xi32", "[2049, 2051]")], "2xf16"), [2048.0, 2052.0]);
    assert_eq!(floats("\"stablehlo.convert\"(%0)", &[("1xf32", "[65520.0]")], "1xf16"), [f64::INFINITY]);
}

#[test]
fn windows_that_leave_the_operand_are_moved_inside() {
    let x = ("2x3xi32", "[[1, 2, 3], [4, 5, 6]]");
    let slice = "\"stablehlo.dynamic_slice\"(%0, %1, %2) <{slice_sizes = array<i64: 1, 2>}>";
    assert_eq!(ints(slice, &[x, ("i32", "-5"), ("i32", "9")], "1x2xi32"), [2, 3]);
    let update = "\"stablehlo.dynamic_update_slice\"(%0, %1, %2, %3)";
    let operands = [x, ("1x2xi32", "[[7, 8]]"), ("i32", "9"), ("i32", "2")];
    assert_eq!(ints(update, &operands, "2x3xi32"), [1, 2, 3, 4, 7, 8]);
}

#[test]
fn padding() {
    // Low -1 cuts 1 off; one element between neighbours; high 2.
    let op = "\"stablehlo.pad\"(%0, %1) <{edge_padding_low = array<i64: -1>, edge_padding_high = array<i64: 2>, \
              interior_padding = array<i64: 1>}>";
    assert_eq!(ints(op, &[("3xi32", "[1, 2, 3]"), ("i32", "9")], "6xi32"), [9, 2, 9, 3, 9, 9]);
}

/// Input 1 2 3, kernel 10 1: the sum of x[at] * k[tap].
fn convolution(attributes: &str, result: &str) -> Vec<f64> {
    let op = format!(
        "\"stablehlo.convolution\"(%0, %1) <{{dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>, \
         batch_group_count = 1 : i64, feature_group_count = 1 : i64, {attributes}}}>"
    );
    floats(&op, &[("1x3x1xf32", "[[[1.0], [2.0], [3.0]]]"), ("2x1x1xf32", "[[[10.0]], [[1.0]]]")], result)
}

#[test]
fn convolutions_with_dilation_padding_and_reversal() {
    assert_eq!(convolution("window_strides = array<i64: 1>", "1x2x1xf32"), [12.0, 23.0]);
    // Taps two apart, one zero in front: (0, 2), (1, 3).
    let dilated = "rhs_dilation = array<i64: 2>, padding = dense<[[1, 0]]> : tensor<1x2xi64>";
    assert_eq!(convolution(dilated, "1x2x1xf32"), [2.0, 13.0]);
    // 1 0 2 0 3.
    assert_eq!(convolution("lhs_dilation = array<i64: 2>", "1x4x1xf32"), [10.0, 2.0, 20.0, 3.0]);
    assert_eq!(convolution("window_reversal = array<i1: true>", "1x2x1xf32"), [21.0, 32.0]);
    // One cut off in front.
    assert_eq!(convolution("padding = dense<[[-1, 0]]> : tensor<1x2xi64>", "1x1x1xf32"), [23.0]);
}

#[test]
fn convolutions_in_groups() {
    // Two features, each with a kernel of its own.
    let op = |groups: &str| {
        format!(
            "\"stablehlo.convolution\"(%0, %1) <{{dimension_numbers = #stablehlo.conv<[b, f]x[i, o]->[b, f]>, {groups}}}>"
        )
    };
    let by_feature = op("feature_group_count = 2 : i64, batch_group_count = 1 : i64");
    assert_eq!(
        floats(&by_feature, &[("1x2xf32", "[[1.0, 2.0]]"), ("1x2xf32", "[[3.0, 5.0]]")], "1x2xf32"),
        [3.0, 10.0]
    );
    // Output feature 0 sees batch 0, output feature 1 batch 1.
    let by_batch = op("feature_group_count = 1 : i64, batch_group_count = 2 : i64");
    assert_eq!(
        floats(&by_batch, &[("2x1xf32", "[[1.0], [2.0]]"), ("1x2xf32", "[[3.0, 5.0]]")], "1x2xf32"),
        [3.0, 10.0]
    );
}

#[test]
fn reductions_of_windows_pad_with_the_initial_value() {
    let op = format!(
        "\"stablehlo.reduce_window\"(%0, %1) <{{window_dimensions = array<i64: 2>, window_strides = array<i64: 2>, \
         base_dilations = array<i64: 1>, window_dilations = array<i64: 1>, \
         padding = dense<[[1, 0]]> : tensor<1x2xi64>}}> {}",
        region("add", "i32")
    );
    // The initial value comes first, and stands for the padding, too: 100 + (100 + 1), 100 + (2 + 3).
    assert_eq!(ints(&op, &[("3xi32", "[1, 2, 3]"), ("i32", "100")], "2xi32"), [201, 105]);
}

#[test]
fn windows_scatter_to_what_they_select() {
    let select = "({ ^bb0(%a: tensor<i32>, %b: tensor<i32>): %c = \"stablehlo.compare\"(%a, %b) \
                  <{comparison_direction = #stablehlo<comparison_direction GE>}> : (tensor<i32>, tensor<i32>) -> \
                  tensor<i1> \"stablehlo.return\"(%c) : (tensor<i1>) -> () }";
    let op = format!(
        "\"stablehlo.select_and_scatter\"(%0, %1, %2) <{{window_dimensions = array<i64: 3>, \
         window_strides = array<i64: 2>, padding = dense<[[0, 0]]> : tensor<1x2xi64>}}> {select}, {}",
        region("add", "i32").trim_start_matches('(')
    );
    // Windows (1 5 2) and (2 5 4) select the 5 at 1 and the 5 at 3.
    let operands = [("5xi32", "[1, 5, 2, 5, 4]"), ("2xi32", "[10, 20]"), ("i32", "0")];
    assert_eq!(ints(&op, &operands, "5xi32"), [0, 10, 0, 20, 0]);
    // Of equal elements the first one stays: 9 at 0 of (9 5 9), 9 at 2 of (9 5 4).
    let operands = [("5xi32", "[9, 5, 9, 5, 4]"), ("2xi32", "[10, 20]"), ("i32", "1")];
    assert_eq!(ints(&op, &operands, "5xi32"), [11, 1, 21, 1, 1]);
}

#[test]
fn reductions() {
    let op = format!("\"stablehlo.reduce\"(%0, %1) <{{dimensions = array<i64: 1>}}> {}", region("subtract", "i32"));
    // A tree that keeps left from right, the initial value first: 0 - ((1 - 2) - 3), 0 - ((4 - 5) - 6).
    assert_eq!(ints(&op, &[("2x3xi32", "[[1, 2, 3], [4, 5, 6]]"), ("i32", "0")], "2xi32"), [4, 7]);
    assert_eq!(ints(&op, &[("2x0xi32", ""), ("i32", "5")], "2xi32"), [5, 5], "nothing but the initial value");
}

#[test]
fn a_region_that_is_no_row_of_operations_runs_element_by_element() {
    // max by a branch.
    let max = "({ ^bb0(%a: tensor<i32>, %b: tensor<i32>): %p = \"stablehlo.compare\"(%a, %b) \
               <{comparison_direction = #stablehlo<comparison_direction GT>}> : (tensor<i32>, tensor<i32>) -> tensor<i1> \
               %c = \"stablehlo.if\"(%p) ({ \"stablehlo.return\"(%a) : (tensor<i32>) -> () }, \
               { \"stablehlo.return\"(%b) : (tensor<i32>) -> () }) : (tensor<i1>) -> tensor<i32> \
               \"stablehlo.return\"(%c) : (tensor<i32>) -> () })";
    let op = format!("\"stablehlo.reduce\"(%0, %1) <{{dimensions = array<i64: 0>}}> {max}");
    assert_eq!(ints(&op, &[("3x2xi32", "[[1, 9], [7, 2], [3, 4]]"), ("i32", "5")], "2xi32"), [7, 9]);
}

#[test]
fn gathers_clamp_and_scatters_drop() {
    let gather = "\"stablehlo.gather\"(%0, %1) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], \
                  collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, \
                  slice_sizes = array<i64: 1, 2>}>";
    let x = ("3x2xi32", "[[1, 2], [3, 4], [5, 6]]");
    assert_eq!(ints(gather, &[x, ("3x1xi32", "[[-1], [1], [9]]")], "3x2xi32"), [1, 2, 3, 4, 5, 6]);
    let scatter = format!(
        "\"stablehlo.scatter\"(%0, %1, %2) <{{scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], \
         inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}}> {}",
        region("add", "i32")
    );
    let operands = [x, ("4x1xi32", "[[-1], [1], [9], [1]]"), ("4x2xi32", "[[9, 9], [10, 20], [9, 9], [100, 200]]")];
    assert_eq!(ints(&scatter, &operands, "3x2xi32"), [1, 2, 113, 224, 5, 6]);
}

#[test]
fn sorts_are_stable_whatever_is_compared() {
    let sort = |direction: &str| {
        format!(
            "\"stablehlo.sort\"(%0, %1) <{{dimension = 0 : i64, is_stable = true}}> ({{ ^bb0(%a: tensor<i32>, \
             %b: tensor<i32>, %c: tensor<i32>, %d: tensor<i32>): %p = \"stablehlo.compare\"(%a, %b) \
             <{{comparison_direction = #stablehlo<comparison_direction {direction}>}}> : (tensor<i32>, tensor<i32>) -> \
             tensor<i1> \"stablehlo.return\"(%p) : (tensor<i1>) -> () }})"
        )
    };
    let operands = [("5xi32", "[2, 1, 2, 1, 0]"), ("5xi32", "[0, 1, 2, 3, 4]")];
    let found = run(&sort("LT"), &operands, &["5xi32", "5xi32"]).unwrap();
    assert_eq!((found[0].ints(), found[1].ints()), (vec![0, 1, 1, 2, 2], vec![4, 1, 3, 0, 2]));
    // NE is no order at all: whatever comes out, every element comes out once.
    let mut found = run(&sort("NE"), &operands, &["5xi32", "5xi32"]).unwrap()[1].ints();
    found.sort_unstable();
    assert_eq!(found, [0, 1, 2, 3, 4]);
}

#[test]
fn largest_elements() {
    let top =
        run("\"chlo.top_k\"(%0) <{k = 2 : i64}>", &[("4xf32", "[1.0, 3.0, 3.0, 0x7FC00000]")], &["2xf32", "2xi32"]);
    let top = top.unwrap();
    assert!(top[0].floats()[0].is_nan() && top[0].floats()[1] == 3.0);
    assert_eq!(top[1].ints(), [3, 1], "NaN is the largest; of equal ones the first");
}

#[test]
fn products_of_batches() {
    let op = "\"stablehlo.dot_general\"(%0, %1) <{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], \
              rhs_batching_dimensions = [1], lhs_contracting_dimensions = [1], rhs_contracting_dimensions = [0]>}>";
    // Batch 0: 1*5 + 2*7 = 19; batch 1: 3*6 + 4*8 = 50.
    let operands = [("2x2xi8", "[[1, 2], [3, 4]]"), ("2x2xi8", "[[5, 6], [7, 8]]")];
    assert_eq!(ints(op, &operands, "2xi32"), [19, 50]);
}

#[test]
fn systems_and_transforms() {
    let cholesky = "\"stablehlo.cholesky\"(%0) <{lower = true}>";
    assert_eq!(floats(cholesky, &[("2x2xf64", "[[4.0, 2.0], [2.0, 5.0]]")], "2x2xf64"), [2.0, 0.0, 1.0, 2.0]);
    let solve = "\"stablehlo.triangular_solve\"(%0, %1) <{left_side = true, lower = true, unit_diagonal = false, \
                 transpose_a = #stablehlo<transpose NO_TRANSPOSE>}>";
    let operands = [("2x2xf64", "[[2.0, 9.0], [1.0, 2.0]]"), ("2x1xf64", "[[4.0], [8.0]]")];
    assert_eq!(floats(solve, &operands, "2x1xf64"), [2.0, 3.0]);
    let fft = "\"stablehlo.fft\"(%0) <{fft_type = #stablehlo<fft_type RFFT>, fft_length = array<i64: 4>}>";
    let made = run(fft, &[("4xf32", "[1.0, 0.0, 0.0, 0.0]")], &["3xcomplex<f32>"]).unwrap();
    assert!(made[0].complex().iter().all(|z| (z - 1.0).norm() < 1e-6));
}

#[test]
fn wrong_programs_are_refused_with_a_reason() {
    let x = ("4xf32", "[1.0, 2.0, 3.0, 4.0]");
    refused("\"stablehlo.add\"(%0, %1)", &[x, ("3xf32", "[1.0, 2.0, 3.0]")], "4xf32", "operand 1 is 3xf32");
    refused("\"stablehlo.add\"(%0)", &[x], "4xf32", "it has no operand 1");
    refused("\"stablehlo.and\"(%0, %1)", &[x, x], "4xf32", "not defined on f32");
    refused("\"stablehlo.reshape\"(%0)", &[x], "5xf32", "has not as many elements");
    refused("\"stablehlo.custom_call\"(%0)", &[x], "4xf32", "stablehlo.custom_call has no meaning here");
    refused("\"stablehlo.slice\"(%0)", &[x], "4xf32", "start_indices is no list");
    refused("\"stablehlo.iota\"(%0) <{iota_dimension = 7 : i64}>", &[x], "4xf32", "iota_dimension is no dimension");
    refused("\"stablehlo.exponential\"(%0)", &[("2xi32", "[1, 2]")], "2xi32", "not defined on i32");
}
