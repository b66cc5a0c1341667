// RUN: schedule{algorithm=program},place{algorithm=best-fit} --results=arena
// Sizes in lines of 64 bytes: a 4, b 1, c 4, d 8.
//
//   step   0  1  2  3  4
//   a      ====
//   b         =======
//   c               =====         c fits where a was; b lies behind a
//   d            ====
//
//
// Live bytes: step 1: a b = 320; step 2: b d = 576; step 3: b d c = 832; so no layout is below 832.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.op"(%x) : (tensor<16xf32>) -> tensor<64xf32>
    %b = "t.op"(%a) : (tensor<64xf32>) -> tensor<16xf32>
    %d = "t.op"(%x) : (tensor<16xf32>) -> tensor<128xf32>
    %c = "t.op"(%b, %d) : (tensor<16xf32>, tensor<128xf32>) -> tensor<64xf32>
    %e = "t.op"(%c) : (tensor<64xf32>) -> tensor<16xf32>
    "func.return"(%e) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
