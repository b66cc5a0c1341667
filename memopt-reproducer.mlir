// memopt-opt --pass-pipeline='inplace,schedule,place' --target=generic
"func.func"() <{function_type = (tensor<16x16xf32>) -> (tensor<16x16xf32>), sym_name = "main"}> ({
^bb0(%a0: tensor<16x16xf32>):
%w0 = "stablehlo.while"(%a0) ({
^bb0(%c0: tensor<16x16xf32>):
 %p0 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p0) : (tensor<i1>) -> ()
}, {
^bb0(%x1: tensor<16x16xf32>):
"stablehlo.return"(%x1) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"func.return"(%w0) : (tensor<16x16xf32>) -> ()
}) : () -> ()
