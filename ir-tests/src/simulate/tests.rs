//! Right plans are equal, and plans spoiled by hand are not.

use super::compare;

/// A module of one function with this body, these attributes of its arguments and of itself.
fn module(arguments: &str, body: &str, results: &str, attributes: &str) -> String {
    let f = "tensor<16xf32>";
    format!(
        "\"builtin.module\"() ({{ \"func.func\"() <{{arg_attrs = [{arguments}], function_type = ({f}, {f}) -> ({f}), \
         sym_name = \"main\"}}> ({{ ^bb0(%x: {f}, %y: {f}): {body} \"func.return\"({results}) : ({f}) -> () }}) \
         {attributes} : () -> () }}) {{memopt.hints = \"complete\"}} : () -> ()"
    )
    .replace("F", f)
}

const NO_DONATION: &str = "{}, {}";

fn planned(body: &str, results: &str, arena: u32) -> String {
    let attributes =
        format!("{{memopt.donations = [], memopt.results = \"caller\", memopt.arena_size = {arena} : i64}}");
    module(NO_DONATION, body, results, &attributes)
}

fn original(body: &str, results: &str) -> String {
    module(NO_DONATION, body, results, "")
}

#[track_caller]
fn assert_wrong(before: &str, after: &str, expected: &str) {
    let found = compare(before, after).expect_err("the plan is wrong");
    assert!(found.contains(expected), "{found}");
}

const CHAIN: &str = "%a = \"stablehlo.tanh\"(%x) {A} : (F) -> F %b = \"OP\"(%a) {B} : (F) -> F \
                     %c = \"stablehlo.add\"(%b, OTHER) {C} : (F, F) -> F";

/// `c = f(tanh x) + other`, with offsets of the first two; the third is returned.
fn chain(op: &str, other: &str, offsets: Option<[i64; 2]>) -> String {
    let attributes = |id: usize, offset: Option<i64>| match offset {
        Some(offset) => format!("{{memopt.id = {id} : i64, memopt.offsets = array<i64: {offset}>}}"),
        None => String::new(),
    };
    let text = CHAIN.replace("OP", op).replace("OTHER", other);
    text.replace("{A}", &attributes(0, offsets.map(|o| o[0])))
        .replace("{B}", &attributes(1, offsets.map(|o| o[1])))
        .replace("{C}", &attributes(2, offsets.map(|_| -1)))
}

#[test]
fn a_right_plan_is_equal() {
    let before = original(&chain("stablehlo.abs", "%a", None), "%c");
    let after = planned(&chain("stablehlo.abs", "%a", Some([0, 64])), "%c", 128);
    assert_eq!(compare(&before, &after), Ok(()));
}

#[test]
fn an_elementwise_operation_may_overwrite_its_operand() {
    let before = original(&chain("stablehlo.abs", "%y", None), "%c");
    let after = planned(&chain("stablehlo.abs", "%y", Some([0, 0])), "%c", 64);
    assert_eq!(compare(&before, &after), Ok(()));
}

#[test]
fn any_other_operation_may_not() {
    let before = original(&chain("t.op", "%y", None), "%c");
    let after = planned(&chain("t.op", "%y", Some([0, 0])), "%c", 64);
    assert_wrong(&before, &after, "result 0 differs");
}

#[test]
fn a_value_that_is_overwritten_too_early_is_seen() {
    let before = original(&chain("stablehlo.abs", "%a", None), "%c");
    let after = planned(&chain("stablehlo.abs", "%a", Some([0, 0])), "%c", 64);
    assert_wrong(&before, &after, "result 0 differs");
}

#[test]
fn values_that_overlap_in_part_are_seen() {
    let before = original(&chain("stablehlo.abs", "%a", None), "%c");
    let after = planned(&chain("stablehlo.abs", "%a", Some([0, 32])), "%c", 128);
    assert_wrong(&before, &after, "result 0 differs");
}

#[test]
fn an_arena_that_is_too_small_is_seen() {
    let before = original(&chain("stablehlo.abs", "%a", None), "%c");
    let after = planned(&chain("stablehlo.abs", "%a", Some([0, 64])), "%c", 100);
    assert_wrong(&before, &after, "but there are 100 bytes");
}

/// A loop over a counter and a tensor, whose body makes the next tensor at `step`.
fn slot(step: Option<(i64, i64)>) -> String {
    let (offsets, inner) = match step {
        Some((slot, step)) => (
            format!(
                "{{memopt.id = 1 : i64, memopt.offsets = array<i64: 64, {slot}>, \
                 memopt.arg_offsets = array<i64: 64, {slot}, 64, {slot}>}}"
            ),
            [("P", 128), ("N", 64), ("S", step)].map(|(k, o)| (k, format!("{{memopt.offsets = array<i64: {o}>}}"))),
        ),
        None => (String::new(), [("P", 0), ("N", 0), ("S", 0)].map(|(k, _)| (k, String::new()))),
    };
    let text = "%i = \"stablehlo.constant\"() <{value = dense<0> : tensor<i32>}> {V} : () -> tensor<i32> \
        %w:2 = \"stablehlo.while\"(%i, %x) ({ ^bb0(%k: tensor<i32>, %s: F): \
        %p = \"stablehlo.compare\"(%k, %k) {P} : (tensor<i32>, tensor<i32>) -> tensor<i1> \
        \"stablehlo.return\"(%p) : (tensor<i1>) -> () }, { ^bb0(%k: tensor<i32>, %s: F): \
        %n = \"stablehlo.add\"(%k, %k) {N} : (tensor<i32>, tensor<i32>) -> tensor<i32> \
        %t = \"stablehlo.tanh\"(%s) {S} : (F) -> F \"stablehlo.return\"(%n, %t) : (tensor<i32>, F) -> () \
        }) {W} : (tensor<i32>, F) -> (tensor<i32>, F) %c = \"stablehlo.abs\"(%w#1) {C} : (F) -> F";
    let own = |text: &str| if step.is_some() { text.to_owned() } else { String::new() };
    let text = inner.iter().fold(text.to_owned(), |text, (key, value)| text.replace(&format!("{{{key}}}"), value));
    text.replace("{W}", &offsets)
        .replace("{V}", &own("{memopt.virtual, memopt.offsets = array<i64: -1>}"))
        .replace("{C}", &own("{memopt.offsets = array<i64: -1>}"))
}

#[test]
fn a_slot_holds_what_the_body_yields() {
    let before = original(&slot(None), "%c");
    assert_eq!(compare(&before, &planned(&slot(Some((0, 0))), "%c", 192)), Ok(()));
    assert_wrong(&before, &planned(&slot(Some((0, 128))), "%c", 192), "lies at");
    // The slot lies where the condition writes.
    assert_wrong(&before, &planned(&slot(Some((128, 128))), "%c", 192), "result 0 differs");
}

#[test]
fn an_argument_that_is_not_donated_is_kept() {
    let before = original(&chain("stablehlo.abs", "%a", None), "%c");
    let spoiled = chain("stablehlo.abs", "%a", Some([0, -1]))
        .replace("memopt.id = 1 : i64", "memopt.hosted = [[0 : i64, 1 : i64, 0 : i64]]");
    assert_wrong(&before, &planned(&spoiled, "%c", 64), "argument 1 is not donated");
}
