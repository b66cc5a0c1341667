//! The JSON report: its shape is a promise, so it has structs of its own. Sizes are bytes, as integers.

use memopt::ir::Bytes;
use memopt::pass::Gap;
use memopt_passes::{Certificate, PlannedFunction, RecomputedGroup};
use serde::Serialize;

use crate::explain::Explanation;

/// What is reported of one planned function.
#[derive(Clone, Serialize, Debug)]
pub struct Report {
    /// Version of memopt.
    pub memopt: &'static str,
    /// The file as named on the command line.
    pub input: String,
    /// The function, without `@`.
    pub function: String,
    /// Operations at top level, as read.
    pub ops: usize,
    /// The pipeline in canonical form.
    pub pipeline: String,
    /// Sizes.
    pub bytes: ReportBytes,
    /// What recomputation added.
    pub recompute: ReportRecompute,
    /// The passes, as they ran.
    pub passes: Vec<ReportPass>,
    /// Wall-clock time of it all.
    pub seconds: f64,
    /// Whether the checker has proven the plan.
    pub certified: bool,
    /// The passes that rewrote the program, if any did: the plan is proven against what the last of them left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rewritten_by: Vec<&'static str>,
    /// What holds memory at the peak, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explain: Option<Explanation>,
}

/// Sizes. Those of the plan are the certificate's, and null where there is none.
#[derive(Clone, Serialize, Debug)]
pub struct ReportBytes {
    /// Arguments.
    pub arguments: Option<u64>,
    /// Results.
    pub results: Option<u64>,
    /// All else that the plan needs.
    pub arena: Option<u64>,
    /// `arena`, and results in the caller's memory that are no donated argument: the figure to hold against `program_order`.
    pub planned: Option<u64>,
    /// Most bytes that are live in one step.
    pub peak_live: Option<u64>,
    /// Bytes placed in donated arguments at the peak.
    pub hosted: Option<u64>,
    /// Bytes that copies made by the plan move.
    pub copies: Option<u64>,
    /// No order of the operations as read needs less.
    pub lower_bound: u64,
    /// No plan of this pipeline needs less.
    pub lower_bound_plan: u64,
    /// The reference: program order, every value in a buffer of its own.
    pub program_order: u64,
}

/// What recomputation added.
#[derive(Clone, Serialize, Debug)]
pub struct ReportRecompute {
    /// Operations that run again.
    pub ops: usize,
    /// Floating-point operations added.
    pub flops_added: u64,
    /// Floating-point operations as read.
    pub flops_total: u64,
    /// `flops_added` over `flops_total`.
    pub overhead_flops: f64,
    /// Added time over all time.
    pub overhead_time: f64,
    /// Least overhead of time that is known to be needed, where time was kept small.
    pub bound_time: f64,
    /// Least overhead of flops that is known to be needed, where flops were kept small.
    pub bound_flops: f64,
    /// The operations that run again, by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ReportGroup>,
}

/// Operations of one name that run again.
#[derive(Clone, Serialize, Debug)]
pub struct ReportGroup {
    /// The name.
    pub name: String,
    /// How many.
    pub ops: usize,
    /// Bytes of what they make, which need not be kept in the meantime.
    pub bytes: u64,
    /// Added time over all time.
    pub overhead_time: f64,
}

/// What one pass did.
#[derive(Clone, Serialize, Debug)]
pub struct ReportPass {
    /// Its name.
    pub name: &'static str,
    /// Wall-clock time.
    pub seconds: f64,
    /// Why its search stopped.
    pub stop: String,
    /// Bytes that its answer needs, where it minimises bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// No answer to its problem needs less.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lower_bound: Option<u64>,
    /// How much more the answer needs than the bound, as a share of the bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gap: Option<f64>,
}

impl Report {
    /// The report of a planned function.
    pub fn new(input: &str, pipeline: &str, planned: &PlannedFunction) -> Report {
        let pass = |pass: &memopt::pass::PassReport| ReportPass {
            name: pass.name,
            seconds: pass.seconds,
            stop: pass.stop.to_string(),
            bytes: pass.gap.map(|gap| gap.bytes.0),
            lower_bound: pass.gap.map(|gap| gap.lower_bound.0),
            gap: pass.gap.map(Gap::relative),
        };
        Report {
            memopt: env!("CARGO_PKG_VERSION"),
            input: input.to_owned(),
            function: planned.name.clone(),
            ops: planned.source.ops,
            pipeline: pipeline.to_owned(),
            bytes: ReportBytes::new(planned),
            recompute: ReportRecompute::new(planned),
            passes: planned.run.passes.iter().map(pass).collect(),
            seconds: planned.seconds,
            certified: planned.certificate.is_some(),
            rewritten_by: planned.rewritten_by.clone(),
            explain: None,
        }
    }
}

impl ReportBytes {
    fn new(planned: &PlannedFunction) -> ReportBytes {
        let proven = |size: fn(&Certificate) -> Bytes| planned.certificate.as_ref().map(|proof| size(proof).0);
        ReportBytes {
            arguments: proven(|proof| proof.arguments),
            results: proven(|proof| proof.results),
            arena: proven(|proof| proof.arena),
            planned: proven(|proof| proof.planned),
            peak_live: proven(|proof| proof.peak_live),
            hosted: proven(|proof| proof.hosted),
            copies: proven(|proof| proof.copies),
            lower_bound: planned.bounds.any_order.0,
            lower_bound_plan: planned.bounds.any_plan.0,
            program_order: planned.source.program_order.0,
        }
    }
}

impl ReportRecompute {
    fn new(planned: &PlannedFunction) -> ReportRecompute {
        let of = &planned.recompute;
        let overhead = if of.flops_total == 0 { 0.0 } else { of.flops_added as f64 / of.flops_total as f64 };
        ReportRecompute {
            ops: of.ops,
            flops_added: of.flops_added,
            flops_total: of.flops_total,
            overhead_flops: overhead,
            overhead_time: of.overhead_time,
            bound_time: of.bound_time,
            bound_flops: of.bound_flops,
            groups: of.groups.iter().map(ReportGroup::new).collect(),
        }
    }
}

impl ReportGroup {
    fn new(of: &RecomputedGroup) -> ReportGroup {
        ReportGroup { name: of.name.clone(), ops: of.ops, bytes: of.bytes.0, overhead_time: of.overhead_time }
    }
}

/// The text of a report file: an object for one function, an array of objects for any other number.
pub fn to_json<T: Serialize>(reports: &[T]) -> String {
    let json = match reports {
        [report] => serde_json::to_string_pretty(report),
        reports => serde_json::to_string_pretty(reports),
    };
    json.expect("numbers and strings are valid JSON") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::analysis::LowerBound;
    use memopt::pass::{PassReport, RunReport};
    use memopt::plan::StopReason;
    use memopt_passes::{Bounds, Recomputation, SourceFigures};

    fn place_report() -> PassReport {
        let gap = Some(Gap { bytes: Bytes(48), lower_bound: Bytes(32) });
        PassReport { name: "place", seconds: 0.5, stop: StopReason::Saturated, gap, added: None }
    }

    fn planned() -> PlannedFunction {
        PlannedFunction {
            name: "main".to_owned(),
            source: SourceFigures { ops: 2, program_order: Bytes(128), ..SourceFigures::default() },
            run: RunReport { passes: vec![place_report()] },
            rewritten_by: Vec::new(),
            bounds: Bounds { any_order: Bytes(64), any_plan: Bytes(64) },
            witness: LowerBound::default(),
            recompute: Recomputation::default(),
            certificate: Some(Certificate {
                planned: Bytes(96),
                results: Bytes(64),
                arena: Bytes(32),
                ..Certificate::default()
            }),
            seconds: 1.0,
        }
    }

    #[test]
    fn one_function_is_an_object_of_the_promised_shape() {
        let json = to_json(&[Report::new("in.mlir", "place", &planned())]);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let expected = serde_json::json!({
            "memopt": "0.1.0", "input": "in.mlir", "function": "main", "ops": 2, "pipeline": "place",
            "bytes": {"arguments": 0, "results": 64, "arena": 32, "planned": 96, "peak_live": 0, "hosted": 0, "copies": 0,
                      "lower_bound": 64, "lower_bound_plan": 64, "program_order": 128},
            "recompute": {"ops": 0, "flops_added": 0, "flops_total": 0, "overhead_flops": 0.0, "overhead_time": 0.0,
                          "bound_time": 0.0, "bound_flops": 0.0},
            "passes": [{"name": "place", "seconds": 0.5, "stop": "saturated", "bytes": 48, "lower_bound": 32, "gap": 0.5}], "seconds": 1.0, "certified": true
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn overheads_are_shares() {
        let recompute = Recomputation {
            ops: 1,
            flops_added: 5,
            flops_total: 20,
            overhead_time: 0.5,
            bound_time: 0.25,
            bound_flops: 0.125,
            groups: Vec::new(),
        };
        let report = Report::new("in.mlir", "place", &PlannedFunction { recompute, ..planned() });
        let value: serde_json::Value = serde_json::from_str(&to_json(&[report])).unwrap();
        let expected = serde_json::json!({
            "ops": 1, "flops_added": 5, "flops_total": 20, "overhead_flops": 0.25, "overhead_time": 0.5,
            "bound_time": 0.25, "bound_flops": 0.125
        });
        assert_eq!(value["recompute"], expected);
    }

    #[test]
    fn several_functions_are_an_array() {
        let report = Report::new("in.mlir", "place", &planned());
        let value: serde_json::Value = serde_json::from_str(&to_json(&[report.clone(), report])).unwrap();
        assert_eq!(value.as_array().map(Vec::len), Some(2));
        assert_eq!(to_json::<Report>(&[]), "[]\n");
    }

    #[test]
    fn a_rewritten_program_is_named_by_what_rewrote_it() {
        let report = Report::new("in.mlir", "place", &PlannedFunction { rewritten_by: vec!["rewrite"], ..planned() });
        let value: serde_json::Value = serde_json::from_str(&to_json(&[report])).unwrap();
        assert_eq!(value["rewritten_by"], serde_json::json!(["rewrite"]));
    }

    #[test]
    fn what_is_not_proven_is_null() {
        let report = Report::new("in.mlir", "place", &PlannedFunction { certificate: None, ..planned() });
        assert_eq!(report.bytes.planned, None);
        assert!(!report.certified);
    }
}
