// RUN: --check
// The body leaves its yield at 256, the slot is at 192.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %i0 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> {memopt.id = 0 : i64, memopt.offsets = array<i64: 0>} : () -> tensor<i32>
    // expected-error@+1 {{slot}}
    %r:2 = "stablehlo.while"(%i0, %x) ({
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %n = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> {memopt.id = 1 : i64, memopt.offsets = array<i64: 64>} : () -> tensor<i32>
      %p = "stablehlo.compare"(%i, %n) <{comparison_direction = #stablehlo<comparison_direction LT>}> {memopt.id = 2 : i64, memopt.offsets = array<i64: 128>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%p) : (tensor<i1>) -> ()
    }, {
    ^bb0(%i: tensor<i32>, %a: tensor<16xf32>):
      %one = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> {memopt.id = 3 : i64, memopt.offsets = array<i64: 64>} : () -> tensor<i32>
      %i1 = "stablehlo.add"(%i, %one) {memopt.id = 4 : i64, memopt.offsets = array<i64: 0>, memopt.reuse = [[0 : i64, 0 : i64]]} : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %a1 = "stablehlo.tanh"(%a) {memopt.id = 5 : i64, memopt.offsets = array<i64: 256>} : (tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%i1, %a1) : (tensor<i32>, tensor<16xf32>) -> ()
    }) {memopt.arg_offsets = [array<i64: 0, 192>, array<i64: 0, 192>], memopt.id = 6 : i64, memopt.offsets = array<i64: 0, 192>} : (tensor<i32>, tensor<16xf32>) -> (tensor<i32>, tensor<16xf32>)
    "func.return"(%r#1) : (tensor<16xf32>) -> ()
  }) {memopt.alignment = 64 : i64, memopt.arena_size = 320 : i64, memopt.results = "arena", memopt.target = "generic"} : () -> ()
}) {memopt.hints = "complete"} : () -> ()
