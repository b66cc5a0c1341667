// RUN: inplace,schedule,place
// A broadcast of a part of %x is returned, and %x gives its bytes to it. It cannot be written there while it is read, so a copy is
// made; the broadcast itself is virtual then, and the copy reads %x: it goes to the arena (256 bytes), and from there into %x.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{jax.buffer_donor = true}], function_type = (tensor<2x32xf32>) -> tensor<2x32xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<2x32xf32>):
    %row = "stablehlo.slice"(%x) <{limit_indices = array<i64: 1, 32>, start_indices = array<i64: 0, 0>, strides = array<i64: 1, 1>}> : (tensor<2x32xf32>) -> tensor<1x32xf32>
    %rows = "stablehlo.broadcast_in_dim"(%row) <{broadcast_dimensions = array<i64: 0, 1>}> : (tensor<1x32xf32>) -> tensor<2x32xf32>
    "func.return"(%rows) : (tensor<2x32xf32>) -> ()
  }) : () -> ()
}) : () -> ()
