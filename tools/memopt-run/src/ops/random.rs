//! Random bits that follow from a state: Threefry and Philox, counter-based generators of Salmon et al., "Parallel random
//! numbers: as easy as 1, 2, 3" (SC 2011).
//!
//! What the specification leaves open (how counters are laid over the output, and which algorithm is the default) is done
//! as XLA does it on CPUs: `prng.cc`, `rng_bit_generator_expander.cc`.
//!
//! `stablehlo.rng` has no meaning here: its numbers follow from nothing, so there is nothing to compare.

use super::{Call, Evaluated, Problem, Row, describe, ensure};
use crate::tensor::{Element, Tensor, TensorSpec};

pub(super) static ROWS: &[Row] = &[Row::kernel("stablehlo.rng_bit_generator", rng_bit_generator)];

fn rng_bit_generator(call: &mut Call<'_>) -> Evaluated {
    let (state, next, spec) = (call.input(0)?, call.result(0)?, call.result(1)?);
    ensure(next.shape == state.shape && next.element.width() == state.element.width(), || {
        "its new state is not of the type of the old one".to_owned()
    })?;
    let words = words_of(state)?;
    let int = spec.element.as_int().filter(|int| int.bits >= 8);
    let int = int.ok_or_else(|| format!("it makes bits, not {}", describe(spec)))?;
    let algorithm = call.word("rng_algorithm", "rng_algorithm").unwrap_or("DEFAULT");
    // Narrow elements take the low bits of 32-bit words of their own.
    let wide = int.bits == 64;
    let (bits, words) = match (algorithm, &words[..]) {
        ("THREE_FRY", &[key, counter]) => {
            let (bits, counter) = threefry_bits(key, counter, spec, wide);
            (bits, vec![key, counter])
        }
        ("DEFAULT" | "PHILOX", &[key, low, ..]) if words.len() <= 3 => {
            let high = words.get(2).copied();
            let (bits, [low, next_high]) = philox_bits(key, [low, high.unwrap_or(key)], spec.len(), wide);
            (bits, if high.is_some() { vec![key, low, next_high] } else { vec![key, low] })
        }
        _ => return Err(format!("{algorithm} cannot begin with a state of {} words", words.len())),
    };
    let state_bytes: Vec<u8> = words.into_iter().flat_map(u64::to_le_bytes).collect();
    let values: Vec<i64> = bits.into_iter().map(|bits| bits as i64).collect();
    Ok(vec![Tensor::new(next, state_bytes), Tensor::from_ints(spec, &values)])
}

/// A state as 64-bit words; of 32-bit ones, two make a word, the low one first.
fn words_of(state: &Tensor) -> Result<Vec<u64>, Problem> {
    let is_state = matches!(state.element, Element::Int(int) if int.bits >= 32) && state.bytes.len().is_multiple_of(8);
    ensure(is_state, || format!("{} is no state", describe(&state.spec())))?;
    Ok(state.bytes.as_chunks::<8>().0.iter().map(|&bytes| u64::from_le_bytes(bytes)).collect())
}

/// Threefry 2x32 with 20 rounds.
fn threefry([key0, key1]: [u32; 2], [mut a, mut b]: [u32; 2]) -> [u32; 2] {
    const ROTATIONS: [[u32; 4]; 2] = [[13, 15, 26, 6], [17, 29, 16, 24]];
    let keys = [key0, key1, 0x1bd1_1bda ^ key0 ^ key1];
    (a, b) = (a.wrapping_add(keys[0]), b.wrapping_add(keys[1]));
    for round in 0..5 {
        for rotation in ROTATIONS[round % 2] {
            a = a.wrapping_add(b);
            b = a ^ b.rotate_left(rotation);
        }
        a = a.wrapping_add(keys[(round + 1) % 3]);
        b = b.wrapping_add(keys[(round + 2) % 3]).wrapping_add(round as u32 + 1);
    }
    [a, b]
}

/// One counter for each 64-bit element. Of narrower ones each counter makes two neighbours in one dimension: the first
/// that has an even extent, else the longest, whose last counter then makes one.
fn threefry_bits(key: u64, counter: u64, spec: &TensorSpec, wide: bool) -> (Vec<u64>, u64) {
    let halves = |word: u64| [word as u32, (word >> 32) as u32];
    let pair = |n: usize| threefry(halves(key), halves(counter.wrapping_add(n as u64)));
    if wide {
        let bits = (0..spec.len()).map(pair).map(|[low, high]| u64::from(low) | u64::from(high) << 32);
        return (bits.collect(), counter.wrapping_add(spec.len() as u64));
    }
    let extent = |d: usize| spec.shape[d];
    let even = (0..spec.shape.len()).find(|&d| extent(d) % 2 == 0);
    let paired = even.or_else(|| (0..spec.shape.len()).rev().max_by_key(|&d| extent(d)));
    let Some(paired) = paired else { return (vec![u64::from(pair(0)[0])], counter.wrapping_add(1)) };
    let half = extent(paired).div_ceil(2);
    let (outer, inner) =
        (spec.shape[..paired].iter().product::<usize>(), spec.shape[paired + 1..].iter().product::<usize>());
    let mut bits = Vec::with_capacity(spec.len());
    for row in 0..outer {
        for at in 0..extent(paired) {
            let first = (row * half + at / 2) * inner;
            bits.extend((0..inner).map(|i| u64::from(pair(first + i)[at % 2])));
        }
    }
    (bits, counter.wrapping_add((outer * half * inner) as u64))
}

/// Philox 4x32 with 10 rounds.
fn philox(mut key: [u32; 2], mut x: [u32; 4]) -> [u32; 4] {
    let product = |a: u32, b: u32| {
        let wide = u64::from(a) * u64::from(b);
        [wide as u32, (wide >> 32) as u32]
    };
    for _ in 0..10 {
        let ([low0, high0], [low1, high1]) = (product(0xd251_1f53, x[0]), product(0xcd9e_8d57, x[2]));
        x = [high1 ^ x[1] ^ key[0], low1, high0 ^ x[3] ^ key[1], low0];
        key = [key[0].wrapping_add(0x9e37_79b9), key[1].wrapping_add(0xbb67_ae85)];
    }
    x
}

/// One 128-bit counter for four 32-bit or two 64-bit elements.
fn philox_bits(key: u64, counter: [u64; 2], len: usize, wide: bool) -> (Vec<u64>, [u64; 2]) {
    let per_block = if wide { 2 } else { 4 };
    let blocks = len.div_ceil(per_block);
    let counter = u128::from(counter[0]) | u128::from(counter[1]) << 64;
    let words = |n: u128| [n as u32, (n >> 32) as u32, (n >> 64) as u32, (n >> 96) as u32];
    let mut bits = Vec::with_capacity(blocks * per_block);
    for block in 0..blocks {
        let made = philox([key as u32, (key >> 32) as u32], words(counter.wrapping_add(block as u128)));
        if wide {
            bits.extend(made.as_chunks::<2>().0.iter().map(|&[low, high]| u64::from(low) | u64::from(high) << 32));
        } else {
            bits.extend(made.map(u64::from));
        }
    }
    bits.truncate(len);
    let after = counter.wrapping_add(blocks as u128);
    (bits, [after as u64, (after >> 64) as u64])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the known answers of Random123 (`kat_vectors`).
    #[test]
    fn known_answers() {
        assert_eq!(threefry([0, 0], [0, 0]), [0x6b20_0159, 0x99ba_4efe]);
        assert_eq!(threefry([u32::MAX; 2], [u32::MAX; 2]), [0x1cb9_96fc, 0xbb00_2be7]);
        assert_eq!(threefry([0x1319_8a2e, 0x0370_7344], [0x243f_6a88, 0x85a3_08d3]), [0xc492_3a9c, 0x483d_f7a0]);
        assert_eq!(philox([0, 0], [0; 4]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox([u32::MAX; 2], [u32::MAX; 4]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
    }
}
