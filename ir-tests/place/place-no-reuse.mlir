// RUN: schedule{algorithm=program},place{algorithm=no-reuse} --results=arena
// Bytes: a 256, b 64, d 512, c 256, e 64.
//
//   step     0    1    2    3    4
//   a        ==========
//   b             ===============
//   d                  ==========
//   c                       ==========
//   e                            =====
//   live   256  320  576  832  320
//
// No layout is below 832. With b behind a, and d behind b, c fits where a was: 832. Without reuse: 1152.
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
