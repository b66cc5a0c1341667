//! See `memopt_ir_tests::fuzz::plan_then_check`.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| memopt_ir_tests::fuzz::plan_then_check(data));
