// RUN: schedule{algorithm=greedy},place
// Side effects keep their order, whatever that costs; a random operation may move, but runs exactly once.
// Arena: while %b is made, %r (64) and %b (1024) are live: 1088; at the first print %a alone, and %r next to it at most.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %a = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    "t.print"(%a) {memopt.effects = "side"} : (tensor<256xf32>) -> ()
    %r = "t.random"(%x) {memopt.effects = "random"} : (tensor<16xf32>) -> tensor<16xf32>
    "t.print"(%r) {memopt.effects = "side"} : (tensor<16xf32>) -> ()
    %b = "t.grow"(%r) : (tensor<16xf32>) -> tensor<256xf32>
    %s = "t.shrink"(%b) : (tensor<256xf32>) -> tensor<16xf32>
    "func.return"(%s) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
