//! Batch normalisation by its definition, in `f64`, and CHLO's operations that repeat operands to one shape.

use super::{Call, Evaluated, Problem, Row, ensure, find};
use crate::tensor::{Tensor, odometer, strided, strides_of};

macro_rules! broadcasting {
    ($($short:literal => $full:literal),* $(,)?) => {
        &[
            Row::kernel("stablehlo.batch_norm_inference", batch_norm_inference),
            Row::kernel("stablehlo.batch_norm_training", batch_norm_training),
            Row::kernel("stablehlo.batch_norm_grad", batch_norm_grad),
            $(Row::kernel(concat!("chlo.broadcast_", $short), |call| on_one_shape(call, $full)),)*
        ]
    };
}

pub(super) static ROWS: &[Row] = broadcasting! {
    "add" => "stablehlo.add",
    "and" => "stablehlo.and",
    "atan2" => "stablehlo.atan2",
    "compare" => "stablehlo.compare",
    "complex" => "stablehlo.complex",
    "divide" => "stablehlo.divide",
    "maximum" => "stablehlo.maximum",
    "minimum" => "stablehlo.minimum",
    "multiply" => "stablehlo.multiply",
    "next_after" => "chlo.next_after",
    "or" => "stablehlo.or",
    "polygamma" => "chlo.polygamma",
    "power" => "stablehlo.power",
    "remainder" => "stablehlo.remainder",
    "select" => "stablehlo.select",
    "shift_left" => "stablehlo.shift_left",
    "shift_right_arithmetic" => "stablehlo.shift_right_arithmetic",
    "shift_right_logical" => "stablehlo.shift_right_logical",
    "subtract" => "stablehlo.subtract",
    "xor" => "stablehlo.xor",
    "zeta" => "chlo.zeta",
};

/// Operands are repeated to the shape of the result: the dimensions of the shorter one are the last ones, or those that
/// `broadcast_dimensions` names.
fn on_one_shape(call: &mut Call<'_>, name: &str) -> Evaluated {
    let shape = call.result(0)?.shape.clone();
    let rank = shape.len();
    let named = memopt::dialect::stablehlo::attributes::integers(call.op, "broadcast_dimensions");
    let repeated = |x: &Tensor| -> Result<Tensor, Problem> {
        let own = x.shape.len();
        ensure(own <= rank, || "an operand has more dimensions than its result".to_owned())?;
        let target = |d: usize| match &named {
            Some(named) if own < rank && named.len() == own => usize::try_from(named[d]).unwrap_or(rank),
            _ => d + rank - own,
        };
        let mut strides = vec![0; rank];
        for (d, stride) in strides_of(&x.shape).into_iter().enumerate() {
            let to = shape.get(target(d)).copied();
            ensure(x.shape[d] == 1 || Some(x.shape[d]) == to, || "an operand cannot be repeated".to_owned())?;
            if let (true, Some(place)) = (Some(x.shape[d]) == to, strides.get_mut(target(d))) {
                *place = stride;
            }
        }
        Ok(strided(x, &shape, &strides, 0))
    };
    let inputs: Result<Vec<_>, Problem> = call.inputs.iter().map(|x| repeated(x).map(std::rc::Rc::new)).collect();
    let row = find(name).ok_or_else(|| format!("there is no {name}"))?;
    let inputs = inputs?;
    row.evaluate(&mut Call { op: call.op, inputs: &inputs, results: call.results, bodies: &mut *call.bodies })
}

/// A tensor by features: the index of the feature of each element, and how many there are.
struct Features {
    of_element: Vec<usize>,
    count: usize,
    per_feature: f64,
    epsilon: f64,
}

impl Features {
    fn of(call: &Call<'_>) -> Result<Features, Problem> {
        let x = call.input(0)?;
        let dimension = call.dimension("feature_index", x.shape.len())?;
        ensure(x.element.is_float(), || "it is defined on floats".to_owned())?;
        let count = x.shape[dimension];
        let features = |operand: &Tensor| operand.shape == x.shape || operand.shape == [count];
        ensure(call.inputs.iter().all(|operand| features(operand) && operand.element == x.element), || {
            "its operands are neither of its shape nor of its features".to_owned()
        })?;
        let epsilon = call.float("epsilon").ok_or_else(|| "it has no epsilon".to_owned())?;
        let mut of_element = Vec::with_capacity(x.len());
        odometer(&x.shape, |index| of_element.push(index[dimension]));
        Ok(Features { of_element, count, per_feature: x.len() as f64 / count.max(1) as f64, epsilon })
    }

    fn operand(&self, call: &Call<'_>, index: usize) -> Result<Vec<f64>, Problem> {
        let values = call.input(index)?.floats();
        ensure(values.len() == self.count, || format!("operand {index} has not one value for each feature"))?;
        Ok(values)
    }

    /// The sum over all elements of a feature.
    fn sums(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut sums = vec![0.0; self.count];
        values.zip(&self.of_element).for_each(|(value, &feature)| sums[feature] += value);
        sums
    }

    fn means(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        self.sums(values).into_iter().map(|sum| sum / self.per_feature).collect()
    }

    fn scaled(&self, x: &[f64], [scale, offset, mean, variance]: [&[f64]; 4]) -> Vec<f64> {
        let one = |(&x, &f): (&f64, &usize)| (x - mean[f]) / (variance[f] + self.epsilon).sqrt() * scale[f] + offset[f];
        x.iter().zip(&self.of_element).map(one).collect()
    }
}

fn batch_norm_inference(call: &mut Call<'_>) -> Evaluated {
    let (features, x) = (Features::of(call)?, call.input(0)?.floats());
    let [scale, offset, mean, variance] = [
        features.operand(call, 1)?,
        features.operand(call, 2)?,
        features.operand(call, 3)?,
        features.operand(call, 4)?,
    ];
    let made = features.scaled(&x, [&scale, &offset, &mean, &variance]);
    Ok(vec![Tensor::from_floats(&call.input(0)?.spec(), &made)])
}

fn batch_norm_training(call: &mut Call<'_>) -> Evaluated {
    let (features, x) = (Features::of(call)?, call.input(0)?.floats());
    let (scale, offset) = (features.operand(call, 1)?, features.operand(call, 2)?);
    let mean = features.means(x.iter().copied());
    let deviation = |(x, &f): (&f64, &usize)| (x - mean[f]).powi(2);
    let variance = features.means(x.iter().zip(&features.of_element).map(deviation));
    let made = features.scaled(&x, [&scale, &offset, &mean, &variance]);
    let per_feature = call.input(1)?.spec();
    Ok(vec![
        Tensor::from_floats(&call.input(0)?.spec(), &made),
        Tensor::from_floats(&per_feature, &mean),
        Tensor::from_floats(&per_feature, &variance),
    ])
}

/// Operands: input, scale, mean, variance, gradient of the output. Results: gradients of input, scale and offset.
fn batch_norm_grad(call: &mut Call<'_>) -> Evaluated {
    let (features, x) = (Features::of(call)?, call.input(0)?.floats());
    let [scale, mean, variance] = [features.operand(call, 1)?, features.operand(call, 2)?, features.operand(call, 3)?];
    let gradient = call.input(4)?.floats();
    ensure(gradient.len() == x.len(), || "its gradient is not of the shape of its input".to_owned())?;
    let of = &features.of_element;
    let deviation: Vec<f64> = variance.iter().map(|v| (v + features.epsilon).sqrt()).collect();
    let centred: Vec<f64> = x.iter().zip(of).map(|(x, &f)| x - mean[f]).collect();
    let offset = features.sums(gradient.iter().copied());
    let products = features.sums(gradient.iter().zip(&centred).map(|(g, c)| g * c));
    let of_scale: Vec<f64> = products.iter().zip(&deviation).map(|(p, d)| p / d).collect();
    let of_input: Vec<f64> = (0..x.len())
        .map(|i| {
            let (f, n) = (of[i], features.per_feature);
            let inner = n * gradient[i] - offset[f] - centred[i] * products[f] / deviation[f].powi(2);
            scale[f] / deviation[f] / n * inner
        })
        .collect();
    let per_feature = call.input(1)?.spec();
    Ok(vec![
        Tensor::from_floats(&call.input(0)?.spec(), &of_input),
        Tensor::from_floats(&per_feature, &of_scale),
        Tensor::from_floats(&per_feature, &offset),
    ])
}
