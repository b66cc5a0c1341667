// RUN: inplace,schedule,place --results=arena
// Values of 1024 bytes. Both %m0 and %m1 read %w before %w1 overwrites it, and %s reads what it has become. The best order makes
// and reduces %m0, then %m1, and %g only then: 2 x 1024 for %w and one of the others, and 2 x 64 for what they are reduced to.
"builtin.module"() ({
  "func.func"() <{function_type = (tensor<16xf32>) -> tensor<16xf32>, sym_name = "main"}> ({
  ^bb0(%x: tensor<16xf32>):
    %w = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %g = "t.grow"(%x) : (tensor<16xf32>) -> tensor<256xf32>
    %m0 = "t.grow"(%w) : (tensor<256xf32>) -> tensor<256xf32>
    %m1 = "t.grow"(%w) : (tensor<256xf32>) -> tensor<256xf32>
    %w1 = "t.update"(%w, %g) {memopt.update = [[0 : i64, 0 : i64]]} : (tensor<256xf32>, tensor<256xf32>) -> tensor<256xf32>
    %s0 = "t.shrink"(%m0) : (tensor<256xf32>) -> tensor<16xf32>
    %s1 = "t.shrink"(%m1) : (tensor<256xf32>) -> tensor<16xf32>
    %s = "t.shrink"(%w1) : (tensor<256xf32>) -> tensor<16xf32>
    %y = "t.concat"(%s0, %s1, %s) : (tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<16xf32>
    "func.return"(%y) : (tensor<16xf32>) -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
