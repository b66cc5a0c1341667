//! `bless`: accept what the IR tests produce.
//!
//! The harness verifies and checks every plan before it compares a snapshot, so an unsound plan cannot be blessed.

use crate::{Outcome, process};

pub(crate) fn run(arguments: &[String]) -> Outcome {
    let filter = match arguments {
        [] => "*",
        [glob] => glob,
        _ => return Err("expected at most one glob, e.g. 'inplace/*'".to_owned()),
    };
    let mut test = process::cargo();
    test.args(["test", "--package", "memopt-ir-tests", "--test", "ir"]);
    test.env("INSTA_UPDATE", "always").env("MEMOPT_IR_FILTER", filter);
    process::run(&mut test)
}
