//! What a person wants to know of a plan, in a few lines.

use std::fmt::Write;

use memopt::ir::Bytes;
use memopt_passes::{Certificate, PlannedFunction};

/// The summary of a planned function.
pub fn summary(planned: &PlannedFunction) -> String {
    let ops = planned.source.ops;
    let mut text = format!("@{}: {ops} operations, {:.2} s\n", planned.name, planned.seconds);
    let reference = planned.source.program_order;
    line(&mut text, "program order", reference, "");
    match &planned.certificate {
        Some(proof) => summarize_plan(&mut text, planned, proof),
        None => text.push_str("  not planned: the pipeline gives no offsets, so there is nothing to certify\n"),
    }
    text
}

/// Names of operations that run again: more are in the report.
const SHOWN_GROUPS: usize = 3;

fn summarize_plan(text: &mut String, planned: &PlannedFunction, proof: &Certificate) {
    let (plan, reference, bound) = (proof.planned, planned.source.program_order, planned.bounds.any_plan);
    let at_least = if planned.source.unknown_workspace { ", at least: some workspace is unknown" } else { "" };
    line(text, "planned", plan, &format!("{}{at_least}", saving(reference, plan)));
    if planned.recompute.ops == 0 {
        line(text, "lower bound", bound, &format!("gap {}", percent(plan.saturating_sub(bound), bound)));
    } else {
        // What no plan can go below, whatever it runs again, is far down; how far the clones have come says more.
        line(text, "lower bound", planned.bounds.any_order, "if nothing ran twice");
    }
    line(text, "hosted", proof.hosted, "in donated arguments");
    line(text, "copied", proof.copies, "");
    let again = &planned.recompute;
    if again.ops > 0 {
        let least = match again.bound_flops > 0.0 {
            true => format!("at least {:.2} % more flops", 100.0 * again.bound_flops),
            false => format!("at least {:.2} %", 100.0 * again.bound_time),
        };
        let remark = format!("operations run again: {:.2} % more time, {least}", 100.0 * again.overhead_time);
        text.push_str(&format!("  {:<14}{:>12}   {remark}\n", "recomputed", again.ops));
        for group in again.groups.iter().take(SHOWN_GROUPS) {
            let remark = format!("{}, made again for {:.2} % time", group.bytes, 100.0 * group.overhead_time);
            text.push_str(&format!("  {:<14}{:>12}   {}, {remark}\n", "", group.ops, group.name));
        }
    }
    text.push_str("  certified      the checker has proven this plan");
    if !planned.rewritten_by.is_empty() {
        text.push_str(&format!(", of the program as {} left it", planned.rewritten_by.join(", ")));
    }
    text.push('\n');
}

/// One line on a plan that was only checked.
pub fn certified(function: &str, proof: &Certificate) -> String {
    format!("@{function}: the plan is right; it needs {} ({} of them arena)\n", proof.planned, proof.arena)
}

/// The time that each pass took.
pub fn timing(planned: &PlannedFunction) -> String {
    let mut text = format!("@{}: {:.3} s\n", planned.name, planned.seconds);
    let share = |seconds: f64| if planned.seconds > 0.0 { 100.0 * seconds / planned.seconds } else { 0.0 };
    let passes = &planned.run.passes;
    for pass in passes {
        // Writing to a string cannot fail.
        let stop = match pass.gap {
            Some(gap) if gap.bytes > gap.lower_bound => format!("{}, gap {:.2} %", pass.stop, 100.0 * gap.relative()),
            _ => pass.stop.to_string(),
        };
        let _ = writeln!(text, "  {:<14}{:>9.3} s {:>5.1} %   {stop}", pass.name, pass.seconds, share(pass.seconds));
    }
    let rest = (planned.seconds - passes.iter().map(|pass| pass.seconds).sum::<f64>()).max(0.0);
    let _ = writeln!(text, "  {:<14}{rest:>9.3} s {:>5.1} %   measure, verify, bound, check", "rest", share(rest));
    text
}

fn line(text: &mut String, what: &str, size: Bytes, remark: &str) {
    let written = format!("  {what:<14}{size:>12}   {remark}");
    text.push_str(written.trim_end());
    text.push('\n');
}

/// How much less a plan needs than the reference.
fn saving(reference: Bytes, plan: Bytes) -> String {
    if plan <= reference {
        format!("{} less", percent(reference - plan, reference))
    } else {
        format!("{} more", percent(plan - reference, reference))
    }
}

fn percent(part: Bytes, whole: Bytes) -> String {
    if whole.is_zero() {
        return if part.is_zero() { "0.0 %".to_owned() } else { "without measure".to_owned() };
    }
    format!("{:.1} %", 100.0 * part.0 as f64 / whole.0 as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::analysis::LowerBound;
    use memopt::pass::{PassReport, RunReport};
    use memopt::plan::StopReason;
    use memopt_passes::{Bounds, Recomputation, SourceFigures};

    fn planned() -> PlannedFunction {
        PlannedFunction {
            name: "main".to_owned(),
            source: SourceFigures { ops: 10, program_order: Bytes(200_000), ..SourceFigures::default() },
            run: RunReport {
                passes: vec![PassReport {
                    name: "place",
                    seconds: 0.5,
                    stop: StopReason::Proven,
                    gap: None,
                    added: None,
                }],
            },
            rewritten_by: Vec::new(),
            bounds: Bounds { any_order: Bytes(80_000), any_plan: Bytes(80_000) },
            witness: LowerBound::default(),
            recompute: Recomputation::default(),
            certificate: Some(Certificate { planned: Bytes(100_000), arena: Bytes(60_000), ..Certificate::default() }),
            seconds: 1.0,
        }
    }

    #[test]
    fn a_plan_is_held_against_program_order_and_bound() {
        let expected = "\
@main: 10 operations, 1.00 s
  program order     200.0 kB
  planned           100.0 kB   50.0 % less
  lower bound        80.0 kB   gap 25.0 %
  hosted                 0 B   in donated arguments
  copied                 0 B
  certified      the checker has proven this plan
";
        assert_eq!(summary(&planned()), expected);
    }

    #[test]
    fn what_runs_again_is_told_with_its_price() {
        let recompute = Recomputation { ops: 7, overhead_time: 0.0125, bound_time: 0.01, ..Recomputation::default() };
        let text = summary(&PlannedFunction { recompute, ..planned() });
        let line = "  recomputed               7   operations run again: 1.25 % more time, at least 1.00 %\n";
        assert!(text.contains(line), "{text}");
        assert!(!summary(&planned()).contains("recomputed"));
    }

    #[test]
    fn the_proof_says_which_program_it_is_about() {
        let text = summary(&PlannedFunction { rewritten_by: vec!["rewrite"], ..planned() });
        assert!(text.ends_with("the checker has proven this plan, of the program as rewrite left it\n"), "{text}");
    }

    #[test]
    fn without_a_certificate_nothing_is_claimed() {
        let text = summary(&PlannedFunction { certificate: None, ..planned() });
        assert!(text.contains("not planned") && !text.contains("certified "), "{text}");
    }

    #[test]
    fn time_is_shared_out() {
        let expected = "\
@main: 1.000 s
  place             0.500 s  50.0 %   proven
  rest              0.500 s  50.0 %   measure, verify, bound, check
";
        assert_eq!(timing(&planned()), expected);
    }
}
