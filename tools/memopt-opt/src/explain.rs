//! Why memory is held: what is live at the peak of a plan, since when, for whom, and what the lower bound says about it.

use std::fmt::Write;

use memopt::analysis::{Analysis, Hold, Holder, LowerBound, MemoryProfile};
use memopt::dialect::Registry;
use memopt::ir::{Attr, Bytes, Definition, Function, Module, OpId, ValueId};
use memopt::target::Target;
use serde::Serialize;

use crate::render::Source;

/// Holders that a summary shows, and an explanation; the others are summed up.
const SHOWN_IN_SUMMARY: usize = 5;
const SHOWN: usize = 20;

/// Characters of a location that are shown.
const LONGEST_LOCATION: usize = 60;

/// What holds memory at the peak of a plan. Sizes are bytes.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Explanation {
    /// The step with most live bytes, from 1.
    pub step: usize,
    /// The number of steps.
    pub steps: usize,
    /// The operation that runs in it.
    pub op: Place,
    /// Bytes of the arena that are live in that step.
    pub live: u64,
    /// Bytes of them that the operation needs while it runs: workspace and regions.
    pub scratch: u64,
    /// The buffers that are live, largest first.
    pub holders: Vec<Held>,
    /// Where every order needs as much as the lower bound says.
    pub bound: Witness,
}

/// An operation, as people find it.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// In the file as read.
    pub line: usize,
    /// The name in its location, if it has one.
    pub location: Option<String>,
}

/// A buffer that is live at the peak.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Held {
    /// The value that it was made for.
    pub value: String,
    /// Its size.
    pub bytes: u64,
    /// The operation that writes it first.
    pub writer: Place,
    /// The operation that reads it last; null where it lives to the end.
    pub last_reader: Option<Place>,
    /// `written`, `read`: by the operation at the peak; `every-order`, `this-order`: which orders hold it then.
    pub why: &'static str,
}

/// What the lower bound on the arena rests on.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Witness {
    /// No order needs a smaller arena.
    pub arena: u64,
    /// The operation during which so much is live in every order; null if it is the end of the function.
    pub op: Option<Place>,
    /// What is live when it starts, in the order that is best for it; largest first.
    pub live: Vec<Needed>,
}

/// A value that the lower bound counts.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Needed {
    /// Its name.
    pub value: String,
    /// Its size.
    pub bytes: u64,
    /// The operation that writes it.
    pub writer: Place,
}

/// A planned function in its text.
pub struct Planned<'a> {
    /// The module.
    pub module: &'a Module,
    /// The function.
    pub function: Function,
    /// The text as read.
    pub source: &'a Source<'a>,
    /// Where the planned text starts in the source.
    pub offset: usize,
}

/// Explains the peak of a planned function; `None` where nothing ever is in the arena.
pub fn explain(
    planned: &Planned<'_>,
    witness: &LowerBound,
    registry: &Registry,
    target: &Target,
) -> Option<Explanation> {
    // Both could be made when it was planned.
    let analysis = Analysis::of(planned.module, planned.function, registry, target).ok()?;
    let profile = MemoryProfile::of(planned.module, &analysis);
    let step = profile.peak.filter(|&step| !profile.live[step].is_zero())?;
    Some(Explanation {
        step: step + 1,
        steps: profile.kernels.len(),
        op: planned.place(profile.kernels[step]),
        live: profile.live[step].0,
        scratch: profile.scratch.0,
        holders: profile.holders.iter().map(|holder| planned.held(holder)).collect(),
        bound: planned.witness(witness, &analysis),
    })
}

impl Planned<'_> {
    fn place(&self, op: OpId) -> Place {
        let node = self.module.op(op);
        Place {
            name: self.module.op_name(op).to_owned(),
            line: self.source.line(self.offset + node.span.start as usize),
            location: node.location.and_then(|location| named_location(self.module.attr(location))),
        }
    }

    fn held(&self, holder: &Holder) -> Held {
        Held {
            value: self.module.display_value(holder.value),
            bytes: holder.size.0,
            writer: self.place(holder.writer),
            last_reader: holder.last_reader.map(|op| self.place(op)),
            why: match holder.hold {
                Hold::Written => "written",
                Hold::Read => "read",
                Hold::EveryOrder => "every-order",
                Hold::ThisOrder => "this-order",
            },
        }
    }

    fn witness(&self, witness: &LowerBound, analysis: &Analysis) -> Witness {
        let needed = |&value: &ValueId| {
            let size = analysis.aliases.value(value).storage().map(|id| analysis.aliases.storage(id).size);
            let Definition::Result { op, .. } = self.module.value(value).definition else { return None };
            let bytes = size.unwrap_or_default().0;
            Some(Needed { value: self.module.display_value(value), bytes, writer: self.place(op) })
        };
        let mut live: Vec<Needed> = witness.live.iter().filter_map(needed).collect();
        live.sort_by_key(|needed| std::cmp::Reverse(needed.bytes));
        Witness { arena: witness.arena.0, op: witness.at.map(|op| self.place(op)), live }
    }
}

/// The first name in a location: `"jit(step)/conv"`, or file, line and column.
fn named_location(attr: &Attr) -> Option<String> {
    let Attr::Location(text) = attr else { return None };
    let name = match text.split('"').nth(1) {
        Some(quoted) if !text.starts_with('"') || text[quoted.len() + 2..].starts_with(['(', ')']) => quoted,
        _ => text,
    };
    let short: String = name.chars().take(LONGEST_LOCATION).collect();
    (!short.is_empty() && short != "unknown").then_some(short)
}

impl Explanation {
    /// The lines for the summary of a plan.
    pub fn brief(&self) -> String {
        let Explanation { step, steps, .. } = self;
        let live = Bytes(self.live);
        let mut text = format!("  at the peak    {live} live in step {step} of {steps}, {}\n", self.op.short());
        self.list(&mut text, SHOWN_IN_SUMMARY, |held| {
            let until = match &held.last_reader {
                Some(reader) if *reader == held.writer => "read by nobody".to_owned(),
                Some(reader) => format!("until {}", reader.short()),
                None => "to the end".to_owned(),
            };
            format!("{} from {} {until}", held.value, held.writer.short())
        });
        text
    }

    /// The whole story of `function`.
    pub fn tell(&self, function: &str) -> String {
        let mut text = format!(
            "@{function}: {} live in step {} of {}\n  {}\n",
            Bytes(self.live),
            self.step,
            self.steps,
            self.op.long()
        );
        self.list(&mut text, SHOWN, |held| {
            let last = match &held.last_reader {
                Some(reader) if *reader == held.writer => "read by nobody".to_owned(),
                Some(reader) => format!("last read by {}", reader.long()),
                None => "a result: it lives to the end".to_owned(),
            };
            format!("{} {}\n{INDENT}made by {}\n{INDENT}{last}", held.value, reason(held.why), held.writer.long())
        });
        self.tell_sums(&mut text);
        self.tell_bound(&mut text);
        text
    }

    fn list(&self, text: &mut String, shown: usize, describe: impl Fn(&Held) -> String) {
        if self.scratch > 0 {
            line(text, self.scratch, "needed while it runs: workspace and regions");
        }
        for held in self.holders.iter().take(shown) {
            line(text, held.bytes, &describe(held));
        }
        let rest = &self.holders[self.holders.len().min(shown)..];
        if !rest.is_empty() {
            let bytes = rest.iter().map(|held| held.bytes).fold(0, u64::saturating_add);
            line(text, bytes, &format!("in {} smaller buffers", rest.len()));
        }
    }

    fn tell_sums(&self, text: &mut String) {
        text.push_str("  why\n");
        for why in ["written", "read", "every-order", "this-order"] {
            let held: Vec<u64> = self.holders.iter().filter(|held| held.why == why).map(|held| held.bytes).collect();
            if !held.is_empty() {
                let bytes = held.iter().copied().fold(0, u64::saturating_add);
                let plural = if held.len() == 1 { "" } else { "s" };
                line(text, bytes, &format!("in {} buffer{plural}: {}", held.len(), reason(why)));
            }
        }
    }

    fn tell_bound(&self, text: &mut String) {
        let bound = &self.bound;
        let at = bound.op.as_ref().map_or("at the end".to_owned(), |op| format!("while this runs: {}", op.long()));
        let _ = writeln!(text, "  no order needs less than {}, {at}", Bytes(bound.arena));
        for needed in bound.live.iter().take(SHOWN_IN_SUMMARY) {
            line(text, needed.bytes, &format!("{} made by {}", needed.value, needed.writer.short()));
        }
        let rest = &bound.live[bound.live.len().min(SHOWN_IN_SUMMARY)..];
        if !rest.is_empty() {
            let bytes = rest.iter().map(|needed| needed.bytes).fold(0, u64::saturating_add);
            line(text, bytes, &format!("in {} smaller buffers", rest.len()));
        }
        let gap = self.live.saturating_sub(bound.arena);
        let verdict = match gap {
            0 => "so another order frees nothing; computing values again, or not storing them, would".to_owned(),
            gap => format!("so another order can free {} at most", Bytes(gap)),
        };
        let _ = writeln!(text, "  {verdict}");
    }
}

const INDENT: &str = "                    ";

fn reason(why: &str) -> &'static str {
    match why {
        "written" => "is written here",
        "read" => "is read here",
        "every-order" => "is held here by every order",
        _ => "is held here by this order; another can free it",
    }
}

impl Place {
    fn short(&self) -> String {
        format!("{} (line {})", self.name, self.line)
    }

    fn long(&self) -> String {
        match &self.location {
            Some(location) => format!("{} (line {}, {location})", self.name, self.line),
            None => self.short(),
        }
    }
}

fn line(text: &mut String, bytes: u64, what: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "    {:>13}   {what}", Bytes(bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_named_by_what_a_person_wrote() {
        let named = |text: &str| named_location(&Attr::Location(text.into()));
        assert_eq!(named(r#""jit(f)/conv"("a.py":3:4)"#).as_deref(), Some("jit(f)/conv"));
        assert_eq!(named(r#"fused["relu", "add"]"#).as_deref(), Some("relu"));
        assert_eq!(named(r#""model.py":3:4"#).as_deref(), Some(r#""model.py":3:4"#));
        assert_eq!(named("unknown"), None);
    }
}
