//! Mixed integer linear programs: the one door to good_lp and its solvers.
//!
//! A [`Program`] is minimised over variables with bounds, some of them integers, under linear rows. Its [`Answer`] says how
//! far the solver came: the verdict, a bound that no solution beats, and how much work it took.
//!
//! The cargo feature `highs` (the default) solves with HiGHS, on one thread, with a fixed seed: the same program and limits
//! without a time limit get the same answer. good_lp does not hand on HiGHS's bound, so that its model is taken over from
//! good_lp and run by the `highs` crate. Nodes of the branch-and-bound tree are counted there in 64 bits, which the crate
//! cannot read without unsafe code; so the program is run under [`NODE_STEPS`], each limit larger than the one before, and
//! what is reported is the limit that was enough.
//!
//! Without the feature it is microlp that solves, in Rust alone. It stops neither by nodes nor with a bound, it does not say
//! how many nodes it took, and it is slower by orders of magnitude: programs of more than [`MICROLP_VARIABLES`] variables are
//! not tried.

use std::time::Duration;

use good_lp::{Constraint, Expression, ProblemVariables, Variable, constraint, variable};

/// Node limits that are tried one after the other: the first is the root alone.
pub(crate) const NODE_STEPS: [u64; 4] = [1, 100, 10_000, 1_000_000];

/// More variables than this are not for microlp.
#[cfg(not(feature = "highs"))]
const MICROLP_VARIABLES: usize = 400;

/// A program in the making.
#[derive(Default)]
pub(crate) struct Program {
    variables: ProblemVariables,
    ids: Vec<Variable>,
    objective: Vec<(usize, f64)>,
    rows: Vec<Constraint>,
    /// Coefficients other than zero in all rows.
    entries: usize,
    start: Option<Vec<f64>>,
}

/// How long the solver may work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    /// Nodes of the branch-and-bound tree.
    pub(crate) nodes: u64,
    /// Time; answers then depend on the machine.
    pub(crate) time: Option<Duration>,
}

/// What the solver knows at its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The values are the best there are.
    Optimal,
    /// No values satisfy all rows.
    Infeasible,
    /// A limit was reached, or the numbers got out of hand; the values, if any, satisfy all rows.
    Stopped,
}

/// The end of a run.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Answer {
    /// What is known.
    pub(crate) verdict: Verdict,
    /// The value of each variable; empty if none were found.
    pub(crate) values: Vec<f64>,
    /// No solution has a lower objective.
    pub(crate) bound: f64,
    /// The node limit that was enough, or was not.
    pub(crate) nodes: u64,
}

impl Answer {
    const NOTHING: Answer =
        Answer { verdict: Verdict::Stopped, values: Vec::new(), bound: f64::NEG_INFINITY, nodes: 0 };
}

impl Program {
    /// Adds a variable with its bounds; its index.
    pub(crate) fn real(&mut self, low: f64, high: f64) -> usize {
        self.ids.push(self.variables.add(variable().min(low).max(high)));
        self.ids.len() - 1
    }

    /// Adds a variable that is 0 or 1; its index.
    pub(crate) fn binary(&mut self) -> usize {
        self.ids.push(self.variables.add(variable().binary()));
        self.ids.len() - 1
    }

    /// Number of variables.
    pub(crate) fn variables(&self) -> usize {
        self.ids.len()
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Coefficients other than zero in all rows.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// Minimise, among others, this multiple of a variable.
    pub(crate) fn cost(&mut self, variable: usize, factor: f64) {
        self.objective.push((variable, factor));
    }

    /// The sum of the terms is at most `limit`.
    pub(crate) fn at_most(&mut self, terms: &[(usize, f64)], limit: f64) {
        self.entries += terms.len();
        let sum = self.sum(terms);
        self.rows.push(constraint::leq(sum, limit));
    }

    /// Values to start from: one for each variable, all rows satisfied.
    pub(crate) fn start_from(&mut self, values: Vec<f64>) {
        self.start = Some(values);
    }

    fn sum(&self, terms: &[(usize, f64)]) -> Expression {
        let mut sum = Expression::with_capacity(terms.len());
        terms.iter().for_each(|&(index, factor)| sum.add_mul(factor, self.ids[index]));
        sum
    }

    /// Runs the solver, in steps up to the limits.
    pub(crate) fn solve(&self, limits: Limits) -> Answer {
        let start = std::time::Instant::now();
        let mut answer = Answer::NOTHING;
        for step in NODE_STEPS.map(|step| step.min(limits.nodes)) {
            let left = limits.time.map(|time| time.saturating_sub(start.elapsed()));
            if answer.nodes >= limits.nodes || left == Some(Duration::ZERO) {
                break;
            }
            answer = self.run(Limits { nodes: step, time: left });
            if answer.verdict != Verdict::Stopped {
                break;
            }
        }
        answer
    }
}

#[cfg(feature = "highs")]
impl Program {
    fn run(&self, limits: Limits) -> Answer {
        use good_lp::SolverModel as _;
        use highs::{HighsModelStatus, HighsSolutionStatus};

        let problem = self.variables.clone().minimise(self.sum(&self.objective)).using(good_lp::highs);
        let Ok(mut model) = problem.with_all(self.rows.iter().cloned()).try_into_inner() else {
            return Answer::NOTHING;
        };
        model.set_option("threads", 1);
        model.set_option("parallel", "off");
        model.set_option("random_seed", 0);
        model.set_option("mip_rel_gap", 0.0);
        model.set_option("mip_abs_gap", 0.0);
        // Sizes are up to 10^10 bytes: a share of 10^-6 of a binary would be thousands of them.
        model.set_option("mip_feasibility_tolerance", 1e-9);
        model.set_option("primal_feasibility_tolerance", 1e-9);
        model.set_option("mip_max_nodes", i32::try_from(limits.nodes).unwrap_or(i32::MAX));
        if let Some(time) = limits.time {
            model.set_option("time_limit", time.as_secs_f64());
        }
        if let Some(values) = &self.start {
            model.set_solution(Some(values), None, None, None);
        }
        let Ok(solved) = model.try_solve() else { return Answer { nodes: limits.nodes, ..Answer::NOTHING } };
        let has_values = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let values = if has_values { solved.get_solution().columns().to_vec() } else { Vec::new() };
        let verdict = match solved.status() {
            HighsModelStatus::Optimal | HighsModelStatus::ModelEmpty if has_values => Verdict::Optimal,
            HighsModelStatus::Infeasible => Verdict::Infeasible,
            _ => Verdict::Stopped,
        };
        let bound = match verdict {
            Verdict::Optimal => solved.objective_value(),
            _ => solved.double_info_value(c"mip_dual_bound").unwrap_or(f64::NEG_INFINITY),
        };
        Answer { verdict, values, bound, nodes: limits.nodes }
    }
}

#[cfg(not(feature = "highs"))]
impl Program {
    fn run(&self, limits: Limits) -> Answer {
        use good_lp::{ResolutionError, Solution as _, SolutionStatus, SolverModel as _, WithTimeLimit as _};

        // It counts no nodes, so that one run is all there is.
        let stopped = Answer { nodes: u64::MAX, ..Answer::NOTHING };
        if self.ids.len() > MICROLP_VARIABLES {
            return stopped;
        }
        let objective = self.sum(&self.objective);
        let mut model = self.variables.clone().minimise(objective.clone()).using(good_lp::microlp);
        model = model.with_all(self.rows.iter().cloned());
        if let Some(time) = limits.time {
            model = model.with_time_limit(time.as_secs_f64());
        }
        match model.solve() {
            Err(ResolutionError::Infeasible) => Answer { verdict: Verdict::Infeasible, ..stopped },
            Err(_) => stopped,
            Ok(solution) => {
                let values = self.ids.iter().map(|&id| solution.value(id)).collect();
                match solution.status() {
                    SolutionStatus::Optimal => {
                        Answer { verdict: Verdict::Optimal, values, bound: solution.eval(objective), ..stopped }
                    }
                    _ => Answer { values, ..stopped },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { nodes: 1000, time: None };

    /// Weights 3, 4, 5 worth 4, 5, 6 in 7: the first two, worth 9.
    fn knapsack(least: f64) -> Program {
        let mut program = Program::default();
        let items = [(3.0, 4.0), (4.0, 5.0), (5.0, 6.0)].map(|(weight, worth)| (program.binary(), weight, worth));
        program.at_most(&items.map(|(item, weight, _)| (item, weight)), 7.0);
        program.at_most(&items.map(|(item, _, worth)| (item, -worth)), -least);
        items.iter().for_each(|&(item, _, worth)| program.cost(item, -worth));
        program
    }

    #[test]
    fn a_knapsack_is_solved_and_bounded() {
        let answer = knapsack(0.0).solve(LIMITS);
        assert_eq!(answer.verdict, Verdict::Optimal);
        assert_eq!(answer.values.iter().map(|value| value.round()).collect::<Vec<_>>(), [1.0, 1.0, 0.0]);
        assert!((answer.bound + 9.0).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_is_infeasible() {
        assert_eq!(knapsack(9.5).solve(LIMITS).verdict, Verdict::Infeasible);
    }

    #[test]
    fn no_time_no_answer() {
        let answer = knapsack(0.0).solve(Limits { time: Some(Duration::ZERO), ..LIMITS });
        assert_eq!(answer, Answer::NOTHING);
    }
}
