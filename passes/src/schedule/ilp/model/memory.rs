//! The rows of live bytes, with the variables of what lives, dies and is tied.

use rustc_hash::FxHashMap;

use super::{Linear, Meaning, Model, Objective};
use crate::schedule::ilp::rows::GroupRows;

impl Model<'_> {
    /// Every row that could be above the limit is below the peak.
    pub(super) fn memory(&mut self, limit: u64) -> Option<()> {
        let component = self.component;
        let all = matches!(self.objective, Objective::Height { .. });
        for (x, of) in component.rows {
            let mut lives: Vec<Option<Linear>> = vec![None; of.terms.len()];
            for row in of.rows.iter().filter(|row| all || row.most(&of.terms) > limit) {
                let mut sum = Linear { constant: row.always as f64 * self.scale, terms: vec![(self.peak, -1.0)] };
                for &term in &row.terms {
                    let term = term as usize;
                    if lives[term].is_none() {
                        lives[term] = Some(self.live(*x, of, term)?);
                    }
                    let live = lives[term].as_ref().expect("just made");
                    sum.add(of.terms[term].size as f64 * self.scale, live);
                }
                self.ties(*x, row.kernel, &mut sum)?;
                self.at_most_zero(sum)?;
            }
        }
        Some(())
    }

    /// Whether a buffer is live at x: a sum where that is enough, else a variable that is no less than it must be.
    fn live(&mut self, x: u32, of: &GroupRows, term: usize) -> Option<Linear> {
        let term = &of.terms[term];
        let written = match term.writer {
            Some(writer) => self.before(writer, x),
            None => Linear { constant: 1.0, terms: Vec::new() },
        };
        let still = |model: &Self, reader: u32| {
            let mut sum = written.clone();
            sum.add(-1.0, &model.before(reader, x));
            sum
        };
        match (term.writer, &term.readers[..]) {
            (_, []) => return Some(written),
            (None, &[reader]) => return Some(still(self, reader)),
            _ => {}
        }
        let bounds: Vec<Linear> = term.readers.iter().map(|&reader| still(self, reader)).collect();
        let live = self.program.real(0.0, 1.0);
        for bound in &bounds {
            let mut sum = bound.clone();
            sum.terms.push((live, -1.0));
            self.at_most_zero(sum)?;
        }
        self.meanings.push(Meaning::Live(bounds));
        Some(Linear { constant: 0.0, terms: vec![(live, 1.0)] })
    }

    /// Takes from the row what the ties of its kernel save.
    ///
    /// Where two results may take one operand, which of them does is decided as by the evaluation of orders: results and
    /// operands by number, each the first that is free.
    fn ties(&mut self, x: u32, kernel: u32, sum: &mut Linear) -> Option<()> {
        let flat = self.component.flat;
        let ties = flat.ties_of(kernel);
        let mut dies: FxHashMap<u32, Linear> = FxHashMap::default();
        let mut taken: Vec<(u32, u32, usize)> = Vec::new();
        let is_contended = |operand: u32| ties.iter().filter(|tie| tie.operand == operand).count() > 1;
        let is_free = matches!(self.objective, Objective::Height { .. });
        let is_contended = !is_free && ties.iter().any(|tie| is_contended(tie.operand));
        for tie in ties {
            let known = dies.get(&tie.operand).cloned();
            let death = match known {
                Some(death) => death,
                None => self.death(x, kernel, tie.operand, is_contended)?,
            };
            dies.insert(tie.operand, death.clone());
            let variable = if is_free { self.program.binary() } else { self.program.real(0.0, 1.0) };
            let (result, operand) = (&flat.buffers[tie.result as usize], &flat.buffers[tie.operand as usize]);
            self.ties.push((result.root, operand.root, variable));
            // In place only where the operand dies.
            let mut over = Linear { constant: 0.0, terms: vec![(variable, 1.0)] };
            over.add(-1.0, &death);
            self.at_most_zero(over)?;
            let earlier = taken.iter().filter(|(result, operand, _)| *result == tie.result || *operand == tie.operand);
            let earlier: Vec<usize> = earlier.map(|&(.., variable)| variable).collect();
            if is_contended {
                let mut least = death.clone();
                least.terms.extend(earlier.iter().map(|&other| (other, -1.0)));
                least.terms.push((variable, -1.0));
                self.at_most_zero(least)?;
            }
            self.meanings.push(Meaning::Tie(death, earlier));
            taken.push((tie.result, tie.operand, variable));
            sum.terms.push((variable, -(tie.size as f64) * self.scale));
        }
        // A result lies in one operand, and an operand is overwritten once.
        let by_result = |tie: &(u32, u32, usize)| (0, tie.0);
        let by_operand = |tie: &(u32, u32, usize)| (1, tie.1);
        self.once(&taken, by_result)?;
        self.once(&taken, by_operand)
    }

    fn once(&mut self, taken: &[(u32, u32, usize)], key: impl Fn(&(u32, u32, usize)) -> (u32, u32)) -> Option<()> {
        let mut sorted = taken.to_vec();
        sorted.sort_by_key(&key);
        for same in sorted.chunk_by(|a, b| key(a) == key(b)).filter(|same| same.len() > 1) {
            let terms = same.iter().map(|&(.., variable)| (variable, 1.0)).collect();
            self.at_most_zero(Linear { constant: -1.0, terms })?;
        }
        Some(())
    }

    /// Whether an operand dies at a kernel of x: a variable no larger than that all others have read it.
    fn death(&mut self, x: u32, kernel: u32, operand: u32, exact: bool) -> Option<Linear> {
        let groups = self.component.groups;
        let readers = self.component.flat.buffers[operand as usize].readers.iter().filter(|&&r| r != kernel);
        let step = |kernel: u32| groups.members[x as usize].iter().position(|&member| member == kernel);
        let is_later =
            |&&reader: &&u32| groups.reach.before(x, groups.of[reader as usize]) || step(reader) > step(kernel);
        if readers.clone().any(|reader| is_later(&reader)) {
            return Some(Linear::default());
        }
        let mut open: Vec<u32> =
            readers.map(|&r| groups.of[r as usize]).filter(|&g| groups.reach.is_open(g, x)).collect();
        open.sort_unstable();
        open.dedup();
        let bounds: Vec<Linear> = open.iter().map(|&reader| self.before(reader, x)).collect();
        let variable = self.program.real(0.0, 1.0);
        let mut least = Linear { constant: 1.0, terms: vec![(variable, -1.0)] };
        for bound in &bounds {
            let mut sum = Linear { constant: 0.0, terms: vec![(variable, 1.0)] };
            sum.add(-1.0, bound);
            self.at_most_zero(sum)?;
            least.constant -= 1.0;
            least.add(1.0, bound);
        }
        if exact {
            self.at_most_zero(least)?;
        }
        self.meanings.push(Meaning::Dies(bounds));
        Some(Linear { constant: 0.0, terms: vec![(variable, 1.0)] })
    }
}
