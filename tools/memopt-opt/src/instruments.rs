//! What watches a run: printing IR between passes, and telling a person who waits what is running.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use memopt::ir::{Function, Module};
use memopt::pass::{Instrument, PassInfo, PassReport};
use memopt::text;

use crate::args::{ALL_PASSES, Args};
use crate::output::say;

/// Prints IR as the flags ask for, and shows a spinner while standard error is a terminal.
pub struct Watch<'a> {
    args: &'a Args,
    spinner: Option<ProgressBar>,
}

impl<'a> Watch<'a> {
    /// Watches one run.
    pub fn new(args: &'a Args) -> Watch<'a> {
        let spinner = (io::stderr().is_terminal() && !args.verify_diagnostics).then(spinner);
        Watch { args, spinner }
    }

    fn show(&self, what: String) {
        if let Some(spinner) = &self.spinner {
            spinner.set_message(what);
        }
    }

    fn print_ir(&self, when: &str, pass: &str, module: &Module, function: Function) {
        let name = function.name(module);
        let dump = format!("// -----// IR dump {when} {pass} of @{name} //----- //\n{}\n", text::print(module));
        match &self.spinner {
            Some(spinner) => spinner.suspend(|| say(&dump)),
            None => say(&dump),
        }
    }
}

impl Instrument for Watch<'_> {
    fn before_pass(&mut self, pass: &'static PassInfo, module: &Module, function: Function) {
        self.show(format!("{} @{}", pass.name, function.name(module)));
        if names(&self.args.print_ir_before, pass) {
            self.print_ir("before", pass.name, module, function);
        }
    }

    fn after_pass(&mut self, pass: &'static PassInfo, module: &Module, function: Function, _report: &PassReport) {
        if self.args.print_ir_after_all || names(&self.args.print_ir_after, pass) {
            self.print_ir("after", pass.name, module, function);
        }
    }

    fn before_stage(&mut self, what: &'static str) {
        self.show(what.to_owned());
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn names(flags: &[String], pass: &PassInfo) -> bool {
    flags.iter().any(|name| name == ALL_PASSES || name == pass.name)
}

/// Drawn on standard error from a thread of its own, so that it also turns while one pass runs long.
fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {msg}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
