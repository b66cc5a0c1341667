// memopt-opt --pass-pipeline='inplace,schedule,place' --target=generic
"builtin.module"() ({
 "func.func"() <{function_type = (tensor<16x16xf32>) -> (tensor<16x16xf32>), sym_name = "main"}> ({
 ^bb0(%a0: tensor<16x16xf32>):
%w0 = "stablehlo.while"(%a0) ({
^bb0(%c0: tensor<16x16xf32>):
 %p0 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p0) : (tensor<i1>) -> ()
}, {
^bb0(%x1: tensor<16x16xf32>):
%w1 = "stablehlo.while"(%x1) ({
^bb0(%c1: tensor<16x16xf32>):
 %p1 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p1) : (tensor<i1>) -> ()
}, {
^bb0(%x2: tensor<16x16xf32>):
%w2 = "stablehlo.while"(%x2) ({
^bb0(%c2: tensor<16x16xf32>):
 %p2 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p2) : (tensor<i1>) -> ()
}, {
^bb0(%x3: tensor<16x16xf32>):
%w3 = "stablehlo.while"(%x3) ({
^bb0(%c3: tensor<16x16xf32>):
 %p3 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p3) : (tensor<i1>) -> ()
}, {
^bb0(%x4: tensor<16x16xf32>):
%w4 = "stablehlo.while"(%x4) ({
^bb0(%c4: tensor<16x16xf32>):
 %p4 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p4) : (tensor<i1>) -> ()
}, {
^bb0(%x5: tensor<16x16xf32>):
%w5 = "stablehlo.while"(%x5) ({
^bb0(%c5: tensor<16x16xf32>):
 %p5 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p5) : (tensor<i1>) -> ()
}, {
^bb0(%x6: tensor<16x16xf32>):
%w6 = "stablehlo.while"(%x6) ({
^bb0(%c6: tensor<16x16xf32>):
 %p6 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p6) : (tensor<i1>) -> ()
}, {
^bb0(%x7: tensor<16x16xf32>):
%w7 = "stablehlo.while"(%x7) ({
^bb0(%c7: tensor<16x16xf32>):
 %p7 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p7) : (tensor<i1>) -> ()
}, {
^bb0(%x8: tensor<16x16xf32>):
%w8 = "stablehlo.while"(%x8) ({
^bb0(%c8: tensor<16x16xf32>):
 %p8 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p8) : (tensor<i1>) -> ()
}, {
^bb0(%x9: tensor<16x16xf32>):
%w9 = "stablehlo.while"(%x9) ({
^bb0(%c9: tensor<16x16xf32>):
 %p9 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p9) : (tensor<i1>) -> ()
}, {
^bb0(%x10: tensor<16x16xf32>):
%w10 = "stablehlo.while"(%x10) ({
^bb0(%c10: tensor<16x16xf32>):
 %p10 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p10) : (tensor<i1>) -> ()
}, {
^bb0(%x11: tensor<16x16xf32>):
%w11 = "stablehlo.while"(%x11) ({
^bb0(%c11: tensor<16x16xf32>):
 %p11 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p11) : (tensor<i1>) -> ()
}, {
^bb0(%x12: tensor<16x16xf32>):
%w12 = "stablehlo.while"(%x12) ({
^bb0(%c12: tensor<16x16xf32>):
 %p12 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p12) : (tensor<i1>) -> ()
}, {
^bb0(%x13: tensor<16x16xf32>):
%w13 = "stablehlo.while"(%x13) ({
^bb0(%c13: tensor<16x16xf32>):
 %p13 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p13) : (tensor<i1>) -> ()
}, {
^bb0(%x14: tensor<16x16xf32>):
%w14 = "stablehlo.while"(%x14) ({
^bb0(%c14: tensor<16x16xf32>):
 %p14 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p14) : (tensor<i1>) -> ()
}, {
^bb0(%x15: tensor<16x16xf32>):
%w15 = "stablehlo.while"(%x15) ({
^bb0(%c15: tensor<16x16xf32>):
 %p15 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p15) : (tensor<i1>) -> ()
}, {
^bb0(%x16: tensor<16x16xf32>):
%w16 = "stablehlo.while"(%x16) ({
^bb0(%c16: tensor<16x16xf32>):
 %p16 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p16) : (tensor<i1>) -> ()
}, {
^bb0(%x17: tensor<16x16xf32>):
%w17 = "stablehlo.while"(%x17) ({
^bb0(%c17: tensor<16x16xf32>):
 %p17 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p17) : (tensor<i1>) -> ()
}, {
^bb0(%x18: tensor<16x16xf32>):
%w18 = "stablehlo.while"(%x18) ({
^bb0(%c18: tensor<16x16xf32>):
 %p18 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p18) : (tensor<i1>) -> ()
}, {
^bb0(%x19: tensor<16x16xf32>):
%w19 = "stablehlo.while"(%x19) ({
^bb0(%c19: tensor<16x16xf32>):
 %p19 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p19) : (tensor<i1>) -> ()
}, {
^bb0(%x20: tensor<16x16xf32>):
%w20 = "stablehlo.while"(%x20) ({
^bb0(%c20: tensor<16x16xf32>):
 %p20 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p20) : (tensor<i1>) -> ()
}, {
^bb0(%x21: tensor<16x16xf32>):
%w21 = "stablehlo.while"(%x21) ({
^bb0(%c21: tensor<16x16xf32>):
 %p21 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p21) : (tensor<i1>) -> ()
}, {
^bb0(%x22: tensor<16x16xf32>):
%w22 = "stablehlo.while"(%x22) ({
^bb0(%c22: tensor<16x16xf32>):
 %p22 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p22) : (tensor<i1>) -> ()
}, {
^bb0(%x23: tensor<16x16xf32>):
%w23 = "stablehlo.while"(%x23) ({
^bb0(%c23: tensor<16x16xf32>):
 %p23 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p23) : (tensor<i1>) -> ()
}, {
^bb0(%x24: tensor<16x16xf32>):
%w24 = "stablehlo.while"(%x24) ({
^bb0(%c24: tensor<16x16xf32>):
 %p24 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p24) : (tensor<i1>) -> ()
}, {
^bb0(%x25: tensor<16x16xf32>):
%w25 = "stablehlo.while"(%x25) ({
^bb0(%c25: tensor<16x16xf32>):
 %p25 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p25) : (tensor<i1>) -> ()
}, {
^bb0(%x26: tensor<16x16xf32>):
%w26 = "stablehlo.while"(%x26) ({
^bb0(%c26: tensor<16x16xf32>):
 %p26 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p26) : (tensor<i1>) -> ()
}, {
^bb0(%x27: tensor<16x16xf32>):
%w27 = "stablehlo.while"(%x27) ({
^bb0(%c27: tensor<16x16xf32>):
 %p27 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p27) : (tensor<i1>) -> ()
}, {
^bb0(%x28: tensor<16x16xf32>):
%w28 = "stablehlo.while"(%x28) ({
^bb0(%c28: tensor<16x16xf32>):
 %p28 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p28) : (tensor<i1>) -> ()
}, {
^bb0(%x29: tensor<16x16xf32>):
%w29 = "stablehlo.while"(%x29) ({
^bb0(%c29: tensor<16x16xf32>):
 %p29 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p29) : (tensor<i1>) -> ()
}, {
^bb0(%x30: tensor<16x16xf32>):
%w30 = "stablehlo.while"(%x30) ({
^bb0(%c30: tensor<16x16xf32>):
 %p30 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p30) : (tensor<i1>) -> ()
}, {
^bb0(%x31: tensor<16x16xf32>):
%w31 = "stablehlo.while"(%x31) ({
^bb0(%c31: tensor<16x16xf32>):
 %p31 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p31) : (tensor<i1>) -> ()
}, {
^bb0(%x32: tensor<16x16xf32>):
%w32 = "stablehlo.while"(%x32) ({
^bb0(%c32: tensor<16x16xf32>):
 %p32 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p32) : (tensor<i1>) -> ()
}, {
^bb0(%x33: tensor<16x16xf32>):
%w33 = "stablehlo.while"(%x33) ({
^bb0(%c33: tensor<16x16xf32>):
 %p33 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p33) : (tensor<i1>) -> ()
}, {
^bb0(%x34: tensor<16x16xf32>):
%w34 = "stablehlo.while"(%x34) ({
^bb0(%c34: tensor<16x16xf32>):
 %p34 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p34) : (tensor<i1>) -> ()
}, {
^bb0(%x35: tensor<16x16xf32>):
%w35 = "stablehlo.while"(%x35) ({
^bb0(%c35: tensor<16x16xf32>):
 %p35 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p35) : (tensor<i1>) -> ()
}, {
^bb0(%x36: tensor<16x16xf32>):
%w36 = "stablehlo.while"(%x36) ({
^bb0(%c36: tensor<16x16xf32>):
 %p36 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p36) : (tensor<i1>) -> ()
}, {
^bb0(%x37: tensor<16x16xf32>):
%w37 = "stablehlo.while"(%x37) ({
^bb0(%c37: tensor<16x16xf32>):
 %p37 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p37) : (tensor<i1>) -> ()
}, {
^bb0(%x38: tensor<16x16xf32>):
%w38 = "stablehlo.while"(%x38) ({
^bb0(%c38: tensor<16x16xf32>):
 %p38 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p38) : (tensor<i1>) -> ()
}, {
^bb0(%x39: tensor<16x16xf32>):
%w39 = "stablehlo.while"(%x39) ({
^bb0(%c39: tensor<16x16xf32>):
 %p39 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p39) : (tensor<i1>) -> ()
}, {
^bb0(%x40: tensor<16x16xf32>):
%w40 = "stablehlo.while"(%x40) ({
^bb0(%c40: tensor<16x16xf32>):
 %p40 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p40) : (tensor<i1>) -> ()
}, {
^bb0(%x41: tensor<16x16xf32>):
%w41 = "stablehlo.while"(%x41) ({
^bb0(%c41: tensor<16x16xf32>):
 %p41 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p41) : (tensor<i1>) -> ()
}, {
^bb0(%x42: tensor<16x16xf32>):
%w42 = "stablehlo.while"(%x42) ({
^bb0(%c42: tensor<16x16xf32>):
 %p42 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p42) : (tensor<i1>) -> ()
}, {
^bb0(%x43: tensor<16x16xf32>):
%w43 = "stablehlo.while"(%x43) ({
^bb0(%c43: tensor<16x16xf32>):
 %p43 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p43) : (tensor<i1>) -> ()
}, {
^bb0(%x44: tensor<16x16xf32>):
%w44 = "stablehlo.while"(%x44) ({
^bb0(%c44: tensor<16x16xf32>):
 %p44 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p44) : (tensor<i1>) -> ()
}, {
^bb0(%x45: tensor<16x16xf32>):
%w45 = "stablehlo.while"(%x45) ({
^bb0(%c45: tensor<16x16xf32>):
 %p45 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p45) : (tensor<i1>) -> ()
}, {
^bb0(%x46: tensor<16x16xf32>):
%w46 = "stablehlo.while"(%x46) ({
^bb0(%c46: tensor<16x16xf32>):
 %p46 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p46) : (tensor<i1>) -> ()
}, {
^bb0(%x47: tensor<16x16xf32>):
%w47 = "stablehlo.while"(%x47) ({
^bb0(%c47: tensor<16x16xf32>):
 %p47 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p47) : (tensor<i1>) -> ()
}, {
^bb0(%x48: tensor<16x16xf32>):
%w48 = "stablehlo.while"(%x48) ({
^bb0(%c48: tensor<16x16xf32>):
 %p48 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p48) : (tensor<i1>) -> ()
}, {
^bb0(%x49: tensor<16x16xf32>):
%w49 = "stablehlo.while"(%x49) ({
^bb0(%c49: tensor<16x16xf32>):
 %p49 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p49) : (tensor<i1>) -> ()
}, {
^bb0(%x50: tensor<16x16xf32>):
%w50 = "stablehlo.while"(%x50) ({
^bb0(%c50: tensor<16x16xf32>):
 %p50 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p50) : (tensor<i1>) -> ()
}, {
^bb0(%x51: tensor<16x16xf32>):
%w51 = "stablehlo.while"(%x51) ({
^bb0(%c51: tensor<16x16xf32>):
 %p51 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p51) : (tensor<i1>) -> ()
}, {
^bb0(%x52: tensor<16x16xf32>):
%w52 = "stablehlo.while"(%x52) ({
^bb0(%c52: tensor<16x16xf32>):
 %p52 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p52) : (tensor<i1>) -> ()
}, {
^bb0(%x53: tensor<16x16xf32>):
%w53 = "stablehlo.while"(%x53) ({
^bb0(%c53: tensor<16x16xf32>):
 %p53 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p53) : (tensor<i1>) -> ()
}, {
^bb0(%x54: tensor<16x16xf32>):
%w54 = "stablehlo.while"(%x54) ({
^bb0(%c54: tensor<16x16xf32>):
 %p54 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p54) : (tensor<i1>) -> ()
}, {
^bb0(%x55: tensor<16x16xf32>):
%w55 = "stablehlo.while"(%x55) ({
^bb0(%c55: tensor<16x16xf32>):
 %p55 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p55) : (tensor<i1>) -> ()
}, {
^bb0(%x56: tensor<16x16xf32>):
%w56 = "stablehlo.while"(%x56) ({
^bb0(%c56: tensor<16x16xf32>):
 %p56 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p56) : (tensor<i1>) -> ()
}, {
^bb0(%x57: tensor<16x16xf32>):
%w57 = "stablehlo.while"(%x57) ({
^bb0(%c57: tensor<16x16xf32>):
 %p57 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p57) : (tensor<i1>) -> ()
}, {
^bb0(%x58: tensor<16x16xf32>):
%w58 = "stablehlo.while"(%x58) ({
^bb0(%c58: tensor<16x16xf32>):
 %p58 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p58) : (tensor<i1>) -> ()
}, {
^bb0(%x59: tensor<16x16xf32>):
%w59 = "stablehlo.while"(%x59) ({
^bb0(%c59: tensor<16x16xf32>):
 %p59 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p59) : (tensor<i1>) -> ()
}, {
^bb0(%x60: tensor<16x16xf32>):
%w60 = "stablehlo.while"(%x60) ({
^bb0(%c60: tensor<16x16xf32>):
 %p60 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p60) : (tensor<i1>) -> ()
}, {
^bb0(%x61: tensor<16x16xf32>):
%w61 = "stablehlo.while"(%x61) ({
^bb0(%c61: tensor<16x16xf32>):
 %p61 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p61) : (tensor<i1>) -> ()
}, {
^bb0(%x62: tensor<16x16xf32>):
%w62 = "stablehlo.while"(%x62) ({
^bb0(%c62: tensor<16x16xf32>):
 %p62 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p62) : (tensor<i1>) -> ()
}, {
^bb0(%x63: tensor<16x16xf32>):
%w63 = "stablehlo.while"(%x63) ({
^bb0(%c63: tensor<16x16xf32>):
 %p63 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p63) : (tensor<i1>) -> ()
}, {
^bb0(%x64: tensor<16x16xf32>):
%w64 = "stablehlo.while"(%x64) ({
^bb0(%c64: tensor<16x16xf32>):
 %p64 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p64) : (tensor<i1>) -> ()
}, {
^bb0(%x65: tensor<16x16xf32>):
%w65 = "stablehlo.while"(%x65) ({
^bb0(%c65: tensor<16x16xf32>):
 %p65 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p65) : (tensor<i1>) -> ()
}, {
^bb0(%x66: tensor<16x16xf32>):
%w66 = "stablehlo.while"(%x66) ({
^bb0(%c66: tensor<16x16xf32>):
 %p66 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p66) : (tensor<i1>) -> ()
}, {
^bb0(%x67: tensor<16x16xf32>):
%w67 = "stablehlo.while"(%x67) ({
^bb0(%c67: tensor<16x16xf32>):
 %p67 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p67) : (tensor<i1>) -> ()
}, {
^bb0(%x68: tensor<16x16xf32>):
%w68 = "stablehlo.while"(%x68) ({
^bb0(%c68: tensor<16x16xf32>):
 %p68 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p68) : (tensor<i1>) -> ()
}, {
^bb0(%x69: tensor<16x16xf32>):
%w69 = "stablehlo.while"(%x69) ({
^bb0(%c69: tensor<16x16xf32>):
 %p69 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p69) : (tensor<i1>) -> ()
}, {
^bb0(%x70: tensor<16x16xf32>):
%w70 = "stablehlo.while"(%x70) ({
^bb0(%c70: tensor<16x16xf32>):
 %p70 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p70) : (tensor<i1>) -> ()
}, {
^bb0(%x71: tensor<16x16xf32>):
%w71 = "stablehlo.while"(%x71) ({
^bb0(%c71: tensor<16x16xf32>):
 %p71 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p71) : (tensor<i1>) -> ()
}, {
^bb0(%x72: tensor<16x16xf32>):
%w72 = "stablehlo.while"(%x72) ({
^bb0(%c72: tensor<16x16xf32>):
 %p72 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p72) : (tensor<i1>) -> ()
}, {
^bb0(%x73: tensor<16x16xf32>):
%w73 = "stablehlo.while"(%x73) ({
^bb0(%c73: tensor<16x16xf32>):
 %p73 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p73) : (tensor<i1>) -> ()
}, {
^bb0(%x74: tensor<16x16xf32>):
%w74 = "stablehlo.while"(%x74) ({
^bb0(%c74: tensor<16x16xf32>):
 %p74 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p74) : (tensor<i1>) -> ()
}, {
^bb0(%x75: tensor<16x16xf32>):
%w75 = "stablehlo.while"(%x75) ({
^bb0(%c75: tensor<16x16xf32>):
 %p75 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p75) : (tensor<i1>) -> ()
}, {
^bb0(%x76: tensor<16x16xf32>):
%w76 = "stablehlo.while"(%x76) ({
^bb0(%c76: tensor<16x16xf32>):
 %p76 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p76) : (tensor<i1>) -> ()
}, {
^bb0(%x77: tensor<16x16xf32>):
%w77 = "stablehlo.while"(%x77) ({
^bb0(%c77: tensor<16x16xf32>):
 %p77 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p77) : (tensor<i1>) -> ()
}, {
^bb0(%x78: tensor<16x16xf32>):
%w78 = "stablehlo.while"(%x78) ({
^bb0(%c78: tensor<16x16xf32>):
 %p78 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p78) : (tensor<i1>) -> ()
}, {
^bb0(%x79: tensor<16x16xf32>):
%w79 = "stablehlo.while"(%x79) ({
^bb0(%c79: tensor<16x16xf32>):
 %p79 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p79) : (tensor<i1>) -> ()
}, {
^bb0(%x80: tensor<16x16xf32>):
%w80 = "stablehlo.while"(%x80) ({
^bb0(%c80: tensor<16x16xf32>):
 %p80 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p80) : (tensor<i1>) -> ()
}, {
^bb0(%x81: tensor<16x16xf32>):
%w81 = "stablehlo.while"(%x81) ({
^bb0(%c81: tensor<16x16xf32>):
 %p81 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p81) : (tensor<i1>) -> ()
}, {
^bb0(%x82: tensor<16x16xf32>):
%w82 = "stablehlo.while"(%x82) ({
^bb0(%c82: tensor<16x16xf32>):
 %p82 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p82) : (tensor<i1>) -> ()
}, {
^bb0(%x83: tensor<16x16xf32>):
%w83 = "stablehlo.while"(%x83) ({
^bb0(%c83: tensor<16x16xf32>):
 %p83 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p83) : (tensor<i1>) -> ()
}, {
^bb0(%x84: tensor<16x16xf32>):
%w84 = "stablehlo.while"(%x84) ({
^bb0(%c84: tensor<16x16xf32>):
 %p84 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p84) : (tensor<i1>) -> ()
}, {
^bb0(%x85: tensor<16x16xf32>):
%w85 = "stablehlo.while"(%x85) ({
^bb0(%c85: tensor<16x16xf32>):
 %p85 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p85) : (tensor<i1>) -> ()
}, {
^bb0(%x86: tensor<16x16xf32>):
%w86 = "stablehlo.while"(%x86) ({
^bb0(%c86: tensor<16x16xf32>):
 %p86 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p86) : (tensor<i1>) -> ()
}, {
^bb0(%x87: tensor<16x16xf32>):
%w87 = "stablehlo.while"(%x87) ({
^bb0(%c87: tensor<16x16xf32>):
 %p87 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p87) : (tensor<i1>) -> ()
}, {
^bb0(%x88: tensor<16x16xf32>):
%w88 = "stablehlo.while"(%x88) ({
^bb0(%c88: tensor<16x16xf32>):
 %p88 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p88) : (tensor<i1>) -> ()
}, {
^bb0(%x89: tensor<16x16xf32>):
%w89 = "stablehlo.while"(%x89) ({
^bb0(%c89: tensor<16x16xf32>):
 %p89 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p89) : (tensor<i1>) -> ()
}, {
^bb0(%x90: tensor<16x16xf32>):
%w90 = "stablehlo.while"(%x90) ({
^bb0(%c90: tensor<16x16xf32>):
 %p90 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p90) : (tensor<i1>) -> ()
}, {
^bb0(%x91: tensor<16x16xf32>):
%w91 = "stablehlo.while"(%x91) ({
^bb0(%c91: tensor<16x16xf32>):
 %p91 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p91) : (tensor<i1>) -> ()
}, {
^bb0(%x92: tensor<16x16xf32>):
%w92 = "stablehlo.while"(%x92) ({
^bb0(%c92: tensor<16x16xf32>):
 %p92 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p92) : (tensor<i1>) -> ()
}, {
^bb0(%x93: tensor<16x16xf32>):
%w93 = "stablehlo.while"(%x93) ({
^bb0(%c93: tensor<16x16xf32>):
 %p93 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p93) : (tensor<i1>) -> ()
}, {
^bb0(%x94: tensor<16x16xf32>):
%w94 = "stablehlo.while"(%x94) ({
^bb0(%c94: tensor<16x16xf32>):
 %p94 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p94) : (tensor<i1>) -> ()
}, {
^bb0(%x95: tensor<16x16xf32>):
%w95 = "stablehlo.while"(%x95) ({
^bb0(%c95: tensor<16x16xf32>):
 %p95 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p95) : (tensor<i1>) -> ()
}, {
^bb0(%x96: tensor<16x16xf32>):
%w96 = "stablehlo.while"(%x96) ({
^bb0(%c96: tensor<16x16xf32>):
 %p96 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p96) : (tensor<i1>) -> ()
}, {
^bb0(%x97: tensor<16x16xf32>):
%w97 = "stablehlo.while"(%x97) ({
^bb0(%c97: tensor<16x16xf32>):
 %p97 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p97) : (tensor<i1>) -> ()
}, {
^bb0(%x98: tensor<16x16xf32>):
%w98 = "stablehlo.while"(%x98) ({
^bb0(%c98: tensor<16x16xf32>):
 %p98 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p98) : (tensor<i1>) -> ()
}, {
^bb0(%x99: tensor<16x16xf32>):
%w99 = "stablehlo.while"(%x99) ({
^bb0(%c99: tensor<16x16xf32>):
 %p99 = "stablehlo.constant"() <{value = dense<true> : tensor<i1>}> : () -> tensor<i1>
 "stablehlo.return"(%p99) : (tensor<i1>) -> ()
}, {
^bb0(%x100: tensor<16x16xf32>):
"stablehlo.return"(%x100) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w99) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w98) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w97) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w96) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w95) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w94) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w93) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w92) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w91) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w90) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w89) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w88) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w87) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w86) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w85) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w84) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w83) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w82) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w81) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w80) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w79) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w78) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w77) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w76) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w75) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w74) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w73) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w72) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w71) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w70) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w69) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w68) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w67) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w66) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w65) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w64) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w63) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w62) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w61) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w60) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w59) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w58) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w57) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w56) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w55) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w54) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w53) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w52) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w51) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w50) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w49) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w48) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w47) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w46) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w45) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w44) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w43) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w42) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w41) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w40) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w39) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w38) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w37) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w36) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w35) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w34) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w33) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w32) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w31) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w30) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w29) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w28) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w27) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w26) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w25) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w24) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w23) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w22) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w21) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w20) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w19) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w18) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w17) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w16) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w15) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w14) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w13) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w12) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w11) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w10) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w9) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w8) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w7) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w6) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w5) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w4) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w3) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w2) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
"stablehlo.return"(%w1) : (tensor<16x16xf32>) -> ()
}) : (tensor<16x16xf32>) -> tensor<16x16xf32>
  "func.return"(%w0) : (tensor<16x16xf32>) -> ()
 }) : () -> ()
}) : () -> ()
