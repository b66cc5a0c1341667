// RUN: --verify-only
// One function, every common form once.
"builtin.module"() <{sym_name = "m"}> ({
  "func.func"() <{function_type = (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<2xi32>), sym_name = "main"}> ({
  ^bb0(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>):
    // Results packed into one name, and results with a name each.
    %pair:2 = "t.two"(%arg0) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<2xi32>)
    %a, %b = "t.two"(%pair#0) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<2xi32>)
    // No operands, no results, properties, attributes, both.
    "t.nothing"() : () -> ()
    %c = "t.prop"() <{value = 1 : i64}> : () -> tensor<4xf32>
    %d = "t.attr"(%c) {unit, t.flag = true, "quoted name" = "text\0A\22"} : (tensor<4xf32>) -> tensor<4xf32>
    %e = "t.both"(%d, %a) <{axis = -3 : i32}> {t.note = @main} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    "func.return"(%e, %b) : (tensor<4xf32>, tensor<2xi32>) -> ()
  }) : () -> ()
}) : () -> ()
