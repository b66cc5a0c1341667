//! Guests: buffers that lie in bytes of a donated argument while these are free, and so need no arena.
//!
//! ```text
//! argument   ████████████░░░░░░░░░░░░░░░░░████████████   ░ free: after its last reader, until its result is written
//! guests                  ▒▒▒▒▒▒▒  ▒▒▒▒▒▒
//! ```
//!
//! Only what is live at the peak is worth hosting. So the peak of the live bytes is taken down again and again: of the
//! buffers that are live there the largest that fits somewhere moves out, until none does. A guest takes the first free
//! bytes of the first argument that has them.
//!
//! Cost: each round looks at the buffers once; there are at most [`MOST_GUESTS`] rounds.

use std::cmp::Reverse;

use memopt::ir::{Bytes, Step};
use memopt::plan::{LayoutBuffer, LayoutProblem};

/// Guests at most.
const MOST_GUESTS: usize = 2048;

/// Bytes of a donated argument that are free from one step to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Host {
    /// The argument.
    pub argument: u32,
    /// Its bytes, not rounded.
    pub size: Bytes,
    /// The first step in which they are free.
    pub start: Step,
    /// One past the last.
    pub end: Step,
    /// The buffer that may take the argument over in the step of its last reader, whole and in place.
    pub enters: Option<usize>,
    /// The buffer that the argument's result may take over in the step in which it is written, whole and in place.
    pub leaves: Option<usize>,
}

/// A buffer in a donated argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guest {
    /// The buffer.
    pub buffer: usize,
    /// The argument.
    pub argument: u32,
    /// Where in the argument it begins.
    pub offset: Bytes,
}

/// Chooses the guests, in ascending order of buffers. `bytes` holds what each buffer really has, not rounded, and `None` for
/// those that must be in the arena.
pub fn host(problem: &LayoutProblem, bytes: &[Option<Bytes>], hosts: &[Host]) -> Vec<Guest> {
    let mut taken: Vec<Vec<Guest>> = vec![Vec::new(); hosts.len()];
    let mut live = live_bytes(problem);
    let mut guests: Vec<Guest> = Vec::new();
    // A guest, or a buffer that fits nowhere: hosts only get fuller.
    let mut is_settled: Vec<bool> = bytes.iter().map(|bytes| bytes.is_none_or(Bytes::is_zero)).collect();
    while guests.len() < MOST_GUESTS && !hosts.is_empty() {
        let Some(peak) = (0..live.len()).rev().max_by_key(|&step| live[step]) else { break };
        let lives_at_the_peak = |buffer: &LayoutBuffer| buffer.start.index() <= peak && peak < buffer.end.index();
        let mut candidates: Vec<usize> =
            (0..bytes.len()).filter(|&at| !is_settled[at] && lives_at_the_peak(&problem.buffers[at])).collect();
        candidates.sort_by_key(|&index| (Reverse(problem.buffers[index].size), index));
        let near: Vec<usize> = (0..hosts.len()).filter(|&at| hosts[at].is_open_near(peak)).collect();
        let found = candidates.into_iter().find_map(|index| {
            is_settled[index] = true;
            let fit = |&at: &usize| place(problem, bytes, &hosts[at], &taken[at], index).map(|guest| (at, guest));
            near.iter().find_map(fit)
        });
        let Some((at, guest)) = found else { break };
        taken[at].push(guest);
        guests.push(guest);
        let buffer = &problem.buffers[guest.buffer];
        let size = buffer.size.align_to(problem.alignment);
        live[buffer.start.index()..buffer.end.index()].iter_mut().for_each(|bytes| *bytes = bytes.saturating_sub(size));
    }
    guests.sort_by_key(|guest| guest.buffer);
    guests
}

impl Host {
    /// Whether a buffer that is live in this step may lie here.
    fn is_open_near(&self, step: usize) -> bool {
        self.start.index() <= step + 1 && step <= self.end.index()
    }
}

/// The first place in a host for one more guest.
fn place(
    problem: &LayoutProblem,
    bytes: &[Option<Bytes>],
    host: &Host,
    taken: &[Guest],
    index: usize,
) -> Option<Guest> {
    let (buffer, size) = (&problem.buffers[index], bytes[index]?);
    let enters = host.enters == Some(index) && buffer.start.index() + 1 == host.start.index();
    let leaves = host.leaves == Some(index) && buffer.end.index() == host.end.index() + 1;
    let in_time = (buffer.start >= host.start || enters) && (buffer.end <= host.end || leaves);
    if !in_time || size > host.size {
        return None;
    }
    let at_once: Vec<(Bytes, Bytes)> = (taken.iter())
        .filter(|guest| {
            let other = &problem.buffers[guest.buffer];
            other.start < buffer.end && buffer.start < other.end
        })
        .map(|guest| (guest.offset, guest.offset + problem.buffers[guest.buffer].size.align_to(problem.alignment)))
        .collect();
    let is_free = |offset: &Bytes| {
        let end = *offset + size;
        end <= host.size && at_once.iter().all(|&(low, high)| end <= low || high <= *offset)
    };
    let starts = std::iter::once(Bytes::ZERO).chain(at_once.iter().map(|&(_, high)| high));
    // What is taken over in place lies where the argument begins.
    let offset = starts.filter(|offset| offset.is_zero() || !(enters || leaves)).filter(is_free).min()?;
    Some(Guest { buffer: index, argument: host.argument, offset })
}

/// Live bytes, step by step.
fn live_bytes(problem: &LayoutProblem) -> Vec<Bytes> {
    let steps = problem.buffers.iter().map(|buffer| buffer.end.index()).max().unwrap_or_default();
    let (mut born, mut dead) = (vec![Bytes::ZERO; steps + 1], vec![Bytes::ZERO; steps + 1]);
    for buffer in &problem.buffers {
        let size = buffer.size.align_to(problem.alignment);
        born[buffer.start.index()] += size;
        dead[buffer.end.index()] += size;
    }
    let mut now = Bytes::ZERO;
    let live = born.iter().zip(&dead).map(|(&born, &dead)| {
        now = (now + born).saturating_sub(dead);
        now
    });
    live.take(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use memopt::ir::Align;

    fn buffer(size: u64, start: u32, end: u32) -> LayoutBuffer {
        LayoutBuffer::new(Bytes(size), Step(start), Step(end))
    }

    fn host_of(size: u64, start: u32, end: u32) -> Host {
        Host { argument: 7, size: Bytes(size), start: Step(start), end: Step(end), enters: None, leaves: None }
    }

    fn hosted(buffers: Vec<LayoutBuffer>, host_of: Host) -> Vec<(usize, u64)> {
        let bytes: Vec<_> = buffers.iter().map(|buffer| Some(buffer.size)).collect();
        let problem = LayoutProblem::new(buffers, Align::new(64).unwrap());
        host(&problem, &bytes, &[host_of]).iter().map(|guest| (guest.buffer, guest.offset.0)).collect()
    }

    #[test]
    fn guests_at_the_peak_share_an_argument() {
        // The peak is step 2: 128 + 64 + 256. 256 bytes do not fit; the others do, beside each other.
        let buffers = vec![buffer(128, 1, 4), buffer(64, 2, 3), buffer(256, 2, 4), buffer(64, 0, 1)];
        assert_eq!(hosted(buffers, host_of(192, 1, 4)), [(0, 0), (1, 128)]);
    }

    #[test]
    fn guests_come_after_the_last_reader_and_leave_before_the_result() {
        assert_eq!(hosted(vec![buffer(64, 0, 2)], host_of(64, 1, 4)), []);
        assert_eq!(hosted(vec![buffer(64, 2, 5)], host_of(64, 1, 4)), []);
        assert_eq!(hosted(vec![buffer(64, 1, 4)], host_of(64, 1, 4)), [(0, 0)]);
    }

    #[test]
    fn a_chain_of_updates_stays_in_the_argument() {
        let chain = || vec![buffer(64, 0, 5)];
        let whole = Host { enters: Some(0), leaves: Some(0), ..host_of(64, 1, 4) };
        assert_eq!(hosted(chain(), whole.clone()), [(0, 0)]);
        assert_eq!(hosted(chain(), Host { leaves: None, ..whole }), []);
    }

    #[test]
    fn the_last_bytes_need_not_be_whole_lines() {
        // 100 bytes take 128 of an arena, and an argument of 100 bytes has room for them.
        assert_eq!(hosted(vec![buffer(100, 1, 2)], host_of(100, 1, 4)), [(0, 0)]);
        assert_eq!(hosted(vec![buffer(101, 1, 2)], host_of(100, 1, 4)), []);
    }
}
