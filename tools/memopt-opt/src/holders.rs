//! Why memory is held: what is live at the peak of a plan, since when, and for whom.

use std::fmt::Write;

use memopt::analysis::{Analysis, Holder, MemoryProfile};
use memopt::dialect::Registry;
use memopt::ir::{Bytes, Function, Module, OpId};
use memopt::target::Target;

use crate::render::Source;

/// Holders shown; the others are summed up.
const SHOWN: usize = 5;

/// A few lines on the peak of a planned function. `offset` is where the planned text starts in `source`.
pub fn peak(
    module: &Module,
    function: Function,
    registry: &Registry,
    target: &Target,
    source: &Source<'_>,
    offset: usize,
) -> String {
    let Ok(analysis) = Analysis::of(module, function, registry, target) else { return String::new() };
    let profile = MemoryProfile::of(module, &analysis);
    let Some(step) = profile.peak else { return String::new() };
    let place = |op: OpId| {
        let line = source.line(offset + module.op(op).span.start as usize);
        format!("{} (line {line})", module.op_name(op))
    };
    let steps = profile.kernels.len();
    let mut text = format!(
        "  at the peak    {} live in step {} of {steps}, {}\n",
        profile.live[step],
        step + 1,
        place(profile.kernels[step])
    );
    if !profile.scratch.is_zero() {
        line(&mut text, profile.scratch, "needed while it runs: workspace and regions");
    }
    for holder in profile.holders.iter().take(SHOWN) {
        line(&mut text, holder.size, &describe(module, holder, &place));
    }
    let rest = &profile.holders[profile.holders.len().min(SHOWN)..];
    if !rest.is_empty() {
        let bytes = rest.iter().map(|holder| holder.size).sum();
        line(&mut text, bytes, &format!("in {} smaller buffers", rest.len()));
    }
    text.push_str(
        "                 freed by reading it for the last time earlier, or by computing it again where it is read\n",
    );
    text
}

fn describe(module: &Module, holder: &Holder, place: &dyn Fn(OpId) -> String) -> String {
    let value = module.display_value(holder.value);
    let until = match holder.last_reader {
        Some(reader) if reader == holder.writer => "read by nobody".to_owned(),
        Some(reader) => format!("until {}", place(reader)),
        None => "to the end".to_owned(),
    };
    format!("{value} from {} {until}", place(holder.writer))
}

fn line(text: &mut String, size: Bytes, what: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "    {size:>13}   {what}");
}
