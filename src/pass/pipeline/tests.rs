use super::*;
use crate::ir::Bytes;
use crate::pass::{OptionInfo, OptionValues, PassContext, PassOutcome};
use crate::plan::StopReason;

/// A pass that does nothing.
struct Idle(&'static PassInfo);

impl Pass for Idle {
    fn info(&self) -> &'static PassInfo {
        self.0
    }

    fn run(&self, _context: &mut PassContext<'_>) -> Result<PassOutcome, Vec<Diagnostic>> {
        Ok(PassOutcome::new(StopReason::Saturated))
    }
}

static RECOMPUTE: PassInfo = PassInfo {
    name: "recompute",
    help: "",
    kind: PassKind::Plan,
    options: &[OptionInfo { name: "budget", help: "", values: OptionValues::Bytes, default: "" }],
    not_before: &[],
};

static SCHEDULE: PassInfo = PassInfo {
    name: "schedule",
    help: "",
    kind: PassKind::Plan,
    options: &[
        OptionInfo {
            name: "algorithm",
            help: "",
            values: OptionValues::OneOf(&["program", "greedy", "search"]),
            default: "search",
        },
        OptionInfo { name: "effort", help: "", values: OptionValues::Integer { min: 0, max: 9 }, default: "1" },
    ],
    not_before: &[("recompute", "it changes what there is to order")],
};

static PLACE: PassInfo = PassInfo {
    name: "place",
    help: "",
    kind: PassKind::Plan,
    options: &[],
    not_before: &[("schedule", "offsets follow from lifetimes"), ("place", "offsets are assigned once")],
};

static LIVENESS: PassInfo =
    PassInfo { name: "liveness", help: "", kind: PassKind::Plan, options: &[], not_before: &[] };

static CSE: PassInfo = PassInfo { name: "cse", help: "", kind: PassKind::Simplify, options: &[], not_before: &[] };

fn registry() -> PassRegistry {
    let mut registry = PassRegistry::new();
    registry.register(&RECOMPUTE, |_| Box::new(Idle(&RECOMPUTE)));
    registry.register(&SCHEDULE, |_| Box::new(Idle(&SCHEDULE)));
    registry.register(&PLACE, |_| Box::new(Idle(&PLACE)));
    registry.register(&LIVENESS, |_| Box::new(Idle(&LIVENESS)));
    registry.register(&CSE, |_| Box::new(Idle(&CSE)));
    registry
}

fn parse(text: &str) -> Result<Pipeline, Vec<Diagnostic>> {
    Pipeline::parse(text, &registry())
}

/// The one error of a pipeline: its message, the text it points at, its help.
fn error(text: &str) -> (String, &str, String) {
    let errors = parse(text).unwrap_err();
    let [error] = &errors[..] else { panic!("one error expected: {errors:?}") };
    let place = &text[error.span.start as usize..error.span.end as usize];
    (error.message.clone(), place, error.help.clone().unwrap_or_default())
}

#[test]
fn canonical_text_prints_back_identically() {
    let canonical = [
        "",
        "place",
        "schedule,place",
        "recompute{budget=2GiB},schedule{algorithm=search effort=2},place",
        "liveness,schedule{algorithm=greedy},liveness,place",
    ];
    for text in canonical {
        assert_eq!(parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn space_and_order_of_options_are_made_canonical() {
    let text = " schedule { effort=2\talgorithm=greedy } ,\n place{} ";
    assert_eq!(parse(text).unwrap().to_string(), "schedule{algorithm=greedy effort=2},place");
}

#[test]
fn options_have_the_written_value_or_the_default() {
    let pipeline = parse("recompute{budget=1.5kB},schedule{effort=7}").unwrap();
    let [recompute, schedule] = pipeline.stages() else { panic!("two stages") };
    assert_eq!(recompute.options().bytes("budget"), Some(Bytes(1500)));
    assert_eq!(schedule.options().integer("effort"), Some(7));
    assert_eq!(schedule.options().word("algorithm"), "search");
    assert_eq!(parse("recompute").unwrap().stages()[0].options().bytes("budget"), None);
    assert_eq!(schedule.build().info().name, "schedule");
}

#[test]
fn unknown_passes_name_the_nearest() {
    let expected = ("unknown pass `shedule`".to_owned(), "shedule", "did you mean `schedule`?".to_owned());
    assert_eq!(error("recompute,shedule,place"), expected);
    let (message, place, help) = error("xyz");
    assert_eq!((message.as_str(), place), ("unknown pass `xyz`", "xyz"));
    assert_eq!(help, "known are recompute, schedule, place, liveness, cse");
}

#[test]
fn unknown_options_name_the_nearest() {
    let (message, place, help) = error("schedule{algoritm=search}");
    assert_eq!(message, "pass `schedule` has no option `algoritm`");
    assert_eq!((place, help.as_str()), ("algoritm", "did you mean `algorithm`?"));
    assert_eq!(error("place{effort=1}").2, "there are none to choose from");
}

#[test]
fn bad_values_name_the_remedy() {
    let (message, place, help) = error("schedule{algorithm=serch}");
    assert_eq!(message, "option `algorithm` of pass `schedule` cannot be `serch`");
    assert_eq!((place, help.as_str()), ("serch", "did you mean `search`?"));
    let (_, place, help) = error("schedule{effort=10}");
    assert_eq!((place, help.as_str()), ("10", "write an integer from 0 to 9"));
    let (_, place, help) = error("recompute{budget=2G}");
    assert_eq!(place, "2G");
    assert_eq!(help, "expected one of the units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, found `G`");
}

#[test]
fn all_wrong_names_are_reported_at_once() {
    let errors = parse("shedule,place{x=1},schedule{effort=x}").unwrap_err();
    assert_eq!(errors.len(), 3);
}

#[test]
fn an_option_is_set_once() {
    let (message, place, _) = error("schedule{effort=1 effort=1}");
    assert_eq!((message.as_str(), place), ("option `effort` of pass `schedule` is set twice", "effort"));
    assert_eq!(parse("schedule{effort=1 effort=1}").unwrap_err()[0].span, Span::new(18, 24));
}

#[test]
fn orders_that_cannot_work_are_refused() {
    let (message, place, help) = error("recompute,place,schedule");
    assert_eq!(message, "pass `schedule` cannot run after `place`: offsets follow from lifetimes");
    assert_eq!((place, help.as_str()), ("schedule", "write `schedule` before `place`"));
    assert_eq!(parse("recompute,place,schedule").unwrap_err()[0].related[0].0, Span::new(10, 15));
    assert_eq!(error("place,liveness,place").0, "pass `place` cannot run twice: offsets are assigned once");
}

#[test]
fn what_changes_the_program_runs_before_what_plans_it() {
    let (message, place, help) = error("recompute,schedule,cse,place");
    assert_eq!(message, "pass `cse` cannot run after `recompute`: a program is changed before it is planned");
    assert_eq!((place, help.as_str()), ("cse", "write `cse` before `recompute`"));
    let (change, plan) = parse("cse,recompute,schedule").unwrap().split();
    assert_eq!((change.to_string(), plan.to_string()), ("cse".to_owned(), "recompute,schedule".to_owned()));
    let (change, plan) = parse("cse").unwrap().split();
    assert_eq!((change.to_string(), plan.to_string()), ("cse".to_owned(), String::new()));
}

#[test]
fn idle_repetitions_are_refused() {
    let (message, _, help) = error("schedule{effort=1},schedule{effort=1}");
    assert_eq!(message, "pass `schedule` runs twice in a row with the same options");
    assert_eq!(help, "write `schedule{effort=1}` once");
    assert!(parse("schedule{effort=1},schedule{effort=2}").is_ok());
    assert!(parse("liveness,schedule,liveness").is_ok());
}

#[test]
fn wrong_syntax_is_pointed_at() {
    let cases = [
        (",place", "expected the name of a pass, found `,`", ","),
        ("place,", "expected the name of a pass, found the end of the pipeline", ""),
        ("place schedule", "expected `,` or the end of the pipeline, found `s`", "s"),
        ("schedule{effort}", "expected `=`, found `}`", "}"),
        ("schedule{effort=}", "expected a value, found `}`", "}"),
        ("schedule{effort=1", "expected `}`, found the end of the pipeline", ""),
        ("schedule{=1}", "expected the name of an option, found `=`", "="),
        ("func.func(place)", "expected `,` or the end of the pipeline, found `(`", "("),
        ("plac\u{e9},\u{2192}", "expected the name of a pass, found `\u{2192}`", "\u{2192}"),
    ];
    for (text, message, place) in cases {
        let found = error(text);
        assert_eq!((found.0.as_str(), found.1), (message, place), "{text}");
    }
}
