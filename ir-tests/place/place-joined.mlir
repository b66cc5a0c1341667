// RUN: inplace,schedule{algorithm=program},place
// %a and %b (64 bytes each) are produced straight into their parts of %c, which nobody copies: 128 bytes while %d is made, and
// %d is the caller's. %e joins along the inner dimension: its parts do not lie one after another, so it is a copy, of 128
// bytes, beside %a and %b: 256 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<1x16xf32>) -> tensor<1x16xf32>, sym_name = "parts"}> ({
  ^bb0(%x: tensor<1x16xf32>):
    %a = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %b = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %c = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<2x16xf32>
    %d = "t.op"(%c) : (tensor<2x16xf32>) -> tensor<1x16xf32>
    "func.return"(%d) : (tensor<1x16xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<2x8xf32>) -> tensor<2x8xf32>, sym_name = "copy"}> ({
  ^bb0(%x: tensor<2x8xf32>):
    %a = "t.op"(%x) : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %b = "t.op"(%x) : (tensor<2x8xf32>) -> tensor<2x8xf32>
    %e = "stablehlo.concatenate"(%a, %b) <{dimension = 1 : i64}> : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x16xf32>
    %d = "t.op"(%e) : (tensor<2x16xf32>) -> tensor<2x8xf32>
    "func.return"(%d) : (tensor<2x8xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
