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
    if kernel.scalar(state)? != U64 || !matches!(scalar, Scalar::Integer { width: 32 | 64, .. }) {
        return kernel.refuse("it needs a state of ui64, and makes integers of 32 or 64 bits");
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

/// Writes those of `words` (with their places) that are inside of the output.
fn put(kernel: &mut Kernel<'_>, output: ValueId, words: &[(Name, Name)], sure: bool) -> Done {
    let elements = kernel.elements(output)?;
    for &(at, word) in words {
        let inside = if sure { None } else { Some(kernel.code.compare(at, Compare::Less, elements)) };
        kernel.when(inside, &mut |kernel| kernel.write(output, &At::Linear(at), word))?;
    }
    Ok(())
}

/// The state is the key and a counter of 64 or 128 bits (the lower half first); each block of 128 bits takes one count.
fn philox(kernel: &mut Kernel<'_>, [state, new_state, output]: [ValueId; 3], words: i64, scalar: Scalar) -> Done {
    let elements = kernel.elements(output)?;
    let per_block = 16 / scalar.bytes() as i64;
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
            4 => out.to_vec(),
            _ => vec![join(kernel, out[0], out[1]), join(kernel, out[2], out[3])],
        };
        let placed: Vec<(Name, Name)> =
            made.into_iter().enumerate().map(|(i, word)| (kernel.code.add_constant(first, i as i64), word)).collect();
        put(kernel, output, &placed, sure)
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

/// The state is the key and a counter; each count gives two words of 32 bits, or one of 64.
fn threefry(kernel: &mut Kernel<'_>, [state, new_state, output]: [ValueId; 3], scalar: Scalar) -> Done {
    let elements = kernel.elements(output)?;
    let (key, counter) = (word(kernel, state, 0)?, word(kernel, state, 1)?);
    // Words of 32 bits: the first half of the output has the first word of each block, the second half the second.
    let half = if scalar.bytes() == 4 { (elements + 1) / 2 } else { elements };
    kernel.each(half, &mut |kernel, index| {
        let keys = split(kernel, key);
        let count = kernel.code.op(format_args!("arith.index_cast {index} : index to i64"));
        let input = kernel.code.op(format_args!("arith.addi {counter}, {count} : i64"));
        let halves = split(kernel, input);
        let [a, b] = threefry_rounds(kernel, halves, keys);
        if scalar.bytes() == 8 {
            let wide = join(kernel, a, b);
            return put(kernel, output, &[(index, wide)], true);
        }
        let second = kernel.code.add_constant(index, half);
        put(kernel, output, &[(index, a)], true)?;
        put(kernel, output, &[(second, b)], elements % 2 == 0)
    })?;
    let used = kernel.code.constant(&half.to_string(), "i64");
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
