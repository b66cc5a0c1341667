// RUN: inplace,schedule{algorithm=program},place --results=arena
// Virtual: a splat (%one), an iota (%i), a broadcast (%wide), and views of them (%flat). A constant that is no splat (%table) lies in
// the program. A broadcast that only adds a dimension of one (%same) is a view of its operand, here of an argument.
// Arena: %a, then %b and %c in its place: 256.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %one = "stablehlo.constant"() <{value = dense<1.0> : tensor<64xf32>}> : () -> tensor<64xf32>
    %table = "stablehlo.constant"() <{value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>}> : () -> tensor<4xf32>
    %i = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<64xf32>
    %wide = "stablehlo.broadcast_in_dim"(%table) <{broadcast_dimensions = array<i64: 1>}> : (tensor<4xf32>) -> tensor<16x4xf32>
    %flat = "stablehlo.reshape"(%wide) : (tensor<16x4xf32>) -> tensor<64xf32>
    %same = "stablehlo.broadcast_in_dim"(%x) <{broadcast_dimensions = array<i64: 1>}> : (tensor<64xf32>) -> tensor<1x64xf32>
    %row = "stablehlo.reshape"(%same) : (tensor<1x64xf32>) -> tensor<64xf32>
    %a = "stablehlo.add"(%one, %i) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %b = "stablehlo.add"(%a, %flat) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %c = "stablehlo.add"(%b, %row) : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%c) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) : () -> ()
// -----
// What is returned needs bytes, and so does what a kernel reads that nobody described: %one and %i are written. Arena: %i and %one
// and %a, 768; %i is free once %a is made, but nothing follows it.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (tensor<64xf32>, tensor<64xf32>), sym_name = "main"}> ({
  ^bb0():
    %one = "stablehlo.constant"() <{value = dense<1.0> : tensor<64xf32>}> : () -> tensor<64xf32>
    %i = "stablehlo.iota"() <{iota_dimension = 0 : i64}> : () -> tensor<64xf32>
    %a = "t.op"(%i) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%one, %a) : (tensor<64xf32>, tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
