//! Contractions with vectors: a block of rows times some vectors of columns is summed up in registers.
//!
//! ```text
//!              columns: 2 vectors of 16 lanes
//!            +----------------+----------------+
//!   rows     |  acc[0][0]     |  acc[0][1]     |     for s in sums:
//!   up to 14 |  acc[1][0]     |  acc[1][1]     |       acc[r][v] += A[r, s] * B[s, v]
//!            |    ...         |    ...         |
//!            +----------------+----------------+
//! ```
//!
//! Rows and columns that are left over get smaller blocks of their own, so there is no masking.

use super::cut::{cut, extent};
use super::shape::{Contraction, Dim, Lane};
use super::{Factor, Operands};
use crate::lower::code::{Name, Names, declare, list};
use crate::lower::copy::{Strided, copy};
use crate::lower::kernel::{At, Done, Kernel, memref, strides};
use crate::lower::scalar::Scalar;

/// A block: rows times vectors times lanes.
#[derive(Clone, Copy)]
struct Block {
    rows: i64,
    vectors: i64,
    lanes: i64,
}

/// The lane, if vectors can be used: the factors have the result's type, and both lie in memory as the lane wants it.
pub(super) fn fits(kernel: &Kernel<'_>, contraction: &Contraction, operands: &Operands) -> Done<Option<Lane>> {
    let to = kernel.scalar(operands.result)?;
    let wide = matches!(to, Scalar::Float(kind) if kind.bits() >= 32);
    let in_memory = |factor: &Factor| matches!(factor, Factor::Memory { .. });
    let packs = contraction.panel.is_some();
    let lane = contraction.lane().filter(|&lane| {
        let dim = dim(contraction, lane);
        // Single elements of A may also be computed.
        (dim.b == 1 || packs) && dim.extent >= 4 && (dim.a == 0 || in_memory(&operands.left))
    });
    Ok(lane.filter(|_| wide && (packs || in_memory(&operands.right)) && operands.of == [to, to]))
}

fn dim(contraction: &Contraction, lane: Lane) -> Dim {
    match lane {
        Lane::Column(at) => contraction.columns[at],
        Lane::Batch(at) => contraction.batch[at],
    }
}

/// A contraction in blocks.
struct Tiling<'a> {
    operands: &'a Operands,
    scalar: Scalar,
    base: [i64; 2],
    /// Loops around those over the lanes.
    around: &'a [Dim],
    /// Loops inside of those over the lanes: over sums, each of which has a panel of its own, then over rows.
    outer_sums: &'a [Dim],
    outer_rows: &'a [Dim],
    lane: Dim,
    /// The rows that a block has some of.
    row: Dim,
    sums: &'a [Dim],
    adds: bool,
    /// Where panels are packed: the parameter, and its elements.
    panel: Option<(Name, i64)>,
}

/// Where blocks read B.
struct Right {
    param: Name,
    elements: i64,
    /// The sums with their strides in a panel; without one, those of B.
    packed: Option<Vec<Dim>>,
}

/// Few rows: more vectors, so that there are enough independent sums.
fn vectors(rows: i64, registers: i64) -> i64 {
    if rows >= 6 { 2 } else { (registers / 2 / rows.max(1)).clamp(2, 8) }
}

/// Bytes of a panel: the longest sum times the vectors of a block, of the widest there are.
pub(super) fn panel_bytes(contraction: &Contraction) -> u64 {
    const WIDEST_VECTOR: u64 = 64;
    let longest = cut(&contraction.sums).iter().map(|part| extent(&part.inner)).max().unwrap_or(0);
    longest.unsigned_abs() * vectors(contraction.row_count(), 28).unsigned_abs() * WIDEST_VECTOR
}

/// Lowers a contraction whose vectors lie along `lane`.
pub(super) fn lower(kernel: &mut Kernel<'_>, contraction: &Contraction, operands: &Operands, lane: Lane) -> Done {
    let scalar = kernel.scalar(operands.result)?;
    let lanes = (kernel.context.options.vector_bytes / scalar.bytes()).max(1) as i64;
    let registers = if kernel.context.options.vector_bytes >= 64 { 28 } else { 12 };
    let lane_dim = dim(contraction, lane);
    let most = (lane_dim.extent / lanes).max(1);
    let vectors = vectors(contraction.row_count(), registers).min(most);
    let (row, blocked) = pick_rows(&contraction.rows, registers / vectors);
    let block = Block { rows: block_rows(row.extent, registers / vectors), vectors, lanes };
    let mut around = contraction.batch.clone();
    around.extend(contraction.columns.iter().copied());
    around.retain(|d| *d != lane_dim);
    let mut outer_rows = contraction.rows.clone();
    blocked.map(|at| outer_rows.remove(at));
    let panel = match contraction.panel {
        Some(offset) => {
            let elements = (panel_bytes(contraction) / scalar.bytes()) as i64;
            Some((kernel.workspace(offset, scalar, elements)?, elements))
        }
        None => None,
    };
    let parts = cut(&contraction.sums);
    let adds = contraction.adds || parts.len() > 1 || !parts[0].outer.is_empty();
    if adds && !contraction.adds {
        let zero = kernel.code.constant(&scalar.literal(0), scalar.name());
        kernel.each(kernel.elements(operands.result)?, &mut |kernel, at| {
            kernel.write(operands.result, &At::Linear(at), zero)
        })?;
    }
    for part in parts {
        let base = [contraction.base[0] + part.base[0], contraction.base[1] + part.base[1]];
        let tiling = Tiling {
            operands,
            scalar,
            base,
            around: &around,
            outer_sums: &part.outer,
            outer_rows: &outer_rows,
            lane: lane_dim,
            row,
            sums: &part.inner,
            adds,
            panel,
        };
        tiling.lanes(kernel, block)?;
    }
    Ok(())
}

/// The rows to have blocks of: the ones that fill a block best.
fn pick_rows(rows: &[Dim], most: i64) -> (Dim, Option<usize>) {
    let efficiency = |extent: i64| {
        let block = block_rows(extent, most);
        let blocks = (extent + block - 1) / block;
        (block.min(extent) * 100 * extent / (blocks * block), extent)
    };
    let best = rows.iter().enumerate().max_by_key(|(_, dim)| efficiency(dim.extent));
    match best {
        Some((at, &dim)) => (dim, Some(at)),
        None => (Dim { extent: 1, ..Dim::default() }, None),
    }
}

/// How many of an extent a block has: a divisor where there is a large one.
pub(super) fn block_rows(extent: i64, most: i64) -> i64 {
    if extent <= most {
        return extent;
    }
    (most / 2 + 1..=most).rev().find(|rows| extent % rows == 0).unwrap_or(most)
}

impl Tiling<'_> {
    /// Blocks along the lanes: full ones, then one of the whole vectors that are left, then one of the lanes that are left.
    fn lanes(&self, kernel: &mut Kernel<'_>, block: Block) -> Done {
        let extents = |dims: &[Dim]| dims.iter().map(|d| d.extent).collect::<Vec<_>>();
        let width = block.vectors * block.lanes;
        let full = self.lane.extent / width * width;
        let vectors = (self.lane.extent - full) / block.lanes;
        let rest = (self.lane.extent - full) % block.lanes;
        kernel.nest(&extents(self.around), &mut |kernel, around| {
            let around = Names::from_slice(around);
            let at = |kernel: &mut Kernel<'_>, lane: Name, block: Block| {
                kernel.nest(&extents(self.outer_sums), &mut |kernel, sums| {
                    let outer: Names = around.iter().chain(sums).copied().collect();
                    let right = self.right(kernel, &outer, lane, block)?;
                    kernel.nest(&extents(self.outer_rows), &mut |kernel, rows| {
                        let indices: Names = outer.iter().chain(rows).copied().collect();
                        self.rows(kernel, &indices, lane, block, &right)
                    })
                })
            };
            if full > 0 {
                kernel.each_from(0, full, width, &mut |kernel, lane| at(kernel, lane, block))?;
            }
            if vectors > 0 {
                let lane = kernel.code.index(full);
                at(kernel, lane, Block { vectors, ..block })?;
            }
            if rest > 0 {
                let lane = kernel.code.index(full + vectors * block.lanes);
                at(kernel, lane, Block { vectors: 1, lanes: rest, ..block })?;
            }
            Ok(())
        })
    }

    /// Blocks along the rows: full ones, then the rows that are left.
    fn rows(&self, kernel: &mut Kernel<'_>, outer: &[Name], lane: Name, block: Block, right: &Right) -> Done {
        let full = self.row.extent / block.rows * block.rows;
        if full == block.rows {
            let row = kernel.code.index(0);
            self.block(kernel, outer, lane, row, block, right)?;
        } else if full > 0 {
            kernel.each_from(0, full, block.rows, &mut |kernel, row| {
                self.block(kernel, outer, lane, row, block, right)
            })?;
        }
        if full < self.row.extent {
            let row = kernel.code.index(full);
            self.block(kernel, outer, lane, row, Block { rows: self.row.extent - full, ..block }, right)?;
        }
        Ok(())
    }

    /// The type of a vector.
    fn vector(&self, block: Block) -> String {
        format!("vector<{}x{}>", block.lanes, self.scalar.name())
    }

    /// Where blocks of these lanes read B: in a panel that is packed now, if there is one.
    fn right(&self, kernel: &mut Kernel<'_>, outer: &[Name], lane: Name, block: Block) -> Done<Right> {
        let Some((param, elements)) = self.panel else {
            let Factor::Memory { param, elements } = self.operands.right else {
                return kernel.refuse("a factor has no bytes");
            };
            return Ok(Right { param, elements, packed: None });
        };
        let width = block.vectors * block.lanes;
        let extents: Vec<i64> = self.sums.iter().map(|dim| dim.extent).chain([width]).collect();
        let of_panel = strides(&extents);
        let zero = kernel.code.index(0);
        let to = Strided { param, elements, start: zero, strides: of_panel.to_vec() };
        let start = self.start(kernel, outer, lane, zero, self.base[1], |d| d.b);
        let of_b: Vec<i64> = self.sums.iter().chain([&self.lane]).map(|dim| dim.b).collect();
        match self.operands.right {
            Factor::Memory { param, elements } => {
                copy(kernel, &extents, self.scalar, &Strided { param, elements, start, strides: of_b }, &to)?;
            }
            Factor::Value(value) => kernel.nest(&extents, &mut |kernel, indices| {
                let at = kernel.code.dot(indices, &of_b);
                let at = kernel.code.add(start, at);
                let element = kernel.element(value, &At::Linear(at))?;
                let at = to.at(kernel, indices);
                kernel.store(element, param, self.scalar, elements, at);
                Ok(())
            })?,
        }
        let packed = self.sums.iter().zip(of_panel).map(|(dim, b)| Dim { b, ..*dim }).collect();
        Ok(Right { param, elements, packed: Some(packed) })
    }

    /// Where the block's first element lies, by these strides.
    fn start(
        &self,
        kernel: &mut Kernel<'_>,
        outer: &[Name],
        lane: Name,
        row: Name,
        base: i64,
        of: fn(&Dim) -> i64,
    ) -> Name {
        let all = self.around.iter().chain(self.outer_sums).chain(self.outer_rows);
        let offset = kernel.code.dot(outer, &all.map(of).collect::<Vec<i64>>());
        let more = kernel.code.dot(&[lane, row], &[of(&self.lane), of(&self.row)]);
        let offset = kernel.code.add(offset, more);
        kernel.code.add_constant(offset, base)
    }

    fn block(
        &self,
        kernel: &mut Kernel<'_>,
        outer: &[Name],
        lane: Name,
        row: Name,
        block: Block,
        right: &Right,
    ) -> Done {
        let a = self.start(kernel, outer, lane, row, self.base[0], |d| d.a);
        let (b, sums) = match &right.packed {
            Some(packed) => (kernel.code.index(0), &packed[..]),
            None => (self.start(kernel, outer, lane, row, self.base[1], |d| d.b), self.sums),
        };
        let c = self.start(kernel, outer, lane, row, 0, |d| d.c);
        let vector = self.vector(block);
        let zero = kernel.code.constant("dense<0.0>", &vector);
        let elements = kernel.elements(self.operands.result)?;
        let param = kernel.param_of(self.operands.result, true)?;
        let memory = memref(self.scalar, elements);
        let mut start = vec![zero; (block.rows * block.vectors) as usize];
        if self.adds {
            for (index, start) in (0i64..).zip(&mut start) {
                let at = kernel
                    .code
                    .add_constant(c, index / block.vectors * self.row.c + index % block.vectors * block.lanes);
                *start = kernel.code.op(format_args!("vector.load {param}[{at}] : {memory}, {vector}"));
            }
        }
        let sums = self.sum(kernel, sums, [a, b], &start, block, right)?;
        for (index, sum) in (0i64..).zip(sums) {
            let (row, part) = (index / block.vectors, index % block.vectors);
            let at = kernel.code.add_constant(c, row * self.row.c + part * block.lanes);
            kernel.code.line(format_args!("vector.store {sum}, {param}[{at}] : {memory}, {vector}"));
        }
        Ok(())
    }

    /// The loops over the sums, which carry all accumulators.
    fn sum(
        &self,
        kernel: &mut Kernel<'_>,
        dims: &[Dim],
        [a, b]: [Name; 2],
        so_far: &[Name],
        block: Block,
        right: &Right,
    ) -> Done<Vec<Name>> {
        let Some((dim, rest)) = dims.split_first() else {
            return self.multiply(kernel, [a, b], so_far, block, right);
        };
        let (from, to, step) = (kernel.code.index(0), kernel.code.index(dim.extent), kernel.code.index(1));
        let (result, index) = (kernel.code.fresh(), kernel.code.fresh());
        let carried: Vec<Name> = so_far.iter().map(|_| kernel.code.fresh()).collect();
        let starts = list(carried.iter().zip(so_far).map(|(name, start)| format!("{name} = {start}")));
        let types = list(so_far.iter().map(|_| self.vector(block)));
        let left = declare(result, so_far.len());
        kernel.code.open(format_args!(
            "{left} = scf.for {index} = {from} to {to} step {step} iter_args({starts}) -> ({types}) {{"
        ));
        let (by_a, by_b) = (kernel.code.scale(index, dim.a), kernel.code.scale(index, dim.b));
        let next = [kernel.code.add(a, by_a), kernel.code.add(b, by_b)];
        let sums = kernel.scoped(|kernel| self.sum(kernel, rest, next, &carried, block, right))?;
        kernel.code.line(format_args!("scf.yield {} : {types}", list(&sums)));
        kernel.code.close();
        Ok(kernel.code.results(result, so_far.len()))
    }

    /// One step of all sums of a block.
    fn multiply(
        &self,
        kernel: &mut Kernel<'_>,
        [a, b]: [Name; 2],
        so_far: &[Name],
        block: Block,
        right: &Right,
    ) -> Done<Vec<Name>> {
        let (of_right, vector) = (memref(self.scalar, right.elements), self.vector(block));
        let mut columns = Vec::new();
        for part in 0..block.vectors {
            let at = kernel.code.add_constant(b, part * block.lanes);
            columns.push(kernel.code.op(format_args!("vector.load {}[{at}] : {of_right}, {vector}", right.param)));
        }
        let mut sums = Vec::new();
        for row in 0..block.rows {
            let at = kernel.code.add_constant(a, row * self.row.a);
            let mut spread = None;
            for part in 0..block.vectors {
                let element = match spread {
                    Some(element) => element,
                    None if self.lane.a == 0 => {
                        let element = self.operands.left.element(kernel, self.scalar, at)?;
                        let ty = self.scalar.name();
                        kernel.code.op(format_args!("vector.broadcast {element} : {ty} to {vector}"))
                    }
                    None => {
                        let Factor::Memory { param, elements } = self.operands.left else {
                            return kernel.refuse("a factor has no bytes");
                        };
                        let at = kernel.code.add_constant(at, part * block.lanes);
                        let memory = memref(self.scalar, elements);
                        kernel.code.op(format_args!("vector.load {param}[{at}] : {memory}, {vector}"))
                    }
                };
                if self.lane.a == 0 {
                    spread = Some(element);
                }
                let sum = so_far[sums.len()];
                let column = columns[part as usize];
                sums.push(kernel.code.op(format_args!("vector.fma {element}, {column}, {sum} : {vector}")));
            }
        }
        Ok(sums)
    }
}
