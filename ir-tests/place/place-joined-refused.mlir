// RUN: inplace,schedule{algorithm=program},place
// Nothing lies at two places: %a and %b are wanted for %c and for %e; the last %c has %b in it twice. And what is returned is no
// part. All are copies: 64 + 64 + 128 bytes and 128 more, of %c and %e each dying where it is read, so 256; 64 + 128; 64 + 128.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>), sym_name = "one_place"}> ({
  ^bb0(%x: tensor<1x16xf32>):
    %a = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %b = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %c = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<2x16xf32>
    %e = "stablehlo.concatenate"(%b, %a) <{dimension = 0 : i64}> : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<2x16xf32>
    %d = "t.op"(%c) : (tensor<2x16xf32>) -> tensor<1x16xf32>
    %f = "t.op"(%e) : (tensor<2x16xf32>) -> tensor<1x16xf32>
    "func.return"(%d, %f) : (tensor<1x16xf32>, tensor<1x16xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<1x16xf32>) -> (tensor<1x16xf32>, tensor<1x16xf32>), sym_name = "returned"}> ({
  ^bb0(%x: tensor<1x16xf32>):
    %a = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %b = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %c = "stablehlo.concatenate"(%a, %b) <{dimension = 0 : i64}> : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<2x16xf32>
    %d = "t.op"(%c) : (tensor<2x16xf32>) -> tensor<1x16xf32>
    "func.return"(%d, %a) : (tensor<1x16xf32>, tensor<1x16xf32>) -> ()
  }) : () -> ()
  "func.func"() <{function_type = (tensor<1x16xf32>) -> tensor<1x16xf32>, sym_name = "twice"}> ({
  ^bb0(%x: tensor<1x16xf32>):
    %b = "t.op"(%x) : (tensor<1x16xf32>) -> tensor<1x16xf32>
    %c = "stablehlo.concatenate"(%b, %b) <{dimension = 0 : i64}> : (tensor<1x16xf32>, tensor<1x16xf32>) -> tensor<2x16xf32>
    %d = "t.op"(%c) : (tensor<2x16xf32>) -> tensor<1x16xf32>
    "func.return"(%d) : (tensor<1x16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
