// RUN: schedule,place --results=arena
// An update through an opaque view makes a new version of its whole root: %b is the storage of %a, and %c, a view of %b, shows
// what was written. One buffer of 256 bytes for %a, %v, %b and %c, and one for %d: 512. Views of
// unknown extent have no offset of their own, and neither has an update through one.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.view"(%a) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %b = "t.update"(%v) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %c = "memopt.view"(%b) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %d = "t.op"(%c) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%d) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
