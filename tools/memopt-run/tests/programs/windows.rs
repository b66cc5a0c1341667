//! Operations that read or write parts of a tensor: windows, slices at computed places, products in batches, normalisation by
//! features.

use super::{Program, Value, is_float, list, ty};

impl Program {
    /// A scalar constant with the least value of a maximum, or the zero of a sum.
    fn neutral(&mut self, op: &str, element: &'static str) -> Value {
        let literal = match (op, element) {
            ("maximum", "f32") => "0xFF800000",
            ("maximum", "f64") => "0xFFF0000000000000",
            ("maximum", "bf16") => "0xFF80",
            ("maximum", "i32") => "-2147483648",
            (_, "i1") => "false",
            (_, element) if is_float(element) => "0.0",
            _ => "0",
        };
        self.emit("constant", &[], &format!("<{{value = dense<{literal}> : {}}}>", ty(&[], element)), &[], element)
    }

    /// The largest, or the sum, of each window; of the largest also where it came from.
    pub(super) fn window(&mut self) {
        let x = self.any();
        if x.shape.is_empty() {
            return;
        }
        let op = match x.element {
            "i1" => "or",
            element if self.may_sum(element) => self.of(&["maximum", "add"]),
            _ => "maximum",
        };
        let window: Vec<usize> = x.shape.iter().map(|&extent| self.below(extent) + 1).collect();
        let (initial, region) = (self.neutral(op, x.element), self.region(op, x.element, "", x.element));
        let sizes = format!("window_dimensions = {}", list(&window));
        let shape: Vec<usize> = x.shape.iter().zip(&window).map(|(extent, size)| extent - size + 1).collect();
        self.emit("reduce_window", &[&x, &initial], &format!("<{{{sizes}}}> {region}"), &shape, x.element);
        // Two elements may be nearly equal, and which is the larger one decides where the source goes.
        if x.element == "i1" || !self.may_step(x.element) {
            return;
        }
        // Windows side by side: no element gets a sum.
        let shape: Vec<usize> = x.shape.iter().zip(&window).map(|(extent, size)| extent / size).collect();
        let picked: Vec<usize> = shape.clone();
        let (zeros, ends) = (list(&vec![0; shape.len()]), list(&picked));
        let steps = list(&vec![1; shape.len()]);
        let attributes = format!("<{{limit_indices = {ends}, start_indices = {zeros}, strides = {steps}}}>");
        let source = self.emit("slice", &[&x], &attributes, &shape, x.element);
        let select =
            self.region("compare", x.element, "<{comparison_direction = #stablehlo<comparison_direction GE>}>", "i1");
        let scatter = self.region("add", x.element, "", x.element);
        let trimmed: Vec<usize> = shape.iter().zip(&window).map(|(count, size)| count * size).collect();
        let attributes =
            format!("<{{limit_indices = {}, start_indices = {zeros}, strides = {steps}}}>", list(&trimmed));
        let operand = self.emit("slice", &[&x], &attributes, &trimmed, x.element);
        let zero = self.neutral("add", x.element);
        let attributes =
            format!("<{{{sizes}, window_strides = {}}}> ({}, {})", list(&window), inner(&select), inner(&scatter));
        self.emit("select_and_scatter", &[&operand, &source, &zero], &attributes, &trimmed, x.element);
    }

    /// A matrix as an image with one channel, under itself as the window, with an edge of zeros.
    pub(super) fn convolution(&mut self) {
        let x = self.any();
        if x.shape.len() != 2 || x.element == "i1" || !self.may_sum(x.element) {
            return;
        }
        let (height, width) = (x.shape[0], x.shape[1]);
        let image = self.emit("reshape", &[&x], "", &[1, height, width, 1], x.element);
        let window = self.emit("reshape", &[&x], "", &[height, width, 1, 1], x.element);
        let stride = self.below(2) + 1;
        let attributes = format!(
            "<{{batch_group_count = 1 : i64, dimension_numbers = #stablehlo.conv<[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]>, \
             feature_group_count = 1 : i64, padding = dense<[[1, 1], [1, 1]]> : tensor<2x2xi64>, \
             window_strides = array<i64: {stride}, {stride}>}}>"
        );
        let extent = 2 / stride + 1;
        self.emit("convolution", &[&image, &window], &attributes, &[1, extent, extent, 1], x.element);
    }

    /// Rows at computed places, some of them outside, read and written back over.
    pub(super) fn pick(&mut self) {
        let x = self.any();
        if x.shape.len() != 2 {
            return;
        }
        let (count, width) = (self.below(3) + 1, x.shape[1]);
        let places: Vec<usize> = (0..count).map(|_| self.below(x.shape[0] + 1)).collect();
        let value = format!("<{{value = dense<{places:?}> : tensor<{count}xi32>}}>");
        let places = self.emit("constant", &[], &value, &[count], "i32");
        let attributes = format!(
            "<{{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], \
             start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, \
             {width}>}}>"
        );
        let rows = self.emit("gather", &[&x, &places], &attributes, &[count, width], x.element);
        let op = if x.element == "i1" { "or" } else { "maximum" };
        let region = self.region(op, x.element, "", x.element);
        let attributes = format!(
            "<{{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], \
             inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = \
             false}}> {region}"
        );
        self.emit("scatter", &[&x, &places, &rows], &attributes, &x.shape.clone(), x.element);
    }

    /// Random bits by the standard's generator, and floats from them.
    pub(super) fn random_bits(&mut self) {
        let shape = [self.below(3) + 1, self.below(5) + 1];
        let element = self.of(&["ui32", "ui8"]);
        let state = "<{value = dense<[7, 11]> : tensor<2xui64>}>";
        let state = self.emit("constant", &[], state, &[2], "ui64");
        let (next, bits) = (self.fresh(), self.fresh());
        let algorithm = "<{rng_algorithm = #stablehlo<rng_algorithm THREE_FRY>}>";
        self.text += &format!(
            "{next}, {bits} = \"stablehlo.rng_bit_generator\"({}) {algorithm} : (tensor<2xui64>) -> (tensor<2xui64>, {})\n",
            state.name,
            ty(&shape, element)
        );
        let bits = Value { name: bits, shape: shape.to_vec(), element };
        self.values.push(bits.clone());
        self.emit("convert", &[&bits], "", &shape, "f32");
    }

    pub(super) fn clamp(&mut self) {
        let x = self.any();
        if x.element == "i1" {
            return;
        }
        let (low, high) = (self.scalar(x.element, 1), self.scalar(x.element, 2));
        self.emit("clamp", &[&low, &x, &high], "", &x.shape, x.element);
    }

    /// One product of matrices for each index of the first dimension.
    pub(super) fn batched_dot(&mut self) {
        let x = self.any();
        if x.shape.len() != 3 || x.element == "i1" || !self.may_sum(x.element) {
            return;
        }
        let numbers = "<{dot_dimension_numbers = #stablehlo.dot<lhs_batching_dimensions = [0], \
                       rhs_batching_dimensions = [0], lhs_contracting_dimensions = [2], rhs_contracting_dimensions = \
                       [2]>}>";
        let y = self.like(&x);
        self.emit("dot_general", &[&x, &y], numbers, &[x.shape[0], x.shape[1], x.shape[1]], x.element);
    }
}

impl Program {
    /// Batch normalisation along the first dimension, and back with its own result for a gradient.
    pub(super) fn normalise(&mut self) {
        let x = self.any();
        if x.shape.is_empty() || !matches!(x.element, "f32" | "f64") || !self.may_sum(x.element) {
            return;
        }
        // Bounded operands, so that no variance is infinite.
        let x = self.emit("tanh", &[&x], "", &x.shape, x.element);
        let count = x.shape[..1].to_vec();
        let one = self.scalar(x.element, 1);
        let one = self.emit("broadcast_in_dim", &[&one], "<{broadcast_dimensions = array<i64>}>", &count, x.element);
        let attributes = "<{epsilon = 0.5 : f32, feature_index = 0 : i64}>";
        let names = [0; 6].map(|_| self.fresh());
        let (of_x, of_one) = (x.ty(), one.ty());
        self.text += &format!(
            "{}, {}, {} = \"stablehlo.batch_norm_training\"({}, {}, {}) {attributes} : ({of_x}, {of_one}, {of_one}) -> \
             ({of_x}, {of_one}, {of_one})\n",
            names[0], names[1], names[2], x.name, one.name, one.name
        );
        self.text += &format!(
            "{}, {}, {} = \"stablehlo.batch_norm_grad\"({}, {}, {}, {}, {}) {attributes} : ({of_x}, {of_one}, {of_one}, \
             {of_one}, {of_x}) -> ({of_x}, {of_one}, {of_one})\n",
            names[3], names[4], names[5], x.name, one.name, names[1], names[2], names[0]
        );
        let value = |name: &String, like: &Value| Value { name: name.clone(), ..like.clone() };
        let made = names.iter().enumerate().map(|(k, name)| value(name, if k % 3 == 0 { &x } else { &one }));
        let made: Vec<Value> = made.collect();
        self.emit("batch_norm_inference", &[&x, &one, &made[4], &made[1], &made[2]], attributes, &x.shape, x.element);
        self.values.extend(made);
    }
}

/// A region without the parentheses around it.
fn inner(region: &str) -> &str {
    region.trim_start_matches('(').trim_end_matches(')')
}
