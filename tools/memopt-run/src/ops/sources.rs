//! Values made from nothing: constants, counters, facts about the machine.

use memopt::ir::Attr;

use super::{Call, Evaluated, Problem, Row, ensure};
use crate::tensor::{Tensor, TensorSpec, odometer, parse_dense};

pub(super) static ROWS: &[Row] = &[
    Row::lanes("stablehlo.constant", constant),
    Row::lanes("chlo.constant", constant),
    Row::lanes("chlo.constant_like", constant),
    Row::kernel("stablehlo.iota", iota),
    Row::kernel("stablehlo.dynamic_iota", iota),
    Row::kernel("stablehlo.get_dimension_size", get_dimension_size),
    // One device runs one program.
    Row::kernel("stablehlo.partition_id", |call| Ok(vec![Tensor::zeros(call.result(0)?)])),
    Row::kernel("stablehlo.replica_id", |call| Ok(vec![Tensor::zeros(call.result(0)?)])),
];

/// The attribute `value`. In a scalar body that runs on many elements the scalar stands for all of them.
fn constant(call: &mut Call<'_>) -> Evaluated {
    let spec = call.result(0)?;
    let literal = match call.op.attr("value") {
        Some(Attr::DenseElements { literal, ty }) => {
            let of = TensorSpec::of(call.op.module, *ty)?;
            ensure(of.element == spec.element, || "its value has another element type than its result".to_owned())?;
            if of.shape != spec.shape {
                let one = parse_dense(literal, &of)?;
                ensure(one.len() == 1, || "its value has another shape than its result".to_owned())?;
                return Ok(vec![one.splat(&spec.shape)]);
            }
            literal
        }
        Some(Attr::Float { literal, .. }) => literal,
        Some(&Attr::Integer { value, .. }) => return parse_dense(&value.to_string(), spec).map(|made| vec![made]),
        Some(Attr::DenseResource { key, .. }) => {
            return Err(format!("the data of the resource {key} is not in the text"));
        }
        _ => return Err("it has no value".to_owned()),
    };
    parse_dense(literal, spec).map(|made| vec![made])
}

fn iota(call: &mut Call<'_>) -> Evaluated {
    let spec = call.result(0)?;
    let dimension = call.dimension("iota_dimension", spec.shape.len())?;
    let mut counts = Vec::with_capacity(spec.len());
    odometer(&spec.shape, |index| counts.push(index[dimension] as i64));
    Ok(vec![count_in(spec, &counts)?])
}

fn count_in(spec: &TensorSpec, counts: &[i64]) -> Result<Tensor, Problem> {
    let floats = || counts.iter().map(|&n| n as f64).collect::<Vec<_>>();
    Ok(match spec.element {
        element if element.as_int().is_some() => Tensor::from_ints(spec, counts),
        element if element.is_float() => Tensor::from_floats(spec, &floats()),
        _ => Tensor::from_complex(spec, &floats().into_iter().map(Into::into).collect::<Vec<_>>()),
    })
}

fn get_dimension_size(call: &mut Call<'_>) -> Evaluated {
    let (x, spec) = (call.input(0)?, call.result(0)?);
    let dimension = call.dimension("dimension", x.shape.len())?;
    ensure(spec.len() == 1, || "its result is no scalar".to_owned())?;
    Ok(vec![count_in(spec, &[x.shape[dimension] as i64])?])
}
