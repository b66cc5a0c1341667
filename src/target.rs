//! What only the machine that runs a plan knows.

use crate::dialect::{KernelKind, Virtual};
use crate::ir::Align;

/// A machine and its code generator. A plan records the target's name, and running or lowering it for another is refused.
#[derive(Clone, PartialEq, Debug)]
pub struct Target {
    /// Name, as `memopt.target` records it.
    pub name: String,
    /// Every buffer starts at a multiple of this.
    pub alignment: Align,
    /// Floating-point operations per second, for the roofline.
    pub flops_per_second: f64,
    /// Bytes per second between memory and the arithmetic, for the roofline.
    pub bytes_per_second: f64,
}

impl Default for Target {
    /// `generic`: 64-byte alignment, and the roofline of one data-centre GPU (19.5 TFLOP/s, 1.555 TB/s).
    fn default() -> Self {
        Target {
            name: "generic".to_owned(),
            alignment: Align::DEFAULT,
            flops_per_second: 19.5e12,
            bytes_per_second: 1.555e12,
        }
    }
}

impl Target {
    /// The target of this name, if there is one.
    pub fn by_name(name: &str) -> Option<Target> {
        (name == "generic").then(Target::default)
    }

    /// Whether a kernel of this kind may read a virtual value: compute it on the fly while it reads.
    ///
    /// This is the one table of which kernels a code generator must be able to make. A value made from nothing can be read
    /// by every kernel that some dialect describes; a broadcast by those whose index arithmetic is in our hands.
    pub fn may_read(&self, reader: KernelKind, value: Virtual) -> bool {
        match (reader, value) {
            (KernelKind::Opaque, _) => false,
            (_, Virtual::Nullary) => true,
            (KernelKind::Control | KernelKind::Other, Virtual::Addressing) => false,
            (_, Virtual::Addressing) => true,
        }
    }
}
