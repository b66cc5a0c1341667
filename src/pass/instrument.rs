//! Watching a pipeline run: printing, timing and progress are left to whoever runs it.

use super::{PassInfo, PassReport};
use crate::ir::{Function, Module};

/// Is told what happens. Every default does nothing.
pub trait Instrument {
    /// A pass is about to run.
    fn before_pass(&mut self, _pass: &'static PassInfo, _module: &Module, _function: Function) {}

    /// A pass has run, and left a valid module unless verification is off.
    fn after_pass(&mut self, _pass: &'static PassInfo, _module: &Module, _function: Function, _report: &PassReport) {}

    /// Something besides passes is about to run: a bound, a check.
    fn before_stage(&mut self, _what: &'static str) {}
}

/// Watches nothing.
pub struct Uninstrumented;

impl Instrument for Uninstrumented {}
