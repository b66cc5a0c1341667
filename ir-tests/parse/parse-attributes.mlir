// RUN: --verify-only
// Every kind of attribute.
"builtin.module"() ({
  "t.attributes"() {
    integers = [0, -1 : i8, 18446744073709551615 : ui64, 0xFF : i32, true, false, 3 : index],
    floats = [1.0, -2.5e-3 : f32, 0x7FC00000 : f32, 1.0e10 : f64, 0x7F80 : bf16],
    strings = ["", "a\\b\22c\09", "\E2\82\AC", "typed" : !t.text],
    arrays = [[], [1, [2, [3]]], array<i64>, array<i64: 1, -2>, array<i1: true, false>, array<f32: 1.0, 0x7F800000>],
    dictionary = {a, b = {c = unit}},
    dense = [dense<1> : tensor<2x2xi32>, dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>, dense<0xFF800000> : tensor<f32>,
             dense<"0x000000000000803F"> : tensor<2xf32>, dense<> : tensor<0xf32>, dense<(1.0, 2.0)> : tensor<complex<f32>>,
             dense<"text"> : tensor<!t.text>],
    resource = dense_resource<weights> : tensor<4xf32>,
    sparse = sparse<[[0, 0], [1, 2]], [1, 5]> : tensor<3x4xi32>,
    symbols = [@a, @a::@b, @"quoted symbol"],
    opaque = [#t.word, #t.list<1, [2], {a = "b>"}>, #stablehlo<precision DEFAULT>, #t<"any text">],
    maps = [affine_map<(d0, d1)[s0] -> (d0 + s0, d1 * 2)>, affine_set<(d0) : (d0 - 1 >= 0)>],
    types = [i32, tensor<2xf32>],
    locations = [loc("f.py":1:2), loc(unknown)]
  } : () -> ()
}) : () -> ()
