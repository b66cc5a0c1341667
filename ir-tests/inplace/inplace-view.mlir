// RUN: inplace,schedule{algorithm=program},place --results=arena
// Overwriting through a view: %v is %a in another shape. %b may take the bytes of %a because nothing else reads %a later.
// %d may not take those of %c: %w, a view of the same bytes, is read after it; %e may, through %w.
// Arena: one buffer for %a, %b, %c and %e, one for %d: 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> (tensor<4x16xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "stablehlo.tanh"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "stablehlo.reshape"(%a) : (tensor<64xf32>) -> tensor<4x16xf32>
    %b = "stablehlo.negate"(%v) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %c = "stablehlo.tanh"(%b) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %w = "stablehlo.reshape"(%c) : (tensor<4x16xf32>) -> tensor<64xf32>
    %d = "stablehlo.negate"(%c) : (tensor<4x16xf32>) -> tensor<4x16xf32>
    %e = "stablehlo.abs"(%w) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d, %e) : (tensor<4x16xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
