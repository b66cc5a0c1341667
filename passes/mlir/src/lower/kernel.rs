//! One kernel: a private function over flat memrefs, that computes one operation and the tree of virtual values it reads.
//!
//! Every parameter is a memref of one dimension; where an element lies follows from the shape, by constant strides. So
//! operations whose attributes, types and virtual trees agree have the same text, and share one kernel.
// tidy: long because a kernel's memory and its loops share their state

use std::fmt::Write;

use memopt::checker::{Range, Reading};
use memopt::diag::Diagnostic;
use memopt::dialect::OpRef;
use memopt::ir::{OpId, Type, ValueId};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::code::{Code, Name, Names, declare, list};
use super::function::Context;
use super::scalar::Scalar;

/// What lowering gives, or what stands in its way.
pub(crate) type Done<T = ()> = Result<T, Box<Diagnostic>>;

/// The body of a loop: its index and the values that it carries give the next ones.
type Carry<'a, 'm, Index> = dyn FnMut(&mut Kernel<'m>, Index, &[Name]) -> Done<Vec<Name>> + 'a;
/// The body of nested loops.
type CarryNest<'a, 'm> = dyn FnMut(&mut Kernel<'m>, &[Name], &[Name]) -> Done<Vec<Name>> + 'a;

/// Where the bytes behind a parameter are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// In the arena, an argument or a result.
    Bytes(Range),
    /// In a constant of the program.
    Constant(OpId),
}

/// A parameter of a kernel.
pub(crate) struct Param {
    pub(crate) place: Place,
    /// `memref<64xf32>`
    pub(crate) ty: String,
    name: Name,
    written: bool,
}

/// Which element of a value.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum At {
    /// By its place in row-major order.
    Linear(Name),
    /// By one index for each dimension.
    Multi(Names),
}

impl At {
    pub(crate) fn multi(names: &[Name]) -> At {
        At::Multi(Names::from_slice(names))
    }

    /// The only element of a scalar.
    pub(crate) fn scalar() -> At {
        At::Multi(Names::new())
    }
}

/// A kernel that is being written.
pub(crate) struct Kernel<'m> {
    pub(crate) context: &'m Context<'m>,
    pub(crate) op: OpRef<'m>,
    pub(crate) code: Code,
    params: Vec<Param>,
    /// Elements computed so far, in the regions that are open; the log undoes them when a region is closed.
    pub(super) known: FxHashMap<(ValueId, At), Name>,
    pub(super) log: Vec<(ValueId, At)>,
    /// How deep in the tree of virtual values.
    pub(super) depth: usize,
    /// Whether sums may be reordered.
    pub(super) reassociate: bool,
    /// The indices of the linalg operation around the body that is being written.
    pub(super) iteration: Names,
}

/// A finished kernel: equal texts are one function.
pub(crate) struct Finished {
    /// Parameters, attributes and body, without the name.
    pub(crate) text: String,
    pub(crate) params: Vec<Param>,
}

impl<'m> Kernel<'m> {
    pub(crate) fn new(context: &'m Context<'m>, op: OpId) -> Kernel<'m> {
        Kernel {
            context,
            op: OpRef::new(context.module, op),
            code: Code::default(),
            params: Vec::new(),
            known: FxHashMap::default(),
            log: Vec::new(),
            depth: 0,
            reassociate: false,
            iteration: Names::new(),
        }
    }

    /// The function; `returned` is a value for it to return, with its type.
    pub(crate) fn finish(mut self, returned: Option<(Name, &str)>) -> Finished {
        let params: Vec<String> = (0..self.params.len()).map(|index| self.declaration(index)).collect();
        let result = match returned {
            Some((name, ty)) => {
                self.code.line(format_args!("return {name} : {ty}"));
                format!(" -> {ty}")
            }
            None => {
                self.code.line(format_args!("return"));
                String::new()
            }
        };
        let mut text = String::new();
        _ = write!(text, "({}){result} attributes {{passthrough = [\"noinline\"], ", list(params));
        _ = writeln!(text, "llvm.linkage = #llvm.linkage<internal>}} {{\n{}}}", self.code.finish());
        Finished { text, params: self.params }
    }

    /// A parameter that shares no written byte with another one says so: nothing else lets LLVM vectorise.
    fn declaration(&self, index: usize) -> String {
        let param = &self.params[index];
        let clashes = self.params.iter().enumerate().any(|(other, q)| {
            other != index
                && (q.written || param.written)
                && matches!((param.place, q.place), (Place::Bytes(a), Place::Bytes(b)) if a.overlaps(b))
        });
        let noalias = if clashes { "" } else { " {llvm.noalias}" };
        format!("{}: {}{noalias}", param.name, param.ty)
    }

    /// An error at this operation.
    pub(crate) fn refuse<T>(&self, why: &str) -> Done<T> {
        Err(Box::new(self.context.refuse(self.op.id, why)))
    }

    /// The extents of a value; a scalar has none.
    pub(crate) fn shape(&self, value: ValueId) -> Done<&'m [i64]> {
        match self.context.module.type_of(value) {
            Type::Tensor(tensor) => Ok(&tensor.shape),
            Type::Integer { .. } | Type::Float(_) | Type::Index => Ok(&[]),
            _ => self.refuse("an operand or a result is no ranked tensor"),
        }
    }

    /// The number of elements of a value.
    pub(crate) fn elements(&self, value: ValueId) -> Done<i64> {
        Ok(self.shape(value)?.iter().product())
    }

    /// The element type of a value.
    pub(crate) fn scalar(&self, value: ValueId) -> Done<Scalar> {
        let element = match self.context.module.type_of(value) {
            Type::Tensor(tensor) => tensor.element,
            _ => self.context.module.value(value).ty,
        };
        match Scalar::of(self.context.module, element) {
            Some(scalar) => Ok(scalar),
            None => self.refuse("there is no code for its element type"),
        }
    }

    /// An operand.
    pub(crate) fn operand(&self, index: usize) -> Done<ValueId> {
        match self.op.operands().get(index) {
            Some(&value) => Ok(value),
            None => self.refuse("it has too few operands"),
        }
    }

    /// An operand of an operation in the tree.
    pub(super) fn operand_of(&self, op: OpId, index: usize) -> Done<ValueId> {
        match self.context.module.op(op).operands().get(index) {
            Some(&value) => Ok(value),
            None => self.refuse("it has too few operands"),
        }
    }

    /// Runs `read` with another operation of the tree in this one's place, whose attributes it reads.
    pub(super) fn with<T>(&mut self, op: OpId, read: impl FnOnce(&mut Self) -> Done<T>) -> Done<T> {
        let outer = std::mem::replace(&mut self.op, OpRef::new(self.context.module, op));
        let done = read(self);
        self.op = outer;
        done
    }

    /// An attribute of an operation with one integer for each of `rank` dimensions; absent, each is `default`.
    pub(crate) fn integers_of(&self, op: OpRef<'_>, name: &str, rank: usize, default: i64) -> Option<Vec<i64>> {
        match memopt::dialect::stablehlo::attributes::integers(op, name) {
            Some(list) if list.len() == rank => Some(list.into_owned()),
            None if op.attr(name).is_none() => Some(vec![default; rank]),
            _ => None,
        }
    }

    /// An attribute with one integer for each of `rank` dimensions; absent, each is `default`.
    pub(crate) fn integers(&self, name: &str, rank: usize, default: i64) -> Done<Vec<i64>> {
        match self.integers_of(self.op, name, rank, default) {
            Some(list) => Ok(list),
            None => self.refuse(&format!("its {name} does not fit its types")),
        }
    }

    /// An attribute that lists dimensions of a tensor of rank `rank`.
    pub(crate) fn dimensions(&self, name: &str, rank: usize) -> Done<Vec<usize>> {
        let list = memopt::dialect::stablehlo::attributes::integers(self.op, name);
        let Some(list) = list else { return self.refuse(&format!("its {name} is missing")) };
        let valid = |&d: &i64| usize::try_from(d).ok().filter(|&d| d < rank);
        match list.iter().map(valid).collect() {
            Some(list) => Ok(list),
            None => self.refuse(&format!("its {name} does not fit its types")),
        }
    }

    /// The bytes that hold a value.
    pub(crate) fn range(&self, value: ValueId) -> Done<Range> {
        match (self.context.places.reading(value), self.context.places.range(value)) {
            (Reading::Bytes(read), Some(range)) if read == value => Ok(range),
            _ => self.refuse("where it lies in its storage is not known"),
        }
    }

    /// The parameter for these bytes, as elements of this type.
    pub(crate) fn param(&mut self, place: Place, scalar: Scalar, elements: i64, written: bool) -> Name {
        let ty = memref(scalar, elements);
        if let Some(param) = self.params.iter_mut().find(|p| p.place == place && p.ty == ty) {
            param.written |= written;
            return param.name;
        }
        let name = self.code.fresh();
        self.params.push(Param { place, ty, name, written });
        name
    }

    /// The parameter of a value with bytes.
    pub(crate) fn param_of(&mut self, value: ValueId, written: bool) -> Done<Name> {
        let (range, scalar, elements) = (self.range(value)?, self.scalar(value)?, self.elements(value)?);
        Ok(self.param(Place::Bytes(range), scalar, elements, written))
    }

    /// Scratch memory of the operation: so many elements from this byte of it on.
    pub(crate) fn workspace(&mut self, offset: u64, scalar: Scalar, elements: i64) -> Done<Name> {
        let Some(whole) = self.context.workspace(self.op.id) else {
            return self.refuse("its workspace is not planned: plan for the native target");
        };
        let start = whole.start + offset;
        let range = Range { space: whole.space, start, end: start + scalar.bytes() * elements as u64 };
        if range.end > whole.end {
            return self.refuse("its workspace is too small: plan for the native target");
        }
        Ok(self.param(Place::Bytes(range), scalar, elements, true))
    }

    /// Reads an element of a parameter, as arithmetic wants it.
    pub(crate) fn load(&mut self, param: Name, scalar: Scalar, elements: i64, at: Name) -> Name {
        let loaded = self.code.op(format_args!("memref.load {param}[{at}] : {}", memref(scalar, elements)));
        self.as_arithmetic(loaded, scalar)
    }

    /// Writes an element of a parameter.
    pub(crate) fn store(&mut self, value: Name, param: Name, scalar: Scalar, elements: i64, at: Name) {
        let stored = match scalar {
            Scalar::Bool => self.code.op(format_args!("arith.extui {value} : i1 to i8")),
            _ => value,
        };
        self.code.line(format_args!("memref.store {stored}, {param}[{at}] : {}", memref(scalar, elements)));
    }

    fn as_arithmetic(&mut self, loaded: Name, scalar: Scalar) -> Name {
        if scalar != Scalar::Bool {
            return loaded;
        }
        let zero = self.code.constant("0", "i8");
        self.code.op(format_args!("arith.cmpi ne, {loaded}, {zero} : i8"))
    }

    /// Writes an element of a result.
    pub(crate) fn write(&mut self, result: ValueId, at: &At, value: Name) -> Done {
        let (param, scalar, elements) = (self.param_of(result, true)?, self.scalar(result)?, self.elements(result)?);
        let at = self.linear(self.shape(result)?, at);
        self.store(value, param, scalar, elements, at);
        Ok(())
    }

    /// Reads back an element of a result.
    pub(crate) fn read_back(&mut self, result: ValueId, at: &At) -> Done<Name> {
        let (param, scalar, elements) = (self.param_of(result, true)?, self.scalar(result)?, self.elements(result)?);
        let at = self.linear(self.shape(result)?, at);
        Ok(self.load(param, scalar, elements, at))
    }

    /// An element's place in row-major order.
    pub(crate) fn linear(&mut self, shape: &[i64], at: &At) -> Name {
        match at {
            At::Linear(name) => *name,
            At::Multi(names) => self.code.dot(names, &strides(shape)),
        }
    }

    /// An element's index in each dimension.
    pub(crate) fn multi(&mut self, shape: &[i64], at: &At) -> Names {
        let mut rest = match at {
            At::Multi(names) => return names.clone(),
            At::Linear(name) => *name,
        };
        let mut names = Names::new();
        for &extent in shape.iter().skip(1).rev() {
            let (quotient, remainder) = self.code.divide(rest, extent);
            names.push(remainder);
            rest = quotient;
        }
        if !shape.is_empty() {
            names.push(rest);
        }
        names.reverse();
        names
    }

    /// `for i in 0..extent`
    pub(crate) fn each(&mut self, extent: i64, body: &mut dyn FnMut(&mut Self, Name) -> Done) -> Done {
        match extent {
            1 => {
                let zero = self.code.index(0);
                body(self, zero)
            }
            _ => self.each_from(0, extent, 1, body),
        }
    }

    /// `for i in (from..to).step_by(step)`
    pub(crate) fn each_from(
        &mut self,
        from: i64,
        to: i64,
        step: i64,
        body: &mut dyn FnMut(&mut Self, Name) -> Done,
    ) -> Done {
        let (from, to, step) = (self.code.index(from), self.code.index(to), self.code.index(step));
        let index = self.code.fresh();
        self.code.open(format_args!("scf.for {index} = {from} to {to} step {step} {{"));
        self.scoped(|kernel| body(kernel, index))?;
        self.code.close();
        Ok(())
    }

    /// Loops over all indices of a shape, the last one innermost.
    pub(crate) fn nest(&mut self, extents: &[i64], body: &mut dyn FnMut(&mut Self, &[Name]) -> Done) -> Done {
        let mut open = 0;
        let mark = self.log.len();
        let mut indices = Names::new();
        for &extent in extents {
            if extent == 1 {
                indices.push(self.code.index(0));
                continue;
            }
            let (from, to, step) = (self.code.index(0), self.code.index(extent), self.code.index(1));
            let index = self.code.fresh();
            self.code.open(format_args!("scf.for {index} = {from} to {to} step {step} {{"));
            indices.push(index);
            open += 1;
        }
        body(self, &indices)?;
        (0..open).for_each(|_| self.code.close());
        self.forget(mark);
        Ok(())
    }

    /// A loop that carries values of these types.
    pub(crate) fn each_carrying(
        &mut self,
        (from, to): (i64, i64),
        init: &[(Name, String)],
        body: &mut Carry<'_, 'm, Name>,
    ) -> Done<Vec<Name>> {
        let (from, to, step) = (self.code.index(from), self.code.index(to), self.code.index(1));
        let (result, index) = (self.code.fresh(), self.code.fresh());
        let carried: Vec<Name> = init.iter().map(|_| self.code.fresh()).collect();
        let types = list(init.iter().map(|(_, ty)| ty));
        let starts = list(carried.iter().zip(init).map(|(name, (start, _))| format!("{name} = {start}")));
        let left = declare(result, init.len());
        self.code.open(format_args!(
            "{left} = scf.for {index} = {from} to {to} step {step} iter_args({starts}) -> ({types}) {{"
        ));
        let next = self.scoped(|kernel| body(kernel, index, &carried))?;
        self.code.line(format_args!("scf.yield {} : {types}", list(&next)));
        self.code.close();
        Ok(self.code.results(result, init.len()))
    }

    /// Nested loops that carry values through all of them.
    pub(crate) fn nest_carrying(
        &mut self,
        extents: &[i64],
        init: &[(Name, String)],
        body: &mut CarryNest<'_, 'm>,
    ) -> Done<Vec<Name>> {
        self.nest_carrying_at(extents, &mut Names::new(), init, body)
    }

    fn nest_carrying_at(
        &mut self,
        extents: &[i64],
        indices: &mut Names,
        init: &[(Name, String)],
        body: &mut CarryNest<'_, 'm>,
    ) -> Done<Vec<Name>> {
        let Some((&extent, rest)) = extents.split_first() else {
            let values: Vec<Name> = init.iter().map(|(name, _)| *name).collect();
            return body(self, indices, &values);
        };
        if extent == 1 {
            indices.push(self.code.index(0));
            let values = self.nest_carrying_at(rest, indices, init, body);
            indices.pop();
            return values;
        }
        self.each_carrying((0, extent), init, &mut |kernel, index, carried| {
            indices.push(index);
            let inner: Vec<_> = carried.iter().zip(init).map(|(&name, (_, ty))| (name, ty.clone())).collect();
            let values = kernel.nest_carrying_at(rest, indices, &inner, body);
            indices.pop();
            values
        })
    }

    /// `if condition { then } else { otherwise }` with values of these types; without a condition, `then` alone.
    pub(crate) fn either(
        &mut self,
        condition: Option<Name>,
        types: &[&str],
        then: &mut dyn FnMut(&mut Self) -> Done<Vec<Name>>,
        otherwise: &mut dyn FnMut(&mut Self) -> Done<Vec<Name>>,
    ) -> Done<Vec<Name>> {
        let Some(condition) = condition else { return then(self) };
        let result = self.code.fresh();
        let all = list(types);
        let left = declare(result, types.len());
        self.code.open(format_args!("{left} = scf.if {condition} -> ({all}) {{"));
        let values = self.scoped(|kernel| then(kernel))?;
        self.code.line(format_args!("scf.yield {} : {all}", list(&values)));
        self.code.turn("} else {");
        let values = self.scoped(|kernel| otherwise(kernel))?;
        self.code.line(format_args!("scf.yield {} : {all}", list(&values)));
        self.code.close();
        Ok(self.code.results(result, types.len()))
    }

    /// `if condition { then }`; without a condition, `then` alone.
    pub(crate) fn when(&mut self, condition: Option<Name>, then: &mut dyn FnMut(&mut Self) -> Done) -> Done {
        let Some(condition) = condition else { return then(self) };
        self.code.open(format_args!("scf.if {condition} {{"));
        self.scoped(|kernel| then(kernel))?;
        self.code.close();
        Ok(())
    }

    /// Elements computed inside a region are not known after it.
    pub(crate) fn scoped<T>(&mut self, inside: impl FnOnce(&mut Self) -> Done<T>) -> Done<T> {
        let mark = self.log.len();
        let done = inside(self);
        self.forget(mark);
        done
    }

    pub(crate) fn forget(&mut self, mark: usize) {
        for key in self.log.drain(mark..) {
            self.known.remove(&key);
        }
    }
}

/// `memref<64xf32>`
pub(crate) fn memref(scalar: Scalar, elements: i64) -> String {
    format!("memref<{elements}x{}>", scalar.stored())
}

/// Row-major strides in elements.
pub(crate) fn strides(shape: &[i64]) -> SmallVec<[i64; 6]> {
    let mut strides: SmallVec<[i64; 6]> = SmallVec::from_elem(1, shape.len());
    for dimension in (1..shape.len()).rev() {
        strides[dimension - 1] = strides[dimension] * shape[dimension];
    }
    strides
}
