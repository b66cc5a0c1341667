//! See `memopt_ir_tests::fuzz::parser`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| memopt_ir_tests::fuzz::parser(data));
