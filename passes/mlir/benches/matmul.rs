//! Products of square matrices: the kernels of this crate, and the crate `matrixmultiply` called through an extern kernel, in
//! turn in one process, since only ratios mean anything on a shared machine.

#[path = "../tests/measure/mod.rs"]
mod measure;

use memopt::text::{ParseLimits, parse};
use memopt_mlir::LowerOptions;
use memopt_mlir::jit::{Buffer, Compiled, ExternKernel, Memory, compile};

const SIZES: [usize; 4] = [512, 500, 1024, 256];

fn module(n: usize, product: &str) -> String {
    let ty = format!("tensor<{n}x{n}xf32>");
    format!(
        "\"func.func\"() <{{function_type = ({ty}, {ty}) -> {ty}, sym_name = \"main\"}}> ({{ ^bb0(%a: {ty}, %b: {ty}): \
         %c = {product} : ({ty}, {ty}) -> {ty} \"func.return\"(%c) : ({ty}) -> () }}) : () -> ()"
    )
}

fn compiled(text: &str, kernel: Option<ExternKernel<'_>>) -> Compiled {
    let module = parse(text, &ParseLimits::default()).expect("a module");
    let externs = kernel.iter().map(|kernel| ("bench.matmul".to_owned(), kernel.symbol.to_owned())).collect();
    let lowering = LowerOptions { externs, ..LowerOptions::default() };
    let lowered = measure::lowered(&measure::planned(&module, "schedule,place"), &lowering);
    compile(&lowered, kernel.as_slice()).expect("machine code")
}

/// The size is that of the module being run: an extern kernel is called with addresses only.
static SIZE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

#[allow(unsafe_code)]
extern "C" fn by_matrixmultiply(a: *const f32, b: *const f32, c: *mut f32) {
    let n = SIZE.load(std::sync::atomic::Ordering::Relaxed);
    let row = n as isize;
    // SAFETY: the call passes three matrices of this size, and the last one shares no byte with the others.
    unsafe { matrixmultiply::sgemm(n, n, n, 1.0, a, row, 1, b, row, 1, 0.0, c, row, 1) }
}

fn memory(compiled: &Compiled, n: usize) -> Memory {
    let matrix = |salt: usize| {
        let one = |k: usize| ((k * 7 + salt) % 13) as f32 - 6.0;
        Buffer::from_bytes(&(0..n * n).flat_map(|k| one(k).to_le_bytes()).collect::<Vec<u8>>())
    };
    Memory::new(&compiled.signature, vec![matrix(1), matrix(2)]).expect("two matrices")
}

#[allow(clippy::print_stdout)]
fn main() {
    let extern_kernel = ExternKernel { symbol: "by_matrixmultiply", address: by_matrixmultiply as *const () };
    let dot = "\"stablehlo.dot_general\"(%a, %b) <{dot_dimension_numbers = #stablehlo.dot<lhs_contracting_dimensions = \
               [1], rhs_contracting_dimensions = [0]>}>";
    for n in SIZES {
        SIZE.store(n, std::sync::atomic::Ordering::Relaxed);
        let ours = compiled(&module(n, dot), None);
        let theirs = compiled(&module(n, "\"bench.matmul\"(%a, %b) {memopt.effects = \"none\"}"), Some(extern_kernel));
        let mut memories = [memory(&ours, n), memory(&theirs, n)];
        let mut best = [f64::INFINITY; 2];
        for _ in 0..30 {
            for (k, compiled) in [&ours, &theirs].into_iter().enumerate() {
                let before = measure::processor_time();
                compiled.call(&mut memories[k]);
                best[k] = best[k].min((measure::processor_time() - before).as_secs_f64());
            }
        }
        assert_eq!(
            memories[0].result(&ours.signature, 0),
            memories[1].result(&theirs.signature, 0),
            "whole numbers are exact"
        );
        let speed = best.map(|seconds| 2.0 * (n as f64).powi(3) / seconds / 1e9);
        println!("{n}: {:.1} GFLOP/s, matrixmultiply {:.1}: {:.2} x", speed[0], speed[1], speed[0] / speed[1]);
    }
}
