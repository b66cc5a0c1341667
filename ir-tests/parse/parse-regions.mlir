// RUN: --verify-only
// Regions: none, empty, several, nested; blocks without labels, with arguments; names may be used again outside.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<f32>) -> tensor<f32>, sym_name = "main"}> ({
  ^bb0(%arg0: tensor<f32>):
    "t.empty"() ({
    }) : () -> ()
    %0 = "t.two"(%arg0) ({
      %inner = "t.read"(%arg0) : (tensor<f32>) -> tensor<f32>
      "t.yield"(%inner) : (tensor<f32>) -> ()
    }, {
    ^bb0(%inner: tensor<f32>):
      "t.deep"() ({
      ^bb0(%deep: tensor<f32>):
        "t.yield"(%deep, %inner) : (tensor<f32>, tensor<f32>) -> ()
      }) : () -> ()
      "t.yield"(%inner) : (tensor<f32>) -> ()
    }) {after = "the regions"} : (tensor<f32>) -> tensor<f32>
    "func.return"(%0) : (tensor<f32>) -> ()
  }) : () -> ()
}) : () -> ()
