// RUN: --check
// The body leaves its yield at 256, the slot is at 128.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<16xf32>):
    %0 = "stablehlo.tanh"(%arg0) {memopt.id = 1 : i64, memopt.offsets = array<i64: 0>} : (tensor<16xf32>) -> tensor<16xf32>
    %1 = "stablehlo.constant"() <{value = dense<0> : tensor<i32>}> {memopt.id = 0 : i64, memopt.offsets = array<i64: -1>, memopt.virtual} : () -> tensor<i32>
    %2:2 = "stablehlo.while"(%1, %arg0) ({
    ^bb0(%arg3: tensor<i32>, %arg4: tensor<16xf32>):
      %8 = "stablehlo.constant"() <{value = dense<8> : tensor<i32>}> {memopt.id = 3 : i64, memopt.offsets = array<i64: -1>, memopt.virtual} : () -> tensor<i32>
      %9 = "stablehlo.compare"(%arg3, %8) <{comparison_direction = #stablehlo<comparison_direction LT>}> {memopt.id = 4 : i64, memopt.offsets = array<i64: 192>} : (tensor<i32>, tensor<i32>) -> tensor<i1>
      "stablehlo.return"(%9) {memopt.id = 5 : i64} : (tensor<i1>) -> ()
    }, {
    ^bb0(%arg1: tensor<i32>, %arg2: tensor<16xf32>):
      %3 = "stablehlo.constant"() <{value = dense<1> : tensor<i32>}> {memopt.id = 6 : i64, memopt.offsets = array<i64: -1>, memopt.virtual} : () -> tensor<i32>
      %4 = "stablehlo.add"(%arg1, %3) {memopt.id = 7 : i64, memopt.may_reuse = [[0 : i64, 0 : i64]], memopt.reuse = [[0 : i64, 0 : i64]], memopt.offsets = array<i64: 64>} : (tensor<i32>, tensor<i32>) -> tensor<i32>
      %5 = "t.t"(%arg2) {memopt.id = 8 : i64, memopt.offsets = array<i64: 192>} : (tensor<16xf32>) -> tensor<16xf32>
      %6 = "t.u"(%5, %0) {memopt.id = 9 : i64, memopt.offsets = array<i64: 256>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      // expected-error@+1 {{%7 has two places: expected Arena at 128, found Arena at 256}}
      %7 = "stablehlo.add"(%arg2, %6) {memopt.id = 10 : i64, memopt.may_reuse = [[0 : i64, 0 : i64]], memopt.reuse = [[0 : i64, 0 : i64]], memopt.offsets = array<i64: 256>} : (tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
      "stablehlo.return"(%4, %7) {memopt.id = 11 : i64} : (tensor<i32>, tensor<16xf32>) -> ()
    }) {memopt.id = 2 : i64, memopt.offsets = array<i64: 64, 128>, memopt.arg_offsets = array<i64: 64, 128, 64, 128>} : (tensor<i32>, tensor<16xf32>) -> (tensor<i32>, tensor<16xf32>)
    "func.return"(%2#1) {memopt.id = 12 : i64} : (tensor<16xf32>) -> ()
  }) {memopt.donations = [], memopt.results = "arena", memopt.target = "generic", memopt.alignment = 64 : i64, memopt.arena_size = 320 : i64} : () -> ()
}) {memopt.hints = "complete"} : () -> ()
