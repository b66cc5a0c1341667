//! The integer program of one component: in which order its groups run.
//!
//! For groups i and x whose order is open, the binary `p(i, x)` is 1 if i runs before x; `p(x, i) = 1 - p(i, x)`. A group is
//! *critical* if one of its rows could be above the limit; only pairs with a critical group have a variable.
//!
//! ```text
//! minimise peak
//! live(b, x) >= p(writer, x) - p(r, x)                 for each row's open buffers b, and each open reader r
//! peak >= always + sum size(b) live(b, x) - saved(x)   for each row of a critical group x
//! p(j, x) <= p(i, x)                                   for each edge i -> j, x critical
//! p(i, x) <= p(i, y)                                   x before y in every order, both critical
//! p(i, x) + p(x, y) - 1 <= p(i, y)                     the order of x and y open, both critical
//! tie(r, o) <= p(reader, x)                            for each other reader of o; o overwritten once, r in place once
//! ```
//!
//! What has run before x is a downset S(x), and the rows of x with the edges are the linear program of the minimum cut over
//! such sets: the relaxation is never below the bound by cuts. The last two lines of orders make the S(x) a chain. Groups
//! that are not critical lie anywhere in it, in program order: their rows cannot pass the limit.
//!
//! Against one variable for each kernel and step (MODeL), nothing is split over steps: a kernel that is half run at every
//! step makes the relaxation of such models far too low.
//!
//! The second objective counts *inversions*: pairs of groups with a variable that do not stand as in the program.

mod memory;

use rustc_hash::FxHashMap;

use super::flat::Flat;
use super::groups::Groups;
use super::rows::GroupRows;
use crate::ilp::Program;

/// More coefficients than this are not handed to the solver.
const MOST_ENTRIES: usize = 1_500_000;

/// Bytes are scaled so that the limit is about this: large against tolerances, small enough for the solver's numbers.
const SCALE: f64 = 1e4;

/// What is minimised.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::schedule) enum Objective {
    /// The peak, but no lower than these bytes: what other components need anyway.
    Peak {
        /// The bytes.
        floor: u64,
    },
    /// Inversions, under the limit.
    Inversions,
    /// The height of the arena, no lower than these bytes: every pair has a variable, and ties are free.
    Height {
        /// The bytes.
        floor: u64,
    },
}

/// What there is to order.
pub(in crate::schedule) struct Component<'a> {
    pub(in crate::schedule) flat: &'a Flat,
    pub(in crate::schedule) groups: &'a Groups,
    /// The groups, ascending, each with its rows.
    pub(in crate::schedule) rows: &'a [(u32, GroupRows)],
}

/// A program with the meaning of its variables.
pub(in crate::schedule) struct Model<'a> {
    component: &'a Component<'a>,
    pub(in crate::schedule) program: Program,
    /// The variable that no row is above.
    pub(in crate::schedule) peak: usize,
    objective: Objective,
    /// Result, operand and variable of each tie; buffers as in the problem.
    ties: Vec<(u32, u32, usize)>,
    /// Groups with rows in the program.
    critical: Vec<u32>,
    pairs: FxHashMap<(u32, u32), usize>,
    /// For each variable, what it stands for.
    meanings: Vec<Meaning>,
    scale: f64,
}

enum Meaning {
    /// The first group runs before the second.
    Before(u32, u32),
    /// A term of a group, with bounds from below.
    Live(Vec<Linear>),
    /// An operand that dies, with bounds from above.
    Dies(Vec<Linear>),
    /// A tie: its operand's death, and the ties that come before it.
    Tie(Linear, Vec<usize>),
    Peak,
}

/// A constant and multiples of variables.
#[derive(Clone, Default)]
struct Linear {
    constant: f64,
    terms: Vec<(usize, f64)>,
}

impl Linear {
    fn value(&self, values: &[f64]) -> f64 {
        self.constant + self.terms.iter().map(|&(variable, factor)| factor * values[variable]).sum::<f64>()
    }

    fn add(&mut self, factor: f64, other: &Linear) {
        self.constant += factor * other.constant;
        self.terms.extend(other.terms.iter().map(|&(variable, by)| (variable, factor * by)));
    }
}

impl<'a> Model<'a> {
    /// The program of orders with a peak of at most `limit`; `None` if it is too large.
    pub(in crate::schedule) fn new(
        component: &'a Component<'a>,
        limit: u64,
        objective: Objective,
    ) -> Option<Model<'a>> {
        let all = matches!(objective, Objective::Height { .. });
        let is_critical = |rows: &GroupRows| all || rows.rows.iter().any(|row| row.most(&rows.terms) > limit);
        let critical = component.rows.iter().filter(|(_, rows)| is_critical(rows)).map(|&(group, _)| group).collect();
        let mut model = Model {
            component,
            program: Program::default(),
            peak: 0,
            objective,
            ties: Vec::new(),
            critical,
            pairs: FxHashMap::default(),
            meanings: Vec::new(),
            scale: SCALE / limit.max(1) as f64,
        };
        model.pair_all();
        let floor = match objective {
            Objective::Peak { floor } | Objective::Height { floor } => floor.min(limit),
            Objective::Inversions => limit,
        };
        model.peak = model.program.real(model.scaled(floor), model.scaled(limit));
        model.meanings.push(Meaning::Peak);
        model.memory(limit)?;
        model.closure()?;
        model.chain()?;
        match objective {
            Objective::Peak { .. } | Objective::Height { .. } => model.program.cost(model.peak, 1.0),
            Objective::Inversions => model.count_inversions(),
        }
        Some(model)
    }

    /// Bytes as the program has them.
    pub(in crate::schedule) fn scaled(&self, bytes: u64) -> f64 {
        bytes as f64 * self.scale
    }

    /// A value of the objective as bytes, if that is the peak.
    pub(super) fn bytes(&self, value: f64) -> f64 {
        (value / self.scale).round()
    }

    /// One binary for each open pair with a critical group.
    fn pair_all(&mut self) {
        for &x in &self.critical {
            for &(i, _) in self.component.rows {
                let pair = (i.min(x), i.max(x));
                if self.component.groups.reach.is_open(i, x) && !self.pairs.contains_key(&pair) {
                    self.pairs.insert(pair, self.program.binary());
                    self.meanings.push(Meaning::Before(pair.0, pair.1));
                }
            }
        }
    }

    /// `p(i, x)`.
    fn before(&self, i: u32, x: u32) -> Linear {
        match self.pairs.get(&(i.min(x), i.max(x))) {
            Some(&variable) if i < x => Linear { constant: 0.0, terms: vec![(variable, 1.0)] },
            Some(&variable) => Linear { constant: 1.0, terms: vec![(variable, -1.0)] },
            None => {
                Linear { constant: f64::from(u8::from(self.component.groups.reach.before(i, x))), terms: Vec::new() }
            }
        }
    }

    /// `sum <= 0`.
    fn at_most_zero(&mut self, mut sum: Linear) -> Option<()> {
        sum.terms.sort_unstable_by_key(|&(variable, _)| variable);
        sum.terms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0.0 };
            same
        });
        self.program.at_most(&sum.terms, -sum.constant);
        (self.program.entries() <= MOST_ENTRIES).then_some(())
    }

    /// What has run before a critical group holds all predecessors of its members.
    fn closure(&mut self) -> Option<()> {
        let component = self.component;
        for x in self.critical.clone() {
            for &(i, _) in component.rows {
                for &j in component.groups.successors.row(i as usize) {
                    let (first, second) = (self.before(i, x), self.before(j, x));
                    if !first.terms.is_empty() && !second.terms.is_empty() {
                        let mut sum = second;
                        sum.add(-1.0, &first);
                        self.at_most_zero(sum)?;
                    }
                }
            }
        }
        Some(())
    }

    /// What has run before one critical group has run before every later one.
    fn chain(&mut self) -> Option<()> {
        let component = self.component;
        let reach = &component.groups.reach;
        let critical = self.critical.clone();
        for (at, &x) in critical.iter().enumerate() {
            for &y in &critical[at + 1..] {
                // Between two that are in order anyway it is enough to link neighbours.
                let between = |z: &&u32| reach.before(x, **z) && reach.before(**z, y);
                if reach.before(x, y) && self.critical.iter().any(|z| between(&z)) {
                    continue;
                }
                for &(i, _) in component.rows.iter().filter(|(i, _)| *i != x && *i != y) {
                    // Of three critical groups, each says it once.
                    if self.critical.binary_search(&i).is_ok() && i < y && reach.is_open(x, y) {
                        continue;
                    }
                    let (in_x, in_y) = (self.before(i, x), self.before(i, y));
                    if in_x.terms.is_empty() || in_y.terms.is_empty() {
                        continue;
                    }
                    let x_first = self.before(x, y);
                    self.link(&in_x, &x_first, &in_y)?;
                    if reach.is_open(x, y) {
                        let y_first = self.before(y, x);
                        self.link(&in_y, &y_first, &in_x)?;
                    }
                }
            }
        }
        Some(())
    }

    /// `first + order - 1 <= second`.
    fn link(&mut self, first: &Linear, order: &Linear, second: &Linear) -> Option<()> {
        let mut sum = first.clone();
        sum.add(1.0, order);
        sum.add(-1.0, second);
        sum.constant -= 1.0;
        self.at_most_zero(sum)
    }

    /// Groups are numbered near program order.
    fn count_inversions(&mut self) {
        for (variable, meaning) in self.meanings.iter().enumerate() {
            if let Meaning::Before(..) = meaning {
                self.program.cost(variable, -1.0);
            }
        }
    }

    /// A variable more, between two bounds.
    pub(in crate::schedule) fn real(&mut self, low: f64, high: f64) -> usize {
        self.program.real(low, high)
    }

    /// A variable more that is 0 or 1.
    pub(in crate::schedule) fn binary(&mut self) -> usize {
        self.program.binary()
    }

    /// The variable is no larger than `p(first, second)`.
    pub(in crate::schedule) fn implies_before(&mut self, variable: usize, first: u32, second: u32) -> Option<()> {
        let mut sum = Linear { constant: 0.0, terms: vec![(variable, 1.0)] };
        sum.add(-1.0, &self.before(first, second));
        self.at_most_zero(sum)
    }

    /// The ties by which one buffer is overwritten by the other.
    pub(in crate::schedule) fn ties_between(&self, operand: Option<u32>, result: Option<u32>) -> Vec<usize> {
        let of = |&&(r, o, _): &&(u32, u32, usize)| Some(r) == result && Some(o) == operand;
        self.ties.iter().filter(of).map(|&(.., variable)| variable).collect()
    }

    /// Result and operand of each tie that a solution takes.
    pub(in crate::schedule) fn taken_ties(&self, values: &[f64]) -> Vec<(u32, u32)> {
        self.ties
            .iter()
            .filter(|&&(.., tie)| values[tie] > 0.5)
            .map(|&(result, operand, _)| (result, operand))
            .collect()
    }

    /// The values that stand for an order of the component's groups.
    pub(super) fn start_from(&mut self, order: &[u32]) {
        let position: FxHashMap<u32, usize> = order.iter().enumerate().map(|(at, &group)| (group, at)).collect();
        let mut values: Vec<f64> = Vec::with_capacity(self.meanings.len());
        for meaning in &self.meanings {
            let bound = |bounds: &[Linear], pick: fn(f64, f64) -> f64, from: f64| {
                bounds.iter().map(|linear| linear.value(&values)).fold(from, pick)
            };
            let value = match meaning {
                Meaning::Before(i, x) => f64::from(u8::from(position[i] < position[x])),
                Meaning::Live(bounds) => bound(bounds, f64::max, 0.0),
                Meaning::Dies(bounds) => bound(bounds, f64::min, 1.0),
                Meaning::Tie(death, earlier) => {
                    let free = earlier.iter().all(|&other| values[other] == 0.0);
                    if free { death.value(&values) } else { 0.0 }
                }
                Meaning::Peak => SCALE,
            };
            values.push(value);
        }
        self.program.start_from(values);
    }

    /// The order that a solution stands for: critical groups by their number of predecessors among them, the others as late
    /// as the program has them and no later than the downsets allow.
    pub(in crate::schedule) fn order(&self, values: &[f64]) -> Vec<u32> {
        let is_before = |i: u32, x: u32| self.before(i, x).value(values) > 0.5;
        let mut line = self.critical.clone();
        let rank = |x: u32| self.critical.iter().filter(|&&y| y != x && is_before(y, x)).count();
        line.sort_by_cached_key(|&x| (rank(x), x));
        let place = |i: u32| match line.iter().position(|&x| x == i) {
            Some(at) => (at, 1),
            None => (line.iter().position(|&x| is_before(i, x)).unwrap_or(line.len()), 0),
        };
        let places: FxHashMap<u32, (usize, u32)> =
            self.component.rows.iter().map(|&(group, _)| (group, place(group))).collect();
        legal_order(self.component, |group| places[&group])
    }
}

/// The order of a component's groups that follows keys as far as the edges allow, then numbers.
pub(super) fn legal_order<K: Ord + Copy>(component: &Component<'_>, key: impl Fn(u32) -> K) -> Vec<u32> {
    let groups = component.groups;
    let inside = |group: &u32| component.rows.binary_search_by_key(group, |&(g, _)| g).is_ok();
    let waits = |group: u32| groups.predecessors.row(group as usize).iter().filter(|&g| inside(g)).count();
    let mut waiting: FxHashMap<u32, usize> = component.rows.iter().map(|&(group, _)| (group, waits(group))).collect();
    let ready = component.rows.iter().map(|&(group, _)| group).filter(|group| waiting[group] == 0);
    let mut ready: std::collections::BTreeSet<(K, u32)> = ready.map(|group| (key(group), group)).collect();
    let mut order = Vec::with_capacity(component.rows.len());
    while let Some((_, group)) = ready.pop_first() {
        order.push(group);
        for &next in groups.successors.row(group as usize).iter().filter(|&g| inside(g)) {
            let left = waiting.get_mut(&next).expect("it is inside");
            *left -= 1;
            if *left == 0 {
                ready.insert((key(next), next));
            }
        }
    }
    order
}
