//! Tiny programs, and every order of each: what bounds, schedulers, placement and checker say must agree with it.
//!
//! For each program
//!
//! ```text
//! lower bound <= least peak of all orders <= peak of the greedy order <= peak of program order
//! peak of the greedy order = live bytes that the checker finds <= arena
//! ```
//!
//! and the planned file, printed and parsed, is the same module and is accepted again; so is the one that uses donated
//! arguments, whose arena is never larger.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use memopt::analysis::{Analysis, ScopeOrder, TieSource, lower_bound};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module, structurally_equal, verify};
use memopt::pass::{ResultsIn, prepare};
use memopt::plan::{OrderProblem, evaluate};
use memopt::target::Target;
use memopt::text::{self, ParseLimits};
use memopt_ir_tests::draw::{Draw, random_bytes};
use memopt_passes::Planner;

/// Programs with more kernels are left out.
const MOST_KERNELS: usize = 9;
/// Programs with more orders are left out, so that a second is enough for thousands.
const MOST_ORDERS: usize = 800;
const PROGRAMS: u64 = 3000;
/// Slow machines stop here.
const TIME: Duration = Duration::from_secs(2);

#[test]
fn all_orders_of_tiny_programs() {
    let start = Instant::now();
    let mut tried = 0;
    for seed in (0..PROGRAMS).take_while(|_| start.elapsed() < TIME) {
        let source = program(&random_bytes(seed, 64));
        for results in [ResultsIn::Caller, ResultsIn::Arena] {
            tried += u32::from(agrees(&source, results));
        }
    }
    // Chance decides how many programs are small enough; where nearly none is, the test tests nothing.
    assert!(tried > 100, "only {tried} programs were small enough");
}

/// Whether the program was small enough to be tried.
fn agrees(source: &str, results: ResultsIn) -> bool {
    let (registry, target) = (Registry::new(), Target::default());
    let module = text::parse(source, &ParseLimits::default()).expect(source);
    verify(&module).expect(source);
    let function = module.functions()[0];
    let mut prepared = module.clone();
    prepare(&mut prepared, function, &registry, &target, results).expect(source);
    let problem = body_problem(&prepared, TieSource::Legal);
    let Some(least) = least_peak(&problem) else { return false };

    let bound = bound_of(&prepared);
    let program_order: Vec<u32> = (0..problem.kernels() as u32).collect();
    let (planned, certificate) = plan_with(&module, results, source, "no");
    // The planned file's text is the greedy order, and its ties are those that the problem offered.
    let greedy = evaluate(&body_problem(&planned, TieSource::MayReuse), &program_order).peak;
    let peaks = [bound, least, greedy, evaluate(&problem, &program_order).peak];
    assert!(peaks.is_sorted(), "bound, optimum, greedy, program order: {peaks:?}\n{source}");
    assert_eq!(certificate.peak_live, greedy, "the checker finds other live bytes\n{}", text::print(&planned));
    assert!(greedy <= certificate.arena, "the arena is too small\n{}", text::print(&planned));
    round_trip(&module, &planned);
    // Bytes of donated arguments are used where they are free, and never make it worse.
    let (with_guests, hosted) = plan_with(&module, results, source, "yes");
    assert!(hosted.arena <= certificate.arena, "guests cost bytes\n{}", text::print(&with_guests));
    assert!(bound_of(&with_guests) <= hosted.arena, "the bound is too high\n{}", text::print(&with_guests));
    round_trip(&module, &with_guests);
    true
}

/// The ordering problem of the function's body; the programs have no other block.
fn body_problem(module: &Module, ties: TieSource) -> OrderProblem {
    let analysis = analysis(module);
    ScopeOrder::extract(module, &analysis, analysis.scopes.scopes[0], &Default::default(), ties).problem
}

fn analysis(module: &Module) -> Analysis {
    Analysis::of(module, module.functions()[0], &Registry::new(), &Target::default()).expect("it was analysed before")
}

fn bound_of(prepared: &Module) -> Bytes {
    lower_bound(prepared, &analysis(prepared)).arena
}

/// The least peak of all orders, one by one; `None` if there are too many.
fn least_peak(problem: &OrderProblem) -> Option<Bytes> {
    if problem.kernels() > MOST_KERNELS {
        return None;
    }
    let (mut least, mut left) = (None, MOST_ORDERS);
    extend(problem, &mut Vec::new(), &mut |order| {
        let peak = evaluate(problem, order).peak;
        least = Some(least.map_or(peak, |least: Bytes| least.min(peak)));
        left -= 1;
        left > 0
    });
    least.filter(|_| left > 0)
}

/// Visits all orders that begin with `order`; stops, and says so, when `visit` has enough.
fn extend(problem: &OrderProblem, order: &mut Vec<u32>, visit: &mut dyn FnMut(&[u32]) -> bool) -> bool {
    if order.len() == problem.kernels() {
        return visit(order);
    }
    for kernel in 0..problem.kernels() as u32 {
        let before = problem.predecessors.row(kernel as usize);
        if order.contains(&kernel) || !before.iter().all(|other| order.contains(other)) {
            continue;
        }
        order.push(kernel);
        let goes_on = extend(problem, order, visit);
        order.pop();
        if !goes_on {
            return false;
        }
    }
    true
}

/// The greedy plan, with or without guests in donated arguments.
fn plan_with(module: &Module, results: ResultsIn, source: &str, host: &str) -> (Module, memopt_passes::Certificate) {
    let pipeline = format!("inplace,schedule{{algorithm=greedy}},place{{host={host}}}");
    let planner = Planner { results: Some(results), ..Planner::new(&pipeline).expect("a pipeline") };
    let planned = planner.plan(module).unwrap_or_else(|error| panic!("{error}\n{source}"));
    let certificate = planned.functions[0].certificate.expect("a whole pipeline makes a plan");
    (planned.module, certificate)
}

fn round_trip(source: &Module, planned: &Module) {
    let printed = text::print(planned);
    let again = text::parse(&printed, &ParseLimits::default()).expect("what is printed can be parsed");
    assert!(structurally_equal(planned, &again), "parsing gives another module\n{printed}");
    let (registry, target) = (Registry::new(), Target::default());
    let checked = memopt_passes::check(source, source.functions()[0], &again, &registry, &target);
    assert!(matches!(checked, Ok(Some(_))), "{checked:?}\n{printed}");
}

/// Numbers of elements: 64, 128 and 256 bytes.
const SIZES: [u64; 3] = [16, 32, 64];

/// A vector.
#[derive(Clone)]
struct Vector {
    name: String,
    len: u64,
}

impl Vector {
    fn ty(&self) -> String {
        ty(self.len)
    }
}

fn ty(len: u64) -> String {
    format!("tensor<{len}xf32>")
}

/// A program of vectors: in-place and other kernels, views exact and opaque, broadcasts, splats, donated arguments.
struct Program<'d> {
    draw: Draw<'d>,
    body: String,
    values: Vec<Vector>,
    names: usize,
}

fn program(bytes: &[u8]) -> String {
    let mut program = Program { draw: Draw::new(bytes), body: String::new(), values: Vec::new(), names: 0 };
    for name in ["%x", "%y"] {
        let len = program.draw.of(&SIZES);
        program.values.push(Vector { name: name.to_owned(), len });
    }
    for _ in 0..3 + program.draw.below(8) {
        program.operation();
    }
    program.finish()
}

impl Program<'_> {
    /// One of the newest values: chains, with some branches.
    fn pick(&mut self) -> Vector {
        let newest = self.values.len().min(4);
        self.values[self.values.len() - 1 - self.draw.below(newest)].clone()
    }

    /// Another value of this length, or the same one.
    fn like(&mut self, x: &Vector) -> Vector {
        let fits: Vec<Vector> = self.values.iter().filter(|value| value.len == x.len).cloned().collect();
        fits[self.draw.below(fits.len())].clone()
    }

    fn emit(&mut self, op: &str, operands: &[&Vector], attributes: &str, len: u64) {
        self.names += 1;
        let name = format!("%{}", self.names);
        let names: Vec<&str> = operands.iter().map(|operand| operand.name.as_str()).collect();
        let types: Vec<String> = operands.iter().map(|operand| operand.ty()).collect();
        let (names, types, to) = (names.join(", "), types.join(", "), ty(len));
        writeln!(self.body, "    {name} = \"{op}\"({names}) {attributes} : ({types}) -> {to}").expect("a string");
        self.values.push(Vector { name, len });
    }

    fn operation(&mut self) {
        let x = self.pick();
        match self.draw.below(9) {
            0 | 1 => self.emit("stablehlo.tanh", &[&x], "", x.len),
            2 | 3 => {
                let y = self.like(&x);
                self.emit("stablehlo.add", &[&x, &y], "", x.len);
            }
            4 => {
                let y = self.pick();
                let len = self.draw.of(&SIZES);
                let scratch = self.draw.of(&[0, 0, 100]);
                self.emit("t.mix", &[&x, &y], &format!("{{memopt.workspace = {scratch} : i64}}"), len);
            }
            5 if x.len > 16 => {
                let start = self.draw.of(&[0, x.len / 2]);
                let end = start + x.len / 2;
                let range = format!("limit_indices = array<i64: {end}>, start_indices = array<i64: {start}>");
                self.emit("stablehlo.slice", &[&x], &format!("<{{{range}, strides = array<i64: 1>}}>"), x.len / 2);
            }
            6 => self.emit("t.view", &[&x], "{memopt.alias = [[0 : i64, 0 : i64]]}", x.len),
            7 if x.len < 64 => self.broadcast(&x),
            _ => {
                let value = format!("<{{value = dense<1.0> : {}}}>", x.ty());
                self.emit("stablehlo.constant", &[], &value, x.len);
            }
        }
    }

    /// Two copies of a vector, one after the other.
    fn broadcast(&mut self, x: &Vector) {
        let matrix = format!("tensor<2x{}xf32>", x.len);
        let name = format!("%b{}", self.names);
        let attributes = "<{broadcast_dimensions = array<i64: 1>}>";
        let line =
            format!("{name} = \"stablehlo.broadcast_in_dim\"({}) {attributes} : ({}) -> {matrix}", x.name, x.ty());
        self.names += 1;
        let vector = Vector { name: format!("%{}", self.names), len: 2 * x.len };
        let view = format!("{} = \"stablehlo.reshape\"({name}) : ({matrix}) -> {}", vector.name, vector.ty());
        writeln!(self.body, "    {line}\n    {view}").expect("a string");
        self.values.push(vector);
    }

    fn finish(mut self) -> String {
        let results = [self.pick(), self.pick()];
        let results = &results[..1 + self.draw.below(2)];
        let names: Vec<&str> = results.iter().map(|result| result.name.as_str()).collect();
        let types: Vec<String> = results.iter().map(Vector::ty).collect();
        let (names, types) = (names.join(", "), types.join(", "));
        let donor = self.draw.of(&["{}", "{jax.buffer_donor = true}"]);
        let (x, y) = (self.values[0].ty(), self.values[1].ty());
        let body = self.body;
        format!(
            "\"builtin.module\"() ({{\n  \"func.func\"() <{{arg_attrs = [{donor}, {{}}], function_type = ({x}, {y}) -> \
             ({types}), sym_name = \"main\"}}> ({{\n  ^bb0(%x: {x}, %y: {y}):\n{body}    \"func.return\"({names}) : \
             ({types}) -> ()\n  }}) : () -> ()\n}}) {{memopt.hints = \"complete\"}} : () -> ()\n"
        )
    }
}
