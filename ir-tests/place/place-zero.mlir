// RUN: schedule{algorithm=program},place --results=arena
// Values without bytes have the offset -1, lie nowhere and conflict with nothing: a zero-size tensor and a none. Arena: %a and %b,
// 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<64xf32>, tensor<0x4xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %z = "t.op"(%x) : (tensor<64xf32>) -> tensor<0x4xf32>
    %n = "t.token"() : () -> none
    %a = "t.op"(%z, %n, %x) : (tensor<0x4xf32>, none, tensor<64xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%b, %z) : (tensor<64xf32>, tensor<0x4xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
