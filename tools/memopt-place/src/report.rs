//! The figures as JSON, bytes as integers.

use serde::Serialize;

/// One run.
#[derive(Serialize, Debug)]
pub struct Report {
    /// Version of memopt.
    pub memopt: &'static str,
    /// The input file.
    pub input: String,
    /// Number of buffers.
    pub buffers: usize,
    /// What was asked for, if anything.
    pub capacity: Option<u64>,
    /// Largest end of a buffer; none if no placement was found.
    pub height: Option<u64>,
    /// No placement is lower.
    pub lower_bound: u64,
    /// Height over lower bound, less one.
    pub gap: Option<f64>,
    /// Why the search stopped.
    pub stop: String,
    /// Whether the placement is within the capacity.
    pub fits: bool,
    /// Whether it is proven that none is within the capacity.
    pub infeasible: bool,
    /// Buffers that cannot be together within the capacity, none of which can be left out.
    pub conflict: Vec<String>,
    /// Wall time.
    pub seconds: f64,
}
