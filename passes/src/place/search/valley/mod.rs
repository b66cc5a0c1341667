//! Branch and bound over the valleys of a skyline: can these plain items lie below a capacity?
//!
//! *Segment*, *valley*, *wall*: see `board.rs`. *Live total*: unplaced units in a slot. *Room* of a slot: capacity less
//! height less live total. What lies next on the floor of a valley lives inside it, whatever happens elsewhere, since all
//! else lies on its higher neighbours. So a decision is: which item covers this slot of this valley at its height? Or
//! none, where there is room for that. Each packing in which everything rests on something is met once, and any slot may be
//! asked about: the one with the fewest answers is, so that mistakes show early (`rate.rs`). What ends a branch:
//! - a slot without room for what would stay empty below its next item;
//! - *dominance*: a segment rises over a gap in which an item would have fitted;
//! - *twins*: of equal items the first is placed first;
//! - *parts*: between walls the parts are solved one after the other; if one fails, the others are not tried again.
//!
//! That all of this keeps some packing, if there is one: take the one with the least sum of offsets, twins in order.
//!
//! Measured against the canonical order of `branch`: packings without slack take a thousand nodes instead of a hundred
//! thousand, where a taste is lucky; so restarts are many and short. The stack is explicit. A step takes about 6 ns.

mod board;
mod rate;
mod taste;

use super::branch::{Verdict, twins};
use super::items::Items;
use board::{Board, NONE, Rating};
use taste::Taste;

/// More items than this are not searched this way.
pub(in crate::place::search) const MOST_ITEMS: usize = 30_000;

/// Where a search has a choice.
#[derive(Clone, Copy, Debug)]
struct Choice {
    /// Changes before it.
    mark: usize,
    /// The segment, and the slot in question.
    segment: u32,
    slot: u32,
    /// It may also stay empty, and that was not tried yet.
    may_stay_empty: bool,
    /// Its candidates: from here on in the list of all, the next one, one past the last.
    first: u32,
    next: u32,
    last: u32,
    /// Its part.
    start: u32,
    end: u32,
    /// Ends of the parts that the last placement left: from here on in the list of all, and the one that is being solved.
    parts: u32,
    part: u32,
}

/// How a capacity grows.
#[derive(Clone, Copy, Debug)]
pub(in crate::place::search) struct Elastic {
    /// No further than this.
    ceiling: u64,
    /// Failures without progress after which it grows.
    patience: u64,
    /// The fewest items that were left so far, and the failures since then.
    least: usize,
    failures: u64,
}

impl Elastic {
    pub(in crate::place::search) fn new(ceiling: u64, patience: u64) -> Elastic {
        Elastic { ceiling, patience, least: usize::MAX, failures: 0 }
    }

    /// Counts a failure; says whether that was one too many.
    fn is_stuck(&mut self, left: usize) -> bool {
        if left < self.least {
            (self.least, self.failures) = (left, 0);
        }
        self.failures += 1;
        let stuck = self.failures > self.patience;
        if stuck {
            self.failures = 0;
        }
        stuck
    }
}

/// What became of a part.
enum Outcome {
    Solved,
    Failed,
    /// It has a choice on the stack.
    Open,
}

/// A search at work.
pub(in crate::place::search) struct Valley {
    board: Board,
    taste: Taste,
    capacity: u64,
    /// The item before each that is equal to it, else itself.
    twins: Vec<u32>,
    stack: Vec<Choice>,
    candidates: Vec<(f64, u32)>,
    parts: Vec<u32>,
    /// In a valley, by slot: how many more candidates live there than in the slot before.
    cover: Vec<i32>,
    /// Elementary operations done.
    pub(in crate::place::search) steps: u64,
}

impl Valley {
    /// A search by the taste with this number, for plain items.
    pub(in crate::place::search) fn new(items: &Items, number: u64, capacity: u64) -> Valley {
        Valley {
            board: Board::new(items),
            taste: Taste::numbered(number, items),
            capacity,
            twins: twins(items),
            stack: Vec::new(),
            candidates: Vec::new(),
            parts: Vec::new(),
            cover: vec![0; items.slots() + 1],
            steps: 0,
        }
    }

    /// Looks for a packing with no top above the capacity; every now and then it asks `stop`. An elastic capacity grows
    /// when the search gets stuck.
    pub(in crate::place::search) fn probe(
        &mut self,
        limit: u64,
        mut elastic: Option<Elastic>,
        stop: &dyn Fn() -> bool,
    ) -> Verdict {
        self.parts = self.board.parts(0, self.board.totals.len() as u32);
        if self.board.sizes.is_empty() {
            return Verdict::Fits;
        }
        // A choice without candidates holds the parts of the whole.
        let whole = Choice {
            mark: 0,
            segment: 0,
            slot: 0,
            may_stay_empty: false,
            first: 0,
            next: 0,
            last: 0,
            start: 0,
            end: 0,
            parts: 0,
            part: 0,
        };
        self.stack.push(whole);
        let (mut outcome, mut ask) = (self.open(self.parts[0], self.parts[1]), 0);
        while self.steps < limit {
            outcome = match outcome {
                Outcome::Open => self.choose(),
                Outcome::Failed => self.fail(),
                Outcome::Solved => self.next_part(),
            };
            match outcome {
                Outcome::Solved if self.stack.is_empty() => return Verdict::Fits,
                Outcome::Failed if self.stack.is_empty() => return Verdict::Fails,
                _ => {}
            }
            if let Some(elastic) = &mut elastic
                && matches!(outcome, Outcome::Failed)
                && elastic.is_stuck(self.board.left)
            {
                self.capacity += 1 + elastic.ceiling.saturating_sub(self.capacity) / 32;
                if self.capacity > elastic.ceiling {
                    break;
                }
                outcome = self.reopen();
            }
            if self.steps > ask {
                ask = self.steps + 20_000;
                if stop() {
                    break;
                }
            }
        }
        Verdict::Unknown
    }

    /// The offsets of the packing that was found.
    pub(in crate::place::search) fn offsets(self) -> Vec<u64> {
        self.board.at
    }

    /// Tries the next answer of the choice on top.
    fn choose(&mut self) -> Outcome {
        let top = self.stack.len() - 1;
        let choice = self.stack[top];
        self.steps += 20;
        self.board.undo(choice.mark);
        self.candidates.truncate(choice.last as usize);
        self.parts.truncate(choice.parts as usize);
        if choice.next < choice.last {
            let item = self.candidates[choice.next as usize].1;
            self.stack[top].next += 1;
            self.stack[top].part = choice.parts;
            self.board.place(item, choice.segment);
            self.split(item, choice.start, choice.end);
        } else if choice.may_stay_empty {
            self.stack[top].may_stay_empty = false;
            self.stack[top].part = choice.parts;
            self.board.close(choice.slot, choice.slot + 1, choice.segment);
            self.parts.extend([choice.start, choice.end]);
        } else {
            self.candidates.truncate(choice.first as usize);
            self.stack.pop();
            return Outcome::Failed;
        }
        let part = choice.parts as usize;
        self.open(self.parts[part], self.parts[part + 1])
    }

    /// Notes the parts of `[start, end)` after an item was placed: new walls are inside its lifetime.
    fn split(&mut self, item: u32, start: u32, end: u32) {
        let (from, to) = self.board.spans[item as usize];
        self.steps += u64::from(to - from);
        let walls = self.board.parts(from, to);
        self.parts.push(start);
        self.parts.extend(&walls[1..walls.len() - 1]);
        self.parts.push(end);
    }

    /// Back to the last choice.
    fn fail(&mut self) -> Outcome {
        match self.stack.last() {
            Some(choice) if choice.last > choice.first => self.choose(),
            // The choice that holds the parts of the whole.
            _ => {
                self.stack.clear();
                Outcome::Failed
            }
        }
    }

    /// The choice on top again, now that there is more room.
    fn reopen(&mut self) -> Outcome {
        let Some(choice) = self.stack.pop_if(|choice| choice.last > choice.first) else { return Outcome::Failed };
        self.board.undo(choice.mark);
        self.board.forget(choice.start, choice.end);
        self.candidates.truncate(choice.first as usize);
        self.parts.truncate(choice.parts as usize);
        self.open(choice.start, choice.end)
    }

    /// A part is solved: on to the next of the choice on top; if it was the last, that choice's part is solved too.
    fn next_part(&mut self) -> Outcome {
        let Some(choice) = self.stack.last_mut() else { return Outcome::Solved };
        choice.part += 1;
        let at = choice.part as usize;
        if at + 1 < self.parts.len() {
            return self.open(self.parts[at], self.parts[at + 1]);
        }
        self.parts.truncate(choice.parts as usize);
        self.candidates.truncate(choice.first as usize);
        self.stack.pop();
        Outcome::Solved
    }

    /// Draws the consequences in a part, and puts its next choice on the stack.
    fn open(&mut self, start: u32, end: u32) -> Outcome {
        let Some(found) = self.decision(start, end) else { return Outcome::Failed };
        let Some(segment) = found else { return Outcome::Solved };
        let Rating::Open { slot, may_stay_empty, .. } = self.board.segment(segment).rating else {
            unreachable!("only what is open is decided")
        };
        let first = self.candidates.len() as u32;
        self.gather(segment, slot);
        let last = self.candidates.len() as u32;
        let (mark, parts) = (self.board.mark(), self.parts.len() as u32);
        let choice =
            Choice { mark, segment, slot, may_stay_empty, first, next: first, last, start, end, parts, part: parts };
        self.stack.push(choice);
        Outcome::Open
    }

    /// The segment in which to decide next; none if everything is placed, `None` if the part has failed.
    fn decision(&mut self, start: u32, end: u32) -> Option<Option<u32>> {
        'again: loop {
            let (mut at, mut best) = (start, None);
            while at < end {
                let segment = self.board.segment(at);
                match segment.rating {
                    Rating::Idle => {}
                    Rating::Unknown => {
                        if !self.rate(at) {
                            return None;
                        }
                        let now = self.board.segment(at);
                        if !now.begins || now.rating == Rating::Unknown {
                            // It was joined with another one.
                            continue 'again;
                        }
                        continue;
                    }
                    Rating::Open { total, options, may_stay_empty, .. } => {
                        let urgency = self.taste.of_valley(options, may_stay_empty, segment.height, total);
                        if best.is_none_or(|(least, _)| urgency < least) {
                            best = Some((urgency, at));
                        }
                    }
                }
                self.steps += 1;
                at = segment.end;
            }
            return Some(best.map(|(_, at)| at));
        }
    }

    /// Lists the candidates for a slot of a segment, the best first.
    fn gather(&mut self, at: u32, slot: u32) {
        let segment = self.board.segment(at);
        let (left, right) = self.board.neighbours(at, segment.end);
        let first = self.candidates.len();
        let (board, taste, twins, list) = (&self.board, &self.taste, &self.twins, &mut self.candidates);
        let count = board.inside(at, segment.end, |item| {
            let (start, end) = board.spans[item as usize];
            let top = segment.height + board.sizes[item as usize];
            if start > slot || end <= slot || top > self.capacity || !is_first_twin(board, twins, item) {
                return;
            }
            let touches = [(start == at, left == top), (end == segment.end, right == top)];
            list.push((taste.score(item, touches), item));
        });
        self.steps += count;
        self.candidates[first..].sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    }
}

/// Whether all items that equal this one and come before it are placed.
fn is_first_twin(board: &Board, twins: &[u32], item: u32) -> bool {
    let twin = twins[item as usize];
    twin == item || twin == NONE || board.placed[twin as usize]
}
