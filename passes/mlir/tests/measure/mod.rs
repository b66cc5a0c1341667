//! What a step costs in memory: allocations of this program, resident bytes. And arguments to run it on.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use memopt::ir::{Module, Type, ValueId};
use memopt_mlir::jit::Buffer;

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
