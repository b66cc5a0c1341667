//! Which pipeline runs: `--pass-pipeline`, else `--preset`, then the flags that set options of it.

use std::fmt::Write;

use memopt::diag::Diagnostic;
use memopt::pass::{OptionError, PassEntry, PassRegistry, Pipeline, did_you_mean};

use crate::args::{ALL_PASSES, Args};

/// What is wrong with the pipeline that the command line asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PipelineError {
    /// The text of `--pass-pipeline` is wrong.
    Text(Vec<Diagnostic>),
    /// Some other flag is.
    Flag(String),
}

/// All passes that this tool can run.
pub fn all_passes() -> PassRegistry {
    let mut passes = PassRegistry::new();
    memopt_passes::register_all(&mut passes);
    passes
}

/// The pipeline to run.
///
/// # Errors
/// What is wrong with it.
pub fn choose(args: &Args, passes: &PassRegistry) -> Result<Pipeline, PipelineError> {
    let mut pipeline = match &args.pass_pipeline {
        Some(text) => Pipeline::parse(text, passes).map_err(PipelineError::Text)?,
        None => preset(&args.preset, passes)?,
    };
    if let Some(budget) = &args.budget {
        set_budget(&mut pipeline, budget, passes)?;
    }
    let printed = args.print_ir_before.iter().chain(&args.print_ir_after);
    for name in printed.filter(|name| *name != ALL_PASSES) {
        if passes.find(name).is_none() {
            let help = did_you_mean(name, passes.passes().iter().map(|entry| entry.info.name));
            return Err(PipelineError::Flag(format!("cannot print IR around `{name}`: no pass has this name; {help}")));
        }
    }
    Ok(pipeline)
}

fn preset(name: &str, passes: &PassRegistry) -> Result<Pipeline, PipelineError> {
    let Some(preset) = passes.preset(name) else {
        let help = did_you_mean(name, passes.presets().iter().map(|preset| preset.name));
        return Err(PipelineError::Flag(format!("no preset has the name `{name}`; {help}")));
    };
    Pipeline::parse(preset.pipeline, passes).map_err(PipelineError::Text)
}

fn set_budget(pipeline: &mut Pipeline, budget: &str, passes: &PassRegistry) -> Result<(), PipelineError> {
    let refused = |why: String| Err(PipelineError::Flag(format!("--budget={budget} cannot be kept: {why}")));
    if passes.find("recompute").is_none() {
        return refused("this version of memopt has no pass `recompute`".to_owned());
    }
    let Some(stage) = pipeline.find_mut("recompute") else {
        return refused(format!("the pipeline `{pipeline}` does not run the pass `recompute`"));
    };
    match stage.options_mut().set("budget", budget) {
        Ok(()) => Ok(()),
        Err(OptionError::Twice { .. }) => refused("the pipeline sets `budget` too".to_owned()),
        Err(OptionError::Unknown { help, .. } | OptionError::Value { help, .. }) => refused(help),
    }
}

/// The text of `--list-passes`, from the one table.
pub fn list(passes: &PassRegistry) -> String {
    let mut text = "Passes:\n".to_owned();
    for entry in passes.passes() {
        list_pass(&mut text, entry);
    }
    text.push_str("\nPresets:\n");
    for preset in passes.presets() {
        text += &format!("  {:<12} {}\n  {:<12} {}\n", preset.name, preset.help, "", preset.pipeline);
    }
    text
}

fn list_pass(text: &mut String, entry: &PassEntry) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "  {:<12} {}", entry.info.name, entry.info.help);
    for option in entry.info.options {
        let default = if option.default.is_empty() { "none" } else { option.default };
        let _ = writeln!(text, "    {:<18} {} ({}; default: {default})", option.name, option.help, option.values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    fn chosen(arguments: &[&str]) -> Result<String, PipelineError> {
        let args = Args::parse_from([&["memopt-opt"], arguments].concat());
        choose(&args, &all_passes()).map(|pipeline| pipeline.to_string())
    }

    #[test]
    fn a_pipeline_comes_from_its_text_or_a_preset() {
        assert_eq!(chosen(&["-p", "schedule , place"]).unwrap(), "schedule,place");
        let default = all_passes().preset("default").unwrap().pipeline;
        assert_eq!(chosen(&[]).unwrap(), default);
        let Err(PipelineError::Flag(message)) = chosen(&["--preset=fats"]) else { panic!("no such preset") };
        assert_eq!(message, "no preset has the name `fats`; did you mean `fast`?");
    }

    #[test]
    fn a_budget_needs_recomputation() {
        let Err(PipelineError::Flag(message)) = chosen(&["-p", "place", "--budget=2GiB"]) else {
            panic!("nothing keeps the budget");
        };
        assert!(message.starts_with("--budget=2GiB cannot be kept: "), "{message}");
    }

    #[test]
    fn printing_around_unknown_passes_is_refused() {
        let Err(PipelineError::Flag(message)) = chosen(&["--print-ir-after=plce"]) else { panic!("no such pass") };
        assert!(message.ends_with("did you mean `place`?"), "{message}");
    }

    #[test]
    fn the_list_shows_every_pass_option_and_preset() {
        let passes = all_passes();
        let text = list(&passes);
        for entry in passes.passes() {
            assert!(text.contains(entry.info.help));
            assert!(entry.info.options.iter().all(|option| text.contains(option.help)));
        }
        assert!(passes.presets().iter().all(|preset| text.contains(preset.pipeline)));
    }
}
