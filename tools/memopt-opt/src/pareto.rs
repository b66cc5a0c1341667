//! `--pareto=N`: what memory costs. Plans one function for N budgets between the least arena and the one that needs no clones,
//! and holds the bytes against the added time.
//!
//! Each point is a plan of its own, through the whole pipeline and the checker. A budget is never said to cost more than a
//! smaller one: its plan is then that of the smaller one. So the curve is monotone by construction.

use std::fmt::Write;

use memopt::cost::Objective;
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
    /// The same as `bound_time` for floating-point operations, where these are kept small.
    pub bound_flops: f64,
    /// What is kept small.
    #[serde(skip)]
    objective: Objective,
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
            bound_flops: again.bound_flops,
            objective: planned
                .run
                .passes
                .iter()
                .find_map(|pass| pass.added)
                .map_or_else(Default::default, |a| a.objective),
        })
    }

    /// The share of work that is kept small.
    fn added(&self) -> f64 {
        match self.objective {
            Objective::Time => self.overhead_time,
            Objective::Flops => self.overhead_flops,
        }
    }

    /// No plan for the order adds less, as far as is known.
    fn bound(&self) -> f64 {
        match self.objective {
            Objective::Time => self.bound_time,
            Objective::Flops => self.bound_flops,
        }
    }

    fn unit(&self) -> &'static str {
        match self.objective {
            Objective::Time => "time",
            Objective::Flops => "flops",
        }
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
        if tighter.added() < this.added() {
            let Point { budget, bound_time, bound_flops, .. } = *this;
            *this = Point { budget, bound_time, bound_flops, ..tighter };
        }
    }
}

/// The points as a table.
pub fn table(points: &[Point]) -> String {
    let mut text = "      budget        arena   run again   added time   added flops   at least\n".to_owned();
    for point in points {
        let (budget, arena) = (Bytes(point.budget).to_string(), Bytes(point.arena).to_string());
        let percent = |share: f64| format!("{:.2} %", 100.0 * share);
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{budget:>12} {arena:>12} {:>11} {:>12} {:>13} {:>10} {}",
            point.ops,
            percent(point.overhead_time),
            percent(point.overhead_flops),
            percent(point.bound()),
            point.unit(),
        );
    }
    text
}

/// Size of the picture's inside, and what is left around it.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 500.0;
const MARGIN: f64 = 90.0;

/// The points as a picture: bytes from left to right, added work from bottom to top, and the bound as a thin line. Plans are
/// known at the dots only.
pub fn svg(points: &[Point]) -> String {
    let budgets = || points.iter().map(|point| point.budget as f64);
    let (least, most) = (budgets().fold(f64::MAX, f64::min), budgets().fold(1.0, f64::max));
    let dearest = points.iter().map(Point::added).fold(1e-4, f64::max);
    let x = |budget: f64| MARGIN + (budget - least) / (most - least).max(1.0) * WIDTH;
    let y = |share: f64| MARGIN + (1.0 - share / dearest) * HEIGHT;
    let line = |share: fn(&Point) -> f64| -> String {
        let corner = |point: &Point| format!("{:.1},{:.1} ", x(point.budget as f64), y(share(point)));
        points.iter().map(corner).collect()
    };
    let (right, bottom) = (MARGIN + WIDTH, MARGIN + HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {:.0} {:.0}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        right + MARGIN,
        bottom + MARGIN,
    );
    // Writing to a string cannot fail.
    for budget in ticks(least, most) {
        let (x, size) = (x(budget), Bytes(budget as u64));
        let _ = writeln!(
            svg,
            "<path d=\"M {x:.1} {MARGIN} V {bottom}\" stroke=\"#eee\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{size}</text>",
            bottom + 22.0,
        );
    }
    for share in ticks(0.0, dearest) {
        let y = y(share);
        let _ = writeln!(
            svg,
            "<path d=\"M {MARGIN} {y:.1} H {right}\" stroke=\"#eee\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{} %</text>",
            MARGIN - 8.0,
            y + 4.0,
            // Ticks are round numbers, but for the last digits.
            (1e6 * share).round() / 1e4,
        );
    }
    let unit = points.first().map_or("time", |point| point.unit());
    let _ = writeln!(
        svg,
        "<path d=\"M {MARGIN} {MARGIN} V {bottom} H {right}\" fill=\"none\" stroke=\"black\"/>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#999\"/>\n\
         <polyline points=\"{}\" fill=\"none\" stroke=\"#05c\" stroke-width=\"2\"/>",
        line(Point::bound),
        line(Point::added),
    );
    for point in points {
        let (x, y) = (x(point.budget as f64), y(point.added()));
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"#05c\"/>");
    }
    let (middle, left) = (MARGIN + WIDTH / 2.0, MARGIN / 4.0);
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">budget of the arena</text>\n\
         <text transform=\"translate({left} {:.1}) rotate(-90)\" text-anchor=\"middle\">added {unit}</text>\n\
         <text x=\"{right}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#05c\">plans found</text>\n\
         <text x=\"{right}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#777\">no plan for this order adds less</text>\n\
         </svg>",
        bottom + 50.0,
        MARGIN + HEIGHT / 2.0,
        MARGIN + 20.0,
        MARGIN + 38.0,
    );
    svg
}

/// Round numbers from `low` to `high`, four to ten of them: multiples of 1, 2 or 5 times a power of ten.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = (high - low).max(f64::MIN_POSITIVE);
    let power = 10f64.powf((span / 10.0).log10().ceil());
    let step = [0.2, 0.5, 1.0].map(|part| part * power).into_iter().find(|step| span / step <= 9.0).unwrap_or(power);
    let first = (low / step).ceil();
    (0..10).map(|i| (first + f64::from(i)) * step).take_while(|&tick| tick <= high + 1e-9 * span).collect()
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
            overhead_flops: -overhead_time,
            bound_flops: 0.0,
            objective: Objective::Time,
        };
        let mut points = [point(10, 0.5), point(20, 0.2), point(30, 0.3), point(40, 0.0)];
        make_monotone(&mut points);
        let costs: Vec<(u64, u64, f64)> = points.iter().map(|p| (p.budget, p.arena, p.overhead_time)).collect();
        assert_eq!(costs, [(10, 10, 0.5), (20, 20, 0.2), (30, 20, 0.2), (40, 40, 0.0)]);
        assert!(table(&points).contains("20.00 %"));
        assert!(svg(&points).contains(">added time</text>"));
        // Where flops are what is kept small, they are what may not rise.
        let mut points =
            [(10, 0.5), (20, 0.2)].map(|(budget, time)| Point { objective: Objective::Flops, ..point(budget, time) });
        make_monotone(&mut points);
        assert_eq!(points.map(|point| point.arena), [10, 10]);
        assert!(svg(&points).contains(">added flops</text>"));
    }

    #[test]
    fn ticks_are_round() {
        let percent: Vec<f64> = ticks(0.0, 0.4).iter().map(|share| (100.0 * share).round()).collect();
        assert_eq!(percent, [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0]);
        assert_eq!(ticks(462.5, 2742.9), [500.0, 1000.0, 1500.0, 2000.0, 2500.0]);
        assert!(ticks(7.0, 7.0).is_empty());
    }
}
