//! The fuzz targets. They panic on what must never happen; anything else is fine.

use memopt::diag::Diagnostic;

use crate::case::Flags;
use crate::draw::Draw;
use crate::pipeline::{self, PlanError};
use crate::{mutate, random};

/// The pipelines that random programs are planned with. The first is the baseline, the last the default.
const PIPELINES: [&str; 4] = [
    "schedule{algorithm=program},place",
    "inplace,schedule{algorithm=greedy},place",
    "inplace,schedule,place",
    "inplace,schedule{algorithm=program},place",
];

/// Any text is parsed or refused, and what is parsed prints to something that parses to the same print.
///
/// # Panics
/// When it does not.
pub fn parser(data: &[u8]) {
    let mut draw = Draw::new(data);
    let source = match draw.below(3) {
        0 => String::from_utf8_lossy(draw.rest()).into_owned(),
        _ => {
            let seed = [draw.byte(), draw.byte(), draw.byte(), draw.byte()].repeat(16);
            mutate::text(&random::module(&seed), &mut draw)
        }
    };
    let Ok(printed) = pipeline::parse(&source) else { return };
    match pipeline::parse(&printed) {
        Ok(again) => assert_eq!(again, printed, "printing is no fixed point of\n{source}"),
        Err(errors) => panic!("{}\nwhat was printed for this is refused:\n{source}\n{printed}", list(&errors)),
    }
}

/// A random program can be planned, the checker accepts its plan, and refuses it once it is spoiled.
///
/// # Panics
/// When it does not.
pub fn plan_then_check(data: &[u8]) {
    let mut draw = Draw::new(data);
    let passes = draw.of(&PIPELINES);
    let flags = Flags { results_in_arena: draw.one_in(2), budget: None };
    let mut spoil = Draw::new(&data[data.len() - data.len().min(8)..]);
    let source = random::module(draw.rest());
    let planned = match pipeline::plan(&source, passes, &flags) {
        Ok(planned) => planned.ir,
        Err(PlanError::Input(errors)) => panic!("a valid program is refused by {passes}: {}\n{source}", list(&errors)),
        Err(PlanError::Refused(errors)) => panic!("a wrong plan was made by {passes}: {}\n{source}", list(&errors)),
    };
    if let Err(errors) = pipeline::check(&source, &planned) {
        panic!("the plan is refused once it is printed: {}\n{source}\n{planned}", list(&errors));
    }
    let Some(spoiled) = mutate::plan(&planned, &mut spoil) else { return };
    let accepted = pipeline::check(&source, &spoiled.text).is_ok();
    let what = spoiled.what;
    assert!(!(accepted && spoiled.must_be_refused), "the checker accepts {what}:\n{source}\n{}", spoiled.text);
}

fn list(errors: &[Diagnostic]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}
