//! What a step costs in memory: allocations of this program, resident bytes. And what a step needs: a plan, arguments.

#![allow(dead_code, reason = "each program measures some of it")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use memopt::ir::{Module, Type, ValueId};
use memopt::pass::{ResultsIn, Uninstrumented};
use memopt::text::{ParseLimits, parse};
use memopt_mlir::jit::Buffer;
use memopt_mlir::{LowerOptions, Lowered, registry, target};
use memopt_passes::{Planner, plan};

/// Counts allocations.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is handed to the system's allocator.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Allocations so far, of all threads.
pub(crate) fn allocations() -> usize {
    ALLOCATIONS.load(Ordering::Relaxed)
}

/// Bytes of this program that lie in memory: in pages of 4096 bytes, the second number of `statm`.
pub(crate) fn resident_bytes() -> usize {
    let all = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    all.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).map_or(0, |pages| 4096 * pages)
}

/// Time that this thread has run, which other programs on the machine hardly lengthen.
pub(crate) fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the time into the struct that it is given.
    #[allow(unsafe_code)]
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(failed, 0, "the thread has a clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Floats from 0 to 0.1, whole numbers 0 and 1, the same in every run. None is negative: some are variances.
pub(crate) fn arguments(module: &Module, values: &[ValueId]) -> Vec<Buffer> {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as u32
    };
    let mut one = |&value: &ValueId| {
        let Type::Tensor(tensor) = module.type_of(value) else { return Buffer::default() };
        let bytes = module.type_bytes(value).map_or(0, |bytes| bytes.0 as usize);
        let mut buffer = Buffer::filled(bytes, 0);
        let width = bytes / (tensor.elements().unwrap_or(1).max(1) as usize);
        let is_float = matches!(module.ty(tensor.element), Type::Float(_));
        for element in buffer.as_mut_slice().chunks_exact_mut(width.max(1)) {
            let unit = next() as f32 / (1 << 24) as f32;
            match (is_float, width) {
                (true, 4) => element.copy_from_slice(&(0.1 * unit).to_le_bytes()),
                (true, 8) => element.copy_from_slice(&f64::from(0.1 * unit).to_le_bytes()),
                _ => element[0] = u8::from(unit >= 0.5),
            }
        }
        buffer
    };
    values.iter().map(&mut one).collect()
}

/// A module from a file, plain or gzip.
pub(crate) fn read(path: &Path) -> Module {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    match path.extension().is_some_and(|extension| extension == "gz") {
        true => _ = flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).expect("text"),
        false => text = String::from_utf8(bytes).expect("text"),
    }
    parse(&text, &ParseLimits::default()).unwrap_or_else(|errors| panic!("{}", errors[0]))
}

/// The first function planned for the native target, by a preset or a pipeline.
pub(crate) fn planned(module: &Module, pipeline: &str) -> Module {
    let planner = Planner::new(pipeline).unwrap_or_else(|errors| panic!("{}", errors[0]));
    let (registry, target, results) = (registry(), target(), Some(ResultsIn::Caller));
    let planner = Planner { registry, target, results, verify_each: false, ..planner };
    plan(module, &module.functions()[..1], &planner.options(), &mut Uninstrumented).expect("a plan").module
}

/// The first function of a planned module, lowered.
pub(crate) fn lowered(planned: &Module, options: &LowerOptions) -> Lowered {
    memopt_mlir::lower(planned, planned.functions()[0], &registry(), &target(), options)
        .unwrap_or_else(|errors| panic!("{}", errors[0]))
}
