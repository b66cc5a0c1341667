//! Kernels that a library's user supplies, and what is said where one is missing.

use memopt::pass::ResultsIn;
use memopt::text::{ParseLimits, parse};
use memopt_mlir::LowerOptions;
use memopt_mlir::jit::{Buffer, ExternKernel, Memory, compile};

use crate::lower_with;

const MODULE: &str = r#"
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> tensor<4xf32>, sym_name = "main"}> ({
  ^bb0(%a: tensor<4xf32>):
    %0 = "stablehlo.negate"(%a) : (tensor<4xf32>) -> tensor<4xf32>
    %1 = "acme.double"(%0) {memopt.effects = "none", memopt.workspace = 64 : i64} : (tensor<4xf32>) -> tensor<4xf32>
    %2 = "stablehlo.add"(%1, %a) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%2) : (tensor<4xf32>) -> ()
  }) : () -> ()
}) : () -> ()
"#;

#[allow(unsafe_code)]
extern "C" fn double(input: *const f32, output: *mut f32, workspace: *mut u8) {
    // SAFETY: the call passes four floats, four floats and 64 bytes, none of which share any.
    unsafe {
        workspace.write_bytes(0xff, 64);
        for k in 0..4 {
            *output.add(k) = 2.0 * *input.add(k);
        }
    }
}

#[test]
fn a_kernel_of_the_librarys_user_is_called() {
    let module = parse(MODULE, &ParseLimits::default()).unwrap();
    let externs = [("acme.double".to_owned(), "acme_double".to_owned())].into();
    let lowered =
        lower_with(&module, "default", ResultsIn::Caller, &LowerOptions { externs, ..LowerOptions::default() });
    let lowered = lowered.unwrap();
    let kernel = ExternKernel { symbol: "acme_double", address: double as *const () };
    let compiled = compile(&lowered, &[kernel]).unwrap();
    let input: Vec<u8> = [1.0f32, -2.0, 3.0, 0.5].iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut memory = Memory::new(&compiled.signature, vec![Buffer::from_bytes(&input)]).unwrap();
    compiled.call(&mut memory);
    let expected: Vec<u8> = [-1.0f32, 2.0, -3.0, -0.5].iter().flat_map(|x| x.to_le_bytes()).collect();
    assert_eq!(memory.result(&compiled.signature, 0), expected);
}

#[test]
fn a_custom_call_goes_to_the_kernel_of_its_target() {
    let call = r#""stablehlo.custom_call"(%0) <{call_target_name = "double it"}>"#;
    let module = parse(&MODULE.replace(r#""acme.double"(%0)"#, call), &ParseLimits::default()).unwrap();
    let externs = [("double it".to_owned(), "acme_double".to_owned())].into();
    let options = LowerOptions { externs, ..LowerOptions::default() };
    let lowered = lower_with(&module, "default", ResultsIn::Caller, &options).unwrap();
    assert!(lowered.text.contains("func.call @acme_double("), "{}", lowered.text);
    let errors = lower_with(&module, "fast", ResultsIn::Caller, &LowerOptions::default()).unwrap_err();
    assert_eq!(errors[0].message, "stablehlo.custom_call has no lowering to machine code");
}

#[test]
fn an_operation_without_a_lowering_is_named() {
    let module = parse(MODULE, &ParseLimits::default()).unwrap();
    let errors = lower_with(&module, "fast", ResultsIn::Caller, &LowerOptions::default()).unwrap_err();
    let [error] = &errors[..] else { panic!("one error: {errors:?}") };
    assert_eq!(error.message, "acme.double has no lowering to machine code");
    let (start, end) = (error.span.start as usize, error.span.end as usize);
    assert!(MODULE[start..end].contains("acme.double"), "it points at the operation: {:?}", &MODULE[start..end]);
    assert!(error.help.as_ref().is_some_and(|help| help.contains("extern \"C\"")), "{:?}", error.help);
}
