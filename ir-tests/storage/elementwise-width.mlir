// RUN: inplace,schedule{algorithm=program},place --results=arena
// Operations whose result is as wide as an operand overwrite it; %h, the same bits under another type, is a view of %g.
// Narrower ones cannot: %i (64 bytes) lies beside %h, and %k beside %j; %l, as wide as %k, overwrites it; %m is wider again.
// Arena: %c to %h and %j in one buffer of 256; %i beside it, 64. When %k is made, %i is gone; %m needs 256 beside %l: 320.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xi32>, tensor<64xi32>, tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xi32>, %y: tensor<64xi32>, %z: tensor<64xf32>):
    %c = "stablehlo.and"(%x, %y) : (tensor<64xi32>, tensor<64xi32>) -> tensor<64xi32>
    %d = "stablehlo.or"(%c, %y) : (tensor<64xi32>, tensor<64xi32>) -> tensor<64xi32>
    %e = "stablehlo.xor"(%d, %y) : (tensor<64xi32>, tensor<64xi32>) -> tensor<64xi32>
    %f = "stablehlo.shift_left"(%e, %y) : (tensor<64xi32>, tensor<64xi32>) -> tensor<64xi32>
    %g = "stablehlo.shift_right_logical"(%f, %y) : (tensor<64xi32>, tensor<64xi32>) -> tensor<64xi32>
    %h = "stablehlo.bitcast_convert"(%g) : (tensor<64xi32>) -> tensor<64xf32>
    %i = "stablehlo.is_finite"(%h) : (tensor<64xf32>) -> tensor<64xi1>
    %j = "stablehlo.select"(%i, %h, %z) : (tensor<64xi1>, tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %k = "stablehlo.compare"(%j, %z) <{comparison_direction = #stablehlo<comparison_direction LT>}> : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xi1>
    %l = "stablehlo.convert"(%k) : (tensor<64xi1>) -> tensor<64xi8>
    %m = "stablehlo.convert"(%l) : (tensor<64xi8>) -> tensor<64xf32>
    "func.return"(%m) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()
