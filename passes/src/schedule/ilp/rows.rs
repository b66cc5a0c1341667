//! What is live while a group runs, as far as the order decides it: one row for each step that may matter.
//!
//! While group g runs, a buffer that g does not touch is live if its writer's group is before g and some reader's group is
//! after it. Where the graph says so it is a constant, else a [`Term`]. A buffer that g reads is live up to its last reader in
//! g, and from then on as if g did not touch it.

use super::flat::Flat;
use super::groups::Groups;

/// Live bytes in one step: a constant, what is live in some orders, less what ties save.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    /// The kernel of the step.
    pub(super) kernel: u32,
    /// Bytes that are live in every order.
    pub(super) always: u64,
    /// Of [`Terms::terms`], those that are live in this step in some orders.
    pub(super) terms: Vec<u32>,
    /// Bytes that ties may save, at most.
    pub(super) saved: u64,
}

/// A buffer whose life at a group depends on the order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Term {
    pub(super) size: u64,
    /// The group that must come before for the buffer to be live; `None` if its writer surely does.
    pub(super) writer: Option<u32>,
    /// It is live only if one of these comes after; if there are none, it is kept whatever comes.
    pub(super) readers: Vec<u32>,
}

/// The rows of a group.
#[derive(Clone, Debug)]
pub(in crate::schedule) struct GroupRows {
    pub(super) terms: Vec<Term>,
    pub(super) rows: Vec<Row>,
}

impl Row {
    /// The most that can be live.
    pub(super) fn most(&self, terms: &[Term]) -> u64 {
        self.always + self.terms.iter().map(|&term| terms[term as usize].size).sum::<u64>()
    }
}

/// Whether a buffer is live at a group that has not touched it, or not any more.
enum Life {
    Always,
    Never,
    Open(Term),
}

/// The rows of a group. With `prune`, without those that are never above what the step before them in any order has, or
/// than another of the group.
pub(in crate::schedule) fn rows_of(flat: &Flat, groups: &Groups, group: u32, prune: bool) -> GroupRows {
    let members = &groups.members[group as usize];
    let mut found = GroupRows { terms: Vec::new(), rows: Vec::with_capacity(members.len()) };
    for &kernel in members {
        let saved = flat.ties_of(kernel).chunk_by(|a, b| a.result == b.result).map(|ties| ties[0].size).sum();
        let always = flat.workspace[kernel as usize];
        found.rows.push(Row { kernel, always, terms: Vec::new(), saved });
    }
    // First and last step in which the group touches each buffer, and whether it writes it.
    let mut touched: rustc_hash::FxHashMap<u32, (usize, usize)> = rustc_hash::FxHashMap::default();
    for (step, &kernel) in members.iter().enumerate() {
        flat.touched(kernel).for_each(|b| touched.entry(b).or_insert((step, step)).1 = step);
    }
    for (b, buffer) in flat.buffers.iter().enumerate() {
        let life = life(flat, groups, group, b);
        let (first, last) = match touched.get(&(b as u32)) {
            Some(&(first, last)) if groups.of[buffer.writer as usize] == group => (first, last + 1),
            Some(&(_, last)) => (0, last + 1),
            None => (0, 0),
        };
        for row in &mut found.rows[first..last] {
            row.always += buffer.size;
        }
        match life {
            Life::Never => {}
            Life::Always => found.rows[last..].iter_mut().for_each(|row| row.always += buffer.size),
            Life::Open(term) if last < found.rows.len() => {
                let index = found.terms.len() as u32;
                found.terms.push(term);
                found.rows[last..].iter_mut().for_each(|row| row.terms.push(index));
            }
            Life::Open(_) => {}
        }
    }
    if prune {
        prune_rows(flat, &mut found);
    }
    found
}

fn life(flat: &Flat, groups: &Groups, group: u32, buffer: usize) -> Life {
    let buffer = &flat.buffers[buffer];
    let writer = groups.of[buffer.writer as usize];
    if groups.reach.before(group, writer) {
        return Life::Never;
    }
    let writer = groups.reach.is_open(group, writer).then_some(writer);
    let mut readers: Vec<u32> = Vec::new();
    let mut kept = buffer.until_end;
    for reader in buffer.readers.iter().map(|&reader| groups.of[reader as usize]).filter(|&r| r != group) {
        kept |= groups.reach.before(group, reader);
        if groups.reach.is_open(group, reader) {
            readers.push(reader);
        }
    }
    readers.sort_unstable();
    readers.dedup();
    match (kept, writer) {
        (true, None) => Life::Always,
        (true, Some(_)) => Life::Open(Term { size: buffer.size, writer, readers: Vec::new() }),
        (false, _) if readers.is_empty() => Life::Never,
        (false, _) => Life::Open(Term { size: buffer.size, writer, readers }),
    }
}

/// Drops rows that another row of the group covers, and those that need nothing beyond what is live before the group: such
/// a step is covered by the one before it, whichever that is.
fn prune_rows(flat: &Flat, found: &mut GroupRows) {
    let rows = &found.rows;
    let covers = |a: usize, b: usize| {
        let least = rows[a].always.checked_sub(rows[a].saved);
        let contains = |term| rows[a].terms.binary_search(term).is_ok();
        least.is_some_and(|least| least >= rows[b].always) && rows[b].terms.iter().all(contains)
    };
    let mut written = 0;
    let mut kept = Vec::new();
    for (step, row) in rows.iter().enumerate() {
        written += flat.workspace[row.kernel as usize];
        written += flat.writes.row(row.kernel as usize).iter().map(|&b| flat.buffers[b as usize].size).sum::<u64>();
        // Of rows that cover each other, the first is kept.
        let covered =
            (0..rows.len()).any(|other| other != step && covers(other, step) && (other < step || !covers(step, other)));
        if written > 0 && !covered {
            kept.push(row.clone());
        }
    }
    found.rows = kept;
}
