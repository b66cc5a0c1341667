// RUN: --verify-only
// Aliases are written out; locations are read and dropped or kept, and never change what a program means.
#map = affine_map<(d0) -> (d0)>
#list = [1 : i64, 2 : i64]
!matrix = tensor<4x4xf32>
#loc0 = loc("model.py":10:4)
#loc1 = loc(callsite("inner"("f.py":1:1) at fused["a", #loc0]))
"builtin.module"() ({
  "func.func"() <{function_type = (!matrix) -> !matrix, sym_name = "main"}> ({
  ^bb0(%arg0: !matrix loc("x")):
    %0 = "t.op"(%arg0) {list = #list, map = #map} : (!matrix) -> !matrix loc(#loc1)
    "func.return"(%0) : (!matrix) -> () loc(unknown)
  }) : () -> () loc(#loc0)
}) : () -> ()
