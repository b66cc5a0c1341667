// RUN: schedule,place --results=arena
// The example of XLA's list scheduler, in units of 64 bytes: A (1) is read by B (2), D and E (1 each), C (1) by G, F (2) reads D
// and E, G reads C and F. The order A D E B F C G needs 6 units; A B C D E F G needs 5, 320 bytes, which is the least.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<4xf32>) -> (), sym_name = "main"}> ({
  ^bb0(%x: tensor<4xf32>):
    %a = "t.a"(%x) : (tensor<4xf32>) -> tensor<16xf32>
    %d = "t.d"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %e = "t.e"(%a) : (tensor<16xf32>) -> tensor<16xf32>
    %b = "t.b"(%a) : (tensor<16xf32>) -> tensor<32xf32>
    %f = "t.f"(%d, %e) : (tensor<16xf32>, tensor<16xf32>) -> tensor<32xf32>
    %c = "t.c"(%b) : (tensor<32xf32>) -> tensor<16xf32>
    "t.g"(%c, %f) : (tensor<16xf32>, tensor<32xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
