// RUN: schedule{algorithm=ilp},place
// Updates of donated parameters: each frees its gradient. Program order makes all gradients first (3 x 1024 live at once);
// updating as soon as a gradient exists needs one at a time: 1024.
"builtin.module"() ({
  // expected-note@+1 {{peak 1024 bytes, optimal: proven}}
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}, {tf.aliasing_output = 1 : i32}, {tf.aliasing_output = 2 : i32}, {}], function_type = (tensor<256xf32>, tensor<256xf32>, tensor<256xf32>, tensor<16xf32>) -> (tensor<256xf32>, tensor<256xf32>, tensor<256xf32>), sym_name = "main"}> ({
  ^bb0(%p0: tensor<256xf32>, %p1: tensor<256xf32>, %p2: tensor<256xf32>, %x: tensor<16xf32>):
    %g0 = "t.gradient"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %g1 = "t.gradient"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %g2 = "t.gradient"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %q0 = "t.update"(%p0, %g0) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %q1 = "t.update"(%p1, %g1) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %q2 = "t.update"(%p2, %g2) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    "func.return"(%q0, %q1, %q2) : (tensor<256xf32>, tensor<256xf32>, tensor<256xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
