// RUN: inplace,schedule{algorithm=search},place --results=arena
// MODeL's test graphs, in units of 64 bytes: A -10-> B means that A writes 10 units for B.
// Simple: 70 units, 4480 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %a = "t.a"() : () -> tensor<160xf32>
    %b = "t.b"(%a) : (tensor<160xf32>) -> tensor<320xf32>
    %c = "t.c"(%b) : (tensor<320xf32>) -> tensor<480xf32>
    %d = "t.d"(%c) : (tensor<480xf32>) -> tensor<640xf32>
    "t.e"(%d) : (tensor<640xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Diamond: 130 units, 8320 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %a = "t.a"() : () -> tensor<160xf32>
    %b:2 = "t.b"(%a) : (tensor<160xf32>) -> (tensor<320xf32>, tensor<480xf32>)
    %c = "t.c"(%b#0) : (tensor<320xf32>) -> tensor<960xf32>
    %d = "t.d"(%b#1) : (tensor<480xf32>) -> tensor<640xf32>
    %e = "t.e"(%d) : (tensor<640xf32>) -> tensor<800xf32>
    %f = "t.f"(%e, %c) : (tensor<800xf32>, tensor<960xf32>) -> tensor<160xf32>
    "t.g"(%f) : (tensor<160xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Diamond with a control edge from C to E, an empty value: 150 units, 9600 bytes. MODeL's 120 need a second memory to spill to.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %a = "t.a"() : () -> tensor<160xf32>
    %b:2 = "t.b"(%a) : (tensor<160xf32>) -> (tensor<320xf32>, tensor<480xf32>)
    %c:2 = "t.c"(%b#0) : (tensor<320xf32>) -> (tensor<960xf32>, none)
    %d = "t.d"(%b#1) : (tensor<480xf32>) -> tensor<640xf32>
    %e = "t.e"(%d, %c#1) : (tensor<640xf32>, none) -> tensor<800xf32>
    %f = "t.f"(%e, %c#0) : (tensor<800xf32>, tensor<960xf32>) -> tensor<160xf32>
    "t.g"(%f) : (tensor<160xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
// -----
// Two inputs: 110 units, 7040 bytes.
"builtin.module"() ({
  "func.func"() <{function_type = () -> (), sym_name = "main"}> ({
    %a:2 = "t.a"() : () -> (tensor<160xf32>, tensor<320xf32>)
    %b = "t.b"(%a#0) : (tensor<160xf32>) -> tensor<480xf32>
    %c = "t.c"(%a#1) : (tensor<320xf32>) -> tensor<800xf32>
    %d = "t.d"(%b) : (tensor<480xf32>) -> tensor<640xf32>
    "t.e"(%d, %c) : (tensor<640xf32>, tensor<800xf32>) -> ()
    "func.return"() : () -> ()
  }) : () -> ()
}) {memopt.hints = "complete"} : () -> ()
