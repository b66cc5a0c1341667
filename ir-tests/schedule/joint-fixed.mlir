// RUN: inplace,schedule{algorithm=joint},place --results=arena
// MODeL's eight tensors with fixed lives, in steps that keep their order: 10 units, 640 bytes, where the usual greedy
// placements need 11.
"builtin.module"() ({
  // expected-note@+1 {{arena 640 bytes, optimal: proven}}
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %t0 = "t.step"() {memopt.effects = "side"} : () -> tensor<16xf32>
    %t1 = "t.step"() {memopt.effects = "side"} : () -> tensor<144xf32>
    "t.step"(%t1) {memopt.effects = "side"} : (tensor<144xf32>) -> ()
    %t2 = "t.step"() {memopt.effects = "side"} : () -> tensor<16xf32>
    %t3 = "t.step"() {memopt.effects = "side"} : () -> tensor<128xf32>
    "t.step"(%t3) {memopt.effects = "side"} : (tensor<128xf32>) -> ()
    %t4 = "t.step"() {memopt.effects = "side"} : () -> tensor<16xf32>
    %t5 = "t.step"() {memopt.effects = "side"} : () -> tensor<112xf32>
    "t.step"(%t5) {memopt.effects = "side"} : (tensor<112xf32>) -> ()
    "t.step"(%t0) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    %t6 = "t.step"() {memopt.effects = "side"} : () -> tensor<128xf32>
    "t.step"(%t6) {memopt.effects = "side"} : (tensor<128xf32>) -> ()
    "t.step"(%t2) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    %t7 = "t.step"() {memopt.effects = "side"} : () -> tensor<112xf32>
    "t.step"(%t7) {memopt.effects = "side"} : (tensor<112xf32>) -> ()
    "t.step"(%t4) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// The same tensors in any order: one after the other they need 9 units, 576 bytes; MODeL reports 22.
"builtin.module"() ({
  // expected-note@+1 {{arena 576 bytes, optimal: proven}}
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
  // expected-note@+1 {{arena 3328 bytes, optimal: proven}}
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %t0 = "t.step"() {memopt.effects = "side"} : () -> tensor<368xf32>
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    %t1 = "t.step"() {memopt.effects = "side"} : () -> tensor<400xf32>
    "t.step"(%t0) {memopt.effects = "side"} : (tensor<368xf32>) -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    %t2 = "t.step"() {memopt.effects = "side"} : () -> tensor<432xf32>
    "t.step"(%t1) {memopt.effects = "side"} : (tensor<400xf32>) -> ()
    "t.step"() {memopt.effects = "side"} : () -> ()
    "t.step"(%t2) {memopt.effects = "side"} : (tensor<432xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
