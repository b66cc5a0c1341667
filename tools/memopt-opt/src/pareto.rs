//! `--pareto=N`: what memory costs. Plans one function for N budgets between the least arena and the one that needs no clones,
//! and holds the bytes against the added time.
//!
//! Each point is a plan of its own, through the whole pipeline and the checker. A budget is never said to cost more than a
//! smaller one: its plan is then that of the smaller one. So the curve is monotone by construction.

use std::fmt::Write;

use memopt::ir::{Bytes, Function, Module};
use memopt::pass::Pipeline;
use memopt_passes::{PlanError, PlannedFunction};
use serde::Serialize;

/// A budget and the cheapest plan that keeps it.
#[derive(Clone, Copy, PartialEq, Serialize, Debug)]
pub struct Point {
    /// What the arena may have, in bytes.
    pub budget: u64,
    /// What it has.
    pub arena: u64,
    /// Operations that run again.
    pub ops: usize,
    /// Added time over all time.
    pub overhead_time: f64,
    /// Least added time over all time with which the budget can be met, as far as is known.
    pub bound_time: f64,
    /// Added floating-point operations over all.
    pub overhead_flops: f64,
}

impl Point {
    fn new(budget: Bytes, planned: &PlannedFunction) -> Option<Point> {
        let (proof, again) = (planned.certificate?, &planned.recompute);
        let flops = again.flops_added as f64 / (again.flops_total as f64).max(1.0);
        Some(Point {
            budget: budget.0,
            arena: proof.arena.0,
            ops: again.ops,
            overhead_time: again.overhead_time,
            bound_time: again.bound_time,
            overhead_flops: flops,
        })
    }
}

/// Why there is no curve.
#[derive(Debug)]
pub enum ParetoError {
    /// A plan failed.
    Plan(PlanError),
    /// The command line asks for something else at the same time.
    Usage(String),
}

impl From<PlanError> for ParetoError {
    fn from(error: PlanError) -> Self {
        ParetoError::Plan(error)
    }
}

/// The points, from the tightest budget to the loosest. `plan` runs one pipeline on the function.
///
/// # Errors
/// If the pipeline cannot have a budget, or the function cannot be planned at all.
pub fn pareto(
    pipeline: &Pipeline,
    points: usize,
    (module, function): (&Module, Function),
    plan: impl Fn(&Pipeline, &Module, Function) -> Result<PlannedFunction, PlanError>,
) -> Result<Vec<Point>, ParetoError> {
    let with = |option: &str, value: &str| {
        let mut pipeline = pipeline.clone();
        let Some(stage) = pipeline.find_mut("recompute") else {
            let message = format!("--pareto needs the pass `recompute`, which `{pipeline}` does not run");
            return Err(ParetoError::Usage(message));
        };
        match stage.options_mut().set(option, value) {
            Ok(()) => Ok(pipeline),
            Err(_) => Err(ParetoError::Usage(format!("--pareto sets `{option}` itself; leave it out of the pipeline"))),
        }
    };
    let ends = [with("max-overhead", "0%")?, with("budget", "min")?];
    let [loose, tight] = ends.map(|pipeline| plan(&pipeline, module, function));
    let (loose, tight) = (loose?, tight?);
    let arena = |planned: &PlannedFunction| planned.certificate.map_or(Bytes::ZERO, |proof| proof.arena);
    let (most, least) = (arena(&loose), arena(&tight));
    let mut found: Vec<Point> = Point::new(least, &tight).into_iter().collect();
    for part in 1..points.saturating_sub(1) as u64 {
        let budget = least + Bytes(most.saturating_sub(least).0 / (points as u64 - 1) * part);
        match plan(&with("budget", &budget.0.to_string())?, module, function) {
            Ok(planned) => found.extend(Point::new(budget, &planned)),
            // Nothing was found for this one; the plan of the next smaller budget stands for it.
            Err(PlanError::Input(_)) => {
                let tighter = found.last().map(|&tighter| Point { budget: budget.0, ..tighter });
                found.extend(tighter);
            }
            Err(error) => return Err(error.into()),
        }
    }
    found.extend(Point::new(most, &loose));
    make_monotone(&mut found);
    Ok(found)
}

/// Lets each budget have the plan of a smaller one that costs less.
fn make_monotone(points: &mut [Point]) {
    for at in 1..points.len() {
        let (tighter, this) = (points[at - 1], &mut points[at]);
        if tighter.overhead_time < this.overhead_time {
            *this = Point { budget: this.budget, bound_time: this.bound_time, ..tighter };
        }
    }
}

/// The points as a table.
pub fn table(points: &[Point]) -> String {
    let mut text = "      budget        arena   run again   added time   at least   added flops\n".to_owned();
    for point in points {
        let (budget, arena) = (Bytes(point.budget).to_string(), Bytes(point.arena).to_string());
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{budget:>12} {arena:>12} {:>11} {:>12} {:>10} {:>13}",
            point.ops,
            percent(point.overhead_time),
            percent(point.bound_time),
            percent(point.overhead_flops),
        );
    }
    text
}

/// Size of the picture's inside, and what is left around it.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 500.0;
const MARGIN: f64 = 90.0;

/// The points as a picture: bytes from left to right, added time from bottom to top, and the bound as a thin line.
pub fn svg(points: &[Point]) -> String {
    let budgets = || points.iter().map(|point| point.budget as f64);
    let (least, most) = (budgets().fold(f64::MAX, f64::min), budgets().fold(1.0, f64::max));
    let dearest = points.iter().map(|point| point.overhead_time).fold(1e-4, f64::max);
    let x = |budget: f64| MARGIN + (budget - least) / (most - least).max(1.0) * WIDTH;
    let y = |share: f64| MARGIN + (1.0 - share / dearest) * HEIGHT;
    let line = |share: fn(&Point) -> f64| -> String {
        let corner = |point: &Point| format!("{:.1},{:.1} ", x(point.budget as f64), y(share(point)));
        points.iter().map(corner).collect()
    };
    let (right, bottom) = (MARGIN + WIDTH, MARGIN + HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <path d=\"M {MARGIN} {MARGIN} V {bottom} H {right}\" fill=\"none\" stroke=\"black\"/>\n",
        right + MARGIN,
        bottom + MARGIN,
    );
    for part in 0..=5 {
        let share = f64::from(part) / 5.0;
        let (budget, cost) = (least + share * (most - least), share * dearest);
        let size = Bytes(budget as u64);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size}</text>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.2} %</text>",
            x(budget),
            bottom + 24.0,
            MARGIN - 8.0,
            y(cost) + 4.0,
            100.0 * cost,
        );
    }
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"#999\"/>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#05c\" stroke-width=\"2\"/>\n\
         <text x=\"{MARGIN}\" y=\"{:.1}\">added time against the budget of the arena; grey: no plan for this order adds less</text>\n\
         </svg>",
        line(|point| point.bound_time),
        line(|point| point.overhead_time),
        MARGIN / 2.0,
    );
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_never_costs_more_than_a_smaller_one() {
        let point = |budget, overhead_time| Point {
            budget,
            arena: budget,
            ops: 1,
            overhead_time,
            bound_time: 0.0,
            overhead_flops: 0.0,
        };
        let mut points = [point(10, 0.5), point(20, 0.2), point(30, 0.3), point(40, 0.0)];
        make_monotone(&mut points);
        let costs: Vec<(u64, u64, f64)> = points.iter().map(|p| (p.budget, p.arena, p.overhead_time)).collect();
        assert_eq!(costs, [(10, 10, 0.5), (20, 20, 0.2), (30, 20, 0.2), (40, 40, 0.0)]);
        assert!(table(&points).contains("20.00 %"));
        assert!(svg(&points).ends_with("</svg>\n"));
    }
}
