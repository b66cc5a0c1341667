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

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use memopt::ir::{Module, OpId};
use memopt_mlir::LowerOptions;
use memopt_mlir::jit::{ExternKernel, Memory, compile};

#[allow(clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let profiled = arguments.iter().position(|argument| argument == "--profile").map(|at| arguments.remove(at));
    let [file, rest @ ..] = &arguments[..] else { return Err("which module?".into()) };
    let preset = rest.first().map_or("fast", String::as_str);
    let repeats: usize = rest.get(1).map_or(Ok(5), |n| n.parse())?;
    let module = measure::read(Path::new(file));
    let started = Instant::now();
    let planned = measure::planned(&module, preset);
    println!("planned in {:.2} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let observer = profiled.map(|_| OBSERVER.to_owned());
    let lowered = measure::lowered(&planned, &LowerOptions { observer, ..LowerOptions::default() });
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
    let observer = ExternKernel { symbol: OBSERVER, address: observe as *const () };
    let compiled = compile(&lowered, &[observer])?;
    println!("compiled: passes {:.2} s, LLVM {:.2} s", compiled.times.passes, compiled.times.code);

    let buffers = measure::arguments(&planned, planned.functions()[0].arguments(&planned));
    if let Some(directory) = rest.get(2) {
        for (k, buffer) in buffers.iter().enumerate() {
            std::fs::write(Path::new(directory).join(format!("in.{k:04}")), buffer.as_slice())?;
        }
    }
    let mut memory = Memory::new(&compiled.signature, buffers)?;
    println!("arena {} bytes", compiled.signature.arena.0);
    let resident = measure::resident_bytes();
    let mut best = Duration::MAX;
    for repeat in 0..repeats {
        PROFILE.lock().expect("one thread").begin(lowered.operations.len());
        let (started, before, ran) = (Instant::now(), measure::allocations(), measure::processor_time());
        compiled.call(&mut memory);
        let time = measure::processor_time() - ran;
        let allocations = measure::allocations() - before;
        println!("step {repeat}: {time:.2?} of the processor, {:.2?}, {allocations} allocations", started.elapsed());
        best = best.min(time);
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
    println!("best {best:.3?} of the processor");
    PROFILE.lock().expect("one thread").print(&planned, &lowered.operations);
    Ok(())
}

const OBSERVER: &str = "memopt_observe";

/// How long each operation took, in the step that took least.
struct Profile {
    best: Vec<Duration>,
    now: Vec<Duration>,
    running: Option<(usize, Duration)>,
}

static PROFILE: Mutex<Profile> = Mutex::new(Profile { best: Vec::new(), now: Vec::new(), running: None });

/// Called before each operation, and at the end.
extern "C" fn observe(number: i64) {
    let mut profile = PROFILE.lock().expect("one thread");
    if let Some((last, since)) = profile.running {
        profile.now[last] += measure::processor_time() - since;
    }
    profile.running = Some((number as usize, measure::processor_time())).filter(|&(next, _)| next < profile.now.len());
}

impl Profile {
    /// A step is over, and the next one begins.
    fn begin(&mut self, operations: usize) {
        let total = |times: &[Duration]| times.iter().sum::<Duration>();
        if self.best.is_empty() || total(&self.now) < total(&self.best) {
            self.best.clone_from(&self.now);
        }
        self.now = vec![Duration::ZERO; operations];
    }

    /// The operations that took longest, by name, and one by one.
    #[allow(clippy::print_stdout)]
    fn print(&mut self, module: &Module, operations: &[OpId]) {
        self.begin(operations.len());
        let total: Duration = self.best.iter().sum();
        if total.is_zero() {
            return;
        }
        let percent = |time: Duration| 100.0 * time.as_secs_f64() / total.as_secs_f64();
        let mut by_name: BTreeMap<&str, (Duration, usize)> = BTreeMap::new();
        let mut longest: Vec<(Duration, OpId)> = self.best.iter().copied().zip(operations.iter().copied()).collect();
        for &(time, op) in &longest {
            let (sum, count) = by_name.entry(module.op_name(op)).or_default();
            (*sum, *count) = (*sum + time, *count + 1);
        }
        let mut by_name: Vec<_> = by_name.into_iter().collect();
        by_name.sort_by_key(|&(_, (time, _))| std::cmp::Reverse(time));
        for (name, (time, count)) in by_name.into_iter().take(12) {
            println!("{:5.1} %  {time:9.2?}  {count:5} {name}", percent(time));
        }
        longest.sort_by_key(|&(time, _)| std::cmp::Reverse(time));
        for (time, op) in longest.into_iter().take(12) {
            let operation = module.op(op);
            let ty = |value: memopt::ir::ValueId| memopt::text::type_text(module, module.value(value).ty);
            let operands: Vec<String> = operation.operands().iter().take(3).map(|&value| ty(value)).collect();
            let results: Vec<String> = operation.results().take(2).map(ty).collect();
            let types = format!("({}) -> {}", operands.join(", "), results.join(", "));
            println!("{:5.1} %  {time:9.2?}  {} {types}", percent(time), module.op_name(op));
        }
    }
}
