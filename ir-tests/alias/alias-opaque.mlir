// RUN: inplace,schedule,place --results=arena
// A view of an opaque view has the same root. Reading either reads all of %a, so %a lives until %d, and nothing may overwrite it
// before: %b is legal in place, and no order can take it, because %d reads both. Three buffers of 256 bytes are live at %d: 768.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.view"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<16xf32>
    %w = "t.view"(%v) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<16xf32>) -> tensor<16xf32>
    %b = "stablehlo.tanh"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %d = "t.op"(%w, %b) : (tensor<16xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
