//! Speed of `schedule{algorithm=greedy}`, and of what it consists of, on real training steps, in operations per second:
//! `cargo bench -p memopt-passes --bench passes`.

use std::io::Read;
use std::path::Path;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use memopt::analysis::{Analysis, ScopeOrder, TieSource};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Function, Module};
use memopt::pass::{PassContext, PassRegistry, Pipeline, ResultsIn, Uninstrumented, prepare, run_pipeline};
use memopt::target::Target;
use memopt::text::{ParseLimits, parse};
use memopt_passes::schedule::greedy;

const MODELS: [&str; 2] = ["gpt2_xl.train.b1", "resnet50.train.b32"];

fn main() {
    divan::main();
}

#[divan::bench(args = MODELS)]
fn schedule_greedy(bencher: Bencher<'_, '_>, model: &str) {
    let step = Step::of(model);
    bencher
        .counter(ItemsCount::new(step.ops()))
        .with_inputs(|| step.module.clone())
        .bench_local_refs(|module| step.run("schedule{algorithm=greedy}", module));
}

#[divan::bench(args = MODELS)]
fn inplace_schedule_place(bencher: Bencher<'_, '_>, model: &str) {
    let step = Step::of(model);
    bencher
        .counter(ItemsCount::new(step.ops()))
        .with_inputs(|| step.module.clone())
        .bench_local_refs(|module| step.run("inplace,schedule{algorithm=greedy},place{algorithm=best-fit}", module));
}

#[divan::bench(args = MODELS)]
fn analyse(bencher: Bencher<'_, '_>, model: &str) {
    let step = Step::of(model);
    bencher.counter(ItemsCount::new(step.ops())).bench_local(|| step.analysis());
}

#[divan::bench(args = MODELS)]
fn extract(bencher: Bencher<'_, '_>, model: &str) {
    let step = Step::of(model);
    let analysis = step.analysis();
    bencher.counter(ItemsCount::new(step.ops())).bench_local(|| step.extract(&analysis));
}

#[divan::bench(args = MODELS)]
fn solve(bencher: Bencher<'_, '_>, model: &str) {
    let step = Step::of(model);
    let order = step.extract(&step.analysis());
    bencher.counter(ItemsCount::new(step.ops())).bench_local(|| greedy(black_box(&order.problem)));
}

/// A training step after `inplace`.
struct Step {
    module: Module,
    function: Function,
    registry: Registry,
    target: Target,
}

impl Step {
    fn of(model: &str) -> Step {
        let path = format!("../ir-tests/corpus/{model}.generic.mlir.gz");
        let file = std::fs::File::open(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
            .expect("the corpus is in the repository");
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("the corpus is valid");
        let mut module = parse(&text, &ParseLimits::default()).expect("the corpus is valid");
        let (function, registry, target) = (module.functions()[0], Registry::new(), Target::default());
        prepare(&mut module, function, &registry, &target, ResultsIn::Caller).expect("the corpus can be planned");
        let mut step = Step { module: Module::new(), function, registry, target };
        step.run("inplace", &mut module);
        step.module = module;
        step
    }

    fn ops(&self) -> usize {
        self.module.block(self.function.body).ops().len()
    }

    fn run(&self, pipeline: &str, module: &mut Module) {
        let mut passes = PassRegistry::new();
        memopt_passes::register_all(&mut passes);
        let pipeline = Pipeline::parse(pipeline, &passes).expect("a pipeline");
        let (function, registry, target) = (self.function, &self.registry, &self.target);
        let mut context = PassContext { module, function, registry, target, notes: Vec::new(), reserve: Bytes::ZERO };
        run_pipeline(&pipeline, &mut context, false, &mut Uninstrumented).expect("the corpus can be planned");
    }

    fn analysis(&self) -> Analysis {
        Analysis::of(&self.module, self.function, &self.registry, &self.target).expect("the corpus can be planned")
    }

    fn extract(&self, analysis: &Analysis) -> ScopeOrder {
        ScopeOrder::extract(&self.module, analysis, analysis.scopes.scopes[0], &Default::default(), TieSource::MayReuse)
    }
}
