// Every syntactic form that is read. mlir-opt --allow-unregistered-dialect accepts this file, and what is printed for it.
#map = affine_map<(d0, d1)[s0] -> (d0 + s0 * 2, d1 floordiv 4, -d0, (d1 mod 3 + 1) ceildiv s0)>
#set = affine_set<(d0)[s0] : (d0 - 10 >= 0, s0 == 0)>
#nested = [#map, {a = #map}]
!row = tensor<4xf32>
!rows = tuple<!row, !row>
#caller = loc("caller.py":10:20)
#late_user = loc(callsite("callee" at #caller))
"builtin.module"() <{sym_name = "forms"}> ({
  "func.func"() <{function_type = (tensor<4xf32>, i32) -> tensor<4xf32>, sym_name = "main"}> ({
  ^bb0(%x: !row loc("x"), %n: i32):
    %a, %b:2 = "any.several"(%x, %n) : (!row, i32) -> (!row, i32, index) loc("file.py":3:4)
    %c = "any.use"(%a, %b#0, %b#1) {flag} : (!row, i32, index) -> tensor<4xf32> loc(#late_user)
    "any.region"(%c) ({
    ^bb0(%arg: f32 loc(unknown)):
      %inner = "any.inner"(%arg) : (f32) -> f32
      "any.yield"(%inner) : (f32) -> ()
    }, {
      "any.yield"() : () -> ()
    }, {
    }) {after = "regions"} : (tensor<4xf32>) -> () loc(fused<"meta">["a", "f":1:2, callsite("b"("c") at unknown)])
    "any.no_results"() <{}> {} : () -> ()
    "any.ranges"() : () -> () loc("file":1:2 to 3:4)
    "any.ranges"() : () -> () loc("file":1:2 to :4)
    "any.late"() : () -> () loc(#after)
    "func.return"(%c) : (tensor<4xf32>) -> ()
  }) : () -> ()
  "any.numbers"() {
    bool = true, bool1 = 1 : i1, no = false, int = 3, neg = -3 : i32, hex = 0xFF : i32, byte = 255 : i8, idx = 7 : index,
    signed = -3 : si8, unsigned = 200 : ui8, wide = 170141183460469231731687303715884105728 : i256,
    widest = 115792089237316195423570985008687907853269984665640564039457584007913129639935 : i256,
    float = 1.5, small = 1.0e-5 : f32, minus = -2.0e+3 : bf16, nan = 0x7FC00000 : f32, half = 0x7E00 : f16
  } : () -> ()
  "any.strings"() {
    plain = "text", escapes = "a\n\t\\\"\41\FF", typed = "x" : i32, utf8 = "é", "quoted key" = 1, "0digit", unit_value = unit
  } : () -> ()
  "any.containers"() {
    array = [1, "a", [], [i32]], dict = {a = {b = {}}, c}, symbol = @a::@"b c"::@d, type = i32, function = (i32) -> (),
    dense_i64 = array<i64: 1, -2>, dense_i1 = array<i1: true, false>, dense_f32 = array<f32: 1.0, -2.5, 0x7FC00000>,
    dense_i8 = array<i8: -1>, empty = array<i64>, aliases = #nested
  } : () -> ()
  "any.elements"() {
    splat = dense<1.0> : tensor<4xf32>, ints = dense<[[1, -2], [0x3, 4]]> : tensor<2x2xi32>, none = dense<> : tensor<0xi32>,
    bools = dense<[true, false]> : tensor<2xi1>, hex = dense<"0x0000803F00000040"> : tensor<2xf32>,
    bits = dense<0xFF800000> : tensor<f32>, strings = dense<["a", "b\22"]> : tensor<2x!any.string>,
    complex = dense<(1.0, -2.0)> : tensor<complex<f32>>, complexes = dense<[(1.0,2.0), (3.0,4.0)]> : tensor<2xcomplex<f64>>,
    sparse = sparse<[[0, 0], [1, 2]], [1, 5]> : tensor<3x4xi32>, vector = dense<0> : vector<4xi8>,
    nothing = dense<> : tensor<2x0xi32>, resource = dense_resource<blob> : tensor<1xi32>
  } : () -> ()
  "any.opaque"() {
    a = #any.attr, b = #any.attr<a -> b, "x > y", [(1)]>, c = #any<plain text>, d = #any.attr<#map, !row>,
    e = #any.typed<1> : i32, map = affine_map<() -> ()>, set = #set, same = affine_map<(d0)
      // A comment inside.
      -> (d0)>, where = loc("here"), strided = strided<[1, ?], offset: 3>, distinct = distinct[0]<"d">
  } : () -> ()
  "any.types"() {all = [
    i1, si8, ui64, index, none, f16, bf16, f32, f64, tf32, f80, f128, f8E5M2, f8E4M3FN, f4E2M1FN, complex<f32>,
    tensor<f32>, tensor<4x0xf32>, tensor<0x10xi32>, tensor<2x?x3xcomplex<f32>>, tensor<*xf32>, tensor<2xf32, "encoding">,
    tensor<2xf32, #any.encoding<x>>, tensor<4x!any.element<1 x 2>>,
    memref<2x3xf32>, memref<?xf32, strided<[1], offset: ?>>, memref<2x3xf32, affine_map<(d0, d1) -> (d1, d0)>, 1>,
    memref<4xi8, "shared">, memref<*xf32>, memref<*xf32, 2>, vector<4xf32>, vector<4x[8]xf32>, vector<f32>,
    tuple<>, !rows, (i32, f32) -> (i32, f32), () -> (), (() -> ()) -> (() -> ()), !any.t, !any.t<a, "b">, !any<c>
  ]} : () -> ()
}) {any.discardable = "d"} : () -> ()
#after = loc("after.py":1:1)
#map1 = affine_map<(d0) -> (d0)>

{-#
  dialect_resources: {
    builtin: {
      blob: "0x0400000001000000"
    }
  }
#-}
