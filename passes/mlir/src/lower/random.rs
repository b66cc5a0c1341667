//! `stablehlo.rng_bit_generator` as XLA runs it on the CPU: Philox 4x32 with ten rounds, and Threefry 2x32 with twenty.
//!
//! Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011. Which bits of the state are key and counter, and
//! in which order the words come out, is that of XLA's expansion (`xla/hlo/builder/lib/prng.cc`).

use memopt::ir::{Attr, ValueId};

use super::code::{Compare, Name};
use super::kernel::{At, Done, Kernel};
use super::scalar::Scalar;

const U32: Scalar = Scalar::Integer { width: 32, unsigned: true };
const U64: Scalar = Scalar::Integer { width: 64, unsigned: true };

/// `stablehlo.rng_bit_generator`
pub(super) fn bit_generator(kernel: &mut Kernel<'_>) -> Done {
    let state = kernel.operand(0)?;
    let results: Vec<ValueId> = kernel.op.op().results().collect();
    let &[new_state, output] = &results[..] else { return kernel.refuse("it has not two results") };
    let algorithm = match kernel.op.attr("rng_algorithm") {
        Some(Attr::Opaque { text, .. }) => text.trim_end_matches('>').split_whitespace().last().unwrap_or(""),
        _ => "",
    };
    let scalar = kernel.scalar(output)?;
    let words = kernel.elements(state)?;
    if kernel.scalar(state)? != U64 || !matches!(scalar, Scalar::Integer { .. }) {
        return kernel.refuse("it needs a state of ui64, and makes integers of whole bytes");
    }
    match algorithm {
        "DEFAULT" | "PHILOX" if words == 2 || words == 3 => philox(kernel, [state, new_state, output], words, scalar),
        "THREE_FRY" if words == 2 => threefry(kernel, [state, new_state, output], scalar),
        _ => kernel.refuse("its algorithm or the size of its state is not known to this lowering"),
    }
}

fn word(kernel: &mut Kernel<'_>, state: ValueId, index: i64) -> Done<Name> {
    let index = kernel.code.index(index);
    kernel.element(state, &At::Linear(index))
}

fn split(kernel: &mut Kernel<'_>, wide: Name) -> [Name; 2] {
    let by = kernel.code.constant("32", "i64");
    let low = kernel.code.op(format_args!("arith.trunci {wide} : i64 to i32"));
    let high = kernel.code.op(format_args!("arith.shrui {wide}, {by} : i64"));
    [low, kernel.code.op(format_args!("arith.trunci {high} : i64 to i32"))]
}

fn join(kernel: &mut Kernel<'_>, low: Name, high: Name) -> Name {
    let by = kernel.code.constant("32", "i64");
    let low = kernel.convert(low, U32, U64);
    let high = kernel.convert(high, U32, U64);
    let high = kernel.code.op(format_args!("arith.shli {high}, {by} : i64"));
    kernel.code.op(format_args!("arith.ori {low}, {high} : i64"))
}

/// Writes those of `words` (with their places) that are inside of the output. Narrow elements take the low bits.
fn put(kernel: &mut Kernel<'_>, output: ValueId, words: &[(Name, Name)], inside: Option<Name>) -> Done {
    let scalar = kernel.scalar(output)?;
    kernel.when(inside, &mut |kernel| {
        for &(at, word) in words {
            let word = if scalar.bytes() < 4 { kernel.convert(word, U32, scalar) } else { word };
            kernel.write(output, &At::Linear(at), word)?;
        }
        Ok(())
    })
}

/// The state is the key and a counter of 64 or 128 bits (the lower half first); each block of 128 bits takes one count.
fn philox(kernel: &mut Kernel<'_>, [state, new_state, output]: [ValueId; 3], words: i64, scalar: Scalar) -> Done {
    let elements = kernel.elements(output)?;
    let per_block = if scalar.bytes() == 8 { 2 } else { 4 };
    let blocks = (elements + per_block - 1) / per_block;
    let key = word(kernel, state, 0)?;
    let counter = word(kernel, state, 1)?;
    // With two words of state, the upper half of the counter is the key, as in XLA.
    let upper = if words == 3 { word(kernel, state, 2)? } else { key };
    kernel.each(blocks, &mut |kernel, block| {
        let (low, high) = count(kernel, counter, upper, block);
        let keys = split(kernel, key);
        let [a, b] = split(kernel, low);
        let [c, d] = split(kernel, high);
        let out = philox_rounds(kernel, [a, b, c, d], keys);
        let first = kernel.code.scale(block, per_block);
        let sure = elements % per_block == 0;
        let made: Vec<Name> = match scalar.bytes() {
            8 => vec![join(kernel, out[0], out[1]), join(kernel, out[2], out[3])],
            _ => out.to_vec(),
        };
        for (i, word) in (0i64..).zip(made) {
            let at = kernel.code.add_constant(first, i);
            let inside = (!sure).then(|| kernel.code.compare(at, Compare::Less, elements));
            put(kernel, output, &[(at, word)], inside)?;
        }
        Ok(())
    })?;
    let blocks = kernel.code.index(blocks);
    let (low, high) = count(kernel, counter, upper, blocks);
    let all = [key, low, high];
    for (index, &value) in all.iter().take(words as usize).enumerate() {
        let at = kernel.code.index(index as i64);
        kernel.write(new_state, &At::Linear(at), value)?;
    }
    Ok(())
}

/// The 128-bit counter after so many blocks.
fn count(kernel: &mut Kernel<'_>, low: Name, high: Name, blocks: Name) -> (Name, Name) {
    let blocks = kernel.code.op(format_args!("arith.index_cast {blocks} : index to i64"));
    let sum = kernel.code.op(format_args!("arith.addi {low}, {blocks} : i64"));
    let carried = kernel.code.op(format_args!("arith.cmpi ult, {sum}, {low} : i64"));
    let carry = kernel.code.op(format_args!("arith.extui {carried} : i1 to i64"));
    (sum, kernel.code.op(format_args!("arith.addi {high}, {carry} : i64")))
}

fn philox_rounds(kernel: &mut Kernel<'_>, mut x: [Name; 4], mut key: [Name; 2]) -> [Name; 4] {
    let multipliers = [kernel.code.constant("3528531795", "i32"), kernel.code.constant("3449720151", "i32")];
    let steps = [kernel.code.constant("2654435769", "i32"), kernel.code.constant("3144134277", "i32")];
    for round in 0..10 {
        if round > 0 {
            key = [0, 1].map(|i| kernel.code.op(format_args!("arith.addi {}, {} : i32", key[i], steps[i])));
        }
        let [(low_a, high_a), (low_b, high_b)] = [0, 1].map(|i| {
            let (result, x, m) = (kernel.code.fresh(), x[2 * i], multipliers[i]);
            kernel.code.line(format_args!("{result}:2 = arith.mului_extended {x}, {m} : i32"));
            let parts = kernel.code.results(result, 2);
            (parts[0], parts[1])
        });
        let mix = |kernel: &mut Kernel<'_>, a, b, c| {
            let first = kernel.code.op(format_args!("arith.xori {a}, {b} : i32"));
            kernel.code.op(format_args!("arith.xori {first}, {c} : i32"))
        };
        x = [mix(kernel, high_b, x[1], key[0]), low_b, mix(kernel, high_a, x[3], key[1]), low_a];
    }
    x
}

/// The state is the key and a counter; each count gives an element of 64 bits, or two neighbours of fewer: along the first
/// dimension of even extent, else along the longest one, where the last count then gives one element.
fn threefry(kernel: &mut Kernel<'_>, [state, new_state, output]: [ValueId; 3], scalar: Scalar) -> Done {
    let shape = kernel.shape(output)?;
    let (key, counter) = (word(kernel, state, 0)?, word(kernel, state, 1)?);
    let even = shape.iter().position(|extent| extent % 2 == 0);
    let paired = even.or_else(|| (0..shape.len()).rev().max_by_key(|&d| shape[d]));
    let wide = scalar.bytes() == 8;
    let (outer, extent, inner) = match paired {
        Some(d) if !wide => (shape[..d].iter().product(), shape[d], shape[d + 1..].iter().product()),
        _ => (1, kernel.elements(output)?, 1),
    };
    let half = if wide { extent } else { (extent + 1) / 2 };
    kernel.nest(&[outer, half, inner], &mut |kernel, indices| {
        let keys = split(kernel, key);
        let count = kernel.code.dot(indices, &[half * inner, inner, 1]);
        let count = kernel.code.op(format_args!("arith.index_cast {count} : index to i64"));
        let input = kernel.code.op(format_args!("arith.addi {counter}, {count} : i64"));
        let halves = split(kernel, input);
        let [a, b] = threefry_rounds(kernel, halves, keys);
        if wide {
            let joined = join(kernel, a, b);
            return put(kernel, output, &[(indices[1], joined)], None);
        }
        let first = kernel.code.dot(indices, &[extent * inner, 2 * inner, 1]);
        let second = kernel.code.add_constant(first, inner);
        put(kernel, output, &[(first, a)], None)?;
        let inside = (extent % 2 == 1).then(|| kernel.code.compare(indices[1], Compare::Less, half - 1));
        put(kernel, output, &[(second, b)], inside)
    })?;
    let used = kernel.code.constant(&(outer * half * inner).to_string(), "i64");
    let next = kernel.code.op(format_args!("arith.addi {counter}, {used} : i64"));
    for (index, value) in [key, next].into_iter().enumerate() {
        let at = kernel.code.index(index as i64);
        kernel.write(new_state, &At::Linear(at), value)?;
    }
    Ok(())
}

fn threefry_rounds(kernel: &mut Kernel<'_>, [mut a, mut b]: [Name; 2], key: [Name; 2]) -> [Name; 2] {
    const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    let word =
        |kernel: &mut Kernel<'_>, op: &str, x: Name, y: Name| kernel.code.op(format_args!("arith.{op} {x}, {y} : i32"));
    let parity = kernel.code.constant("466688986", "i32");
    let mixed = word(kernel, "xori", key[0], key[1]);
    let third = word(kernel, "xori", mixed, parity);
    let keys = [key[0], key[1], third];
    a = word(kernel, "addi", a, keys[0]);
    b = word(kernel, "addi", b, keys[1]);
    for group in 0..5 {
        for rotation in ROTATIONS[group % 2] {
            a = word(kernel, "addi", a, b);
            let left = kernel.code.constant(&rotation.to_string(), "i32");
            let right = kernel.code.constant(&(32 - rotation).to_string(), "i32");
            let (up, down) = (word(kernel, "shli", b, left), word(kernel, "shrui", b, right));
            let turned = word(kernel, "ori", up, down);
            b = word(kernel, "xori", turned, a);
        }
        let injected = kernel.code.constant(&(group + 1).to_string(), "i32");
        a = word(kernel, "addi", a, keys[(group + 1) % 3]);
        b = word(kernel, "addi", b, keys[(group + 2) % 3]);
        b = word(kernel, "addi", b, injected);
    }
    [a, b]
}
