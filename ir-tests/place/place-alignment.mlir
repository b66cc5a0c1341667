// RUN: schedule{algorithm=program},place --results=arena
// Sizes are rounded up to 64 bytes: 4, 100 and 64 bytes take 64, 128 and 64. All live at once: 256 bytes, not 168.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<f32>) -> (tensor<f32>, tensor<25xf32>, tensor<16xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<f32>):
    %a = "t.op"(%x) : (tensor<f32>) -> tensor<f32>
    %b = "t.op"(%x) : (tensor<f32>) -> tensor<25xf32>
    %c = "t.op"(%x) : (tensor<f32>) -> tensor<16xf32>
    "func.return"(%a, %b, %c) : (tensor<f32>, tensor<25xf32>, tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
