// RUN: --verify-only
// The value does not exist.
"builtin.module"() ({
  // expected-error@+1 {{%missing}}
  "t.op"(%missing) : (tensor<f32>) -> ()
}) : () -> ()
// -----
// More operands than types.
"builtin.module"() ({
  %0 = "t.make"() : () -> tensor<f32>
  // expected-error@+1 {{operand}}
  "t.op"(%0, %0) : (tensor<f32>) -> ()
}) : () -> ()
// -----
// The type of a use is not that of the definition.
"builtin.module"() ({
  %0 = "t.make"() : () -> tensor<f32>
  // expected-error@+1 {{tensor<2xf32>}}
  "t.op"(%0) : (tensor<2xf32>) -> ()
}) : () -> ()
// -----
// One name twice.
"builtin.module"() ({
  %0 = "t.make"() : () -> tensor<f32>
  // expected-error@+1 {{%0}}
  %0 = "t.make"() : () -> tensor<f32>
}) : () -> ()
// -----
// Pretty form is another project's business; the message says how to get the generic one.
// expected-error@+1 {{expected an operation in quotes, found `module`}}
module {
}
// -----
// A string without an end.
"builtin.module"() ({
  // expected-error@+1 {{string}}
  "t.op"() {a = "no end
}) : () -> ()
