// RUN: inplace,schedule{algorithm=program},place --results=arena
// %u is %a overwritten, and lies where %a lies; %old is read from %a before. %v is the upper half of what was written, 128 bytes from the
// start. Arena: three of 256 bytes, 768.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %old = "t.op"(%a) : (tensor<64xf32>) -> tensor<64xf32>
    %u = "t.update"(%a) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %v = "stablehlo.slice"(%u) <{limit_indices = array<i64: 64>, start_indices = array<i64: 32>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<32xf32>
    %r = "t.op"(%old, %v) : (tensor<64xf32>, tensor<32xf32>) -> tensor<64xf32>
    "func.return"(%r) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// A donated argument, overwritten twice: no bytes in the arena.
"builtin.module"() ({
  "func.func"() <{arg_attrs = [{tf.aliasing_output = 0 : i32}], function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%p: tensor<64xf32>):
    %u = "t.update"(%p) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    %v = "t.update"(%u) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%v) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// An update through a view of a part makes a new version of the whole: %all, a view of it, is all of %a. Arena: %a and %r, 512.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<64xf32>) -> tensor<64xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<64xf32>):
    %a = "t.op"(%x) : (tensor<64xf32>) -> tensor<64xf32>
    %half = "stablehlo.slice"(%a) <{limit_indices = array<i64: 64>, start_indices = array<i64: 32>, strides = array<i64: 1>}> : (tensor<64xf32>) -> tensor<32xf32>
    %u = "t.update"(%half) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<32xf32>) -> tensor<32xf32>
    %all = "memopt.view"(%u) {memopt.alias = [[0 : i64, 0 : i64]]} : (tensor<32xf32>) -> tensor<64xf32>
    %r = "t.op"(%all) : (tensor<64xf32>) -> tensor<64xf32>
    "func.return"(%r) : (tensor<64xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
