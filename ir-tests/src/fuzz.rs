//! The fuzz targets. They panic on what must never happen; anything else is fine.

use memopt::diag::Diagnostic;

use crate::case::Flags;
use crate::draw::Draw;
use crate::pipeline::{self, PlanError};
use crate::{mutate, random, simulate};

/// The pipelines that random programs are planned with. The first is the baseline; the last ones make any values virtual.
const PIPELINES: [&str; 12] = [
    "schedule{algorithm=program},place",
    "inplace,schedule{algorithm=greedy},place",
    "inplace,schedule,place",
    "cse,schedule{algorithm=program},place",
    "cse,inplace,schedule,place",
    "inplace,schedule{algorithm=program},place",
    "inplace,recompute{budget=min effort=0},place",
    "inplace,schedule,recompute{max-overhead=40% effort=0},schedule,place",
    "fuse,inplace,schedule,recompute{max-overhead=40% effort=0},fuse{max-overhead=50%},schedule,place",
    "mark{seed=SEED},inplace,schedule,place",
    "mark{seed=SEED skip=100},inplace,schedule{algorithm=greedy},place",
    "mark{seed=SEED skip=6},inplace,schedule,recompute{max-overhead=40% effort=0},schedule,place",
];

/// Spoiled plans for each program: planning takes longer than checking.
const SPOILED: usize = 8;

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

/// A random program can be planned, the checker accepts its plan, and what the checker accepts computes the same.
///
/// The plan itself and four spoiled ones are run on bytes ([`simulate`]) whenever the checker accepts them: what that run
/// refuses, the checker must refuse too.
///
/// # Panics
/// When it does not.
pub fn plan_then_check(data: &[u8]) {
    let mut draw = Draw::new(data);
    let seed = draw.byte();
    let passes = &draw.of(&PIPELINES).replace("SEED", &seed.to_string());
    let flags = Flags { results_in_arena: draw.one_in(2), budget: None };
    let mut spoil = Draw::new(&data[data.len() - data.len().min(64)..]);
    let source = random::module(draw.rest());
    let planned = match pipeline::plan(&source, passes, &flags) {
        Ok(planned) => planned.ir,
        Err(PlanError::Input(errors)) => panic!("a valid program is refused by {passes}: {}\n{source}", list(&errors)),
        Err(PlanError::Refused(errors)) => panic!("a wrong plan was made by {passes}: {}\n{source}", list(&errors)),
    };
    if let Err(errors) = pipeline::check(&source, &planned) {
        panic!("the plan is refused once it is printed: {}\n{source}\n{planned}", list(&errors));
    }
    if let Err(difference) = simulate::compare(&source, &planned) {
        panic!("the checker accepts a wrong plan of {passes}: {difference}\n{source}\n{planned}");
    }
    for _ in 0..SPOILED {
        check_spoiled(&source, &planned, &mut spoil);
    }
}

/// A spoiled plan is refused, or right all the same.
fn check_spoiled(source: &str, planned: &str, spoil: &mut Draw<'_>) {
    let Some(spoiled) = mutate::plan(planned, spoil) else { return };
    if pipeline::check(source, &spoiled.text).is_err() {
        return;
    }
    let (what, text) = (spoiled.what, spoiled.text);
    assert!(!spoiled.must_be_refused, "the checker accepts {what}:\n{source}\n{text}");
    if let Err(difference) = simulate::compare(source, &text) {
        panic!("the checker accepts {what}, which is wrong: {difference}\n{source}\n{text}");
    }
}

fn list(errors: &[Diagnostic]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}
