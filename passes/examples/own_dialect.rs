//! memopt inside another compiler: a dialect of its own, a graph from the builder, a plan that was proven.
//!
//! The dialect `acme` has one operation, `acme.gelu`: elementwise, so its result may lie in its operand's bytes.

use std::io::{self, Write};

use memopt::dialect::{
    CostSemantics, Effects, KernelKind, MemorySemantics, OpDescription, OpRef, Overwrite, Regions, Registry,
    TypeInference,
};
use memopt::ir::{Bytes, FloatKind, FunctionBuilder, Module, Type, TypeId};
use memopt_passes::Planner;

/// What memopt may know about `acme.gelu`. Whatever is left out has the pessimistic answer.
struct Gelu;

impl MemorySemantics for Gelu {
    fn effects(&self, _op: OpRef<'_>) -> Effects {
        Effects::None
    }

    fn overwrite(&self, op: OpRef<'_>, result: usize, operand: usize) -> Overwrite {
        match op.result_type(result) == op.operand_type(operand) {
            true => Overwrite::May,
            false => Overwrite::Never,
        }
    }

    fn workspace(&self, _op: OpRef<'_>) -> Option<Bytes> {
        Some(Bytes::ZERO)
    }

    fn kind(&self, _op: OpRef<'_>) -> KernelKind {
        KernelKind::Elementwise
    }

    fn regions(&self, _op: OpRef<'_>) -> Regions {
        Regions::Scalar
    }
}

impl CostSemantics for Gelu {
    /// Eight operations for each element.
    fn flops(&self, op: OpRef<'_>) -> Option<u64> {
        op.result_tensor(0)?.elements().map(|elements| 8 * elements)
    }
}

impl TypeInference for Gelu {
    fn infer(&self, op: OpRef<'_>) -> Option<Vec<TypeId>> {
        op.operands().first().map(|&value| vec![op.module.value(value).ty])
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut registry = Registry::new();
    registry.register("acme.gelu", OpDescription { memory: &Gelu, cost: &Gelu, types: &Gelu });

    // Two layers of dot and gelu: each gelu can run in place, so two buffers of 1 MiB are enough where five were.
    let mut module = Module::new();
    let f32 = module.intern_type(Type::Float(FloatKind::from_name("f32").expect("f32 is a type of MLIR")));
    let (activation, weight) = (module.tensor_type(&[256, 1024], f32), module.tensor_type(&[1024, 1024], f32));
    let mut main = FunctionBuilder::new(&mut module, "main", &[activation, weight, weight]);
    let mut x = main.argument(0);
    for layer in 0..2 {
        let w = main.argument(1 + layer);
        let dot = main.op("stablehlo.dot").operands(&[x, w]).results(&[activation]).build()[0];
        x = main.op("acme.gelu").operands(&[dot]).results(&[activation]).build()[0];
    }
    let loss = main.op("stablehlo.dot").operands(&[x, x]).results(&[weight]).build()[0];
    main.finish(&[loss]);

    let planner = Planner::new("inplace,schedule,place").map_err(|errors| errors[0].message.clone())?;
    let planned = Planner { registry, ..planner }.plan(&module)?;
    let main = &planned.functions[0];
    let certificate = main.certificate.expect("the pipeline ends in place, so there is a plan and a proof");
    writeln!(io::stdout(), "program order {}, planned arena {}", main.source.program_order, certificate.arena)?;
    assert_eq!(certificate.arena, Bytes(2 << 20));
    Ok(())
}
