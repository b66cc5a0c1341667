//! The command line of the interpreter.

fn main() {}
