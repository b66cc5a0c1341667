// RUN: inplace,schedule{algorithm=joint},place --results=arena
// MODeL's eight tensors with fixed lives, each step after the one before it: 10 units, 640 bytes, where greedy placements
// need 11.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %t0, %s1 = "t.step"() : () -> (tensor<16xf32>, none)
    %t1, %s2 = "t.step"(%s1) : (none) -> (tensor<144xf32>, none)
    %s3 = "t.step"(%t1, %s2) : (tensor<144xf32>, none) -> none
    %t2, %s4 = "t.step"(%s3) : (none) -> (tensor<16xf32>, none)
    %t3, %s5 = "t.step"(%s4) : (none) -> (tensor<128xf32>, none)
    %s6 = "t.step"(%t3, %s5) : (tensor<128xf32>, none) -> none
    %t4, %s7 = "t.step"(%s6) : (none) -> (tensor<16xf32>, none)
    %t5, %s8 = "t.step"(%s7) : (none) -> (tensor<112xf32>, none)
    %s9 = "t.step"(%t5, %s8) : (tensor<112xf32>, none) -> none
    %s10 = "t.step"(%t0, %s9) : (tensor<16xf32>, none) -> none
    %t6, %s11 = "t.step"(%s10) : (none) -> (tensor<128xf32>, none)
    %s12 = "t.step"(%t6, %s11) : (tensor<128xf32>, none) -> none
    %s13 = "t.step"(%t2, %s12) : (tensor<16xf32>, none) -> none
    %t7, %s14 = "t.step"(%s13) : (none) -> (tensor<112xf32>, none)
    %s15 = "t.step"(%t7, %s14) : (tensor<112xf32>, none) -> none
    %s16 = "t.step"(%t4, %s15) : (tensor<16xf32>, none) -> none
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The same tensors in any order: one after the other they need 9 units, 576 bytes; MODeL reports 22.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %t0 = "t.make"() : () -> tensor<16xf32>
    %t1 = "t.make"() : () -> tensor<144xf32>
    %t2 = "t.make"() : () -> tensor<16xf32>
    %t3 = "t.make"() : () -> tensor<128xf32>
    %t4 = "t.make"() : () -> tensor<16xf32>
    %t5 = "t.make"() : () -> tensor<112xf32>
    %t6 = "t.make"() : () -> tensor<128xf32>
    %t7 = "t.make"() : () -> tensor<112xf32>
    "t.use"(%t0) : (tensor<16xf32>) -> ()
    "t.use"(%t1) : (tensor<144xf32>) -> ()
    "t.use"(%t2) : (tensor<16xf32>) -> ()
    "t.use"(%t3) : (tensor<128xf32>) -> ()
    "t.use"(%t4) : (tensor<16xf32>) -> ()
    "t.use"(%t5) : (tensor<112xf32>) -> ()
    "t.use"(%t6) : (tensor<128xf32>) -> ()
    "t.use"(%t7) : (tensor<112xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Three fixed lives: 52 units, 3328 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %t0, %s0 = "t.step"() : () -> (tensor<368xf32>, none)
    %s1 = "t.step"(%s0) : (none) -> none
    %s2 = "t.step"(%s1) : (none) -> none
    %s3 = "t.step"(%s2) : (none) -> none
    %s4 = "t.step"(%s3) : (none) -> none
    %s5 = "t.step"(%s4) : (none) -> none
    %s6 = "t.step"(%s5) : (none) -> none
    %s7 = "t.step"(%s6) : (none) -> none
    %s8 = "t.step"(%s7) : (none) -> none
    %t1, %s9 = "t.step"(%s8) : (none) -> (tensor<400xf32>, none)
    %s10 = "t.step"(%t0, %s9) : (tensor<368xf32>, none) -> none
    %s11 = "t.step"(%s10) : (none) -> none
    %t2, %s12 = "t.step"(%s11) : (none) -> (tensor<432xf32>, none)
    %s13 = "t.step"(%t1, %s12) : (tensor<400xf32>, none) -> none
    %s14 = "t.step"(%s13) : (none) -> none
    %s15 = "t.step"(%t2, %s14) : (tensor<432xf32>, none) -> none
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
