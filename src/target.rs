//! What only the machine that runs a plan knows.

use crate::dialect::{KernelKind, Virtual};
use crate::ir::{Align, Bytes};

/// A code generator, and the machine that runs its code.
///
/// What makes a plan right on a target (alignment, scratch memory, which kernels read virtual values) is the code
/// generator's: a plan records its name, and running or lowering it for another is refused. The [`Machine`] only says what
/// takes how long, so what was worth doing: a plan made for one machine is as right on any other, and does not record it.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// Name of the code generator, as `memopt.target` records it.
    pub name: String,
    /// Every buffer starts at a multiple of this.
    pub alignment: Align,
    /// What takes how long.
    pub machine: Machine,
}

/// What a machine does in a second: its balance between arithmetic and memory.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// Name, as `--target` gives it.
    pub name: String,
    /// Floating-point operations per second in `f32`, for the roofline.
    pub flops_per_second: f64,
    /// Bytes per second between memory and the arithmetic, for the roofline.
    pub bytes_per_second: f64,
    /// Nanoseconds that running any operation takes besides: a call, the launch of a kernel.
    pub op_overhead_ns: f64,
}

/// The machines that have names: flops per second, bytes per second, nanoseconds per operation.
///
/// Flops and bytes are the peaks of the data sheets. The overhead of a launch is what is left of it when the next kernels are
/// enqueued meanwhile: 3.8 us for kernels of 2.9 us in NVIDIA's "Getting Started with CUDA Graphs". That of a call on a CPU is
/// an estimate.
const MACHINES: [(&str, [f64; 3]); 4] = [
    // The arithmetic and memory of an a100, launches left out: the figures that plans are usually compared by.
    ("generic", [19.5e12, 1.555e12, 0.0]),
    // One core of a current server: AVX2 with two fused multiply-adds per cycle at 3 GHz, and its share of the memory.
    ("cpu", [100e9, 10e9, 50.0]),
    // NVIDIA A100 40GB: 19.5 TFLOP/s in f32 without tensor cores, 1,555 GB/s.
    ("a100", [19.5e12, 1.555e12, 900.0]),
    // NVIDIA H100 SXM: 67 TFLOP/s in f32 without tensor cores, 3.35 TB/s.
    ("h100", [67e12, 3.35e12, 900.0]),
];

impl Machine {
    /// The machine of this name, if there is one.
    pub fn by_name(name: &str) -> Option<Machine> {
        let (name, [flops_per_second, bytes_per_second, op_overhead_ns]) =
            *MACHINES.iter().find(|(known, _)| *known == name)?;
        Some(Machine { name: name.to_owned(), flops_per_second, bytes_per_second, op_overhead_ns })
    }

    /// All names that [`by_name`](Machine::by_name) knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        MACHINES.iter().map(|(name, _)| *name)
    }

    /// The roofline (Williams, Waterman and Patterson 2009): nanoseconds for so many floating-point operations and bytes, if
    /// both overlap perfectly.
    pub fn roofline(&self, flops: u64, bytes: Bytes) -> f64 {
        let compute = flops as f64 / self.flops_per_second;
        let transfer = bytes.0 as f64 / self.bytes_per_second;
        compute.max(transfer) * 1e9
    }
}

impl Default for Machine {
    /// `generic`
    fn default() -> Self {
        Machine::by_name("generic").expect("it stands in the table")
    }
}

impl Default for Target {
    /// `generic` code, with 64-byte alignment, on the `generic` machine.
    fn default() -> Self {
        Target { name: "generic".to_owned(), alignment: Align::DEFAULT, machine: Machine::default() }
    }
}

impl Target {
    /// Generic code on a machine.
    pub fn generic_on(machine: Machine) -> Target {
        Target { machine, ..Target::default() }
    }

    /// Whether a kernel of this kind may read a virtual value: compute it on the fly while it reads.
    ///
    /// This is the one table of which kernels a code generator must be able to make. A value made from nothing can be read
    /// by every kernel that some dialect describes; elements at other indices by those whose index arithmetic is in our hands;
    /// arithmetic by those that look at each element once. Products and convolutions do not: they would compute it for each
    /// of the many times that they read an element.
    pub fn may_read(&self, reader: KernelKind, value: Virtual) -> bool {
        match (reader, value) {
            (KernelKind::Opaque, _) => false,
            (_, Virtual::Nullary) => true,
            (KernelKind::Control | KernelKind::Other, _) => false,
            (KernelKind::Contraction, kind) => kind == Virtual::Addressing,
            (KernelKind::Elementwise | KernelKind::Movement | KernelKind::Reduction, _) => true,
        }
    }
}
