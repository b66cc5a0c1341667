// RUN: --verify-only
// Every kind of type, as attributes so that sizes do not matter.
"builtin.module"() ({
  "t.types"() {
    scalars = [i1, i4, i64, si8, ui16, index, f16, bf16, tf32, f64, f80, f128, f8E4M3FN, f4E2M1FN, none],
    tensors = [tensor<f32>, tensor<0x4xf32>, tensor<?x3xi1>, tensor<*xf32>, tensor<2x2xf32, #t.layout<"a", [1, 2]>>],
    complex = [complex<f32>, tensor<2xcomplex<f64>>],
    vectors = [vector<4xf32>, vector<[4]x2xi8>, tensor<2xvector<4xf32>>],
    memrefs = [memref<4x?xf32>, memref<4xf32, strided<[2], offset: 1>>, memref<4xf32, 1>, memref<*xi8>],
    functions = [() -> (), (i32) -> i64, (i32, f32) -> (i1, index), (i32) -> ((i64) -> ())],
    others = [tuple<i32, tuple<>>, !t.handle, !t.box<tensor<2xf32>, "x, > y">, !quant.uniform<i8:f32, 0.1>]
  } : () -> ()
}) : () -> ()
