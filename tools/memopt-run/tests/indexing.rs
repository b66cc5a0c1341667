//! The rewrites of gathers and scatters, against the interpreter: programs before and after compute the same bits, with labels
//! that no class has, updates that are NaN or -0, and every kind of index that counts.

use memopt::dialect::Registry;
use memopt::ir::Module;
use memopt::text::{ParseLimits, parse};
use memopt_ir_tests::case::Flags;
use memopt_ir_tests::pipeline;
use memopt_run::machine::{Limits, run_in_arena, run_on_values};
use memopt_run::tensor::{Tensor, TensorSpec};
use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

const PROGRAMS: u64 = 120;

/// A program that scatters updates `%u` at labels `%i` into a splat, and uses the result as a cross-entropy's gradient does; and
/// that gathers at the labels what is computed of `%x` for that alone.
struct Program {
    shape: Vec<i64>,
    /// Which dimension of it holds the classes.
    classes: usize,
    updates: Vec<i64>,
    labels: Vec<i64>,
    element: &'static str,
    index: &'static str,
    /// What makes `%at` of `%i`, and the numbers of the scatter.
    indices: String,
    indices_type: String,
    numbers: String,
    /// `%splat`, a tensor of one number.
    splat: String,
    body: &'static str,
}

fn tensor(shape: &[i64], element: &str) -> String {
    let extents: String = shape.iter().map(|extent| format!("{extent}x")).collect();
    format!("tensor<{extents}{element}>")
}

impl Program {
    fn text(&self) -> String {
        let Program { element: e, indices, indices_type, numbers, splat, .. } = self;
        let (x, u) = (tensor(&self.shape, e), tensor(&self.updates, e));
        let i = tensor(&self.labels, self.index);
        let scalar = format!("tensor<{e}>");
        let body = self.body.replace('$', &scalar);
        let sums = "dimensions = array<i64: 0>";
        let sum = tensor(&self.shape[1..], e);
        let mut outer: Vec<usize> = (0..self.shape.len()).collect();
        outer.remove(self.classes);
        let most = tensor(&outer.iter().map(|&d| self.shape[d]).collect::<Vec<_>>(), e);
        let classes = self.classes;
        let rank = self.labels.len();
        let in_window = |d: usize| self.updates.len() > rank && d + 1 == self.shape.len();
        let sizes: Vec<i64> = (0..self.shape.len()).map(|d| if in_window(d) { self.shape[d] } else { 1 }).collect();
        let gather = [
            ("update_window_dims", "offset_dims"),
            ("inserted_window_dims", "collapsed_slice_dims"),
            ("input_batching_dims", "operand_batching_dims"),
            ("scatter_indices_batching_dims", "start_indices_batching_dims"),
            ("scatter_dims_to_operand_dims", "start_index_map"),
        ];
        let gather = gather.iter().fold(numbers.clone(), |numbers, (scatter, gather)| numbers.replace(scatter, gather));
        let list = |numbers: &[String]| numbers.join(", ");
        let outer = list(&outer.iter().map(ToString::to_string).collect::<Vec<_>>());
        let sizes = list(&sizes.iter().map(ToString::to_string).collect::<Vec<_>>());
        format!(
            r#""func.func"() <{{function_type = ({x}, {i}, {u}) -> ({x}, {x}, {sum}, {u}), sym_name = "main"}}> ({{
^bb0(%x: {x}, %i: {i}, %u: {u}):
  {splat}
  {indices}
  %s = "stablehlo.scatter"(%splat, %at, %u) <{{scatter_dimension_numbers = #stablehlo.scatter<{numbers}>}}> ({{
  ^bb0(%a: {scalar}, %b: {scalar}):
    {body}
    "stablehlo.return"(%c) : ({scalar}) -> ()
  }}) : ({x}, {indices_type}, {u}) -> {x}
  %sum = "stablehlo.add"(%x, %s) : ({x}, {x}) -> {x}
  %zero = "stablehlo.constant"() <{{value = dense<0> : tensor<i32>}}> : () -> tensor<i32>
  %init = "stablehlo.convert"(%zero) : (tensor<i32>) -> {scalar}
  %r = "stablehlo.reduce"(%s, %init) <{{{sums}}}> ({{
  ^bb0(%a: {scalar}, %b: {scalar}):
    %c = "stablehlo.add"(%a, %b) : ({scalar}, {scalar}) -> {scalar}
    "stablehlo.return"(%c) : ({scalar}) -> ()
  }}) : ({x}, {scalar}) -> {sum}
  %most = "stablehlo.reduce"(%x, %init) <{{dimensions = array<i64: {classes}>}}> ({{
  ^bb0(%a: {scalar}, %b: {scalar}):
    %c = "stablehlo.maximum"(%a, %b) : ({scalar}, {scalar}) -> {scalar}
    "stablehlo.return"(%c) : ({scalar}) -> ()
  }}) : ({x}, {scalar}) -> {most}
  %mosts = "stablehlo.broadcast_in_dim"(%most) <{{broadcast_dimensions = array<i64: {outer}>}}> : ({most}) -> {x}
  %shifted = "stablehlo.subtract"(%x, %mosts) : ({x}, {x}) -> {x}
  %scaled = "stablehlo.multiply"(%shifted, %splat) : ({x}, {x}) -> {x}
  %negated = "stablehlo.negate"(%scaled) : ({x}) -> {x}
  %g = "stablehlo.gather"(%negated, %at) <{{dimension_numbers = #stablehlo.gather<{gather}>, slice_sizes = array<i64: {sizes}>}}> : ({x}, {indices_type}) -> {u}
  "func.return"(%s, %sum, %r, %g) : ({x}, {x}, {sum}, {u}) -> ()
}}) : () -> ()
"#
        )
    }

    fn random(random: &mut SmallRng) -> Program {
        let index = ["i8", "i16", "i32", "i64", "ui8", "ui32", "ui64"][random.random_range(0..7)];
        let element = ["f32", "f64", "bf16", "i32"][random.random_range(0..4)];
        let batch: Vec<i64> = (0..random.random_range(1..3)).map(|_| random.random_range(1..5)).collect();
        // More classes than the narrow types can count.
        let classes = if random.random_range(0..4) == 0 { 300 } else { random.random_range(2..7) };
        let body = [
            r#"%c = "stablehlo.add"(%a, %b) : ($, $) -> $"#,
            r#"%c = "stablehlo.maximum"(%b, %a) : ($, $) -> $"#,
            r#"%d = "stablehlo.subtract"(%a, %b) : ($, $) -> $
               %k = "stablehlo.constant"() <{value = dense<3> : tensor<i32>}> : () -> tensor<i32>
               %f = "stablehlo.convert"(%k) : (tensor<i32>) -> $
               %c = "stablehlo.multiply"(%d, %f) : ($, $) -> $"#,
            r#"%d = "stablehlo.add"(%a, %b) : ($, $) -> $
               %c = "stablehlo.negate"(%d) : ($) -> $"#,
        ][random.random_range(0..4)];
        let rank = batch.len() as i64;
        let mut program = Program {
            shape: Vec::new(),
            classes: 0,
            updates: batch.clone(),
            labels: batch.clone(),
            element,
            index,
            indices: String::new(),
            indices_type: String::new(),
            numbers: String::new(),
            splat: String::new(),
            body,
        };
        let labels = tensor(&batch, index);
        let window: Option<i64> = (random.random_range(0..3) == 0).then(|| random.random_range(2..4));
        let classes_at = random.random_range(0..=batch.len());
        program.shape.clone_from(&batch);
        program.classes = classes_at;
        program.shape.insert(classes_at, classes);
        program.shape.extend(window);
        program.updates.extend(window);
        let outer: Vec<i64> = (0..=rank).filter(|&d| d != classes_at as i64).collect();
        let update_window = window.map_or(String::new(), |_| format!("update_window_dims = [{rank}], "));
        let ones = [&batch[..], &[1]].concat();
        if random.random_range(0..2) == 0 {
            // take_along_axis: the batch is said to be one.
            program.indices_type = tensor(&ones, index);
            program.indices = format!(r#"%at = "stablehlo.reshape"(%i) : ({labels}) -> {}"#, program.indices_type);
            program.numbers = format!(
                "{update_window}inserted_window_dims = [{classes_at}], input_batching_dims = {outer:?}, \
                 scatter_indices_batching_dims = {:?}, scatter_dims_to_operand_dims = [{classes_at}], \
                 index_vector_dim = {rank}",
                (0..rank).collect::<Vec<_>>()
            );
        } else {
            // x[arange(n), ..., labels]: the batch is counted.
            let column = tensor(&ones, index);
            program.indices_type = tensor(&[&batch[..], &[rank + 1]].concat(), index);
            for d in 0..rank {
                program.indices += &format!(
                    "%n{d} = \"stablehlo.iota\"() <{{iota_dimension = {d} : i64}}> : () -> {labels}\n  \
                     %m{d} = \"stablehlo.reshape\"(%n{d}) : ({labels}) -> {column}\n  "
                );
            }
            program.indices += &format!("%column = \"stablehlo.reshape\"(%i) : ({labels}) -> {column}\n  ");
            let columns: Vec<String> = (0..rank).map(|d| format!("%m{d}")).collect();
            program.indices += &format!(
                "%at = \"stablehlo.concatenate\"({}, %column) <{{dimension = {rank} : i64}}> : ({}) -> {}",
                columns.join(", "),
                vec![column.as_str(); batch.len() + 1].join(", "),
                program.indices_type
            );
            let map: Vec<i64> = outer.iter().copied().chain([classes_at as i64]).collect();
            program.numbers = format!(
                "{update_window}inserted_window_dims = {:?}, scatter_dims_to_operand_dims = {map:?}, \
                 index_vector_dim = {rank}",
                (0..=rank).collect::<Vec<_>>()
            );
        }
        let x = tensor(&program.shape, element);
        let literal = match element {
            "i32" => ["0", "-7"][random.random_range(0..2)],
            "f32" => ["0.0", "-0.0", "1.5", "0x7FC00001"][random.random_range(0..4)],
            _ => ["0.0", "-0.0", "1.5"][random.random_range(0..3)],
        };
        program.splat = match random.random_range(0..2) {
            0 => format!(r#"%splat = "stablehlo.constant"() <{{value = dense<{literal}> : {x}}}> : () -> {x}"#),
            _ => format!(
                r#"%e = "stablehlo.constant"() <{{value = dense<{literal}> : tensor<1x{element}>}}> : () -> tensor<1x{element}>
  %e0 = "stablehlo.reshape"(%e) : (tensor<1x{element}>) -> tensor<{element}>
  %splat = "stablehlo.broadcast_in_dim"(%e0) <{{broadcast_dimensions = array<i64>}}> : (tensor<{element}>) -> {x}"#
            ),
        };
        program
    }
}

fn read(text: &str) -> Module {
    parse(text, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{errors:?}\n{text}"))
}

/// Values that are hard to keep: labels in and out of range, NaN, -0, infinities.
fn inputs(module: &Module, random: &mut SmallRng) -> Vec<Tensor> {
    let function = module.functions()[0];
    let draw = |value: &memopt::ir::ValueId| {
        let spec = TensorSpec::of(module, module.value(*value).ty).expect("arguments are tensors");
        if spec.element.is_float() {
            let mut float = || match random.random_range(0..8) {
                0 => f64::NAN,
                1 => -f64::NAN,
                2 => -0.0,
                3 => f64::INFINITY,
                4 => 0.0,
                _ => random.random_range(-4.0..4.0),
            };
            Tensor::from_floats(&spec, &(0..spec.len()).map(|_| float()).collect::<Vec<_>>())
        } else {
            let mut int = || match random.random_range(0..8) {
                0 => -1,
                1 => i64::MIN,
                2 => i64::MAX,
                3 => random.random_range(-300..600),
                _ => random.random_range(0..6),
            };
            Tensor::from_ints(&spec, &(0..spec.len()).map(|_| int()).collect::<Vec<_>>())
        }
    };
    function.arguments(module).iter().map(draw).collect()
}

fn plan(source: &str, pipeline: &str) -> String {
    let planned = pipeline::plan(source, pipeline, &Flags::default());
    planned.unwrap_or_else(|error| panic!("{error:?}\n{source}")).ir
}

#[test]
fn rewritten_programs_compute_the_same() {
    let mut hits = 0;
    for seed in 0..PROGRAMS {
        let mut random = SmallRng::seed_from_u64(seed);
        let source = Program::random(&mut random).text();
        let rewritten = plan(&source, "indexing");
        assert!(!rewritten.contains("stablehlo.scatter\""), "program {seed} keeps its scatter\n{rewritten}");
        let of_arguments = |line: &&str| line.contains("stablehlo.gather\"(%arg0, ");
        assert_eq!(rewritten.lines().filter(of_arguments).count(), 1, "program {seed} keeps its gather\n{rewritten}");
        let planned = plan(&source, "indexing,cse,inplace,schedule,place");
        let (before, after, planned) = (read(&source), read(&rewritten), read(&planned));
        for _ in 0..4 {
            let inputs = inputs(&before, &mut random);
            let run = |module: &Module| run_on_values(module, module.functions()[0], &inputs, Limits::default());
            let expected = run(&before).unwrap_or_else(|stop| panic!("program {seed}: {stop}\n{source}"));
            let found = run(&after).unwrap_or_else(|stop| panic!("program {seed}: {stop}\n{rewritten}"));
            assert_eq!(found, expected, "program {seed}\n{source}\n{rewritten}");
            let in_arena = run_in_arena(&planned, planned.functions()[0], &Registry::new(), &inputs, Limits::default());
            assert_eq!(in_arena.unwrap_or_else(|stop| panic!("program {seed}: {stop}")), expected, "program {seed}");
            // A scatter that hits nothing would show nothing.
            let untouched =
                expected[0].bytes.chunks(expected[0].element.width()).collect::<std::collections::HashSet<_>>();
            hits += usize::from(untouched.len() > 1);
        }
    }
    assert!(hits > PROGRAMS as usize, "{hits} runs hit an element");
}
