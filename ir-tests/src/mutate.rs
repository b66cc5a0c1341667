//! Spoiled texts for the parser, and spoiled plans for the checker.

use crate::draw::Draw;

/// Changes a text in up to eight places; the result may be no MLIR, and no text that anybody would write.
pub fn text(source: &str, draw: &mut Draw<'_>) -> String {
    let mut bytes = source.as_bytes().to_vec();
    for _ in 0..=draw.below(8) {
        match draw.below(6) {
            0 => flip_byte(&mut bytes, draw),
            1 => swap_tokens(&mut bytes, draw),
            2 => delete(&mut bytes, draw),
            3 => duplicate(&mut bytes, draw),
            4 => nest(&mut bytes, draw),
            _ => insert(&mut bytes, draw),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn flip_byte(bytes: &mut [u8], draw: &mut Draw<'_>) {
    if !bytes.is_empty() {
        let at = draw.below(bytes.len());
        bytes[at] ^= 1 << draw.below(8);
    }
}

/// The token at a place: a run of word characters, or one other byte.
fn token(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.%#".contains(byte);
    if !is_word(&bytes[at]) {
        return at..at + 1;
    }
    let start = bytes[..at].iter().rposition(|byte| !is_word(byte)).map_or(0, |i| i + 1);
    let end = bytes[at..].iter().position(|byte| !is_word(byte)).map_or(bytes.len(), |i| at + i);
    start..end
}

fn some_token(bytes: &[u8], draw: &mut Draw<'_>) -> Option<std::ops::Range<usize>> {
    (!bytes.is_empty()).then(|| token(bytes, draw.below(bytes.len())))
}

fn swap_tokens(bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    let (Some(a), Some(b)) = (some_token(bytes, draw), some_token(bytes, draw)) else { return };
    let (first, second) = if a.start <= b.start { (a, b) } else { (b, a) };
    if first.end <= second.start {
        let (one, two) = (bytes[first.clone()].to_vec(), bytes[second.clone()].to_vec());
        // The later one first, so that the earlier range stays where it is.
        bytes.splice(second, one);
        bytes.splice(first, two);
    }
}

fn delete(bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    if let Some(range) = some_token(bytes, draw) {
        bytes.drain(range);
    }
}

fn duplicate(bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    if let Some(range) = some_token(bytes, draw) {
        let copy = bytes[range.clone()].to_vec();
        bytes.splice(range.end..range.end, copy);
    }
}

/// Many opening brackets: recursion without a limit would end here.
fn nest(bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    let opening = draw.of(&["(", "[", "{", "<", "({", "<{a = ", "tensor<", "[[", "tuple<", "loc(fused["]);
    let at = draw.below(bytes.len() + 1);
    let depth = draw.of(&[1, 8, 100, 2000]);
    bytes.splice(at..at, opening.repeat(depth).into_bytes());
}

/// Things that parsers get wrong.
fn insert(bytes: &mut Vec<u8>, draw: &mut Draw<'_>) {
    let pieces = [
        "0xFFFFFFFFFFFFFFFFFFFFFFFF",
        "-9223372036854775809",
        "99999999999999999999x",
        "\"\\",
        "\"\\FF\"",
        "1e999",
        "tensor<?x*xf32>",
        "dense<\"0x\">",
        "i16777216",
        "\u{0}",
        "\u{e9}",
        "#a = #a\n",
        "!a = !a\n",
        "%0#4294967296",
        "^bb0:",
        "//",
        "loc(unknown)",
    ];
    let piece = draw.of(&pieces);
    let at = draw.below(bytes.len() + 1);
    bytes.splice(at..at, piece.bytes());
}

/// A plan that was changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SpoiledPlan {
    /// The file.
    pub text: String,
    /// What was done to it.
    pub what: &'static str,
    /// Whether the plan is certainly wrong now. Otherwise the checker may still find it right: a tie that nothing relies
    /// on, two lines whose order does not matter.
    pub must_be_refused: bool,
}

/// Changes one thing in a planned file; `None` where it holds nothing of the kind that was drawn.
pub fn plan(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    match draw.below(21) {
        0 => misalign(planned, draw),
        1 => move_offset(planned, draw),
        2 => shrink_arena(planned),
        3 => forget_id(planned, draw),
        4 => swap_lines(planned, draw),
        5 => drop_tie(planned, draw),
        6 => change_hint(planned),
        7 => drop_line(planned, draw),
        8 => share_offset(planned, draw),
        9 => maybe(add_or_drop_virtual(planned, draw), "an operation made virtual, or no longer"),
        10 => maybe(change_number(planned, draw, "memopt.workspace_offset = "), "another workspace"),
        11 => maybe(change_list(planned, draw, "memopt.arg_offsets = array<i64: "), "a slot elsewhere"),
        12 => maybe(change_number(planned, draw, "memopt.arena_size = "), "another arena"),
        13 => maybe(change_number(planned, draw, "memopt.id = "), "another id"),
        14 => maybe(change_rows(planned, draw, "memopt.reuse = [["), "another tie"),
        15 => maybe(change_rows(planned, draw, "memopt.donations = [["), "another donation"),
        16 => maybe(swap_operands(planned, draw), "two operands in the other order"),
        17 => maybe(read_another(planned, draw), "another operand"),
        18 => maybe(clone_line(planned, draw), "an operation run again"),
        19 => maybe(claim_tie(planned, draw), "a result where something lies that it reads"),
        _ => maybe(host(planned, draw), "a value hosted in an argument"),
    }
}

/// A change that may leave a plan right.
fn maybe(text: Option<String>, what: &'static str) -> Option<SpoiledPlan> {
    Some(SpoiledPlan { text: text?, what, must_be_refused: false })
}

/// Replaces the number after one `key` by another, or by that of another place.
fn change_number(planned: &str, draw: &mut Draw<'_>, key: &str) -> Option<String> {
    let number = |at: usize| -> Option<(usize, i64)> {
        let len = planned[at..].find(|c: char| !c.is_ascii_digit())?;
        Some((len, planned[at..at + len].parse().ok()?))
    };
    let starts: Vec<usize> = places(planned, key).into_iter().map(|at| at + key.len()).collect();
    let at = *starts.get(draw.below(starts.len().max(1)))?;
    let (len, old) = number(at)?;
    let (_, other) = number(starts[draw.below(starts.len())])?;
    let new = draw.of(&[old + 64, old - 64, old + 1, 0, other]).max(0);
    Some(format!("{}{new}{}", &planned[..at], &planned[at + len..]))
}

/// Changes one number of a list `array<i64: ...>`.
fn change_list(planned: &str, draw: &mut Draw<'_>, open: &str) -> Option<String> {
    let lists = places(planned, open);
    let start = *lists.get(draw.below(lists.len().max(1)))? + open.len();
    let len = planned[start..].find('>')?;
    let mut numbers: Vec<i64> =
        planned[start..start + len].split(", ").map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let which = draw.below(numbers.len());
    let other = numbers[draw.below(numbers.len())];
    numbers[which] = draw.of(&[-1, numbers[which] + 64, (numbers[which] - 64).max(0), other]);
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Some(format!("{}{}{}", &planned[..start], list.join(", "), &planned[start + len..]))
}

/// Changes one digit of one list of pairs.
fn change_rows(planned: &str, draw: &mut Draw<'_>, open: &str) -> Option<String> {
    let lists = places(planned, open);
    let start = *lists.get(draw.below(lists.len().max(1)))? + open.len();
    let end = start + planned[start..].find("]]")?;
    let digits: Vec<usize> = (start..end).filter(|&at| planned[at - 1..].starts_with([' ', '['])).collect();
    let digits: Vec<usize> = digits.into_iter().filter(|&at| planned.as_bytes()[at].is_ascii_digit()).collect();
    let at = *digits.get(draw.below(digits.len().max(1)))?;
    Some(format!("{}{}{}", &planned[..at], draw.below(4), &planned[at + 1..]))
}

/// An offset becomes that of another value.
fn share_offset(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    const OPEN: &str = "memopt.offsets = array<i64: ";
    let lists = places(planned, OPEN);
    let start = *lists.get(draw.below(lists.len().max(1)))? + OPEN.len();
    let len = planned[start..].find(['>', ','])?;
    let other: i64 = planned[start..start + len].parse().ok()?;
    let text = with_offset(planned, draw, |_| Some(other))?;
    maybe(Some(text), "a value where another lies")
}

/// The first result of an operation lies where one of its operands does, or one of the values that its virtual operands are
/// computed from.
fn claim_tie(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    const OFFSET: &str = "memopt.offsets = array<i64: ";
    let lists = places(planned, OFFSET);
    let start = *lists.get(draw.below(lists.len().max(1)))?;
    let line = planned[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = start + planned[start..].find(['>', ','])?;
    let operand = draw.below(6);
    let before = planned[line..start].replace("memopt.reuse", "t.reuse");
    let tie = format!("memopt.reuse = [[0 : i64, {operand} : i64]], {OFFSET}-1");
    Some(format!("{}{before}{tie}{}", &planned[..line], &planned[end..]))
}

fn add_or_drop_virtual(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    let marks = places(planned, ", memopt.virtual");
    if draw.one_in(2) && !marks.is_empty() {
        let at = marks[draw.below(marks.len())];
        return Some(format!("{}{}", &planned[..at], &planned[at + ", memopt.virtual".len()..]));
    }
    let ids = places(planned, "memopt.id = ");
    let at = *ids.get(draw.below(ids.len().max(1)))?;
    Some(format!("{}memopt.virtual, {}", &planned[..at], &planned[at..]))
}

/// The operands of one line of an operation, as a range of bytes.
fn operands(line: &str) -> Option<std::ops::Range<usize>> {
    let start = line.find("\"(%")? + 2;
    Some(start..start + line[start..].find(')')?)
}

fn with_operands(
    planned: &str,
    draw: &mut Draw<'_>,
    change: impl Fn(&mut Vec<String>, &mut Draw<'_>),
) -> Option<String> {
    let mut lines: Vec<String> = planned.lines().map(str::to_owned).collect();
    let with: Vec<usize> = (0..lines.len()).filter(|&i| operands(&lines[i]).is_some()).collect();
    let which = *with.get(draw.below(with.len().max(1)))?;
    let range = operands(&lines[which])?;
    let mut names: Vec<String> = lines[which][range.clone()].split(", ").map(str::to_owned).collect();
    change(&mut names, draw);
    lines[which].replace_range(range, &names.join(", "));
    Some(joined(&lines.iter().map(String::as_str).collect::<Vec<_>>()))
}

fn swap_operands(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    with_operands(planned, draw, |names, draw| {
        let (a, b) = (draw.below(names.len()), draw.below(names.len()));
        names.swap(a, b);
    })
}

/// An operation reads another value; where the types differ, the verifier says so.
fn read_another(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    with_operands(planned, draw, |names, draw| {
        let (at, other) = (draw.below(names.len()), draw.below(12));
        names[at] = if draw.one_in(3) { format!("%arg{}", other % 4) } else { format!("%{other}") };
    })
}

/// An operation of the function's own body runs twice; the second time its results have names of their own.
fn clone_line(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    let mut lines: Vec<&str> = planned.lines().collect();
    let ops = op_lines(&lines);
    let at = *ops.get(draw.below(ops.len().max(1)))?;
    let (results, rest) = lines[at].split_once(" = ")?;
    let results = results.trim_start().replacen('%', "%clone", 1);
    let offset = draw.below(16) * 64;
    let clone = format!("    {results} = {}", rest.replacen("memopt.id = ", "memopt.recompute_of = ", 1));
    let clone = match clone.split_once("memopt.offsets = array<i64: ") {
        Some((before, after)) if draw.one_in(2) => {
            let tail = after.split_once('>')?.1;
            format!("{before}memopt.offsets = array<i64: {offset}>{tail}")
        }
        _ => clone,
    };
    lines.insert((at + 1 + draw.below(3)).min(lines.len()), &clone);
    Some(joined(&lines))
}

fn host(planned: &str, draw: &mut Draw<'_>) -> Option<String> {
    let ids = places(planned, "memopt.id = ");
    let at = *ids.get(draw.below(ids.len().max(1)))?;
    let (argument, byte) = (draw.below(4), 64 * draw.below(3));
    let hosted = format!("memopt.hosted = [[0 : i64, {argument} : i64, {byte} : i64]], ");
    let text = format!("{}{hosted}{}", &planned[..at], &planned[at..]);
    // Half of them without the offset that they had.
    let Some((before, after)) = text[at..].split_once("memopt.offsets = array<i64: ").filter(|_| draw.one_in(2)) else {
        return Some(text);
    };
    let (_, after) = after.split_once('>')?;
    Some(format!("{}{before}memopt.offsets = array<i64: -1>{after}", &text[..at]))
}

/// The places in `text` where `needle` occurs.
fn places(text: &str, needle: &str) -> Vec<usize> {
    text.match_indices(needle).map(|(at, _)| at).collect()
}

/// Replaces the numbers of one `memopt.offsets`.
fn with_offset(planned: &str, draw: &mut Draw<'_>, change: impl Fn(i64) -> Option<i64>) -> Option<String> {
    const OPEN: &str = "memopt.offsets = array<i64: ";
    let lists = places(planned, OPEN);
    let start = *lists.get(draw.below(lists.len().max(1)))? + OPEN.len();
    let len = planned[start..].find('>')?;
    let mut numbers: Vec<i64> =
        planned[start..start + len].split(", ").map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let which = draw.below(numbers.len());
    numbers[which] = change(numbers[which])?;
    let list: Vec<String> = numbers.iter().map(i64::to_string).collect();
    Some(format!("{}{}{}", &planned[..start], list.join(", "), &planned[start + len..]))
}

fn misalign(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let text = with_offset(planned, draw, |offset| (offset >= 0).then_some(offset + 1))?;
    // An exact view may lie at any byte, but only where its root has it: one byte on is wrong there too.
    Some(SpoiledPlan { text, what: "one offset one byte on", must_be_refused: true })
}

fn move_offset(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let steps = 1 + draw.below(8) as i64;
    let text = with_offset(planned, draw, |offset| (offset >= 64 * steps).then_some(offset - 64 * steps))?;
    Some(SpoiledPlan { text, what: "one offset some lines earlier", must_be_refused: false })
}

fn shrink_arena(planned: &str) -> Option<SpoiledPlan> {
    const OPEN: &str = "memopt.arena_size = ";
    let start = planned.find(OPEN)? + OPEN.len();
    let len = planned[start..].find(|c: char| !c.is_ascii_digit())?;
    let size: u64 = planned[start..start + len].parse().ok()?;
    let smaller = size.checked_sub(64)?;
    let text = format!("{}{smaller}{}", &planned[..start], &planned[start + len..]);
    // A plan whose arena ends where its last buffer ends has nothing to spare.
    Some(SpoiledPlan { text, what: "an arena 64 bytes smaller", must_be_refused: true })
}

fn forget_id(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let ids = places(planned, "memopt.id = ");
    let at = *ids.get(draw.below(ids.len().max(1)))?;
    let text = format!("{}t.id = {}", &planned[..at], &planned[at + "memopt.id = ".len()..]);
    // A copy needs none.
    let is_copy = planned[..at].rsplit('\n').next().is_some_and(|line| line.contains("memopt.copy"));
    Some(SpoiledPlan { text, what: "an operation without its id", must_be_refused: !is_copy })
}

/// The lines that hold an operation of the function's own body, by number.
fn op_lines(lines: &[&str]) -> Vec<usize> {
    let is_op = |line: &str| line.starts_with("    ") && !line.starts_with("     ") && line.contains("memopt.id");
    (0..lines.len()).filter(|&i| is_op(lines[i]) && lines[i].contains(" : (")).collect()
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn swap_lines(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let mut lines: Vec<&str> = planned.lines().collect();
    let ops = op_lines(&lines);
    let first = draw.below(ops.len().checked_sub(1)?.max(1));
    lines.swap(*ops.get(first)?, *ops.get(first + 1)?);
    Some(SpoiledPlan { text: joined(&lines), what: "two operations in the other order", must_be_refused: false })
}

fn drop_line(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let mut lines: Vec<&str> = planned.lines().collect();
    let ops = op_lines(&lines);
    lines.remove(*ops.get(draw.below(ops.len().max(1)))?);
    Some(SpoiledPlan { text: joined(&lines), what: "an operation left out", must_be_refused: false })
}

fn drop_tie(planned: &str, draw: &mut Draw<'_>) -> Option<SpoiledPlan> {
    let ties = places(planned, "memopt.reuse = [[");
    let at = *ties.get(draw.below(ties.len().max(1)))?;
    let text = format!("{}t.reuse = [[{}", &planned[..at], &planned[at + "memopt.reuse = [[".len()..]);
    Some(SpoiledPlan { text, what: "a tie that is taken but not said", must_be_refused: false })
}

fn change_hint(planned: &str) -> Option<SpoiledPlan> {
    let hints = ["memopt.alias = [[0", "memopt.update = [[0", "memopt.workspace = 1"];
    let with = ["memopt.inplace = [[0", "memopt.inplace = [[0", "memopt.workspace = 2"];
    let which = hints.iter().position(|hint| planned.contains(hint))?;
    let text = planned.replacen(hints[which], with[which], 1);
    Some(SpoiledPlan { text, what: "a hint other than in the original", must_be_refused: true })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::random_bytes;

    const PLANNED: &str = "\"func.func\"() <{memopt.arena_size = 256 : i64}> ({\n\
        \x20   %0 = \"t.a\"() {memopt.id = 0 : i64, memopt.offsets = array<i64: 64>} : () -> tensor<16xf32>\n\
        \x20   %1 = \"t.b\"() {memopt.id = 1 : i64, memopt.offsets = array<i64: 128, 0>} : () -> (tensor<f32>, tensor<f32>)\n\
        }) : () -> ()\n";

    #[test]
    fn many_kinds_of_changes_are_drawn() {
        let mut seen = Vec::new();
        for seed in 0..300 {
            let bytes = random_bytes(seed, 8);
            if let Some(spoiled) = plan(PLANNED, &mut Draw::new(&bytes)) {
                seen.push(spoiled.what);
            }
        }
        seen.sort_unstable();
        seen.dedup();
        assert!(seen.len() >= 12, "{seen:?}");
    }

    #[test]
    fn the_arena_shrinks_by_a_line() {
        assert!(shrink_arena(PLANNED).is_some_and(|spoiled| spoiled.text.contains("memopt.arena_size = 192 : i64")));
    }

    #[test]
    fn spoiling_any_text_with_any_bytes_is_possible() {
        for seed in 0..300 {
            let bytes = random_bytes(seed, 64);
            for source in ["", "x", PLANNED, "\u{e9}\u{1F600}"] {
                text(source, &mut Draw::new(&bytes));
            }
        }
    }

    #[test]
    fn tokens_are_words_or_single_bytes() {
        assert_eq!((token(b"ab, %c", 1), token(b"ab, %c", 2), token(b"ab, %c", 5)), (0..2, 2..3, 4..6));
    }
}
