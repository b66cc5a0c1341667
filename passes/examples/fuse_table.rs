//! Prints, for MLIR files (plain or gzip), the peak of live bytes before and after making values virtual.
#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use std::error::Error;
use std::io::Read;
use std::time::Instant;

use memopt::analysis::{Analysis, inner_first};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Module, OpId};
use memopt::pass::{PassRegistry, Pipeline, ResultsIn, Uninstrumented, prepare};
use memopt::target::Target;
use memopt::text::{ParseLimits, parse};
use memopt_passes::fuse::{FuseOptions, body_problem, fuse};
use rustc_hash::FxHashMap;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let pipeline_text = args.next().unwrap();
    let max: f64 = std::env::var("MAX").ok().and_then(|x| x.parse().ok()).unwrap_or(2.0);
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    let (registry, target) = (Registry::new(), Target::default());
    for path in args {
        let mut module = read(&path)?;
        let name = path.rsplit('/').next().unwrap_or(&path).split(".generic").next().unwrap_or(&path).to_owned();
        if pipeline_text.is_empty() {
            for function in module.functions() {
                prepare(&mut module, function, &registry, &target, ResultsIn::Caller).map_err(|e| e[0].message.clone())?;
            }
        } else {
            let pipeline = Pipeline::parse(&pipeline_text, &passes).map_err(|e| e[0].message.clone())?;
            let options = memopt_passes::PlanOptions { pipeline: &pipeline, registry: &registry, target: &target, results: None, verify_each: false };
            let planned = memopt_passes::plan(&module, &module.functions(), &options, &mut Uninstrumented).map_err(|_| "plan")?;
            module = planned.module;
        }
        for function in module.functions() {
            let analysis = Analysis::of(&module, function, &registry, &target).map_err(|e| e[0].message.clone())?;
            let done = inner_first(&analysis.scopes.scopes, |scope, inner: &FxHashMap<OpId, Bytes>| {
                let started = Instant::now();
                let problem = body_problem(&module, &analysis, &target, scope, inner);
                let extracted = started.elapsed().as_secs_f64();
                let started = Instant::now();
                let given = problem.always_virtual();
                let plain = fuse(&problem, &given, FuseOptions { max_overhead: -1.0, effort: 0 }).0;
                let plain_seconds = started.elapsed().as_secs_f64();
                let started = Instant::now();
                let (found, _) = fuse(&problem, &given, FuseOptions { max_overhead: max / 100.0, effort: 1 });
                println!(
                    "{name:<32} {:>6} {:>10.2} {:>10.2} {:>6.2}% virtual {:>6} extract {extracted:.3} plain {plain_seconds:.3} fuse {:.3}",
                    problem.ops.len(), plain.peak.0 as f64 / 1e6, found.peak.0 as f64 / 1e6,
                    100.0 * found.added_flops as f64 / problem.total_flops().max(1) as f64,
                    found.is_virtual.iter().filter(|x| **x).count(),
                    started.elapsed().as_secs_f64()
                );
                Ok::<_, std::convert::Infallible>(found.peak)
            });
            let Ok(_) = done;
        }
    }
    Ok(())
}

fn read(path: &str) -> Result<Module, Box<dyn Error>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.read_to_end(&mut bytes)?;
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes)?;
    }
    parse(&text, &ParseLimits::default()).map_err(|errors| format!("{path}: {}", errors[0].message).into())
}
