// RUN: inplace,schedule,place --results=arena
// An irregular cell: convolutions (%n..) over sums of up to three earlier results, of 1024 bytes each; a sum may overwrite
// either operand. Program order takes 6 of them, list scheduling in both directions 5, the best order 4.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %n0 = "t.conv"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %n1 = "t.conv"(%n0) : (tensor<256xf32>) -> tensor<256xf32>
    %s2_0 = "t.add"(%n0, %n1) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n2 = "t.conv"(%s2_0) : (tensor<256xf32>) -> tensor<256xf32>
    %n3 = "t.conv"(%n0) : (tensor<256xf32>) -> tensor<256xf32>
    %n4 = "t.conv"(%n0) : (tensor<256xf32>) -> tensor<256xf32>
    %s5_0 = "t.add"(%n0, %n2) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n5 = "t.conv"(%s5_0) : (tensor<256xf32>) -> tensor<256xf32>
    %s6_0 = "t.add"(%n0, %n4) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %s6_1 = "t.add"(%s6_0, %n5) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n6 = "t.conv"(%s6_1) : (tensor<256xf32>) -> tensor<256xf32>
    %n7 = "t.conv"(%n2) : (tensor<256xf32>) -> tensor<256xf32>
    %s8_0 = "t.add"(%n3, %n7) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n8 = "t.conv"(%s8_0) : (tensor<256xf32>) -> tensor<256xf32>
    %n9 = "t.conv"(%n8) : (tensor<256xf32>) -> tensor<256xf32>
    %s10_0 = "t.add"(%n4, %n8) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n10 = "t.conv"(%s10_0) : (tensor<256xf32>) -> tensor<256xf32>
    %s11_0 = "t.add"(%n6, %n10) {memopt.inplace = [[0 : i64, 0 : i64], [0 : i64, 1 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %n11 = "t.conv"(%s11_0) : (tensor<256xf32>) -> tensor<256xf32>
    %n12 = "t.conv"(%n6) : (tensor<256xf32>) -> tensor<256xf32>
    %n13 = "t.conv"(%n9) : (tensor<256xf32>) -> tensor<256xf32>
    %y = "t.concat"(%n11, %n12, %n13) : (tensor<256xf32>, tensor<256xf32>, tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%y) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
