//! Plans a StableHLO module, compiles it, and runs its main function on made-up arguments: times, allocations, resident
//! memory.
//!
//! ```sh
//! cargo run -p memopt-mlir --features mlir --example step -- IN.generic.mlir[.gz] [PRESET [REPEATS [DUMP-DIRECTORY]]]
//! ```
//!
//! With a directory, every argument and every result is written there as raw bytes, for another program to compare.

#[path = "../tests/measure/mod.rs"]
mod measure;

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use memopt::pass::{PassRegistry, Pipeline, ResultsIn, Uninstrumented};
use memopt::text::{ParseLimits, parse};
use memopt_mlir::jit::{Memory, compile};
use memopt_mlir::{LowerOptions, lower, registry, target};
use memopt_passes::{PlanOptions, plan};

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, rest @ ..] = &arguments[..] else { return Err("which module?".into()) };
    let preset = rest.first().map_or("fast", String::as_str);
    let repeats: usize = rest.get(1).map_or(Ok(5), |n| n.parse())?;
    let module = parse(&read(Path::new(file))?, &ParseLimits::default()).map_err(|e| e[0].to_string())?;

    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    let pipeline = Pipeline::parse(passes.preset(preset).ok_or("no such preset")?.pipeline, &passes)
        .map_err(|e| e[0].to_string())?;
    let (registry, target) = (registry(), target());
    let options = PlanOptions {
        pipeline: &pipeline,
        registry: &registry,
        target: &target,
        results: Some(ResultsIn::Caller),
        verify_each: false,
    };
    let started = Instant::now();
    let planned = plan(&module, &module.functions()[..1], &options, &mut Uninstrumented)?;
    println!("planned in {:.2} s", started.elapsed().as_secs_f64());
    let function = planned.module.functions()[0];
    let started = Instant::now();
    let lowered = lower(&planned.module, function, &registry, &target, &LowerOptions::default())
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    println!(
        "lowered in {:.2} s: {} kernels, {} bytes of text",
        started.elapsed().as_secs_f64(),
        lowered.kernels,
        lowered.text.len()
    );
    if let Some(directory) = rest.get(2) {
        std::fs::create_dir_all(directory)?;
        std::fs::write(Path::new(directory).join("lowered.mlir"), &lowered.text)?;
    }
    let compiled = compile(&lowered, &[])?;
    println!("compiled: passes {:.2} s, LLVM {:.2} s", compiled.times.passes, compiled.times.code);

    let buffers = measure::arguments(&planned.module, function.arguments(&planned.module));
    if let Some(directory) = rest.get(2) {
        for (k, buffer) in buffers.iter().enumerate() {
            std::fs::write(Path::new(directory).join(format!("in.{k:04}")), buffer.as_slice())?;
        }
    }
    let mut memory = Memory::new(&compiled.signature, buffers)?;
    println!("arena {} bytes", compiled.signature.arena.0);
    let resident = measure::resident_bytes();
    let (mut times, mut walls) = (Vec::new(), Vec::new());
    for repeat in 0..repeats {
        let (started, ran) = (Instant::now(), processor_milliseconds());
        let before = measure::allocations();
        compiled.call(&mut memory);
        let allocations = measure::allocations() - before;
        let wall = started.elapsed().as_secs_f64() * 1e3;
        times.push(processor_milliseconds() - ran);
        walls.push(wall);
        println!("step {repeat}: {:.2} ms of the processor ({wall:.2} ms), {allocations} allocations", times[repeat]);
        if let (0, Some(directory)) = (repeat, rest.get(2)) {
            for k in 0..compiled.signature.results.len() {
                std::fs::write(
                    Path::new(directory).join(format!("out.{k:04}")),
                    memory.result(&compiled.signature, k),
                )?;
            }
        }
    }
    println!("resident memory grew by {} kB in all steps", measure::resident_bytes().saturating_sub(resident) / 1000);
    // The processor's clock ticks slowly: of short steps, the best time by the wall says more.
    let best = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    println!("best {:.2} ms of the processor, {:.3} ms by the wall", best(&times), best(&walls));
    Ok(())
}

fn read(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let bytes = std::fs::read(path)?;
    if path.extension().is_none_or(|extension| extension != "gz") {
        return Ok(String::from_utf8(bytes)?);
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    Ok(text)
}

/// Time that this thread has run, which other programs on the machine do not lengthen as they do a clock's.
fn processor_milliseconds() -> f64 {
    let all = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    all.split_whitespace().next().and_then(|n| n.parse::<f64>().ok()).map_or(0.0, |n| n / 1e6)
}
