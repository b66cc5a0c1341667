// RUN: inplace,recompute{budget=2624},place --results=arena
// %a and %b are read late; %a, %b, %c have 1024 bytes each, %s, %t, %u 64.
//   step       %a    %b    %c    %s    %t    %u    without clones
//   %b = %a  1024  1024                            2048
//   %c = %b  1024  1024  1024                      3072   the peak
//   %s = %c  1024  1024  1024    64                3136
//   %t = %b  1024  1024          64    64          2176
//   %u = %a  1024                      64    64    1152
// For 2624 bytes something must go while %c is made: %a can be made again from %x for %u, which costs 5; %b would need %a
// again, and %c is what is made. So %a it is, from %b's step on: %b + %c + %s = 2112. The other %a is made before %t:
// %a' + %b + %s + %t = 2176.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) {memopt.cost_ns = 5 : i64} : (tensor<16xf32>) -> tensor<256xf32>
    %b = "t.op"(%a) {memopt.cost_ns = 1 : i64} : (tensor<256xf32>) -> tensor<256xf32>
    %c = "t.op2"(%b) {memopt.cost_ns = 1 : i64} : (tensor<256xf32>) -> tensor<256xf32>
    %s = "t.shrink"(%c) {memopt.cost_ns = 1 : i64} : (tensor<256xf32>) -> tensor<16xf32>
    %t = "t.use"(%s, %b) {memopt.cost_ns = 1 : i64} : (tensor<16xf32>, tensor<256xf32>) -> tensor<16xf32>
    %u = "t.use"(%t, %a) {memopt.cost_ns = 1 : i64} : (tensor<16xf32>, tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%u) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
