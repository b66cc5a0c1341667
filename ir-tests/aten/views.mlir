// RUN: inplace,schedule,place
// %v is %a in another shape, whatever the hint leaves open, so %b may overwrite it. %t is %b transposed: %c reads %b's elements
// in another order than it writes its own, and needs bytes of its own. 256 + 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<8x8xf32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<8x8xf32>):
    %a = "aten.mm.default"(%x, %x) : (tensor<8x8xf32>, tensor<8x8xf32>) -> tensor<8x8xf32>
    %v = "aten._unsafe_view.default"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<8x8xf32>) -> tensor<4x16xf32>
    %b = "aten.tanh.default"(%v) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %t = "aten.t.default"(%b) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<4x16xf32>) -> tensor<16x4xf32>
    %c = "aten.relu.default"(%t) : (tensor<16x4xf32>) -> tensor<16x4xf32>
    %r = "aten.sum.default"(%c) : (tensor<16x4xf32>) -> tensor<f32>
    "func.return"(%r) : (tensor<f32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
